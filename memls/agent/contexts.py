"""Main contexts as their users see and change them: pages, blocks, what fills the window.

A session that is being answered takes orders at its next safe point; one at rest is changed where it is kept.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from memls.agent.interrupts import Bring, Edit, InterruptQueue, Order, PageOrder
from memls.agent.live import Live
from memls.agent.orders import obey
from memls.agent.session import Memory, Repository, Session, open_session, saved_state
from memls.config import DEFAULT_WINDOW
from memls.errors import NotFoundError
from memls.memory.blocks import TASK
from memls.memory.pages import PageAction
from memls.memory.recall import Recall

_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Contexts:
    """The sessions of one repository. `window` is that of a session that never ran, in tokens."""

    repository: Repository
    memory: Memory
    live: Live
    window: int = DEFAULT_WINDOW

    def show(self, name: str) -> dict[str, Any]:
        """A session's main context as data. Raises NotFoundError where there is no such session."""
        running = self.live.get(name)
        session = running[0] if running else self.open(name)
        parts = session.parts()
        return {
            "session": name,
            "running": running is not None,
            "window": session.budget.window,
            "tokens": sum(parts.values()) - parts["reserve"],
            "parts": parts,
            "blocks": session.blocks.texts(),
            "block_limits": session.blocks.limits(),
            "summary": session.context.summary,
            "pages": [asdict(info) for info in session.context.pages.infos()],
        }

    def page(self, name: str, action: PageAction, handle: str) -> dict[str, Any]:
        """Pin, unpin or evict a page; the context then. Raises NotFoundError for no such session or page."""
        running = self.live.get(name)
        session = running[0] if running else self.open(name)
        if session.context.pages.get(handle) is None:
            raise NotFoundError(f"session {name} has no page {handle}")
        return self._order(name, PageOrder(action, handle))

    def page_in(self, name: str, targets: Sequence[str]) -> dict[str, Any]:
        """Page in what targets name, as far as there is room. A session that is not there is opened.

        Raises NotFoundError where none of them names anything, unless the session runs.
        """
        return self._order(name, Bring(tuple(targets)), new=True)

    def block(self, name: str, block: str, text: str) -> dict[str, Any]:
        """Edit a working-context block; other sessions that run hear of those that they share."""
        running = self.live.get(name)
        (running[0] if running else self.open(name, new=True)).blocks.check(block, text)
        edit = Edit(block, text)
        shown = self._order(name, edit, new=True)
        if block != TASK:
            for other in self.live.names():
                if other != name and (found := self.live.get(other)):
                    found[1].order(edit)
        return shown

    def open(self, name: str, *, new: bool = False) -> Session:
        """A session as it is kept. Raises NotFoundError where there is none, unless it may be `new`."""
        recall = Recall(self.memory.database)
        saved = recall.load_state(name)
        if saved is None and not new and not recall.has(name):
            raise NotFoundError(f"no session is named {name!r}; see memls memory list")
        window = int((saved or {}).get("window", 0)) or self.window
        return open_session(name, self.repository, self.memory, window, saved)

    def settle(self, name: str, queue: InterruptQueue) -> None:
        """At the end of a run, inside its turn: what came too late for it is done to the session at rest."""
        self.live.leave(name)
        orders = queue.close().orders
        if orders:
            self._rest(name, orders, new=True)

    def _order(self, name: str, order: Order, *, new: bool = False) -> dict[str, Any]:
        while True:
            with self.live.reach(name) as running:
                if running is None:
                    if failure := self._rest(name, [order], new=new):
                        raise NotFoundError(failure)
                    break
                if running[1].order(order):
                    break
            time.sleep(_PAUSE)  # its run is ending
        return self.show(name)

    def _rest(self, name: str, orders: Sequence[Order], *, new: bool) -> str:
        """Carry orders out on a session that nobody answers. Gives what could not be done."""
        session = self.open(name, new=new)
        failures = [obey(session, order, running=False) for order in orders]
        session.recall.save_state(name, saved_state(session))
        return "; ".join(filter(None, failures))
