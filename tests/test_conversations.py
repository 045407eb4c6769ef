"""What a chat panel asks the server: conversations, main context, citations, mentions; as owner and as guest.

Every test talks to real processes by `tests/wire.py`, and every answer is held against the contract.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from editor import write
from endpoint import FakeEndpoint, Turn
from shape import asked, fault
from wire import Json, Refused, Wire, serving

from memls.events import Event
from memls.lsp.contract import Changed

pytestmark = pytest.mark.slow

ANSWER = "It restocks a shelf [shop/stock.py:23-24]."
PAGING = Turn(calls=[("page_in", '{"targets": ["shop/stock.py:restock"]}')])
SLOW = "word " * 400
CHANGED = {"notifications": {"changed": True}}


def policy(body: Json, number: int) -> Turn | str:
    """Reads `restock`, then answers; slowly, or not at all, where the question says so."""
    said = [str(m.get("content")) for m in body["messages"]]
    question = next(text for text in reversed(said) if "[looked up in the index" in text)
    if question.startswith("slow"):
        return Turn(SLOW, pause=0.02)
    if question.startswith("fail"):
        return Turn(status=400, message="no such luck", code="luck")
    return ANSWER if "23|def restock" in said[-1] or "23|def restock" in question else PAGING


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return write(tmp_path / "repo")


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with FakeEndpoint(policy) as endpoint:
        yield endpoint


@pytest_asyncio.fixture(params=["owner", "guest"])
async def wire(request: Any, repo: Path, endpoint: FakeEndpoint) -> AsyncIterator[Wire]:
    """A client of a server with a model, which owns the repository or asks the one that does."""
    environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-test-0123", "MEMLS_MODEL": "fake"}
    async with AsyncExitStack() as servers:
        if request.param == "guest":
            other = await servers.enter_async_context(serving(repo))
            await other.initialize(repo)
            await other.ready()
        wire = await servers.enter_async_context(serving(repo, **environment, MEMLS_WINDOW="8192"))
        await wire.initialize(repo, options=CHANGED)
        await wire.ready()
        assert (await wire.ask("memls/status"))["owner"] == (request.param == "owner")
        yield wire
        assert await wire.leave() == 0


async def ask(wire: Wire, question: str, session: str = "s", **more: Any) -> Any:
    return await asked(wire, "memls/ask", question=question, session=session, **more)


async def turns(wire: Wire, session: str = "s") -> list[Any]:
    return (await asked(wire, "memls/turns", session=session))["turns"]


async def titles(wire: Wire, **query: str) -> list[str]:
    return [one["title"] for one in (await asked(wire, "memls/sessions", **query))["sessions"]]


def shown(context: Json) -> list[str]:
    return [f"{p['path']}:{p['start']}-{p['end']} {p['state']}" for p in context["pages"]]


async def test_a_conversation_is_kept(wire: Wire, repo: Path) -> None:
    assert await titles(wire) == []
    answer = await ask(
        wire, "What does it do?", attachments=[{"path": "app.py", "symbol": "main"}], token="t"
    )
    for event in wire.heard("memls/event"):
        assert event.pop("token") == "t" and not fault(event, Event)
    await ask(wire, "And then?\nTell me.")
    first, second = await turns(wire)
    assert [first["number"], first["question"]] == [1, "What does it do?"]
    assert first["attachments"] == [{"path": "app.py", "symbol": "main"}]
    assert first["answer"] == answer and first["failure"] == "" and first["time"].endswith("Z")
    kinds = [step["type"] for step in first["steps"]]
    assert "syscall" in kinds and "page_in" in kinds and not {"token", "citation", "done"} & set(kinds)
    assert second["question"] == "And then?\nTell me."
    assert await titles(wire) == ["What does it do?"]
    renamed = await asked(wire, "memls/rename", session="s", title="  Stock\nroom ")
    assert [one["title"] for one in renamed["sessions"]] == ["Stock room"] == await titles(wire)
    await ask(wire, "Something else", "other")
    assert await titles(wire) == ["Something else", "Stock room"]
    assert await titles(wire, query="ROOM") == ["Stock room"] == await titles(wire, query="room tell")
    assert await titles(wire, query="shelf something") == ["Something else"]  # of the answer and the question
    assert await titles(wire, query="nowhere") == []
    await asked(wire, "memls/rename", session="s", title=" ")
    assert "What does it do?" in await titles(wire)
    left = await asked(wire, "memls/forget", session="s")
    assert [one["name"] for one in left["sessions"]] == ["other"]
    for method in ("memls/turns", "memls/forget", "memls/export", "memls/context"):
        with pytest.raises(Refused, match="no session"):
            await wire.ask(method, {"session": "s"})
    with pytest.raises(Refused, match="no session"):
        await wire.ask("memls/rename", {"session": "s", "title": "x"})


async def test_why_there_is_no_answer_is_kept(wire: Wire, endpoint: FakeEndpoint) -> None:
    with pytest.raises(Refused, match="no such luck"):
        await ask(wire, "fail please")
    slow = wire.begin("memls/ask", {"question": "slow please", "session": "s"}, "slow")
    await wire.wait_for(lambda: [e for e in wire.heard("memls/event") if e["type"] == "token"])
    running = (await turns(wire))[-1]
    assert (running["answer"], running["failure"]) == (None, "")
    wire.notify("$/cancelRequest", {"id": "slow"})
    with pytest.raises(Refused):
        await slow
    await wire.until(lambda found: found["turns"][-1]["failure"], "memls/turns", {"session": "s"})
    failed, stopped = await turns(wire)
    assert "no such luck" in failed["failure"] and failed["answer"] is None
    assert (stopped["question"], stopped["failure"]) == ("slow please", "stopped")
    await ask(wire, "What does it do?")
    assert [turn["failure"] for turn in await turns(wire)][2:] == [""]


async def test_what_a_killed_server_began_is_kept(repo: Path, endpoint: FakeEndpoint) -> None:
    environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-test-0123", "MEMLS_MODEL": "fake"}
    async with serving(repo, **environment) as wire:
        await wire.initialize(repo)
        await wire.ready()
        wire.begin("memls/ask", {"question": "slow please", "session": "s"}).add_done_callback(
            lambda future: future.exception()
        )
        await wire.wait_for(lambda: [e for e in wire.heard("memls/event") if e["type"] == "token"])
    async with serving(repo, **environment) as wire:
        await wire.initialize(repo)
        (turn,) = await turns(wire)
        assert (turn["question"], turn["answer"]) == ("slow please", None) and "ended" in turn["failure"]
        assert await titles(wire) == ["slow please"]
        assert await wire.leave() == 0


async def test_a_branch_remembers_what_was_before(wire: Wire, endpoint: FakeEndpoint) -> None:
    await ask(wire, "What is first?")
    await ask(wire, "What is second?")
    before = await turns(wire)
    branch = (await asked(wire, "memls/fork", session="s", turn=2))["session"]
    assert [turn["question"] for turn in await turns(wire, branch)] == ["What is first?"]
    context = await asked(wire, "memls/context", session=branch)
    assert context["pages"] == [] and context["parts"]["queue"] > 0
    await ask(wire, "What is other?", branch)
    sent = [str(m["content"]) for m in endpoint.requests[-1].body["messages"]]
    assert any(text.startswith("What is first?") for text in sent) and ANSWER in sent
    assert not any("second" in text for text in sent)
    assert [turn["number"] for turn in await turns(wire, branch)] == [1, 2]
    assert await turns(wire) == before
    first = (await asked(wire, "memls/fork", session="s", turn=1))["session"]
    assert await turns(wire, first) == [] and first not in await titles(wire)
    whole = (await asked(wire, "memls/fork", session="s", turn=3))["session"]
    assert len(await turns(wire, whole)) == 2
    for number in (0, 4, -1):
        with pytest.raises(Refused, match="has no turn"):
            await wire.ask("memls/fork", {"session": "s", "turn": number})


async def test_an_export_says_how_its_citations_hold(wire: Wire, repo: Path) -> None:
    await ask(wire, "What does it do?", attachments=[{"path": "app.py", "start": 4, "end": 7}])
    with pytest.raises(Refused):
        await ask(wire, "fail please")
    text = (await asked(wire, "memls/export", session="s"))["markdown"]
    assert text.startswith("# What does it do?\n\n## What does it do?\n")
    assert "Attached: `app.py:4-7`" in text and ANSWER in text and "no such luck" in text
    assert "- ✓ verified `shop/stock.py:23-24`" in text
    wire.notify("textDocument/didOpen", opened(repo / "shop/stock.py", "def restock(): pass\n"))
    text = (await asked(wire, "memls/export", session="s"))["markdown"]
    assert "- ! stale `shop/stock.py:23-24` (the code has changed since)" in text


def opened(path: Path, content: str) -> Json:
    document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": content}
    return {"textDocument": document}


async def test_citations_live(wire: Wire, repo: Path) -> None:
    cited = (await ask(wire, "What does it do?"))["citations"]
    source = (repo / "shop/stock.py").read_text()

    async def now(citations: list[Any] = cited) -> list[str]:
        found = (await asked(wire, "memls/verify", citations=citations))["citations"]
        return [f"{c['status']} {c['path']}:{c['start']}-{c['end']} {c['cited_start']}" for c in found]

    assert await now() == ["verified shop/stock.py:23-24 23"]
    unread = {**cited[0], "status": "unverified"}
    changed_before = {**cited[0], "status": "stale", "reason": "the code changed after it was read"}
    assert [line.split()[0] for line in await now([unread, changed_before])] == ["unverified", "stale"]
    wire.notify("textDocument/didOpen", opened(repo / "shop/stock.py", "# new\n" + source))
    assert await now() == ["moved shop/stock.py:24-25 23"]
    moved = (await asked(wire, "memls/verify", citations=cited))["citations"]
    wire.notify("textDocument/didOpen", opened(repo / "shop/stock.py", source + "\n\n" + source[-60:]))
    twice = source.replace("def restock", "#\ndef restock") + "\n\ndef restock(shelf):\n    return Shelf()\n"
    wire.notify("textDocument/didOpen", opened(repo / "shop/stock.py", twice))
    assert await now() == ["stale shop/stock.py:23-24 23"]
    stale = (await asked(wire, "memls/verify", citations=cited))["citations"]
    wire.notify("textDocument/didClose", {"textDocument": {"uri": (repo / "shop/stock.py").as_uri()}})
    for before in (cited, moved, stale):
        assert await now(before) == ["verified shop/stock.py:23-24 23"]
    (repo / "shop/stock.py").rename(repo / "shop/shelves.py")
    await wire.until(
        lambda c: c["citations"][0]["path"] == "shop/shelves.py", "memls/verify", {"citations": cited}
    )
    assert await now() == ["moved shop/shelves.py:23-24 23"]
    (repo / "shop/copy.py").write_text(source)
    await wire.until(lambda c: c["citations"][0]["status"] == "stale", "memls/verify", {"citations": cited})


async def test_attachments_are_in_the_first_request(wire: Wire, repo: Path, endpoint: FakeEndpoint) -> None:
    large = "\n\n".join(f"def part_{n}():\n    return {'x' * 40!r}, {n}" for n in range(900))
    (repo / "large.py").write_text(large)
    await asked(wire, "memls/index")
    attached = [{"path": "large.py"}, {"path": "wide.py"}, {"path": "shop/stock.py", "symbol": "restock"}]
    await ask(wire, "Why?", attachments=[*attached, {"path": "gone.py"}], token="t")
    first = endpoint.requests[0].body["messages"][-1]["content"]
    assert first.startswith("Why?\n[attached by the user to this question]")
    assert "1|def größe():" in first and "23|def restock(shelf):" in first
    assert "only its outline fits" in first or "too large for one page" in first
    told = [e["text"] for e in wire.heard("memls/event") if e["type"] == "interrupt"]
    assert len(told) == 1 and "large.py" in told[0] and "gone.py cannot be attached" in told[0]
    assert "wide.py" not in told[0]


async def test_the_window_and_what_fills_it(wire: Wire) -> None:
    await ask(wire, "What does it do?")
    context = await asked(wire, "memls/context", session="s")
    assert (context["window"], context["running"]) == (8192, False)
    parts = context["parts"]
    assert set(parts) == {"instructions", "blocks", "summary", "queue", "pages", "reserve"}
    assert all(size >= 0 for size in parts.values()) and parts["pages"] > 0 and parts["reserve"] == 1024
    assert sum(parts.values()) - parts["reserve"] == context["tokens"] < 8192 - 1024
    assert context["block_limits"] == {"task": 327, "project": 327, "user": 327}
    reports = [e for e in wire.heard("memls/event") if e["type"] == "usage"]
    assert all(sum(e["parts"].values()) - e["parts"]["reserve"] == e["prompt_tokens"] for e in reports)


async def test_paging_in_by_hand(wire: Wire, endpoint: FakeEndpoint) -> None:
    targets = ["shop/stock.py:Shelf", "app.py:4-7", "wide.py"]
    context = await asked(wire, "memls/page_in", session="new", targets=targets)
    assert shown(context) == [
        "shop/stock.py:4-15 resident", "app.py:4-7 resident", "wide.py:1-5 resident"
    ]  # fmt: skip
    assert context["window"] == 8192
    assert await asked(wire, "memls/page_in", session="new", targets=["wide.py"]) == context
    assert await titles(wire) == [], "nothing was asked in it"
    with pytest.raises(Refused, match="no file or symbol"):
        await wire.ask("memls/page_in", {"session": "new", "targets": ["nowhere.py"]})
    pinned = await asked(wire, "memls/pin", session="new", page="p1")
    assert [page["pinned"] for page in pinned["pages"]] == [True, False, False]
    gone = await asked(wire, "memls/evict", session="new", page="p3")
    assert shown(gone)[2] == "wide.py:1-5 evicted"
    await ask(wire, "What does it do?", "new")
    assert "the user paged these in:" in str(endpoint.requests[0].body["messages"])


async def test_the_working_context_is_edited(wire: Wire, endpoint: FakeEndpoint) -> None:
    context = await asked(wire, "memls/block", session="s", name="task", text="Count the loaves.\n")
    assert context["blocks"] == {"task": "Count the loaves.", "project": "", "user": ""}
    await asked(wire, "memls/block", session="s", name="project", text="Bread only.")
    other = await asked(wire, "memls/block", session="t", name="user", text="Is called Ada.")
    assert other["blocks"] == {"task": "", "project": "Bread only.", "user": "Is called Ada."}
    with pytest.raises(Refused, match="too long for the block task: about 334 tokens, and it holds 327"):
        await wire.ask("memls/block", {"session": "s", "name": "task", "text": "x" * 1000})
    with pytest.raises(Refused, match="no block is named 'tsk'"):
        await wire.ask("memls/block", {"session": "s", "name": "tsk", "text": "x"})
    await ask(wire, "What does it do?")
    system = endpoint.requests[0].body["messages"][0]["content"]
    assert "Count the loaves." in system and "Bread only." in system and "Ada" in system
    cleared = await asked(wire, "memls/block", session="s", name="task", text="")
    assert cleared["blocks"]["task"] == ""


async def test_a_session_that_runs_takes_orders(wire: Wire, endpoint: FakeEndpoint) -> None:
    """What comes while the last reply streams is done when the run is over; nothing is lost."""
    asking = wire.begin("memls/ask", {"question": "slow please", "session": "s"})
    await wire.wait_for(lambda: [e for e in wire.heard("memls/event") if e["type"] == "token"])
    context = await asked(wire, "memls/page_in", session="s", targets=["wide.py"])
    assert context["running"]
    await asked(wire, "memls/block", session="s", name="task", text="Later.")
    await asked(wire, "memls/block", session="t", name="project", text="For all.")
    await asyncio.wait_for(asking, 90)
    context = await asked(wire, "memls/context", session="s")
    assert not context["running"] and shown(context)[-1] == "wide.py:1-5 resident"
    assert context["blocks"] == {"task": "Later.", "project": "For all.", "user": ""}


async def test_code_is_read_as_the_client_sees_it(wire: Wire, repo: Path) -> None:
    lines = await asked(wire, "memls/read", path="shop/stock.py", start=23, end=99)
    source = (repo / "shop/stock.py").read_text().split("\n")
    assert lines == {
        "path": "shop/stock.py", "start": 23, "end": 24, "language": "python",
        "text": "\n".join(source[22:24]),
    }  # fmt: skip
    wire.notify("textDocument/didOpen", opened(repo / "app.py", "unsaved = 1\n"))
    assert (await asked(wire, "memls/read", path="app.py", start=1, end=1))["text"] == "unsaved = 1"
    assert (await asked(wire, "memls/read", path="app.py", start=7, end=9))["text"] == ""
    (repo / ".git").mkdir()
    (repo / ".git/secret").write_text("key\n")
    for path in ("nowhere.py", "../home", "/etc/passwd", ".git/secret"):
        with pytest.raises(Refused, match="not in the index"):
            await wire.ask("memls/read", {"path": path, "start": 1, "end": 2})


MENTIONS = (
    ("sto", ["shop/stock.py"]),
    ("Shelf", ["Shelf"]),
    ("rest", ["restock"]),
    ("tak", ["Shelf.take"]),
    ("Shelf.c", ["Shelf.close"]),
    ("shop/", ["shop/stock.py", "shop/__init__.py"]),
    ("estoc", ["restock"]),
    ("nothing like it", []),
)


@pytest.mark.parametrize(("query", "wanted"), MENTIONS)
async def test_mentions(plain: Wire, query: str, wanted: list[str]) -> None:
    found = (await asked(plain, "memls/mentions", query=query))["mentions"]
    assert [one["symbol"] or one["path"] for one in found][: len(wanted) or None] == wanted


@pytest_asyncio.fixture
async def plain(repo: Path) -> AsyncIterator[Wire]:
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        yield wire
        assert await wire.leave() == 0


async def test_mentions_of_what_is_open(wire: Wire, repo: Path) -> None:
    wire.notify("textDocument/didOpen", opened(repo / "wide.py", "def unsaved_name(): pass\n"))
    wire.notify("textDocument/didOpen", opened(repo / "app.py", "x = 1\n"))
    found = (await asked(wire, "memls/mentions", query="", limit=3))["mentions"]
    assert [one["path"] for one in found][:2] == ["app.py", "wide.py"] and len(found) == 3
    found = (await asked(wire, "memls/mentions", query="un"))["mentions"]
    assert found[0] == {
        "kind": "function", "path": "wide.py", "symbol": "unsaved_name", "start": 1, "end": 1,
        "detail": "wide.py",
    }  # fmt: skip


async def test_status_says_which_model_would_answer(repo: Path) -> None:
    secret = "https://user:hunter2@models.example:8443/v1?key=hunter3"
    for environment, options, wanted in (
        ({}, None, {"kind": "extractive", "name": "extractive", "window": 16384, "host": ""}),
        ({"MEMLS_MODEL": "m", "OPENAI_BASE_URL": secret}, None,
         {"kind": "endpoint", "name": "m", "window": 0, "host": "models.example:8443"}),
        ({"MEMLS_MODEL": "m"}, {"window": 5000},
         {"kind": "endpoint", "name": "m", "window": 5000, "host": "api.openai.com"}),
        ({}, {"complete": {"name": "lent", "window": 64000}},
         {"kind": "editor", "name": "lent", "window": 64000, "host": ""}),
    ):  # fmt: skip
        async with serving(repo, **environment) as wire:
            await wire.initialize(repo, options=options)
            status = await asked(wire, "memls/status")
            assert status["model"] == wanted and "hunter" not in str(status)
            assert status["version"]
    async with serving(repo) as wire:
        await wire.initialize()
        assert (await asked(wire, "memls/status"))["state"] == "none"


async def test_the_index_is_brought_up_to_date(wire: Wire, repo: Path) -> None:
    before = await asked(wire, "memls/status")
    again = await asked(wire, "memls/index", force=True)
    assert again["files"] == before["files"] and again["generation"] > before["generation"]
    assert again["state"] == "ready"


async def test_changes_are_told(wire: Wire, repo: Path) -> None:
    def told() -> list[Any]:
        found = wire.heard("memls/changed")
        assert not any(fault(one, Changed) for one in found)
        return found

    def named(path: str) -> list[Any]:
        return [one for one in told() if path in one["paths"]]

    wire.told.clear()
    wire.notify("textDocument/didOpen", opened(repo / "app.py", "x = 1\n"))
    first = (await wire.wait_for(lambda: named("app.py")))[0]
    assert first["root"] == str(repo) and not first["all"] and first["generation"] > 0
    (repo / "new.py").write_text("def new(): pass\n")
    wire.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": (repo / "new.py").as_uri(), "type": 1}]}
    )
    later = (await wire.wait_for(lambda: named("new.py")))[0]
    assert later["generation"] > first["generation"]
    for number in range(300):
        (repo / f"many_{number}.py").write_text("x = 1\n")
    await asked(wire, "memls/index")
    await wire.wait_for(lambda: [one for one in told() if one["all"] and one["paths"] == []])


async def test_changes_are_not_told_to_who_did_not_ask(plain: Wire, repo: Path) -> None:
    plain.notify("textDocument/didOpen", opened(repo / "app.py", "x = 1\n"))
    (repo / "new.py").write_text("def new(): pass\n")
    await asked(plain, "memls/index")
    await asked(plain, "memls/memory")
    assert (await asked(plain, "memls/search", query="new"))["total"] == 1
    await asyncio.sleep(0.3)
    assert plain.heard("memls/changed") == []
