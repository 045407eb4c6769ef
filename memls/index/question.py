"""A question as what ranking asks: terms with what each counts, names and paths, and whether tests are meant.

A question may be a line or a report of some pages. Of a report the first line says what it is about, and code
and output are quoted in it; comments of its template are not its author's words.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from memls.index.names import names_in
from memls.index.terms import WORD, query_words, split, term_ids
from memls.index.vocabulary import called, related
from memls.text import identity

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_QUOTED = re.compile(r"(?ms)^\s*(```|~~~).*?(^\s*\1|\Z)|^(?: {4}|\t|>>>|\.\.\. ).*$")
_FOR_TESTS = re.compile(
    r"\b(which|what|any|show|list|find) (unit |regression )?tests?\b|\btests (for|of|that)\b", re.I
)
_OF_TESTS = re.compile(
    r"\btest (function|class|case|method|suite|helper|module|file|fixture)s?\b|\btest_\w|\bTest[A-Z]\w"
)
_ASKING = re.compile(
    r"^\W*(?:(?:please|can|could|would|you)\s+)*"
    r"(?:what\s+happens\b|(?:explain|describe|summari[sz]e)\b"
    r"|(?:trace|follow|show|tell|find|walk|list)\b(?=\s+(?:me|us|out|how|what|where|which|who|why)\b))",
    re.I,
)
"""How a question begins, which is not what it is about: to trace how a task runs is no trace."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What a word of a question counts by where it stands, beside 1 for one that is said once.

    A word `called` otherwise in code, or `related` to one, counts a share of it; each time it is `repeated`
    adds less.
    """

    title: float = 2.5
    repeated: float = 0.5
    called: float = 0.5
    related: float = 0.3


EMPHASIS = Emphasis()


@dataclass(frozen=True, slots=True)
class Question:
    """What a question asks for. `titled` are the names in its first line; `tests` is 0, 1 or 2.

    1: it speaks of tests; 2: it asks for them.
    """

    terms: Mapping[int, float]
    names: frozenset[str]
    titled: frozenset[str]
    paths: tuple[str, ...]
    tests: int


def understood(text: str, emphasis: Emphasis = EMPHASIS) -> Question:
    """The question that a text asks."""
    text = _COMMENT.sub(" ", text).strip()
    title = text.partition("\n")[0]
    names = names_in(text)
    tests = 2 if _FOR_TESTS.search(text) else 1 if _OF_TESTS.search(title) else 0
    return Question(
        weighted_terms(text, emphasis),
        frozenset(names.symbols),
        frozenset(names_in(title).symbols),
        names.paths,
        tests,
    )


def weighted_terms(text: str, emphasis: Emphasis = EMPHASIS) -> dict[int, float]:
    """Terms of a question with what each counts: its own words first, then those of code."""
    text = _COMMENT.sub(" ", text).strip()
    title, _, rest = _ASKING.sub("", text).partition("\n")
    weight = emphasis.title if rest.strip() else 1.0
    prose = ((title, weight), (_QUOTED.sub("\n", rest), 1.0))
    code = "\n".join(match.group() for match in _QUOTED.finditer(rest))
    weights: dict[int, float] = {}
    times: Counter[int] = Counter()
    for part, weight in (*prose, (code, 1.0)):
        for word in query_words(part):
            for term in split(word):
                number = identity(term)
                weights[number] = max(weight, weights.get(number, 0.0))
                times[number] += 1
    for number, count in times.items():
        weights[number] *= 1 + emphasis.repeated * math.log(count)
    for part, weight in prose:
        words = [word.lower() for word in query_words(part) if word.isalpha()]
        for number in term_ids(called(words)):
            weights.setdefault(number, weight * emphasis.called)
        for number in term_ids(related(WORD.findall(part))):
            weights.setdefault(number, weight * emphasis.related)
    return weights
