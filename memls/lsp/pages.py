"""Requests about a session's main context: `memls/context`, `pin`, `unpin`, `evict`, `page_in`, `block`."""

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from memls.lsp.context import context_uri
from memls.lsp.fields import fields, optional, required, texts
from memls.lsp.models import model_info

if TYPE_CHECKING:
    from memls.lsp.server import Server
    from memls.memory.pages import PageAction


async def context(server: "Server", params: object) -> dict[str, Any]:
    """The main context of a session: pages, working context, summary, and what it takes of the window."""
    given = fields(params)
    session = required(given, "session")
    found = await server.root_for(given).access.sure("context", session=session, **_window(server))
    return dict(found)


async def pin(server: "Server", params: object) -> dict[str, Any]:
    """Keep a page (`page`: its handle) in the window whatever the pressure; the context then."""
    return await _page(server, params, "pin")


async def unpin(server: "Server", params: object) -> dict[str, Any]:
    """Let a pinned page go again when room is needed."""
    return await _page(server, params, "unpin")


async def evict(server: "Server", params: object) -> dict[str, Any]:
    """Have a page leave the window at the next compaction."""
    return await _page(server, params, "evict")


async def page_in(server: "Server", params: object) -> dict[str, Any]:
    """Bring code into the window, at the next safe point where the session runs."""
    given = fields(params)
    return await _changed(server, given, "page_in", targets=texts(given, "targets"), **_window(server))


async def block(server: "Server", params: object) -> dict[str, Any]:
    """Edit a block of the working context."""
    given = fields(params)
    name, text = required(given, "name"), optional(given, "text", str)
    if text is None:
        raise JsonRpcInvalidParams("`text` is missing")
    return await _changed(server, given, "block", name=name, text=text, **_window(server))


async def _page(server: "Server", params: object, action: "PageAction") -> dict[str, Any]:
    given = fields(params)
    return await _changed(server, given, "page", action=action, handle=required(given, "page"))


async def _changed(server: "Server", given: dict[str, Any], method: str, **params: Any) -> dict[str, Any]:
    session = required(given, "session")
    found = await server.root_for(given).access.sure(method, session=session, **params)
    server.shown.refresh(context_uri(session))
    return dict(found)


def _window(server: "Server") -> dict[str, int]:
    """The window that a question would have, where that is known."""
    window = model_info(server.settings)["window"]
    return {"window": window} if window else {}
