"""An index that travels: written to a file at one place, taken at another for the texts that are the same.

1. What a file's rows are depends on its path, its text and its language's grammar, so rows are taken where
   all three are the same here. Texts do not travel: each is read from disk, hashed, and kept as it was read.
2. Symbols, references, imports, chunks and terms are what the exporter says of that text. Whether they can
   stand in it is checked (lines, ranges, parents, known words, bounds); whether they are true is not. A file
   with rows that cannot be is parsed.
3. Texts that left (the attic), git's history and embeddings stay where they are: the first two differ from
   place to place, the third is several times as large and cannot be checked without its model.
"""

import logging
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from memls import __version__
from memls.database import INDEX
from memls.errors import MachineError, MemlsError, UsageError
from memls.index import postings
from memls.index.parcel import Manifest, no_index, pack, unpack
from memls.index.rows import CHUNK_BITS, TABLES, Job, Limits
from memls.source import files
from memls.source.languages import grammar_versions
from memls.source.outline import Kind, Role
from memls.text import shorten, visible

if TYPE_CHECKING:
    from memls.database import Reader, Writer

log = logging.getLogger(__name__)

_TRAVELLING = {
    "files": ("id", "path", "language", "hash", "errors"),
    **{table: tuple(TABLES[table]) for table in ("symbols", "refs", "imports", "chunks")},
    "postings": ("term", "chunk", "frequency"),
}
_COLUMNS = {table: {name: TABLES[table][name] for name in names} for table, names in _TRAVELLING.items()}
"""Table -> column -> type in SQL, of all that travels. A posting's length is its chunk's."""
_ORDER = {"files": "id", "postings": "chunk, term"}
"""A file's rows stand together, so that DuckDB passes over the others. By chunk, postings are smallest."""

_BATCH_BYTES = 32 << 20
"""Source whose rows are written in one transaction."""
_POSITION = (1 << CHUNK_BITS) - 1
_MOST = 0xFFFF
_ROWS_A_BYTE, _FEW_ROWS = 10, 100_000
"""Rows that a byte of Parquet can stand for in earnest, beyond some: it is less than one in real code."""


def _words(of: Any) -> str:
    return ", ".join(f"'{word}'" for word in get_args(of))


_SOUND = {
    "symbols": f"""line >= 1 AND end_line >= line AND end_line <= m.lines AND name_line BETWEEN 1 AND m.lines
        AND name_column BETWEEN 0 AND m.most AND kind IN ({_words(Kind)})
        AND ordinal >= 0 AND parent >= -1 AND parent < ordinal""",
    "refs": f"""line BETWEEN 1 AND m.lines AND "column" BETWEEN 0 AND m.most AND role IN ({_words(Role)})
        AND scope >= -1 AND scope < m.symbols""",
    "imports": 'line BETWEEN 1 AND m.lines AND "column" BETWEEN 0 AND m.most',
    "chunks": f"""id >> {CHUNK_BITS} = file AND line >= 1 AND end_line >= line AND end_line <= m.lines
        AND ordinal >= -1 AND ordinal < m.symbols AND length >= 0""",
    "postings": "frequency >= 1",
}
"""Table -> what holds of each row. It ends every loop over rows, and keeps every line within its file."""
_WHOLE = {
    "symbols": "count(DISTINCT ordinal) = count(*) AND max(ordinal) + 1 = count(*)",
    "chunks": "count(DISTINCT id) = count(*)",
}
"""Table -> what holds of a file's rows together."""


