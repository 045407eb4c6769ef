"""How far a server's outline is behind while somebody types.

A function in the middle of a file is renamed again and again, and its name tells which edit an answer has
seen: when the answer arrives, it is behind by the time since the first edit that it has not seen.
"""

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comparison.bench import Bench
from comparison.client import Answer, Client, RequestError
from comparison.positions import Grammar, middle

RATE = 50
"""Edits a second."""
SECONDS = 5
PATIENCE = 60
"""Seconds after the last edit in which an outline must have seen it."""


@dataclass
class Typing:
    """What became of the outlines that were asked for, one at a time; all times in seconds."""

    lines: int
    edits: int = 0
    behind: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    """Requests that the server gave up because the text had changed."""
    catch_up: float = 0.0
    """From the last edit to the answer that has seen it, asked for after the last edit."""
    lost: bool = False
    """No answer has seen the last edit."""


def typing(bench: Bench, client: Client, path: str) -> Typing:
    """Type `RATE` times a second for `SECONDS`, and ask for an outline whenever none is on its way."""
    text = (bench.repo / path).read_text("utf-8", "replace")
    line, _ = middle(text.encode(), Path(path).suffix, bench.server.language)
    bench.open(client, path)
    client.ask("documentSymbol", path)
    client.wait_for_progress()
    edit = _Edit(client, path, line, Grammar.of(bench.server.language).function)
    result = Typing(text.count("\n") + 1)
    waiting: tuple[Future[Answer], float] | None = None
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        edit.make()
        if waiting and waiting[0].done():
            _note(result, edit, *waiting)
            waiting = None
        if waiting is None:
            asked = time.perf_counter()
            document = {"textDocument": {"uri": client.uri(path)}}
            waiting = client.send("textDocument/documentSymbol", document), asked
    result.edits = edit.made
    _catch_up(result, edit, client, path)
    if waiting:
        _note(result, edit, *waiting)
    client.close(path)
    return result


def _note(result: Typing, edit: "_Edit", waiting: "Future[Answer]", asked: float) -> None:
    try:
        answer = waiting.result(0 if waiting.done() else PATIENCE)
    except (RequestError, TimeoutError):
        result.refused += 1
        return
    result.seconds.append(answer.seconds)
    result.behind.append(edit.age(answer.result, asked + answer.seconds))


def _catch_up(result: Typing, edit: "_Edit", client: Client, path: str) -> None:
    ended = time.perf_counter()
    result.lost = True
    while result.lost and time.perf_counter() - ended < PATIENCE:
        result.lost = edit.seen(client.try_ask("documentSymbol", path)) < edit.made - 1
    result.catch_up = time.perf_counter() - ended


class _Edit:
    """A new function at the start of a line, whose name changes with each edit."""

    def __init__(self, client: Client, path: str, line: int, function: str) -> None:
        self._client, self._path, self._line, self._function = client, path, line, function
        self._sent: list[float] = []

    @property
    def made(self) -> int:
        return len(self._sent)

    def make(self) -> None:
        name, at = _name(self.made), self._function.index("{}")
        if self.made:
            self._replace(at, at + len(name), name)
        else:
            self._replace(0, 0, self._function.format(name))
        self._sent.append(time.perf_counter())

    def _replace(self, start: int, end: int, text: str) -> None:
        span = {
            name: {"line": self._line, "character": character}
            for name, character in (("start", start), ("end", end))
        }
        document = {"uri": self._client.uri(self._path), "version": self.made + 2}
        params = {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        self._client.notify("textDocument/didChange", params)

    def seen(self, symbols: Any) -> int:
        """The number of the last edit that an outline shows, -1 for none."""
        shown = [one["name"] for one in symbols or () if one["name"].startswith(_PREFIX)]
        return max((int(name[len(_PREFIX) :][:_DIGITS]) for name in shown), default=-1)

    def age(self, symbols: Any, arrived: float) -> float:
        """Seconds that an outline is behind when it arrives; 0 where it has seen all edits."""
        missed = self.seen(symbols) + 1
        return max(0.0, arrived - self._sent[missed]) if missed < self.made else 0.0


_PREFIX, _DIGITS = "renaming_", 6


def _name(number: int) -> str:
    return f"{_PREFIX}{number:0{_DIGITS}}"
