"""What the rules work with: a site, what it leads to, and how alternatives and repeated questions combine."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from memls.index.facts import Definition, Facts, Missing
from memls.index.layout import Module
from memls.index.scoping import FITTING, OPEN_KINDS, TYPE_KINDS
from memls.source.types import listed_in, steps_of, suffixes_of, untyped

T = TypeVar("T")
R = TypeVar("R")
Target = Definition | Module

_SEPARATORS = re.compile(r"\.|::|->|\\")
_IDENTIFIER = re.compile(r"[\w$\x80-\U0010ffff]+\Z")
LITERAL = re.compile(r"[rbfuRBFU]{0,2}[\"'`]|[\[{0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to, and why. Not `sure`: it may as well be something outside the repository."""

    targets: tuple[Target, ...]
    reason: str
    sure: bool = True


OUTSIDE = Found((), "outside the repository")


@dataclass(frozen=True, slots=True)
class Inside:
    """The receiver is an object of the class around; with `above`, as `super()` sees it."""

    type: Definition
    above: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The receiver is a list: of a class, where that is of the repository, and what its elements are."""

    type: Found | None
    element: "Found | Listed"


class Site(NamedTuple):
    """A use of a name. `scope` is the qualified name of the symbol around it, `scope_kind` its kind."""

    file: int
    name: str
    role: str
    line: int
    column: int
    receiver: str
    scope: str
    scope_kind: str
    arguments: int = -1

    @property
    def outer(self) -> str:
        """Where the name is looked up: decorators and bases stand outside of what they belong to."""
        outside = self.role in ("decorator", "inherit")
        if outside or (self.scope_kind not in OPEN_KINDS and self.scope_kind not in TYPE_KINDS):
            return self.scope.rpartition(".")[0]
        return self.scope

    @property
    def head(self) -> str:
        """The name by which the rules begin, "" where there is none."""
        if not self.receiver:
            return self.name
        type_, _ = untyped(self.receiver)
        path = type_ or self.receiver
        while type_ and (listed := listed_in(path)):
            path = listed[1]
        return "" if LITERAL.match(path) else suffixes_of(next(iter(parts_of(path)), ""))[0]


@lru_cache(maxsize=10_000)
def parts_of(receiver: str) -> tuple[str, ...]:
    """`a.b(1)` -> a, b(); nothing where there is more than names and calls."""
    parts = tuple(part.strip() for part in _SEPARATORS.split(receiver))
    return parts if all(_IDENTIFIER.match(part) for part in parts) else steps_of(receiver)


def levels(scope: str) -> Iterator[str]:
    """`a.b` -> `a.b`, `a`, ``: the scopes around, innermost first."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def merge(found: Iterable[Found | None], reason: str = "") -> Found | None:
    """One of several alternatives, which is sure only where all agree."""
    known = [one for one in found if one is not None]
    if not known:
        return None
    if len(known) == 1:
        return Found(known[0].targets, reason, known[0].sure) if reason else known[0]
    targets = tuple(dict.fromkeys(target for one in known for target in one.targets))
    sure = all(one.sure and one.targets for one in known)
    return Found(targets, reason or next((one.reason for one in known if one.targets), OUTSIDE.reason), sure)


def of_types(found: Found) -> Found | None:
    """What of the targets can stand for a type, None where nothing can."""
    kinds = FITTING["type"]
    types = tuple(t for t in found.targets if not isinstance(t, Definition) or t.kind in kinds)
    return replace(found, targets=types) if types else None


def is_function(target: Target) -> bool:
    return isinstance(target, Definition) and target.kind in ("function", "method")


def has_own_name(target: Target) -> bool:
    """Whether a member has the name of its type, as in `Color Color`: then the name means either."""
    if not isinstance(target, Definition) or target.kind not in ("property", "field"):
        return False
    name = re.escape(target.name)
    return re.search(rf"\b{name}\??\s+{name}\b", target.signature) is not None


def each(items: Iterable[T], ask: Callable[[T], R]) -> list[R]:
    """Ask about all items before saying that something is missing, so that it is loaded in one go."""
    answers, missing = [], False
    for item in items:
        try:
            answers.append(ask(item))
        except Missing:
            missing = True
    if missing:
        raise Missing
    return answers


class Memo:
    """Answers kept, and questions that wait for the next round, so that none is worked out twice."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[Hashable, Any] = {}
        self._waiting: set[Hashable] = set()
        self._round = 0

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer to a question, worked out at most once a round."""
        if key in self._known:
            answer: T = self._known[key]
            return answer
        if self._round != self._facts.round:
            self._round = self._facts.round
            self._waiting.clear()
        if key in self._waiting:
            raise Missing
        try:
            answer = compute()
        except Missing:
            self._waiting.add(key)
            raise
        self._known[key] = answer
        return answer
