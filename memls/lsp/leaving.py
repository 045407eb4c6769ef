"""The end of a client's server, and what is logged while it lives."""

import asyncio
import logging
import multiprocessing
import sys
from typing import TYPE_CHECKING

from memls.text import visible

if TYPE_CHECKING:
    from memls.lsp.server import Server

_PATIENCE = 1.2
"""Seconds for questions to stop and databases to close. Editors kill a server that takes much longer."""


async def leave(server: "Server") -> bool:
    """Stop what runs for a client and let go of its repositories. Whether all of it is done in time."""
    server.leaving.set()
    work = asyncio.ensure_future(server.close())
    done, _ = await asyncio.wait([work], timeout=_PATIENCE / 2)
    if not done:  # a batch of the index takes long: end those who read it
        for worker in multiprocessing.active_children():
            worker.kill()
        done, _ = await asyncio.wait([work], timeout=_PATIENCE / 2)
    return bool(done)


def log_to_stderr() -> None:
    """Warnings and errors, one line each: pygls logs whole messages below that."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("memls: %(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _Line(logging.Formatter):
    """Tracebacks only with `--debug`; nothing in a message moves a terminal's cursor."""

    def format(self, record: logging.LogRecord) -> str:
        if "--debug" not in sys.argv:
            error = record.exc_info[1] if record.exc_info else None
            record.exc_info = record.exc_text = None
            record.msg, record.args = f"{record.getMessage()}{f': {error}' if error else ''}", None
            return visible(super().format(record)).replace("\n", " ")
        return super().format(record)
