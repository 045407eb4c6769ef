"""The language server under way: several repositories, settings, questions, its connections and its end.

Every test talks to a real process by `tests/wire.py`, which sends what it is told to.
"""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from editor import write
from endpoint import FakeEndpoint, Turn
from wire import SILENT, Json, Refused, Wire, serving

from memls.lsp.features.table import FEATURES
from memls.lsp.requests import REQUESTS

pytestmark = pytest.mark.slow

SHOP = """class Till:
    def open(self):
        return 1


def refund(till):
    return till.open()
"""


def text(path: Path) -> Json:
    return {"uri": path.as_uri()}


def at(path: Path, needle: str) -> Json:
    """Where `|` stands in `needle`, as parameters of a request about a position. Only ASCII."""
    before, after = needle.split("|")
    source = path.read_text()
    start = source[: source.index(before + after) + len(before)]
    return {
        "textDocument": text(path),
        "position": {"line": start.count("\n"), "character": len(start) - start.rfind("\n") - 1},
    }


def opened(path: Path, content: str, version: int = 1) -> Json:
    document = {"uri": path.as_uri(), "languageId": "python", "version": version, "text": content}
    return {"textDocument": document}


def changed(path: Path, version: int, *changes: Json) -> Json:
    return {"textDocument": {"uri": path.as_uri(), "version": version}, "contentChanges": list(changes)}


async def names(wire: Wire, path: Path) -> Any:
    found = await wire.ask("textDocument/documentSymbol", {"textDocument": text(path)})
    return None if found is None else [symbol["name"] for symbol in found]


async def symbols(wire: Wire, query: str) -> list[str]:
    return [symbol["name"] for symbol in await wire.ask("workspace/symbol", {"query": query})]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return write(tmp_path / "repo")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return write(tmp_path / "other", {"till.py": SHOP})


# Several repositories.


async def test_two_repositories_in_one_client(repo: Path, other: Path) -> None:
    lazy = {"workspace": {"symbol": {"resolveSupport": {"properties": ["location.range"]}}}}
    async with serving(repo) as wire:
        await wire.initialize(repo, other, capabilities=lazy)
        await wire.ready(repo)
        await wire.ready(other)
        found = await wire.ask("textDocument/definition", at(other / "till.py", "till.op|en"))
        assert [one["uri"] for one in found] == [(other / "till.py").as_uri()]
        found = await wire.ask("textDocument/definition", at(repo / "app.py", "    rest|ock("))
        assert [one["uri"] for one in found] == [(repo / "shop/stock.py").as_uri()]
        found = await wire.ask("workspace/symbol", {"query": "re"})
        assert {symbol["name"] for symbol in found} == {"restock", "refund"}
        for symbol in found:
            assert "range" not in symbol["location"]
            resolved = await wire.ask("workspaceSymbol/resolve", symbol)
            line = {"restock": 22, "refund": 5}[symbol["name"]]
            assert resolved["location"]["range"]["start"] == {"line": line, "character": 4}
        item = (await wire.ask("textDocument/prepareCallHierarchy", at(other / "till.py", "def re|fund")))[0]
        callees = await wire.ask("callHierarchy/outgoingCalls", {"item": item})
        assert [call["to"]["uri"] for call in callees] == [(other / "till.py").as_uri()]
        hits = await wire.ask("memls/search", {"query": "Till", "root": other.as_uri()})
        assert [hit["path"] for hit in hits["hits"]][:1] == ["till.py"]
        with pytest.raises(Refused, match="not open"):
            await wire.ask("memls/search", {"query": "Till", "root": "/nowhere"})
        answer = await wire.ask(
            "memls/ask", {"question": "What is `Till`?", "uri": (other / "till.py").as_uri()}
        )
        assert {citation["path"] for citation in answer["citations"]} == {"till.py"}
        assert await wire.leave() == 0


async def test_folders_come_and_go(repo: Path, other: Path) -> None:
    def event(added: list[Path], removed: list[Path]) -> Json:
        named = [[{"uri": one.as_uri(), "name": one.name} for one in paths] for paths in (added, removed)]
        return {"event": {"added": named[0], "removed": named[1]}}

    async with serving(repo) as wire:
        await wire.initialize(repo, capabilities={"window": {"workDoneProgress": True}})
        await wire.ready()
        wire.notify("textDocument/didOpen", opened(other / "till.py", "def unsaved(): pass\n"))
        assert await symbols(wire, "unsaved") == []
        wire.notify("workspace/didChangeWorkspaceFolders", event([other, repo / "shop"], []))
        await wire.ready(other)
        await wire.ready(repo / "shop")
        assert await symbols(wire, "unsaved") == ["unsaved"]  # opened before its folder was
        wire.notify("workspace/didChangeWorkspaceFolders", event([], [repo]))
        assert await symbols(wire, "Shelf") == ["Shelf"], "the folder inside is its own repository by now"
        wire.notify("workspace/didChangeWorkspaceFolders", event([repo], [other]))
        assert await symbols(wire, "unsaved") == await symbols(wire, "Till") == []
        wire.notify("workspace/didChangeWorkspaceFolders", event([other], [other, repo / "nothing"]))
        wire.notify("workspace/didChangeWorkspaceFolders", event([other], []))
        await wire.ready(other)
        assert await names(wire, other / "till.py") == ["unsaved"]
        gone = Path("/nowhere/at/all")
        wire.notify("workspace/didChangeWorkspaceFolders", event([gone], []))
        await wire.wait_for(lambda: wire.heard("window/showMessage"))
        assert "no such folder: /nowhere/at/all" in wire.heard("window/showMessage")[0]["message"]

        def kinds() -> list[str]:
            return [report["value"]["kind"] for report in wire.heard("$/progress")]

        await wire.wait_for(lambda: kinds().count("begin") == kinds().count("end") > 3)
        assert await wire.leave() == 0


