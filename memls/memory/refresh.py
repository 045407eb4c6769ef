"""Keeping pages true: before each request every page in main context is compared with the current text.

What changed is rewritten in its place, or marked gone there (invariant 2). This breaks the provider's
prompt cache from that place on; being right beats being cached. The watcher only makes it prompt: truth
does not depend on an event having arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from memls.index.code import Code, View
from memls.memory.pages import Page, Shown, relocate
from memls.memory.queue import Part
from memls.memory.window import MainContext
from memls.text import visible

_NAMED = 12
"""Pages that one line of news names; it stays short when a branch switch changes every page."""


@dataclass(slots=True)
class Refreshed:
    """Pages whose text in main context was rewritten, and pages whose anchor is gone."""

    rewritten: list[Page] = field(default_factory=list)
    gone: list[Page] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rewritten or self.gone)

    def news(self) -> str:
        """One line for the model."""
        parts = [f"{page.id} rewritten above, now {visible(page.name)}" for page in self.rewritten]
        parts += [f"{page.id} is gone" for page in self.gone]
        if len(parts) > _NAMED:
            parts[_NAMED:] = [f"and {len(parts) - _NAMED} pages more"]
        paths = sorted({page.region.path for page in (*self.rewritten, *self.gone)})
        shown = ", ".join(map(visible, paths[:_NAMED])) + (" …" if len(paths) > _NAMED else "")
        return f"files changed: {shown}. {'; '.join(parts)}. Earlier statements on them may be wrong."


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
    if any(page.show(shown.detail).text != shown.text for shown in showings):
        done.rewritten.append(page)


def _is_text_of(shown: Shown, page: Page) -> bool:
    return shown.page == page.id and shown.detail != "tombstone"
