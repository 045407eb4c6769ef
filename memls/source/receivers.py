"""What source writes of the locals whose members are used: `x` of `x.f()` is a `Foo` after `x: Foo`.

A local has a type where all that binds it in its scope agrees. What only gives a variable another value
(`Typing.assigns`) does not count where a declaration writes a type: that is what the value has, too.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from tree_sitter import Node

from memls.source.bindings import BINDING, Bindings
from memls.source.header import Source
from memls.source.languages import Language
from memls.source.types import class_named, declared, value_of, written_beside

_MAX_CLIMB = 6
_MAX_TEXT = 400
_MAX_WAY = 5
"""Locals that one comes from, one from another."""
_HEAD = re.compile(r"[\w$\x80-\xff]+")
_VALUES = ("value", "right")
_UNSAID = frozenset(("auto", "var", "let", "val", "const"))
_NOTHING = frozenset(("None", "null", "nil", "undefined", "nullptr", "NULL"))
_LOOPS = frozenset(("for_range_loop", "enhanced_for_statement", "foreach_statement"))
"""Their value is not what they bind, but a list of it."""

Kind = Literal["type", "value", "another value", "nothing"]

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


class Receivers:
    """The types of locals in one file; `found` is what its query for bindings captures."""

    def __init__(self, language: Language, source: Source, found: Mapping[str, Sequence[Node]]) -> None:
        self._language = language
        self._typing = language.typing
        self._source = source
        self._latin = source.latin
        self._found = found
        self._written: dict[int, _Written] = {}
        self._types: dict[Places, str] = {}

    def types(self, heads: Mapping[int, str]) -> dict[int, str]:
        """Offset -> type, of the names by where they stand those that are locals with a type."""
        named = self._told(set(heads.values())) if self._typing.declares else set()
        if not named:
            return {}
        self._bindings = Bindings(self._language, self._source, self._found, named)
        found = {at: self._type(at, name, ()) for at, name in heads.items() if name in named}
        return {at: type_ for at, type_ in found.items() if type_}

    def _told(self, names: set[str]) -> set[str]:
        """Those of the names that something is written of, and the locals that their values begin with."""
        latin = self._latin
        nodes: dict[str, list[Node]] = {}
        for label in BINDING:
            for node in self._found.get(label, ()):
                start, end = node.byte_range
                nodes.setdefault(latin[start:end], []).append(node)
        told: set[str] = set()
        begins: set[str] = set()
        while fresh := [node for name in names for node in nodes.pop(name, ())]:
            written = {node.start_byte: self._read(node) for node in fresh}
            self._written.update(written)
            told.update(latin[slice(*node.byte_range)] for node in fresh if written[node.start_byte].path)
            names = {one.head for one in written.values() if one.head}
            begins |= names
        return told | begins if told else told

    def _type(self, at: int, name: str, below: tuple[Places, ...]) -> str | None:
        """The type of what a name means at an offset, "" where none is written; None where it is no local."""
        places = tuple(one.start for one in self._bindings.seen_from(at, name))
        if not places:
            return None
        if places not in self._types:
            if places in below or len(below) > _MAX_WAY:
                return ""
            self._types[places] = _agreed([self._resolved(place, (*below, places)) for place in places])
        return self._types[places]

    def _resolved(self, place: int, below: tuple[Places, ...]) -> _Written:
        """What a place writes. A local that a value begins with is what this is."""
        written = self._written.get(place, _Written("type"))
        if not written.head:
            return written
        own = self._type(written.at, written.head, below)
        if own is None:
            return written
        rest = written.path[len(written.head) :]
        return written._replace(path=own + rest if own and not rest.startswith("()") else "")

    def _read(self, place: Node) -> _Written:
        typing, declaration, value = self._typing, place.parent, None
        for _ in range(_MAX_CLIMB):
            if declaration is None:
                return _Written("type")
            value = value or next(filter(None, map(declaration.child_by_field_name, _VALUES)), None)
            if declaration.type in typing.declares:
                break
            if declaration.type not in typing.within:
                return _Written("type")
            declaration = declaration.parent
        if declaration is None or self._is_self(declaration):
            return _Written("type")
        if (said := self._said(place, declaration)) is not None:
            return _Written("type", class_named(said))
        if declaration.type in _LOOPS:
            return _Written("type")
        if value is None:
            return _Written("type", declared(self._text(declaration), self._text(place), "variable", typing))
        own = _its_own(place, value)
        text = self._text(own) if own is not None else ""
        if text in _NOTHING:
            return _Written("nothing")
        kind: Kind = "another value" if declaration.type in typing.assigns else "value"
        path = value_of(text, typing.literals)
        head = _HEAD.match(path)
        if own is None or head is None or not text.startswith(head.group()):
            return _Written(kind, path)
        return _Written(kind, path, own.start_byte, head.group())

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
            return None if said in _UNSAID else said
        if self._typing.before:
            return None
        start, end = place.end_byte, declaration.end_byte
        return written_beside(self._latin[start : min(end, start + _MAX_TEXT)])

    def _text(self, node: Node) -> str:
        start, end = node.byte_range
        return self._latin[start : min(end, start + _MAX_TEXT + 1)]


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
