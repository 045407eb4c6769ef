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
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memls.index.evidence import TYPES, WEIGHTS, Ranked, Weights, in_order, is_code, standing
from memls.index.neighbours import with_neighbours
from memls.index.question import Question, understood

if TYPE_CHECKING:
    from memls.database import Reader

K1, B = 1.4, 0.75
DEPTH = 300


def rank(
    reader: "Reader", text: str, glob: str, params: Sequence[str], weights: Weights = WEIGHTS
) -> list[Ranked]:
    """The chunks that bear on a question, best first, each symbol once. `glob` restricts paths, in SQL."""
    question = understood(text, weights.emphasis)
    if not question.terms:
        return []
    rows = _bm25(reader, question.terms, {}, glob, params)
    if weights.feedback:
        rows = _bm25(reader, question.terms, _feedback(reader, rows, weights), glob, params)
    files = _file_scores(rows)
    best: dict[tuple[int, str, int], Ranked] = {}
    for row in rows:
        ranked = _ranked(row, question, weights, files[row[1]])
        key = (ranked.file, ranked.symbol, 0 if ranked.symbol else ranked.line)
        if key not in best or best[key].score < ranked.score:
            best[key] = ranked
    return with_neighbours(reader, in_order(best.values()), question, weights, glob, params)


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
               s.line, s.end_line, s.signature, c.file, c.ordinal
        FROM score JOIN chunks c ON c.id = score.chunk JOIN files f ON f.id = c.file
        LEFT JOIN symbols s ON s.file = c.file AND s.ordinal = c.ordinal
        WHERE true {glob}
        ORDER BY score.score DESC, f.path, c.line LIMIT {DEPTH}"""
    added = [list(words), list(words), list(words.values())]
    return reader.read(sql, [list(terms), list(terms.values()), *added, *params])


def _feedback(reader: "Reader", rows: Sequence[Sequence[Any]], weights: Weights) -> dict[int, float]:
    """Words that stand out in the best chunks, as what they add to the question."""
    top = rows[: weights.feedback_chunks]
    if not top:
        return {}
    found = reader.read(
        f"""
        WITH best AS (SELECT unnest(?::BIGINT[]) AS chunk, unnest(?::DOUBLE[]) AS score),
        spoken AS (
            SELECT p.word, sum(best.score * p.frequency / (c.length + 20)) AS strength
            FROM postings p JOIN best USING (chunk) JOIN chunks c ON c.id = p.chunk
            GROUP BY p.word HAVING count(*) >= 2
        ),
        spread AS (
            SELECT word, count(*) AS n FROM postings WHERE word IN (SELECT word FROM spoken) GROUP BY word
        )
        SELECT word, round(strength * ln((SELECT count(*) FROM chunks) / spread.n), 6) AS strength
        FROM spoken JOIN spread USING (word) ORDER BY strength DESC, word LIMIT {weights.feedback_words}""",
        [[row[0] for row in top], [row[4] for row in top]],
    )
    strongest = max((row[1] for row in found), default=0.0)
    return {row[0]: weights.feedback * row[1] / strongest for row in found if strongest > 0}


def _file_scores(rows: Sequence[Sequence[Any]]) -> dict[str, float]:
    """For each file the mean of its three best chunks, missing ones counting nothing."""
    scores: dict[str, list[float]] = {}
    for row in rows:
        scores.setdefault(row[1], []).append(row[4])
    return {path: sum(sorted(values, reverse=True)[:3]) / 3 for path, values in scores.items()}


def _ranked(row: Sequence[Any], question: Question, weights: Weights, of_file: float) -> Ranked:
    _, path, line, end, score, language, qualified, name, kind, start, last, signature, file, ordinal = row
    score = (score + weights.file * of_file) * standing(path, language, question, weights)
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
