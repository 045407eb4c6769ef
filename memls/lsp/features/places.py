"""Definitions and uses as places in the client's terms."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol.types import Location, LocationLink, Position, Range

from memls.index import excerpts
from memls.index.code import Place, View
from memls.index.resolve import Edge
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features.cursor import closest, nearest, place_of
from memls.source.outline import Symbol

if TYPE_CHECKING:
    from memls.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Remembered:
    """A definition in the `data` of an answer, which comes back when the client asks for more of it."""

    path: str
    symbol: str
    line: int

    def data(self) -> dict[str, str | int]:
        return {"path": self.path, "symbol": self.symbol, "line": self.line}

    @classmethod
    def of(cls, data: Any) -> "Remembered | None":
        """None for what is not ours: it came over the wire."""
        values = [_item(data, name) for name in ("path", "symbol", "line")]
        path, symbol, line = values
        if not isinstance(path, str) or not isinstance(symbol, str) or not isinstance(line, int):
            return None
        return cls(path, symbol, line)

    def place(self, workspace: "Workspace") -> Place | None:
        """The definition as it is now."""
        view = workspace.code.try_view(self.path)
        if view is None:
            return None
        if not self.symbol:
            return Place(self.path, "", "file", 1, max(1, len(view.lines)), "")
        symbol = nearest(view, self.symbol, self.line)
        return place_of(self.path, symbol) if symbol else None


def _item(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else getattr(data, name, None)


L = TypeVar("L", Location, LocationLink)

_FEW = 12
"""Files that are read as they are now. Of more the index is asked, and those are read that are not ASCII."""
_NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)

START = Range(Position(0, 0), Position(0, 0))


@dataclass(frozen=True, slots=True)
class Placed:
    """A definition in the client's terms. `symbol` is None where it is a whole file."""

    place: Place
    symbol: Symbol | None
    uri: str
    range: Range
    name_range: Range

    @property
    def remembered(self) -> Remembered:
        name = self.symbol.qualified_name if self.symbol else ""
        return Remembered(self.place.path, name, self.symbol.line if self.symbol else 1)


def placed(workspace: "Workspace", client: Client, places: Iterable[Place]) -> dict[Place, Placed]:
    """Definitions where they stand now; those that the index has no more are left out.

    All at once: thousands of classes can extend one.
    """
    wanted = list(dict.fromkeys(places))
    known = _symbols(workspace, [(place.path, place.symbol) for place in wanted if place.symbol])
    found: dict[Place, Symbol | None] = {}
    for place in wanted:
        named = known.get((place.path, place.symbol), [])
        if named or not place.symbol:
            found[place] = closest(named, place.line)
    ascii_paths = _ascii(workspace, {place.path for place in found})
    plain = {place for place, symbol in found.items() if place.path in ascii_paths and _is_plain(symbol)}
    ends = [
        (place.path, number)
        for place, symbol in found.items()
        if place not in plain
        for number in ((symbol.name_line, _last_line(symbol)) if symbol else (1, place.end_line))
    ]
    lines = _lines(workspace, ends)
    return {
        place: _unread(client, place, symbol) if place in plain else _placed(client, place, symbol, lines)
        for place, symbol in found.items()
    }


def _is_plain(symbol: Symbol | None) -> bool:
    """Whether the name stands in the text as it is called. So do all that are identifiers."""
    return symbol is None or _NAME.fullmatch(symbol.name) is not None


def _unread(client: Client, place: Place, symbol: Symbol | None) -> Placed:
    """A definition in a file that is ASCII alone."""
    uri = client.uris.uri(place.path)
    last = _last_line(symbol) if symbol else max(1, place.end_line)
    end = Position(last - 1, convert.END_OF_LINE)
    if symbol is None:
        return Placed(place, None, uri, Range(START.start, end), START)
    named = convert.ascii_range(symbol.name_line, symbol.name_column, symbol.name)
    return Placed(place, symbol, uri, Range(_first_column(symbol), end), named)


def _placed(client: Client, place: Place, symbol: Symbol | None, lines: excerpts.Lines) -> Placed:
    uri = client.uris.uri(place.path)
    last = _last_line(symbol) if symbol else max(1, place.end_line)  # an empty file has no line
    text = lines.get((place.path, last), "")
    end = convert.position(text, last, len(text), client.encoding)
    if symbol is None:
        return Placed(place, None, uri, Range(START.start, end), START)
    number = symbol.name_line
    named = convert.word_range(
        lines.get((place.path, number), ""), number, symbol.name_column, symbol.name, client.encoding
    )
    return Placed(place, symbol, uri, Range(_first_column(symbol), end), named)


