"""What is measured of one server: cold start, answers and their times, and memory."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from comparison.answers import Given, Place, is_sure, places
from comparison.bench import Bench
from comparison.client import Answer, Client, RequestError
from comparison.editing import Typing, typing
from comparison.positions import Position
from comparison.process import Peak, cpu

IDLE = 0.05
"""A server that uses less than this share of one CPU over a second is at rest."""
POLL = 0.02
"""Seconds between an answer that is not there yet and the next question."""
TABS = 8
"""Files that stay open, as in an editor: a server may let go of what no open file needs."""


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
    typing: Typing | None = None


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
    client.wait_for_progress()
    for one in group:
        found = _timed(result, "definition", lambda p=one: client.ask("definition", path, _at(p)))
        hover = _timed(result, "hover", lambda p=one: client.ask("hover", path, _at(p)))
        root = bench.repo
        declared: tuple[Place, ...] = ()
        if bench.server.language in ("c", "cpp") and bench.server.name != "memls":
            declared = places(client.try_ask("declaration", path, _at(one)), root)
        failed = isinstance(found, RequestError)
        given = () if failed else places(found, root)
        result.given[one] = Given(
            given, declared, _behind(client, one, given), is_sure(hover), str(found) if failed else ""
        )
        if one in seldom:
            _timed(result, "references", lambda p=one: _references(client, p))
    _timed(result, "documentSymbol", lambda: client.ask("documentSymbol", path))


def _behind(client: Client, one: Position, given: Sequence[Place]) -> frozenset[str]:
    """gopls, and others at times, lead to the import of a package; asked at its path, they lead on."""
    if len(given) != 1 or given[0][0] != one.path or given[0][1] == one.line:
        return frozenset()
    line = (client.root / one.path).read_text("utf-8", "replace").split("\n")[given[0][1]].rstrip("\r; ")
    on = places(client.try_ask("definition", one.path, (given[0][1], max(0, len(line) - 2))), client.root)
    return frozenset(path for path, _ in on if path != one.path)


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


def _settle(client: Client, limit: float) -> float:
    """Seconds from the start until nothing is in progress and the processes rest for two seconds."""
    quiet, before = 0, cpu(client.pid)
    while quiet < 2 and time.perf_counter() - client.started < limit:
        time.sleep(1)
        now = cpu(client.pid)
        quiet = quiet + 1 if not client.progress and now - before < IDLE else 0
        before = now
    return time.perf_counter() - client.started - quiet


def _definition(client: Client, position: Position, limit: float) -> tuple[Place, ...]:
    return places(client.try_ask("definition", position.path, _at(position), limit), client.root)


def _at(position: Position) -> tuple[int, int]:
    return position.line, position.character