async def test_a_home_is_not_read_as_a_whole_for_a_file_in_it(repo: Path) -> None:
    async with serving(repo, HOME=str(repo)) as wire:
        await wire.initialize(repo, repo.parent, repo / "shop")
        await wire.ready(repo / "shop")
        assert await symbols(wire, "Shelf") == ["Shelf"] and await symbols(wire, "main") == []
        told = [message["message"] for message in wire.heard("window/showMessage")]
        says = "is or holds your home folder"
        assert [line.split(says)[0] for line in told] == [
            f"memls: {folder} " for folder in (repo, repo.parent)
        ]
    async with serving(repo, "--repo", str(repo), HOME=str(repo)) as wire:
        await wire.initialize(repo)
        await wire.ready()
        assert await symbols(wire, "main") == ["main"]


async def test_a_file_outside_of_all_folders_is_told_of_by_its_text(repo: Path, tmp_path: Path) -> None:
    """Nothing of it is on disk; a folder in its path that is never listed changes nothing."""
    path = tmp_path / ".venv/lib/till.py"
    elsewhere = {"textDocument": text(path)}

    def at_line(line: int, character: int) -> Json:
        return {**elsewhere, "position": {"line": line, "character": character}}

    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        assert await names(wire, path) is None
        wire.notify("textDocument/didOpen", opened(path, SHOP))
        assert await names(wire, path) == ["Till", "open", "refund"]
        assert len(await wire.ask("textDocument/foldingRange", elsewhere)) == 3
        (found,) = await wire.ask("textDocument/definition", at_line(6, 17))
        assert (found["uri"], found["range"]["start"]["line"]) == (path.as_uri(), 1)
        assert "def refund(till)" in str(await wire.ask("textDocument/hover", at_line(5, 5)))
        assert "(local)" in str(await wire.ask("textDocument/hover", at_line(6, 12)))
        assert len(await wire.ask("textDocument/documentHighlight", at_line(6, 12))) == 2
        wire.notify("textDocument/didOpen", opened(tmp_path / "other/till.py", "def second(): pass\n"))
        assert await names(wire, tmp_path / "other/till.py") == ["second"]
        wire.notify("textDocument/didChange", changed(path, 2, {"text": "def changed(): pass\n"}))
        assert await names(wire, path) == ["changed"]
        assert await symbols(wire, "changed") == [], "no repository has it"
        wire.notify("textDocument/didClose", elsewhere)
        assert await names(wire, path) is None
        assert await wire.leave() == 0


async def test_folders_of_one_repository_share_it(repo: Path) -> None:
    await asyncio.to_thread(subprocess.run, ["git", "init", "-q", repo], check=True)
    (repo / "tools").mkdir()
    (repo / "tools/saw.py").write_text("def saw(): pass\n")
    async with serving(repo) as wire:
        await wire.initialize(repo / "shop", repo / "tools")
        await wire.ready()
        assert await symbols(wire, "saw") == ["saw"] and await symbols(wire, "main") == ["main"]
        gone = {"event": {"added": [], "removed": [{"uri": (repo / "shop").as_uri(), "name": "shop"}]}}
        wire.notify("workspace/didChangeWorkspaceFolders", gone)
        assert await symbols(wire, "Shelf") == ["Shelf"]
        status = await wire.ask("memls/status")
        assert (status["root"], status["owner"]) == (str(repo), True)


async def test_a_repository_may_be_named(repo: Path, other: Path) -> None:
    async with serving(repo, "--repo", str(repo)) as wire:
        await wire.initialize(other)
        await wire.ready()
        assert await symbols(wire, "Till") == [] and await symbols(wire, "Shelf") == ["Shelf"]
    async with serving(repo, "--repo", str(repo / "nothing")) as wire:
        assert await wire.ended(10) == 2
        assert b"no such folder" in wire.errors and wire.errors.count(b"\n") == 1


async def test_without_a_folder(repo: Path) -> None:
    async with serving(repo) as wire:
        await wire.initialize()
        assert (await wire.ask("memls/status"))["state"] == "none"
        assert await names(wire, repo / "app.py") is None and await symbols(wire, "Shelf") == []
        with pytest.raises(Refused, match="no folder is open"):
            await wire.ask("memls/ask", {"question": "What?"})
        assert await wire.leave() == 0


# Settings.

_CAPABILITY = {"signatureHelp": "signatureHelpProvider", "completion": "completionProvider"}


def capability(feature: str) -> str:
    return _CAPABILITY.get(feature, f"{feature}Provider")


async def answer_of(wire: Wire, repo: Path, feature: str) -> Any:
    """A request of a feature at a place where it has something to say."""
    method = next(one.method for one in FEATURES if one.name == feature)
    params: Json = at(repo / "app.py", "shelf.ta|ke")
    start = {"line": 0, "character": 0}
    if feature == "workspaceSymbol":
        params = {"query": "Shelf"}
    elif feature == "documentHighlight":
        params = at(repo / "app.py", "rest|ock(shelf)")
    elif feature == "references":
        params = {**at(repo / "shop/stock.py", "class Sh|elf"), "context": {"includeDeclaration": False}}
    elif feature == "implementation":
        params = at(repo / "wings.py", "class Bi|rd")
    elif feature in ("typeHierarchy", "callHierarchy"):
        params = at(repo / "wings.py", "class Bi|rd" if feature == "typeHierarchy" else "def fl|y")
    elif feature == "selectionRange":
        params["positions"] = [params["position"]]
    elif feature == "documentLink":
        params = {"textDocument": text(repo / "app.py")}
    elif feature == "signatureHelp":
        params = at(repo / "app.py", 'take(|"bread"')
    elif feature == "codeAction":
        params |= {"range": {"start": start, "end": params["position"]}, "context": {"diagnostics": []}}
    return await wire.ask(method, params)


@pytest.fixture
def birds(repo: Path) -> Path:
    (repo / "wings.py").write_text(
        "class Bird:\n    def fly(self): ...\n\n\nclass Owl(Bird):\n    def fly(self): ...\n"
    )
    return repo


