"""A session's main context as JSON, and back: how a conversation survives its process."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from memls.index.code import Code, View
from memls.memory.pages import Page, Region, Shown
from memls.memory.queue import Entry, Part, Queue
from memls.memory.window import MainContext
from memls.models.base import ToolCall

FORMAT = 1


def save(context: MainContext, task: str) -> dict[str, Any]:
    """Everything of a session that is not in the repository or in recall storage."""
    return {
        "format": FORMAT,
        "task": task,
        "summary": context.summary,
        "entries": [_save_entry(entry) for entry in context.queue.entries],
        "pages": [_save_page(page) for page in context.pages],
        "asked": context.pages.asked,
    }


def restore(state: Mapping[str, Any], context: MainContext, code: Code) -> None:
    """Fill `context` from a saved state. Pages whose file changed meanwhile are told at the next refresh."""
    if state.get("format") != FORMAT:
        return
    context.summary = state["summary"]
    context.queue = Queue(_load_entry(entry) for entry in state["entries"])
    lines = _shown_lines(context.queue)
    context.pages.restore(_load_page(row, code, lines) for row in state["pages"])
    context.pages.asked = state.get("asked", [])


def _save_entry(entry: Entry) -> dict[str, Any]:
    return {
        "role": entry.role,
        "group": entry.group,
        "parts": [part if isinstance(part, str) else asdict(part) for part in entry.parts],
        "calls": [asdict(call) for call in entry.calls],
        "call_id": entry.call_id,
        "masked": entry.masked,
    }


def _load_entry(row: Mapping[str, Any]) -> Entry:
    parts: list[Part] = []
    for part in row["parts"]:
        if isinstance(part, str):
            parts.append(part)
        else:
            parts.append(Shown(**{**part, "lines": tuple((n, text) for n, text in part["lines"])}))
    calls = tuple(ToolCall(**call) for call in row["calls"])
    return Entry(row["role"], tuple(parts), row["group"], calls, row["call_id"], row["masked"])


def _save_page(page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "region": asdict(page.region),
        "kind": page.kind,
        "signature": page.signature,
        "view_hash": page.view.hash,
        "state": page.state,
        "detail": page.detail,
        "pinned": page.pinned,
        "faults": page.faults,
        "uses": page.uses,
        "note": page.note,
    }


def _load_page(row: Mapping[str, Any], code: Code, lines: Mapping[str, dict[int, str]]) -> Page:
    region = Region(**row["region"])
    view = code.try_view(region.path)
    if view is None or view.hash != row["view_hash"]:
        view = _remembered_view(region, row["view_hash"], lines.get(row["id"], {}))
    return Page(
        row["id"], region, row["kind"], row["signature"], view, row["state"], row["detail"], row["pinned"],
        faults=row["faults"], uses=row.get("uses") or [row.get("last_use", 0)], note=row["note"],
    )  # fmt: skip


def _remembered_view(region: Region, view_hash: str, lines: Mapping[int, str]) -> View:
    """The file as far as the page showed it: enough to see that it changed, and to find the lines again."""
    length = max([region.end, *lines])
    return View(region.path, view_hash, tuple(lines.get(number, "\0") for number in range(1, length + 1)))


def _shown_lines(queue: Queue) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for page, all_shown in queue.shown_pages().items():
        for shown in all_shown:
            found.setdefault(page, {}).update(shown.lines)
    return found
