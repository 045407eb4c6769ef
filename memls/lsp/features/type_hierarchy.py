"""typeHierarchy: what a class extends, and what extends it. Candidates are marked in their item's detail."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol.types import (
    TypeHierarchyItem,
    TypeHierarchyPrepareParams,
    TypeHierarchySubtypesParams,
    TypeHierarchySupertypesParams,
)

from memls.index import sites
from memls.index.code import Place
from memls.index.resolve import Edge
from memls.index.scoping import TYPE_KINDS
from memls.lsp.convert import KINDS, Client
from memls.lsp.features.call_hierarchy import marked
from memls.lsp.features.cursor import Cursor, nearest, place_of
from memls.lsp.features.places import Remembered, symbol_ranges

if TYPE_CHECKING:
    from memls.workspace import Workspace

_TYPES = TYPE_KINDS | {"type"}


def prepare_types(
    workspace: "Workspace", client: Client, params: TypeHierarchyPrepareParams
) -> list[TypeHierarchyItem] | None:
    """The classes that the name at a position means."""
    edges = [
        edge for edge in Cursor.of(workspace, client, params).definitions() if edge.target.kind in _TYPES
    ]
    sure = [edge for edge in edges if edge.status == "resolved"]
    return _items(workspace, client, ((edge.target, edge) for edge in sure or edges)) or None


def supertypes(
    workspace: "Workspace", client: Client, params: TypeHierarchySupertypesParams
) -> list[TypeHierarchyItem] | None:
    """The classes that an item names as its bases, where they are in the repository."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = [edge for edge in sites.bases(workspace.resolver, place) if edge.target.kind in _TYPES]
    return _items(workspace, client, ((edge.target, edge) for edge in edges))


def subtypes(
    workspace: "Workspace", client: Client, params: TypeHierarchySubtypesParams
) -> list[TypeHierarchyItem] | None:
    """The classes that name an item as base."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = workspace.resolver.implementations(place) if place.kind in TYPE_KINDS else []
    return _items(workspace, client, ((_below(workspace, edge), edge) for edge in edges))


def _place(workspace: "Workspace", item: TypeHierarchyItem) -> Place | None:
    remembered = Remembered.of(item.data)
    return remembered.place(workspace) if remembered else None


def _below(workspace: "Workspace", edge: Edge) -> Place | None:
    view = workspace.code.try_view(edge.path)
    symbol = nearest(view, edge.symbol, edge.line) if view and edge.symbol else None
    return place_of(edge.path, symbol) if symbol and symbol.kind in _TYPES else None


def _items(
    workspace: "Workspace", client: Client, found: Iterable[tuple[Place | None, Edge]]
) -> list[TypeHierarchyItem]:
    """Each class once, resolved ones first."""
    ordered = sorted(found, key=lambda one: one[1].status == "candidate")
    items: dict[tuple[str, str], TypeHierarchyItem] = {}
    for place, edge in ordered:
        view = workspace.code.try_view(place.path) if place else None
        symbol = nearest(view, place.symbol, place.line) if view and place else None
        if place is None or view is None or symbol is None:
            continue
        item = TypeHierarchyItem(
            symbol.name,
            KINDS[symbol.kind],
            client.uris.uri(place.path),
            *symbol_ranges(view, symbol, client.encoding),
            detail=marked(edge, place, symbol.qualified_name),
            data=Remembered(place.path, symbol.qualified_name, symbol.line).data(),
        )
        items.setdefault((place.path, symbol.qualified_name), item)
    return list(items.values())
