"""Ranking chunks for a question: BM25, then evidence that BM25 does not see.

1. BM25 (Robertson and Zaragoza, 2009) over symbol-sized chunks, in SQL over our own postings, the question's
   words weighed by where they stand (`question`). Rounded: threads add in any order, and a last bit must not
   decide between equals.
2. Feedback: what matches says what things are called. Words that are frequent in the best chunks and rare
   elsewhere are added to the question, which is asked again (relevance models, Lavrenko and Croft, 2001).
3. The file: a chunk in a file whose other chunks match too is worth more than one alone.
4. A symbol that is called by words of the question counts more, by how rare they are; what the question
   writes as code counts most. Tests, prose, examples and other people's code come after what they speak of,
   a type after its methods, what only holds something counts less, and lines that only import come after
   what they import.
5. What the best use, and their members, come after the best (`neighbours`).
6. What changed lately counts more (`history`).
7. Where there are embeddings, their order and this one are made one (`fused`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memls.index.evidence import (
    TYPES,
    VALUES,
    WEIGHTS,
    Place,
    Ranked,
    Weights,
    in_order,
    is_code,
    standing,
)
from memls.index.neighbours import with_neighbours
from memls.index.question import Question, understood
from memls.index.rows import CHUNK_BITS
from memls.index.terms import WORD, Terms

if TYPE_CHECKING:
    from memls.database import Reader
    from memls.index.vectors import Near

K1, B = 1.4, 0.75
DELTA, RARE = 0.3, 1
"""What a word that no more than RARE chunks have counts however long its chunk is, of what it counts at most:
BM25 alone lets four common words in a short chunk beat it (Lv and Zhai, 2011)."""
DEPTH, FED_DEPTH = 300, 1000
"""Chunks that are ranked, and those that words of the best may still bring among them."""


Score = tuple[int, float]
"""A chunk's id and its score."""

_SPREAD = """
    SELECT term, sum(s.chunks)::BIGINT FROM spread s
    WHERE term IN (SELECT unnest(?::UBIGINT[])) GROUP BY term HAVING sum(s.chunks) > 0"""
_BM25 = f"""
    WITH wanted AS (
        SELECT unnest(?::UBIGINT[]) AS term, unnest(?::DOUBLE[]) AS weight, unnest(?::DOUBLE[]) AS floor)
    SELECT p.chunk,
           round(sum(weight * (floor + p.frequency / (p.frequency + ?::DOUBLE + ?::DOUBLE * p.length))), 6)
               AS score
    FROM postings p JOIN wanted USING (term) WHERE true {{within}}
    GROUP BY p.chunk ORDER BY score DESC, p.chunk LIMIT {FED_DEPTH}"""
_WITHIN = f"AND {{chunk}} >> {CHUNK_BITS} IN (SELECT f.id FROM files f WHERE true {{glob}})"
_OF_TEXTS = "SELECT c.id, c.text FROM chunks c WHERE c.text IN (SELECT unnest(?::UBIGINT[])) {within}"
_SPOKEN = """
    WITH best AS (SELECT unnest(?::BIGINT[]) AS chunk, unnest(?::DOUBLE[]) AS score)
    SELECT p.term, sum(best.score * p.frequency / (p.length + 20)) AS strength
    FROM postings p JOIN best USING (chunk) WHERE p.chunk IN ({chunks})
    GROUP BY p.term HAVING count(*) >= 2"""
_ROWS = """
    WITH best AS (SELECT unnest(?::BIGINT[]) AS id),
    chunk AS MATERIALIZED (SELECT c.* FROM chunks c WHERE c.id IN (FROM best))
    SELECT c.id, f.path, c.line, c.end_line, f.language, s.qualified_name, s.kind,
           s.line, s.end_line, s.signature, c.file, c.ordinal
    FROM chunk c JOIN files f ON f.id = c.file
    LEFT JOIN symbols s ON s.file = c.file AND s.ordinal = c.ordinal"""

_IMPORTS = "SELECT DISTINCT file, line FROM imports WHERE file IN (SELECT unnest(?::INTEGER[]))"
_ALL_BUT = 0.6
"""The part of lines between symbols that are imports from which on they are hardly anything else."""

_FIRST = 60
"""What keeps the first places of two orders from deciding alone."""
_RECENCY = "SELECT path, recency FROM history WHERE path IN (SELECT unnest(?))"


