"""The language server as editors meet it: a real process, spoken to over its standard input and output."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from editor import FILES, Editor, editing, leave, write
from endpoint import FakeEndpoint, Turn
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    with FakeEndpoint(lambda body, n: Turn("word " * 500, pause=0.05)) as endpoint:
        yield endpoint


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory, endpoint: FakeEndpoint) -> AsyncIterator[Editor]:
    root = tmp_path_factory.mktemp("lsp")
    repo = write(root / "repo")
    async with editing(root, repo, OPENAI_BASE_URL=endpoint.url, OPENAI_API_KEY="key") as editor:
        await editor.reach()
        yield editor


def outline(symbols: Any) -> list[Any]:
    return [[s.name, s.kind.name, *outline(s.children or ())] for s in symbols]


SHELF = ["Shelf", "Class", ["take", "Method"], ["close", "Method"]]
DOOR = ["Door", "Class", ["close", "Method"]]


async def outline_of(editor: Editor, path: str) -> Any:
    found = await editor.text_document_document_symbol_async(lsp.DocumentSymbolParams(editor.text(path)))
    return found if found is None else outline(found)


async def test_an_outline_nests(editor: Editor) -> None:
    found = await editor.text_document_document_symbol_async(
        lsp.DocumentSymbolParams(editor.text("shop/stock.py"))
    )
    assert outline(found) == [SHELF, DOOR, ["restock", "Function"]]
    shelf = found[0] if found else None
    assert isinstance(shelf, lsp.DocumentSymbol)
    assert (shelf.range.start, shelf.range.end) == (lsp.Position(3, 0), lsp.Position(14, 19))
    assert shelf.selection_range == lsp.Range(lsp.Position(3, 6), lsp.Position(3, 11))


async def test_an_outline_is_of_unsaved_text(editor: Editor) -> None:
    editor.open("app.py", FILES["app.py"])
    editor.change(
        "app.py",
        2,
        lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(3, 4), lsp.Position(3, 8)), "begin"),
        lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0)), "V = 1\f\n"),
    )
    assert await outline_of(editor, "app.py") == [
        ["V", "Constant"],
        ["begin", "Function"],
        ["leave", "Function"],
    ]
    editor.change("app.py", 3, lsp.TextDocumentContentChangeWholeDocument("class New: pass\n"))
    assert await outline_of(editor, "app.py") == [["New", "Class"]]
    saved = lsp.DidSaveTextDocumentParams(editor.text("app.py"), "class Saved: pass\n")
    editor.text_document_did_save(saved)
    assert await outline_of(editor, "app.py") == [["Saved", "Class"]]
    editor.close("app.py")
    assert await outline_of(editor, "app.py") == [["main", "Function"], ["leave", "Function"]]


async def test_an_unsaved_file_has_an_outline(editor: Editor) -> None:
    editor.open("new.py", "def fresh(): pass\n")
    assert await outline_of(editor, "new.py") == [["fresh", "Function"]]
    editor.close("new.py")
    assert await outline_of(editor, "new.py") is None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("Shelf", ["Shelf"]),
        ("re", ["restock"]),
        ("Shelf.take", ["take"]),
        ("RESTO", ["restock"]),
        ("nothing", []),
    ],
)
async def test_symbols_of_the_workspace(editor: Editor, query: str, names: list[str]) -> None:
    found = await editor.workspace_symbol_async(lsp.WorkspaceSymbolParams(query))
    assert [symbol.name for symbol in found or ()] == names


async def test_a_symbol_of_the_workspace_has_its_place(editor: Editor) -> None:
    found = await editor.workspace_symbol_async(lsp.WorkspaceSymbolParams("take"))
    assert found
    assert editor.shown([symbol.location for symbol in found]) == ["shop/stock.py:10:8-12"]
    assert found[0].container_name == "Shelf"


@pytest.mark.parametrize(
    ("path", "needle", "places"),
    [
        ("app.py", "= Sh|elf()", ["shop/stock.py:4:6-11"]),
        ("app.py", "Shelf, rest|ock", ["shop/stock.py:23:4-11"]),
        ("app.py", "    restock|(", ["shop/stock.py:23:4-11"]),
        ("app.py", "shelf.ta|ke", ["shop/stock.py:10:8-12"]),
        ("app.py", "def ma|in", ["app.py:4:4-8"]),
        ("app.py", "thing.cl|ose", ["shop/stock.py:14:8-13", "shop/stock.py:19:8-13"]),
        ("wide.py", "y = größ|e", ["wide.py:1:4-9"]),
        ("app.py", '"br|ead"', []),
    ],
)
async def test_definitions(editor: Editor, path: str, needle: str, places: list[str]) -> None:
    params = lsp.DefinitionParams(editor.text(path), editor.at(path, needle))
    found = await editor.text_document_definition_async(params)
    assert editor.shown(found) == places
    assert found is None or places


async def references(
    editor: Editor, path: str, position: lsp.Position, declaration: bool = False
) -> list[str]:
    context = lsp.ReferenceContext(declaration)
    return editor.shown(
        await editor.text_document_references_async(lsp.ReferenceParams(context, editor.text(path), position))
    )


@pytest.mark.parametrize(
    ("path", "needle", "places"),
    [
        ("shop/stock.py", "class Sh|elf", ["app.py:1:23-28", "app.py:5:12-17", "shop/stock.py:24:11-16"]),
        ("app.py", "    rest|ock(", ["app.py:1:30-37", "app.py:6:4-11"]),
        ("wide.py", "def |gr", ["wide.py:5:14-19"]),
    ],
)
async def test_references(editor: Editor, path: str, needle: str, places: list[str]) -> None:
    assert await references(editor, path, editor.at(path, needle)) == places


async def test_references_with_the_declaration(editor: Editor) -> None:
    position = editor.at("app.py", "    rest|ock(")
    assert (await references(editor, "app.py", position, True))[0] == "shop/stock.py:23:4-11"


async def test_unsaved_lines_move_what_is_found(editor: Editor) -> None:
    """Places are those of the buffer; a use in a line that was edited is not shown at a wrong place."""
    edited_text = (
        FILES["app.py"].replace("def main", "# one\n# two\ndef main").replace("restock(shelf)", "pass")
    )
    editor.open("app.py", edited_text)
    try:
        found = await references(editor, "shop/stock.py", editor.at("shop/stock.py", "class Sh|elf"))
        assert found == ["app.py:1:23-28", "app.py:7:12-17", "shop/stock.py:24:11-16"]
        found = await references(editor, "shop/stock.py", editor.at("shop/stock.py", "def rest|ock"))
        assert found == ["app.py:1:30-37"]
        params = lsp.DefinitionParams(editor.text("app.py"), lsp.Position(6, 14))
        found = editor.shown(await editor.text_document_definition_async(params))
        assert found == ["shop/stock.py:4:6-11"]
    finally:
        editor.close("app.py")


async def hover(editor: Editor, params: lsp.HoverParams) -> str:
    found = await editor.text_document_hover_async(params)
    assert found and isinstance(found.contents, lsp.MarkupContent)
    return found.contents.value


async def test_a_line_that_is_not_saved_is_resolved(editor: Editor) -> None:
    editor.open("app.py", FILES["app.py"] + "\n\nShelf()\n")
    try:
        params = lsp.HoverParams(editor.text("app.py"), lsp.Position(13, 2))
        text = await hover(editor, params)
        assert "`shop/stock.py:4`" in text and "candidate" not in text
    finally:
        editor.close("app.py")


@pytest.mark.parametrize(
    ("needle", "said", "unsaid"),
    [
        ("= Sh|elf()", ["```python\nclass Shelf", "Things in a row.", "`shop/stock.py:4`"], ["candidate"]),
        ("shelf.ta|ke", ["def take(self, name)", "```text\nTake `one` thing.", "shop/stock.py:10"], []),
        (
            "thing.cl|ose",
            ["candidate shop/stock.py:14", "candidate shop/stock.py:19"],
            ["`shop/stock.py:14`"],
        ),
    ],
)
async def test_hover(editor: Editor, needle: str, said: list[str], unsaid: list[str]) -> None:
    params = lsp.HoverParams(editor.text("app.py"), editor.at("app.py", needle))
    text = await hover(editor, params)
    assert all(part in text for part in said), text
    assert not any(part in text for part in unsaid), text


@pytest.mark.parametrize("path", ["app.py", "gone.py", "../outside.py", "shop"])
async def test_where_there_is_nothing_the_answer_is_null(editor: Editor, path: str) -> None:
    text, nowhere = editor.text(path), lsp.Position(4000, 4000)
    assert await editor.text_document_definition_async(lsp.DefinitionParams(text, nowhere)) is None
    assert await editor.text_document_hover_async(lsp.HoverParams(text, nowhere)) is None
    assert await references(editor, path, nowhere) == []
    if path != "app.py":
        assert await outline_of(editor, path) is None


async def test_search(editor: Editor) -> None:
    found = await editor.own("memls/search", query="restock", kind="symbol")
    assert [(hit.path, hit.line, hit.symbol) for hit in found.hits] == [("shop/stock.py", 23, "restock")]
    found = await editor.own("memls/search", query="Shelv", kind="symbol")
    assert (found.hits, found.total, found.near) == ([], 0, ["Shelf"])


@pytest.mark.parametrize(
    ("method", "params", "code", "said"),
    [
        ("memls/ask", {}, -32602, "question"),
        ("memls/ask", {"question": 1}, -32602, "question"),
        ("memls/ask", {"question": "?", "window": 5}, -32803, "5 tokens is too small"),
        ("memls/search", {"query": "("}, None, ""),
        ("memls/search", {"query": "(", "kind": "regex"}, -32803, "regular expression"),
        ("memls/search", {"query": ""}, -32803, "empty"),
        ("memls/search", {"query": "x", "kind": "odd"}, -32803, "odd"),
        ("textDocument/hover", {"textDocument": 1}, -32602, ""),
        ("memls/nothing", {}, -32601, "memls/nothing"),
    ],
)
async def test_errors_are_the_protocols(
    editor: Editor, method: str, params: Any, code: int | None, said: str
) -> None:
    raised: JsonRpcException | None = None
    try:
        await asyncio.wait_for(_raw(editor, method, params), 5)
    except JsonRpcException as error:
        raised = error
    assert (raised.code if raised else None) == code
    assert raised is None or said in raised.message
    assert editor.messages == []


async def _raw(editor: Editor, method: str, params: Any) -> Any:
    """A request as written, whatever the types of its parameters."""
    future: Any = asyncio.get_running_loop().create_future()
    identity = f"raw-{time.monotonic_ns()}"
    editor.protocol._request_futures[identity] = future
    editor.protocol._send_data({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
    return await future


async def test_an_answer_streams_and_its_citations_are_verified(editor: Editor) -> None:
    editor.events.clear()
    answer = await editor.own("memls/ask", question="Where is restock defined?", token="t1", window=8192)
    assert answer.status == "answered"
    assert answer.citations and {one.status for one in answer.citations} == {"verified"}
    assert "shop/stock.py" in {one.path for one in answer.citations}
    assert {event.token for event in editor.events} == {"t1"}
    kinds = [event.type for event in editor.events]
    assert {"page_in", "token", "citation"} <= set(kinds) and kinds[-1] == "done"
    assert editor.events[-1].result.answer == answer.answer


async def test_questions_at_once_have_sessions_of_their_own(editor: Editor) -> None:
    asked = [editor.own("memls/ask", question=f"What is {name}?") for name in ("Shelf", "Door")]
    sessions = [answer.session for answer in await asyncio.gather(*asked)]
    assert len(set(sessions)) == 2


async def test_a_cancelled_question_stops_at_the_endpoint(editor: Editor, endpoint: FakeEndpoint) -> None:
    editor.events.clear()
    params = {"question": "Tell me all.", "model": "fake", "token": "slow"}
    asked = editor.protocol.send_request_async("memls/ask", params, msg_id="ask-to-cancel")
    for _ in range(500):
        if any(event.type == "token" for event in editor.events):
            break
        await asyncio.sleep(0.01)
    assert endpoint.received.is_set() and not endpoint.disconnected.is_set()
    editor.cancel_request(lsp.CancelParams("ask-to-cancel"))
    with pytest.raises(JsonRpcException) as caught:
        await asyncio.wait_for(asked, 2)
    assert caught.value.code == lsp.LSPErrorCodes.RequestCancelled.value
    assert await asyncio.to_thread(endpoint.disconnected.wait, 2)
    count = len(editor.events)
    await asyncio.sleep(0.3)
    assert len(editor.events) == count


async def test_changes_on_disk_are_seen(editor: Editor) -> None:
    path = editor.root / "late.py"
    path.write_text("def latecomer(): pass\n")
    try:
        for _ in range(200):
            found = await editor.workspace_symbol_async(lsp.WorkspaceSymbolParams("latecomer"))
            if found:
                break
            await asyncio.sleep(0.02)
        assert found
    finally:
        path.unlink()


async def test_progress_is_shown(editor: Editor) -> None:
    async with asyncio.timeout(20):
        while editor.reports[-1]["kind"] != "end":  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    assert editor.reports[0]["kind"] == "begin"


async def test_columns_are_of_the_negotiated_encoding(tmp_path: Path) -> None:
    async with editing(tmp_path, write(tmp_path / "repo"), "utf-8") as editor:
        await editor.reach()
        params = lsp.DefinitionParams(editor.text("wide.py"), lsp.Position(4, 18))
        assert editor.shown(await editor.text_document_definition_async(params)) == ["wide.py:1:4-11"]


async def test_a_folder_opened_through_a_link_keeps_its_name(tmp_path: Path) -> None:
    write(tmp_path / "repo")
    git = await asyncio.create_subprocess_exec("git", "init", "-q", tmp_path / "repo")
    assert await git.wait() == 0
    (tmp_path / "link").symlink_to("repo")
    async with editing(tmp_path, tmp_path / "link" / "shop") as editor:
        await editor.reach()
        editor.root = tmp_path / "link"
        params = lsp.DefinitionParams(editor.text("app.py"), editor.at("app.py", "= Sh|elf()"))
        assert editor.shown(await editor.text_document_definition_async(params)) == ["shop/stock.py:4:6-11"]


async def test_it_starts_and_ends_promptly_while_indexing(tmp_path: Path) -> None:
    """A request waits for the opening, not for the index, and an index build does not keep the process."""
    body = "".join(f"def f{n}(a):\n    return f{n + 1}(a)\n\n\n" for n in range(1500))
    repo = write(tmp_path / "repo", {f"m{n}.py": body for n in range(40)})
    started = time.monotonic()
    async with editing(tmp_path, repo) as editor:
        assert time.monotonic() - started < 20
        assert (await editor.own("memls/status")).state == "opening"
        while not (outline := await outline_of(editor, "m0.py")):
            pass  # on a slow machine it is told that there is nothing yet
        assert len(outline) == 1500
        asked = editor.own("memls/ask", question="Where is f1?")
        waiting = asyncio.ensure_future(asked)
        await editor.reach(lambda status: status.done > 0)
        assert await leave(editor) == 0
        with pytest.raises(JsonRpcException):
            await waiting


def framed(*messages: dict[str, Any]) -> bytes:
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)


@pytest.mark.parametrize(
    ("last", "code"),
    [([{"id": 2, "method": "shutdown"}, {"method": "exit"}], 0), ([{"method": "exit"}], 1), ([], 1)],
)
async def test_output_is_protocol_alone(tmp_path: Path, last: list[dict[str, Any]], code: int) -> None:
    first = {
        "id": 1,
        "method": "initialize",
        "params": {"capabilities": {}, "processId": None, "rootUri": None},
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "memls", "lsp", "--stdio"],
        input=framed(first, {"method": "initialized", "params": {}}, *last),
        capture_output=True,
        timeout=10,
        cwd=tmp_path,
        env={**os.environ, "MEMLS_HOME": str(tmp_path)},
    )
    ids, rest = [], done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.split(b"\r\n")[0].removeprefix(b"Content-Length: "))
        ids.append(json.loads(rest[:length])["id"])
        rest = rest[length:]
    assert ids == [message["id"] for message in (first, *last) if "id" in message]
    assert (done.returncode, done.stderr) == (code, b"")


UNSAVED = """

