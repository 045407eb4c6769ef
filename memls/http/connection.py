"""A connection that is not held open by a request that never comes to its end."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_SECONDS = 10.0
"""How long the first line and the headers of a request may take to come."""
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(H11Protocol):
    """uvicorn's, which waits only so long for headers. Between two requests its own limit holds."""

    _patience: asyncio.TimerHandle | None = None
    _has_begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._has_begun = self.conn.their_state is h11.IDLE
        if not self._has_begun:
            self._stop_waiting()
        elif self._patience is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self._has_begun:  # who said nothing is told nothing: browsers open connections that they may use
            self.transport.write(_TOO_LATE)
        self.transport.close()
