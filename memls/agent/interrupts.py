"""Interrupts from outside wait here until the kernel reaches a safe point: none is lost, whatever the storm.

Threads put (an LSP handler: the user goes on talking); the kernel takes. Changed files need no queue: the
kernel compares each page with the file as it is, before every request, so a storm of events is one interrupt.
"""

from threading import Lock


class InterruptQueue:
    """What the user said while the kernel runs, in order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._messages: list[str] = []

    def user(self, message: str) -> None:
        """The user said something while the kernel runs."""
        with self._lock:
            self._messages.append(message)

    def take(self) -> list[str]:
        """Everything that waits, in order. The queue is empty after."""
        with self._lock:
            messages, self._messages = self._messages, []
        return messages