async def test_every_feature_can_be_switched(birds: Path) -> None:
    """Off from the start: not offered. On while running: registered. Off again: nothing is answered."""
    dynamic = {"dynamicRegistration": True}
    documents = {feature.name: dynamic for feature in FEATURES if feature.name != "workspaceSymbol"}
    client = {"textDocument": documents, "workspace": {"symbol": dynamic}}
    every = [feature.name for feature in FEATURES]
    async with serving(birds) as wire:
        offered = await wire.initialize(
            birds, options={"features": dict.fromkeys(every, False)}, capabilities=client
        )
        assert not [name for name in every if capability(name) in offered]
        await wire.ready()
        for name in every:
            assert not await answer_of(wire, birds, name), name
        for name in every:
            values = {"memls": {"features": {name: True}}}
            wire.notify("workspace/didChangeConfiguration", {"settings": values})
            assert await answer_of(wire, birds, name), name
        registered = [
            one for asked in wire.heard("client/registerCapability") for one in asked["registrations"]
        ]
        methods = {feature.name: feature.method for feature in FEATURES}
        assert [one["method"] for one in registered] == [methods[name] for name in every]
        hover = every.index("hover")
        assert registered[hover]["registerOptions"] == {"documentSelector": None}
        wire.notify("workspace/didChangeConfiguration", {"settings": {"features": {"hover": False}}})
        assert await answer_of(wire, birds, "hover") is None
        gone = wire.heard("client/unregisterCapability")[0]["unregisterations"]
        assert [(one["id"], one["method"]) for one in gone] == [
            (registered[hover]["id"], "textDocument/hover")
        ]
        wire.notify("workspace/didChangeConfiguration", {"settings": {"features": {"hover": True}}})
        assert await answer_of(wire, birds, "hover")
        assert await wire.leave() == 0


async def test_features_by_default(birds: Path) -> None:
    async with serving(birds) as wire:
        offered = await wire.initialize(birds)
        on = [feature.name for feature in FEATURES if capability(feature.name) in offered]
        assert on == [feature.name for feature in FEATURES if feature.on]
        await wire.ready()
        assert await answer_of(wire, birds, "completion") is None
        for _ in range(3):
            values = {"settings": {"features": {"completion": True}}}
            wire.notify("workspace/didChangeConfiguration", values)
        assert await answer_of(wire, birds, "completion")
        messages = [message["message"] for message in wire.heard("window/showMessage")]
        assert messages == ["memls: completion is on, and offered at the server's next start"]


async def test_null_settings_are_asked_for(repo: Path) -> None:
    async with serving(repo) as wire:
        given: list[Any] = [None]
        wire.respond["workspace/configuration"] = lambda message: [given[-1]]
        await wire.initialize(repo, capabilities={"workspace": {"configuration": True}})
        await wire.ready()
        assert wire.heard("workspace/configuration")[0] == {"items": [{"section": "memls"}]}
        assert await answer_of(wire, repo, "hover")
        given.append({"features": {"hover": False}})
        wire.notify("workspace/didChangeConfiguration", {"settings": None})
        await wire.until(
            lambda hover: hover is None, "textDocument/hover", at(repo / "app.py", "shelf.ta|ke")
        )


async def test_wrong_settings_are_told_and_change_nothing_else(repo: Path) -> None:
    wrong = {"features": {"hover": "no", "flight": True, "definition": False}, "model": 3, "window": "many",
             "complete": {"name": ""}, "references": False}  # fmt: skip
    async with serving(repo) as wire:
        offered = await wire.initialize(repo, options=wrong)
        assert "hoverProvider" in offered and "definitionProvider" not in offered
        await wire.ready()
        told = [message["message"] for message in wire.heard("window/showMessage")]
        assert len(told) == 6 and all(line.startswith("memls: settings: ") for line in told)
        for word in (
            "features.hover",
            "flight",
            "`model`",
            "`window`",
            "`complete`",
            "`references` goes below",
        ):
            assert sum(word in line for line in told) == 1, (word, told)
        assert await answer_of(wire, repo, "hover")
        wire.notify("workspace/didChangeConfiguration", {"settings": {"features": ["hover"]}})
        wire.notify("workspace/didChangeConfiguration", {"settings": "off"})
        assert await answer_of(wire, repo, "hover")
        assert len(wire.heard("window/showMessage")) == 8


# Questions.

SLOW = "word " * 400


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    """A model that answers `slow` questions slowly, and others at once."""

    def policy(body: Any, number: int) -> Turn:
        slow = "slow" in json.dumps(body["messages"])
        return Turn(SLOW, pause=0.05) if slow else Turn("It restocks (shop/stock.py:23-24).")

    with FakeEndpoint(policy) as endpoint:
        yield endpoint


@pytest_asyncio.fixture
async def asking(repo: Path, endpoint: FakeEndpoint) -> AsyncIterator[Wire]:
    shows = {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}
    client = {**shows, "workspace": {"textDocumentContent": {"dynamicRegistration": True}}}
    environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k", "MEMLS_MODEL": "fake"}
    async with serving(repo, **environment) as wire:
        await wire.initialize(repo, capabilities=client)
        await wire.ready()
        yield wire


def events(wire: Wire, token: str) -> list[Any]:
    return [event for event in wire.heard("memls/event") if event["token"] == token]


