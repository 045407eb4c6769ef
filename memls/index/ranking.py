"""Ranking chunks for a question: BM25, then evidence that BM25 does not see.

1. BM25 (Robertson and Zaragoza, 2009) over symbol-sized chunks, in SQL over our own postings, the question's
   words weighed by where they stand (`question`). Rounded: threads add in any order, and a last bit must not
   decide between equals.
2. Feedback: what matches says what things are called. Words that are frequent in the best chunks and rare
   elsewhere are added to the question, which is asked again (relevance models, Lavrenko and Croft, 2001).
3. The file: a chunk in a file whose other chunks match too is worth more than one alone.
4. What the question writes as code counts most; tests, prose, examples and other people's code come after
   what they speak of, and a type after its methods.
5. What the best use, and their members, come after the best (`neighbours`).
6. What changed lately counts more (`history`).
7. Where there are embeddings, their order and this one are made one (`fused`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memls.index.evidence import TYPES, WEIGHTS, Place, Ranked, Weights, in_order, is_code, standing
from memls.index.neighbours import with_neighbours
from memls.index.question import Question, understood
from memls.index.rows import CHUNK_BITS

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
    SELECT c.id, f.path, c.line, c.end_line, f.language, s.qualified_name, s.name, s.kind,
           s.line, s.end_line, s.signature, c.file, c.ordinal
    FROM chunk c JOIN files f ON f.id = c.file
    LEFT JOIN symbols s ON s.file = c.file AND s.ordinal = c.ordinal"""

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
    best = _best(_ranked(row, question, weights, of[row[0]] + weights.file * files[row[1]]) for row in rows)
    found = with_neighbours(reader, in_order(best.values()), question, weights, glob, params)
    found = _with_history(reader, found, weights)
    return fused(found, corpus.alike(near, question, weights), weights.like) if near else found


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
        weights = {
            term: terms[term] * (K1 + 1) * math.log(1 + (self._chunks - count + 0.5) / (count + 0.5))
            for term, count in spread.items()
        }
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

    def alike(self, near: Sequence["Near"], question: Question, weights: Weights) -> list[Ranked]:
        """The chunks of some texts, the likest first."""
        of = {one.text: one.similarity for one in near}
        sql = _OF_TEXTS.format(within=self._within("c.id"))
        text_of: dict[int, int] = dict(self._reader.read(sql, [list(of), *self._params]))
        rows = self._reader.read(_ROWS, [list(text_of)])
        return in_order(_best(_ranked(row, question, weights, of[text_of[row[0]]]) for row in rows).values())

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


def _ranked(row: Sequence[Any], question: Question, weights: Weights, score: float) -> Ranked:
    _, path, line, end, language, qualified, name, kind, start, last, signature, file, ordinal = row
    score *= standing(path, qualified or "", language, question, weights)
    if name and (name in question.names or qualified in question.names):
        score *= weights.named
        score *= weights.titled if name in question.titled or qualified in question.titled else 1.0
    elif kind in TYPES:
        score *= weights.type
    if any(
        path == asked or path.endswith("/" + asked) or asked.endswith("/" + path) for asked in question.paths
    ):
        score *= weights.path
    score = round(score, 4)
    if qualified is None:
        of_lines = "module" if is_code(language) else "text"
        return Ranked(path, line, end, "", of_lines, "", score, file, -1)
    return Ranked(path, start, last, qualified, kind, signature, score, file, ordinal)
