"""Interrupts from outside wait here until the kernel reaches a safe point: none is lost.

Threads put (an LSP handler: the user goes on talking, pins a page, edits a block); the kernel takes. Changed
files need no queue: before every request the kernel compares each page with the file as it is: a storm is
one interrupt.
"""

from dataclasses import dataclass, field
from threading import Lock

from memls.memory.pages import PageAction


@dataclass(frozen=True, slots=True)
class PageOrder:
    """Pin, unpin or evict a page."""

    action: PageAction
    handle: str


@dataclass(frozen=True, slots=True)
class Bring:
    """Page in what these targets name."""

    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """A working-context block says this from now on."""

    block: str
    text: str


Order = PageOrder | Bring | Edit


@dataclass(frozen=True, slots=True)
class Taken:
    """What waited, each kind in its order."""

    messages: list[str] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


class InterruptQueue:
    """What the user said and ordered while the kernel runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = Taken()
        self._closed = False

    def user(self, message: str) -> None:
        """The user said something while the kernel runs."""
        with self._lock:
            self._taken.messages.append(message)

    def order(self, order: Order) -> bool:
        """The user wants something done to main context. False: the run is over, and nobody takes orders."""
        with self._lock:
            if not self._closed:
                self._taken.orders.append(order)
            return not self._closed

    def take(self) -> Taken:
        """Everything that waits. The queue is empty after."""
        with self._lock:
            taken, self._taken = self._taken, Taken()
        return taken

    def close(self) -> Taken:
        """The same at the end of a run: no order is taken any more."""
        with self._lock:
            self._closed = True
        return self.take()