async def test_a_selection_is_read_first(asking: Wire, repo: Path) -> None:
    where = {"start": {"line": 9, "character": 4}, "end": {"line": 12, "character": 0}}
    given = {"uri": (repo / "shop/stock.py").as_uri(), "range": where, "token": "t", "workDoneToken": "w"}
    answer = await asking.ask("memls/ask", {"question": "What does it do?", **given})
    assert answer["answer"].startswith("It restocks")
    pages = [event["page"] for event in events(asking, "t") if event["type"] == "page_in"]
    assert any(p["path"] == "shop/stock.py" and p["start"] <= 10 <= p["end"] for p in pages), pages
    assert events(asking, "t")[-1]["type"] == "done"
    kinds = [p["value"]["kind"] for p in asking.heard("$/progress") if p["token"] == "w"]
    assert (kinds[0], kinds[-1], kinds.count("begin"), kinds.count("end")) == ("begin", "end", 1, 1)
    with pytest.raises(Refused, match="range"):
        await asking.ask("memls/ask", {"question": "What?", "range": {"start": 3}})


async def test_questions_side_by_side_and_one_after_the_other(asking: Wire) -> None:
    """In sessions of their own they overlap, in the same one the second waits for the first."""
    slow = asking.begin("memls/ask", {"question": "slow", "session": "s", "token": "slow"})
    await asking.wait_for(lambda: events(asking, "slow"))
    second = asking.begin("memls/ask", {"question": "quick", "session": "s", "token": "second"}, "second")
    answers = [await asking.ask("memls/ask", {"question": "quick", "session": name}) for name in ("a", "b")]
    assert [answer["session"] for answer in answers] == ["a", "b"]
    await asyncio.sleep(0.1)
    assert not slow.done() and not second.done() and not events(asking, "second")
    asking.notify("$/cancelRequest", {"id": 10_000})
    asking.notify("$/cancelRequest", {"id": next(n for n, f in asking._waiting.items() if f is slow)})
    assert (await second)["answer"].startswith("It restocks")
    with pytest.raises(Refused) as caught:
        await slow
    assert caught.value.code == -32800


@pytest.mark.parametrize("how", ["$/cancelRequest", "window/workDoneProgress/cancel"])
async def test_a_command_is_cancelled(asking: Wire, endpoint: FakeEndpoint, how: str) -> None:
    arguments = [{"question": "slow"}]
    asked = asking.begin("workspace/executeCommand", {"command": "memls.ask", "arguments": arguments}, "it")
    begun = await asking.wait_for(
        lambda: [p for p in asking.heard("$/progress") if p["value"].get("title") == "memls: slow"]
    )
    await asyncio.to_thread(endpoint.received.wait, 10)
    assert not endpoint.disconnected.is_set()
    token = begun[0]["token"]
    asking.notify(how, {"id": "it"} if how.startswith("$") else {"token": token})
    with pytest.raises(Refused) as caught:
        await asyncio.wait_for(asked, 3)
    assert caught.value.code == -32800
    assert await asyncio.to_thread(endpoint.disconnected.wait, 3)
    last = [p["value"] for p in asking.heard("$/progress") if p["token"] == token][-1]
    assert last["kind"] == "end"
    assert asking.heard("window/showDocument") == []


async def test_an_answer_is_shown_as_a_document(asking: Wire) -> None:
    command = {"command": "memls.ask", "arguments": [{"question": "What?", "session": "a b/c"}]}
    result = await asking.ask("workspace/executeCommand", command)
    assert result["session"] == "a b/c"
    shown = asking.heard("window/showDocument")[0]
    assert shown["uri"] == "memls:/answer/a%20b%2Fc"
    content = await asking.ask("workspace/textDocumentContent", {"uri": shown["uri"]})
    assert content["text"].startswith("# What?\n\nIt restocks (shop/stock.py:23-24).")
    registered = asking.heard("client/registerCapability")[0]["registrations"]
    assert registered[0]["method"] == "workspace/textDocumentContent"
    assert registered[0]["registerOptions"]["schemes"] == ["memls"]


@pytest.mark.parametrize("support", [True, False])
async def test_an_answer_is_shown_as_a_file_or_a_message(repo: Path, support: bool) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo, capabilities={"window": {"showDocument": {"support": support}}})
        command = {"command": "memls.ask", "arguments": [{"question": "What is `Shelf`?", "session": "../x"}]}
        await wire.ask("workspace/executeCommand", command)
        if not support:
            assert "# What is `Shelf`?" in wire.heard("window/showMessage")[0]["message"]
            return
        uri = wire.heard("window/showDocument")[0]["uri"]
        check_file(Path(uri.removeprefix("file://")), repo)


def check_file(file: Path, repo: Path) -> None:
    assert file.name == ".._x.md" and "Shelf" in file.read_text()
    assert not file.is_relative_to(repo) and stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_pages_are_pinned_and_evicted_at_rest_and_under_way(asking: Wire) -> None:
    uri = "memls:/context/s"
    with pytest.raises(Refused, match="no session"):
        await asking.ask("memls/context", {"session": "s"})
    with pytest.raises(Refused, match="no such document"):
        await asking.ask("workspace/textDocumentContent", {"uri": uri})
    await asking.ask("memls/ask", {"question": "What is `Shelf`?", "session": "s"})
    assert {"uri": uri} in asking.heard("workspace/textDocumentContent/refresh")

    async def check(running: bool) -> None:
        context = await asking.ask("memls/context", {"session": "s"})
        assert context["running"] == running
        page = context["pages"][0]["id"]
        for action, pinned in (("pin", True), ("unpin", False), ("pin", True)):
            context = await asking.ask(f"memls/{action}", {"session": "s", "page": page})
            if not running:  # else it is done at the next safe point
                assert context["pages"][0]["pinned"] == pinned
        found = await asking.ask("workspace/textDocumentContent", {"uri": uri})
        assert ("being answered now" if running else "at rest") in found["text"]
        with pytest.raises(Refused, match="no page"):
            await asking.ask("memls/evict", {"session": "s", "page": "p99"})
        was_resident = context["pages"][0]["state"] == "resident"
        gone = await asking.ask("memls/evict", {"session": "s", "page": page})
        if was_resident and not running:
            assert gone["parts"]["pages"] < context["parts"]["pages"] and gone["tokens"] < context["tokens"]

    await check(running=False)
    asked = asking.begin("memls/ask", {"question": "slow", "session": "s", "token": "slow"}, "slow")
    await asking.wait_for(lambda: [e for e in events(asking, "slow") if e["type"] == "token"])
    await check(running=True)
    asking.notify("$/cancelRequest", {"id": "slow"})
    with pytest.raises(Refused):
        await asked
    await check(running=False)