@dataclass(frozen=True, slots=True)
class Match:
    """A file whose content here is what the index that came knows under the number `old`.

    `seen` is when it was read, in ns. Without a text it is not indexed, and `reason` says why.
    """

    job: Job
    old: int
    hash: str
    seen: int
    text: str | None
    reason: str | None = None
    language: str | None = None
    errors: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class _Brought:
    id: int
    language: str | None
    hash: str
    errors: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """An index that came, unpacked in a folder; nothing of it is believed yet."""

    folder: Path
    files: Mapping[str, _Brought]
    grammars: Mapping[str, str] = field(default_factory=dict)

    def matches(self, root: Path, jobs: Sequence[Job], limits: Limits) -> Iterator[list[Match]]:
        """The files of jobs whose text, as it is on disk, the index that came has; some megabytes at once."""
        found: list[Match] = []
        size = 0
        for job in jobs:
            if job.path in self.files and (match := self._match(root, job, limits)):
                found.append(match)
                size += job.size
                if size >= _BATCH_BYTES:
                    yield found
                    found, size = [], 0
        if found:
            yield found

    def _match(self, root: Path, job: Job, limits: Limits) -> Match | None:
        from memls.index.worker import language_of, lines_of  # tree-sitter: not for a look-up

        have, seen = self.files[job.path], time.time_ns()
        try:
            content = files.read(root, job.path, limits.file_bytes)
        except MemlsError:
            return None
        text = content.text
        if content.hash != have.hash or content.hash == job.known_hash:
            return None
        if text is None:
            return Match(job, have.id, have.hash, seen, None, content.reason)
        language = language_of(job.path, text, limits)
        if language != have.language or (language and language not in self.grammars):
            return None
        lines = len(lines_of(text))
        return Match(job, have.id, have.hash, seen, text, None, language, have.errors, lines)

    def sound(self, reader: "Reader", matches: Sequence[Match]) -> list[Match]:
        """Those whose rows can be those of their texts."""
        symbols: dict[int, int] = {}
        left = {match.old: match for match in matches if match.text is not None}
        try:
            for table in _SOUND:
                rows = reader.read(*self._checks(table, list(left.values()), symbols))
                for old, _, is_sound, _ in rows:
                    if not is_sound:
                        del left[old]
                if table == "symbols":
                    symbols = {old: count for old, count, _, _ in rows}
        except MachineError as error:  # a page of Parquet that is none
            log.warning("some files are parsed that were to be taken as they came: %s", error)
            left.clear()
        return [match for match in matches if match.text is None or match.old in left]

    def take(self, writer: "Writer", matches: Sequence[Match]) -> None:
        """Write the rows of files that have none now."""
        writer.insert("files", _file_rows(matches))
        matches = [match for match in matches if match.text is not None]
        if not matches:
            return
        texts = [match.text for match in matches]
        writer.insert("texts", {"file": [match.job.id for match in matches], "text": texts})
        for table in ("symbols", "refs", "imports", "chunks"):
            self._copy(writer, table, matches)
        self._copy_postings(writer, matches)

    def _copy(self, writer: "Writer", table: str, matches: Sequence[Match]) -> None:
        taken = {name: f't."{name}"' for name in _COLUMNS[table]} | {"file": "m.new"}
        if table == "chunks":
            taken["id"] = _renumbered("t.id")
        names = ", ".join(f'"{name}"' for name in taken)
        writer.execute(
            f"""INSERT INTO {table} ({names}) SELECT {", ".join(taken.values())}
            FROM {self._rows(table, matches)} t JOIN {_NUMBERS} ON t.file = m.old
            ORDER BY m.new, t.file_row_number""",
            _numbers(matches),
        )

    def _copy_postings(self, writer: "Writer", matches: Sequence[Match]) -> None:
        """Those of a chunk that came."""
        chunks = _renumbered("t.chunk")
        new = [match.job.id for match in matches]
        writer.execute(
            f"""INSERT INTO postings
            SELECT t.term, c.id, t.frequency, least(c.length, {_MOST})
            FROM {self._rows("postings", matches)} t JOIN {_NUMBERS} ON (t.chunk >> {CHUNK_BITS}) = m.old
            JOIN chunks c ON c.id = {chunks} AND c.id BETWEEN ? AND ?
            ORDER BY t.term, c.id""",
            [*_numbers(matches), min(new) << CHUNK_BITS, (max(new) + 1) << CHUNK_BITS],
        )
        postings.count(writer, "postings", postings.of_files(new), 1)

    def _checks(
        self, table: str, matches: Sequence[Match], symbols: Mapping[int, int]
    ) -> tuple[str, list[Any]]:
        """The query that tells of each file with rows in a table how many they are and whether they can be.

        A text has so many rows and bytes of names that no honest one has more. All columns are hashed, so
        that none is read for the first time when it is copied.
        """
        owner = f"(t.chunk >> {CHUNK_BITS})" if table == "postings" else "t.file"
        columns = _COLUMNS[table]
        present = " AND ".join(f't."{name}" IS NOT NULL' for name in columns)
        written = [f'coalesce(strlen(t."{name}"), 0)' for name, kind in columns.items() if kind == "VARCHAR"]
        sql = f"""SELECT m.old, count(*), coalesce(
                bool_and(coalesce({present} AND {_SOUND[table]}, false))
                AND {_WHOLE.get(table, "true")}
                AND count(*) <= any_value(m.most)
                AND sum({" + ".join(written) or "0"}) <= 4 * any_value(m.most),
            false),
            bit_xor(hash({", ".join(f't."{name}"' for name in columns)}))
            FROM {self._rows(table, matches)} t JOIN (
                SELECT unnest(?::INTEGER[]) AS old, unnest(?::INTEGER[]) AS lines,
                       unnest(?::BIGINT[]) AS most, unnest(?::INTEGER[]) AS symbols
            ) m ON {owner} = m.old GROUP BY m.old"""
        return sql, [
            [match.old for match in matches],
            [match.lines for match in matches],
            [16 * match.job.size + 1024 for match in matches],
            [symbols.get(match.old, 0) for match in matches],
        ]

    def _rows(self, table: str, matches: Sequence[Match]) -> str:
        """A table's rows of at least these files, in SQL, with `file_row_number`: their order."""
        old = [match.old for match in matches] or [0]
        first, last = min(old), max(old)
        within = f"file BETWEEN {first} AND {last}"
        if table == "postings":
            within = f"chunk BETWEEN {first << CHUNK_BITS} AND {((last + 1) << CHUNK_BITS) - 1}"
        return f"(SELECT * FROM {_parquet(self.folder / f'{table}.parquet')} WHERE {within})"


