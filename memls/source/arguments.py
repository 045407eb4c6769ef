"""Names of arguments: `f(name=1)` names a parameter of `f`, wherever that is written.

An index of these would be an index of all calls. So they are looked up in the syntax trees of two files, when
somebody asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memls.source.references import split_member

if TYPE_CHECKING:
    from tree_sitter import Node

    from memls.source.locals import Locals

_NAMES = re.compile(r"\s*(?:=(?![=>])|:(?!:))")
_GENERICS = re.compile(r"\s*(?:[<\[].*)?\Z", re.DOTALL)
_FIELDS = ("external_name", "name")
_MAX_WIDTH = 10_000
_MAX_CALLED = 4000


@dataclass(frozen=True, slots=True)
class Argument:
    """A named argument, and where the last name of what is called stands: line from 1, column in bytes."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """Where the name of a parameter stands, and how it is written."""

    line: int
    column: int
    text: str


def argument_at(text: "Locals", line: int, column: int) -> Argument | None:
    """The argument that is named at a position."""
    named = text.node_at(line, column)
    naming = text.language.naming
    if named is None or named.child_count or not naming.arguments:
        return None
    argument = named.parent
    if argument is not None and argument.type in naming.labels:
        argument = argument.parent
    if argument is None or argument.type not in naming.arguments or argument.start_byte != named.start_byte:
        return None
    given = argument.parent
    latin = text.source.latin
    follows = latin[named.end_byte : named.end_byte + 40]
    if given is None or given.type not in naming.given or not _NAMES.match(follows):
        return None
    called = _called(given)
    if called is None or called.end_byte - called.start_byte > _MAX_CALLED:
        return None
    start = called.start_byte
    whole = latin[start : called.end_byte]
    _, name, at = split_member(whole, text.language.separators)
    if not name or not _GENERICS.match(whole, at + len(name)):  # `f(1)(name=2)`
        return None
    return Argument(text.source.text(*named.byte_range), *text.source.position(start + at))


def _called(given: "Node") -> "Node | None":
    """What stands before arguments, and before those of its type."""
    around = given.parent
    if given.prev_named_sibling is None and around is not None and around.type == "call_suffix":
        given = around
    called = given.prev_named_sibling
    return called.prev_named_sibling if called is not None and called.type == "type_arguments" else called


def parameter_named(text: "Locals", line: int, column: int, name: str) -> Parameter | None:
    """The parameter with a name, of the function or class whose own name stands at a position."""
    own = text.node_at(line, column)
    definition = own.parent if own is not None and not own.child_count else own  # Swift's `init` is no node
    for parameter in _parameters(text, definition) if definition is not None else ():
        named = _name_of(parameter)
        if named is not None and named != own and text.source.text(*named.byte_range) == name:
            return Parameter(*text.source.position(named.start_byte), text.source.text(*parameter.byte_range))
    return None


def _parameters(text: "Locals", definition: "Node") -> Iterator["Node"]:
    """The parameters of a definition, of one list after another."""
    naming = text.language.naming
    lists = [definition]
    while lists:
        children = lists.pop().named_children[:_MAX_WIDTH]
        yield from (child for child in children if child.type in naming.parameters)
        lists += [child for child in reversed(children) if child.type in naming.lists]


def _name_of(parameter: "Node") -> "Node | None":
    """What callers call a parameter; None where it is no name."""
    if not parameter.child_count:
        return parameter
    named = next(filter(None, map(parameter.child_by_field_name, _FIELDS)), None)
    if named is None:
        named = parameter.named_children[0] if parameter.named_children else None
    if named is not None and named.type == "variable_name":
        named = named.named_children[0] if named.named_children else None
    return named if named is not None and not named.child_count else None
