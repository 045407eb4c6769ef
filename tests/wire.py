"""A client that writes and reads messages as they are: for what no well-behaved editor would send."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]
Respond = Callable[[Json], Any]
SILENT = object()
"""What a responder gives when the client does not answer (yet)."""


class Refused(Exception):  # noqa: N818
    """A request was answered by an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]
        self.message: str = error["message"]


class Wire:
    """One connection to a server. `respond` answers what the server asks, by method; others get null."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.process: asyncio.subprocess.Process | None = None
        self.errors = b""
        self.respond: dict[str, Respond] = {}
        self.told: list[Json] = []
        """Notifications of the server."""
        self.asked: list[Json] = []
        """Requests of the server."""
        self.answers: Counter[Any] = Counter()
        self.refusals: list[Json] = []
        """Errors without the id of a request."""
        self._waiting: dict[Any, asyncio.Future[Any]] = {}
        self._next = 0
        self._tasks = [asyncio.ensure_future(self._read())]

    @classmethod
    async def start(cls, folder: Path, *arguments: str, **environment: str) -> Self:
        """A server process of its own, with its state beside `folder`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "memls", "lsp", *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "MEMLS_HOME": str(folder.parent / "home"), **environment}, limit=1 << 26,
        )  # fmt: skip
        assert process.stdin and process.stdout
        wire = cls(process.stdout, process.stdin)
        wire.process = process
        wire._tasks.append(asyncio.ensure_future(wire._read_errors()))
        return wire

    def send(self, **message: Any) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_bytes(self, data: bytes) -> None:
        self.writer.write(data)

    def notify(self, method: str, params: Any = None) -> None:
        self.send(method=method, params=params)

    def begin(self, method: str, params: Any = None, number: Any = None) -> "asyncio.Future[Any]":
        """A request's answer, to be awaited; its id is `number` or a new one."""
        if number is None:
            self._next += 1
            number = self._next
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self.send(id=number, method=method, params=params)
        return future

    async def ask(self, method: str, params: Any = None, within: float = 20.0) -> Any:
        return await asyncio.wait_for(self.begin(method, params), within)

    async def initialize(
        self, *folders: Path, options: Any = None, capabilities: Any = None, process: int | None = None
    ) -> Json:
        """The capabilities."""
        params = {
            "processId": process,
            "rootUri": folders[0].as_uri() if folders else None,
            "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders] or None,
            "capabilities": capabilities or {},
            "initializationOptions": options,
        }
        result = await self.ask("initialize", params)
        self.notify("initialized", {})
        return dict(result["capabilities"])

    async def ready(self, root: Path | None = None) -> None:
        """Wait until a repository is indexed; the first one where none is named."""
        params = {"root": str(root)} if root else {}
        await self.until(lambda status: status["state"] == "ready", "memls/status", params)

    async def until(self, reached: Callable[[Any], bool], method: str, params: Any = None) -> Any:
        """Ask again and again until the answer is right."""
        answer = None
        for _ in range(400):
            answer = await self.ask(method, params)
            if reached(answer):
                return answer
            await asyncio.sleep(0.025)
        raise AssertionError(answer)

    async def wait_for(self, seen: Callable[[], Any], within: float = 10.0) -> Any:
        """Wait until something was heard."""
        async with asyncio.timeout(within):
            while not (found := seen()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found

    def heard(self, method: str) -> list[Any]:
        """The parameters of the server's notifications and requests with this method."""
        return [m.get("params") for m in (*self.told, *self.asked) if m["method"] == method]

    async def leave(self, within: float = 2.0) -> int:
        """`shutdown` and `exit`; the exit code."""
        await self.ask("shutdown")
        self.notify("exit")
        return await self.ended(within)

    async def ended(self, within: float = 2.0) -> int:
        assert self.process
        return await asyncio.wait_for(self.process.wait(), within)

    async def stop(self) -> None:
        """End it however it is."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.writer.close()
        for task in self._tasks:
            task.cancel()

    async def _read(self) -> None:
        try:
            while True:
                length = 0
                while line := (await self.reader.readline()).strip():
                    name, _, value = line.partition(b":")
                    assert name == b"Content-Length", line
                    length = int(value)
                if not length:
                    return
                self._take(json.loads(await self.reader.readexactly(length)))
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the server is gone"))

    def _take(self, message: Json) -> None:
        assert message["jsonrpc"] == "2.0"
        number = message.get("id")
        if "method" not in message:
            self.answers[number] += 1
            if number is None:
                self.refusals.append(message["error"])
            elif (future := self._waiting.pop(number, None)) and not future.done():
                if "error" in message:
                    future.set_exception(Refused(message["error"]))
                else:
                    future.set_result(message["result"])
        elif number is None:
            self.told.append(message)
        else:
            self.asked.append(message)
            result = self.respond.get(message["method"], lambda _: None)(message)
            if result is not SILENT:
                self.send(id=number, result=result)

    async def _read_errors(self) -> None:
        assert self.process and self.process.stderr
        while data := await self.process.stderr.read(65536):
            self.errors += data


@asynccontextmanager
async def serving(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[Wire]:
    """A server process; whatever happens it is ended, and its stderr must have no traceback."""
    wire = await Wire.start(folder, *arguments, **environment)
    try:
        yield wire
    finally:
        await wire.stop()
    assert b"Traceback" not in wire.errors and b"never retrieved" not in wire.errors, wire.errors.decode()
