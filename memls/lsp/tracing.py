"""What a user can see of the conversation between editor and server: `$/setTrace`, and `memls lsp --log`.

Only methods, numbers, times and errors. Never contents: buffers are the user's own, and logs get shared.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from lsprotocol.types import LOG_TRACE, LogTraceParams, TraceValue

Notify = Callable[[str, Any], None]
log = logging.getLogger(__name__)


class Tracing:
    """The messages of one client, as they come and go."""

    def __init__(self, notify: Notify) -> None:
        self.value = TraceValue.Off
        self._notify = notify
        self._asked: dict[int | str, tuple[str, float]] = {}

    @property
    def _on(self) -> bool:
        return self.value != TraceValue.Off or log.isEnabledFor(logging.INFO)

    def told(self, method: str) -> None:
        """A notification came."""
        if self._on:
            self._say(f"← {method}")

    def asked(self, number: int | str, method: str) -> None:
        """A request came."""
        if self._on:
            self._asked[number] = method, time.monotonic()
            self._say(f"← {method} ({number})")

    def answered(self, number: int | str | None, size: int, error: str = "") -> None:
        """A request was answered, with so many bytes."""
        if self._on and number is not None and number in self._asked:
            method, began = self._asked.pop(number)
            milliseconds = (time.monotonic() - began) * 1000
            result = f"error: {error}" if error else f"{size:,} bytes"
            self._say(f"→ {method} ({number}): {milliseconds:.1f} ms", result)

    def _say(self, message: str, verbose: str = "") -> None:
        log.info("%s%s", message, f", {verbose}" if verbose else "")
        if self.value != TraceValue.Off:
            more = verbose if self.value == TraceValue.Verbose and verbose else None
            self._notify(LOG_TRACE, LogTraceParams(message, more))