async def test_memory(asking: Wire, repo: Path) -> None:
    await asking.ask("memls/ask", {"question": "What is `Shelf`?", "session": "s"})
    listed = await asking.ask("memls/memory")
    assert [session["name"] for session in listed["sessions"]] == ["s"] and listed["notes"] == []
    shown = await asking.ask("memls/memory", {"action": "show", "what": "s"})
    assert shown["messages"][0]["content"] == "What is `Shelf`?"
    place = {"uri": (repo / "shop/stock.py").as_uri(), "symbol": "Shelf"}
    note = await asking.ask("memls/memory", {"action": "remember", "text": "It is made of oak.", **place})
    command = {"command": "memls.remember", "arguments": [place]}
    other = await asking.ask("workspace/executeCommand", command)
    hover = await asking.ask("textDocument/hover", at(repo / "shop/stock.py", "class Sh|elf"))
    assert "It is made of oak." in str(hover) and "marked Shelf as important" in str(hover)
    for what in (f"note:{note['note']}", f"note:{other['note']}", "s"):
        assert await asking.ask("memls/memory", {"action": "forget", "what": what}) == {"forgotten": True}
        assert await asking.ask("memls/memory", {"action": "forget", "what": what}) == {"forgotten": False}
    assert await asking.ask("memls/memory") == {"sessions": [], "notes": []}
    for params in ({"action": "burn"}, {"action": "show"}, 3):
        with pytest.raises(Refused):
            await asking.ask("memls/memory", params)


# The editor's model.


def lending(wire: Wire, parts: list[str], end: bool = True) -> None:
    """Have the client answer `memls/complete` with these parts, streamed; without `end` it never ends."""

    def complete(message: Json) -> Any:
        token = message["params"]["partialResultToken"]
        for part in parts:
            wire.notify("$/progress", {"token": token, "value": {"text": part}})
        return {"text": "".join(parts), "prompt_tokens": 100, "completion_tokens": 5} if end else SILENT

    wire.respond["memls/complete"] = complete


LENT = {"complete": {"name": "the-editors", "window": 16384}}


async def check_lending(wire: Wire) -> None:
    lending(wire, ["It ", "restocks."])
    answer = await wire.ask("memls/ask", {"question": "What is `restock`?", "token": "t"})
    assert (answer["model"], answer["usage"]["window"]) == ("the-editors", 16384)
    assert answer["answer"].startswith("It restocks.")
    request = wire.heard("memls/complete")[0]
    assert {"messages", "tools", "max_completion_tokens", "partialResultToken"} <= set(request)
    assert [e["text"] for e in events(wire, "t") if e["type"] == "token"][:2] == ["It ", "restocks."]
    lending(wire, ["It "], end=False)
    asked = wire.begin("memls/ask", {"question": "And then?", "token": "u"}, "u")
    await wire.wait_for(lambda: [e for e in events(wire, "u") if e["type"] == "token"])
    number = wire.asked[-1]["id"]
    wire.notify("$/cancelRequest", {"id": "u"})
    with pytest.raises(Refused):
        await asyncio.wait_for(asked, 3)
    await wire.wait_for(lambda: {"id": number} in wire.heard("$/cancelRequest"))
    wire.send(id=number, result={"text": "too late"})
    wire.respond["memls/complete"] = lambda message: (
        wire.send(id=message["id"], error={"code": -32000, "message": "no quota"}) or SILENT
    )
    with pytest.raises(Refused, match="no quota"):
        await wire.ask("memls/ask", {"question": "And now?"})


async def test_the_editor_lends_its_model(repo: Path) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo, options=LENT)
        await check_lending(wire)
        assert await wire.leave() == 0


async def test_a_guest_lends_its_model_to_the_owner(repo: Path) -> None:
    async with serving(repo) as owner, serving(repo) as guest:
        await owner.initialize(repo)
        await owner.ready()
        await guest.initialize(repo, options=LENT)
        await guest.ready()
        assert not (await guest.ask("memls/status"))["owner"]
        await check_lending(guest)
        assert owner.heard("memls/complete") == []
        assert await guest.leave() == 0 and await owner.leave() == 0


# Connections.


class Listening:
    """A server process that many clients connect to."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "memls", "lsp", *arguments],
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env={**os.environ, "MEMLS_HOME": str(home)},
        )  # fmt: skip
        assert self.process.stderr
        line = self.process.stderr.readline().decode()
        assert "listening on" in line, line
        self.port = int(line.split("://127.0.0.1:")[1].split(",")[0])
        self.token = Path(line.split("token in ")[1].strip()).read_text()

    async def tcp(self) -> Wire:
        return Wire(*await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26))

    def end(self) -> str:
        """By SIGTERM; what it wrote to stderr."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(5) == 0
        assert time.monotonic() - began < 2
        assert self.process.stderr
        return self.process.stderr.read().decode()


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Listening]:
    server = Listening(tmp_path / "home", "--tcp", "127.0.0.1:0")
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait()