def reticulate(splines):
    '''Bend the splines.'''
    return [spline * 2 for spline in splines]
"""


async def test_unsaved_text_counts(editor: Editor) -> None:
    """What is typed is found, resolved, paged in and cited; closed without saving, it is gone."""

    async def symbols() -> list[str]:
        found = await editor.workspace_symbol_async(lsp.WorkspaceSymbolParams("reticulate"))
        return editor.shown([one.location for one in found or ()])

    async def ask() -> Any:
        return await asyncio.wait_for(editor.own("memls/ask", question="What does `reticulate` do?"), 20)

    await editor.reach()
    assert await symbols() == []
    editor.open("app.py", FILES["app.py"])
    end = lsp.Position(FILES["app.py"].count("\n"), 0)
    typed = UNSAVED + "\n\nreticulate([1])\n"
    editor.change("app.py", 2, lsp.TextDocumentContentChangePartial(lsp.Range(end, end), typed))
    assert await symbols() == ["app.py:14:4-14"]
    use = lsp.DefinitionParams(editor.text("app.py"), lsp.Position(18, 3))
    assert editor.shown(await editor.text_document_definition_async(use)) == ["app.py:14:4-14"]
    answer = await ask()
    cited = [(c.path, c.start, c.status) for c in answer.citations if c.path == "app.py"]
    assert ("app.py", 14, "verified") in cited and "Bend the splines" in answer.answer
    editor.close("app.py")
    assert await symbols() == []
    assert all(citation.path != "app.py" or citation.end < 14 for citation in (await ask()).citations)


async def test_another_clients_unsaved_text_does_not(tmp_path: Path) -> None:
    folder = write(tmp_path / "repo")
    async with editing(tmp_path, folder) as one, editing(tmp_path, folder) as two:
        await one.reach()
        await two.reach()
        for editor, name in ((one, "first"), (two, "second")):
            editor.open("app.py", FILES["app.py"] + f"\n\ndef {name}_typed():\n    return 1\n")
        for editor, own, other in ((one, "first", "second"), (two, "second", "first")):
            for name, count in ((own, 1), (other, 0)):
                found = await editor.workspace_symbol_async(lsp.WorkspaceSymbolParams(f"{name}_typed"))
                assert len(found or ()) == count


async def test_the_conversation_can_be_watched(tmp_path: Path) -> None:
    """By `$/setTrace` and in a log, methods and times alone: contents are the user's."""
    folder, log = write(tmp_path / "repo"), tmp_path / "memls.log"
    async with editing(tmp_path, folder, arguments=("--log", str(log))) as editor:
        traced: list[Any] = []
        editor.feature(lsp.LOG_TRACE)(lambda params: traced.append(params))
        await editor.reach()
        editor.open("app.py", "secret_word = 1\n")
        for value in (lsp.TraceValue.Messages, lsp.TraceValue.Verbose, lsp.TraceValue.Off):
            editor.set_trace(lsp.SetTraceParams(value))
            await outline_of(editor, "app.py")
        asked, answered = traced[0].message, traced[1].message
        assert asked.startswith("← textDocument/documentSymbol (")
        assert answered.startswith("→ textDocument/documentSymbol (") and answered.endswith(" ms")
        assert [bool(one.verbose) for one in traced if one.message[0] == "→"] == [False, True]
    text = log.read_text()
    assert text.count("← textDocument/documentSymbol") == 3 and "secret_word" not in text
    assert log.stat().st_mode & 0o777 == 0o600
