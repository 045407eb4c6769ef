"""What source writes of the locals whose members are used: `x` of `x.f()` is a `Foo` after `x: Foo`.

A local has a type where all that binds it in its scope agrees. What only gives a variable another value
(`Typing.assigns`) does not count where a declaration writes a type: that is what the value has, too.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from tree_sitter import Node

from memls.source.bindings import Bindings
from memls.source.header import Source
from memls.source.languages import Language
from memls.source.signatures import declared, written_beside
from memls.source.types import ELEMENT, LITERAL, NOTHING, UNSAID, along, class_named, tried, value_of

_MAX_CLIMB = 6
_MAX_TEXT = 400
_MAX_WAY = 5
"""Locals that one comes from, one from another."""
_HEAD = re.compile(r"[\w$\x80-\xff]+")
_BEFORE = re.compile(r"(?:await\b|try\b[?!]?|move\b|&mut\b|[&*\s])*")
"""What stands before a path without being of it."""
_VALUES = ("value", "right")
_LOOPS = frozenset(
    (
        "for_range_loop", "enhanced_for_statement", "foreach_statement", "range_clause", "for_in_statement",
        "for_statement", "for_in_clause", "for_expression",
    )
)  # fmt: skip
"""Their value is not what they bind, but a list of it."""

_HOLDER = "tuple_struct_pattern"
_AROUND = frozenset(("self", "cls", "Self"))
"""What the object or class around is called, where that is a parameter."""

Kind = Literal["type", "value", "another value", "nothing", "around"]

Places = tuple[int, ...]
"""Where a local is bound, as offsets."""


class _Written(NamedTuple):
    """What one place that binds a local writes of it."""

    kind: Kind
    path: str = ""
    """The type that this tells, "" where it tells none."""
    at: int = -1
    """Where the value begins whose path may begin with a local."""
    head: str = ""


_NO_TYPE = _Written("type")


class Receivers:
    """The types of locals in one file, by what binds them there."""

    def __init__(self, language: Language, source: Source, bindings: Bindings) -> None:
        self._language = language
        self._typing = language.typing
        self._latin = source.latin
        self._bindings = bindings
        self._written: dict[int, _Written] = {}
        self._types: dict[Places, str] = {}

    def types(self, heads: Mapping[int, str]) -> dict[int, str]:
        """Offset -> type, of the names by where they stand those that are locals with a type."""
        named = self._told(set(heads.values())) if self._typing.declares else ()
        found = {at: self._type(at, name, ()) for at, name in heads.items() if name in named}
        return {at: type_ for at, type_ in found.items() if type_}

    def _told(self, names: set[str]) -> set[str]:
        """Those of the names that something is written of. What their values begin with is read, too."""
        told: set[str] = set()
        read: set[str] = set()
        while names := names - read:
            read |= names
            begins: set[str] = set()
            for name in names:
                written = {node.start_byte: self._read(node) for node in self._bindings.places.get(name, ())}
                self._written.update(written)
                begins.update(one.head for one in written.values())
                if any(one.path for one in written.values()):
                    told.add(name)
            names = begins
        return told

    def _type(self, at: int, name: str, below: tuple[Places, ...]) -> str | None:
        """The type of what a name means at an offset, "" where none is written; None where it is no local,
        or the object around.
        """
        places = tuple(one.start for one in self._bindings.seen_from(at, name))
        if not places:
            return None
        if places not in self._types:
            if places in below or len(below) > _MAX_WAY:
                return ""
            if all(self._written.get(place, _NO_TYPE).kind == "around" for place in places):
                return None
            self._types[places] = _agreed([self._resolved(place, (*below, places)) for place in places])
        return self._types[places]

    def _resolved(self, place: int, below: tuple[Places, ...]) -> _Written:
        """What a place writes. A local that a value begins with is what this is."""
        written = self._written.get(place, _NO_TYPE)
        if not written.head:
            return written
        own = self._type(written.at, written.head, below)
        if own is None:
            return written
        rest = written.path[len(written.head) :]
        return written._replace(path=along(own, rest) if own and not rest.startswith("()") else "")

    def _read(self, place: Node) -> _Written:
        typing, declaration, value, holder = self._typing, place.parent, None, None
        if self._text(place) in _AROUND:
            return _Written("around")
        for _ in range(_MAX_CLIMB):
            kind = declaration.type if declaration is not None else ""
            is_declaration = kind in typing.declares
            if declaration is None or not (is_declaration or kind in typing.within):
                return _NO_TYPE
            value = value or next(filter(None, map(declaration.child_by_field_name, _VALUES)), None)
            if is_declaration:
                break
            holder = declaration if kind == _HOLDER else holder
            declaration = declaration.parent
        if declaration is None:
            return _NO_TYPE
        if self._is_self(declaration):
            return _Written("around")
        if holder is not None:
            return self._value("value", value, ELEMENT) if self._holds(holder) else _NO_TYPE
        if (said := self._said(place, declaration)) is not None:
            return _Written("type", class_named(said))
        if declaration.type in _LOOPS:
            return self._element(place, declaration, value)
        if value is None:
            return _Written("type", declared(self._text(declaration), self._text(place), "variable", typing))
        own = _its_own(place, value)
        if own is not None and self._text(own) in NOTHING:
            return _Written("nothing")
        written: Kind = "another value" if declaration.type in typing.assigns else "value"
        return self._value(written, own)

    def _value(self, kind: Kind, own: Node | None, follows: str = "") -> _Written:
        """What a value tells, with the local that it begins with."""
        text = self._text(own) if own is not None else ""
        text = tried(text) if self._typing.tries else text
        path = value_of(text, self._typing.literals)
        path = along(path, follows) if path and path != LITERAL else path * (not follows)
        head = _HEAD.match(path)
        before = _BEFORE.match(text)
        start = before.end() if before is not None else 0
        if own is None or head is None or not text.startswith(head.group(), start):
            return _Written(kind, path)
        return _Written(kind, path, own.start_byte + start, head.group())

    def _element(self, place: Node, loop: Node, value: Node | None) -> _Written:
        """What a loop binds is an element of its list. In Go that is the second of two names."""
        if loop.type == "range_clause" and not _is_second(place):
            return _NO_TYPE
        operator = loop.child_by_field_name("operator")
        if operator is not None and self._text(operator) == "in":  # JavaScript: the keys
            return _NO_TYPE
        return self._value("value", value, ELEMENT)

    def _holds(self, pattern: Node) -> bool:
        """Whether it is one like `Some(x)`, which binds what its value holds."""
        made = pattern.child_by_field_name("type")
        return (
            made is not None and self._text(made) in self._typing.holders and pattern.named_child_count == 2
        )

    def _is_self(self, declaration: Node) -> bool:
        """Whether it declares what a method calls the object around, as in Go: the method tells of that."""
        parameters = declaration.parent
        method = parameters.parent if parameters is not None else None
        field = self._language.qualifier_fields.get(method.type) if method is not None else None
        return method is not None and field is not None and method.child_by_field_name(field) == parameters

    def _said(self, place: Node, declaration: Node) -> str | None:
        """The type that a declaration writes, None where it writes none."""
        type_ = declaration.child_by_field_name("type")
        if type_ is not None:
            said = self._text(type_).lstrip(": ")
            return None if said in UNSAID else said
        if self._typing.before:
            return None
        start, end = place.end_byte, declaration.end_byte
        return written_beside(self._latin[start : min(end, start + _MAX_TEXT)])

    def _text(self, node: Node) -> str:
        start, end = node.byte_range
        return self._latin[start : min(end, start + _MAX_TEXT + 1)]


def _is_second(place: Node) -> bool:
    names = place.parent.named_children if place.parent is not None else []
    return len(names) > 1 and names[1].start_byte == place.start_byte


def _its_own(place: Node, value: Node) -> Node | None:
    """Of `a, b := x, y` what one name is given. Of a call's results only the first is known."""
    if value.type != "expression_list" or place.parent is None:
        return value
    names = [node for node in place.parent.named_children if node.type == place.type]
    number = next((i for i, node in enumerate(names) if node.start_byte == place.start_byte), 0)
    values = value.named_children
    if number and len(values) != len(names):
        return None
    return values[number] if number < len(values) else None


def _agreed(written: Sequence[_Written]) -> str:
    some = [one for one in written if one.kind != "nothing"]
    if any(one.kind == "type" and one.path for one in some):
        some = [one for one in some if one.kind != "another value"]
    types = {one.path for one in some}
    return types.pop() if len(types) == 1 else ""
