"""textDocument/documentHighlight: the uses in one file of what stands at a position."""

from typing import TYPE_CHECKING

from lsprotocol.types import DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams

from memls.index import sites
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features import locals
from memls.lsp.features.cursor import Cursor
from memls.lsp.features.places import uses
from memls.source.outline import Symbol

if TYPE_CHECKING:
    from memls.workspace import Workspace

_ASSIGNED = frozenset({"attribute", "variable", "constant", "enum_member"})
"""Kinds whose definition writes a value; a field's does where it is given one."""


def highlights(
    workspace: "Workspace", client: Client, params: DocumentHighlightParams
) -> list[DocumentHighlight] | None:
    """Resolved uses alone. None lets the client mark equal words, as it does where it has no server."""
    cursor = Cursor.of(workspace, client, params)
    if local := locals.places(cursor):
        return locals.highlights(cursor, client, local)
    sure = [edge.target for edge in cursor.definitions() if edge.status == "resolved"]
    found: dict[tuple[int, int], DocumentHighlight] = {}
    for place in dict.fromkeys(sure):
        for one in _defined(cursor, client, place.path, place.symbol):
            found.setdefault(_start(one), one)
        edges = sites.uses_in(workspace.resolver, cursor.path, place) if cursor.view else []
        for edge, where in uses(workspace, client, edges).items():
            kind = DocumentHighlightKind.Write if edge.role == "write" else DocumentHighlightKind.Read
            one = DocumentHighlight(where.range, kind)
            found.setdefault(_start(one), one)
    return [found[start] for start in sorted(found)] or None


def _defined(cursor: Cursor, client: Client, path: str, symbol: str) -> list[DocumentHighlight]:
    """The definition's own name, and its redefinitions, where they are in this file."""
    view = cursor.view
    if view is None or path != cursor.path or not symbol:
        return []
    return [
        DocumentHighlight(
            convert.name_range(view, one, client.encoding),
            DocumentHighlightKind.Write if _is_assigned(one) else DocumentHighlightKind.Text,
        )
        for one in view.symbols
        if one.qualified_name == symbol
    ]


def _is_assigned(symbol: Symbol) -> bool:
    return symbol.kind in _ASSIGNED or (symbol.kind == "field" and "=" in symbol.signature)


def _start(one: DocumentHighlight) -> tuple[int, int]:
    return one.range.start.line, one.range.start.character
