"""`memls serve` under load: many clients that ask without a pause, for minutes.

    python benchmarks/serve.py REPOSITORY [--clients 100] [--seconds 300] [--at-a-time 16]

A real server process, and a model's endpoint that replies after a known time; clients and endpoint are in
this process. Every client reads its events to the end and holds them against the answer: the tokens that
came must be the answer's text, and the last event `done`. Overhead is a question's time from its turn (the
first event, when the server began it) to its end, without the time that the endpoint took.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

DELAY = 0.25
"""Seconds that the endpoint takes for a reply."""
QUESTION = "What is in these lines, and what relies on it?"


@dataclass
class Seen:
    """What came of all questions."""

    answers: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list)
    lost: int = 0
    overheads: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


class Model:
    """Calls page_in for some lines of the repository, then answers with a citation of them."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def __call__(self, request: Request) -> StreamingResponse:
        body = await request.json()
        await asyncio.sleep(DELAY)
        return StreamingResponse(self._pieces(body), media_type="text/event-stream")

    async def _pieces(self, body: dict[str, Any]) -> AsyncIterator[str]:
        if body["messages"][-1]["role"] == "tool":
            words = (
                f"They are what the file begins with, and more follows from them [{self.path}:1-3].".split(
                    " "
                )
            )
            deltas = [{"content": f"{word} "} for word in words]
        else:
            arguments = json.dumps({"targets": [f"{self.path}:1-3"]})
            function = {"name": "page_in", "arguments": arguments}
            deltas = [{"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}]}]
        for delta in deltas:
            yield f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n"
        finish = "stop" if len(deltas) > 1 else "tool_calls"
        yield f"data: {json.dumps({'choices': [{'index': 0, 'delta': {}, 'finish_reason': finish}]})}\n\n"
        yield "data: [DONE]\n\n"


async def client(http: httpx2.AsyncClient, end: float, seen: Seen) -> None:
    """One that asks again and again."""
    while time.monotonic() < end:
        asked = time.monotonic()
        try:
            async with http.stream(
                "POST", "/api/ask", json={"question": QUESTION, "stream": True}
            ) as response:
                if response.status_code == 429:
                    seen.refused += 1
                    await asyncio.sleep(1)
                    continue
                await _read(response, asked, seen)
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {error}")


async def _read(response: httpx2.Response, asked: float, seen: Seen) -> None:
    began, text, last = 0.0, "", {}
    async for line in response.aiter_lines():
        if not line.startswith("data: "):
            continue
        last = json.loads(line[6:])
        began = began or time.monotonic()
        if last["type"] == "token":
            text += last["text"]
        elif last["type"] == "retracted":
            text = ""
    if last.get("type") != "done" or last["status"] != "answered":
        seen.errors.append(json.dumps(last)[:300])
        return
    seen.answers += 1
    seen.lost += text.strip() != last["answer"].strip() or last["citations"][0]["status"] != "verified"
    seen.waits.append(began - asked)
    seen.overheads.append(time.monotonic() - began - DELAY * last["usage"]["steps"])


async def sample(process: int, end: float, seen: Seen) -> None:
    """The server's memory, each second, in MB."""
    while time.monotonic() < end:
        rows = Path(f"/proc/{process}/status").read_text().splitlines()  # noqa: ASYNC240
        seen.memory += [int(row.split()[1]) / 1024 for row in rows if row.startswith("VmRSS")]
        await asyncio.sleep(1)


def _some_file(repository: Path) -> str:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=repository, capture_output=True, text=True)
    return next(one for one in listed.stdout.split() if (repository / one).stat().st_size > 2000)


async def run(arguments: argparse.Namespace, home: Path) -> Seen:
    path = _some_file(arguments.repository)
    config = uvicorn.Config(
        Starlette(routes=[
            Route("/v1/chat/completions", Model(path).__call__, methods=["POST"]),
            Route("/v1/models", lambda _: JSONResponse({"data": []})),
        ]),
        port=0, log_level="error",
    )  # fmt: skip
    endpoint = uvicorn.Server(config)
    serving = asyncio.create_task(endpoint.serve())
    while not endpoint.started:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.05)
    port = endpoint.servers[0].sockets[0].getsockname()[1]
    at_a_time, waiting = str(arguments.at_a_time), str(arguments.clients)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "memls", "serve", "--port", "0", "--repo", str(arguments.repository),
        "--max-asks", at_a_time, "--max-waiting", waiting,
        env={
            "PATH": "/usr/bin:/bin", "MEMLS_HOME": str(home), "MEMLS_MODEL": "fake", "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "MEMLS_WINDOW": "16384",
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    address = ""
    while "listening on" not in address:
        address = (await process.stderr.readline()).decode()
    log = asyncio.create_task(_drain(process.stderr))
    headers = {"Authorization": f"Bearer {(home / 'data' / 'serve-token').read_text()}"}
    limits = httpx2.Limits(max_connections=arguments.clients + 2)
    seen = Seen()
    async with httpx2.AsyncClient(
        base_url=address.split()[-1], headers=headers, timeout=600, limits=limits
    ) as http:
        while (await http.get("/api/search", params={"query": "a"})).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        end = time.monotonic() + arguments.seconds
        sampling = asyncio.create_task(sample(process.pid, end, seen))
        await asyncio.gather(*(client(http, end, seen) for _ in range(arguments.clients)))
        await sampling
    process.terminate()
    await process.wait()
    await log
    endpoint.should_exit = True
    await serving
    return seen


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--at-a-time", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memls-serve-") as home:
        seen = asyncio.run(run(arguments, Path(home)))
    times = sorted(1000 * one for one in seen.overheads)
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else times * 20
    print(f"{arguments.clients} clients for {arguments.seconds:g} s: {seen.answers:,} answers, ", end="")
    print(f"{len(seen.errors)} errors, {seen.lost} with lost events, {seen.refused} told to come again")
    print(f"our own time a question, ms: p50 {statistics.median(times):.0f}, p95 {cuts[18]:.0f}")
    print(f"for their turn they waited, s: p50 {statistics.median(seen.waits):.2f}")
    minute = seen.memory[min(60, len(seen.memory) - 1)]
    first, last = seen.memory[0], seen.memory[-1]
    print(f"memory, MB: {first:.0f} at the start, {minute:.0f} after a minute, {last:.0f} at the end")
    for error in seen.errors[:5]:
        print(f"  {error}")


if __name__ == "__main__":
    main()
