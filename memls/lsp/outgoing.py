"""What a server says over a socket that takes a message at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

_LAST_WORDS = 0.5
"""Seconds that a client is given to take what is left."""


class Outgoing:
    """A WebSocket as pygls writes to it: messages go out in their order."""

    def __init__(self, send: Callable[[str], Awaitable[Any]], *gone: type[Exception]) -> None:
        """`gone`: what `send` raises when the client is."""
        self._send = send
        self._gone = gone
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._sending = asyncio.create_task(self._run())

    def write(self, data: bytes) -> None:
        self._queue.put_nowait(data.decode("utf-8"))

    async def finish(self) -> None:
        """Send what is left, and no more."""
        self._queue.put_nowait(None)
        await asyncio.wait([self._sending], timeout=_LAST_WORDS)
        self._sending.cancel()

    def close(self) -> None:
        self._sending.cancel()

    async def _run(self) -> None:
        with suppress(*self._gone):
            while (text := await self._queue.get()) is not None:
                await self._send(text)
