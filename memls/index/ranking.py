"""Ranking chunks for a question: BM25, then evidence that BM25 does not see.

1. BM25 (Robertson and Zaragoza, 2009) over symbol-sized chunks, in SQL over our own postings. Rounded:
   threads add in any order, and a last bit must not decide between equals.
2. The file: a chunk in a file whose other chunks match too is worth more than one alone.
3. Feedback: what matches says what things are called. Words that are frequent in the best chunks and rare
   elsewhere are added to the question, which is asked again (relevance models, Lavrenko and Croft, 2001).
4. The question's words also mean what programmers call them: see `terms.weighted_terms`.
5. What the question writes as code counts most; tests and prose come after the code they speak of.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memls.index.names import names_in
from memls.index.terms import weighted_terms
from memls.source.languages import texts
from memls.text import is_test

if TYPE_CHECKING:
    from memls.database import Reader

K1, B = 1.2, 0.75
DEPTH = 300
TEST_FACTOR, PROSE_FACTOR, NAMED_FACTOR = 0.4, 0.65, 2.0
FILE_PART = 0.25
FEEDBACK_CHUNKS, FEEDBACK_NAMES, FEEDBACK_PART, FEEDBACK_MIN = 10, 20, 0.3, 2

_ASKS_FOR_TESTS = re.compile(
    r"\b(which|what|any|show|list|find) (unit |regression )?tests?\b|\btests (for|of|that)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk with its score. Lines between symbols have `symbol` "" and `kind` "module", prose "text"."""

    path: str
    line: int
    end_line: int
    symbol: str
    kind: str
    signature: str
    score: float


def rank(reader: "Reader", question: str, glob: str, params: Sequence[str]) -> list[Ranked]:
    """The chunks that bear on a question, best first, each symbol once. `glob` restricts paths, in SQL."""
    weights = weighted_terms(question)
    if not weights:
        return []
    rows = _bm25(reader, weights, {}, glob, params)
    if FEEDBACK_PART:
        rows = _bm25(reader, weights, _feedback(reader, rows), glob, params)
    named = set(names_in(question).symbols)
    tests = 1.0 if _ASKS_FOR_TESTS.search(question) else TEST_FACTOR
    files = _file_scores(rows)
    best: dict[tuple[str, str, int], Ranked] = {}
    for row in rows:
        ranked = _ranked(row, named, files, tests)
        key = (ranked.path, ranked.symbol, 0 if ranked.symbol else ranked.line)
        if key not in best or best[key].score < ranked.score:
            best[key] = ranked
    return sorted(best.values(), key=lambda r: (-r.score, r.path, r.line))


def _bm25(
    reader: "Reader",
    terms: Mapping[int, float],
    words: Mapping[int, float],
    glob: str,
    params: Sequence[str],
) -> list[tuple[Any, ...]]:
    sql = f"""
        WITH n AS (SELECT count(*) AS chunks, avg(length) AS length FROM chunks),
        question AS (SELECT unnest(?::UBIGINT[]) AS term, unnest(?::DOUBLE[]) AS weight),
        wanted AS MATERIALIZED (
            SELECT DISTINCT word, term, weight FROM words JOIN question USING (term)
            UNION ALL SELECT unnest(?::UBIGINT[]), unnest(?::UBIGINT[]), unnest(?::DOUBLE[])
        ),
        hit AS MATERIALIZED (  -- a word that is asked for and fed back counts twice
            SELECT term, max(weight) AS weight, chunk, sum(frequency) AS frequency
            FROM postings JOIN wanted USING (word) GROUP BY term, chunk
        ),
        rarity AS (
            SELECT term, ln(1 + (any_value(n.chunks) - count(*) + 0.5) / (count(*) + 0.5)) AS idf
            FROM hit, n GROUP BY term
        ), score AS (
            SELECT hit.chunk, round(sum(
                weight * idf * frequency * {K1 + 1}
                / (frequency + {K1} * ({1 - B} + {B} * c.length / n.length))
            ), 6) AS score
            FROM hit JOIN rarity USING (term) JOIN chunks c ON c.id = hit.chunk, n GROUP BY hit.chunk
        )
        SELECT c.id, f.path, c.line, c.end_line, score.score, f.language, s.qualified_name, s.name, s.kind,
               s.line, s.end_line, s.signature
        FROM score JOIN chunks c ON c.id = score.chunk JOIN files f ON f.id = c.file
        LEFT JOIN symbols s ON s.file = c.file AND s.ordinal = c.ordinal
        WHERE true {glob}
        ORDER BY score.score DESC, f.path, c.line LIMIT {DEPTH}"""
    added = [list(words), list(words), list(words.values())]
    return reader.read(sql, [list(terms), list(terms.values()), *added, *params])


def _feedback(reader: "Reader", rows: Sequence[Sequence[Any]]) -> dict[int, float]:
    """Words that stand out in the best chunks, as what they add to the question."""
    top = rows[:FEEDBACK_CHUNKS]
    if not top:
        return {}
    found = reader.read(
        f"""
        WITH best AS (SELECT unnest(?::BIGINT[]) AS chunk, unnest(?::DOUBLE[]) AS score),
        spoken AS (
            SELECT p.word, sum(best.score * p.frequency / (c.length + 20)) AS strength
            FROM postings p JOIN best USING (chunk) JOIN chunks c ON c.id = p.chunk
            GROUP BY p.word HAVING count(*) >= {FEEDBACK_MIN}
        ),
        spread AS (
            SELECT word, count(*) AS n FROM postings WHERE word IN (SELECT word FROM spoken) GROUP BY word
        )
        SELECT word, round(strength * ln((SELECT count(*) FROM chunks) / spread.n), 6) AS strength
        FROM spoken JOIN spread USING (word) ORDER BY strength DESC, word LIMIT {FEEDBACK_NAMES}""",
        [[row[0] for row in top], [row[4] for row in top]],
    )
    strongest = max((row[1] for row in found), default=0.0)
    return {row[0]: FEEDBACK_PART * row[1] / strongest for row in found if strongest > 0}


def _file_scores(rows: Sequence[Sequence[Any]]) -> dict[str, float]:
    """For each file the mean of its three best chunks, missing ones counting nothing."""
    scores: dict[str, list[float]] = {}
    for row in rows:
        scores.setdefault(row[1], []).append(row[4])
    return {path: sum(sorted(values, reverse=True)[:3]) / 3 for path, values in scores.items()}


def _ranked(row: Sequence[Any], named: set[str], files: Mapping[str, float], tests: float) -> Ranked:
    _, path, line, end, score, language, qualified, name, kind, start, last, signature = row
    score += FILE_PART * files[path]
    if is_test(path):
        score *= tests
    is_code = language is not None and language not in texts()
    if not is_code:
        score *= PROSE_FACTOR
    if name and (name in named or qualified in named):
        score *= NAMED_FACTOR
    score = round(score, 4)
    if qualified is None:
        return Ranked(path, line, end, "", "module" if is_code else "text", "", score)
    return Ranked(path, start, last, qualified, kind, signature, score)
