"""`memls lsp` over standard input and output.

Both descriptors are taken away from the rest of the process: what anything prints, here or in a process we
start, goes to stderr, and nothing but us reads the client's messages. Reading and writing never block the
loop: a client that writes a large buffer before it reads our answers would wait for us, and we for it.
"""

import asyncio
import contextlib
import logging
import os
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async

from memls.lsp.leaving import leave, log_to_stderr
from memls.lsp.server import Server

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader


def run(repo: Path | None = None) -> int:
    """Serve until the client leaves. 0 when it said so by `shutdown`, else 1."""
    log_to_stderr()
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    return asyncio.run(_serve(Server(repo), stdin, stdout))


async def _serve(server: Server, stdin: BinaryIO, stdout: BinaryIO) -> int:
    loop = asyncio.get_running_loop()
    reader, output = await _reader(server, stdin), await _output(stdout)
    server.protocol.set_writer(output or StdoutWriter(stdout))
    messages = asyncio.ensure_future(
        run_async(server.leaving, reader, server.protocol, logging.getLogger("pygls.server"))
    )
    server.on_leaving(messages.cancel)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, messages.cancel)
    with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
        await messages
    at_rest = await leave(server)
    for _ in range(20):
        if output is None or not output.get_write_buffer_size():
            break
        await asyncio.sleep(0.01)
    code = 0 if server.protocol.was_shut_down else 1
    if not at_rest:
        os._exit(code)  # a transaction is whole or nothing: the databases survive it
    return code


async def _reader(server: Server, stdin: BinaryIO) -> "AsyncReader":
    """Of a pipe, socket or terminal; of anything else (a file) by a thread."""
    if not _can_wait(stdin):
        return StdinAsyncReader(stdin, server.thread_pool)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
    return reader


async def _output(stdout: BinaryIO) -> asyncio.WriteTransport | None:
    """What buffers for a pipe, socket or terminal; None for anything else."""
    if not _can_wait(stdout):
        return None
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, stdout)
    return transport


def _can_wait(stream: BinaryIO) -> bool:
    """Whether an event loop can wait for it: for files and /dev/null it cannot."""
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stream.isatty()
