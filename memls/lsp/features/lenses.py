"""textDocument/codeLens and codeLens/resolve: reference counts, and a question, above definitions.

Counts are worked out when a lens comes into sight. A click needs a command of the client's own; where there
is none the count is a title alone.
"""

from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol.types import CodeLens, CodeLensParams, Command, Location, Position, Range

from memls.index.code import View
from memls.index.resolve import Edge
from memls.lsp import convert
from memls.lsp.convert import SHOW_REFERENCES, Client
from memls.lsp.features import questions
from memls.lsp.features.call_hierarchy import CALLABLE
from memls.lsp.features.places import Remembered, unique, uses
from memls.source.outline import Symbol
from memls.text import plural

if TYPE_CHECKING:
    from memls.workspace import Workspace

_MOST = 2000
"""Definitions of one file that get lenses."""
_MOST_PLACES = 1000


def lenses(workspace: "Workspace", client: Client, params: CodeLensParams) -> list[CodeLens] | None:
    """Two for each class and function that stands in no function."""
    uri = params.text_document.uri
    path = client.uris.path(uri)
    view = workspace.code.try_view(path) if path else None
    if view is None:
        return None
    found = []
    for symbol in [one for one in view.symbols if _has_lenses(view, one)][:_MOST]:
        where = convert.name_range(view, symbol, client.encoding)
        data = Remembered(view.path, symbol.qualified_name, symbol.line).data()
        found.append(CodeLens(where, data=data))
        what = questions.named(symbol.qualified_name, view.path, symbol.name_line)
        found.append(CodeLens(where, questions.ask("Ask memls", questions.explain(what), uri, where)))
    return found


def resolve_lens(workspace: "Workspace", client: Client, params: CodeLens) -> CodeLens:
    """With how often it is used; what is only a candidate is counted apart."""
    remembered = Remembered.of(params.data)
    place = remembered.place(workspace) if remembered else None
    if place is None:
        return attrs.evolve(params, command=Command("", ""))
    edges = workspace.resolver.references(place)
    sure = [edge for edge in edges if edge.status == "resolved"]
    title = plural(len(sure), "reference")
    if len(sure) < len(edges):
        title += f", {plural(len(edges) - len(sure), 'candidate')}"
    arguments = _places(workspace, client, place.path, params.range.start, sure) if sure else None
    command = SHOW_REFERENCES if arguments else ""
    return attrs.evolve(params, command=Command(title, command, arguments=arguments))


def _has_lenses(view: View, symbol: Symbol) -> bool:
    while symbol.kind in CALLABLE:
        if symbol.parent < 0:
            return True
        above = view.symbols[symbol.parent]
        if above.kind in ("function", "method", "constructor"):
            return False
        if above.kind not in CALLABLE:
            return True
        symbol = above
    return False


def _places(
    workspace: "Workspace", client: Client, path: str, start: Position, edges: list[Edge]
) -> list[Any] | None:
    """Arguments of the client's command: a uri, a position and locations."""
    if not client.show_references:
        return None
    found: list[Location] = unique(uses(workspace, client, edges[:_MOST_PLACES]).values())
    return [client.uris.uri(path), _position(start), [_location(one) for one in found]]


def _location(one: Location) -> dict[str, Any]:
    return {"uri": one.uri, "range": _range(one.range)}


def _range(one: Range) -> dict[str, Any]:
    return {"start": _position(one.start), "end": _position(one.end)}


def _position(one: Position) -> dict[str, int]:
    return {"line": one.line, "character": one.character}
