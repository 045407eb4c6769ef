"""TypeScript: from a call to the signature of an overloaded function, and from a signature to its body.

The index has the one with a body: that is what an answer should show, and what has the uses of all of them.
Editors go to the signature that takes as many arguments as the call gives.
"""

from memls.index.code import Code, Place, View
from memls.index.edges import Edge
from memls.index.resolve import Resolver
from memls.index.scoping import scoping
from memls.source.languages.typescript.signatures import body_of, given_at, taking

_CALLABLE = frozenset({"function", "method"})


def signatures_of(code: Code, view: View, line: int, column: int, place: Place) -> list[tuple[int, int]]:
    """Where the signatures of a function stand that the call at a position can mean, in its file."""
    other = code.try_view(place.path)
    if place.kind not in _CALLABLE or other is None or not _declares(view) or not _declares(other):
        return []
    own = [one for one in other.symbols if one.qualified_name == place.symbol]
    given = given_at(code.locals(view), line, column) if own else -1
    if given < 0:
        return []
    last = max(own, key=lambda one: one.line)
    return taking(code.locals(other), last.name_line, last.name_column, given)


def bodies_at(resolver: Resolver, code: Code, view: View, line: int, column: int) -> list[Edge]:
    """The function that the signature at a position is one of."""
    body = body_of(code.locals(view), line, column) if _declares(view) else None
    return resolver.definitions_at(view.path, *body) if body is not None else []


def _declares(view: View) -> bool:
    return scoping(view.language or "").writes_types
