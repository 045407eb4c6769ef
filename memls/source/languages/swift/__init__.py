"""Swift: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import A` shows all of a module, `import class A.B` one name of it."""
    path = next((child for child in node.named_children if child.type == "identifier"), None)
    full = (path.text or b"").decode("utf-8", "replace") if path is not None else ""
    module, _, name = full.rpartition(".")
    if module and len(node.children) > 2:  # with a kind
        yield Import(module, name, name, line)
    elif full:
        yield Import(full, "*", "", line)


LANGUAGE = Language(
    name="swift",
    grammar="tree_sitter_swift:language",
    suffixes=(".swift",),
    imports=imports,
    separators=(".", "?."),
    constructors=frozenset({"init"}),
    always_read=re.compile(r"[A-Z]"),
    bare_members=True,
    typing=Typing(
        declares=frozenset({"parameter", "property_declaration"}), within=frozenset({"pattern"}), result="->"
    ),
    naming=Naming(
        arguments=frozenset({"value_argument"}),
        labels=frozenset({"value_argument_label"}),
        given=frozenset({"value_arguments"}),
        parameters=frozenset({"parameter"}),
    ),
)
