"""Looking things up: search, references, lines, status, and what is remembered."""

from dataclasses import asdict
from typing import Any

from memls.errors import NotFoundError, UsageError
from memls.http.routes import Call
from memls.http.service import Service
from memls.index.edges import edge_row
from memls.owner.remote import METHODS, converter


async def repositories(service: Service, call: Call) -> Any:
    """Those that are served; of the open ones also what they are at."""
    opened = service.pool.opened
    return [
        {"name": name, "state": opened[name].state if name in opened else "closed"}
        for name in service.pool.roots
    ]


async def search(service: Service, call: Call) -> Any:
    """As `memls search --json`, with the total."""
    values = call.values
    async with service.ready(call.repository) as access:
        found = await access.sure(
            "search", query=values["query"], kind=values["kind"], path=values.get("path"),
            limit=values["limit"], offset=values["offset"],
        )  # fmt: skip
    return {"hits": [asdict(hit) for hit in found.hits], "total": found.total, "near": list(found.near)}


async def references(service: Service, call: Call) -> Any:
    """As `memls refs --json`."""
    kind = call.values["kind"]
    async with service.ready(call.repository) as access:
        edges = await access.sure("references", target=call.values["target"], kind=kind)
    return [edge_row(edge, outward=kind in ("callees", "definition")) for edge in edges]


async def read(service: Service, call: Call) -> Any:
    """Lines of a file that is indexed."""
    start = call.values["start"]
    end = call.values.get("end", start + 199)
    if end < start:
        raise UsageError(f"end {end} is before start {start}")
    return await _plain(service, call, "read", path=call.values["path"], start=start, end=end)


async def status(service: Service, call: Call) -> Any:
    """As `memls status --json`, without the folder, and how far the index is."""
    async with service.pool.use(call.repository) as access:
        await access.until_open()
        found = converter().unstructure(await access.call("status"), METHODS["status"])
        done, total = access.progress
        return {**found, "state": access.state, "done": done, "total": total}


async def sessions(service: Service, call: Call) -> Any:
    return await _plain(service, call, "sessions", query=call.values.get("query", ""))


async def session(service: Service, call: Call) -> Any:
    return await _plain(service, call, "turns", session=call.values["session"])


async def forget_session(service: Service, call: Call) -> Any:
    name = call.values["session"]
    if not await _plain(service, call, "forget", what=name, session=True):
        raise NotFoundError(f"no session is named {name!r}")


async def context(service: Service, call: Call) -> Any:
    """The main context of a session: its pages, blocks, summary and size."""
    return await _plain(service, call, "context", session=call.values["session"])


async def memory(service: Service, call: Call) -> Any:
    """Notes and blocks."""
    notes = await _plain(service, call, "notes")
    return {"notes": notes, "blocks": await _plain(service, call, "blocks")}


async def remember(service: Service, call: Call) -> Any:
    """Keep a note; its number."""
    body = call.body
    given = {"text": body["text"], "path": body.get("path", ""), "symbol": body.get("symbol", "")}
    return {"id": await _plain(service, call, "remember", **given)}


async def forget_note(service: Service, call: Call) -> Any:
    number = call.values["note"]
    if not await _plain(service, call, "forget", what=f"note:{number}"):
        raise NotFoundError(f"there is no note {number}")


async def _plain(service: Service, call: Call, method: str, **params: Any) -> Any:
    """What a method of `Workspace` answers, as JSON."""
    async with service.ready(call.repository) as access:
        return converter().unstructure(await access.sure(method, **params), METHODS[method])
