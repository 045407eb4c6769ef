"""textDocument/definition, declaration, references and implementation.

What is resolved comes first, candidates after it: locations have no room to say which is which.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol.types import (
    DeclarationParams,
    DefinitionParams,
    ImplementationParams,
    Location,
    LocationLink,
    Range,
    ReferenceParams,
)

from memls.index import sites
from memls.index.code import Place
from memls.index.declarations import declared_in
from memls.index.resolve import Edge
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features.call_hierarchy import CALLABLE
from memls.lsp.features.cursor import Cursor, nearest, place_of
from memls.lsp.features.places import link, location, unique, use

if TYPE_CHECKING:
    from memls.workspace import Workspace

Locations = list[Location] | list[LocationLink] | None


def definition(workspace: "Workspace", client: Client, params: DefinitionParams) -> Locations:
    """Where the name at a position is defined."""
    cursor = Cursor.of(workspace, client, params)
    places = [edge.target for edge in cursor.definitions()]
    return _shown(workspace, client, "definition", places, cursor.word)


def declaration(workspace: "Workspace", client: Client, params: DeclarationParams) -> Locations:
    """Where a name is made known without being defined: prototypes, else imports; else its definition."""
    cursor = Cursor.of(workspace, client, params)
    places = cursor.places()
    found = [
        Location(
            client.uris.uri(view.path),
            convert.word_range(view, one.name_line, one.name_column, one.name, client.encoding),
        )
        for place in places
        for view, one in declared_in(workspace.resolver, workspace.code, place)
    ]
    if not found and cursor.name and not _is_member(cursor):
        imports = sites.bound_as(workspace.resolver, cursor.path, cursor.name)
        made = [edge for edge in imports if edge.target in places and edge.line != cursor.line]
        found = unique(use(workspace, client, edge) for edge in made)
    return found or definition(workspace, client, DefinitionParams(params.text_document, params.position))


def references(workspace: "Workspace", client: Client, params: ReferenceParams) -> list[Location] | None:
    """Every use of what is named at a position, with its definition where the client wants that."""
    places = Cursor.of(workspace, client, params).places()
    edges = [edge for place in places for edge in workspace.resolver.references(place)]
    edges.sort(key=lambda edge: edge.status == "candidate")
    defined = places if params.context.include_declaration else []
    found = [location(workspace, client, place) for place in defined]
    return unique([*found, *(use(workspace, client, edge) for edge in edges)]) or None


def implementation(workspace: "Workspace", client: Client, params: ImplementationParams) -> Locations:
    """Classes below the class at a position, or methods that override the method there."""
    cursor = Cursor.of(workspace, client, params)
    places: list[Place] = []
    for above in cursor.places():
        edges = workspace.resolver.implementations(above)
        edges.sort(key=lambda edge: edge.status == "candidate")
        found = [_below(workspace, edge) for edge in edges]
        places += [
            below for below in found if below and (below.kind in CALLABLE or above.kind not in CALLABLE)
        ]
    return _shown(workspace, client, "implementation", places, cursor.word)


def _shown(
    workspace: "Workspace", client: Client, feature: str, places: Sequence[Place], origin: Range | None
) -> Locations:
    if feature in client.links:
        return unique(link(workspace, client, place, origin) for place in places) or None
    return unique(location(workspace, client, place) for place in places) or None


def _below(workspace: "Workspace", edge: Edge) -> Place | None:
    """The class or method that an edge from below stands in."""
    view = workspace.code.try_view(edge.path)
    symbol = nearest(view, edge.symbol, edge.line) if view and edge.symbol else None
    return place_of(edge.path, symbol) if symbol else None


def _is_member(cursor: Cursor) -> bool:
    """Whether the name stands behind a dot: then no import binds it."""
    start = convert.before(cursor.text, cursor.column)
    return cursor.text[:start].rstrip().endswith((".", "::", "->"))
