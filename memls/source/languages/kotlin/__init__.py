"""Kotlin: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import a.b.C`, `import a.b.C as D` and `import a.b.*`."""
    path, *alias = [(child.text or b"").decode("utf-8", "replace") for child in node.named_children] or [""]
    full = "".join(path.split())
    if (node.text or b"").rstrip().endswith(b"*"):
        yield Import(full, "*", "", line)
        return
    module, _, name = full.rpartition(".")
    if name:
        yield Import(module, name, alias[0] if alias else name, line)


LANGUAGE = Language(
    name="kotlin",
    grammar="tree_sitter_kotlin:language",
    suffixes=(".kt", ".kts"),
    imports=imports,
    separators=(".", "?.", "::"),
    name_fields={"type_alias": "type"},
    always_read=re.compile(r"[A-Z]"),
    bare_members=True,
    typing=Typing(
        declares=frozenset({"parameter", "property_declaration", "lambda_parameters", "for_statement"}),
        within=frozenset({"variable_declaration"}),
    ),
    naming=Naming(
        arguments=frozenset({"value_argument"}),
        given=frozenset({"value_arguments"}),
        parameters=frozenset({"parameter", "class_parameter"}),
        lists=frozenset({"function_value_parameters", "primary_constructor", "class_parameters"}),
    ),
)
