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
from memls.source.types import untyped
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader

_DEFINITIONS = 4
_SELVES = frozenset(("self", "cls", "this"))
_KINDS = ("function", "method", "constructor", "property", "macro", "enum", "union", *sorted(TYPES))

_USED = """SELECT DISTINCT file, scope, name, receiver FROM refs
    WHERE {files} AND (file, scope) IN (SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]))
    ORDER BY file, scope, name, receiver"""
_NAMED = """SELECT s.file, s.ordinal, s.word, s.qualified_name, s.parent FROM symbols s
    WHERE {condition} {within} AND list_contains(?, s.kind) ORDER BY s.file, s.ordinal"""
_WITHIN = "AND s.file IN (SELECT f.id FROM files f WHERE true {glob})"
_SYMBOLS = """SELECT f.path, s.line, s.end_line, s.qualified_name, s.kind, s.signature, s.file, s.ordinal,
        f.language
    FROM symbols s JOIN files f ON f.id = s.file
    WHERE (s.file, s.ordinal) IN (SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]))
    ORDER BY s.file, s.ordinal"""

Key = tuple[int, int]
"""A symbol's file and ordinal."""
Given = list[tuple[Key, float]]


class _Named(NamedTuple):
    """A symbol by what it is called, which is enough for most: they are not meant."""

    file: int
    ordinal: int
    word: int
    qualified_name: str
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
    for key, share in (*_uses(ask, givers, weights.uses), *_members(ask, givers, weights.members)):
        given[key] += share
    ceiling = ranked[min(len(ranked), weights.before_neighbours) - 1].score
    scores = {(r.file, r.ordinal): r for r in ranked if r.symbol}
    for neighbour, language in ask.symbols(given):
        key = neighbour.file, neighbour.ordinal
        old = scores.get(key, neighbour)
        gain = given[key] * standing(old.path, old.symbol, language, question, weights)
        if old.score < ceiling:
            scores[key] = replace(old, score=round(min(old.score + gain, ceiling * 0.999), 4))
    return in_order([*scores.values(), *(r for r in ranked if not r.symbol)])


class _Asked:
    """The questions to the index, under the question's own path."""

    def __init__(self, reader: "Reader", glob: str, params: Sequence[str]) -> None:
        self._reader = reader
        self._within = _WITHIN.format(glob=glob) if glob else ""
        self._params = params

    def used(self, givers: Iterable[Key]) -> list[tuple[Any, ...]]:
        """File, ordinal, name and receiver of what stands in some symbols."""
        files, ordinals = [key[0] for key in givers], [key[1] for key in givers]
        condition, params = one_of("file", set(files))
        return self._reader.read(_USED.format(files=condition), [*params, files, ordinals])

    def named(self, condition: str, params: Sequence[Any]) -> list[_Named]:
        sql = _NAMED.format(condition=condition, within=self._within)
        return [_Named(*row) for row in self._reader.read(sql, [*params, *self._params, list(_KINDS)])]

    def symbols(self, keys: Iterable[Key]) -> list[tuple[Ranked, str | None]]:
        """Some symbols, none with a score, and the languages they are in."""
        columns = [key[0] for key in keys], [key[1] for key in keys]
        rows = self._reader.read(_SYMBOLS, columns) if columns[0] else []
        return [(_unscored(*row[:-1]), row[-1]) for row in rows]


def _unscored(
    path: str, line: int, end: int, symbol: str, kind: str, signature: str, file: int, ordinal: int
) -> Ranked:
    return Ranked(path, line, end, symbol, kind, signature, 0.0, file, ordinal)


def _uses(ask: _Asked, givers: Mapping[Key, Ranked], share: float) -> Given:
    used = ask.used(givers)
    words = {identity(name) for _, _, name, _ in used}
    if not words or not share:
        return []
    named: defaultdict[int, list[_Named]] = defaultdict(list)
    for symbol in ask.named(*one_of("s.word", words)):
        named[symbol.word].append(symbol)
    reached: defaultdict[Key, dict[Key, float]] = defaultdict(dict)
    for file, scope, name, receiver in used:
        giver = file, scope
        meant = _meant(named.get(identity(name), []), givers[giver], receiver, name)
        if len(meant) <= _DEFINITIONS and all(symbol.key != giver for symbol in meant):
            for symbol in meant:
                part = 1 / len(meant)
                reached[giver][symbol.key] = max(part, reached[giver].get(symbol.key, 0.0))
    return [
        (key, share * givers[giver].score * part / math.sqrt(len(parts)))
        for giver, parts in reached.items()
        for key, part in parts.items()
    ]


def _meant(named: list[_Named], giver: Ranked, receiver: str, name: str) -> list[_Named]:
    """Of the symbols with a name those that a use of it may mean, by what stands before it. No proof."""
    if receiver in _SELVES:
        member = f"{giver.symbol.rpartition('.')[0]}.{name}"
        return [s for s in named if s.file == giver.file and s.qualified_name == member] or named
    if receiver:
        type_, rest = untyped(receiver)
        class_ = type_.removesuffix("()").rpartition(".")[2]
        return [s for s in named if not rest and s.qualified_name.split(".")[-2:-1] == [class_]] or named
    top = [s for s in named if s.parent < 0]
    return [s for s in top if s.file == giver.file] or top or named


def _members(ask: _Asked, givers: Mapping[Key, Ranked], share: float) -> Given:
    types = [key for key, ranked in givers.items() if ranked.kind in TYPES]
    if not types or not share:
        return []
    files, ordinals = [key[0] for key in types], [key[1] for key in types]
    condition, params = one_of("s.file", set(files))
    condition += " AND (s.file, s.parent) IN (SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]))"
    of: defaultdict[Key, list[_Named]] = defaultdict(list)
    for symbol in ask.named(condition, [*params, files, ordinals]):
        of[symbol.file, symbol.parent].append(symbol)
    return [
        (member.key, share * givers[key].score / (1 + math.log(len(members))))
        for key, members in of.items()
        for member in members
    ]
