"""Requests of our own: `memls/ask` with its `memls/event` notifications, `memls/search`, `memls/status`.

`memls/ask` is a request and not a command: cancelling `workspace/executeCommand` leaves its work running.
Parameters come from editors' configurations by hand, so they are checked one by one; the model's endpoint and
key come from the environment alone.
"""

import asyncio
import uuid
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from pygls.exceptions import JsonRpcInvalidParams

from memls.config import model_config
from memls.errors import MemlsError, UsageError
from memls.events import Done, as_json
from memls.lsp.convert import Client

if TYPE_CHECKING:
    from memls.lsp.server import Server
    from memls.workspace import Workspace

ASK = "memls/ask"
SEARCH = "memls/search"
STATUS = "memls/status"
EVENT = "memls/event"
REQUESTS = frozenset({ASK, SEARCH, STATUS})

T = TypeVar("T", str, int)
_MOST_HITS = 1000


async def ask(server: "Server", params: object) -> dict[str, Any]:
    """The answer, as `memls ask --format json` prints it. Waits for the index: cancel it to stop waiting.

    `token` comes back in each event, so that a client can tell the questions apart.
    """
    given = _fields(params)
    question = _field(given, "question", str, "")
    session = _field(given, "session", str, None)
    window, name = _field(given, "window", int, None), _field(given, "model", str, None)
    if not question.strip():
        raise JsonRpcInvalidParams("memls/ask: `question` is missing or empty")
    workspace = await server.indexed()
    from memls.agent.conversation import AskOptions

    # A name of our own: two questions at once would be given the same one.
    options = AskOptions(model_config(name, window), session or f"chat-{uuid.uuid4().hex[:8]}", watch=False)
    async with server.session_lock(session), aclosing(workspace.ask(question, options)) as events:
        async for event in events:
            server.protocol.notify(EVENT, {**as_json(event), "token": given.get("token")})
            if isinstance(event, Done):
                return event.result.as_json()
    raise MemlsError("the question ended without an answer")


def search(workspace: "Workspace", client: Client, params: object) -> dict[str, Any]:
    """Hits as `memls search --json` has them, how many there are in all, near names where there is none."""
    given = _fields(params)
    kind = _field(given, "kind", str, "auto")
    if kind not in ("auto", "symbol", "text", "regex"):
        raise UsageError(f"memls/search: unknown kind {kind!r}; known: auto, symbol, text, regex")
    limit, offset = _field(given, "limit", int, 20), _field(given, "offset", int, 0)
    found = workspace.search(
        _field(given, "query", str, ""),
        kind,
        _field(given, "path", str, None),
        max(1, min(limit, _MOST_HITS)),
        max(0, offset),
    )
    return asdict(found)


NO_HITS: dict[str, Any] = {"hits": [], "total": 0, "near": []}
"""What `memls/search` answers before the index is open."""


async def status(server: "Server", params: object) -> dict[str, Any]:
    """`state` (none, opening, indexing, ready, failed), and what is indexed as soon as the index is open."""
    project = server.project
    done, total = project.progress
    about = {"state": project.state, "error": project.error, "done": done, "total": total}
    workspace = project.workspace
    if workspace is None:
        return about
    found = await asyncio.to_thread(workspace.status)
    return {"root": str(workspace.root), **about, **asdict(found)}


def _fields(params: object) -> dict[str, Any]:
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise JsonRpcInvalidParams("the parameters must be an object")
    return params


def _field(given: dict[str, Any], name: str, kind: type[T], default: Any) -> Any:
    value = given.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise JsonRpcInvalidParams(f"`{name}` must be a {'number' if kind is int else 'string'}")
    return value