async def test_clients_over_tcp(listening: Listening, repo: Path, other: Path) -> None:
    one, two, three = [await listening.tcp() for _ in range(3)]
    options = {"token": listening.token}
    await one.initialize(repo, options=options, process=2**22 + 5)  # of another machine: it runs nowhere here
    await two.initialize(repo, options=options)
    await three.initialize(other, options=options)
    for wire in (one, two, three):
        await wire.ready()
    assert await symbols(one, "Shelf") == await symbols(two, "Shelf") == ["Shelf"]
    assert await symbols(three, "Till") == ["Till"] and await symbols(three, "Shelf") == []
    one.notify("textDocument/didOpen", opened(repo / "app.py", "class OnlyMine: pass\n"))
    assert await names(one, repo / "app.py") == ["OnlyMine"]
    assert await names(two, repo / "app.py") == ["main", "leave"]
    assert await symbols(one, "OnlyMine") == ["OnlyMine"] and await symbols(two, "OnlyMine") == []
    owners = [(await wire.ask("memls/status"))["owner"] for wire in (one, two)]
    assert sorted(owners) == [False, True]
    await (one if owners[0] else two).stop()  # it vanishes: the other is the owner then
    rest = two if owners[0] else one
    assert await symbols(rest, "Shelf") == ["Shelf"]
    await rest.until(lambda status: status["owner"], "memls/status")
    await three.ask("shutdown")
    three.notify("exit")
    await three.wait_for(three.reader.at_eof, 3)
    assert await symbols(rest, "restock") == ["restock"]
    assert await asyncio.to_thread(listening.end) == ""
    await rest.stop()


@pytest.mark.parametrize("options", [None, {}, {"token": "wrong"}, {"token": "ß" * 30}, {"token": 3}, 7])
async def test_without_the_token_nothing_is_answered(listening: Listening, repo: Path, options: Any) -> None:
    wire = await listening.tcp()
    folder = {"uri": repo.as_uri(), "name": "repo"}
    added = {"event": {"added": [folder], "removed": []}}
    wire.notify("workspace/didChangeWorkspaceFolders", added)
    asked = wire.begin("memls/search", {"query": "Shelf"})
    with pytest.raises(Refused, match="token"):
        await wire.initialize(repo, options=options)
    with pytest.raises(Refused, match="initialize"):
        await asked
    wire.notify("initialized", {})
    wire.notify("workspace/didChangeWorkspaceFolders", added)
    for method in ("memls/search", "memls/status", "workspace/symbol", "shutdown"):
        with pytest.raises((Refused, ConnectionError)) as caught:
            await wire.ask(method, {"query": "Shelf"})
        assert getattr(caught.value, "code", -32002) == -32002
    await wire.wait_for(wire.reader.at_eof, 3)
    assert wire.told == [] and list((listening.home).glob("**/*.duckdb")) == []


