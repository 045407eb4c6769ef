"""`memls mcp` by the SDK's own client: real processes, over standard input and output and over HTTP."""

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from command import Command
from endpoint import Body, FakeEndpoint, Turn
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from service import PATIENCE
from test_checks import PRICES, SHOP

pytestmark = pytest.mark.slow

ANSWER = "It is the sum of the prices [shop/cart.py:9-11]."
SECRET = "TOP-SECRET-OUTSIDE"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    root = tmp_path / "shop-code"
    for name, text in (("shop/cart.py", SHOP), ("shop/prices.py", PRICES)):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "outside.txt").write_text(SECRET)
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    return root


def _policy(body: Body, _: int) -> Turn | str:
    if body["messages"][-1]["role"] == "tool":
        return ANSWER
    return Turn(calls=[("page_in", {"targets": ["shop/cart.py:1-11"]})])


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with FakeEndpoint(_policy) as made:
        yield made


def _environment(home: Path, endpoint: FakeEndpoint | None) -> dict[str, str]:
    own = {"MEMLS_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    if endpoint is None:
        return own
    return {**own, "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-test", "MEMLS_MODEL": "fake",
            "MEMLS_WINDOW": "16384"}  # fmt: skip


@asynccontextmanager
async def _stdio(code: Path, endpoint: FakeEndpoint | None, *arguments: str) -> AsyncIterator[Client]:
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "memls", "mcp", *arguments], cwd=code,
        env=_environment(code.parent / "home", endpoint),
    )  # fmt: skip
    async with Client(server) as client:
        yield client


@contextmanager
def _listening(code: Path, endpoint: FakeEndpoint | None, *arguments: str) -> Iterator[tuple[str, str]]:
    """A server over HTTP; its address and its token."""
    home = code.parent / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "memls", "mcp", "--http", "127.0.0.1:0", *arguments],
        cwd=code, env={**os.environ, **_environment(home, endpoint)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines: list[str] = []
    address: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if "listening on" in line:
                address.put(line.split()[-1])
        address.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        url = address.get(timeout=PATIENCE)
        assert url, "".join(lines)
        yield url, (home / "data" / "mcp-token").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in "".join(lines), "".join(lines)


@asynccontextmanager
async def _http(code: Path, endpoint: FakeEndpoint | None, *arguments: str) -> AsyncIterator[Client]:
    with _listening(code, endpoint, *arguments) as (url, token):
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=PATIENCE) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            yield client


BY = pytest.mark.parametrize("connected", [_stdio, _http])


