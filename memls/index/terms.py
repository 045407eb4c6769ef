"""Words of code and prose as search terms: identifiers split, lower-cased, stemmed, hashed.

`getHTTPResponse` gives `get`, `http`, `respons` and the whole word, so that a question in English and the
exact identifier both find it. A term is stored as its XXH3-64: two of a million words collide with a
probability of about 3e-8.
"""

import re
from collections import Counter
from functools import lru_cache

import Stemmer
import xxhash

WORD = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_STEMMER = Stemmer.Stemmer("english")
_LONGEST = 64
"""Longer words are hashes, encoded data and the like: nobody searches for them by relevance."""

STOP_WORDS = frozenset(
    "a about an and any are as at be been but by can could did do does for from get gets goes had has have "
    "how i if in into is it its like may me might must my not of on or our shall should so some such than "
    "that the their them then there these they this those to us use used uses using via was we were what "
    "when where which who whom whose why will with would you your".split()
)


@lru_cache(maxsize=200_000)
def split(word: str) -> tuple[str, ...]:
    """Search terms of one word: its parts, stemmed, and itself where it has more than one part."""
    if len(word) > _LONGEST:
        return ()
    parts = _PART.findall(word)
    stems = [_STEMMER.stemWord(part.lower()) for part in parts if len(part) > 1 or not part.isascii()]
    if len(parts) > 1:
        stems.append(word.lower().strip("_"))
    return tuple(stems)


@lru_cache(maxsize=200_000)
def term_ids(word: str) -> tuple[int, ...]:
    """`split`, as the 64-bit numbers that the postings hold."""
    return tuple(xxhash.xxh3_64_intdigest(term.encode("utf-8", "surrogatepass")) for term in split(word))


def frequencies(text: str, weight: int = 1, into: Counter[int] | None = None) -> Counter[int]:
    """Weighted frequency of each term of `text`, added to `into` where it is given."""
    counts: Counter[int] = Counter() if into is None else into
    for word, times in Counter(WORD.findall(text)).items():
        for term in term_ids(word):
            counts[term] += times * weight
    return counts


def query_terms(question: str) -> list[int]:
    """Distinct terms of a question in the order they stand there, without stop words."""
    words = [word for word in WORD.findall(question) if word.lower() not in STOP_WORDS]
    return list(dict.fromkeys(term for word in words for term in term_ids(word)))
