"""From the name of an argument to the parameter of what is called: `f(name=1)`.

It is worked out when it is asked for, of what the call is resolved to: the index has no parameters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from memls.index.code import Code, Place, View
from memls.index.edges import Edge, Status, place_of
from memls.index.facts import Definition
from memls.index.found import Found
from memls.index.resolve import Moment, Resolver
from memls.index.scoping import TYPE_KINDS
from memls.source.arguments import argument_at, parameter_named
from memls.source.languages import language_named
from memls.source.outline import Symbol

_TYPED = re.compile(r"\s*:")


@dataclass(frozen=True, slots=True)
class Named:
    """The parameter that an argument names: where that stands, how it is written, and of what it is one."""

    path: str
    line: int
    column: int
    text: str
    of: Place
    status: Status


def named_at(resolver: Resolver, code: Code, view: View, line: int, column: int) -> list[Named] | None:
    """The parameters that the name at a position can mean; None where it is not that of an argument."""
    argument = argument_at(code.locals(view), line, column) if view.language else None
    if argument is None:
        return None
    found: list[Named] = []
    with resolver.moment() as at:
        for edge in at.definitions_at(view.path, argument.line, argument.column):
            if edge.reason != "definition":  # Python's `class A(B, name=1)` calls nothing here
                found += _named(at, code, edge, argument.name)
    found = list(dict.fromkeys(found))
    return found if len(found) == 1 else [replace(one, status="candidate") for one in found]


def _named(at: Moment, code: Code, edge: Edge, name: str) -> Iterator[Named]:
    place = edge.target
    view = code.try_view(place.path)
    class_ = _class(at, place) if place.kind in TYPE_KINDS else None
    if view is None or class_ is None:
        yield from _parameter(code, place, name, edge.status)
        return
    rules = language_named(view.language or "")
    for constructor in rules.constructors:
        run = at.facts.ask(partial(at.lookup.members.get, class_, constructor))
        if run is not None:
            yield from _in_each(at, code, run, name, edge.status)
            return
    yield from _parameter(code, place, name, edge.status)
    ordinal = next((n for n, one in enumerate(view.symbols) if one.qualified_name == place.symbol), -1)
    for one in view.children(ordinal) if ordinal >= 0 else ():
        if one.kind == "constructor":
            own = Place(view.path, one.qualified_name, one.kind, one.line, one.end_line, one.signature)
            yield from _parameter(code, own, name, edge.status)
    if rules.naming.fields:
        yield from _fields(at, code, class_, edge, name)


def _fields(at: Moment, code: Code, class_: Definition, edge: Edge, name: str) -> Iterator[Named]:
    """A field that a class without a constructor takes. What is above it outside may have one."""
    members = at.lookup.members
    held = at.facts.ask(partial(members.get, class_, name))
    whole = None not in at.facts.ask(partial(members.order, class_))
    for target in held.targets if held is not None else ():
        status: Status = edge.status if whole else "candidate"
        yield from _field(code, place_of(at.files, target), edge.target, status)


def _class(at: Moment, place: Place) -> Definition | None:
    file = at.files.ids.get(place.path)
    return at.facts.ask(partial(at.facts.symbol, file, place.symbol)) if file is not None else None


def _in_each(at: Moment, code: Code, run: Found, name: str, status: Status) -> Iterator[Named]:
    for target in run.targets:
        place = place_of(at.files, target)
        yield from _parameter(code, place, name, status if run.sure else "candidate")


def _parameter(code: Code, place: Place, name: str, status: Status) -> Iterator[Named]:
    """The parameter of this name, where a function or class has it."""
    view = code.try_view(place.path)
    own = _symbol(view, place) if view is not None and view.language else None
    if view is None or own is None:
        return
    found = parameter_named(code.locals(view), own.name_line, own.name_column, name)
    if found is not None:
        yield Named(view.path, found.line, found.column, found.text, place, status)


def _field(code: Code, place: Place, of: Place, status: Status) -> Iterator[Named]:
    """A field that stands for a parameter: it writes its type."""
    view = code.try_view(place.path)
    own = _symbol(view, place) if view is not None else None
    if (
        own is not None
        and own.kind == "field"
        and own.signature.removeprefix(own.name).lstrip().startswith(":")
    ):
        yield Named(place.path, own.name_line, own.name_column, own.signature, of, status)


def _symbol(view: View, place: Place) -> Symbol | None:
    """A definition as it stands now."""
    same = [one for one in view.symbols if one.qualified_name == place.symbol]
    return min(same, key=lambda one: abs(one.line - place.line), default=None)
