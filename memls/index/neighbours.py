"""What the best chunks use, and their members: often the rest of an answer, in words that nobody asked in.

Spread one step (Kleinberg's idea, without the iteration). What a chunk gives is shared among all it uses, so
that who uses everything says little. A name with many definitions says nothing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from memls.index.evidence import TYPES, Ranked, Weights, in_order, standing
from memls.index.question import Question
from memls.index.symbols import one_of
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader

_DEFINITIONS = 4
_SELVES = frozenset(("self", "cls", "this"))
_KINDS = ("function", "method", "constructor", "property", "macro", "enum", "union", *sorted(TYPES))

_USED = """SELECT DISTINCT file, scope, name, receiver FROM refs
    WHERE {files} AND (file, scope) IN (SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]))
    ORDER BY file, scope, name, receiver"""
_SYMBOLS = """SELECT f.path, s.line, s.end_line, s.qualified_name, s.kind, s.signature, s.file, s.ordinal,
        f.language, s.name, s.parent
    FROM symbols s JOIN files f ON f.id = s.file WHERE {condition} {glob}
    AND list_contains(?, s.kind) ORDER BY f.path, s.line, s.ordinal"""

Key = tuple[int, int]


class _Symbol(NamedTuple):
    path: str
    line: int
    end_line: int
    qualified_name: str
    kind: str
    signature: str
    file: int
    ordinal: int
    language: str | None
    name: str
    parent: int

    @property
    def key(self) -> Key:
        return self.file, self.ordinal


def with_neighbours(
    reader: "Reader",
    ranked: list[Ranked],
    question: Question,
    weights: Weights,
    glob: str,
    params: Sequence[str],
) -> list[Ranked]:
    """The ranking with what the best give to their neighbours, none of which gets before the very best."""
    givers = {(r.file, r.ordinal): r for r in ranked[: weights.givers] if r.symbol}
    if not givers or not (weights.uses or weights.members):
        return ranked
    ask = _Asked(reader, glob, params)
    given: defaultdict[Key, float] = defaultdict(float)
    met: dict[Key, _Symbol] = {}
    for shares, symbols in (_uses(ask, givers, weights.uses), _members(ask, givers, weights.members)):
        met.update((symbol.key, symbol) for symbol in symbols)
        for key, share in shares:
            given[key] += share
    ceiling = ranked[min(len(ranked), weights.before_neighbours) - 1].score
    scores = {(r.file, r.ordinal): r for r in ranked if r.symbol}
    for key, share in given.items():
        symbol = met[key]
        old = scores.get(key) or Ranked(*symbol[:3], *symbol[3:6], 0.0, *key)
        gain = share * standing(symbol.path, symbol.qualified_name, symbol.language, question, weights)
        if old.score < ceiling:
            scores[key] = replace(old, score=round(min(old.score + gain, ceiling * 0.999), 4))
    return in_order([*scores.values(), *(r for r in ranked if not r.symbol)])


class _Asked:
    """The questions to the index, under the question's own path."""

    def __init__(self, reader: "Reader", glob: str, params: Sequence[str]) -> None:
        self._reader = reader
        self._glob = glob
        self._params = params

    def used(self, givers: Iterable[Key]) -> list[tuple[Any, ...]]:
        """File, ordinal, name and receiver of what stands in some symbols."""
        files, ordinals = [key[0] for key in givers], [key[1] for key in givers]
        condition, params = one_of("file", set(files))
        return self._reader.read(_USED.format(files=condition), [*params, files, ordinals])

    def symbols(self, condition: str, params: Sequence[Any]) -> list[_Symbol]:
        sql = _SYMBOLS.format(condition=condition, glob=self._glob)
        return [_Symbol(*row) for row in self._reader.read(sql, [*params, *self._params, list(_KINDS)])]


def _uses(
    ask: _Asked, givers: Mapping[Key, Ranked], share: float
) -> tuple[list[tuple[Key, float]], list[_Symbol]]:
    used = ask.used(givers)
    words = {identity(name) for _, _, name, _ in used}
    if not words or not share:
        return [], []
    named: defaultdict[str, list[_Symbol]] = defaultdict(list)
    for symbol in ask.symbols(*one_of("s.word", words)):
        named[symbol.name].append(symbol)
    reached: defaultdict[Key, dict[Key, float]] = defaultdict(dict)
    for file, scope, name, receiver in used:
        giver = file, scope
        meant = _meant(named.get(name, []), givers[giver], receiver)
        if len(meant) <= _DEFINITIONS and all(symbol.key != giver for symbol in meant):
            for symbol in meant:
                part = 1 / len(meant)
                reached[giver][symbol.key] = max(part, reached[giver].get(symbol.key, 0.0))
    shares = [
        (key, share * givers[giver].score * part / math.sqrt(len(parts)))
        for giver, parts in reached.items()
        for key, part in parts.items()
    ]
    return shares, [symbol for symbols in named.values() for symbol in symbols]


def _meant(named: list[_Symbol], giver: Ranked, receiver: str) -> list[_Symbol]:
    """Of the symbols with a name those that a use of it may mean, by what stands before it. No proof."""
    if receiver in _SELVES:
        own = giver.symbol.rpartition(".")[0]
        member = f"{own}."
        return [s for s in named if s.file == giver.file and s.qualified_name == member + s.name] or named
    if receiver:
        return named
    top = [s for s in named if s.parent < 0]
    return [s for s in top if s.file == giver.file] or top or named


def _members(
    ask: _Asked, givers: Mapping[Key, Ranked], share: float
) -> tuple[list[tuple[Key, float]], list[_Symbol]]:
    types = [key for key, ranked in givers.items() if ranked.kind in TYPES]
    if not types or not share:
        return [], []
    files, ordinals = [key[0] for key in types], [key[1] for key in types]
    condition, params = one_of("s.file", set(files))
    condition += " AND (s.file, s.parent) IN (SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]))"
    found = ask.symbols(condition, [*params, files, ordinals])
    of: defaultdict[Key, list[_Symbol]] = defaultdict(list)
    for symbol in found:
        of[symbol.file, symbol.parent].append(symbol)
    shares = [
        (member.key, share * givers[key].score / (1 + math.log(len(members))))
        for key, members in of.items()
        for member in members
    ]
    return shares, found
