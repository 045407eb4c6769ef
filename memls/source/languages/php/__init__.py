"""PHP: what the engine must know, and how `use` reads."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def _text(node: "Node | None") -> str:
    return (node.text or b"").decode("utf-8", "replace").strip("\\") if node is not None else ""


def imports(node: "Node", line: int) -> Iterator[Import]:
    r"""`use A\B;`, `use A\B as C;` and `use A\{B, C as D};`."""
    prefix = "".join(_text(child) for child in node.named_children if child.type == "namespace_name")
    body = node.child_by_field_name("body")
    for clause in body.named_children if body is not None else node.named_children:
        if clause.type != "namespace_use_clause":
            continue
        alias = clause.child_by_field_name("alias")
        named = next((c for c in clause.named_children if c.type in ("name", "qualified_name")), None)
        full = "\\".join(filter(None, (prefix, _text(named))))
        module, _, name = full.rpartition("\\")
        at = line + clause.start_point.row - node.start_point.row
        yield Import(module, name, _text(alias) or name, at)


LANGUAGE = Language(
    name="php",
    grammar="tree_sitter_php:language_php",
    suffixes=(".php", ".phtml", ".php5", ".phps"),
    shebangs=("php",),
    imports=imports,
    separators=("->", "::", "\\", "?->"),
    name_fields={"scoped_call_expression": "name"},
    constructors=frozenset({"__construct"}),
    always_read=re.compile(r"[A-Z]"),
)