async def test_clients_over_websockets(tmp_path: Path, repo: Path, other: Path) -> None:
    websockets = pytest.importorskip("websockets.asyncio.client")
    server = await asyncio.to_thread(Listening, tmp_path / "home", "--websocket", "127.0.0.1:0")
    address = f"ws://127.0.0.1:{server.port}"

    async def ask(socket: Any, method: str, params: Any) -> Any:
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(socket.recv(), 5))
            if message.get("id") == method and "method" not in message:
                return message

    def hello(folder: Path, options: Any = None) -> Json:
        given = {"rootUri": folder.as_uri(), "capabilities": {}, "processId": None}
        return {**given, "initializationOptions": options}

    try:
        async with websockets.connect(address) as stranger:
            assert "token" in (await ask(stranger, "initialize", hello(repo)))["error"]["message"]
            assert (await ask(stranger, "memls/status", {}))["error"]["code"] == -32002
        async with websockets.connect(f"{address}/?token={'x' * 40}") as stranger:
            assert "token" in (await ask(stranger, "initialize", hello(repo)))["error"]["message"]
        async with (
            websockets.connect(f"{address}/?token={server.token}") as one,
            websockets.connect(address) as two,
        ):
            for socket, folder, options in ((one, repo, None), (two, other, {"token": server.token})):
                assert (await ask(socket, "initialize", hello(folder, options)))["result"]["serverInfo"]
                await socket.send(json.dumps({"jsonrpc": "2.0", "method": "initialized", "params": {}}))
            for socket, name in ((one, "Shelf"), (two, "Till")):
                for _ in range(200):
                    if (await ask(socket, "memls/status", {}))["result"]["state"] == "ready":
                        break
                    await asyncio.sleep(0.02)
                found = (await ask(socket, "workspace/symbol", {"query": name}))["result"]
                assert [symbol["name"] for symbol in found] == [name]
            await one.send(b"\xff not JSON")
            assert (await ask(one, "shutdown", None))["result"] is None
            await one.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
            await asyncio.wait_for(one.wait_closed(), 3)
            assert (await ask(two, "memls/status", {}))["result"]["state"] == "ready"
            assert "Traceback" not in await asyncio.to_thread(server.end)
    finally:
        if server.process.poll() is None:
            server.process.kill()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--tcp", "127.0.0.1"], 2, "not an address"),
        (["--tcp", "127.0.0.1:99999"], 2, "not an address"),
        (["--tcp", "no.such.host.invalid:0"], 3, "cannot listen on"),
        (["--tcp", "127.0.0.1:0", "--stdio"], 2, "exclude each other"),
        (["--websocket", "PORT"], 3, "cannot listen on"),
        (["--tcp", "PORT"], 3, "cannot listen on"),
        (["--tcp", "127.0.0.1:0", "--token-file", "OPEN"], 2, "can be read by others"),
        (["--tcp", "127.0.0.1:0", "--token-file", "SHORT"], 2, "too short"),
        (["--tcp", "127.0.0.1:0", "--token-file", "/proc/none/token"], 3, "cannot use the token file"),
    ],
)
def test_addresses_and_token_files(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    import socket

    for name, mode, content in (("OPEN", 0o644, "x" * 40), ("SHORT", 0o600, "x")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = f"127.0.0.1:{taken.getsockname()[1]}"
        places = {"PORT": port, "OPEN": str(tmp_path / "OPEN"), "SHORT": str(tmp_path / "SHORT")}
        done = subprocess.run(
            [sys.executable, "-m", "memls", "lsp", *(places.get(one, one) for one in arguments)],
            capture_output=True, text=True, timeout=20,
            env={**os.environ, "MEMLS_HOME": str(tmp_path / "home")},
        )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (code, 1) and said in done.stderr, done


# Life.


@pytest.fixture
def large(tmp_path: Path) -> Path:
    body = "".join(f"def f{n}(a):\n    return f{n + 1}(a)\n\n\n" for n in range(100))
    return write(tmp_path / "large", {f"p{n % 50}/m{n}.py": body for n in range(3000)})


async def test_requests_after_shutdown_are_errors(repo: Path) -> None:
    async with serving(repo) as wire:
        with pytest.raises(Refused) as caught:
            await wire.ask("textDocument/hover", at(repo / "app.py", "def ma|in"))
        assert caught.value.code == -32002
        await wire.initialize(repo)
        with pytest.raises(Refused, match="already"):
            await wire.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        await wire.ask("shutdown")
        for method in ("textDocument/hover", "shutdown", "memls/status", "initialize"):
            with pytest.raises(Refused) as caught:
                await wire.ask(method)
            assert caught.value.code == -32600
        wire.notify("exit")
        assert await wire.ended() == 0
        assert wire.errors == b""


@pytest.mark.parametrize("how", ["exit", "closed", "SIGTERM", "half a message"])
async def test_an_end_without_shutdown(repo: Path, how: str) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        assert wire.process
        if how == "exit":
            wire.notify("exit")
        elif how == "SIGTERM":
            wire.process.send_signal(signal.SIGTERM)
        else:
            if how == "half a message":
                wire.send_bytes(b'Content-Length: 100\r\n\r\n{"jsonrpc"')
            wire.writer.close()
        assert await wire.ended() == 1
        assert wire.errors == b""


async def test_the_end_is_prompt_while_indexing_and_answers_come_meanwhile(large: Path) -> None:
    async with serving(large) as wire:
        await wire.initialize(large)
        path = large / "p0/m0.py"
        wire.notify("textDocument/didOpen", opened(path, path.read_text() + "\nclass Late: pass\n"))
        await wire.until(lambda status: status["done"] > 0, "memls/status")
        slowest, count = 0.0, 0
        while (await wire.ask("memls/status"))["state"] == "indexing" and count < 30:
            began = time.monotonic()
            assert (await names(wire, path))[-1] == "Late"
            assert await wire.ask("textDocument/hover", at(path, "def f|1("))
            await symbols(wire, "Late")
            slowest, count = max(slowest, time.monotonic() - began), count + 1
        assert count and slowest < 3, (count, slowest)  # three requests, on a machine that indexes
        waiting = wire.begin("memls/ask", {"question": "Where is f1?"})
        assert (await wire.ask("memls/status"))["state"] == "indexing"
        assert await wire.leave(2) == 0
        with pytest.raises((Refused, ConnectionError)):
            await waiting


async def test_the_end_is_prompt_while_a_question_runs(asking: Wire, endpoint: FakeEndpoint) -> None:
    waiting = asking.begin("memls/ask", {"question": "slow", "token": "t"})
    await asking.wait_for(lambda: [e for e in events(asking, "t") if e["type"] == "token"])
    assert await asking.leave(2) == 0
    assert await asyncio.to_thread(endpoint.disconnected.wait, 3)
    with pytest.raises((Refused, ConnectionError)):
        await waiting


async def test_a_client_that_vanishes_in_mid_answer(asking: Wire, endpoint: FakeEndpoint) -> None:
    asking.begin("memls/ask", {"question": "slow", "token": "t"}).add_done_callback(lambda f: f.exception())
    await asking.wait_for(lambda: [e for e in events(asking, "t") if e["type"] == "token"])
    asking.writer.close()
    assert await asking.ended(2) == 1
    assert await asyncio.to_thread(endpoint.disconnected.wait, 3)


async def test_the_clients_process_ends(repo: Path) -> None:
    client = await asyncio.create_subprocess_exec("sleep", "60")
    async with serving(repo) as wire:
        await wire.initialize(repo, process=client.pid)
        await wire.ready()
        client.kill()
        await client.wait()
        assert await wire.ended(8) == 1


# Files and documents.


async def test_changes_that_the_editor_tells_of_are_seen(repo: Path) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        for method, name in (
            ("workspace/didChangeWatchedFiles", "watched"),
            ("workspace/didCreateFiles", "made"),
        ):
            path = repo / f"{name}.py"
            path.write_text(f"def {name}(): pass\n")
            key = "changes" if "Watched" in method else "files"
            wire.notify(method, {key: [{"uri": path.as_uri(), "type": 1}]})
            await wire.until(lambda found: len(found) == 1, "workspace/symbol", {"query": name})
        (repo / "made.py").rename(repo / "moved.py")
        pair = {"oldUri": (repo / "made.py").as_uri(), "newUri": (repo / "moved.py").as_uri()}
        wire.notify("workspace/didRenameFiles", {"files": [pair]})
        moved = (repo / "moved.py").as_uri()
        await wire.until(
            lambda found: [one["location"]["uri"] for one in found] == [moved],
            "workspace/symbol", {"query": "made"},
        )  # fmt: skip
        (repo / "moved.py").unlink()
        wire.notify("workspace/didDeleteFiles", {"files": [{"uri": moved}]})
        await wire.until(lambda found: found == [], "workspace/symbol", {"query": "made"})
        storm = [{"uri": (repo / f"none{n}.py").as_uri(), "type": 3} for n in range(2000)]
        for change in storm:
            wire.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        began = time.monotonic()
        assert await answer_of(wire, repo, "hover")
        assert time.monotonic() - began < 3


async def test_versions_that_skip_or_go_back(repo: Path) -> None:
    path = repo / "app.py"
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        wire.notify("textDocument/didOpen", opened(path, "def a(): pass\n", 5))
        wire.notify("textDocument/didChange", changed(path, 9, {"text": "def b(): pass\n"}))
        assert await names(wire, path) == ["b"]
        wire.notify("textDocument/didChange", changed(path, 2, {"text": "def c(): pass\n"}))
        assert await names(wire, path) == ["c"], "messages come in order: the last one is what the user sees"
        wire.notify("textDocument/didOpen", opened(path, "def d(): pass\n", 1))
        assert await names(wire, path) == ["d"]
        wire.notify("textDocument/didClose", {"textDocument": text(path)})
        wire.notify("textDocument/didChange", changed(path, 3, {"text": "def e(): pass\n"}))
        wire.notify("textDocument/didClose", {"textDocument": text(path)})
        assert await names(wire, path) == ["main", "leave"]


async def test_two_hundred_documents(repo: Path) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        for n in range(200):
            wire.notify("textDocument/didOpen", opened(repo / f"d{n}.py", f"def in_{n}(): pass\n"))
        asked = [names(wire, repo / f"d{n}.py") for n in range(200)]
        assert await asyncio.wait_for(asyncio.gather(*asked), 10) == [[f"in_{n}"] for n in range(200)]
        assert await symbols(wire, "in_123") == ["in_123"]


async def test_a_large_document(repo: Path) -> None:
    """10 MB: nothing is promised of it but that everything else goes on."""
    path = repo / "big.py"
    body = "".join(f"def function_{n}(argument):\n    return argument\n\n\n" for n in range(200_000))
    assert len(body) > 10_000_000
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        wire.notify("textDocument/didOpen", opened(path, body))
        for n in range(5):
            end = {"line": 700_000 + n, "character": 0}
            change = {"range": {"start": end, "end": end}, "text": "x = 1\n"}
            wire.notify("textDocument/didChange", changed(path, n + 2, change))
        began = time.monotonic()
        await wire.ask("textDocument/documentSymbol", {"textDocument": text(path)}, 10)
        assert await answer_of(wire, repo, "hover")
        assert time.monotonic() - began < 10
        assert await wire.leave() == 0


async def test_a_long_answer_keeps_nobody_waiting(repo: Path) -> None:
    """An outline of 10,000 symbols takes seconds to make; a hover beside it does not wait for it."""
    path = repo / "long.py"
    path.write_text("".join(f"def function_{n}(argument):\n    return argument\n" for n in range(10_000)))
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        long = asyncio.ensure_future(names(wire, path))
        await asyncio.sleep(0.05)
        slowest = 0.0
        while not long.done():
            began = time.monotonic()
            await wire.ask("memls/search", {"query": "Shelf", "kind": "symbol"})
            slowest = max(slowest, time.monotonic() - began)
        assert len(long.result()) == 10_000
        assert slowest < 1.0, slowest


@pytest.mark.parametrize(
    "uri",
    ["untitled:Untitled-1", "file:///etc/passwd", "vscode-notebook-cell:/x#1", "git:/a?b", "", "%%", "file:"],
)
async def test_files_that_are_not_the_repositorys(uri: str, tmp_path: Path) -> None:
    repo = write(tmp_path / "repo")
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "def f(): pass\n"}
        wire.notify("textDocument/didOpen", {"textDocument": document})
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "x"}],
        })  # fmt: skip
        params = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 5}}
        for method in ("textDocument/hover", "textDocument/definition", "textDocument/documentSymbol"):
            assert not await wire.ask(method, params)
        wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        wire.notify("notebookDocument/didOpen", {"notebookDocument": {"uri": uri}, "cellTextDocuments": []})
        wire.notify("notebookDocument/didChange", {"notebookDocument": {}, "change": {}})
        wire.notify("notebookDocument/didClose", {})
        assert await symbols(wire, "Shelf") == ["Shelf"]
        assert await wire.leave() == 0
        assert wire.errors == b""


