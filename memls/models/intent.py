"""What a question wants, by its words; how one definition reaches another, by what is told of callees."""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Intent = Literal["callees", "callers", "uses", "implementers", "why", "how", "where", "what"]

_WHO = r"\b(?:who|what|which \w+|where)\b.*\b"
_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    ("callees", re.compile(r"\b(?:who|what|which \w+) (?:does|do|did)\b.*\bcalls?\W*$|\bcallees\b", re.I)),
    (
        "callers",
        re.compile(rf"{_WHO}(?:calls?|called|callers?)\b|\b(?:callers|calls|call sites) (?:of|to)\b", re.I),
    ),
    ("why", re.compile(r"^\W*(?:and |but |so )?why\b|\bthe reason\b", re.I)),
    (
        "uses",
        re.compile(
            rf"(?!.*\b(?:what|which \w+) (?:does|do|did)\b){_WHO}uses?\b|{_WHO}(?:used|depends? on)\b"
            r"|\b(?:usages?|uses|references) (?:of|to)\b"
            r"|\bwhat (?:(?:would|will|might|could|else) )*(?:breaks?\b|happens? if (?:i|we)\b)",
            re.I,
        ),
    ),
    (
        "implementers",
        re.compile(
            r"\b(?:who|what|which(?: \w+)?) (?:implements?|inherits?|extends?|subclass(?:es)?|overrides?)\b"
            r"|\b(?:implementations|implementers|implementors|subclasses|overrides) of\b",
            re.I,
        ),
    ),
    ("how", re.compile(r"\bhow\b|^\W*(?:trace|follow)\b", re.I)),
    ("where", re.compile(r"\b(?:where|in which|which (?:file|module|function|class|method))\b", re.I)),
)
_CALLEES = re.compile(r"^callees of (?P<path>\S.*?):(?P<symbol>\S+): ")
_CALLEE = re.compile(
    r"^(?P<path>\S.*?):(?P<start>\d+) (?P<symbol>\S+) \(line (?P<line>\d+), (?P<reason>[^|]*)\)(?: \| .*)?$"
)
_DEEPEST, _WIDEST = 4, 6


def intent_of(question: str) -> Intent:
    """What is asked for; "what" where nothing else is."""
    return next((intent for intent, pattern in _INTENTS if pattern.search(question)), "what")


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A definition."""

    path: str
    symbol: str

    @property
    def target(self) -> str:
        return f"{self.path}:{self.symbol}"


@dataclass(frozen=True, slots=True)
class Step:
    """One call on a path: where it stands, and what it leads to."""

    caller: Node
    line: int
    callee: Node


class Calls:
    """What the results of `references` say of who calls whom."""

    def __init__(self, results: Iterable[str]) -> None:
        self.asked: set[Node] = set()
        self._of: dict[Node, dict[Node, int]] = {}
        for text in results:
            head, *lines = text.split("\n")
            if match := _CALLEES.match(head):
                caller = Node(match["path"], match["symbol"])
                self.asked.add(caller)
                rows = [row for line in lines if (row := _CALLEE.match(line))]
                sure = [row for row in rows if row["reason"] != "CANDIDATE"]
                for row in sure:
                    callees = self._of.setdefault(caller, {})
                    callees.setdefault(Node(row["path"], row["symbol"]), int(row["line"]))
            elif head.startswith("no callees of "):
                path, _, symbol = (
                    head.removeprefix("no callees of ").removesuffix(" in the index").rpartition(":")
                )
                self.asked.add(Node(path, symbol))

    def path(self, start: Node, end: Node) -> list[Step]:
        """The shortest way from one to the other; empty where none is known."""
        before: dict[Node, Step] = {}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for callee, line in sorted(self._of.get(node, {}).items()):
                if callee == start or callee in before:
                    continue
                before[callee] = Step(node, line, callee)
                if callee == end:
                    return _back(before, start, end)
                queue.append(callee)
        return []

    def frontier(self, start: Node, words: Mapping[Node, float]) -> list[Node]:
        """What was reached from `start` and not asked about yet, the nearest and then the best first."""
        depth, queue, found = {start: 0}, deque([start]), []
        while queue:
            node = queue.popleft()
            if node not in self.asked and depth[node] < _DEEPEST:
                found.append(node)
            for callee in sorted(self._of.get(node, {})):
                if callee not in depth:
                    depth[callee] = depth[node] + 1
                    queue.append(callee)
        found.sort(key=lambda node: (depth[node], -words.get(node, 0.0), node))
        return found[:_WIDEST]


def _back(before: Mapping[Node, Step], start: Node, end: Node) -> list[Step]:
    steps: list[Step] = []
    node = end
    while node != start:
        steps.append(before[node])
        node = before[node].caller
    return steps[::-1]


def steps_of(steps: Sequence[Step]) -> list[str]:
    """The calls of a path, one line each."""
    return [
        f"{number}. `{s.caller.symbol}` calls `{s.callee.symbol}` in {s.caller.path}, line {s.line}"
        for number, s in enumerate(steps, 1)
    ]
