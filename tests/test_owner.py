"""One owner for each repository: real processes that share it, kill each other's owner, and lose nothing."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from command import Command
from editor import FILES, Editor, editing, write
from endpoint import FakeEndpoint, Policy, Turn
from lsprotocol import types as lsp

from memls import __version__
from memls.config import folders
from memls.owner import address

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "repo")


@pytest.fixture
def memls(tmp_path: Path) -> Command:
    return Command(tmp_path / "home")


def own_folder(memls: Command, folder: Path) -> Path:
    """Where the index and the owner's address are."""
    return folders(folder, {"MEMLS_HOME": str(memls.home)}).index


async def defined(editor: Editor) -> list[str]:
    params = lsp.DefinitionParams(editor.text("app.py"), editor.at("app.py", "restock|(shelf)"))
    return editor.shown(await editor.text_document_definition_async(params))


def slow_at_first(text: str) -> Policy:
    """A model that thinks for a minute when it is asked first, and not at all after."""
    return lambda body, number: Turn(text, wait=60 if number == 0 else 0)


async def run(memls: Command, *arguments: str, folder: Path, **environment: str) -> str:
    """A command that succeeds beside an editor; what it prints."""
    done = await asyncio.to_thread(memls, *arguments, "--repo", str(folder), **environment)
    assert (done.code, done.err) == (0, ""), done
    return done.out


async def test_commands_work_while_an_editor_has_the_repository(
    tmp_path: Path, folder: Path, memls: Command
) -> None:
    async with editing(tmp_path, folder) as editor:
        await editor.reach()
        assert "shop/stock.py:4" in await run(memls, "search", "Shelf", folder=folder)
        (folder / "new.py").write_text("def brand_new(): return 1\n")
        assert "new.py:1" in await run(memls, "search", "brand_new", folder=folder)
        assert "app.py:6" in await run(memls, "refs", "restock", folder=folder)
        assert json.loads(await run(memls, "index", "--json", folder=folder))["files"] == 5
        answer = json.loads(
            await run(memls, "ask", "What does `restock` do?", "--format", "json", "--session", "s",
                      "--trace", str(tmp_path / "t"), folder=folder)
        )  # fmt: skip
        assert [c["status"] for c in answer["citations"]] and answer["session"] == "s"
        assert "identical" in await run(memls, "trace", "replay", str(tmp_path / "t"), folder=folder)
        asked = await editor.own("memls/memory")
        assert [session.name for session in asked.sessions] == ["s"]
        assert "What does `restock` do?" in await run(memls, "memory", "show", "s", folder=folder)
        assert await run(memls, "memory", "forget", "s", folder=folder) == "forgot s\n"
        assert (await editor.own("memls/memory")).sessions == []


