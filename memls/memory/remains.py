"""What remains of old entries: a result's best lines while it stands, and lines of the summary once it left.

All of it is extractive: it needs no model, so it cannot fail. What a reader needs to get at a page again, its
handle, its place, what became of it and the note on it, is never cut; signatures are.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from memls.memory.pages import SEE, PageTable, Shown
from memls.memory.queue import Entry, Part
from memls.models.base import ToolCall
from memls.text import plural, shorten
from memls.tokens import count

_KEPT_LINES = 3
"""Of an old result, after its head: what was best in it."""
_WIDEST = 120
"""Characters of a kept line."""
SILENT = frozenset(("page_out", "remember"))
AT_WORK = SILENT | {"page_in"}
"""Functions whose calls say nothing beside the pages, notes and blocks that they make; and such whose results
say nothing either."""
_HANDLE = re.compile(r"\bp\d+\b")
_ON_TOMBSTONE, _IN_BLOCK = "(on the tombstone)", "(in the working context)"


def extend_summary(summary: str, leaving: Sequence[Entry], pages: PageTable, limit: int) -> str:
    """The summary with a few lines for each entry that leaves; its oldest lines go when it is full.

    It says which calls were made, what came back first, and what the assistant wrote.
    """
    lines = summary.split("\n") if summary else []
    names = {call.id: call.name for entry in leaving for call in entry.calls}
    for entry in leaving:
        if names.get(entry.call_id) not in SILENT:
            lines += _summary_lines(entry, pages)
    while lines and count("\n".join(lines)) > limit:
        lines.pop(0)
    return "\n".join(lines)


def _summary_lines(entry: Entry, pages: PageTable) -> list[str]:
    if entry.role == "assistant":
        calls = ", ".join(
            f"{call.name} {shorten(' '.join(call.arguments.split()), 80)}"
            for call in entry.calls
            if call.name not in AT_WORK
        )
        said = shorten(" ".join(entry.content.split()), 200)
        return [
            line
            for line in (f"- you said: {said}" if said else "", f"- you called {calls}" if calls else "")
            if line
        ]
    if entry.role == "tool":
        return _result_lines(entry, pages)
    first = entry.content.strip().split("\n", 1)[0]
    if entry.role == "user":
        return [f"- the user asked: {shorten(first, 2 * _WIDEST)}"] if first else []
    return [f"- {first}"] if first and len(first) <= _WIDEST else []


def _result_lines(entry: Entry, pages: PageTable) -> list[str]:
    """The best of a result, and every page that it brought, by handle: it can be read again."""
    kept: list[str] = []
    for part in entry.parts:
        if isinstance(part, Shown):
            kept.append("  → read " + _brief(part, pages).header)
        else:
            lines = part.split("\n")[: 1 + _KEPT_LINES]
            kept += [f"  → {shorten(line, _WIDEST)}" for line in lines if line]
    return kept


def _brief(shown: Shown, pages: PageTable) -> Shown:
    """A tombstone without the page's signature; anything else as it is."""
    page = pages.get(shown.page) if shown.detail == "tombstone" else None
    return page.tombstone(brief=True) if page else shown


def masked(entry: Entry, pages: PageTable) -> Entry:
    """The entry with its texts cut to their head and best lines; resident pages in it stay whole.

    An interrupt's lines are kept whole, or not at all: what half of one says may be the contrary.
    """
    parts: list[Part] = []
    for part in entry.parts:
        if isinstance(part, Shown):
            parts.append(_brief(part, pages))
            continue
        lines = part.split("\n")
        kept = lines[: 1 + _KEPT_LINES]
        again = ""
        if entry.role == "tool":
            kept, again = [shorten(line, _WIDEST) for line in kept], "; the same call brings them again"
        if len(lines) > len(kept):
            kept.append(f"[… {plural(len(lines) - len(kept), 'row')} dropped{again}]")
        parts.append("\n".join(kept))
    return replace(entry, parts=tuple(parts), masked=True)


def said_once(entry: Entry, pages: PageTable, blocks: str) -> Entry:
    """The entry without notes and memories in its calls that stand on tombstones and in `blocks` by now."""
    calls = tuple(_said_once(call, pages, blocks) for call in entry.calls)
    return entry if calls == entry.calls else replace(entry, calls=calls)


def _said_once(call: ToolCall, pages: PageTable, blocks: str) -> ToolCall:
    if call.name not in SILENT:
        return call
    arguments: dict[str, Any] = json.loads(call.arguments)  # calls in the queue are JSON objects
    note, text = (" ".join(str(arguments.get(key, "")).split()) for key in ("note", "text"))
    if call.name == "page_out" and note and _is_on_tombstones(note, arguments.get("pages"), pages):
        arguments["note"] = _ON_TOMBSTONE
    elif call.name == "remember" and text and text in blocks:
        arguments["text"] = _IN_BLOCK
    shorter = json.dumps(arguments, ensure_ascii=False)
    return replace(call, arguments=shorter) if len(shorter) < len(call.arguments) else call


def _is_on_tombstones(note: str, handles: Any, pages: PageTable) -> bool:
    """Whether the pages that a call put out are out, and what is noted on them is of this note."""
    named = [page for handle in _HANDLE.findall(str(handles)) if (page := pages.get(handle))]
    noted = [page.note for page in named if not page.note.startswith(SEE)]
    return bool(noted) and all(page.state == "evicted" for page in named) and all(n in note for n in noted)