async def _text(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return _content(result)


async def _error(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return _content(result)


def _content(result: Any) -> str:
    (content,) = result.content
    return str(content.text)


@BY
async def test_every_tool(connected: Any, code: Path, endpoint: FakeEndpoint) -> None:
    async with connected(code, endpoint) as client:
        assert client.instructions and "`search`" in client.instructions
        hits = await _text(client, "search", query="Cart.total", kind="symbol")
        assert hits == "1 match\nshop/cart.py:9-11 method Cart.total | def total(self)"
        text = await _text(client, "search", query="TABLE[", kind="text")
        assert text == "1 match\nshop/prices.py:5 (in price) | return TABLE[item]"
        assert "no match for 'Carts'; near names: Cart" in await _text(
            client, "search", query="Carts", kind="symbol"
        )
        uses = await _text(client, "refs", target="price", kind="callers")
        assert uses.splitlines() == [
            "callers of price: 1 resolved, 0 only candidates by name",
            "shop/cart.py:11 in Cart.total (call, import)",
        ]
        assert "shop/ (2 files)" in await _text(client, "outline")
        assert "  9-11 method def total(self)" in await _text(client, "outline", path="shop/cart.py")
        assert (await _text(client, "read", target="Cart.total")).splitlines()[:2] == [
            "shop/cart.py:9-11", "9|    def total(self):",
        ]  # fmt: skip
        assert (await _text(client, "read", target="shop/prices.py:3-3")).endswith("3|def price(item):")
        assert "kept as note 1" in await _text(client, "remember", text="In pence.", path="shop/prices.py")
        assert "In pence." in await _text(client, "recall", query="pence")

        told: list[str] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            told.append(message or "")

        result = await client.call_tool("ask", {"question": "What is the total?"}, progress_callback=progress)
        answer = _content(result)
        assert answer.startswith(ANSWER) and "shop/cart.py:9-11 verified" in answer
        assert any("shop/cart.py" in line for line in told)
        session = answer.rpartition("session ")[2].partition(":")[0]
        assert ANSWER in await _text(client, "ask", question="And again?", session=session)


@BY
async def test_resources_are_pages_and_nothing_else(connected: Any, code: Path) -> None:
    async with connected(code, None) as client:
        templates = [one.uri_template for one in (await client.list_resource_templates()).resource_templates]
        assert templates == ["memls://{repo}/code/{+path}{?start,end}", "memls://{repo}/context/{session}"]
        (page,) = (await client.read_resource("memls://shop-code/code/shop/prices.py?start=3&end=3")).contents
        assert page.text == "def price(item):"  # type: ignore[union-attr]
        for uri in HOSTILE:
            with pytest.raises(Exception) as refused:
                await client.read_resource(uri.format(outside=code.parent / "outside.txt"))
            assert SECRET not in str(refused.value)
        assert "def price" in await _text(client, "read", target="shop/prices.py")  # it still answers


HOSTILE = [
    "memls://shop-code/code/../outside.txt",
    "memls://shop-code/code/..%2foutside.txt",
    "memls://shop-code/code/%2e%2e/outside.txt",
    "memls://shop-code/code/%252e%252e/outside.txt",
    "memls://shop-code/code/shop/../../outside.txt",
    "memls://shop-code/code/..\\outside.txt",
    "memls://shop-code/code/{outside}",
    "memls://shop-code/code//etc/passwd",
    "memls://shop-code/code/link.txt",
    "memls://shop-code/code/shop/prices.py%00",
    "memls://shop-code/code/shop",
    "memls://shop-code/code/shop/prices.py?start=x",
    "memls://elsewhere/code/shop/prices.py",
    "memls://shop-code/context/../../x",
    "memls://shop-code/context/nobody",
    "file:///etc/passwd",
    "memls://",
]


async def test_errors_are_one_line(code: Path) -> None:
    async with _stdio(code, None) as client:
        assert "no symbol is named Nothing" in await _error(client, "refs", target="Nothing")
        assert "no file or folder nowhere" in await _error(client, "outline", path="nowhere")
        assert "the query is empty" in await _error(client, "search", query=" ")
        assert "no repository is named 'x'" in await _error(client, "search", query="a", repo="x")
        assert "is not in the index" in await _error(client, "read", target="../outside.txt:1-2")
        assert await _error(client, "search", query="a", kind="everything")
        assert await _error(client, "search", query="a", offset=-1)
        assert "the note is empty" in await _error(client, "remember", text=" ")


async def test_of_a_name_that_many_have_none_is_shown_as_the_one(code: Path) -> None:
    for n in range(60):
        (code / f"m{n}.py").write_text(f"class C{n}:\n    def run(self): pass\n")
    (code / "use.py").write_text("def use(one):\n    one.run()\n")
    async with _stdio(code, None) as client:
        told = await _error(client, "read", target="run")
        assert "run names 60 definitions, read one: m0.py:2-2 C0.run; m1.py:2-2" in told
        assert "def run" in await _text(client, "read", target="m7.py:C7.run")
        assert "shop/cart.py has no lines 900-950" in await _error(
            client, "read", target="shop/cart.py:900-950"
        )
        assert "no further match" in await _text(client, "search", query="def", kind="text", offset=5000)
        used = await _text(client, "refs", target="run", kind="callers")
        assert used.startswith(
            "callers of run: 0 resolved, 1 only candidates by name; run has 60 definitions"
        )


async def test_long_results_go_on(code: Path) -> None:
    body = "".join(f"def number_{n}(value):\n    return value * {n}\n\n\n" for n in range(1000))
    (code / "long.py").write_text(body)
    async with _stdio(code, None) as client:
        for tool, arguments in (
            ("read", {"target": "long.py"}),
            ("outline", {"path": "long.py"}),
            ("search", {"query": "return value", "kind": "text"}),
        ):
            seen: list[str] = []
            offset = 0
            while True:
                text = await _text(client, tool, **arguments, offset=offset)
                head, *lines = text.split("\n")
                assert len(text.encode()) < 26_000
                seen += lines
                if "offset=" not in head:
                    break
                offset = int(head.rpartition("offset=")[2].split()[0])
            assert len(seen) == len(set(seen)) == (4000 if tool == "read" else 1000)


async def test_the_tools_cost_little(code: Path) -> None:
    async with _stdio(code, None) as client:
        tools = (await client.list_tools()).tools
    import bpe_openai  # takes a second, and `make check` reads this file too

    assert [tool.name for tool in tools] == ["ask", "search", "refs", "outline", "read", "recall", "remember"]
    shown = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    tokens = len(bpe_openai.get_encoding("o200k_base").encode(json.dumps(shown)))
    assert tokens < 1500, tokens
    writes = {tool.name for tool in tools if not (tool.annotations and tool.annotations.read_only_hint)}
    assert writes == {"ask", "remember"}


@BY
async def test_cancelling_ends_the_model_s_request(connected: Any, code: Path) -> None:
    free, asked = threading.Event(), threading.Event()

    def held(body: Body, n: int) -> Turn | str:
        asked.set()
        free.wait(PATIENCE)
        return _policy(body, n)

    with FakeEndpoint(held) as endpoint:
        async with connected(code, endpoint) as client:
            call = asyncio.create_task(client.call_tool("ask", {"question": "What is the total?"}))
            await asyncio.to_thread(asked.wait, PATIENCE)
            call.cancel()
            await asyncio.wait((call,))
            await asyncio.sleep(1.0)  # the server hears of it before the endpoint goes on
            free.set()
            assert await asyncio.to_thread(endpoint.disconnected.wait, PATIENCE)
            assert "1 match" in await _text(client, "search", query="Cart.total", kind="symbol")


async def test_several_repositories(code: Path) -> None:
    other = code.parent / "other"
    other.mkdir()
    (other / "main.py").write_text("def start():\n    return 1\n")
    async with _stdio(code, None, "--repo", str(code), "--repo", str(other)) as client:
        assert client.instructions and "Repositories: shop-code, other." in client.instructions
        assert "name a repository: shop-code, other" in await _error(client, "search", query="start")
        assert "main.py:1-2" in await _text(client, "search", query="start", repo="other")


async def test_another_process_owns_the_repository(code: Path) -> None:
    async with _stdio(code, None) as owner, _stdio(code, None) as guest:
        for client in (owner, guest):
            assert "1 match" in await _text(client, "search", query="Cart.total", kind="symbol")


def test_without_the_token_nothing_answers(code: Path) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    with _listening(code, None) as (url, token):
        good = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer x"}, 401),
            ({**good, "Host": "evil.example"}, 421),
            ({**good, "Origin": "http://evil.example"}, 403),
        ):
            assert httpx2.post(url, json=body, headers=headers).status_code == status
        assert httpx2.get(f"{url}?token={token}").status_code == 401
        assert httpx2.post(url, content=b"x" * (1 << 21), headers=good).status_code == 413
        assert (
            httpx2.post(url, content=b"{", headers={**good, "Content-Type": "application/json"}).status_code
            == 400
        )


def test_it_ends_with_its_client(code: Path) -> None:
    environment = {**os.environ, **_environment(code.parent / "home", None)}
    for number in (None, signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-m", "memls", "mcp"], cwd=code, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        me = {"name": "test", "version": "1"}
        given = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": me}
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": given}
        process.stdin.write(json.dumps(hello) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "memls"
        if number is None:
            process.stdin.close()
        else:
            process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert "Traceback" not in process.stderr.read()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
    assert Command(code.parent / "home")("status", cwd=code).code == 0


def test_wrong_use_is_told(code: Path) -> None:
    command = Command(code.parent / "home")
    assert "exclude each other" in command("mcp", "--stdio", "--http", "127.0.0.1:0", cwd=code).err
    assert command("mcp", "--http", "nowhere", cwd=code).code == 2
