"""Java: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import a.b.C`, `import static a.b.C.m`, and both with a star."""
    path = next(
        (child for child in node.named_children if child.type in ("scoped_identifier", "identifier")), None
    )
    if path is None or not path.text:
        return
    full = "".join(path.text.decode("utf-8", "replace").split())
    if any(child.type == "asterisk" for child in node.named_children):
        yield Import(full, "*", "", line)
        return
    module, _, name = full.rpartition(".")
    yield Import(module, name, name, line) if module else Import(name, "", name, line)


LANGUAGE = Language(
    name="java",
    grammar="tree_sitter_java:language",
    suffixes=(".java",),
    imports=imports,
    separators=(".", "::"),
    constant_names=True,
    always_read=re.compile(r"[A-Z]"),
    bare_members=True,
    overloads=True,
    typing=Typing(
        declares=frozenset(
            {
                "formal_parameter",
                "local_variable_declaration",
                "enhanced_for_statement",
                "resource",
                "catch_formal_parameter",
                "instanceof_expression",
            }
        ),
        within=frozenset({"variable_declarator"}),
        before=True,
        result="",
    ),
)
