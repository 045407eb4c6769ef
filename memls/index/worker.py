"""Files read and parsed into rows: what a worker process does, and all it sends back."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import Any

from memls.errors import MemlsError
from memls.index.chunks import chunk
from memls.index.imports import import_columns, import_lines, import_scopes
from memls.index.rows import CHUNK_BITS, Batch, Job, Limits
from memls.index.terms import Terms
from memls.source import files, parse
from memls.source.outline import Outline
from memls.text import identity, tag

log = logging.getLogger(__name__)

_UNRANKED = (".po", ".pot", ".svg", ".csv", ".tsv", ".lock", ".sum", ".ipynb", ".map", ".geojson", ".srt")
"""Data and translations: found by text and pattern, but no answer to a question."""

_NICE = 5
_MOST = 0xFFFF
"""What a frequency or a length can hold."""


class _Tags(dict[str, int]):
    def __missing__(self, name: str) -> int:
        number = self[name] = tag(name)
        return number


_TAGS = _Tags()
_terms = Terms()
_MOST_TERMS = 1 << 19
"""Words whose terms a process keeps at most: all of a large repository's."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A file that can answer a question: its symbols and lines."""

    job: Job
    outline: Outline
    lines: Sequence[str]


def read_batch(root: Path, jobs: Sequence[Job], limits: Limits) -> Batch:
    """Read, parse and cut each file. A file that cannot be read becomes a row that says why."""
    if len(_terms) > _MOST_TERMS:
        _terms.clear()
    batch = Batch()
    for job in jobs:
        _read_file(batch, root, job, limits)
        batch.files += 1
        batch.bytes += job.size
    return batch


def _read_file(batch: Batch, root: Path, job: Job, limits: Limits) -> None:
    seen = time.time_ns()
    try:
        content = files.read(root, job.path, limits.file_bytes)
    except MemlsError as error:
        add_skipped(batch, job, seen, str(error))
        return
    if content.hash and content.hash == job.known_hash:
        batch.unchanged.append((job.id, job.size, job.mtime_ns, job.stamp, seen))
        return
    if content.text is None:
        add_skipped(batch, job, seen, content.reason or "not text", content.hash)
        return
    ranked = add_text(batch, job, seen, content.text, content.hash, limits)
    if ranked is not None:
        add_ranking(batch, ranked)


def add_skipped(batch: Batch, job: Job, seen: int, reason: str, content_hash: str = "") -> None:
    """The row of a file that is not indexed, with the reason that `memls status` gives."""
    row = (job.id, job.path, None, job.size, job.mtime_ns, job.stamp, seen, content_hash, 0, 0, reason, None)
    batch.add("files", *row)


def add_text(
    batch: Batch,
    job: Job,
    seen: int,
    text: str,
    content_hash: str,
    limits: Limits,
    make: parse.Make | None = None,
) -> Ranked | None:
    """The rows of one text file but those for ranking, and what these are made of, where it is ranked.

    `make` gives the syntax tree, where that is not to be parsed from nothing.
    """
    language = language_of(job.path, text, limits)
    data = text.encode("utf-8", "replace")
    if job.plain:
        outline = Outline(language or "", errors=1)
    else:
        outline = _outline(job.path, data, language, make) if language else Outline("")
    lines = lines_of(text)
    batch.add(
        "files", job.id, job.path, language, job.size, job.mtime_ns, job.stamp, seen, content_hash,
        len(lines), outline.errors, None, text.isascii(),
    )  # fmt: skip
    batch.add("texts", job.id, text)
    _add_outline(batch, job.id, outline, lines)
    if job.path.endswith(_UNRANKED):
        return None
    return Ranked(job, Outline(outline.language, outline.symbols), lines)


def language_of(path: str, text: str, limits: Limits) -> str | None:
    """The language that a text is parsed as; None where it is text alone."""
    language = parse.language_of(path, text[: parse.HEAD].encode("utf-8", "replace"))
    return language if not limits.languages or language in limits.languages else None


def lines_of(text: str) -> list[str]:
    """The lines of a text as the index counts them."""
    return text.removesuffix("\n").split("\n") if text else []


def _outline(path: str, data: bytes, language: str, make: parse.Make | None) -> Outline:
    """The outline of a file. A fault in one language's reader costs that file its symbols, not the index."""
    try:
        return parse.parse(path, data, language, make)
    except Exception:
        log.exception("%s cannot be parsed as %s; it is searched as text", path, language)
        return Outline(language, errors=1)


def _add_outline(batch: Batch, file: int, outline: Outline, lines: Sequence[str]) -> None:
    """Column by column: a third of the time that row by row takes."""
    columns = {
        "tag": [_TAGS[reference.name] for reference in outline.references],
        "scope": import_scopes(outline),
        "column": import_columns(outline, lines),
        "text": import_lines(outline, lines),
    }
    rows: tuple[tuple[str, Sequence[Any]], ...] = (
        ("symbols", outline.symbols),
        ("refs", outline.references),
        ("imports", outline.imports),
    )
    for table, items in rows:
        for name, column in batch.tables[table].items():
            if name == "file":
                column.extend(repeat(file, len(items)))
            elif name == "ordinal":
                column.extend(range(len(items)))
            elif name == "word":
                column.extend([identity(item.name) for item in items])
            elif name == "tag" or (table == "imports" and name in columns):
                column.extend(columns[name])
            else:
                column.extend(map(attrgetter(name), items))


def add_ranking(batch: Batch, ranked: Ranked) -> None:
    """The rows for ranking."""
    job = ranked.job
    postings = batch.tables["postings"]
    for position, piece in enumerate(chunk(job.path, ranked.outline, ranked.lines)):
        number = job.id << CHUNK_BITS | position
        length = sum(piece.words.values())
        frequencies: dict[int, int] = {}
        for word, times in piece.words.items():
            for term in _terms[word]:
                frequencies[term] = frequencies.get(term, 0) + times
        counts: Collection[int] = frequencies.values()
        if length > _MOST:
            counts = [min(times, _MOST) for times in counts]
        row = (number, job.id, piece.ordinal, piece.line, piece.end_line, length, piece.text)
        batch.add("chunks", *row)
        postings["term"].extend(frequencies)
        postings["chunk"].extend(repeat(number, len(frequencies)))
        postings["frequency"].extend(counts)
        postings["length"].extend(repeat(min(length, _MOST), len(frequencies)))


def start_worker() -> None:
    """Ctrl-C belongs to the process that started the workers; they end when their work is called off.

    Somebody may wait for that process's answers, and for nothing that they do.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)


def _end_with_parent() -> None:
    """Nobody reads what an orphan sends: it would wait for that for ever, and hold the pipes it inherited."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
