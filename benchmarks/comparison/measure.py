"""What is measured of one server: cold start, answers and their times, memory, and keeping up with typing."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from comparison.answers import Given, Place, is_sure, places
from comparison.client import Answer, Client, RequestError
from comparison.peers import Server
from comparison.positions import Grammar, Position, middle
from comparison.process import Peak, cpu

IDLE = 0.05
"""A server that uses less than this share of one CPU over a second is at rest."""
POLL = 0.02
"""Seconds between an answer that is not there yet and the next question."""
TABS = 8
"""Files that stay open, as in an editor: a server may let go of what no open file needs."""


@dataclass(frozen=True)
class Bench:
    """One server on one repository, with its cache between the starts."""

    server: Server
    repo: Path
    cache: Path

    @contextmanager
    def started(self, *, cold: bool) -> Iterator[tuple[Client, float]]:
        """A running server and the seconds of `initialize`; cold means without a cache of its own."""
        if cold:
            shutil.rmtree(self.cache, ignore_errors=True)
            self.server.forget()
        self.cache.mkdir(parents=True, exist_ok=True)
        environment = {
            name: value.replace("{cache}", str(self.cache)) for name, value in self.server.environment.items()
        }
        with Client(self.server.command, self.repo, environment) as client:
            yield client, client.initialize(self.server.options)

    def open(self, client: Client, path: str) -> None:
        language = {".tsx": "typescriptreact"}.get(Path(path).suffix, self.server.language)
        client.open(path, language, (self.repo / path).read_text("utf-8", "replace"))


@dataclass(frozen=True)
class Known:
    """A position whose definition both servers gave, so that an answer can be told from a right answer."""

    position: Position
    place: Place


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process; `answer` is the first right definition's, None for none."""

    initialize: float
    answer: float | None
    cpu: float
    """CPU seconds of all its processes until then: they say more than the clock on a busy machine."""
    megabytes: float


def start(bench: Bench, known: Known, *, cold: bool, limit: float) -> Start:
    """Start, open one file, and ask for one definition until it is the known one."""
    with bench.started(cold=cold) as (client, initialized), Peak(client.pid) as peak:
        bench.open(client, known.position.path)
        answer = None
        while answer is None and time.perf_counter() - client.started < limit:
            if known.place in _definition(client, known.position, limit):
                answer = time.perf_counter() - client.started
            else:
                time.sleep(POLL)
        used = cpu(client.pid)
    return Start(initialized, answer, used, peak.megabytes)


@dataclass
class Warm:
    """One session that is at rest before it is asked. Seconds by kind of request, answers by position."""

    settled: float = 0.0
    megabytes: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    given: dict[Position, Given] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    """How often each kind of request failed, with what the server said."""
    typing: "Typing | None" = None


