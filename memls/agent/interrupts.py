"""Interrupts wait here until the kernel reaches a safe point: none is lost, and a storm becomes one.

Threads (the watcher, an LSP handler) put; the kernel takes. Changed files of any number of events come out
as one interrupt with each path once.
"""

from collections.abc import Iterable
from threading import Lock


class InterruptQueue:
    """User messages in order, changed paths as a set, and whether the index has caught up."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._messages: list[str] = []
        self._paths: set[str] = set()
        self._generation: int | None = None

    def user(self, message: str) -> None:
        """The user said something while the kernel runs."""
        with self._lock:
            self._messages.append(message)

    def files_changed(self, paths: Iterable[str], generation: int) -> None:
        """The index has committed changes of these files as `generation`."""
        with self._lock:
            self._paths.update(paths)
            self._generation = generation

    def take(self) -> tuple[list[str], frozenset[str]]:
        """Everything that waits: user messages in order, and changed paths. The queue is empty after."""
        with self._lock:
            messages, paths = self._messages, frozenset(self._paths)
            self._messages, self._paths = [], set()
        return messages, paths
