"""A symbol of a repository that has no whole index yet: the files that seem to define it are read first.

Reading all bytes for a name takes tenths of a second where an index takes minutes. The files that have it are
parsed into an index of their own in memory, those whose lines look like a definition first, so that what is
found is told in the same words as later.
"""

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from memls.database import INDEX, Database
from memls.errors import MemlsError
from memls.index.commits import commit
from memls.index.holders import likeness_in
from memls.index.rows import Batch, Job, Limits
from memls.index.search import IDENTIFIER, Found, Search
from memls.source import files
from memls.source.files import Listing
from memls.source.languages import texts

_SMALL = 4 << 20
"""Bytes of source below which the whole index takes no longer than starting a process to build it."""
_ENOUGH = 0.5
"""Seconds after which what was found is told, though other files have the name too."""
_FIRST = 4


@dataclass(frozen=True, slots=True)
class Early:
    """What was found in `read` of the `files` that hold the name, and whether these are all of them."""

    found: Found
    read: int
    files: int

    @property
    def is_whole(self) -> bool:
        return self.read == self.files


def find(root: Path, query: str, path: str | None, limit: int, limits: Limits) -> Early | None:
    """The definitions with a name. None where the query is no name, where nothing is found, so that the whole
    index has to say what is near, and where that takes no time.
    """
    if not IDENTIFIER.fullmatch(query):
        return None
    started = time.monotonic()
    name = re.split(r"[.:#]", query)[-1]
    listing = files.list_files(root, limits.ignore)
    if sum(entry.size for entry in listing.entries.values()) < _SMALL:
        return None
    jobs = _jobs(root, listing, name, limits)
    database = Database(None, INDEX)
    try:
        read = 0
        for some in _batches(jobs):
            batch = _parsed(root, some, limits)
            database.write(lambda writer, b=batch: commit(writer, b, []))  # type: ignore[misc]
            read += len(some)
            found = Search(database).symbol(query, path, limit, near=False)
            if found.hits and (read == len(jobs) or time.monotonic() - started > _ENOUGH):
                return Early(found, read, len(jobs))
        return None
    finally:
        database.close()


def _jobs(root: Path, listing: Listing, name: str, limits: Limits) -> list[Job]:
    """The files that have a name, those that look like its definition first."""
    from memls.source.parse import language_of

    ranked: list[tuple[int, str]] = []
    for path, entry in listing.entries.items():
        if entry.size > limits.file_bytes or not _is_source(language_of(path), path, limits.languages):
            continue
        try:
            data = (root / path).read_bytes()
        except OSError:
            continue
        if (like := likeness_in(data, name.encode())) is not None:
            ranked.append((-like, path))
    entries = listing.entries
    order = [path for _, path in sorted(ranked)]
    return [Job(n, p, entries[p].size, entries[p].mtime_ns) for n, p in enumerate(order)]


def _is_source(language: str | None, path: str, wanted: Collection[str]) -> bool:
    if language in texts():
        return False
    if language is None:
        return "." not in path.rpartition("/")[2]  # a shebang may tell
    return not wanted or language in wanted


def _batches(jobs: list[Job]) -> Iterator[list[Job]]:
    size, start = _FIRST, 0
    while start < len(jobs):
        yield jobs[start : start + size]
        start, size = start + size, size * 2


def _parsed(root: Path, jobs: list[Job], limits: Limits) -> Batch:
    from memls.index.worker import add_text

    batch = Batch()
    for job in jobs:
        try:
            content = files.read(root, job.path, limits.file_bytes)
        except MemlsError:
            continue
        if content.text is not None:
            add_text(batch, job, 0, content.text, content.hash, limits)
    return batch
