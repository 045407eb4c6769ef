"""Definitions and uses as places in the client's terms."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol.types import Location, LocationLink, Position, Range

from memls.index.code import Place, View
from memls.index.resolve import Edge
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features.cursor import nearest, place_of
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

START = Range(Position(0, 0), Position(0, 0))


def location(workspace: "Workspace", client: Client, place: Place) -> Location | None:
    """Where a definition's name stands; None where the current text does not have it."""
    found = link(workspace, client, place)
    return Location(found.target_uri, found.target_selection_range) if found else None


def link(
    workspace: "Workspace", client: Client, place: Place, origin: Range | None = None
) -> LocationLink | None:
    """A definition with all of its lines, from the name at `origin`."""
    view = workspace.code.try_view(place.path)
    if view is None:
        return None
    uri = client.uris.uri(place.path)
    if not place.symbol:
        return LocationLink(uri, START, START, origin)
    symbol = nearest(view, place.symbol, place.line)
    if symbol is None:
        return None
    ranges = symbol_ranges(view, symbol, client.encoding)
    return LocationLink(uri, *ranges, origin)


def symbol_ranges(view: View, symbol: Symbol, encoding: str) -> tuple[Range, Range]:
    """The lines of a definition, and its name, which the first encloses whatever a grammar says."""
    first, last = min(symbol.line, symbol.name_line), max(symbol.end_line, symbol.name_line)
    return convert.whole_lines(view, first, last, encoding), convert.name_range(view, symbol, encoding)


def use(workspace: "Workspace", client: Client, edge: Edge) -> Location | None:
    """Where a use stands; None where the current text has no such line."""
    view = workspace.code.try_view(edge.path)
    found = use_range(view, edge, client.encoding) if view else None
    return Location(client.uris.uri(edge.path), found) if found else None


def use_range(view: View, edge: Edge, encoding: str) -> Range | None:
    """The range of a use in its file."""
    if not 1 <= edge.line <= len(view.lines):
        return None
    name = edge.target.symbol.rpartition(".")[2] or PurePosixPath(edge.target.path).stem
    if edge.role != "import" and (word := _word_starting(view.lines[edge.line - 1], edge.column)):
        name = word  # it may be used by another name than it was defined with
    return convert.word_range(view, edge.line, edge.column, name, encoding)


def unique(found: Iterable[L | None]) -> list[L]:
    """Each place once, in order."""
    kept: dict[tuple[str, int, int], L] = {}
    for one in found:
        if one is not None:
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
