"""The sessions that are being answered in this process: one question at a time in each, and orders to them.

Questions come from any number of clients, each on an event loop of its own.
"""

import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memls.agent.interrupts import InterruptQueue
    from memls.agent.session import Session

_PAUSE = 0.02
"""Seconds between looks whether another question of the same session is done."""


class Live:
    """Sessions by name while a kernel works on them. Safe from any thread."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._running: dict[str, tuple[Session, InterruptQueue]] = {}
        self._lock = threading.Lock()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncGenerator[None, None]:
        """Wait until no other question of this session is being answered; inside, none is."""
        import asyncio  # a look-up has a store too, and no time for this

        while not self._take(name):  # noqa: ASYNC110  # they run on event loops of several threads
            await asyncio.sleep(_PAUSE)
        try:
            yield
        finally:
            self._release(name)

    @contextmanager
    def reach(self, name: str) -> "Iterator[tuple[Session, InterruptQueue] | None]":
        """The session and its queue while it is being answered; else None, and inside nothing answers it."""
        while not self._take(name):
            if running := self.get(name):
                yield running
                return
            time.sleep(_PAUSE)
        try:
            yield None
        finally:
            self._release(name)

    def enter(self, session: "Session", queue: "InterruptQueue") -> None:
        """Inside the turn: the session that a kernel works on from now, and where orders to it go."""
        with self._lock:
            self._running[session.name] = session, queue

    def leave(self, name: str) -> None:
        """Inside the turn: no kernel works on the session any more."""
        with self._lock:
            self._running.pop(name, None)

    def get(self, name: str) -> "tuple[Session, InterruptQueue] | None":
        """The session and its queue while it is being answered."""
        with self._lock:
            return self._running.get(name)

    def names(self) -> list[str]:
        """The sessions that are being answered."""
        with self._lock:
            return list(self._running)

    def is_taken(self, name: str) -> bool:
        """Whether somebody is at work on this session."""
        with self._lock:
            return name in self._taken

    def _release(self, name: str) -> None:
        with self._lock:
            self._running.pop(name, None)
            self._taken.discard(name)

    def _take(self, name: str) -> bool:
        with self._lock:
            if name in self._taken:
                return False
            self._taken.add(name)
            return True
