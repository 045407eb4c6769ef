"""Symbols as they are read from the index, many at a time.

Their names are not read: to unpack that column takes longer than all the others together. A symbol is called
by the last part of its qualified name, but for names that have a dot themselves. Which it is tells the name's
number, and that column is not compressed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from memls.index.globs import within
from memls.index.names import dotted, parted
from memls.source.outline import Symbol
from memls.text import identity, is_aside, is_test

if TYPE_CHECKING:
    from memls.database import Reader

_COLUMNS = """s.file, s.ordinal, s.qualified_name, s.word, s.kind, s.line, s.end_line, s.name_line,
    s.name_column, s.signature, s.docstring, s.parent"""


_TYPES = {"word": "UBIGINT", "tag": "USMALLINT", "name": "VARCHAR"}


class Named(NamedTuple):
    """A symbol found by its name. `name` is its qualified name."""

    path: str
    name: str
    kind: str
    line: int
    end_line: int
    signature: str
    ordinal: int


def named(reader: "Reader", name: str, path: str | None = None) -> list[Named]:
    """The symbols of a name, with `path` those that it means (`globs`), in no order.

    To put these few in order would take DuckDB as long as to find them.
    """
    glob, params = within(path)
    rows = reader.read(
        f"""SELECT f.path, s.qualified_name, s.kind, s.line, s.end_line, s.signature, s.ordinal
        FROM symbols s JOIN files f ON f.id = s.file WHERE s.word = ? {glob}""",
        [identity(name), *params],
    )
    return list(map(Named._make, rows))


def meant(target: str, limit: int, of_name: Callable[[str], Iterable[Named]]) -> list[Named]:
    """The symbols with exactly a name or dotted suffix, optionally as `path:Name`; shortest first.

    `of_name` gives all that are called by the last part of it.
    """
    path, name = parted(target)
    found = _meant(path, name, of_name) if "#" in name else []  # a part of a name, as in Vim script
    return (found or _meant(path, dotted(name), of_name))[:limit]


def _meant(path: str, name: str, of_name: Callable[[str], Iterable[Named]]) -> list[Named]:
    found = [
        one
        for one in of_name(name.rpartition(".")[2])
        if f".{one.name}".endswith(f".{name}") and (not path or f"/{one.path}".endswith(f"/{path}"))
    ]
    return sorted(
        found,
        key=lambda s: (s.name != name, *beside(s.path), len(s.name), s.path, s.line, s.ordinal),
    )


def beside(path: str) -> tuple[bool, bool]:
    """What puts a definition after its namesakes: tests last, before them what is beside the matter."""
    return is_test(path), is_aside(path)


def one_of(column: str, values: Iterable[int | str]) -> tuple[str, list[Any]]:
    """The condition that a column has one of some values, and its parameters.

    DuckDB passes over what cannot match where it is an equation; a list of literals is the slowest.
    """
    ordered = sorted(values)
    if len(ordered) == 1:
        return f"{column} = ?", ordered
    kind = _TYPES.get(column.rpartition(".")[2], "INTEGER")
    return f"{column} IN (SELECT unnest(?::{kind}[]))", [ordered]


def symbols(reader: "Reader", condition: str, params: Sequence[Any]) -> list[tuple[int, Symbol]]:
    """The symbols `s` of a condition, each with its file's number, in the order they stand there."""
    rows = reader.read(
        f"SELECT {_COLUMNS} FROM symbols s WHERE {condition} ORDER BY s.file, s.ordinal", params
    )
    names = names_of(reader, [row[:4] for row in rows])
    return [(row[0], Symbol(name, row[2], *row[4:])) for row, name in zip(rows, names, strict=True)]


def names_of(reader: "Reader", rows: Sequence[tuple[int, int, str, int]]) -> list[str]:
    """What symbols are called, each told by file, ordinal, qualified name and the number of its name."""
    names = [row[2].rpartition(".")[2] for row in rows]
    dotted = [i for i, row in enumerate(rows) if identity(names[i]) != row[3]]
    if dotted:
        condition, params = one_of("file", {rows[i][0] for i in dotted})
        found = reader.read(f"SELECT file, ordinal, name FROM symbols WHERE {condition}", params)
        known = {row[:2]: row[2] for row in found}
        for i in dotted:
            names[i] = known[rows[i][:2]]
    return names
