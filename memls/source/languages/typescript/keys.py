"""Keys of objects, and what their type is written as: `const x: Foo = { key: 1 }`, `({ key }: Foo) => …`.

A key is a member of the type that a declaration around it writes, or a parameter of what is called. It is
looked up when somebody asks, like the names of arguments (`memls.source.arguments`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memls.source.types import ELEMENT, class_named

if TYPE_CHECKING:
    from tree_sitter import Node

    from memls.source.locals import Locals

_PAIRS = frozenset({"pair", "pair_pattern"})
_OBJECTS = frozenset({"object", "object_pattern"})
_ALONE = "shorthand_property_identifier_pattern"
"""In `{ a }` as a value the name means a variable, too."""
_THROUGH = frozenset(
    {"parenthesized_expression", "ternary_expression", "binary_expression", "object_assignment_pattern"}
)
"""What has the type of the object in it."""
_STATED = frozenset({"as_expression", "satisfies_expression"})
_DECLARES = frozenset(
    {"variable_declarator", "required_parameter", "optional_parameter", "public_field_definition"}
)
_FUNCTIONS = frozenset(
    {
        "arrow_function", "function_declaration", "function_expression", "method_definition",
        "generator_function_declaration",
    }
)  # fmt: skip
_MAX_CLIMB = 60
_CALLS = {"call_expression": "function", "new_expression": "constructor"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an object. `steps` lead to that object, from one of the type, or from a call's parameter."""

    name: str
    steps: str
    type: str = ""
    called: tuple[int, int] = (0, 0)
    """Line from 1 and column of the name of what is called, which has the type as a parameter."""
    parameter: int = 0


def key_at(text: "Locals", line: int, column: int) -> Key | None:
    """The key at a position, where something around it says what it is a key of."""
    named = text.node_at(line, column)
    node = named if named is None or named.type == _ALONE else named.parent
    if named is None or node is None or not (node.type == _ALONE or _is_key(node, named)):
        return None
    name, steps = text.source.text(*named.byte_range), ""
    for _ in range(_MAX_CLIMB):
        inner, node = node, node.parent
        if node is None:
            return None
        if node.type in _PAIRS and inner.type != _ALONE:
            key = node.child_by_field_name("key")
            if key is None or key.type != "property_identifier":
                return None
            steps = f".{text.source.text(*key.byte_range)}{steps}"
        elif node.type in ("array", "array_pattern"):
            steps = ELEMENT + steps
        elif node.type not in _THROUGH | _OBJECTS and not _is_constant(node):
            return _told(text, name, steps, inner, node)
    return None


def _is_constant(node: "Node") -> bool:
    """`{ … } as const`."""
    return node.type == "as_expression" and node.named_child_count == 1


def _is_key(pair: "Node", named: "Node") -> bool:
    return pair.type in _PAIRS and pair.child_by_field_name("key") == named


def _told(text: "Locals", name: str, steps: str, inner: "Node", around: "Node") -> Key | None:
    """A key by what is around its outermost object."""
    if around.type == "arguments":
        return _given(text, name, steps, inner, around)
    said: Node | None = None
    if around.type in _STATED:
        said = around.named_children[-1]
    elif around.type in _DECLARES:
        said = around.child_by_field_name("type") or _stated(around.child_by_field_name("value"))
    elif around.type in _FUNCTIONS and around.child_by_field_name("body") == inner:
        said = around.child_by_field_name("return_type")
    elif around.type == "return_statement":
        function = around.parent
        while function is not None and function.type not in _FUNCTIONS:
            function = function.parent
        said = function.child_by_field_name("return_type") if function is not None else None
    type_ = class_named(text.source.text(*said.byte_range).lstrip(": ")) if said is not None else ""
    return Key(name, steps, type_) if type_ else None


def _stated(value: "Node | None") -> "Node | None":
    """The type of `x as Foo`."""
    return value.named_children[-1] if value is not None and value.type == "as_expression" else None


def _given(text: "Locals", name: str, steps: str, inner: "Node", given: "Node") -> Key | None:
    call = given.parent
    called = call.child_by_field_name(_CALLS.get(call.type, "")) if call is not None else None
    if called is not None and called.type == "member_expression":
        called = called.child_by_field_name("property")
    if called is None or called.child_count:
        return None
    before = [
        one for one in given.named_children if one.end_byte <= inner.start_byte and one.type != "comment"
    ]
    if any(one.type == "spread_element" for one in before):
        return None
    return Key(name, steps, "", text.source.position(called.start_byte), len(before))
