"""The server: tools for questions and look-ups, pages as resources. Any number of repositories."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.mcpserver.resources import ResourceSecurity
from mcp_types import ToolAnnotations
from pydantic import Field

from memls import __version__
from memls.agent.conversation import AskOptions
from memls.errors import MemlsError, NotFoundError, UsageError
from memls.events import Done
from memls.http.service import Service
from memls.mcp import texts
from memls.text import shorten
from memls.workspace import partial_note

if TYPE_CHECKING:
    from memls.owner.access import Access

_LIMIT = 40
_EDGES = 200
_MEMORIES = 12
_ABOUT = (
    "Reads code by an index that is always current. `search` and `refs` find code, `read` shows it, `ask` "
    "answers a whole question with citations that were checked against the files."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ASKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

Repo = Annotated[str, Field(description="needed if several are served")]
Offset = Annotated[int, Field(ge=0)]


def make_server(service: Service) -> MCPServer:
    """All tools and resources over some repositories."""
    server = MCPServer("memls", instructions=_about(service), version=__version__, log_level="ERROR")
    _add_questions(server, service)
    _add_lookups(server, service)
    _add_memory(server, service)
    _add_resources(server, service)
    return server


def _about(service: Service) -> str:
    names = list(service.pool.roots)
    return _ABOUT if len(names) == 1 else f"{_ABOUT} Repositories: {', '.join(names)}."


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """Our errors as a tool's: one line, which the model reads."""
    try:
        yield
    except MemlsError as error:
        raise ToolError(str(error)) from None


def _add_questions(server: MCPServer, service: Service) -> None:
    @server.tool(
        description="Answer a question about the code, with checked citations. For what takes many look-ups.",
        annotations=_ASKS,
        structured_output=False,
    )
    async def ask(
        question: str,
        ctx: Context[Any, Any],
        session: Annotated[str, Field(description="go on with an earlier conversation")] = "",
        repo: Repo = "",
    ) -> str:
        async with _told():
            options = AskOptions(service.model, session or None)
            steps = 0
            async with aclosing(service.ask(repo or None, question, options)) as events:
                async for event in events:
                    if isinstance(event, Done):
                        return texts.answer(event.result)
                    if line := texts.step(event):
                        steps += 1
                        await ctx.report_progress(steps, None, line)
        raise ToolError("the question ended without an answer")


def _add_lookups(server: MCPServer, service: Service) -> None:
    @server.tool(
        description="Find code: symbol by exact name, text, regex, or (auto) what bears on a question.",
        annotations=_READS,
        structured_output=False,
    )
    async def search(
        query: str,
        kind: Literal["auto", "symbol", "text", "regex"] = "auto",
        path: Annotated[str, Field(description="folder or glob")] = "",
        offset: Offset = 0,
        repo: Repo = "",
    ) -> str:
        async with _told(), service.ready(repo or None) as access:
            found = await access.sure(
                "search", query=query, kind=kind, path=path or None, limit=_LIMIT, offset=offset
            )
            return texts.hits(found, query, offset)

    @server.tool(
        description="Uses of a definition, resolved through imports; ambiguous ones are marked CANDIDATE.",
        annotations=_READS,
        structured_output=False,
    )
    async def refs(
        target: Annotated[str, Field(description="Symbol, path:Symbol or path:line:column")],
        kind: Literal["references", "callers", "callees", "definition"] = "references",
        offset: Offset = 0,
        repo: Repo = "",
    ) -> str:
        async with _told(), service.ready(repo or None) as access:
            found = await access.sure("references", target=target, kind=kind)
            named = await access.sure("references", target=target, kind="definition")
            note = "" if kind == "definition" else partial_note(target, len(named))
            outward = kind in ("callees", "definition")
            return texts.edges(found, f"{kind} of {target}", offset, _EDGES, note, outward=outward)

    @server.tool(
        description="What is in a folder, or which symbols are in a file, with lines.",
        annotations=_READS,
        structured_output=False,
    )
    async def outline(path: str = "", offset: Offset = 0, repo: Repo = "") -> str:
        async with _told(), service.ready(repo or None) as access:
            found = await access.sure("outline", path=path)
            return texts.listing(found.head, found.lines[offset:], len(found.lines), offset)

    @server.tool(
        description="Code as it is now: lines are numbered, long ones go on by offset.",
        annotations=_READS,
        structured_output=False,
    )
    async def read(
        target: Annotated[str, Field(description="path, path:10-60, path:Symbol or Symbol")],
        offset: Offset = 0,
        repo: Repo = "",
    ) -> str:
        async with _told(), service.ready(repo or None) as access:
            return texts.code(await access.sure("region", target=target), offset)


def _add_memory(server: MCPServer, service: Service) -> None:
    @server.tool(
        description="What was noted or said in earlier conversations about this code.",
        annotations=_READS,
        structured_output=False,
    )
    async def recall(query: str = "", repo: Repo = "") -> str:
        async with _told(), service.ready(repo or None) as access:
            return texts.memories(await access.sure("recalled", query=query, limit=_MEMORIES), query)

    @server.tool(
        description="Keep a note for later conversations; of a file, it is flagged when that changes.",
        annotations=_ASKS,
        structured_output=False,
    )
    async def remember(text: str, path: str = "", repo: Repo = "") -> str:
        async with _told(), service.ready(repo or None) as access:
            return f"kept as note {await access.sure('remember', text=text, path=path)}"


def _add_resources(server: MCPServer, service: Service) -> None:
    # Paths are checked by the index: what is not in it, by exactly this name, does not exist.
    own = ResourceSecurity(reject_path_traversal=True, reject_absolute_paths=True, reject_null_bytes=True)

    @server.resource(
        "memls://{repo}/code/{+path}{?start,end}", name="code", mime_type="text/plain", security=own,
        description="Lines of a file, from 1, both included.",
    )  # fmt: skip
    async def page(repo: str, path: str, start: str = "1", end: str = "1000000") -> str:
        if not (start.isdecimal() and end.isdecimal()):
            raise ResourceNotFoundError(f"not lines of a file: {shorten(f'{start}-{end}', 40)}")
        lines = {"path": path, "start": int(start[:9]), "end": int(end[:9])}
        found = await _resource(service, repo, lambda access: access.sure("read", **lines))
        return str(found.text)

    @server.resource(
        "memls://{repo}/context/{session}", name="context", mime_type="application/json", security=own,
        description="The main context of a session: what its model has in its window.",
    )  # fmt: skip
    async def context(repo: str, session: str) -> dict[str, Any]:
        found: dict[str, Any] = await _resource(
            service, repo, lambda access: access.sure("context", session=session)
        )
        return found


async def _resource(service: Service, repo: str, work: "Callable[[Access], Any]") -> Any:
    try:
        async with service.ready(repo) as access:
            return await work(access)
    except (NotFoundError, UsageError) as error:
        raise ResourceNotFoundError(str(error)) from None
    except MemlsError as error:
        raise ResourceError(str(error)) from None
