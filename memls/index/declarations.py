"""C and C++: from a prototype to its definition, and back.

A prototype is no symbol of the index, because an answer should show what a function does. Editors go to it by
name: `textDocument/declaration`, or `definition` asked in a header.
"""

from memls.index.code import Code, Place, View
from memls.index.edges import Edge
from memls.index.resolve import Resolver
from memls.index.terms import term_ids
from memls.source.parse import language_of
from memls.source.prototypes import Prototype, prototypes

C_FAMILY = frozenset({"c", "cpp"})

_CALLABLE = frozenset({"function", "method", "constructor"})
_MOST_FILES = 40
"""Files that are parsed for the prototypes of one function, the nearest first."""


_FILES = """SELECT f.path FROM files f JOIN texts t ON t.file = f.id
    WHERE f.language IN ('c', 'cpp') AND contains(t.text, ?)"""
_OF_TERM = """ AND f.id IN (
        SELECT c.file FROM chunks c WHERE c.id IN (SELECT p.chunk FROM postings p WHERE p.term = ?))"""


def prototype_at(view: View, line: int, column: int) -> Prototype | None:
    """The prototype whose name stands at a position."""
    for one in _of(view):
        if one.name_line == line and one.name_column <= column <= one.name_column + len(one.name.encode()):
            return one
    return None


def defined_elsewhere(resolver: Resolver, code: Code, view: View, line: int, column: int) -> list[Edge]:
    """The definitions that the prototype at a position can stand for."""
    declared = prototype_at(view, line, column)
    if declared is None:
        return []
    with resolver.moment() as at:
        at.facts.faults.meet_names((declared.qualified_name.rpartition(".")[2],))
        is_whole = not at.facts.faults
        found = [
            place
            for place in code.find_symbols(declared.qualified_name)
            if place.symbol == declared.qualified_name and _may_be(place, view.path)
        ]
    count = len(found)
    reason = "only definition of this prototype" if count == 1 else f"prototype, one of {count}"
    return [
        Edge(
            view.path, line, declared.name_column, "", "read",
            "resolved" if count == 1 and is_whole else "candidate", reason, place,
        )
        for place in found
    ]  # fmt: skip


def declared_in(resolver: Resolver, code: Code, place: Place) -> list[tuple[View, Prototype]]:
    """The prototypes of a function, by path; those of a `static` one are in its own file."""
    if place.kind not in _CALLABLE or language_of(place.path) not in C_FAMILY:
        return []
    own = place.signature.startswith("static ")
    found = []
    for path in [place.path] if own else _mentioning(resolver, place):
        view = code.try_view(path)
        if view is not None and view.language in C_FAMILY:
            found += [(view, one) for one in _of(view) if one.qualified_name == place.symbol]
    return found


def _of(view: View) -> list[Prototype]:
    data = "\n".join(view.lines).encode("utf-8", "replace")
    return prototypes(data, view.language) if view.language in C_FAMILY else []


def _may_be(place: Place, path: str) -> bool:
    if place.kind not in _CALLABLE or language_of(place.path) not in C_FAMILY:
        return False
    return place.path == path or not place.signature.startswith(("static ", "inline static "))


def _mentioning(resolver: Resolver, place: Place) -> list[str]:
    """Files in which the function's name stands, headers and what is near to its definition first."""
    name = place.symbol.rpartition(".")[2]
    terms = term_ids((name,))[-1:]  # the last is the whole name's; those that are too long have none
    with resolver.reader.ranking() as now:
        rows = now.read(_FILES + _OF_TERM if terms else _FILES, [name, *terms])
    folder = place.path.rpartition("/")[0]

    def rank(path: str) -> tuple[bool, bool, str]:
        return not path.rpartition(".")[2].startswith(("h", "H")), path.rpartition("/")[0] != folder, path

    return sorted((row[0] for row in rows), key=rank)[:_MOST_FILES]
