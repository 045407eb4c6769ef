"""Words of code and prose as search terms: identifiers split, lower-cased, stemmed, hashed.

`getHTTPResponse` has the terms `get`, `http`, `respons` and itself, so that a question in English and the
exact identifier both find it. A chunk's words are counted first and split then, which costs a third of
splitting every occurrence, and a word's terms are worked out once. Terms are stored as their XXH3-64: two of
a million collide with a probability of about 3e-8.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import Stemmer

from memls.text import identity

WORD = re.compile(r"\w\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
stem: Callable[[str], str] = Stemmer.Stemmer("english").stemWord
"""An English word in lower case without its ending: `generat` for generations."""
_LONGEST = 64
"""Longer words are hashes, encoded data and the like: nobody searches for them by relevance."""

STOP_WORDS = frozenset(
    "a about an and any are as at be been but by can could did do does for from get gets goes had has have "
    "how i if in into is it its like may me might must my not of on or our shall should so some such than "
    "that the their them then there these they this those to us use used uses using via was we were what "
    "when where which who whom whose why will with would you your".split()
)

_UNASKED = STOP_WORDS.union("myself yourself yourselves himself herself itself ourselves themselves".split())
"""Words that no question asks for: `callItself` is nothing of what a server does by itself."""


class Terms(dict[str, Sequence[int]]):
    """Word → the numbers of its terms, worked out at the first use: a lookup that hits stays in C.

    Stop words have none. No question asks for them, and they are every eighth row of an index.
    """

    def __missing__(self, word: str) -> Sequence[int]:
        numbers = self[word] = () if word.lower() in STOP_WORDS else term_ids((word,))
        return numbers


@lru_cache(maxsize=1 << 14)
def split(word: str) -> tuple[str, ...]:
    """Search terms of one word: its parts, stemmed, and itself where it has more than one part."""
    if len(word) > _LONGEST:
        return ()
    parts = _PART.findall(word)
    stems = [stem(part.lower()) for part in parts if len(part) > 1 or not part.isascii()]
    if len(parts) > 1:
        stems.append(word.lower().strip("_"))
    return tuple(dict.fromkeys(stems))


def term_ids(words: Iterable[str]) -> list[int]:
    """The terms of some words as numbers, each once, in order."""
    return list(dict.fromkeys(identity(term) for word in words for term in split(word)))


def query_words(question: str) -> list[str]:
    """The words of a question that say something, in order."""
    return [word for word in WORD.findall(question) if word.lower() not in _UNASKED]


def query_terms(question: str) -> list[int]:
    """Distinct terms of a question in the order they stand there, without stop words."""
    return term_ids(query_words(question))
