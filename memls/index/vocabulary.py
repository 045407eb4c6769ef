"""What code says for the words of a question: abbreviations, initials, words that answer for each other."""

from collections.abc import Iterable, Sequence

from memls.index.terms import stem

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

_SPELLINGS = (
    "parameterize parametrize parameterise parametrise, color colour, behavior behaviour, center centre, "
    "initialize initialise, serialize serialise, normalize normalise, optimize optimise, "
    "tokenize tokenise, synchronize synchronise, authorize authorise, customize customise, "
    "organize organise, recognize recognise, summarize summarise, analyze analyse, catalog catalogue, "
    "license licence, gray grey, artifact artefact, "
    "favorite favourite, neighbor neighbour, honor honour, dialog dialogue, judgment judgement"
)
"""Words that are spelled in several ways: the question in one, the code in another."""


def _related() -> dict[str, frozenset[str]]:
    groups = [frozenset(group.split()) for group in _CONCEPTS.split(", ")]
    words = {word for group in groups for word in group}
    return {stem(word): frozenset().union(*(g for g in groups if word in g)) - {word} for word in words}


_SHORT = {
    stem(long): tuple(short) for long, *short in (entry.split() for entry in _ABBREVIATIONS.split(", "))
}
_SPELLED = {
    stem(word): tuple(other for other in group if stem(other) != stem(word))
    for group in (entry.split() for entry in _SPELLINGS.split(", "))
    for word in group
}
_NEAR = _related()


def called(words: Sequence[str]) -> list[str]:
    """What words in lower case are called in code: `db` for database, `mro` for method resolution order."""
    short = [other for word in words for known in (_SHORT, _SPELLED) for other in known.get(stem(word), ())]
    initials = ["".join(w[0] for w in words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1)]
    return short + initials


def related(words: Iterable[str]) -> list[str]:
    """Words that may stand in code where a question has these."""
    return [near for word in words for near in sorted(_NEAR.get(stem(word.lower()), ()))]
