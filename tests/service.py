"""A real `memls serve` process over a repository of the test's own."""

import contextlib
import http.client
import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import Command

PATIENCE = 30.0


@dataclass
class Service:
    """The process, the port it told, and what it says on standard error."""

    process: "subprocess.Popen[str]"
    token: str
    port: int
    folder: Path
    """Where its state is in a folder of its own."""
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        """A request with the token; the response, whose body is still to be read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        given = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        connection.request(method, path, json.dumps(body) if body is not None else None, given)
        response = connection.getresponse()
        response.connection = connection  # type: ignore[attr-defined]
        return response

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The status of a request, and the JSON or text that came."""
        response = self.open(method, path, body, **headers)
        text = response.read().decode()
        is_json = "json" in (response.getheader("content-type") or "")
        return response.status, json.loads(text) if is_json else text

    def log(self) -> list[dict[str, Any]]:
        """The requests that were logged so far."""
        return [json.loads(line) for line in tuple(self.lines) if line.startswith('{"time"')]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def events(response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """Server-sent events as they come."""
    for line in response:
        if line.startswith(b"data: ") and line.strip() != b"data: [DONE]":
            yield json.loads(line[6:])


@contextlib.contextmanager
def served(
    home: Path, *arguments: str, cwd: Path, model: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Serve, until the block ends. What a test did not stop is stopped, and has to end well."""
    command = Command(home)
    process = subprocess.Popen(
        [*command.program, "serve", "--port", "0", *arguments],
        cwd=cwd, env=command.environment(model or {}), text=True,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    lines: list[str] = []
    address: queue.Queue[int] = queue.Queue()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if line.startswith("memls: listening on"):
                address.put(int(line.rstrip("/\n").rpartition(":")[2]))
        address.put(0)  # it has ended

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        port = address.get(timeout=PATIENCE)
        assert port, f"it did not start: {''.join(lines)}"
        token = (home / "data" / "serve-token").read_text()
        yield Service(process, token, port, home.parent, lines)
    finally:
        if process.poll() is None:
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        reader.join(5)
    assert "Traceback" not in "".join(lines), "".join(lines)


def until(condition: Any, what: str, patience: float = PATIENCE) -> None:
    """Wait for something to become so."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)
