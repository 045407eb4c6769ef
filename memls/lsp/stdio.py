"""`memls lsp` over standard input and output.

Both descriptors are taken away from the rest of the process: what anything prints, here or in a process we
start, goes to stderr, and nothing but us reads the client's messages. Reading and writing never block the
loop: a client that writes a large buffer before it reads our answers would wait for us, and we for it.
"""

import asyncio
import os
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from pygls.io_ import StdinAsyncReader, StdoutWriter

from memls.lsp.leaving import converse, end_process, keep_imports, leave_all
from memls.lsp.messages import STREAM_LIMIT, bodies
from memls.lsp.server import Server

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader

_LAST_WORDS = 0.2
"""Seconds in which the last answers reach a client that reads."""


def run(repo: Path | None = None) -> NoReturn:
    """Serve until the client leaves, and end the process: with 0 when it said so by `shutdown`, else 1."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    asyncio.run(_serve(Server(repo), stdin, stdout))
    raise AssertionError("the process has ended")


async def _serve(server: Server, stdin: BinaryIO, stdout: BinaryIO) -> NoReturn:
    keep_imports()
    loop = asyncio.get_running_loop()
    reader, output = await _reader(server, stdin), await _output(server, stdout)
    server.protocol.set_writer(output or StdoutWriter(stdout))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.leaving.set)
    await converse(server, bodies(reader))
    await leave_all([server])
    end = loop.time() + _LAST_WORDS
    while output is not None and output.get_write_buffer_size() and loop.time() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    end_process(0 if server.protocol.was_shut_down else 1)


async def _reader(server: Server, stdin: BinaryIO) -> "AsyncReader":
    """Of a pipe, socket or terminal; of anything else (a file) by a thread."""
    if not _can_wait(stdin):
        return StdinAsyncReader(stdin, server.thread_pool)
    reader = asyncio.StreamReader(limit=STREAM_LIMIT)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
    return reader


async def _output(server: Server, stdout: BinaryIO) -> asyncio.WriteTransport | None:
    """What buffers for a pipe, socket or terminal; None for anything else."""
    if not _can_wait(stdout):
        return None
    connect = asyncio.get_running_loop().connect_write_pipe
    transport, _ = await connect(lambda: _Output(server), stdout)
    return transport


class _Output(asyncio.BaseProtocol):
    """A client that takes no answers any more is gone."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_lost(self, error: Exception | None) -> None:
        self._server.leaving.set()


def _can_wait(stream: BinaryIO) -> bool:
    """Whether an event loop can wait for it: for files and /dev/null it cannot."""
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stream.isatty()
