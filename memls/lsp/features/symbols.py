"""textDocument/documentSymbol, workspace/symbol and workspaceSymbol/resolve."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
from lsprotocol.types import (
    DocumentSymbol,
    DocumentSymbolParams,
    Location,
    LocationUriOnly,
    SymbolInformation,
    SymbolKind,
    WorkspaceSymbol,
    WorkspaceSymbolParams,
)

from memls.index.code import Place, View
from memls.index.search import Hit
from memls.lsp import convert
from memls.lsp.convert import KINDS, Client
from memls.lsp.features.places import START, Remembered, placed, symbol_ranges
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
    hits = workspace.search(query, "symbol", limit=_SHOWN, near=False).hits if query else []
    if query and "." not in query and len(hits) < _SHOWN:
        hits += workspace.search(query + "*", "symbol", limit=_SHOWN).hits
    found = [_found(client, hit) for hit in list(dict.fromkeys(hits))[:_SHOWN]]
    return found if client.lazy_symbols else _with_ranges(workspace, client, found)


def resolve_symbol(workspace: "Workspace", client: Client, params: WorkspaceSymbol) -> WorkspaceSymbol:
    """With the range of its name."""
    return _with_ranges(workspace, client, [params])[0]


def _with_ranges(
    workspace: "Workspace", client: Client, found: Sequence[WorkspaceSymbol]
) -> list[WorkspaceSymbol]:
    remembered = [Remembered.of(one.data) for one in found]
    places = [Place(r.path, r.symbol, "", r.line, r.line, "") if r else None for r in remembered]
    known = placed(workspace, client, filter(None, places))
    ranges = [known[place].name_range if place in known else START for place in places]
    return [
        attrs.evolve(one, location=Location(one.location.uri, where))
        for one, where in zip(found, ranges, strict=True)
    ]


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
    return DocumentSymbol(
        _label(symbol),
        KINDS[symbol.kind],
        *symbol_ranges(view, symbol, encoding),
        detail=symbol.signature,
        children=[],
    )


def _label(symbol: Symbol) -> str:
    """Clients refuse an empty name."""
    return symbol.name or "(anonymous)"


def _found(client: Client, hit: Hit) -> WorkspaceSymbol:
    container, _, name = hit.symbol.rpartition(".")
    uri = client.uris.uri(hit.path)
    return WorkspaceSymbol(
        LocationUriOnly(uri),
        name or "(anonymous)",
        KINDS.get(hit.kind, SymbolKind.File),
        container_name=container or hit.path,
        data=Remembered(hit.path, hit.symbol, hit.line).data(),
    )
