"""Rust: what the engine must know, and how its use trees read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def _text(node: "Node | None") -> str:
    raw = node.text if node is not None else None
    return "".join(raw.decode("utf-8", "replace").split()) if raw else ""


def _join(*parts: str) -> str:
    return "::".join(part for part in parts if part)


def _leaf(prefix: str, path: str, alias: str, line: int) -> Import:
    """`use prefix::path as alias`; `self` at the end is the prefix itself."""
    module, _, name = _join(prefix, path).rpartition("::")
    if name == "self" and module:
        module, _, name = module.rpartition("::")
    bound = alias or name
    return Import(module, name, bound, line) if module else Import(name, "", bound, line)


def imports(node: "Node", line: int) -> Iterator[Import]:
    """Use trees, flattened; `mod x;` is module `self::x`; `extern crate x` is module `x`."""
    if node.type != "use_declaration":
        name = _text(node.child_by_field_name("name"))
        alias = _text(node.child_by_field_name("alias")) or name
        yield Import(f"self::{name}" if node.type == "mod_item" else name, "", alias, line)
        return
    top = node.start_point.row
    pending = [("", node.child_by_field_name("argument"))]
    while pending:
        prefix, tree = pending.pop()
        if tree is None:
            continue
        at = tree.start_point.row - top + line
        if tree.type == "use_wildcard":
            path = _text(tree).removesuffix("*").removesuffix("::")
            yield Import(_join(prefix, path), "*", "", at)
        elif tree.type == "use_as_clause":
            yield _leaf(
                prefix, _text(tree.child_by_field_name("path")), _text(tree.child_by_field_name("alias")), at
            )
        elif tree.type in ("use_list", "scoped_use_list"):
            inner = _join(prefix, _text(tree.child_by_field_name("path")))
            items = tree if tree.type == "use_list" else tree.child_by_field_name("list")
            children = items.named_children if items is not None else []
            pending.extend((inner, child) for child in reversed(children) if not child.is_extra)
        elif tree.type in ("identifier", "scoped_identifier", "self", "crate", "super", "metavariable"):
            yield _leaf(prefix, _text(tree), "", at)


def fields(literal: "Node") -> Iterator[tuple["Node", "Node"]]:
    """The keys of `T { a: 1 }`."""
    name, body = literal.child_by_field_name("name"), literal.child_by_field_name("body")
    if name is None or body is None or name.type == "generic_type_with_turbofish":
        return
    for item in body.named_children:
        key = item.child_by_field_name("field") if item.type == "field_initializer" else None
        if key is not None and key.type == "field_identifier":
            yield key, name


LANGUAGE = Language(
    name="rust",
    grammar="tree_sitter_rust:language",
    suffixes=(".rs",),
    shebangs=("rust-script",),
    imports=imports,
    fields=fields,
    separators=(".", "::"),
    name_fields={"impl_item": "type"},
    always_read=re.compile(r"[A-Z]"),
    rebinds=True,
    typing=Typing(
        declares=frozenset({"parameter", "let_declaration", "let_condition", "for_expression"}),
        within=frozenset({"mut_pattern", "tuple_struct_pattern"}),
        result="->",
        tries=True,
        holders=frozenset({"Some", "Ok"}),
    ),
)
