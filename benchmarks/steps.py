"""What a step costs beside the model: tokens of instructions and functions, and our own time.

    python benchmarks/steps.py REPOSITORY [--window 16384] [--questions 20]

Questions and calls are drawn from the repository's index with a fixed seed; a policy answers at once. Time is
from its reply to the next request, in wall milliseconds, by what was called; the first step, which looks up
the question, by itself. Prefix: how much of a request the next one begins with, between compactions.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpe_openai

from memls.agent.conversation import AskOptions
from memls.agent.functions import SCHEMAS
from memls.agent.limits import Limits
from memls.agent.prompts import INSTRUCTIONS
from memls.config import Folders
from memls.models.base import Reply, Request, TextDelta, ToolCall
from memls.workspace import Workspace

Call = tuple[str, dict[str, Any]]


class Timed:
    """A model that replies at once, and notes how long each request was in coming."""

    name = "timed"
    window: int | None = None
    summarises = False

    def __init__(self, steps: Sequence[Sequence[Call]], times: dict[str, list[float]]) -> None:
        self.steps, self.times = list(steps), times
        self.asked = time.perf_counter()
        self.after = "the question"
        self.requests: list[Request] = []

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        self.times[self.after].append(1000 * (time.perf_counter() - self.asked))
        self.requests.append(request)
        place = len(self.requests) - 1
        calls = self.steps[place] if place < len(self.steps) else ()
        made = tuple(ToolCall(f"c{place}-{at}", n, json.dumps(a)) for at, (n, a) in enumerate(calls))
        self.after = " + ".join(sorted({name for name, _ in calls}))
        self.asked = time.perf_counter()
        yield Reply("" if made else "Done.", made)

    async def close(self) -> None: ...


def script(dice: random.Random, names: Sequence[str]) -> list[list[Call]]:
    """A typical run: read, search, follow, read."""

    def name() -> str:
        return dice.choice(names)

    return [
        [("page_in", {"targets": [name(), name()]})],
        [("find", {"query": name().rpartition(":")[2], "kind": "text"})],
        [("references", {"symbol": name()})],
        [("find", {"query": f"where is {name().rpartition('.')[2]} used"})],
        [("page_in", {"targets": [name(), name(), name()]}), ("references", {"symbol": name()})],
        [("find", {"query": f"how does {name().rpartition('.')[2]} work"}) for _ in range(3)],
    ]


async def ask(workspace: Workspace, question: str, model: Timed, window: int) -> None:
    model.window = window
    model.asked = time.perf_counter()
    options = AskOptions(model, limits=Limits(), watch=False)
    async with aclosing(workspace.ask(question, options)) as events:
        async for _ in events:
            pass


def prefixes(requests: Sequence[Request]) -> list[float]:
    """Of each request but the last, how much the next one begins with."""
    texts = [json.dumps(request.messages, ensure_ascii=False)[:-1] for request in requests]
    shares = []
    for before, after in pairwise(texts):
        same = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
        shares.append(same / len(before))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--window", type=int, default=16_384)
    parser.add_argument("--questions", type=int, default=20)
    given = parser.parse_args()
    encoding = bpe_openai.get_encoding("o200k_base")
    for name, text in (("functions", json.dumps(SCHEMAS)), ("instructions", INSTRUCTIONS)):
        print(f"{name}: {len(encoding.encode(text))} tokens (o200k)")
    times: dict[str, list[float]] = defaultdict(list)
    shares: list[float] = []
    with tempfile.TemporaryDirectory(prefix="memls-steps-") as base:
        folders = Folders(*(Path(base, name) for name in ("index", "memory", "user")))
        with Workspace.open(given.repository.resolve(), folders) as workspace:
            workspace.index()
            rows = workspace.store.index.read(
                """SELECT f.path || ':' || s.qualified_name FROM symbols s JOIN files f ON f.id = s.file
                WHERE s.kind IN ('function', 'method') AND s.end_line - s.line BETWEEN 3 AND 60
                ORDER BY hash(f.path, s.qualified_name) LIMIT 400"""
            )
            names, dice = [row[0] for row in rows], random.Random(0)
            for number in range(given.questions):
                about = dice.choice(names).rpartition(":")[2]
                model = Timed(script(dice, names), times)
                asyncio.run(ask(workspace, f"How is {about} used, and why?", model, given.window))
                shares += prefixes(model.requests)
                print(f"\r{number + 1} of {given.questions}", end="", flush=True)
    _print(times, shares)


def _print(times: dict[str, list[float]], shares: Sequence[float]) -> None:
    print(f"\r{'after':<28}{'steps':>6}{'p50':>8}{'p95':>8}  ms")
    every = [one for name, values in times.items() if name != "the question" for one in values]
    for name, values in [*sorted(times.items()), ("all but the first", every)]:
        ordered = sorted(values)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        print(f"{name or 'the answer':<28}{len(ordered):>6}{statistics.median(ordered):>8.1f}{p95:>8.1f}")
    whole = sum(share > 0.999 for share in shares)
    print(f"prefix: {whole} of {len(shares)} requests wholly, the others after a compaction; ", end="")
    print(f"{statistics.mean(shares):.0%} with these")


if __name__ == "__main__":
    main()
