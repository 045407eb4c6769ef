"""Interrupts from outside wait here until the kernel reaches a safe point: none is lost.

Threads put (an LSP handler: the user goes on talking, or pins a page); the kernel takes. Changed files need
no queue: before every request the kernel compares each page with the file as it is: a storm is one interrupt.
"""

from dataclasses import dataclass, field
from threading import Lock

from memls.memory.pages import PageAction


@dataclass(frozen=True, slots=True)
class Taken:
    """What waited, each kind in its order."""

    messages: list[str] = field(default_factory=list)
    orders: list[tuple[PageAction, str]] = field(default_factory=list)


class InterruptQueue:
    """What the user said and did to pages while the kernel runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = Taken()

    def user(self, message: str) -> None:
        """The user said something while the kernel runs."""
        with self._lock:
            self._taken.messages.append(message)

    def order(self, action: PageAction, handle: str) -> None:
        """The user pinned, unpinned or evicted a page."""
        with self._lock:
            self._taken.orders.append((action, handle))

    def take(self) -> Taken:
        """Everything that waits. The queue is empty after."""
        with self._lock:
            taken, self._taken = self._taken, Taken()
        return taken
