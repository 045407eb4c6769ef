"""Requests of our own: the table of all, and `memls/search`, `status`, `index` and `memory`.

What they take and answer is in `contract`. Each takes an object; `root` (a folder's uri) or `uri` (a file's)
says which repository is meant where the client has several open, else it is the first. The commands of plain
editors end here too.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from memls import __version__
from memls.errors import UsageError
from memls.lsp import ask, conversations, lookups, pages
from memls.lsp.context import context_uri
from memls.lsp.conversations import plain_rows
from memls.lsp.fields import fields, flag, optional, required
from memls.lsp.models import model_info

if TYPE_CHECKING:
    from memls.lsp.server import Server

_MOST_HITS = 1000
_STATES = {"closed": "failed"}
NOTHING: dict[str, Any] = {"hits": [], "total": 0, "near": []}
"""What `memls/search` answers before the index is open."""


async def search(server: "Server", params: object) -> dict[str, Any]:
    """Hits as `memls search --json` has them, how many there are in all, near names where there is none."""
    given = fields(params)
    kind = optional(given, "kind", str) or "auto"
    if kind not in ("auto", "symbol", "text", "regex"):
        raise UsageError(f"memls/search: unknown kind {kind!r}; known: auto, symbol, text, regex")
    found = await server.root_for(given).access.call(
        "search",
        query=optional(given, "query", str) or "",
        kind=kind,
        path=optional(given, "path", str),
        limit=max(1, min(optional(given, "limit", int) or 20, _MOST_HITS)),
        offset=max(0, optional(given, "offset", int) or 0),
    )
    return asdict(found) if found is not None else NOTHING


async def status(server: "Server", params: object) -> dict[str, Any]:
    """`state` (none, opening, indexing, ready, failed), and what is indexed as soon as the index is open."""
    given = fields(params)
    common = {"version": __version__, "model": model_info(server.settings)}
    if not len(server.roots):
        return {"state": "none", "error": "", "done": 0, "total": 0, **common}
    root = server.root_for(given)
    access = root.access
    done, total = access.progress
    about = {
        "root": str(root.path), "state": _STATES.get(access.state, access.state), "error": access.error,
        "done": done, "total": total, "owner": access.owner, **common,
    }  # fmt: skip
    found = await access.call("status") if access.state in ("indexing", "ready") else None
    return about if found is None else {**about, **asdict(found)}


async def index(server: "Server", params: object) -> dict[str, Any]:
    """Bring the index up to date, from nothing with `force`; the status when that is done."""
    given = fields(params)
    await server.root_for(given).access.index(force=flag(given, "force"))
    return await status(server, params)


async def memory(server: "Server", params: object) -> dict[str, Any]:
    """What is remembered. `action`: `list` (default), `show` or `forget` (`what`), `remember` (`text`)."""
    given = fields(params)
    access = server.root_for(given).access
    action = optional(given, "action", str) or "list"
    if action == "list":
        sessions, notes = await access.call("sessions"), await access.call("notes")
        return {"sessions": plain_rows(sessions or []), "notes": plain_rows(notes or [])}
    if action == "show":
        return {
            "messages": plain_rows(await access.call("transcript", session=required(given, "what")) or [])
        }
    if action == "forget":
        return {"forgotten": bool(await access.call("forget", what=required(given, "what")))}
    if action == "remember":
        return {"note": await _remember(server, given, required(given, "text"))}
    raise UsageError(f"memls/memory: unknown action {action!r}; known: list, show, forget, remember")


async def remember_command(server: "Server", arguments: list[Any]) -> dict[str, Any]:
    """`memls.remember`: a note on a symbol. Without `text`, that the user marked it as worth knowing."""
    given = fields(arguments[0] if arguments else None)
    text = optional(given, "text", str) or f"The user marked {optional(given, 'symbol', str)} as important."
    number = await _remember(server, given, text)
    server.window_show_message(
        types.ShowMessageParams(types.MessageType.Info, f"remembered as note {number}")
    )
    return {"note": number}


async def context_command(server: "Server", arguments: list[Any]) -> str:
    """`memls.context`: show the page table of a session, the last one where none is named."""
    given = fields(arguments[0] if arguments else None)
    session = optional(given, "session", str) or server.shown.last_session
    if not session:
        raise UsageError("nothing was asked yet: there is no session to show")
    uri = context_uri(session)
    text = await server.shown.document(uri)
    if server.shown.shows_documents and server.shown.has_documents:
        await server.shown.open(uri)
    return text


async def _remember(server: "Server", given: dict[str, Any], text: str) -> int:
    uri = optional(given, "uri", str)
    found = server.roots.of(uri) if uri else None
    root = found[0] if found else server.root_for(given)
    path = found[1] if found else ""
    symbol = optional(given, "symbol", str) or ""
    number = await root.access.call("remember", text=text, path=path, symbol=symbol)
    if number is None:
        raise UsageError("the repository is not open yet: try again in a moment")
    return int(number)


REQUESTS = {
    ask.ASK: ask.ask,
    "memls/search": search,
    "memls/status": status,
    "memls/index": index,
    "memls/context": pages.context,
    "memls/pin": pages.pin,
    "memls/unpin": pages.unpin,
    "memls/evict": pages.evict,
    "memls/page_in": pages.page_in,
    "memls/block": pages.block,
    "memls/sessions": conversations.sessions,
    "memls/turns": conversations.turns,
    "memls/rename": conversations.rename,
    "memls/forget": conversations.forget,
    "memls/fork": conversations.fork,
    "memls/export": conversations.export,
    "memls/verify": conversations.verify,
    "memls/read": lookups.read,
    "memls/mentions": lookups.mentions,
    "memls/suggestions": lookups.suggestions,
    "memls/memory": memory,
}
COMMANDS = {
    ask.ASK_COMMAND: ask.ask_command,
    "memls.remember": remember_command,
    "memls.context": context_command,
}
