"""`memls lsp --tcp` and `--websocket`: many clients of one process, each with a server of its own.

Whoever connects has to show the token in `initializationOptions`; over a WebSocket it may stand in the
address too (`?token=…`), for what it is worth in a browser's history. Only loopback unless the user says
otherwise.
"""

import asyncio
import contextlib
import hmac
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qs, urlsplit

from memls.errors import MachineError, UsageError
from memls.listening import split_address, token_of
from memls.lsp.leaving import converse, end_process, keep_imports, leave, leave_all
from memls.lsp.messages import STREAM_LIMIT, bodies
from memls.lsp.outgoing import Outgoing
from memls.lsp.server import Server

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

_LONGEST = 64 << 20
"""Bytes of a WebSocket message: a buffer of any sense, and no more."""
_GREETING = 30.0
"""Seconds in which a client has to show the token."""


def run(address: str, repo: Path | None, token_file: Path, tell: Callable[[str], None], *, web: bool) -> int:
    """Serve until interrupted. `address` is HOST:PORT; port 0 takes a free one, which is told."""
    host, port = split_address(address)
    token = token_of(token_file)

    def told(bound: int) -> None:
        scheme = "ws" if web else "tcp"
        tell(f"listening on {scheme}://{host}:{bound}, token in {token_file}")

    try:
        asyncio.run((_serve_web if web else _serve_tcp)(host, port, repo, token, told))
    except OSError as error:
        raise MachineError(f"cannot listen on {address}: {error.strerror or error}") from error
    return 0


async def _serve_tcp(
    host: str, port: int, repo: Path | None, token: str, told: Callable[[int], None]
) -> NoReturn:
    clients: set[Server] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(repo, token)
        server.protocol.set_writer(_Drained(writer))
        await _session(server, bodies(reader), clients)
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()

    listener = await asyncio.start_server(connected, host, port, limit=STREAM_LIMIT)
    await _until_interrupted(lambda: told(listener.sockets[0].getsockname()[1]))
    listener.close()
    await leave_all(clients)
    end_process(0)


async def _serve_web(
    host: str, port: int, repo: Path | None, token: str, told: Callable[[int], None]
) -> NoReturn:
    try:
        from websockets.asyncio.server import serve
        from websockets.exceptions import ConnectionClosed
    except ImportError:
        raise UsageError("--websocket needs the package websockets: pip install 'memls[websocket]'") from None

    clients: set[Server] = set()

    async def connected(socket: "ServerConnection") -> None:
        query = parse_qs(urlsplit(socket.request.path if socket.request else "").query)
        shown = hmac.compare_digest(query.get("token", [""])[0].encode("utf-8", "replace"), token.encode())
        server = Server(repo, token, shown=shown)
        writer = Outgoing(socket.send, ConnectionClosed)
        server.protocol.set_writer(writer, include_headers=False)
        await _session(server, _messages(socket), clients)
        await writer.finish()

    listener = await serve(connected, host, port, max_size=_LONGEST)
    await _until_interrupted(lambda: told(next(iter(listener.sockets)).getsockname()[1]))
    listener.close(close_connections=False)
    await leave_all(clients)
    end_process(0)


async def _messages(socket: "ServerConnection") -> AsyncIterator[bytes | str]:
    """Every message of a WebSocket."""
    async for message in socket:
        yield message
        await asyncio.sleep(0)


async def _session(server: Server, messages: AsyncIterator[bytes | str], clients: set[Server]) -> None:
    """One client from its first message to its last. Who does not say who they are is sent away."""
    clients.add(server)
    greeting = asyncio.get_running_loop().call_later(_GREETING, _dismiss, server)
    try:
        await converse(server, messages)
        await leave(server)
    finally:
        greeting.cancel()
        clients.discard(server)


def _dismiss(server: Server) -> None:
    if not server.protocol.accepted:
        server.leaving.set()


async def _until_interrupted(ready: Callable[[], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ready()
    keep_imports()
    await stop.wait()


class _Drained:
    """A stream as pygls writes to it: it never waits, and what is gone takes nothing."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(data)

    def close(self) -> None:
        self._writer.close()
