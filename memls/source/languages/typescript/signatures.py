"""Signatures that are declared beside one body, as TypeScript's overloads: which a call can mean.

They are no symbols of the index, because an answer should show what a function does. They are looked up in
the syntax trees of two files, when somebody asks; the number of arguments tells them apart, as elsewhere.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.references import given_to

if TYPE_CHECKING:
    from tree_sitter import Node

    from memls.source.locals import Locals

_SIGNATURES = frozenset({"function_signature", "method_signature", "abstract_method_signature"})
_BODIED = frozenset({"function_declaration", "generator_function_declaration", "method_definition"})
_WRAPPERS = frozenset({"export_statement", "ambient_declaration"})
_MANY = 1000

Position = tuple[int, int]
"""Line from 1 and column from 0 in bytes, where a name stands."""


def given_at(text: "Locals", line: int, column: int) -> int:
    """How many arguments the call gives whose name stands at a position; -1 where that is not known."""
    called = text.node_at(line, column)
    around = called.parent if called is not None else None
    if around is not None and called is not None and around.child_by_field_name("property") == called:
        called, around = around, around.parent
    if around is None or around.type != "call_expression" or around.child_by_field_name("function") != called:
        return -1
    return given_to(around)


def taking(text: "Locals", line: int, column: int, given: int) -> list[Position]:
    """Of the signatures of the function that is defined at a position those that take so many arguments."""
    own = _definition(text, line, column)
    declared = [one for one in _namesakes(text, own) if one.type in _SIGNATURES] if own is not None else []
    if own is None or (len(declared) < 2 and own.type in _SIGNATURES):
        return []
    return [_place(text, one) for one in declared if _takes(one, given)]


def body_of(text: "Locals", line: int, column: int) -> Position | None:
    """The function that the signature at a position is one of."""
    own = _definition(text, line, column)
    if own is None or own.type not in _SIGNATURES:
        return None
    return next((_place(text, one) for one in _namesakes(text, own) if one.type in _BODIED), None)


def _definition(text: "Locals", line: int, column: int) -> "Node | None":
    named = text.node_at(line, column)
    own = named.parent if named is not None else None
    known = own is not None and own.type in _SIGNATURES | _BODIED
    return own if own is not None and known and own.child_by_field_name("name") == named else None


def _namesakes(text: "Locals", own: "Node") -> Iterator["Node"]:
    """The functions of one name that stand beside each other, in order."""
    outer = own
    while outer.parent is not None and outer.parent.type in _WRAPPERS:
        outer = outer.parent
    name = _name(text, own)
    for node in outer.parent.named_children if outer.parent is not None else ():
        while node.type in _WRAPPERS and node.named_children:
            node = node.named_children[-1]
        if node.type in _SIGNATURES | _BODIED and _name(text, node) == name:
            yield node


def _name(text: "Locals", node: "Node") -> str:
    named = node.child_by_field_name("name")
    return text.source.latin[slice(*named.byte_range)] if named is not None else ""


def _place(text: "Locals", node: "Node") -> Position:
    named = node.child_by_field_name("name")
    return text.source.position(named.start_byte if named is not None else node.start_byte)


def _takes(signature: "Node", given: int) -> bool:
    parameters = signature.child_by_field_name("parameters")
    least = most = 0
    for one in parameters.named_children if parameters is not None else ():
        pattern = one.child_by_field_name("pattern")
        if pattern is None or pattern.type == "this":
            continue
        several = pattern.type == "rest_pattern"
        most += _MANY if several else 1
        optional = several or one.type == "optional_parameter"
        least += not optional and one.child_by_field_name("value") is None
    return least <= given <= most
