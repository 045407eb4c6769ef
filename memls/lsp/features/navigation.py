"""textDocument/definition, declaration, references and implementation.

What is resolved comes first, candidates after it: locations have no room to say which is which.
"""

import re
from collections.abc import Iterable, Sequence
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
from memls.index.scoping import scoping
from memls.index.signatures import signatures_of
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features import locals
from memls.lsp.features.call_hierarchy import CALLABLE
from memls.lsp.features.cursor import Cursor, surest
from memls.lsp.features.places import Placed, link, location, placed, stands_in, unique, uses

if TYPE_CHECKING:
    from memls.workspace import Workspace

_ENOUGH = 1000
"""Uses of the nearest candidates, after which the others are not asked: what is used by name alone is a use
of each of them."""
_CANDIDATES = 8
"""Candidates that are asked for what overrides them, the nearest first."""

_KEY = re.compile(r"\s*(:|=(?![=>]))")
_BEFORE_KEY = re.compile(r"(^|[{,])\s*\Z")

Locations = list[Location] | list[LocationLink] | None


def definition(workspace: "Workspace", client: Client, params: DefinitionParams) -> Locations:
    """Where the name at a position is defined."""
    cursor = Cursor.of(workspace, client, params)
    if (named := cursor.named_argument()) is not None:
        return _names(cursor, client, "definition", [(one.path, one.line, one.column) for one in named])
    members = cursor.members()
    if not members and (local := locals.places(cursor)):
        return locals.definition(cursor, client, local, "definition")
    edges = members or cursor.definitions()
    if signatures := _signatures(cursor, edges):
        return _names(cursor, client, "definition", signatures)
    places = [edge.target for edge in edges]
    return _shown(workspace, client, "definition", places, cursor.word) or _imported(cursor, client)


def declaration(workspace: "Workspace", client: Client, params: DeclarationParams) -> Locations:
    """Where a name is made known without being defined: prototypes, else imports; else its definition."""
    cursor = Cursor.of(workspace, client, params)
    if (named := cursor.named_argument()) is not None:
        return _names(cursor, client, "declaration", [(one.path, one.line, one.column) for one in named])
    if local := locals.places(cursor):
        return locals.definition(cursor, client, local, "declaration")
    edges = cursor.definitions()
    places = surest(edges)
    found = [
        Location(
            client.uris.uri(view.path),
            convert.word_range(
                view.lines[one.name_line - 1], one.name_line, one.name_column, one.name, client.encoding
            ),
        )
        for place in places
        for view, one in declared_in(workspace.resolver, workspace.code, place)
    ]
    if not found and cursor.name and not _is_member(cursor):
        imports = sites.bound_as(workspace.resolver, cursor.path, cursor.name)
        made = [edge for edge in imports if edge.target in places and edge.line != cursor.line]
        found = unique(uses(workspace, client, made).values())
    if found:
        return found
    return _shown(workspace, client, "declaration", [edge.target for edge in edges], cursor.word)


def references(workspace: "Workspace", client: Client, params: ReferenceParams) -> list[Location] | None:
    """Every use of what is named at a position, with its definition where the client wants that."""
    cursor = Cursor.of(workspace, client, params)
    if local := locals.places(cursor):
        return locals.references(cursor, client, local, all_=params.context.include_declaration)
    places = cursor.places()
    edges = workspace.resolver.all_references(places, _ENOUGH)
    edges.sort(key=lambda edge: edge.status == "candidate")
    defined = places if params.context.include_declaration else []
    found = [location(one) for one in placed(workspace, client, defined).values()]
    return unique([*found, *uses(workspace, client, edges).values()]) or None


def implementation(workspace: "Workspace", client: Client, params: ImplementationParams) -> Locations:
    """Classes below the class at a position, or methods that override the method there."""
    cursor = Cursor.of(workspace, client, params)
    edges: list[Edge] = []
    for above in cursor.places()[:_CANDIDATES]:
        found = workspace.resolver.implementations(above)
        edges += [edge for edge in found if edge.symbol]
    edges.sort(key=lambda edge: edge.status == "candidate")
    called = any(edge.target.kind in CALLABLE for edge in edges)
    below = placed(workspace, client, map(stands_in, edges)).values()
    fitting = [one for one in below if not called or (one.symbol and one.symbol.kind in CALLABLE)]
    return _as_locations(client, "implementation", fitting, cursor.word)


def _shown(
    workspace: "Workspace", client: Client, feature: str, places: Sequence[Place], origin: Range | None
) -> Locations:
    return _as_locations(client, feature, placed(workspace, client, places).values(), origin)


def _as_locations(client: Client, feature: str, found: Iterable[Placed], origin: Range | None) -> Locations:
    if feature in client.links:
        return unique(link(one, origin) for one in found) or None
    return unique(location(one) for one in found) or None


def _names(cursor: Cursor, client: Client, feature: str, found: Iterable[tuple[str, int, int]]) -> Locations:
    """Names of what the index does not have, by the path, line and column where they stand."""
    shown = []
    for path, line, column in found:
        text = cursor.workspace.code.lines(path)[line - 1]
        word = convert.word_at(text, convert.before(text, column))
        name = text[slice(*word)] if word else ""
        where = convert.word_range(text, line, column, name, client.encoding)
        shown.append(Location(client.uris.uri(path), where))
    if feature in client.links:
        return [LocationLink(one.uri, one.range, one.range, cursor.word) for one in shown] or None
    return shown or None


def _signatures(cursor: Cursor, edges: Sequence[Edge]) -> list[tuple[str, int, int]]:
    """The signatures of the function that is called here, where it has several."""
    if len(edges) != 1 or edges[0].status != "resolved" or cursor.view is None:
        return []
    place = edges[0].target
    found = signatures_of(cursor.workspace.code, cursor.view, cursor.line, cursor.column, place)
    return [(place.path, *one) for one in found]


def _imported(cursor: Cursor, client: Client) -> list[Location] | None:
    """The import of a name that is defined outside the repository: as far as it can be followed."""
    if not cursor.name or cursor.view is None or _is_member(cursor) or _is_key(cursor):
        return None
    word = re.compile(rf"(?<![\w$]){re.escape(cursor.name)}(?![\w$])")
    found = []
    around = cursor.around()
    scope = around.qualified_name if around else ""
    for line in sites.lines_binding(cursor.workspace.resolver, cursor.path, cursor.name, scope):
        text = cursor.view.lines[line - 1] if line <= len(cursor.view.lines) else ""
        if line != cursor.line and (match := word.search(text)):
            column = len(text[: match.start()].encode("utf-8", "replace"))
            where = convert.word_range(text, line, column, cursor.name, client.encoding)
            found.append(Location(client.uris.uri(cursor.path), where))
    return found or None


def _is_member(cursor: Cursor) -> bool:
    """Whether the name stands behind a dot: then no import binds it."""
    start = convert.before(cursor.text, cursor.column)
    return cursor.text[:start].rstrip().endswith((".", "::", "->"))


def _is_key(cursor: Cursor) -> bool:
    """Whether the name is a key of JavaScript's objects or an attribute of JSX: no import binds these."""
    if cursor.view is None or scoping(cursor.view.language or "").family != "javascript":
        return False
    start = convert.before(cursor.text, cursor.column)
    mark = _KEY.match(cursor.text, start + len(cursor.name))
    return mark is not None and (mark[1] == "=" or _BEFORE_KEY.search(cursor.text[:start]) is not None)
