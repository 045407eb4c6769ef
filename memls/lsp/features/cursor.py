"""A position in a file, and what the name there leads to."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from lsprotocol.types import Position, Range, TextDocumentIdentifier

from memls.index.arguments import Named, named_at
from memls.index.code import Place, View
from memls.index.declarations import C_FAMILY, defined_elsewhere
from memls.index.keys import members_at
from memls.index.resolve import Edge
from memls.index.signatures import bodies_at
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.source.outline import Symbol

if TYPE_CHECKING:
    from memls.workspace import Workspace


_PARAMETERS = re.compile(r"\s*\)?\s*\(")


class Positioned(Protocol):
    """Parameters of a request about a position."""

    text_document: TextDocumentIdentifier
    position: Position


class Cursor:
    """A position in the current text. `word` is the range of the name there, None where there is none.

    `line` counts from 1; `column`, in bytes, is where the name starts.
    """

    def __init__(self, workspace: "Workspace", client: Client, uri: str, position: Position) -> None:
        self.workspace = workspace
        self.path = client.uris.path(uri) or ""
        self.view = workspace.code.try_view(self.path) if self.path else None
        self.line, self.column = position.line + 1, 0
        self.text = self.name = ""
        self.index = 0
        self.word: Range | None = None
        if self.view is None or not 1 <= self.line <= len(self.view.lines):
            return
        self.text = self.view.lines[self.line - 1]
        self.index = convert.characters(self.text, position.character, client.encoding)
        if span := convert.word_at(self.text, self.index):
            self.name = self.text[slice(*span)]
            self.column = len(self.text[: span[0]].encode("utf-8", "replace"))
            start, end = (convert.position(self.text, self.line, i, client.encoding) for i in span)
            self.word = Range(start, end)

    @classmethod
    def of(cls, workspace: "Workspace", client: Client, params: Positioned) -> "Cursor":
        return cls(workspace, client, params.text_document.uri, params.position)

    def definitions(self) -> list[Edge]:
        """What the name here means, resolved ones first."""
        if self.view is None or self.word is None:
            return []
        found = self.workspace.resolver.definitions_at(self.path, self.line, self.column)
        if not found and self.name.startswith("$"):  # which may be no part of the name: Svelte's `$store`
            found = self.workspace.resolver.definitions_at(self.path, self.line, self.column + 1)
        if not found and self.view.language in C_FAMILY and self._is_followed_by_parameters():
            found = defined_elsewhere(
                self.workspace.resolver, self.workspace.code, self.view, self.line, self.column
            )
        if not found:
            found = bodies_at(self.workspace.resolver, self.workspace.code, self.view, self.line, self.column)
        return sorted(found, key=lambda edge: edge.status == "candidate")

    def named_argument(self) -> list[Named] | None:
        """The parameters that this can be, where it names an argument; None where it does not."""
        if self.view is None or self.word is None:
            return None
        return named_at(self.workspace.resolver, self.workspace.code, self.view, self.line, self.column)

    def members(self) -> list[Edge]:
        """The members that this can be, where it is the key of an object whose type is written."""
        if self.view is None or self.word is None:
            return []
        return members_at(self.workspace.resolver, self.workspace.code, self.view, self.line, self.column)

    def _is_followed_by_parameters(self) -> bool:
        """Whether this can be a prototype: looking for one parses the file."""
        end = convert.before(self.text, self.column) + len(self.name)
        return _PARAMETERS.match(self.text, end) is not None

    def places(self) -> list[Place]:
        """The definitions that the name here means; the candidates only where nothing is resolved."""
        return surest(self.definitions())

    def around(self) -> Symbol | None:
        """The innermost symbol around the line."""
        return self.view.innermost(self.line) if self.view else None


def surest(edges: Sequence[Edge]) -> list[Place]:
    """What edges lead to: where some are resolved, what these lead to."""
    sure = [edge.target for edge in edges if edge.status == "resolved"]
    return list(dict.fromkeys(sure or [edge.target for edge in edges]))


def nearest(view: View, qualified_name: str, line: int) -> Symbol | None:
    """Of the symbols with this name the one closest to a line."""
    return closest([symbol for symbol in view.symbols if symbol.qualified_name == qualified_name], line)


def closest(named: Iterable[Symbol], line: int) -> Symbol | None:
    """Of symbols with one name (overloads, redefinitions) the one around a line, else the nearest."""
    return min(named, key=lambda symbol: _distance(symbol, line), default=None)


def place_of(path: str, symbol: Symbol) -> Place:
    """A symbol of a view as the index would give it."""
    return Place(path, symbol.qualified_name, symbol.kind, symbol.line, symbol.end_line, symbol.signature)


def _distance(symbol: Symbol, line: int) -> tuple[bool, int]:
    return not symbol.line <= line <= symbol.end_line, abs(symbol.line - line)
