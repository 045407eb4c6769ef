"""PHP: what the engine must know, and how `use` and `require` read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    r"""`use A\B`, `use A\{B, C as D}`, `use function A\f`, and `require 'a.php'` of a plain string."""
    if node.type != "namespace_use_declaration":
        yield from _required(node, line)
        return
    prefix = next((_text(child) for child in node.named_children if child.type == "namespace_name"), "")
    group = node.child_by_field_name("body")
    for clause in (group or node).named_children:
        if clause.type != "namespace_use_clause":
            continue
        path = next((c for c in clause.named_children if c.type in ("qualified_name", "name")), None)
        if path is None:
            continue
        full = f"{prefix}\\{_text(path)}".strip("\\")
        module, _, name = full.rpartition("\\")
        alias = clause.child_by_field_name("alias")
        yield Import(module, name, _text(alias) if alias else name, clause.start_point[0] + 1)


def _required(node: "Node", line: int) -> Iterator[Import]:
    parts = [node]
    while parts:
        part = parts.pop()
        if part.type == "string_content":
            yield Import(_text(part), "", "", line)
            return
        if part.child_count < 10:
            parts.extend(part.named_children)


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


def level(node: "Node") -> int | None:
    """`namespace A;` goes on to the next."""
    return 0 if node.type == "namespace_definition" and node.child_by_field_name("body") is None else None


LANGUAGE = Language(
    name="php",
    grammar="tree_sitter_php:language_php",
    suffixes=(".php", ".phtml", ".php3", ".php4", ".php5", ".php7", ".inc"),
    shebangs=("php",),
    imports=imports,
    separators=("?->", "->", "::", "\\"),
    transparent=frozenset({"variable_name"}),
    constructors=frozenset({"__construct"}),
    sigil="$",
    invoke_fields=("name", "object", "scope"),
    level=level,
    always_read=re.compile(r"[A-Z]"),
    typing=Typing(
        declares=frozenset({"simple_parameter", "property_promotion_parameter", "assignment_expression"}),
        within=frozenset({"variable_name"}),
        assigns=frozenset({"assignment_expression"}),
        before=True,
    ),
    naming=Naming(
        arguments=frozenset({"argument"}),
        given=frozenset({"arguments"}),
        parameters=frozenset({"simple_parameter", "property_promotion_parameter"}),
        lists=frozenset({"formal_parameters"}),
    ),
)
