"""Words of code and prose as search terms: identifiers split, lower-cased, stemmed, hashed.

`getHTTPResponse` has the terms `get`, `http`, `respons` and itself, so that a question in English and the
exact identifier both find it. Chunks count whole words; only the vocabulary knows which terms a word has.
That costs a third of splitting every occurrence, and a word's terms are worked out once. Words and terms
are stored as their XXH3-64: two of a million collide with a probability of about 3e-8.
"""

import re
from collections.abc import Iterable

import Stemmer

from memls.text import identity

WORD = re.compile(r"\w\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_STEMMER = Stemmer.Stemmer("english")
_LONGEST = 64
"""Longer words are hashes, encoded data and the like: nobody searches for them by relevance."""

_CALLED, _RELATED = 0.5, 0.3
_ABBREVIATIONS = (
    "address addr, administrator admin, allocate alloc, application app, argument arg, array arr, "
    "asynchronous async, attribute attr, authenticate auth, authorize auth, buffer buf, calculate calc, "
    "character char, command cmd, configuration config conf cfg, connection conn, context ctx, "
    "database db, definition def, delete del, dependency dep, descriptor fd, destination dst dest, "
    "development dev, dictionary dict, difference diff, directory dir, document doc, element elem, "
    "environment env, error err, exception exc, execute exec, expression expr, extension ext, "
    "function func fn, generate gen, identifier id ident, image img, index idx, information info, "
    "initialize init, instruction instr, integer int, internationalization i18n, iterator iter, "
    "javascript js, language lang, length len, library lib, maximum max, memory mem, message msg, "
    "minimum min, number num, object obj, operation op, option opt, package pkg, parameter param, "
    "password passwd, pointer ptr, position pos, previous prev, procedure proc, process proc, "
    "property prop, python py, reference ref, regex re, register reg, repository repo, request req, "
    "response resp, sequence seq, socket sock, source src, specification spec, string str, "
    "structure struct, synchronize sync, system sys, temporary tmp temp, timestamp ts, typescript ts, "
    "user usr, utility util, value val, variable var, vector vec, version ver"
)
"""What programmers write for a word: the question says database, the code says db."""

_CONCEPTS = (
    "decide choose select pick determine resolve route router goes dispatch, "
    "check verify validate test compare ensure assert, create make build construct new factory, "
    "remove delete drop discard clear purge evict, find search lookup locate match discover, "
    "start begin launch initialize run boot, stop end close shutdown terminate quit finish, "
    "save store persist write dump, read load fetch retrieve open, wait sleep block poll, "
    "show display render print format draw, send emit publish dispatch post transmit, "
    "receive accept handle listen, convert transform cast coerce translate encode decode, "
    "merge combine join concatenate union, limit maximum threshold quota throttle, "
    "fail error exception raise abort, repeat retry loop again, change update modify set edit, "
    "copy clone duplicate, order sort rank priority, split divide partition tokenize chunk, "
    "cache memoize remember, notify signal event callback hook listener, "
    "permission allow authorize access grant, parse tokenize lexer grammar, "
    "schedule queue task job worker, hide mask filter exclude ignore skip, wrap decorate proxy"
)
"""Words that answer for each other: the question says decide, the code says resolve or route."""


def _related() -> dict[str, frozenset[str]]:
    groups = [frozenset(group.split()) for group in _CONCEPTS.split(", ")]
    words = {word for group in groups for word in group}
    return {
        _STEMMER.stemWord(word): frozenset().union(*(g for g in groups if word in g)) - {word}
        for word in words
    }


_SHORT = {
    _STEMMER.stemWord(long): tuple(short)
    for long, *short in (entry.split() for entry in _ABBREVIATIONS.split(", "))
}
_NEAR = _related()

STOP_WORDS = frozenset(
    "a about an and any are as at be been but by can could did do does for from get gets goes had has have "
    "how i if in into is it its like may me might must my not of on or our shall should so some such than "
    "that the their them then there these they this those to us use used uses using via was we were what "
    "when where which who whom whose why will with would you your".split()
)


class WordIds(dict[str, int]):
    """Word → its number, worked out at the first use: a lookup that hits stays in C.

    `new` collects the words met since it was last emptied.
    """

    def __init__(self) -> None:
        super().__init__()
        self.new: list[str] = []

    def __missing__(self, word: str) -> int:
        number = self[word] = identity(word)
        self.new.append(word)
        return number


def split(word: str) -> tuple[str, ...]:
    """Search terms of one word: its parts, stemmed, and itself where it has more than one part."""
    if len(word) > _LONGEST:
        return ()
    parts = _PART.findall(word)
    stems = [_STEMMER.stemWord(part.lower()) for part in parts if len(part) > 1 or not part.isascii()]
    if len(parts) > 1:
        stems.append(word.lower().strip("_"))
    return tuple(dict.fromkeys(stems))


def term_ids(words: Iterable[str]) -> list[int]:
    """The terms of some words as numbers, each once, in order."""
    return list(dict.fromkeys(identity(term) for word in words for term in split(word)))


def query_words(question: str) -> list[str]:
    """The words of a question that say something, in order."""
    return [word for word in WORD.findall(question) if word.lower() not in STOP_WORDS]


def query_terms(question: str) -> list[int]:
    """Distinct terms of a question in the order they stand there, without stop words."""
    return term_ids(query_words(question))


def weighted_terms(question: str) -> dict[int, float]:
    """Terms of a question with what each counts: its own words in full, what they are called in code less."""
    words = query_words(question)
    weights = dict.fromkeys(term_ids(words), 1.0)
    lowered = [word.lower() for word in words if word.isalpha()]
    called = [short for word in lowered for short in _SHORT.get(_STEMMER.stemWord(word), ())]
    called += ["".join(w[0] for w in lowered[i : i + n]) for n in (2, 3) for i in range(len(lowered) - n + 1)]
    for term in term_ids(called):
        weights.setdefault(term, _CALLED)
    spoken = [_STEMMER.stemWord(word.lower()) for word in WORD.findall(question)]
    for term in term_ids(near for word in spoken for near in sorted(_NEAR.get(word, ()))):
        weights.setdefault(term, _RELATED)
    return weights
