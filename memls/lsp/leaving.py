"""The life of a connection, the end of a client's server and of the process, and what is logged meanwhile."""

import asyncio
import gc
import logging
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from memls.errors import UsageError
from memls.text import visible

if TYPE_CHECKING:
    from memls.lsp.server import Server

_PATIENCE = 1.2
"""Seconds for questions to stop and databases to close. Editors kill a server that takes much longer."""
log = logging.getLogger(__name__)


async def converse(server: "Server", messages: AsyncIterator[bytes | str]) -> None:
    """Give the server every message of a client, until one of them leaves."""
    reading = asyncio.ensure_future(_read(server, messages))
    leaving = asyncio.ensure_future(server.leaving.wait())
    try:
        await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.leaving.set()
        reading.cancel()
        leaving.cancel()


async def _read(server: "Server", messages: AsyncIterator[bytes | str]) -> None:
    try:
        async for message in messages:
            try:
                server.protocol.receive(message)
            except Exception:
                log.exception("a message cannot be taken in")
            if server.leaving.is_set():
                return
    except OSError:
        return  # the client is gone
    except Exception:
        log.exception("messages cannot be read")


async def leave(server: "Server") -> None:
    """Stop what runs for one client of several, and let go of its repositories."""
    await asyncio.wait([asyncio.ensure_future(server.close())], timeout=_PATIENCE)


async def leave_all(servers: Iterable["Server"]) -> None:
    """The same for every client of a process that ends."""
    closing = [asyncio.ensure_future(server.close()) for server in servers]
    if not closing:
        return
    _, late = await asyncio.wait(closing, timeout=_PATIENCE / 2)
    if late:  # a batch of the index takes long: end those who read it
        for worker in multiprocessing.active_children():
            worker.kill()
        await asyncio.wait(late, timeout=_PATIENCE / 2)


def end_process(code: int) -> NoReturn:
    """End without waiting for threads: one may be in the middle of a long query.

    A transaction is whole or nothing, so that the databases survive it.
    """
    sys.stderr.flush()
    os._exit(code)


_COLLECTIONS = (50_000, 20, 20)
"""Objects made, and younger collections, before the garbage collector looks."""


def keep_imports() -> None:
    """Have the garbage collector not look at what was imported again and again, for 50 ms each time.

    It looks less often, too: a long answer is no garbage, and looking was a fifth of its time.
    For a process that ends by `end_process`: else DuckDB's binding takes what is kept for leaks, and says so.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def start_log(file: Path | None = None) -> None:
    """Warnings and errors to stderr, one line each: pygls logs whole messages below that.

    To a file also each message's method and time, never its contents.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("memls: %(levelname)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    if file is None:
        return
    try:
        file.touch(mode=0o600)
        to_file = logging.FileHandler(file, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot write the log to {file}: {error.strerror or error}") from error
    to_file.setFormatter(_Line("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(to_file)
    logging.getLogger("memls").setLevel(logging.INFO)


class _Line(logging.Formatter):
    """Tracebacks only with `--debug`; nothing in a message moves a terminal's cursor."""

    def format(self, record: logging.LogRecord) -> str:
        if "--debug" not in sys.argv:
            error = record.exc_info[1] if record.exc_info else None
            record.exc_info = record.exc_text = None
            record.msg, record.args = f"{record.getMessage()}{f': {error}' if error else ''}", None
            return visible(super().format(record)).replace("\n", " ")
        return super().format(record)