def _first_column(symbol: Symbol) -> Position:
    return Position(min(symbol.line, symbol.name_line) - 1, 0)


def location(one: Placed) -> Location:
    """Where its name stands."""
    return Location(one.uri, one.name_range)


def link(one: Placed, origin: Range | None) -> LocationLink:
    """A definition with all of its lines, from the name at `origin`."""
    return LocationLink(one.uri, one.range, one.name_range, origin)


def symbol_ranges(view: View, symbol: Symbol, encoding: str) -> tuple[Range, Range]:
    """The lines of a definition, and its name, which the first encloses whatever a grammar says."""
    first = min(symbol.line, symbol.name_line)
    whole = convert.whole_lines(view, first, _last_line(symbol), encoding)
    return whole, convert.name_range(view, symbol, encoding)


def uses(workspace: "Workspace", client: Client, edges: Sequence[Edge]) -> dict[Edge, Location]:
    """Where uses stand; those whose line there is no more are left out."""
    paths = {edge.path for edge in edges}
    ascii_paths = _ascii(workspace, paths)
    plain = [edge.path in ascii_paths and _is_as_named(edge) for edge in edges]
    unread = [edge for edge, skipped in zip(edges, plain, strict=True) if not skipped]
    lines = _import_lines(workspace, [edge for edge in unread if edge.path in ascii_paths])
    lines.update(_lines(workspace, [p for edge in unread if (p := (edge.path, edge.line)) not in lines]))
    uris = {path: client.uris.uri(path) for path in paths}
    found = {}
    for edge, skipped in zip(edges, plain, strict=True):
        if skipped:
            where = convert.ascii_range(edge.line, edge.column, edge.name)
        elif (text := lines.get((edge.path, edge.line))) is not None:
            where = _use_range(text, edge, client.encoding)
        else:
            continue
        found[edge] = Location(uris[edge.path], where)
    return found


def _is_as_named(edge: Edge) -> bool:
    """Whether the name that is used stands at the edge's column. Of an import that may be another's."""
    return edge.role != "import" and _NAME.fullmatch(edge.name) is not None


def _use_range(line: str, edge: Edge, encoding: str) -> Range:
    name = edge.target.symbol.rpartition(".")[2] or PurePosixPath(edge.target.path).stem
    if edge.role != "import" and (word := _word_starting(line, edge.column)):
        name = word  # it may be used by another name than it was defined with
    return convert.word_range(line, edge.line, edge.column, name, encoding)


def _symbols(workspace: "Workspace", wanted: Sequence[tuple[str, str]]) -> excerpts.Symbols:
    """The symbols of these names: of a few files as they are now."""
    if len({path for path, _ in wanted}) > _FEW:
        return excerpts.symbols(workspace.resolver, wanted)
    return workspace.code.named(wanted)


def _lines(workspace: "Workspace", wanted: Sequence[tuple[str, int]]) -> excerpts.Lines:
    """The text of lines; those that do not exist are left out."""
    files = {path: workspace.code.lines(path) for path in {path for path, _ in wanted}}
    return {
        (path, number): files[path][number - 1] for path, number in wanted if 1 <= number <= len(files[path])
    }


def _import_lines(workspace: "Workspace", edges: Sequence[Edge]) -> excerpts.Lines:
    wanted = [(edge.path, edge.line) for edge in edges if edge.role == "import"]
    return excerpts.import_lines(workspace.resolver, wanted) if wanted else {}


def _ascii(workspace: "Workspace", paths: set[str]) -> set[str]:
    """The files that need not be read to place what is in them; none where reading them is quicker."""
    return excerpts.ascii_paths(workspace.resolver, paths) if len(paths) > _FEW else set()


def stands_in(edge: Edge) -> Place:
    """The symbol around a use, to be placed; the file, told by its first line, where there is none."""
    if not edge.symbol:
        return Place(edge.path, "", "file", 1, 1, "")
    return Place(edge.path, edge.symbol, "", edge.line, edge.line, "")


def _last_line(symbol: Symbol) -> int:
    return max(symbol.end_line, symbol.name_line)


def unique(found: Iterable[L]) -> list[L]:
    """Each place once, in order."""
    kept: dict[tuple[str, int, int], L] = {}
    for one in found:
        uri, start = _start(one)
        kept.setdefault((uri, start.line, start.character), one)
    return list(kept.values())


def _start(one: Location | LocationLink) -> tuple[str, Position]:
    if isinstance(one, Location):
        return one.uri, one.range.start
    return one.target_uri, one.target_selection_range.start


def _word_starting(line: str, column: int) -> str:
    index = convert.before(line, column)
    span = convert.word_at(line, index)
    return line[slice(*span)] if span and span[0] == index else ""
