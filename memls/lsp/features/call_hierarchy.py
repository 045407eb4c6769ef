"""callHierarchy: who calls a function, and what it calls.

Calls that lead to candidates are there too, after the resolved ones, each marked in its item's detail: in
languages without types most calls of methods would be missing otherwise.
"""

from collections.abc import Callable, Sequence
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
from memls.lsp import convert
from memls.lsp.convert import KINDS, Client
from memls.lsp.features.cursor import Cursor, nearest, place_of
from memls.lsp.features.places import START, Remembered, symbol_ranges, use_range
from memls.text import visible

if TYPE_CHECKING:
    from memls.workspace import Workspace

CALLABLE = TYPE_KINDS | {"function", "method", "constructor", "property", "macro"}
"""Kinds that are called; classes are, where an object is made."""


@dataclass(slots=True)
class _Calls:
    """Calls between the same two symbols, of the same certainty."""

    place: Place
    edge: Edge
    ranges: list[Range]


def prepare_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyPrepareParams
) -> list[CallHierarchyItem] | None:
    """The functions that the name at a position means."""
    edges = [e for e in Cursor.of(workspace, client, params).definitions() if e.target.kind in CALLABLE]
    sure = [edge for edge in edges if edge.status == "resolved"]
    found = {edge.target: _item(workspace, client, edge.target, edge) for edge in sure or edges}
    return [item for item in found.values() if item] or None


def incoming_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyIncomingCallsParams
) -> list[CallHierarchyIncomingCall] | None:
    """The functions that call an item, and from where in them; at file level it is the file that calls."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = workspace.resolver.callers(place)
    groups = _grouped(workspace, client, edges, lambda edge: _caller(workspace, edge))
    return [
        CallHierarchyIncomingCall(item, calls.ranges)
        for calls in groups
        if (item := _item(workspace, client, calls.place, calls.edge))
    ]


def outgoing_calls(
    workspace: "Workspace", client: Client, params: CallHierarchyOutgoingCallsParams
) -> list[CallHierarchyOutgoingCall] | None:
    """The functions that an item calls."""
    place = _place(workspace, params.item)
    if place is None:
        return None
    edges = [edge for edge in workspace.resolver.callees(place) if edge.target.symbol]
    groups = _grouped(workspace, client, edges, lambda edge: edge.target)
    return [
        CallHierarchyOutgoingCall(item, calls.ranges)
        for calls in groups
        if (item := _item(workspace, client, calls.place, calls.edge))
    ]


def marked(edge: Edge, place: Place, symbol: str) -> str:
    """An item's detail: what it stands in, its file, and that it is but a candidate where it is."""
    mark = f"candidate ({edge.reason})" if edge.status == "candidate" else ""
    return visible(" · ".join(filter(None, (mark, symbol.rpartition(".")[0], place.path))))


def _place(workspace: "Workspace", item: CallHierarchyItem) -> Place | None:
    remembered = Remembered.of(item.data)
    return remembered.place(workspace) if remembered else None


def _grouped(
    workspace: "Workspace", client: Client, edges: Sequence[Edge], end: Callable[[Edge], Place | None]
) -> list[_Calls]:
    """The calls by what is at the other end, resolved ones first."""
    groups: dict[tuple[Place, str], _Calls] = {}
    for edge in sorted(edges, key=lambda edge: edge.status == "candidate"):
        view, place = workspace.code.try_view(edge.path), end(edge)
        where = use_range(view, edge, client.encoding) if view else None
        if place is not None and where is not None:
            calls = groups.setdefault((place, edge.status), _Calls(place, edge, []))
            if where not in calls.ranges:
                calls.ranges.append(where)
    return list(groups.values())


def _caller(workspace: "Workspace", edge: Edge) -> Place | None:
    view = workspace.code.try_view(edge.path)
    if view is None:
        return None
    if not edge.symbol:
        return Place(edge.path, "", "file", 1, max(1, len(view.lines)), "")
    symbol = nearest(view, edge.symbol, edge.line)
    return place_of(edge.path, symbol) if symbol else None


def _item(workspace: "Workspace", client: Client, place: Place, edge: Edge) -> CallHierarchyItem | None:
    view = workspace.code.try_view(place.path)
    if view is None:
        return None
    uri, detail = client.uris.uri(place.path), marked(edge, place, place.symbol)
    if not place.symbol:
        whole = convert.whole_lines(view, 1, len(view.lines), client.encoding)
        name = place.path.rpartition("/")[2]
        data = Remembered(place.path, "", 1).data()
        return CallHierarchyItem(name, SymbolKind.File, uri, whole, START, detail=detail, data=data)
    symbol = nearest(view, place.symbol, place.line)
    if symbol is None:
        return None
    return CallHierarchyItem(
        symbol.name,
        KINDS[symbol.kind],
        uri,
        *symbol_ranges(view, symbol, client.encoding),
        detail=detail,
        data=Remembered(place.path, symbol.qualified_name, symbol.line).data(),
    )