def rank(
    reader: "Reader",
    text: str,
    glob: str,
    params: Sequence[str],
    weights: Weights = WEIGHTS,
    near: Sequence["Near"] = (),
) -> list[Ranked]:
    """The chunks that bear on a question, best first, each symbol once.

    `glob` restricts paths, in SQL; `near` are the texts that are like the question, by their embeddings.
    """
    question = understood(text, weights.emphasis)
    corpus = _Corpus(reader, glob, params)
    scores = corpus.scores(question.terms)
    if weights.feedback:
        scores = _sum(scores, corpus.scores(corpus.feedback(scores, weights)))
    of = dict(scores[:DEPTH])
    rows = reader.read(_ROWS, [list(of)]) if of else []
    files = _file_scores((row[1], of[row[0]]) for row in rows)
    judge = _Judge(question, corpus.shares(question.terms), weights)
    factors = dict.fromkeys(_importing(reader, rows), weights.imports)
    best = _best(
        judge.ranked(row, factors.get(row[0], 1.0) * (of[row[0]] + weights.file * files[row[1]]))
        for row in rows
    )
    found = with_neighbours(reader, in_order(best.values()), question, weights, glob, params)
    found = _with_history(reader, found, weights)
    return fused(found, corpus.alike(near, judge), weights.like) if near else found


def _importing(reader: "Reader", rows: Iterable[Sequence[Any]]) -> list[int]:
    """The chunks that hardly do more than import: they have the names that others are about."""
    loose = [(row[0], row[10], row[2], row[3]) for row in rows if row[5] is None]
    lines: defaultdict[int, list[int]] = defaultdict(list)
    for file, line in reader.read(_IMPORTS, [sorted({file for _, file, _, _ in loose})]):
        lines[file].append(line)
    return [
        chunk
        for chunk, file, start, end in loose
        if sum(start <= line <= end for line in lines[file]) > _ALL_BUT * (end - start + 1)
    ]


def _best(ranked: Iterable[Ranked]) -> dict[Place, Ranked]:
    """The best chunk of each symbol, and all others."""
    best: dict[Place, Ranked] = {}
    for one in ranked:
        if one.place not in best or best[one.place].score < one.score:
            best[one.place] = one
    return best


def fused(ranked: Sequence[Ranked], alike: Sequence[Ranked], share: float) -> list[Ranked]:
    """Two orders as one, by reciprocal ranks (Cormack, Clarke and Büttcher, 2009)."""
    of: dict[Place, Ranked] = {one.place: one for one in (*alike, *ranked)}
    scores: defaultdict[Place, float] = defaultdict(float)
    for order, weight in ((ranked, 1.0), (alike, share)):
        for rank_, one in enumerate(order):
            scores[one.place] += weight * _FIRST / (_FIRST + rank_)
    return in_order(replace(of[place], score=round(score, 4)) for place, score in scores.items())


class _Corpus:
    """The chunks of one moment as BM25 sees them. `glob` restricts which are scored, in SQL."""

    def __init__(self, reader: "Reader", glob: str, params: Sequence[str]) -> None:
        self._reader = reader
        self._glob = glob
        self._params = params
        self._known: dict[int, int] = {}
        self._chunks, self._length = reader.read("SELECT count(*), coalesce(avg(length), 1) FROM chunks")[0]

    def scores(self, terms: Mapping[int, float]) -> list[Score]:
        """BM25 of the chunks that have any of some terms, best first."""
        spread = self._spread(terms)
        weights = {term: terms[term] * (K1 + 1) * self._rarity(count) for term, count in spread.items()}
        floors = [DELTA if count <= RARE else 0.0 for count in spread.values()]
        if not weights:
            return []
        norm = [K1 * (1 - B), K1 * B / self._length]
        sql = _BM25.format(within=self._within("p.chunk"))
        found = self._reader.read(sql, [list(weights), list(weights.values()), floors, *norm, *self._params])
        return [(row[0], row[1]) for row in found]

    def feedback(self, scores: Sequence[Score], weights: Weights) -> dict[int, float]:
        """Terms that stand out in the best chunks, as what they add to the question."""
        top = scores[: weights.feedback_chunks]
        if not top:
            return {}
        chunks = [chunk for chunk, _ in top]
        sql = _SPOKEN.format(chunks=", ".join(map(str, chunks)))
        spoken: dict[int, float] = dict(self._reader.read(sql, [chunks, [score for _, score in top]]))
        strengths = {
            term: round(spoken[term] * math.log(self._chunks / count), 6)
            for term, count in self._spread(spoken).items()
        }
        best = sorted(strengths, key=lambda term: (-strengths[term], term))[: weights.feedback_words]
        strongest = strengths[best[0]] if best else 0.0
        return {term: weights.feedback * strengths[term] / strongest for term in best if strengths[term] > 0}

    def shares(self, terms: Mapping[int, float]) -> dict[int, float]:
        """What each of some terms is of all that they tell, by what they count and how rare they are."""
        told = {term: terms[term] * self._rarity(count) for term, count in self._spread(terms).items()}
        total = sum(told.values())
        return {term: value / total for term, value in told.items()}

    def _rarity(self, count: int) -> float:
        """The inverse document frequency of what is in so many chunks."""
        return math.log(1 + (self._chunks - count + 0.5) / (count + 0.5))

    def alike(self, near: Sequence["Near"], judge: "_Judge") -> list[Ranked]:
        """The chunks of some texts, the likest first."""
        of = {one.text: one.similarity for one in near}
        sql = _OF_TEXTS.format(within=self._within("c.id"))
        text_of: dict[int, int] = dict(self._reader.read(sql, [list(of), *self._params]))
        rows = self._reader.read(_ROWS, [list(text_of)])
        return in_order(_best(judge.ranked(row, of[text_of[row[0]]]) for row in rows).values())

    def _within(self, chunk: str) -> str:
        return _WITHIN.format(chunk=chunk, glob=self._glob) if self._glob else ""

    def _spread(self, terms: Iterable[int]) -> dict[int, int]:
        """In how many chunks each of some terms is, where it is in any."""
        wanted = list(terms)
        if unknown := [term for term in wanted if term not in self._known]:
            self._known |= dict.fromkeys(unknown, 0) | dict(self._reader.read(_SPREAD, [unknown]))
        return {term: count for term in wanted if (count := self._known[term])}


