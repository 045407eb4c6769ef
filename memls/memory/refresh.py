"""Keeping pages true: before each request every page in main context is compared with the current text.

What changed is rewritten in its place, or marked gone there (invariant 2). This breaks the provider's
prompt cache from that place on; being right beats being cached. The watcher only makes it prompt: truth
does not depend on an event having arrived.
"""

from dataclasses import dataclass, field

from memls.index.code import Code, View
from memls.memory.ledger import Ledger
from memls.memory.pages import Page, Region, Shown, relocate
from memls.memory.queue import Part
from memls.memory.window import MainContext


@dataclass(slots=True)
class Refreshed:
    """Pages whose text in main context was rewritten, and pages whose anchor is gone."""

    rewritten: list[Page] = field(default_factory=list)
    gone: list[Page] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rewritten or self.gone)

    def news(self) -> str:
        """One line for the model."""
        parts = [f"{page.id} rewritten above, now {page.name}" for page in self.rewritten]
        parts += [f"{page.id} is gone" for page in self.gone]
        paths = sorted({page.region.path for page in (*self.rewritten, *self.gone)})
        return (
            f"files changed: {', '.join(paths)}. {'; '.join(parts)}. Earlier statements on them may be wrong."
        )


def refresh(context: MainContext, code: Code, ledger: Ledger) -> Refreshed:
    """Bring every page that stands in the queue up to the current text. Idempotent."""
    done = Refreshed()
    views: dict[str, View | None] = {}
    for handle in context.queue.shown_pages():
        page = context.pages.get(handle)
        if page is None or page.state == "gone":
            continue
        path = page.region.path
        if path not in views:
            views[path] = _current(code, page)
        view = views[path]
        if view is not None and view.hash == page.view.hash and view.path == path:
            continue
        _follow(context, page, view, done, ledger)
    return done


def _current(code: Code, page: Page) -> View | None:
    """The page's file as it is now: unchanged, changed, or under another name with the same content."""
    view = code.try_view(page.region.path)
    if view is not None:
        return view
    for path in code.paths_with_hash(page.view.hash):
        moved = code.try_view(path)
        if moved is not None and moved.hash == page.view.hash:
            return moved
    return None


def _follow(context: MainContext, page: Page, view: View | None, done: Refreshed, ledger: Ledger) -> None:
    region = relocate(page, view) if view is not None else None
    if view is None or region is None:
        page.state = "gone"
        context.queue.replace_shown(
            lambda shown: page.show("tombstone") if _is_text_of(shown, page) else None
        )
        done.gone.append(page)
        return
    same_text = page.text == view.text(region.start, region.end)
    same_place = _place(page.region) == _place(region)
    page.region, page.view = region, view

    def change(shown: Shown) -> Part | None:
        return page.show(shown.detail) if _is_text_of(shown, page) else None

    context.queue.replace_shown(change)
    for shown in context.queue.shown_pages().get(page.id, []):
        ledger.record(shown)
    if not (same_text and same_place):
        done.rewritten.append(page)


def _place(region: Region) -> tuple[str, int, int]:
    return region.path, region.start, region.end


def _is_text_of(shown: Shown, page: Page) -> bool:
    return shown.page == page.id and shown.detail != "tombstone"
