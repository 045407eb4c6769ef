"""Requests about code for a client's own interface: `memls/read`, `mentions`, `suggestions`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from memls.lsp.conversations import plain_rows
from memls.lsp.fields import fields, optional, required

if TYPE_CHECKING:
    from memls.lsp.server import Server

_MENTIONS, _MOST_MENTIONS = 20, 200


async def read(server: "Server", params: object) -> dict[str, Any]:
    """Lines of a file as the client sees them."""
    given = fields(params)
    start, end = optional(given, "start", int), optional(given, "end", int)
    if start is None or end is None:
        raise JsonRpcInvalidParams("`start` and `end` are lines of the file, from 1")
    path = required(given, "path")
    return asdict(await server.root_for(given).access.sure("read", path=path, start=start, end=end))


async def mentions(server: "Server", params: object) -> dict[str, Any]:
    """What `@` completes to: files and symbols that match what was typed so far, the likeliest first."""
    given = fields(params)
    query = optional(given, "query", str) or ""
    limit = max(1, min(optional(given, "limit", int) or _MENTIONS, _MOST_MENTIONS))
    found = await server.root_for(given).access.sure("mentions", query=query, limit=limit)
    return {"mentions": plain_rows(found)}


async def suggestions(server: "Server", params: object) -> dict[str, Any]:
    """Questions that make a good start in this repository."""
    given = fields(params)
    return {"questions": await server.root_for(given).access.sure("suggestions")}
