"""How the service ends: by the first signal when its answers are done or out of time, by a second at once."""

import asyncio
from collections.abc import Callable
from types import FrameType

import uvicorn

from memls.http.service import Service

_LAST_WORDS = 2.0
"""Seconds in which answers that were cut off say so."""


class Server(uvicorn.Server):
    """uvicorn's, which stops taking connections, waits for answers, and cancels what takes too long."""

    def __init__(self, config: uvicorn.Config, service: Service, tell: Callable[[str], None]) -> None:
        super().__init__(config)
        self._service = service
        self._tell = tell
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """From a signal handler, between two instructions of anything."""
        self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        if self.should_exit:
            self._service.stopping.set()
            self._loop.call_later(_LAST_WORDS, setattr, self, "force_exit", True)
            return
        self.should_exit = True
        drain = self._service.bounds.drain
        self._tell(f"stopping; answers have {drain:g} seconds (a second signal ends them now)")
        self._loop.call_later(drain, self._service.stopping.set)
