"""Go: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node

_VERSION = re.compile(r"v(?:[2-9]|[1-9]\d+)\Z")
"""A major version, which is no part of the package's name; the first has none in its path."""


def package_name(path: str) -> str:
    """The usual name of the package at an import path: `b` for `a/b`, `a/b/v2`, `a/b.v3` and `a/go-b`."""
    parts = path.split("/")
    last = parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1]
    return re.sub(r"\.v\d+\Z", "", last).removeprefix("go-").removesuffix("-go").removesuffix(".go")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """One import spec. `import . "x"` is a star import; `_ "x"` binds nothing."""
    path, name = node.child_by_field_name("path"), node.child_by_field_name("name")
    if path is None or not path.text:
        return
    module = path.text.decode("utf-8", "replace").strip('"`')
    given = name.text.decode("utf-8", "replace") if name is not None and name.text else ""
    if given == ".":
        yield Import(module, "*", "", line)
    else:
        yield Import(module, "", given or package_name(module), line)


def fields(literal: "Node") -> Iterator[tuple["Node", "Node"]]:
    """The keys of `T{a: 1}`, and of the elements of `[]T{{a: 1}}` and `map[K]*T{k: {a: 1}}`."""
    type_, body = literal.child_by_field_name("type"), literal.child_by_field_name("body")
    if type_ is None or body is None:
        return
    element = type_.child_by_field_name("value" if type_.type == "map_type" else "element")
    if element is None:
        yield from _keys(body, type_)
        return
    if element.type == "pointer_type" and element.named_children:
        element = element.named_children[0]
    for item in body.named_children:
        held = item.child_by_field_name("value") if item.type == "keyed_element" else item
        value = held.named_children[0] if held is not None and held.named_children else None
        if value is not None and value.type == "literal_value":
            yield from _keys(value, element)


def _keys(body: "Node", type_: "Node") -> Iterator[tuple["Node", "Node"]]:
    if type_.type == "generic_type":
        type_ = type_.child_by_field_name("type") or type_
    if type_.type not in ("type_identifier", "qualified_type"):
        return
    for item in body.named_children:
        key = item.child_by_field_name("key") if item.type == "keyed_element" else None
        name = key.named_children[0] if key is not None and key.named_children else None
        if name is not None and name.type == "identifier":
            yield name, type_


LANGUAGE = Language(
    name="go",
    grammar="tree_sitter_go:language",
    suffixes=(".go",),
    imports=imports,
    fields=fields,
    qualifier_fields={"method_declaration": "receiver"},
    always_read=re.compile(r"[A-Z]"),
    typing=Typing(
        declares=frozenset({"parameter_declaration", "var_spec", "short_var_declaration", "range_clause"}),
        within=frozenset({"expression_list"}),
        result="",
    ),
)
