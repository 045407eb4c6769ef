"""C#: what the engine must know, and how its `using`s read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node

_HEAD = re.compile(rb"\b(?:class|struct|interface|record)\s+\w[^{};]{0,2000}")
"""From a type's name to its body: of so many bytes, since a text may have no body at all."""
_IF = re.compile(
    rb"(?P<opens>^[ \t]*#[ \t]*if\b[^\n]*)(?P<first>(?:(?!^[ \t]*#).)*)"
    rb"(?P<rest>(?:^[ \t]*#[ \t]*el(?:(?!^[ \t]*#[ \t]*if\b).)*?)?^[ \t]*#[ \t]*endif\b[^\n]*)",
    re.MULTILINE | re.DOTALL,
)
_SEEN = re.compile(rb"[^\r\n]")


def readable(data: bytes) -> bytes:
    """Of `#if` in a list of bases, which the grammar does not know, the first branch alone."""
    return _HEAD.sub(_without_if, data) if b"#" in data else data


def _without_if(head: re.Match[bytes]) -> bytes:
    text, count = head.group(), 1
    while count:  # the inner ones first
        text, count = _IF.subn(_first, text)
    return text


def _first(match: re.Match[bytes]) -> bytes:
    return _SEEN.sub(b" ", match["opens"]) + match["first"] + _SEEN.sub(b" ", match["rest"])


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`using A.B`, `using static A.B`, and `using X = A.B`."""
    alias = node.child_by_field_name("name")
    path = next((child for child in reversed(node.named_children) if child != alias), None)
    if path is None or not path.text:
        return
    full = "".join(path.text.decode("utf-8", "replace").split()).removeprefix("global::").partition("<")[0]
    if alias is None or not alias.text:
        yield Import(full, "*", "", line)
        return
    module, _, name = full.rpartition(".")
    yield Import(module, name, alias.text.decode("utf-8", "replace"), line)


def fields(literal: "Node") -> Iterator[tuple["Node", "Node"]]:
    """Each key of `new T { A = 1 }` with `T`."""
    type_, initializer = literal.child_by_field_name("type"), literal.child_by_field_name("initializer")
    for one in initializer.named_children if type_ and initializer else ():
        key = one.child_by_field_name("left") if one.type == "assignment_expression" else None
        if type_ and key and key.type == "identifier":
            yield key, type_


def level(node: "Node") -> int | None:
    """`namespace A;` goes on to the end of the file."""
    return 0 if node.type == "file_scoped_namespace_declaration" else None


LANGUAGE = Language(
    name="csharp",
    grammar="tree_sitter_c_sharp:language",
    suffixes=(".cs", ".csx"),
    imports=imports,
    fields=fields,
    readable=readable,
    separators=("?.", ".", "::"),
    level=level,
    always_read=re.compile(r"[A-Z]"),
    bare_members=True,
    overloads=True,
    typing=Typing(
        declares=frozenset(
            {
                "parameter",
                "variable_declaration",
                "foreach_statement",
                "catch_declaration",
                "declaration_pattern",
                "declaration_expression",
            }
        ),
        within=frozenset({"variable_declarator"}),
        before=True,
        result="",
    ),
    naming=Naming(
        arguments=frozenset({"argument"}),
        given=frozenset({"argument_list"}),
        parameters=frozenset({"parameter"}),
        lists=frozenset({"parameter_list"}),
    ),
)
