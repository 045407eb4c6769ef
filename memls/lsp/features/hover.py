"""textDocument/hover: what a name means, how sure that is, and what was noted about it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol.types import Hover, HoverParams

from memls.errors import MemlsError
from memls.index.arguments import Named
from memls.index.code import Place, View
from memls.index.resolve import Edge
from memls.index.scoping import scoping
from memls.lsp.convert import Client
from memls.lsp.features import locals
from memls.lsp.features.cursor import Cursor, nearest
from memls.source.outline import Symbol
from memls.text import digest, plural, shorten, visible

if TYPE_CHECKING:
    from memls.memory.archive import Note
    from memls.workspace import Workspace

_SHOWN = 5
"""Candidates that are listed."""
_NOTES, _LONGEST_NOTE = 3, 600


def hover(workspace: "Workspace", client: Client, params: HoverParams) -> Hover | None:
    """Signature, documentation, place, reason and notes of what is named at a position."""
    cursor = Cursor.of(workspace, client, params)
    if (named := cursor.named_argument()) is not None:
        parts = [_parameter(client, one, cursor) for one in named[:_SHOWN]]
        return Hover(client.markup(_separated(client, parts)), cursor.word) if parts else None
    members = cursor.members()
    if not members and cursor.word is not None and (local := locals.places(cursor)):
        line, where = locals.described(cursor, local)
        language = _code_in(cursor.view) if cursor.view else ""
        shown = _fenced(line, language) if client.markdown else line
        return Hover(client.markup(f"{shown}\n\n{_coded(client, where)} (local)"), cursor.word)
    edges = members or cursor.definitions()
    if not edges or cursor.word is None:
        return None
    views = workspace.code.views({edge.target.path for edge in edges[:_SHOWN]})
    parts = [_described(workspace, client, edge, views.get(edge.target.path)) for edge in edges[:_SHOWN]]
    if len(edges) > _SHOWN:
        parts.append(f"… and {plural(len(edges) - _SHOWN, 'candidate')} more")
    return Hover(client.markup(_separated(client, parts)), cursor.word)


def _separated(client: Client, parts: Sequence[str]) -> str:
    return ("\n\n---\n\n" if client.markdown else "\n\n").join(parts)


def _parameter(client: Client, one: Named, cursor: Cursor) -> str:
    """A parameter that an argument names, and of what it is one."""
    shown = visible(shorten(" ".join(one.text.split()), _LONGEST_NOTE))
    shown = _fenced(shown, _code_in(cursor.view)) if client.markdown and cursor.view else shown
    doubt = "" if one.status == "resolved" else "candidate "
    where = _coded(client, visible(f"{doubt}{one.path}:{one.line}"))
    return f"{shown}\n\n{where} (parameter of {_coded(client, visible(one.of.symbol))})"


def documented(client: Client, view: View, symbol: Symbol) -> str:
    """Signature and documentation. Text of the repository stands in fences: it is not ours to be rendered."""
    parts = [(visible(symbol.signature), _code_in(view)), (visible(symbol.docstring), "text")]
    return "\n\n".join(
        _fenced(text, language) if client.markdown else text for text, language in parts if text
    )


def _described(workspace: "Workspace", client: Client, edge: Edge, view: View | None) -> str:
    place = edge.target
    symbol = nearest(view, place.symbol, place.line) if view and place.symbol else None
    parts = [documented(client, view, symbol)] if view and symbol else []
    where = visible(f"{place.path}:{symbol.line if symbol else place.line}")
    reason = visible(edge.reason)
    if edge.status == "candidate":
        parts.append(_coded(client, f"candidate {where} ({reason})"))
    else:
        parts.append(_coded(client, where) + (f" ({reason})" if edge.reason != "definition" else ""))
    parts += [_noted(client, note, view, symbol) for note in _notes(workspace, place)]
    return "\n\n".join(part for part in parts if part)


def _notes(workspace: "Workspace", place: Place) -> "list[Note]":
    try:
        return workspace.archive.about(place.path, place.symbol)[:_NOTES]
    except MemlsError:  # opened without memory
        return []


def _noted(client: Client, note: "Note", view: View | None, symbol: Symbol | None) -> str:
    """A note, and whether the code has changed since it was written."""
    first, last = (symbol.line, symbol.end_line) if symbol else (1, len(view.lines) if view else 1)
    now = digest(view.text(first, last)) if view else ""
    name = symbol.qualified_name if symbol else ""
    here = [anchor for anchor in note.anchors if view and (anchor.path, anchor.symbol) == (view.path, name)]
    fresh = any(anchor.hash == now for anchor in here)
    head = f"Remembered{'' if fresh else ', and the code has changed since'}:"
    text = visible(shorten(note.text, _LONGEST_NOTE))
    return f"{head}\n\n{_fenced(text, 'text')}" if client.markdown else f"{head} {text}"


def _code_in(view: View) -> str:
    """What a fence calls the language of a file's code: that of a component is not its markup's."""
    language = view.language or ""
    return "typescript" if scoping(language).component else language


def _coded(client: Client, text: str) -> str:
    return f"`{text}`" if client.markdown and "`" not in text else text


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
