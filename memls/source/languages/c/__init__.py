"""C: what the engine must know, and how includes read. C++ shares most of it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node

TRANSPARENT = frozenset(
    {"parenthesized_declarator", "reference_declarator", "attributed_declarator", "variadic_declarator"}
)
NAME_FIELDS = {"type_definition": "declarator"}
EXTERN = re.compile(r"\s*extern\b")
MACRO_LIKE = re.compile(r"[A-Z][A-Z0-9_]+\Z")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`#include "a.h"` and `<a.h>`; an include of a macro's value has no path to give."""
    path = node.child_by_field_name("path")
    if path is not None and path.type in ("string_literal", "system_lib_string") and path.text:
        yield Import(path.text.decode("utf-8", "replace").strip('"<>'), "", "", line)


LANGUAGE = Language(
    name="c",
    grammar="tree_sitter_c:language",
    suffixes=(".c", ".h"),
    queries=("c/shared.scm", "c/definitions.scm"),
    imports=imports,
    separators=(".", "->"),
    name_fields=NAME_FIELDS,
    transparent=TRANSPARENT,
    always_read=MACRO_LIKE,
    declaration_marks=EXTERN,
)
