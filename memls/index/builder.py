"""Brings the index up to date with the repository: diff, parse, commit.

Three steps, whatever the cause: compare the listing with what is indexed (size and time, then hash), parse
what differs in worker processes, write it in batches. Each batch is one transaction, so a build that is
killed goes on where it stopped. Overlays take the same way with their own text.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from memls.database import Database, Writer
from memls.errors import MemlsError
from memls.index import attic, commits, history, postings
from memls.index.manifests import is_manifest
from memls.index.pending import Pending
from memls.index.rows import Batch, Job, Limits
from memls.index.unread import Unread
from memls.source import files
from memls.source.files import Entry, Listing
from memls.source.languages import code_language, grammars, languages

if TYPE_CHECKING:
    from memls.index.travel import Arrival

_INLINE_BYTES = 600 * 1024
"""Less than this is parsed in this process: starting a worker costs a quarter of a second."""
_SECOND_WORKER_BYTES = 5 * 1024 * 1024
_RACY_NS = 100_000_000
"""A file changed this shortly before it was read may change again within the clock's grain (git's "racy")."""
_LOOK = 0.1
"""Seconds between looks for what became urgent."""

Progress = Callable[[int, int], None]
"""Called with files done and files to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one build did. `changed` are the paths whose content differs from before, gone ones included.

    `taken_back` counts those of them whose text was in the index before, `brought` those that an index from
    elsewhere had as they are here; neither was parsed. `parsed` were. `problem` is a mistake that was made
    in the configuration, which is as before then.
    """

    files: int
    changed: frozenset[str]
    generation: int
    seconds: float
    taken_back: int = 0
    brought: int = 0
    parsed: int = 0
    problem: str = ""


@dataclass(slots=True)
class _Done:
    """How a build came by what changed."""

    back: int = 0
    brought: int = 0
    parsed: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    size: int
    mtime_ns: int
    stamp: int
    seen_ns: int
    hash: str

    def matches(self, entry: Entry) -> bool:
        settled = entry.changed_ns + _RACY_NS < self.seen_ns
        same = (self.size, self.mtime_ns, self.stamp) == (entry.size, entry.mtime_ns, entry.stamp)
        return settled and same


class Builder:
    """Writes the index of `root` into `database`. Not for two threads at once; the caller holds a lock."""

    def __init__(self, root: Path, database: Database, limits: Limits) -> None:
        self._root = root
        self._database = database
        self.limits = limits
        """How files are read, and which, from the next build on."""
        self._done = _Done()
        self.urgent: Callable[[], Iterable[str]] = tuple
        """Gives the paths that somebody looks at: a long build takes them first, and what they import."""
        self.may_go_on: Callable[[], None] = lambda: None
        """Raises where a long build is to end: asked again and again."""
        is_whole = self._meta("generation") is not None and self._meta("building") != "1"
        self.unread = Unread(listed=is_whole)
        """What `catch_up` has still to read. A question that meets it has it read before anything else."""

    def catch_up(
        self, progress: Progress | None = None, force: bool = False, arrival: "Arrival | None" = None
    ) -> Report:
        """Bring everything up to date. With `force`, from nothing; `arrival`: what came from elsewhere."""
        started = time.perf_counter()
        whole = False
        self._done = done = _Done()
        if force:
            self.unread.begin_anew()
            self._database.write(commits.clear)
        try:
            listing = files.list_files(self._root, self.limits.ignore)
            known = self._known()
            if self._meta("reading") != self._reading:
                known = self._to_be_read_again(known)
            jobs = self._jobs(listing, known)
            self.unread.begin(self._languages(job.path for job in jobs if job.path not in known))
            gone = [path for path in known if path not in listing.entries]
            changed = self._run(jobs, known, gone, progress, arrival)
            generation = self._finish(listing, bool(changed))
            whole = True
        finally:
            self.unread.end(whole=whole)
        seconds = time.perf_counter() - started
        return Report(
            len(listing.entries), changed, generation, seconds, done.back, done.brought, done.parsed
        )

    def update(self, paths: Iterable[str]) -> Report:
        """Bring some files up to date, by what is on disk now. Paths that are gone leave the index."""
        started = time.perf_counter()
        wanted = sorted(set(paths))
        known = self._known(wanted)
        listing = files.list_files(self._root, self.limits.ignore, only=wanted)
        gone = [path for path in known if path not in listing.entries]
        jobs = self._jobs(listing, known)
        if sum(job.size for job in jobs) < _INLINE_BYTES and len(jobs) + len(gone) <= commits.FEW:
            changed = self._run_at_once(jobs, known, gone)
            generation = int(self._meta("generation") or 0)
        else:
            changed = self._run(jobs, known, gone)
            generation = self._bump(bool(changed))
        return Report(len(wanted), changed, generation, time.perf_counter() - started)

    def changed(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of some files in the index that are no longer on disk as they were read."""
        rows = self._database.read(
            "SELECT path, size, mtime_ns, stamp FROM files WHERE list_contains(?, path)", [sorted(set(paths))]
        )
        return frozenset(path for path, *status in rows if self._status(path) != status)

    def _status(self, path: str) -> list[int]:
        """Size, time and stamp of a file as it is on disk now; of one that cannot be looked at, none."""
        try:
            entry = files.entry_of(path, (self._root / path).lstat())
        except (OSError, ValueError):
            return []
        return [entry.size, entry.mtime_ns, entry.stamp]

    def _known(self, paths: list[str] | None = None) -> dict[str, _Known]:
        where = "" if paths is None else " WHERE list_contains(?, path)"
        rows = self._database.read(
            f"SELECT path, id, size, mtime_ns, stamp, seen_ns, hash FROM files{where}",
            [] if paths is None else [paths],
        )
        return {row[0]: _Known(*row[1:]) for row in rows}

    def _to_be_read_again(self, known: dict[str, _Known]) -> dict[str, _Known]:
        """What is known, of a file that other grammars or limits than now have read nothing.

        A language that has rules of its own by now may have been read by the rule for all.
        """
        from memls.source.parse import language_of

        self._database.write(attic.empty)
        rows = self._database.read("SELECT path, language, size, reason FROM files")
        only = self.limits.languages
        fresh = languages().keys() - (self._meta("reading") or "").partition(" ")[0].split(",")

        def language_now(path: str) -> str | None:
            language = language_of(path)
            return language if not only or language in only else None

        other = {
            path
            for path, language, size, reason in rows
            if reason is not None
            or size > self.limits.file_bytes
            or language in fresh
            or language_now(path) != language
        }
        return {
            path: replace(have, size=-1, hash="") if path in other else have for path, have in known.items()
        }

    @property
    def _reading(self) -> str:
        """How files are read: by which grammars, within which limits."""
        return " ".join([grammars(), str(self.limits.file_bytes), *sorted(self.limits.languages)])

    def _jobs(self, listing: Listing, known: dict[str, _Known]) -> list[Job]:
        following = 0
        if listing.entries.keys() - known.keys():
            following = self._database.read("SELECT coalesce(max(id), 0) + 1 FROM files")[0][0]
        jobs = []
        for path, entry in sorted(listing.entries.items()):  # the same numbers whatever the disk's order
            have = known.get(path)
            if have and have.matches(entry):
                continue
            identity = have.id if have else following
            following += not have
            known_hash = have.hash if have else ""
            jobs.append(Job(identity, path, entry.size, entry.mtime_ns, known_hash, entry.stamp))
        return sorted(jobs, key=lambda job: not is_manifest(job.path))  # what all imports depend on is first

    def _languages(self, paths: Iterable[str]) -> dict[str, str | None]:
        """Path -> language, as far as the names of files tell."""
        from memls.source.parse import language_of  # tree-sitter: not for a look-up

        found = {path: code_language(language_of(path)) for path in paths}
        if only := self.limits.languages:
            return {path: language if language in only else None for path, language in found.items()}
        return found

    def _run(
        self,
        jobs: list[Job],
        known: dict[str, _Known],
        gone: list[str],
        progress: Progress | None = None,
        arrival: "Arrival | None" = None,
    ) -> frozenset[str]:
        changed = set(gone)
        if jobs or gone:
            self._database.write(lambda w: commits.begin(w, [known[path].id for path in gone]))
        back = self._take_back(jobs, known)
        self.unread.read(back)
        changed.update(back)
        jobs = [job for job in jobs if job.path not in back]
        done, total = len(back), len(jobs) + len(back)
        if arrival:
            for brought in self._bring(jobs, known, arrival):
                self.unread.read(brought)
                changed.update(brought)
                done += len(brought)
                if progress:
                    progress(done, total)
            jobs = [job for job in jobs if job.path not in changed]
        with closing(self._batches(jobs)) as batches:  # called off, it ends its workers at once
            for batch in batches:
                paths = batch.tables["files"]["path"]
                replaced = [known[path].id for path in paths if path in known]
                self._database.write(lambda w, b=batch, r=replaced: commits.replace_rows(w, b, r))  # type: ignore[misc]
                self.unread.read(paths)
                changed.update(paths)
                done += batch.files
                self._done.parsed += batch.tables["files"]["reason"].count(None)
                if progress:
                    progress(done, total)
        return frozenset(changed)

    def _take_back(self, jobs: Sequence[Job], known: Mapping[str, _Known]) -> frozenset[str]:
        """Files whose text was in the index before, at this path: read, and not parsed."""
        away = attic.kept(self._database, [job.path for job in jobs])
        found: list[tuple[Job, int, int]] = []
        for job in jobs:
            if job.path in away:
                seen = time.time_ns()
                try:
                    text_hash = files.read(self._root, job.path, self.limits.file_bytes).hash
                except MemlsError:
                    continue
                number = next((one.id for one in away[job.path] if one.hash == text_hash), None)
                if number is not None and text_hash != job.known_hash:
                    found.append((job, number, seen))
        if not found:
            return frozenset()
        replaced = [known[job.path].id for job, _, _ in found if job.path in known]

        def write(writer: Writer) -> None:
            attic.put_away(writer, replaced)
            commits.remove(writer, replaced)
            attic.take_back(writer, *zip(*found, strict=True))

        self._database.write(write)
        self._done.back += len(found)
        return frozenset(job.path for job, _, _ in found)

    def _bring(
        self, jobs: Sequence[Job], known: Mapping[str, _Known], arrival: "Arrival"
    ) -> Iterator[frozenset[str]]:
        """Files that an index from elsewhere has as they are on disk: read, and not parsed."""
        for matches in arrival.matches(self._root, jobs, self.limits):
            sound = arrival.sound(self._database, matches)
            replaced = [known[match.job.path].id for match in sound if match.job.path in known]
            self._database.write(lambda w, s=sound, r=replaced: commits.take(w, arrival, s, r))  # type: ignore[misc]
            self._done.brought += sum(match.text is not None for match in sound)
            yield frozenset(match.job.path for match in sound)

    def _run_at_once(self, jobs: list[Job], known: dict[str, _Known], gone: list[str]) -> frozenset[str]:
        """In one transaction, as somebody is typing: what `_run` does in three takes twice as long."""
        if not jobs and not gone:
            return frozenset()
        from memls.index import worker

        batch = worker.read_batch(self._root, jobs, self.limits)
        paths = batch.tables["files"]["path"]
        replaced = [known[path].id for path in (*paths, *gone) if path in known]

        def write(writer: Writer) -> None:
            commits.commit(writer, batch, replaced)
            if paths or gone:
                writer.execute("UPDATE meta SET value = value::BIGINT + 1 WHERE key = 'generation'")

        self._database.write(write)
        self.unread.read(paths)
        return frozenset((*paths, *gone))

    def _batches(self, jobs: list[Job]) -> Generator[Batch, None, None]:
        """The jobs' rows, read here when they are few, else in worker processes."""
        if not jobs:
            return
        from memls.index import worker  # tree-sitter and the stemmer: not for a look-up

        pending = Pending(jobs, self.limits.file_bytes)
        if pending.bytes >= _INLINE_BYTES:
            yield from self._in_workers(pending, 2 if pending.bytes > _SECOND_WORKER_BYTES else 1)
            return
        while task := pending.take():
            yield worker.read_batch(self._root, task, self.limits)

    def _urgent(self, pending: Pending) -> Iterator[Batch]:
        """What somebody waits for or looks at, and after that what it imports, read here."""
        from memls.index.worker import read_batch

        while True:
            jobs = pending.take_these(self.unread.demanded()) or pending.take_these(self.urgent())
            if jobs:
                batch = read_batch(self._root, jobs, self.limits)
                yield batch
                pending.note_imports(batch)
                continue
            self.unread.ready()
            jobs = pending.take_near()
            if not jobs:
                return
            yield read_batch(self._root, jobs, self.limits)

    def _in_workers(self, pending: Pending, count: int) -> Generator[Batch, None, None]:
        from memls.index.workers import Workers

        count = min(os.cpu_count() or 1, count)
        with Workers(self._root, self.limits, count, self.unread.wake.set, self.may_go_on) as workers:
            while pending or workers:
                self.may_go_on()
                yield from self._urgent(pending)
                while workers.want_more and (task := pending.take()):
                    workers.read(task)
                self.unread.wake.wait(_LOOK)
                self.unread.wake.clear()
                for batch in workers.finished():
                    pending.come_back(batch)
                    yield batch
                    yield from self._urgent(pending)

    def _finish(self, listing: Listing, changed: bool) -> int:
        """Write what was not listable, how that was found and what git tells; count a new generation."""
        rows = [(skipped.path, skipped.reason) for skipped in listing.skipped]
        have = self._database.read("SELECT path, reason FROM skipped ORDER BY path")
        note = f"{listing.how}: {listing.note}" if listing.note else listing.how
        if sorted(rows) != have or note != self._meta("listing"):
            self._database.write(lambda w: commits.write_skipped(w, sorted(rows), note))
        history.catch_up(self._root, self._database)
        if self._reading != self._meta("reading"):
            self._database.write(lambda w: commits.set_meta(w, reading=self._reading))
        return self._bump(changed or self._meta("generation") is None)  # where nothing is, that is known too

    def _bump(self, changed: bool) -> int:
        generation = int(self._meta("generation") or 0)
        if not changed and self._meta("building") != "1":
            return generation

        def write(writer: Writer) -> None:
            attic.tidy(writer)
            postings.tidy(writer)
            commits.set_meta(writer, generation=str(generation + changed), building="0")

        self._database.write(write)
        return generation + changed

    def _meta(self, key: str) -> str | None:
        rows = self._database.read("SELECT value FROM meta WHERE key = ?", [key])
        return rows[0][0] if rows else None
