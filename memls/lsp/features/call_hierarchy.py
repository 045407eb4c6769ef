"""callHierarchy: who calls a function, and what it calls.

Calls that lead to candidates are there too, after the resolved ones, each marked in its item's detail: in
languages without types most calls of methods would be missing otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol.types import (
    CallHierarchyIncomingCall,
    CallHierarchyIncomingCallsParams,
    CallHierarchyItem,
    CallHierarchyOutgoingCall,
    CallHierarchyOutgoingCallsParams,
    CallHierarchyPrepareParams,
    Range,
    SymbolKind,
)

from memls.index.code import Place
from memls.index.resolve import Edge
from memls.index.scoping import TYPE_KINDS
from memls.lsp.convert import KINDS, Client
from memls.lsp.features.cursor import Cursor
from memls.lsp.features.places import Placed, Remembered, placed, stands_in, uses
from memls.text import visible

if TYPE_CHECKING:
    from memls.workspace import Workspace

CALLABLE = TYPE_KINDS | {"function", "method", "constructor", "property", "macro", "component"}
"""Kinds that are called; classes are, where an object is made, and components, where their tag stands."""


@dataclass(slots=True)
class _Calls:
    """Calls between the same two symbols, of the same certainty."""

    item: CallHierarchyItem
    ranges: list[Range]


def prepare_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyPrepareParams
) -> list[CallHierarchyItem] | None:
    """The functions that the name at a position means; candidates only where nothing is resolved."""
    edges = [e for e in Cursor.of(workspace, client, params).definitions() if e.target.kind in CALLABLE]
    sure = [edge for edge in edges if edge.status == "resolved"] or edges
    found = placed(workspace, client, (edge.target for edge in sure))
    why = {edge.target: edge for edge in reversed(sure)}
    return [_item(one, why[place]) for place, one in found.items()] or None


def incoming_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyIncomingCallsParams
) -> list[CallHierarchyIncomingCall] | None:
    """The functions that call an item, and from where in them; at file level it is the file that calls."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    calls = _grouped(workspace, client, workspace.resolver.callers(place), stands_in)
    return [CallHierarchyIncomingCall(one.item, one.ranges) for one in calls]


def outgoing_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyOutgoingCallsParams
) -> list[CallHierarchyOutgoingCall] | None:
    """The functions that an item calls."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = [edge for edge in workspace.resolver.callees(place) if edge.target.symbol]
    calls = _grouped(workspace, client, edges, lambda edge: edge.target)
    return [CallHierarchyOutgoingCall(one.item, one.ranges) for one in calls]


def marked(edge: Edge, one: Placed) -> str:
    """An item's detail: what it stands in, its file, and that it is but a candidate where it is."""
    mark = f"candidate ({edge.reason})" if edge.status == "candidate" else ""
    around = one.symbol.qualified_name.rpartition(".")[0] if one.symbol else ""
    return visible(" · ".join(filter(None, (mark, around, one.place.path))))


def _place(workspace: "Workspace", item: CallHierarchyItem) -> Place | None:
    remembered = Remembered.of(item.data)
    return remembered.place(workspace) if remembered else None


def _grouped(
    workspace: "Workspace", client: Client, edges: list[Edge], end: Callable[[Edge], Place]
) -> list[_Calls]:
    """The calls by what is at the other end, resolved ones first."""
    edges = sorted(edges, key=lambda edge: edge.status == "candidate")
    ends = placed(workspace, client, map(end, edges))
    where = uses(workspace, client, edges)
    groups: dict[tuple[Remembered, str], _Calls] = {}
    for edge in edges:
        other = ends.get(end(edge))
        if other is None or edge not in where:
            continue
        key = other.remembered, edge.status
        if key not in groups:
            groups[key] = _Calls(_item(other, edge), [])
        if where[edge].range not in groups[key].ranges:
            groups[key].ranges.append(where[edge].range)
    return list(groups.values())


def _item(one: Placed, edge: Edge) -> CallHierarchyItem:
    symbol = one.symbol
    return CallHierarchyItem(
        symbol.name if symbol else one.place.path.rpartition("/")[2],
        KINDS[symbol.kind] if symbol else SymbolKind.File,
        one.uri,
        one.range,
        one.name_range,
        detail=marked(edge, one),
        data=one.remembered.data(),
    )