async def test_messages_that_are_none(repo: Path) -> None:
    """Each of them leaves the server able to answer the next; nothing but that is on stderr."""
    async with serving(repo) as wire:
        await wire.initialize(repo)
        for n in range(200):
            wire.notify(f"nobody/knows{n}", {"deep": [n]})
        unknown = [wire.begin(f"nobody/knows{n}") for n in range(50)]
        for one in await asyncio.gather(*unknown, return_exceptions=True):
            assert isinstance(one, Refused) and one.code == -32601
        for body in (b"{", b"\xff\xfe", b"[1]", b"3", b'"x"', b"[" * 200_000, b'{"id": 1.5, "method": "x"}'):
            wire.send_body(body)
        await wire.wait_for(lambda: len(wire.refusals) == 7)
        assert {error["code"] for error in wire.refusals} == {-32700, -32600}
        wire.send_bytes(b"Content-Length: 10\r\n\r\n" + b'{"jsonrpc": "2.0", "method": "too/long"}')
        wire.send_bytes(b"Content-Length: 99999999999999\r\n\r\n")
        wire.send_bytes(b"x" * 3_000_000)
        body = json.dumps({"jsonrpc": "2.0", "id": "odd", "method": "memls/status"}).encode()
        answered = asyncio.get_running_loop().create_future()
        wire._waiting["odd"] = answered
        wire.send_bytes(b"Content-Type: x\r\ncontent-LENGTH :  %d\r\n\r\n%s" % (len(body), body))
        assert (await asyncio.wait_for(answered, 5))["root"] == str(repo)
        inner = {"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": {"jsonrpc": "2.0"}}
        assert await wire.ask("memls/search", {"query": "Shelf", "inner": inner}) is not None
        assert await wire.ask("memls/status", {"inner": inner})
        assert await wire.leave() == 0


async def test_every_request_of_ours_takes_whatever_comes(repo: Path) -> None:
    async with serving(repo) as wire:
        await wire.initialize(repo)
        await wire.ready()
        for method in REQUESTS:
            for params in (None, [], 3, "x", {"session": 1}, {"page": []}, {"root": "\0"}, {"uri": "::"}):
                try:
                    await wire.ask(method, params)
                except Refused as error:
                    assert error.code in (-32602, -32803), (method, params, str(error))
        assert await wire.leave() == 0