async def test_errors_arrive_as_what_they_are(tmp_path: Path, folder: Path, memls: Command) -> None:
    async with editing(tmp_path, folder) as editor:
        await editor.reach()
        for arguments, code, said in (
            (("search", "(", "--kind", "regex"), 2, "bad regular expression"),
            (("refs", "nothing_such"), 1, "no symbol is named nothing_such"),
            (("ask", "?", "--window", "5"), 2, "too small"),
            (("ask", "?", "--model", "m"), 3, "127.0.0.1:9"),
        ):
            done = await asyncio.to_thread(
                memls, *arguments, "--repo", str(folder),
                **({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"} if "--model" in arguments else {}),
            )  # fmt: skip
            assert (done.code, done.err.count("\n")) == (code, 1) and said in done.err, done


async def test_an_editor_takes_over_when_the_owner_is_killed(
    tmp_path: Path, folder: Path, memls: Command
) -> None:
    async with editing(tmp_path, folder) as one:
        await one.reach()
        async with editing(tmp_path, folder) as two, editing(tmp_path, folder) as three:
            for guest in (two, three):
                await guest.reach()
                assert not (await guest.own("memls/status")).owner
                assert await defined(guest) == ["shop/stock.py:23:4-11"]
            one.process.kill()
            began = time.monotonic()
            assert await defined(two) == await defined(three) == ["shop/stock.py:23:4-11"]
            assert time.monotonic() - began < 10  # two seconds on a machine of one's own
            owners = [(await guest.own("memls/status")).owner for guest in (two, three)]
            assert sorted(owners) == [False, True]
            assert "shop/stock.py:4" in await run(memls, "search", "Shelf", folder=folder)
            assert two.messages == three.messages == []


async def test_buffers_outlive_the_owner(tmp_path: Path, folder: Path) -> None:
    async with editing(tmp_path, folder) as one:
        await one.reach()
        async with editing(tmp_path, folder) as two:
            await two.reach()
            two.open("app.py", "\n\n" + FILES["app.py"] + "\n\ndef unsaved():\n    return 1\n")
            symbols = lsp.DocumentSymbolParams(two.text("app.py"))
            before = await two.text_document_document_symbol_async(symbols)
            assert before and before[-1].name == "unsaved"
            one.process.kill()
            assert await two.text_document_document_symbol_async(symbols) == before
            assert await one_is_deaf(one)


async def one_is_deaf(editor: Editor) -> bool:
    return await asyncio.wait_for(editor.process.wait(), 5) == -signal.SIGKILL


async def test_a_question_outlives_the_owner(tmp_path: Path, folder: Path, memls: Command) -> None:
    """The owner is killed while its model is thinking: the question is asked again by the next."""
    with FakeEndpoint(slow_at_first("It restocks.")) as endpoint:
        environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k", "MEMLS_MODEL": "m"}
        async with editing(tmp_path, folder) as one:
            await one.reach()
            async with editing(tmp_path, folder, **environment) as two:
                await two.reach()
                asked = asyncio.create_task(
                    two.own("memls/ask", question="What does `restock` do?", session="s", token=1)
                )
                await asyncio.to_thread(endpoint.received.wait, 10)
                one.process.kill()
                answer = await asyncio.wait_for(asked, 20)
                assert answer.answer.startswith("It restocks.")
                assert any(event.type == "retracted" for event in two.events)
                messages = (await two.own("memls/memory", action="show", what="s")).messages
                assert [m.content for m in messages if m.role == "assistant"] == [answer.answer]
                turns = (await two.own("memls/turns", session="s")).turns
                assert [turn.answer.answer for turn in turns] == [answer.answer], "kept once"


@pytest.mark.parametrize("killed", ["SIGKILL", "SIGTERM"])
def test_a_command_goes_on_without_the_owner(folder: Path, memls: Command, killed: str) -> None:
    """`memls ask` owns the repository and waits for its model; another is its guest, then the owner."""
    with FakeEndpoint(slow_at_first("Yes.")) as endpoint:
        environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k", "MEMLS_MODEL": "m"}
        asking = subprocess.Popen(
            [*memls.program, "ask", "Is it?", "--repo", str(folder)],
            env=memls.environment(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert endpoint.received.wait(10)
        assert memls("search", "Shelf", "--repo", str(folder)).code == 0
        asking.send_signal(getattr(signal, killed))
        asking.communicate(timeout=10)
        assert memls("ask", "Is it?", "--repo", str(folder), **environment).code == 0


@pytest.fixture
def holder(memls: Command, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has the database open and answers nobody."""
    assert memls("index", "--repo", str(folder)).code == 0
    code = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(99)"
    )
    database = own_folder(memls, folder) / "index.duckdb"
    process = subprocess.Popen([memls.program[0], "-c", code, str(database)], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_an_owner_of_another_version(memls: Command, folder: Path, holder: "subprocess.Popen[bytes]") -> None:
    file = own_folder(memls, folder) / "owner.json"
    file.write_text(json.dumps({"socket": "/nowhere", "token": "t", "pid": holder.pid, "version": "0.0.1"}))
    done = memls("search", "Shelf", "--repo", str(folder))
    assert done.code == 3 and done.err == (
        f"memls: process {holder.pid} has this repository open with memls 0.0.1, and this is memls "
        f"{__version__}: end or update that one\n"
    )


@pytest.mark.parametrize("left", ["nothing", "a dead socket", "half a file", "a file of somebody else's"])
def test_what_a_dead_owner_left_is_in_nobodys_way(
    memls: Command, folder: Path, holder: "subprocess.Popen[bytes]", left: str
) -> None:
    """Held by one that does not answer, a command waits; as soon as that one is gone, it goes on."""
    folder_ = own_folder(memls, folder)
    if left == "a dead socket":
        (folder_ / "owner.sock").touch()
        about = address.Address(socket=str(folder_ / "owner.sock"), token="t", pid=1)
        (folder_ / "owner.json").write_text(json.dumps({**about_json(about)}))
    elif left == "half a file":
        (folder_ / "owner.json").write_text('{"socket": "/no')
    elif left == "a file of somebody else's":
        (folder_ / "owner.json").write_text("[]")
    ending = threading.Timer(1.5, holder.kill)
    ending.start()
    done = memls("search", "Shelf", "--repo", str(folder))
    ending.join()
    assert (done.code, done.err) == (0, "")


def about_json(about: address.Address) -> dict[str, object]:
    return {"socket": about.socket, "port": 0, "token": about.token, "pid": about.pid, "version": __version__}


async def test_who_has_no_token_is_told_nothing(tmp_path: Path, folder: Path, memls: Command) -> None:
    from memls.errors import LostError, MemlsError
    from memls.owner.peer import Peer, no_calls, no_news

    async with editing(tmp_path, folder) as editor:
        await editor.reach()
        about = address.find(own_folder(memls, folder))
        assert about is not None and about.pid == editor.process.pid
        inside = own_folder(memls, folder)
        for file in (inside / "owner.json", inside / "index.duckdb", Path(about.socket)):
            assert file.stat().st_mode & 0o777 == 0o600
        for hello in ({"token": "wrong", "version": __version__}, {"version": __version__}, None):
            peer = Peer(*await address.connect(about), no_calls, no_news)
            reading = asyncio.create_task(peer.run())
            with pytest.raises(MemlsError):
                await peer.call("hello", hello)
            with pytest.raises(MemlsError):
                await peer.call("status", {})
            peer.close()
            with suppress(LostError):
                await reading
        for junk in (
            b"",
            b"\0",
            b"\xff\xff\xff\xff",
            b"\0\0\0\2[]",
            b"\0\0\0\4oops",
            b"GET / HTTP/1.1\r\n\r\n",
        ):
            _, writer = await address.connect(about)
            writer.write(junk)
            await writer.drain()
            writer.close()
        assert await defined(editor) == ["shop/stock.py:23:4-11"]


async def test_a_replaced_database_is_seen(tmp_path: Path, folder: Path, memls: Command) -> None:
    async with editing(tmp_path, folder) as editor:
        await editor.reach()
        shutil.rmtree(own_folder(memls, folder))
        for _ in range(200):
            if any("removed or exchanged" in line for line in editor.messages):
                break
            await asyncio.sleep(0.05)
        assert editor.messages == ["memls: the index was removed or exchanged: opening it anew"]
        await editor.reach()
        assert await defined(editor) == ["shop/stock.py:23:4-11"]
        assert "shop/stock.py:4" in await run(memls, "search", "Shelf", folder=folder)


def test_a_home_that_cannot_be_written(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    memls = Command(home, unprivileged=True)
    done = memls("search", "Shelf", "--repo", str(folder))
    assert done.code == 3 and done.err.count("\n") == 1 and "Permission denied" in done.err


def test_a_path_too_long_for_a_socket(tmp_path: Path, folder: Path) -> None:
    async def check(memls: Command) -> None:
        async with editing(tmp_path, folder, MEMLS_HOME=str(memls.home)) as editor:
            await editor.reach()
            about = address.find(own_folder(memls, folder))
            assert about is not None and len(os.fsencode(about.socket)) <= 100
            assert modes(Path(about.socket)) == [0o700, 0o600]
            assert "shop/stock.py:4" in await run(memls, "search", "Shelf", folder=folder)
        assert modes(Path(about.socket))[1] == 0

    def modes(socket: Path) -> list[int]:
        return [path.stat().st_mode & 0o777 if path.exists() else 0 for path in (socket.parent, socket)]

    asyncio.run(check(Command(tmp_path / ("long" * 30))))


async def test_the_platforms_without_unix_sockets(
    tmp_path: Path, folder: Path, memls: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback and the token, as on Windows; host and guest in this process."""
    from memls.owner.host import Host
    from memls.owner.link import reach
    from memls.owner.peer import no_calls, no_news
    from memls.store import Store

    monkeypatch.delattr(asyncio, "start_unix_server")
    monkeypatch.setenv("MEMLS_HOME", str(memls.home))
    store = Store(folder)
    store.build()
    with Host(store, lambda workspace, data: None):
        for _ in range(500):
            if about := address.find(store.folders.index):
                break
            await asyncio.sleep(0.01)
        assert about is not None and about.port and not about.socket
        peer, reading = await reach(store.folders.index, no_calls, no_news)
        assert (await peer.call("status", {}))["files"] == len(FILES)
        peer.close()
        await reading
    store.close()