def export(reader: "Reader", folder: Path, file: Path) -> int:
    """Write the index that is up to date to `file`; its bytes. Raises MachineError."""
    with _emptied(folder), reader.snapshot() as now:
        members = []
        for table, columns in _COLUMNS.items():
            members.append(folder / f"{table}.parquet")
            names = ", ".join(f'"{name}"' for name in columns)
            where = "WHERE hash <> ''" if table == "files" else ""
            now.read(
                f"""COPY (SELECT {names} FROM {table} {where}
                ORDER BY {_ORDER.get(table, "file, rowid")})
                TO {_quoted(str(members[-1]))} (FORMAT parquet, COMPRESSION zstd)"""
            )
        languages = now.read("SELECT DISTINCT language FROM files WHERE language IS NOT NULL ORDER BY ALL")
        grammars = grammar_versions(row[0] for row in languages)
        return pack(members, Manifest(__version__, INDEX.version, grammars), file)


@contextmanager
def arrival(reader: "Reader", folder: Path, file: Path) -> Iterator[Arrival]:
    """The index in a file that `export` wrote, as long as the `with` lasts.

    Raises UsageError for a file that is damaged, of other versions or no such file, MachineError.
    """
    manifests: list[Manifest] = []

    def check(manifest: Manifest) -> None:
        _check_version(manifest, file)
        manifests.append(manifest)

    with _emptied(folder):
        unpack(file, folder, [f"{table}.parquet" for table in _COLUMNS], check)
        try:
            came = _read(reader, folder, manifests[0])
        except (MachineError, ValueError) as error:
            raise no_index(file, str(error)) from error
        yield came


def _check_version(manifest: Manifest, file: Path) -> None:
    if (manifest.memls, manifest.index) != (__version__, INDEX.version):
        wrote = f"memls {shorten(visible(manifest.memls), 40)} (index {manifest.index})"
        raise UsageError(
            f"{file} was written by {wrote}, and this is memls {__version__} (index {INDEX.version}): "
            "export it again with this memls, or leave --import out to build the index here"
        )


def _read(reader: "Reader", folder: Path, manifest: Manifest) -> Arrival:
    """Raises ValueError where a table is not as ours are, and MachineError where it is none."""
    for table, columns in _COLUMNS.items():
        member = folder / f"{table}.parquet"
        found = reader.read(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {_parquet(member)}")
        if [(row[0], row[1]) for row in found] != list(columns.items()):
            raise ValueError(f"the table {table} has other columns")
        pattern = _quoted(_literally(str(member)))
        rows = reader.read(f"SELECT sum(num_rows) FROM parquet_file_metadata({pattern})")[0][0]
        if (rows or 0) > _ROWS_A_BYTE * member.stat().st_size + _FEW_ROWS:
            raise ValueError(f"the table {table} claims {rows:,} rows")
    listed = reader.read(
        f"""SELECT path, id, language, hash, errors FROM {_parquet(folder / "files.parquet")}
        WHERE path IS NOT NULL AND hash <> '' AND errors >= 0 AND id BETWEEN 1 AND {(1 << 31) - 1}"""
    )
    known = {row[0]: _Brought(*row[1:]) for row in listed}
    if not len({one.id for one in known.values()}) == len(known) == len(listed):
        raise ValueError("two files have the same number or path")
    here = grammar_versions(manifest.grammars)
    same = {name: text for name, text in manifest.grammars.items() if here.get(name) == text}
    return Arrival(folder, known, same)


def _file_rows(matches: Sequence[Match]) -> Mapping[str, list[Any]]:
    jobs = [match.job for match in matches]
    return {
        "id": [job.id for job in jobs],
        "path": [job.path for job in jobs],
        "language": [match.language for match in matches],
        "size": [job.size for job in jobs],
        "mtime_ns": [job.mtime_ns for job in jobs],
        "stamp": [job.stamp for job in jobs],
        "seen_ns": [match.seen for match in matches],
        "hash": [match.hash for match in matches],
        "lines": [match.lines for match in matches],
        "errors": [match.errors for match in matches],
        "reason": [match.reason for match in matches],
        "ascii": [None if match.text is None else match.text.isascii() for match in matches],
    }


_NUMBERS = "(SELECT unnest(?::INTEGER[]) AS old, unnest(?::INTEGER[]) AS new) m"


def _numbers(matches: Sequence[Match]) -> list[list[int]]:
    return [[match.old for match in matches], [match.job.id for match in matches]]


def _renumbered(chunk: str) -> str:
    return f"((m.new::BIGINT << {CHUNK_BITS}) | ({chunk} & {_POSITION}))"


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """A folder with nothing of last time in it, and gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise MachineError(f"cannot write in {folder}: {error.strerror or error}") from error
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parquet(file: Path) -> str:
    """A Parquet file as a table in SQL, whatever its path looks like."""
    pattern = _quoted(_literally(str(file)))
    return f"read_parquet({pattern}, file_row_number = true, hive_partitioning = false)"


def _literally(path: str) -> str:
    """As a pattern that fits this path alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
