"""textDocument/codeAction: questions about what is named at a position, or about the lines selected."""

from typing import TYPE_CHECKING

from lsprotocol.types import CodeAction, CodeActionParams, Command, Range

from memls.lsp.convert import Client
from memls.lsp.features import questions
from memls.lsp.features.call_hierarchy import CALLABLE
from memls.lsp.features.cursor import Cursor, nearest, place_of
from memls.lsp.features.places import placed
from memls.lsp.features.table import ASK, REMEMBER
from memls.text import visible

if TYPE_CHECKING:
    from memls.index.code import Place
    from memls.workspace import Workspace

_EXPLAIN = "Explain"
_CALLS = "Who calls this, and why"
_BREAKS = "What would break if this changed"
_KEEP = "Remember this"


def actions(
    workspace: "Workspace", client: Client, params: CodeActionParams
) -> list[CodeAction | Command] | None:
    """About the selected lines; without a selection about the name there, else the definition around."""
    uri, where = params.text_document.uri, params.range
    cursor = Cursor(workspace, client, uri, where.start)
    if cursor.view is None or cursor.line > len(cursor.view.lines):
        return None
    if where.start.line != where.end.line:
        found = _of_lines(cursor, uri, where)
    else:
        place = _named(cursor)
        found = _of_symbol(workspace, client, uri, where, place) if place else []
    wanted = params.context.only
    return [
        CodeAction(command.title, kind, command=command) if client.action_literals else command
        for kind, command in found
        if wanted is None or any(kind == one or kind.startswith(f"{one}.") or not one for one in wanted)
    ] or None


def _of_symbol(
    workspace: "Workspace", client: Client, uri: str, where: Range, place: "Place"
) -> list[tuple[str, Command]]:
    what = questions.named(place.symbol, place.path, place.line)
    asked = [(_EXPLAIN, questions.explain(what))]
    if place.kind in CALLABLE:
        asked.append((_CALLS, questions.who_calls(what)))
    asked.append((_BREAKS, questions.what_breaks(what)))
    found = [(ASK, questions.ask(title, question, uri, where)) for title, question in asked]
    kept = [
        (REMEMBER, questions.remember(_KEEP, one.uri, one.name_range, place.symbol))
        for one in placed(workspace, client, [place]).values()
    ]
    return [*found, *kept]


def _of_lines(cursor: Cursor, uri: str, where: Range) -> list[tuple[str, Command]]:
    first, last = where.start.line + 1, where.end.line + (where.end.character > 0)
    around = cursor.around()
    lines = visible(f"{cursor.path}:{first}-{max(first, last)}")
    what = f"{lines} (in `{visible(around.qualified_name)}`)" if around else lines
    asked = [(_EXPLAIN, questions.explain(what)), (_BREAKS, questions.what_breaks(what))]
    found = [(ASK, questions.ask(title, question, uri, where)) for title, question in asked]
    symbol = around.qualified_name if around else ""
    return [*found, (REMEMBER, questions.remember(_KEEP, uri, where, symbol))]


def _named(cursor: Cursor) -> "Place | None":
    """What the name at the position is known to mean, else what is defined around it."""
    sure = [edge.target for edge in cursor.definitions() if edge.status == "resolved"]
    if len(sure) == 1 and sure[0].symbol:
        view = cursor.workspace.code.try_view(sure[0].path)
        symbol = nearest(view, sure[0].symbol, sure[0].line) if view else None
        return place_of(sure[0].path, symbol) if symbol else None
    around = cursor.around()
    return place_of(cursor.path, around) if around else None
