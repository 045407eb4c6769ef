"""A language client small enough to add no time of its own: JSON-RPC over the server's standard streams.

One thread reads and stamps each answer as it arrives, so that a latency holds no waiting of the caller.
Requests of the server are answered with what an editor without settings answers.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CAPABILITIES: Mapping[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "symbol": {},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "definition": {"linkSupport": False},
        "references": {},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {},
    },
}


class RequestError(Exception):
    """The server answered with an error, not in time, or not at all because it ended."""


@dataclass(frozen=True)
class Answer:
    """A result, and the seconds from sending the request to the arrival of the answer."""

    result: Any
    seconds: float


class Client:
    """One server process and the session with it. Use as a context manager: the process is ended."""

    def __init__(self, command: Sequence[str], root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=root, env={**os.environ, **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        self._sending = threading.Lock()
        self._waiting: dict[int, tuple[Future[Answer], float]] = {}
        self._sent = 0
        self.progress: set[Any] = set()
        """Tokens of work that the server has begun and not ended."""
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.request("shutdown", None, 10)
            self.notify("exit", None)
            self._process.wait(10)
        except (RequestError, OSError, subprocess.TimeoutExpired):
            pass
        finally:
            self._process.kill()
            self._process.wait()
            self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def initialize(self, options: Mapping[str, Any] | None = None) -> float:
        """Seconds from the start of the process to the answer."""
        uri = self.root.as_uri()
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "memls benchmarks"},
            "rootUri": uri,
            "rootPath": str(self.root),
            "workspaceFolders": [{"uri": uri, "name": self.root.name}],
            "capabilities": CAPABILITIES,
            "initializationOptions": options,
        }
        self.request("initialize", params, 120)
        taken = time.perf_counter() - self.started
        self.notify("initialized", {})
        return taken

    def open(self, path: str, language: str, text: str) -> None:
        item = {"uri": self.uri(path), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def close(self, path: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def ask(
        self, method: str, path: str, at: tuple[int, int] | None = None, timeout: float = 60, **more: Any
    ) -> Answer:
        """A request about a document; `at` is line and character, both from 0."""
        params: dict[str, Any] = {"textDocument": {"uri": self.uri(path)}, **more}
        if at is not None:
            params["position"] = {"line": at[0], "character": at[1]}
        return self.request(f"textDocument/{method}", params, timeout)

    def try_ask(self, method: str, path: str, at: tuple[int, int] | None = None, timeout: float = 60) -> Any:
        """The result of `ask`, None where the server answers with an error."""
        try:
            return self.ask(method, path, at, timeout).result
        except RequestError:
            return None

    def wait_for_progress(self, limit: float = 120) -> None:
        """Until nothing is in progress: some servers answer by syntax alone while they load a project."""
        began = time.perf_counter()
        while self.progress and time.perf_counter() - began < limit:
            time.sleep(0.02)

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def request(self, method: str, params: Any, timeout: float = 60) -> Answer:
        """Waits for the answer. Raises RequestError where there is none."""
        try:
            return self.send(method, params).result(timeout)
        except Late:
            raise RequestError(f"{method}: no answer in {timeout:.0f} s") from None

    def send(self, method: str, params: Any) -> "Future[Answer]":
        future: Future[Answer] = Future()
        with self._sending:
            self._sent += 1
            number = self._sent
            self._waiting[number] = future, time.perf_counter()
            self._write({"id": number, "method": method, "params": params})
        if self._process.poll() is not None:
            self._give_up()
        return future

    def notify(self, method: str, params: Any) -> None:
        with self._sending:
            self._write({"method": method, "params": params})

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self._in.flush()
        except BrokenPipeError:
            pass  # the reader gives up on what waits

    def _read(self) -> None:
        while (body := read_message(self._out)) is not None:
            arrived = time.perf_counter()
            message = json.loads(body)
            if "method" in message:
                self._serve(message)
            elif (waiting := self._waiting.pop(message.get("id"), None)) is not None:
                future, sent = waiting
                if "error" in message:
                    future.set_exception(RequestError(message["error"].get("message", "")))
                else:
                    future.set_result(Answer(message.get("result"), arrived - sent))
        self._give_up()

    def _give_up(self) -> None:
        while self._waiting:
            try:
                _, (future, _) = self._waiting.popitem()
            except KeyError:
                return
            future.set_exception(RequestError(f"the server has ended: {self._last_words()}"))

    def _last_words(self) -> str:
        """The last line that the server wrote to its standard error."""
        try:
            self._log.seek(0)
            lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        except ValueError:  # closed, with the session
            return ""
        return lines[-1] if lines else ""

    def _serve(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message.get("params") or {}
        if method == "$/progress":
            kind = params["value"].get("kind")
            if kind in ("begin", "end"):
                (self.progress.add if kind == "begin" else self.progress.discard)(params["token"])
        if "id" not in message:
            return
        result: Any = None
        if method == "workspace/configuration":
            result = [None] * len(params["items"])
        elif method == "workspace/workspaceFolders":
            result = [{"uri": self.root.as_uri(), "name": self.root.name}]
        with self._sending:
            self._write({"id": message["id"], "result": result})


def read_message(stream: IO[bytes]) -> bytes | None:
    """The body of the next message, None at the end of the stream."""
    length = 0
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return stream.read(length) if line and length else None
