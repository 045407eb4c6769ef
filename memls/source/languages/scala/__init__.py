"""Scala: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def _text(node: "Node | None") -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import a.b.C`, `import a.b.{C, D => E, _}` and `import a.b._` (or `*`)."""
    path = [_text(part) for part in node.children_by_field_name("path") if part.is_named]
    last = node.named_children[-1] if node.named_children else None
    if last is None or not path:
        return
    if last.type == "namespace_wildcard":
        yield Import(".".join(path), "*", "", line)
    elif last.type == "namespace_selectors":
        for item in last.named_children:
            at = line + item.start_point.row - node.start_point.row
            name = item.child_by_field_name("name")
            if item.type == "namespace_wildcard":
                yield Import(".".join(path), "*", "", at)
            elif name is not None:
                yield Import(".".join(path), _text(name), _text(item.child_by_field_name("alias")), at)
            elif item.type == "identifier":
                yield Import(".".join(path), _text(item), _text(item), at)
    else:
        yield Import(".".join(path[:-1]), path[-1], path[-1], line)


LANGUAGE = Language(
    name="scala",
    grammar="tree_sitter_scala:language",
    suffixes=(".scala", ".sc", ".sbt"),
    imports=imports,
    always_read=re.compile(r"[A-Z]"),
    bare_members=True,
    typing=Typing(declares=frozenset({"parameter", "binding", "val_definition", "var_definition"})),
    naming=Naming(
        arguments=frozenset({"assignment_expression"}),
        given=frozenset({"arguments"}),
        parameters=frozenset({"parameter", "class_parameter"}),
        lists=frozenset({"parameters", "class_parameters"}),
    ),
)
