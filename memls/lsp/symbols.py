"""textDocument/documentSymbol and workspace/symbol."""

from typing import TYPE_CHECKING

from lsprotocol.types import (
    DocumentSymbol,
    DocumentSymbolParams,
    Location,
    Position,
    Range,
    SymbolInformation,
    SymbolKind,
    WorkspaceSymbol,
    WorkspaceSymbolParams,
)

from memls.index.code import View
from memls.index.search import Hit
from memls.lsp import convert
from memls.lsp.convert import KINDS, Client
from memls.source.outline import Symbol

if TYPE_CHECKING:
    from memls.workspace import Workspace

_SHOWN = 100
"""Symbols that a workspace query gives: editors ask again with each letter typed."""
_DEEPEST = 32
"""Levels that are nested. What is deeper hangs on the last: serialising nests calls, and source can nest
50,000 levels."""


def document_symbols(
    workspace: "Workspace", client: Client, params: DocumentSymbolParams
) -> list[DocumentSymbol] | list[SymbolInformation] | None:
    """The outline of a file as it is now, unsaved text included; None for a file that cannot be read."""
    path = client.uris.path(params.text_document.uri)
    view = workspace.code.try_view(path) if path else None
    if view is None:
        return None
    if client.hierarchical:
        return _tree(view, client.encoding)
    uri = params.text_document.uri
    return [
        SymbolInformation(
            Location(uri, convert.whole_lines(view, symbol.line, symbol.end_line, client.encoding)),
            name=_label(symbol),
            kind=KINDS[symbol.kind],
            container_name=symbol.qualified_name.rpartition(".")[0] or None,
        )
        for symbol in view.symbols
    ]


def workspace_symbols(
    workspace: "Workspace", client: Client, params: WorkspaceSymbolParams
) -> list[WorkspaceSymbol]:
    """Definitions with this very name (or dotted suffix) first, then those that begin so."""
    query = params.query.strip()
    hits = workspace.search(query, "symbol", limit=_SHOWN).hits if query else []
    if "." not in query:
        hits += workspace.search(query + "*", "symbol", limit=_SHOWN).hits
    return [_found(workspace, client, hit) for hit in list(dict.fromkeys(hits))[:_SHOWN]]


def _tree(view: View, encoding: str) -> list[DocumentSymbol]:
    """Symbols below the symbols around them. Without recursion: parents stand before their children."""
    top: list[DocumentSymbol] = []
    made: list[DocumentSymbol] = []
    levels: list[int] = []
    homes: list[int] = []
    for symbol in view.symbols:
        home = symbol.parent
        while home >= 0 and levels[home] >= _DEEPEST:
            home = homes[home]
        homes.append(home)
        levels.append(levels[home] + 1 if home >= 0 else 1)
        made.append(_node(view, symbol, encoding))
        (top if home < 0 else made[home].children).append(made[-1])  # type: ignore[union-attr]
    return top


def _node(view: View, symbol: Symbol, encoding: str) -> DocumentSymbol:
    around = convert.whole_lines(
        view, min(symbol.line, symbol.name_line), max(symbol.end_line, symbol.name_line), encoding
    )
    return DocumentSymbol(
        _label(symbol),
        KINDS[symbol.kind],
        around,
        convert.name_range(view, symbol, encoding),
        detail=symbol.signature,
        children=[],
    )


def _label(symbol: Symbol) -> str:
    """Clients refuse an empty name."""
    return symbol.name or "(anonymous)"


def _found(workspace: "Workspace", client: Client, hit: Hit) -> WorkspaceSymbol:
    name, container = hit.symbol.rpartition(".")[2], hit.symbol.rpartition(".")[0]
    place = Range(Position(hit.line - 1, 0), Position(hit.line - 1, 0))
    view = workspace.code.try_view(hit.path)
    if view and (symbol := nearest(view, hit.symbol, hit.line)):
        place = convert.name_range(view, symbol, client.encoding)
    return WorkspaceSymbol(
        Location(client.uris.uri(hit.path), place),
        name or "(anonymous)",
        KINDS.get(hit.kind, SymbolKind.File),
        container_name=container or hit.path,
    )


def nearest(view: View, qualified_name: str, line: int) -> Symbol | None:
    """Of the symbols with this name (overloads, redefinitions) the one closest to a line."""
    named = [symbol for symbol in view.symbols if symbol.qualified_name == qualified_name]
    return min(named, key=lambda symbol: abs(symbol.line - line), default=None)