def warm(bench: Bench, positions: Sequence[Position], edited: str, rare: int, limit: float) -> Warm:
    """Everything asked of a server that is ready; what takes long, on `rare` positions only."""
    result = Warm()
    with bench.started(cold=True) as (client, _), Peak(client.pid) as peak:
        bench.open(client, positions[0].path)  # some servers begin when a file is open
        result.settled = _settle(client, limit)
        client.close(positions[0].path)
        tabs: list[str] = []
        step = max(1, len(positions) // rare)
        seldom = positions[::step]
        for path, group in groupby(positions, lambda position: position.path):
            tabs.append(path)
            _ask_file(bench, client, path, list(group), seldom, result)
            if len(tabs) > TABS:
                client.close(tabs.pop(0))
        for position in seldom:
            params = {"query": position.name}
            _timed(result, "workspace/symbol", lambda p=params: client.request("workspace/symbol", p))
        if edited in tabs:
            client.close(edited)
        if edited:
            result.typing = typing(bench, client, edited)
    result.megabytes = peak.megabytes
    return result


def _ask_file(
    bench: Bench, client: Client, path: str, group: list[Position], seldom: Sequence[Position], result: Warm
) -> None:
    """All questions about one file. The first is timed apart: it holds what opening the file costs."""
    bench.open(client, path)
    first = group[0]
    _timed(result, "first definition in a file", lambda: client.ask("definition", path, _at(first)))
    _idle(client)
    for one in group:
        found = _timed(result, "definition", lambda p=one: client.ask("definition", path, _at(p)))
        hover = _timed(result, "hover", lambda p=one: client.ask("hover", path, _at(p)))
        root = bench.repo
        declared: tuple[Place, ...] = ()
        if bench.server.language == "c" and bench.server.name != "memls":
            declared = places(_or_none(client, "declaration", path, _at(one)), root)
        failed = isinstance(found, RequestError)
        result.given[one] = Given(
            () if failed else places(found, root), declared, is_sure(hover), str(found) if failed else ""
        )
        if one in seldom:
            _timed(result, "references", lambda p=one: _references(client, p))
    _timed(result, "documentSymbol", lambda: client.ask("documentSymbol", path))


def _references(client: Client, position: Position) -> Answer:
    context = {"includeDeclaration": True}
    return client.ask("references", position.path, _at(position), context=context)


def _timed(result: Warm, kind: str, ask: Callable[[], Any]) -> Any:
    """The answer's result, its seconds kept; an error is counted, and given back."""
    began = time.perf_counter()
    try:
        answer = ask()
    except RequestError as error:
        result.errors[f"{kind}: {str(error)[:200]}"] += 1
        result.seconds.setdefault(kind, []).append(time.perf_counter() - began)
        return error
    result.seconds.setdefault(kind, []).append(answer.seconds)
    return answer.result


def _or_none(
    client: Client, method: str, path: str, at: tuple[int, int] | None = None, limit: float = 60
) -> Any:
    """The result, None where the server answers with an error."""
    try:
        return client.ask(method, path, at, limit).result
    except RequestError:
        return None


def _idle(client: Client, limit: float = 120) -> None:
    """Wait until nothing is in progress: some servers answer by syntax alone while they load a project."""
    began = time.perf_counter()
    while client.progress and time.perf_counter() - began < limit:
        time.sleep(POLL)


def _settle(client: Client, limit: float) -> float:
    """Seconds from the start until nothing is in progress and the processes rest for two seconds."""
    quiet, before = 0, cpu(client.pid)
    while quiet < 2 and time.perf_counter() - client.started < limit:
        time.sleep(1)
        now = cpu(client.pid)
        quiet = quiet + 1 if not client.progress and now - before < IDLE else 0
        before = now
    return time.perf_counter() - client.started - quiet


@dataclass(frozen=True)
class Typing:
    """Outlines asked for while somebody types: by how many seconds each was behind."""

    lines: int
    edits: int
    behind: list[float]
    seconds: list[float]
    refused: int
    """Requests that the server gave up because the text changed meanwhile."""
    catch_up: float
    lost: bool


def typing(bench: Bench, client: Client, path: str, rate: float = 50, duration: float = 5) -> Typing:
    """Rename a function in the middle of a file `rate` times a second, and ask for the outline meanwhile.

    The name tells which edit an answer has seen. When it arrives it is behind by the time since the first
    edit that it has not seen; 0 where it has seen all.
    """
    text = (bench.repo / path).read_text("utf-8", "replace")
    line, _ = middle(text.encode(), Path(path).suffix, bench.server.language)
    function = Grammar.of(bench.server.language).function
    bench.open(client, path)
    client.ask("documentSymbol", path)
    _idle(client)
    edit = _Edit(client, path, line, function)
    behind: list[float] = []
    seconds: list[float] = []
    waiting, asked, refused = None, 0.0, 0
    began = time.perf_counter()
    for number in range(int(rate * duration)):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        edit.make(number)
        if waiting is not None and waiting.done():
            try:
                answer = waiting.result()
                seconds.append(answer.seconds)
                behind.append(edit.age(answer.result, asked + answer.seconds))
            except RequestError:
                refused += 1
            waiting = None
        if waiting is None and number % 5 == 0:
            asked = time.perf_counter()
            waiting = client.send("textDocument/documentSymbol", {"textDocument": {"uri": client.uri(path)}})
    ended = time.perf_counter()
    lost = True
    while lost and time.perf_counter() - ended < 60:
        lost = edit.seen(_or_none(client, "documentSymbol", path)) != edit.last
    caught_up = time.perf_counter() - ended
    if waiting is not None and not behind:
        behind.append(caught_up)
        seconds.append(caught_up)
    client.close(path)
    return Typing(text.count("\n") + 1, edit.last + 1, behind, seconds, refused, caught_up, lost)


class _Edit:
    """A function whose name is changed again and again."""

    def __init__(self, client: Client, path: str, line: int, function: str) -> None:
        self._client, self._path, self._line, self._function = client, path, line, function
        self._sent: list[float] = []

    @property
    def last(self) -> int:
        return len(self._sent) - 1

    def make(self, number: int) -> None:
        at = self._function.index("{}")
        if number == 0:
            self._change((self._line, 0), (self._line, 0), self._function.format(_name(0)))
        else:
            start, end = (self._line, at), (self._line, at + len(_name(0)))
            self._change(start, end, _name(number))
        self._sent.append(time.perf_counter())

    def _change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = {
            name: {"line": line, "character": character}
            for name, (line, character) in (("start", start), ("end", end))
        }
        version = len(self._sent) + 2
        document = {"uri": self._client.uri(self._path), "version": version}
        changes = [{"range": span, "text": text}]
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def seen(self, symbols: Any) -> int:
        """The number of the last edit that an outline shows, -1 for none."""
        numbers = [int(s["name"][9:15]) for s in symbols or () if s["name"].startswith(_name(0)[:9])]
        return max(numbers, default=-1)

    def age(self, symbols: Any, arrived: float) -> float:
        missed = self.seen(symbols) + 1
        return max(0.0, arrived - self._sent[missed]) if missed < len(self._sent) else 0.0


def _name(number: int) -> str:
    return f"renaming_{number:06}"


def _definition(client: Client, position: Position, limit: float) -> tuple[Place, ...]:
    return places(_or_none(client, "definition", position.path, _at(position), limit), client.root)


def _at(position: Position) -> tuple[int, int]:
    return position.line, position.character


@contextmanager
def cache() -> Iterator[Path]:
    """A folder for a server's caches, removed in the end."""
    with tempfile.TemporaryDirectory(prefix="memls-bench-") as folder:
        yield Path(folder) / "cache"
