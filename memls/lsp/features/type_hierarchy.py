"""typeHierarchy: what a class extends, and what extends it. Candidates are marked in their item's detail."""

from collections.abc import Callable
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
from memls.lsp.features.cursor import Cursor
from memls.lsp.features.places import Placed, Remembered, placed, stands_in
from memls.source.outline import Symbol

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
    sure = [edge for edge in edges if edge.status == "resolved"] or edges
    return _items(workspace, client, sure, lambda edge: edge.target) or None


def supertypes(
    workspace: "Workspace", client: Client, params: TypeHierarchySupertypesParams
) -> list[TypeHierarchyItem] | None:
    """The classes that an item names as its bases, where they are in the repository."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = sites.bases(workspace.resolver, place)
    return _items(workspace, client, edges, lambda edge: edge.target)


def subtypes(
    workspace: "Workspace", client: Client, params: TypeHierarchySubtypesParams
) -> list[TypeHierarchyItem] | None:
    """The classes that name an item as base."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = workspace.resolver.implementations(place) if place.kind in TYPE_KINDS else []
    return _items(workspace, client, [edge for edge in edges if edge.symbol], stands_in)


def _place(workspace: "Workspace", item: TypeHierarchyItem) -> Place | None:
    remembered = Remembered.of(item.data)
    return remembered.place(workspace) if remembered else None


def _items(
    workspace: "Workspace", client: Client, edges: list[Edge], end: Callable[[Edge], Place]
) -> list[TypeHierarchyItem]:
    """Each class once, resolved ones first."""
    edges = sorted(edges, key=lambda edge: edge.status == "candidate")
    ends = placed(workspace, client, map(end, edges))
    items: dict[Remembered, TypeHierarchyItem] = {}
    for edge in edges:
        one = ends.get(end(edge))
        if one is not None and one.symbol is not None and one.symbol.kind in _TYPES:
            items.setdefault(one.remembered, _item(one, one.symbol, edge))
    return list(items.values())


def _item(one: Placed, symbol: Symbol, edge: Edge) -> TypeHierarchyItem:
    return TypeHierarchyItem(
        symbol.name,
        KINDS[symbol.kind],
        one.uri,
        one.range,
        one.name_range,
        detail=marked(edge, one),
        data=one.remembered.data(),
    )
