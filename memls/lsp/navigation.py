"""textDocument/definition, references and hover.

What is resolved comes first, candidates after it. LSP's locations cannot say which is which; hover does.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lsprotocol.types import (
    DefinitionParams,
    Hover,
    HoverParams,
    Location,
    MarkupContent,
    MarkupKind,
    Position,
    Range,
    ReferenceParams,
)

from memls.errors import NotFoundError
from memls.index.code import Place, View
from memls.index.resolve import Edge
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.drift import Drift, drift
from memls.lsp.symbols import nearest
from memls.source.outline import Symbol
from memls.text import plural, visible

if TYPE_CHECKING:
    from memls.workspace import EdgeKind, Workspace

_Positioned = DefinitionParams | ReferenceParams | HoverParams

_SHOWN = 5
"""Candidates that a hover lists."""


def definition(workspace: "Workspace", client: Client, params: DefinitionParams) -> list[Location] | None:
    """Where the name at a position is defined; candidates after what is resolved."""
    edges = _Cursor(workspace, client, params).edges("definition")
    return _unique(_of_definition(workspace, client, edge.target) for edge in edges) or None


def references(workspace: "Workspace", client: Client, params: ReferenceParams) -> list[Location] | None:
    """Every use of what is named at a position, with its definition where the client wants that."""
    cursor = _Cursor(workspace, client, params)
    edges = cursor.edges("references")
    places: list[Location | None] = []
    if params.context.include_declaration:
        defined = cursor.edges("definition")
        sure = [edge for edge in defined if edge.status == "resolved"] or defined
        places = [_of_definition(workspace, client, edge.target) for edge in sure]
    drifts = {path: drift(workspace, path) for path in {edge.path for edge in edges}}
    places += [_of_use(workspace, client, edge, drifts[edge.path]) for edge in edges]
    return _unique(places) or None


def hover(workspace: "Workspace", client: Client, params: HoverParams) -> Hover | None:
    """Signature, documentation and path of what is named at a position, and how sure that is."""
    cursor = _Cursor(workspace, client, params)
    edges = cursor.edges("definition")
    if not edges or cursor.word is None:
        return None
    parts = [_described(workspace, client, edge, len(edges)) for edge in edges[:_SHOWN]]
    if len(edges) > _SHOWN:
        parts.append(f"… and {plural(len(edges) - _SHOWN, 'candidate')} more")
    kind = MarkupKind.Markdown if client.markdown else MarkupKind.PlainText
    separator = "\n\n---\n\n" if client.markdown else "\n\n"
    return Hover(MarkupContent(kind, separator.join(parts)), cursor.word)


class _Cursor:
    """A position in a file as it is now. `word` is the range of the name there, None where there is none."""

    def __init__(self, workspace: "Workspace", client: Client, params: _Positioned) -> None:
        self._workspace = workspace
        self._path = client.uris.path(params.text_document.uri) or ""
        self._view = workspace.code.try_view(self._path) if self._path else None
        self._name, self._column = "", 0
        self.word: Range | None = None
        number = self._line = params.position.line + 1
        if self._view is None or number > len(self._view.lines):
            return
        text = self._view.lines[number - 1]
        index = convert.characters(text, params.position.character, client.encoding)
        self._column = len(text[:index].encode("utf-8", "replace"))
        if span := convert.word_at(text, index):
            self._name = text[slice(*span)]
            start, end = (convert.position(text, number, i, client.encoding) for i in span)
            self.word = Range(start, end)

    def edges(self, kind: "EdgeKind") -> list[Edge]:
        """What the name here leads to, resolved ones first."""
        if self._view is None or self.word is None:
            return []
        saved = drift(self._workspace, self._path).to_saved(self._line)
        found = (
            self._asked(f"{self._path}:{saved}:{self._column + 1}", kind) if saved else self._by_name(kind)
        )
        return sorted(found, key=lambda edge: edge.status == "candidate")

    def _asked(self, target: str, kind: "EdgeKind") -> list[Edge]:
        try:
            return self._workspace.references(target, kind)
        except NotFoundError:
            return []

    def _by_name(self, kind: "EdgeKind") -> list[Edge]:
        """The line is not in the index, being newly typed: all that has the name is a candidate."""
        reason = "by name: this line is not saved"
        found = [replace(e, status="candidate", reason=reason) for e in self._asked(self._name, kind)]
        if kind != "definition" or self._view is None:
            return found
        known = {(edge.target.path, edge.target.symbol) for edge in found}
        here = [s for s in self._view.symbols if s.name == self._name]
        fresh = [s for s in here if (self._path, s.qualified_name) not in known]
        return [*(self._edge_here(symbol, reason) for symbol in fresh), *found]

    def _edge_here(self, symbol: Symbol, reason: str) -> Edge:
        place = Place(
            self._path, symbol.qualified_name, symbol.kind, symbol.line, symbol.end_line, symbol.signature
        )
        return Edge(self._path, self._line, self._column, "", "read", "candidate", reason, place)


def _of_definition(workspace: "Workspace", client: Client, place: Place) -> Location | None:
    """Where a definition's name stands now; None where an unsaved edit has removed it."""
    view = workspace.code.try_view(place.path)
    if view is None:
        return None
    if not place.symbol:
        return Location(client.uris.uri(place.path), Range(Position(0, 0), Position(0, 0)))
    symbol = _now(workspace, view, place)
    if symbol is None:
        return None
    return Location(client.uris.uri(place.path), convert.name_range(view, symbol, client.encoding))


