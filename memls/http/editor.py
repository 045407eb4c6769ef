"""`/lsp`: our language server over a WebSocket, which is what the chat panel in a browser speaks."""

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from memls.errors import MemlsError
from memls.http.service import Service

_LONGEST = 16 << 20
_FULL, _UNKNOWN = 4429, 4404
"""Codes with which a socket is closed, after the statuses of HTTP."""


class Editors:
    """The sockets that are open, as many as are allowed."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._open = 0

    async def serve(self, socket: WebSocket) -> None:
        """One client, from its first message to its last. The guard has seen the token."""
        socket.scope.setdefault("state", {})["route"] = "WEBSOCKET /lsp"
        if self._open >= self._service.bounds.sockets:
            await socket.close(_FULL)
            return
        try:
            name = self._service.pool.name(socket.query_params.get("repo"))
        except MemlsError:
            await socket.close(_UNKNOWN)
            return
        await socket.accept()
        self._open += 1
        try:
            await self._converse(socket, name)
        finally:
            self._open -= 1

    async def _converse(self, socket: WebSocket, name: str) -> None:
        from memls.lsp.leaving import converse, leave
        from memls.lsp.outgoing import Outgoing
        from memls.lsp.server import Server

        async with self._service.pool.use(name):  # kept open as long as somebody looks at it
            server = Server(self._service.pool.roots[name], secrets.token_hex(16), shown=True)
            writer = Outgoing(socket.send_text, WebSocketDisconnect, RuntimeError)
            server.protocol.set_writer(writer, include_headers=False)
            try:
                await converse(server, _messages(socket))
            finally:
                await leave(server)
                await writer.finish()
                with suppress(RuntimeError):  # it is closed
                    await socket.close()


async def _messages(socket: WebSocket) -> AsyncIterator[bytes | str]:
    with suppress(WebSocketDisconnect):
        while True:
            text = await socket.receive_text()
            if len(text) > _LONGEST:
                return
            yield text
