"""Lua: what the engine must know, and how `require` reads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`require("a.b")`, which binds a name in `local b = require("a.b")`."""
    alias = ""
    if node.type == "variable_declaration":
        names, values = node.named_children[0].named_children[:2]
        alias = (names.named_children[0].text or b"").decode("utf-8", "replace")
        node = values.named_children[0]
    given = node.child_by_field_name("arguments")
    text = given.named_children[0].text if given is not None and given.named_children else None
    if text:
        yield Import(text.decode("utf-8", "replace").strip("\"'[]"), "", alias, line)


LANGUAGE = Language(
    name="lua",
    grammar="tree_sitter_lua:language",
    suffixes=(".lua",),
    shebangs=("lua", "luajit"),
    imports=imports,
    separators=(".", ":"),
    name_fields={"dot_index_expression": "field"},
    qualifier_fields={"dot_index_expression": "table"},
)