def _of_use(workspace: "Workspace", client: Client, edge: Edge, drifted: Drift) -> Location | None:
    """Where a use stands now; None where its line has unsaved changes."""
    view = workspace.code.try_view(edge.path)
    line = drifted.to_buffer(edge.line)
    if view is None or line is None or line > len(view.lines):
        return None
    name = edge.target.symbol.rpartition(".")[2] or PurePosixPath(edge.target.path).stem
    if edge.role != "import" and (word := _word_starting(view.lines[line - 1], edge.column)):
        name = word  # it may be used by another name than it was defined with
    return Location(
        client.uris.uri(edge.path), convert.word_range(view, line, edge.column, name, client.encoding)
    )


def _word_starting(line: str, column: int) -> str:
    index = len(line.encode("utf-8", "replace")[:column].decode("utf-8", "ignore"))
    span = convert.word_at(line, index)
    return line[slice(*span)] if span and span[0] == index else ""


def _now(workspace: "Workspace", view: View, place: Place) -> Symbol | None:
    line = drift(workspace, place.path).to_buffer(place.line)
    return nearest(view, place.symbol, line or place.line)


def _unique(locations: Iterable[Location | None]) -> list[Location]:
    kept: dict[tuple[str, int, int], Location] = {}
    for location in locations:
        if location is not None:
            start = location.range.start
            kept.setdefault((location.uri, start.line, start.character), location)
    return list(kept.values())


def _described(workspace: "Workspace", client: Client, edge: Edge, count: int) -> str:
    """One definition for a hover. Text of the repository stands in fences: it is not ours to be rendered."""
    place = edge.target
    view = workspace.code.try_view(place.path)
    symbol = _now(workspace, view, place) if view and place.symbol else None
    signature = visible(symbol.signature if symbol else place.signature)
    language = (view.language or "") if view else ""
    where = visible(f"{place.path}:{symbol.line if symbol else place.line}")
    sure = edge.status == "resolved"
    note = where if sure else f"candidate {where} ({visible(edge.reason)})"
    parts = [_fenced(signature, language) if client.markdown else signature] if signature else []
    if symbol and symbol.docstring:
        docstring = visible(symbol.docstring)
        parts.append(_fenced(docstring, "text") if client.markdown else docstring)
    return "\n\n".join([*parts, f"`{note}`" if client.markdown and "`" not in note else note])


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
