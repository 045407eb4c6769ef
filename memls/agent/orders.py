"""What the user has done to a session's main context: at a safe point of its run, or while it is at rest."""

from memls.agent import prompts
from memls.agent.interrupts import Bring, Edit, Order, PageOrder
from memls.agent.paging import Pager
from memls.agent.session import Session
from memls.events import Interrupt, PageOut
from memls.memory.pages import Shown
from memls.text import visible

_SHARE = 0.6
"""Of the room that results may take: what a run has just read needs some too."""


def obey(session: Session, order: Order, *, running: bool) -> str:
    """Carry out an order. Gives what could not be done, in a line, else an empty text."""
    if isinstance(order, PageOrder):
        return _page(session, order)
    if isinstance(order, Bring):
        return _bring(session, order)
    session.blocks.set(order.block, order.text)
    if running:
        _tell(session, order)
    return ""


def _page(session: Session, order: PageOrder) -> str:
    page = session.context.pages.obey(order.action, order.handle, session.step)
    if page is None:
        return f"session {session.name} has no page {order.handle}"
    if order.action == "evict":
        gone = page.show("tombstone")
        # at once, unlike the model's own page-outs: who makes room wants to see it
        session.context.queue.replace_shown(
            lambda shown: gone if shown.page == gone.page and shown.detail != "tombstone" else None
        )
        session.events.append(PageOut(page.info(), "evicted by the user"))
    return ""


def _bring(session: Session, order: Bring) -> str:
    session.open_room()
    session.room = int(session.room * _SHARE)
    found, some = Pager(session).page_in(order.targets, "full")
    parts = [visible(part) if isinstance(part, str) else part for part in found]
    told = [part for part in parts if isinstance(part, str)]
    if any(isinstance(part, Shown) for part in parts):
        session.context.queue.append("interrupt", prompts.BROUGHT, *parts)
        session.events.append(Interrupt("page_in", " ".join([prompts.BROUGHT, *told])))
        return ""
    return "" if some else "; ".join(told)


def _tell(session: Session, edit: Edit) -> None:
    """The prefix stays as it is until it is compacted (invariant 12), so an edit is news."""
    text = visible(session.blocks.get(edit.block))
    words = prompts.EDITED if text else prompts.CLEARED
    news = words.format(block=edit.block, text=text)
    session.context.queue.append("interrupt", news)
    session.events.append(Interrupt("block", news))
