"""Keeping pages true: before each request every page in main context is compared with the current text.

What changed is rewritten in its place, or marked gone there (invariant 2). This breaks the provider's
prompt cache from that place on; being right beats being cached. The watcher only makes it prompt: truth
does not depend on an event having arrived.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from memls.index.code import Code, View
from memls.memory.pages import Page, Shown, relocate
from memls.memory.queue import Part
from memls.memory.window import MainContext
from memls.text import shorten, visible

_NAMED = 12
"""Pages that one line of news names; it stays short when a branch switch changes every page."""
_CHANGES, _WIDEST = 12, 120
"""Lines of what changed, and characters of each."""


@dataclass(slots=True)
class Refreshed:
    """Pages whose text in main context was rewritten, with what is new in it; pages whose anchor is gone."""

    rewritten: list[Page] = field(default_factory=list)
    gone: list[Page] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rewritten or self.gone)

    def news(self) -> str:
        """For the model: which pages, what was there and what is."""
        paths = sorted({page.region.path for page in (*self.rewritten, *self.gone)})
        shown = ", ".join(map(visible, paths[:_NAMED])) + (" …" if len(paths) > _NAMED else "")
        lines = [f"files changed: {shown}. Pages above are as the files are now; other pages did not change."]
        named = [f"{page.id} {visible(page.name)}" for page in self.rewritten]
        for title, pages in (("rewritten", named), ("gone", [page.id for page in self.gone])):
            if pages:
                more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
                lines.append(f"{title}: {', '.join(pages[:_NAMED])}{more}")
        lines += self.changes[:_CHANGES]
        return "\n".join([*lines, "What you said of the old text may be wrong."])


def changed_lines(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The lines that went and came, marked as in a diff."""
    lines = islice(difflib.unified_diff(before, after, n=0, lineterm=""), 2, None)  # after the names
    changed = (line for line in lines if line[0] in "+-" and line[1:].strip())
    return [visible(shorten(f"{line[0]} {line[1:].strip()}", _WIDEST)) for line in changed]


def refresh(context: MainContext, code: Code) -> Refreshed:
    """Bring every page that stands in the queue up to the current text. Idempotent."""
    done = Refreshed()
    views: dict[tuple[str, str], View | None] = {}
    for handle, showings in context.queue.shown_pages().items():
        page = context.pages.get(handle)
        if page is None:
            continue
        key = (page.region.path, page.view.hash)
        if key not in views:
            views[key] = current_view(code, page)
        view = views[key]
        if view is None or any((shown.path, shown.view_hash) != (view.path, view.hash) for shown in showings):
            _follow(context, page, view, showings, done)
    return done


def current_view(code: Code, page: Page) -> View | None:
    """The page's file as it is now: unchanged, changed, or under another name with the same content."""
    view = code.try_view(page.region.path)
    if view is not None:
        return view
    for path in code.paths_with_hash(page.view.hash):
        moved = code.try_view(path)
        if moved is not None and moved.hash == page.view.hash:
            return moved
    return None


def _follow(
    context: MainContext, page: Page, view: View | None, showings: Sequence[Shown], done: Refreshed
) -> None:
    region = relocate(page, view) if view is not None else None
    if view is None or region is None:
        page.state = "gone"
        context.queue.replace_shown(
            lambda shown: page.show("tombstone") if _is_text_of(shown, page) else None
        )
        done.gone.append(page)
        return
    page.move(region, view)

    def change(shown: Shown) -> Part | None:
        return page.show(shown.detail) if _is_text_of(shown, page) else None

    context.queue.replace_shown(change)
    rewritten = [shown for shown in showings if page.show(shown.detail).text != shown.text]
    if rewritten:
        done.rewritten.append(page)
        before, after = rewritten[0], page.show(rewritten[0].detail)
        done.changes += changed_lines([text for _, text in before.lines], [text for _, text in after.lines])


def _is_text_of(shown: Shown, page: Page) -> bool:
    return shown.page == page.id and shown.detail != "tombstone"
