"""Requests about conversations: `memls/sessions`, `turns`, `rename`, `forget`, `fork`, `export`, `verify`.

What they take and answer is in `contract`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from memls.errors import NotFoundError
from memls.events import Citation
from memls.lsp.fields import fields, optional, required, rows
from memls.lsp.roots import Root
from memls.text import told_time

if TYPE_CHECKING:
    from memls.lsp.server import Server


async def sessions(server: "Server", params: object) -> dict[str, Any]:
    """Conversations, the latest first."""
    given = fields(params)
    return await _sessions(server.root_for(given), optional(given, "query", str) or "")


async def turns(server: "Server", params: object) -> dict[str, Any]:
    """What was asked in a conversation, and what came of it. A session that was not asked yet has none."""
    given = fields(params)
    found = await server.root_for(given).access.sure("turns", session=required(given, "session"))
    return {"turns": plain_rows(found)}


async def rename(server: "Server", params: object) -> dict[str, Any]:
    """Give a conversation a title."""
    given = fields(params)
    root, title = server.root_for(given), optional(given, "title", str)
    if title is None:
        raise JsonRpcInvalidParams("`title` is missing")
    found = await root.access.sure("rename", session=required(given, "session"), title=title)
    return {"sessions": plain_rows(found)}


async def forget(server: "Server", params: object) -> dict[str, Any]:
    """Delete a conversation with everything in it."""
    given = fields(params)
    root, name = server.root_for(given), required(given, "session")
    if not await root.access.sure("forget", what=name, session=True):
        raise NotFoundError(f"no session is named {name!r}")
    return await _sessions(root, "")


async def fork(server: "Server", params: object) -> dict[str, Any]:
    """A new session that remembers the turns before one."""
    given = fields(params)
    root, turn = server.root_for(given), optional(given, "turn", int)
    if turn is None:
        raise JsonRpcInvalidParams("`turn` is missing")
    return {"session": await root.access.sure("fork", session=required(given, "session"), turn=turn)}


async def export(server: "Server", params: object) -> dict[str, Any]:
    """A conversation as Markdown."""
    given = fields(params)
    found = await server.root_for(given).access.sure("export", session=required(given, "session"))
    return {"markdown": found}


async def verify(server: "Server", params: object) -> dict[str, Any]:
    """Citations of earlier answers as they hold now."""
    given = fields(params)
    given_rows = rows(given, "citations", Citation)
    found = await server.root_for(given).access.sure("verify", citations=given_rows)
    return {"citations": plain_rows(found)}


async def _sessions(root: Root, query: str) -> dict[str, Any]:
    return {"sessions": plain_rows(await root.access.sure("sessions", query=query))}


def plain_rows(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Dataclasses as JSON."""
    return [_plain(asdict(row)) for row in found]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: told_time(v) if isinstance(v, datetime) else v for k, v in row.items()}
