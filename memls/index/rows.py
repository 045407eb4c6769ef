"""The index's rows as a worker sends them: plain data, known to the builder and its workers.

Rows are columns (`array.array` for numbers), because columns pickle four times faster than tuples and go
into DuckDB as one Arrow batch without a copy.
"""

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Self

from memls.config import RepositoryConfig
from memls.errors import UsageError
from memls.source.files import MAX_BYTES
from memls.source.languages import language_named

CHUNK_BITS = 20
"""A chunk's id is its file's id shifted by these, plus its position: ids need no common counter."""

Columns = dict[str, Any]

_NUMBERS = {"INTEGER": "i", "BIGINT": "q", "UBIGINT": "Q", "USMALLINT": "H", "TINYINT": "b"}
TABLES: dict[str, dict[str, str]] = {
    "files": {
        "id": "INTEGER", "path": "VARCHAR", "language": "VARCHAR", "size": "BIGINT", "mtime_ns": "BIGINT",
        "stamp": "BIGINT", "seen_ns": "BIGINT", "hash": "VARCHAR", "lines": "INTEGER", "errors": "INTEGER",
        "reason": "VARCHAR", "ascii": "BOOLEAN",
    },
    "texts": {"file": "INTEGER", "text": "VARCHAR"},
    "symbols": {
        "file": "INTEGER", "ordinal": "INTEGER", "name": "VARCHAR", "qualified_name": "VARCHAR",
        "kind": "VARCHAR", "line": "INTEGER", "end_line": "INTEGER", "name_line": "INTEGER",
        "name_column": "INTEGER", "signature": "VARCHAR", "docstring": "VARCHAR", "parent": "INTEGER",
        "word": "UBIGINT",
    },
    "refs": {
        "file": "INTEGER", "name": "VARCHAR", "role": "VARCHAR", "line": "INTEGER", "column": "INTEGER",
        "scope": "INTEGER", "receiver": "VARCHAR", "tag": "USMALLINT", "arguments": "TINYINT",
    },
    "imports": {
        "file": "INTEGER", "module": "VARCHAR", "name": "VARCHAR", "alias": "VARCHAR", "line": "INTEGER",
        "column": "INTEGER", "scope": "VARCHAR", "text": "VARCHAR",
    },
    "chunks": {
        "id": "BIGINT", "file": "INTEGER", "ordinal": "INTEGER", "line": "INTEGER", "end_line": "INTEGER",
        "length": "INTEGER", "text": "UBIGINT",
    },
    "postings": {"term": "UBIGINT", "chunk": "BIGINT", "frequency": "USMALLINT", "length": "USMALLINT"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """One file to index. `known_hash` is what the index holds of it; the same hash needs no parsing.

    `plain`: keep its text and parse nothing.
    """

    id: int
    path: str
    size: int
    mtime_ns: int
    known_hash: str = ""
    stamp: int = 0
    plain: bool = False


def _empty() -> dict[str, Columns]:
    return {
        table: {name: array(_NUMBERS[kind]) if kind in _NUMBERS else [] for name, kind in columns.items()}
        for table, columns in TABLES.items()
    }


@dataclass(slots=True)
class Batch:
    """Rows of some files, and the files whose content turned out to be what is indexed already."""

    tables: dict[str, Columns] = field(default_factory=_empty)
    unchanged: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    """Of each id, size, mtime_ns, stamp, seen_ns."""
    files: int = 0
    bytes: int = 0

    def add(self, table: str, *values: Any) -> None:
        for column, value in zip(self.tables[table].values(), values, strict=True):
            column.append(value)

    def leave_out(self, ids: Collection[int]) -> None:
        """Drop the rows of some files."""
        for table, columns in self.tables.items():
            owners = columns["id"] if table == "files" else columns.get("file", ())
            if table == "postings":
                owners = [chunk >> CHUNK_BITS for chunk in columns["chunk"]]
            kept = [file not in ids for file in owners]
            for name, column in columns.items():
                rest = compress(column, kept)
                columns[name] = array(column.typecode, rest) if isinstance(column, array) else list(rest)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the configuration sets for reading. `languages` empty: all; `ignore`: what is not listed."""

    file_bytes: int = MAX_BYTES
    languages: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: RepositoryConfig) -> Self:
        """Raises UsageError where a language does not exist."""
        for name in sorted(config.languages):
            try:
                language_named(name)
            except UsageError as error:
                raise UsageError(f"{config.source}: languages: {error}") from None
        return cls(config.max_file_bytes or MAX_BYTES, config.languages, config.ignore)