def _sum(scores: Sequence[Score], more: Sequence[Score]) -> list[Score]:
    """BM25 of two questions as of one, best first: it is a sum over terms."""
    total = dict(scores)
    for chunk, score in more:
        total[chunk] = round(total.get(chunk, 0.0) + score, 6)
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))


def _with_history(reader: "Reader", ranked: list[Ranked], weights: Weights) -> list[Ranked]:
    """The ranking where what changed lately counts more."""
    if not weights.recent:
        return ranked
    recency: dict[str, float] = dict(reader.read(_RECENCY, [sorted({one.path for one in ranked})]))
    return in_order(
        replace(one, score=round(one.score * (1 + weights.recent * recency.get(one.path, 0.0)), 4))
        for one in ranked
    )


def _file_scores(chunks: Iterable[tuple[str, float]]) -> dict[str, float]:
    """For each file the mean of its three best chunks, missing ones counting nothing."""
    scores: dict[str, list[float]] = {}
    for path, score in chunks:
        scores.setdefault(path, []).append(score)
    return {path: sum(sorted(values, reverse=True)[:3]) / 3 for path, values in scores.items()}


class _Judge:
    """What a chunk is worth beside its words. `shares` are what the terms of the question tell."""

    def __init__(self, question: Question, shares: Mapping[int, float], weights: Weights) -> None:
        self._question = question
        self._shares = shares
        self._weights = weights
        self._terms = Terms()

    def ranked(self, row: Sequence[Any], score: float) -> Ranked:
        """A row of `_ROWS`, with its score."""
        _, path, line, end, language, symbol, kind, start, last, signature, file, ordinal = row
        score *= standing(path, symbol or "", language, self._question, self._weights) * self._by_path(path)
        if symbol is None:
            of_lines = "module" if is_code(language) else "text"
            return Ranked(path, line, end, "", of_lines, "", round(score, 4), file, -1)
        score = round(score * self._by_name(symbol, kind), 4)
        return Ranked(path, start, last, symbol, kind, signature, score, file, ordinal)

    def _by_path(self, path: str) -> float:
        asked = self._question.paths
        named = any(path == one or path.endswith("/" + one) or one.endswith("/" + path) for one in asked)
        return self._weights.path if named else 1.0

    def _by_name(self, symbol: str, kind: str) -> float:
        weights = self._weights
        name = symbol.rpartition(".")[2]
        if name.startswith("~"):  # a destructor, which is called like its class and says less
            return weights.type
        terms = {term for word in WORD.findall(name) for term in self._terms[word]}
        factor = 1 + weights.name * sum(self._shares.get(term, 0.0) for term in terms)
        if self._question.names.isdisjoint((name, symbol)):
            return factor * weights.type if kind in TYPES or kind in VALUES else factor
        is_titled = not self._question.titled.isdisjoint((name, symbol))
        return factor * weights.named * (weights.titled if is_titled else 1.0)
