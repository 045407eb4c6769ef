"""C: what the engine must know, and how includes read. C++ shares most of it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.languages.c.conditionals import without_odd_conditionals
from memls.source.languages.c.macros import readable_c
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node

TRANSPARENT = frozenset(
    {"parenthesized_declarator", "reference_declarator", "attributed_declarator", "variadic_declarator"}
)
NAME_FIELDS = {"type_definition": "declarator"}
RESERVED = frozenset(
    "case const do else enum for if return sizeof static struct switch typedef union while".split()
)
EXTERN = re.compile(r"\s*extern\b")
MACRO_LIKE = re.compile(r"[A-Z][A-Z0-9_]+\Z")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`#include "a.h"` and `<a.h>`; an include of a macro's value has no path to give."""
    path = node.child_by_field_name("path")
    if path is not None and path.type in ("string_literal", "system_lib_string") and path.text:
        yield Import(path.text.decode("utf-8", "replace").strip('"<>'), "", "", line)


def fields(literal: "Node") -> Iterator[tuple["Node", "Node"]]:
    """The designators of `T x = {.a = 1}`, of the elements of `T x[] = {{.a = 1}}`, and of `(T){.a = 1}`."""
    type_ = literal.child_by_field_name("type")
    if type_ is not None and type_.type == "type_descriptor":
        type_ = type_.child_by_field_name("type")
    if type_ is not None and type_.type in ("struct_specifier", "union_specifier"):
        type_ = type_.child_by_field_name("name")
    if type_ is None or type_.type not in ("type_identifier", "qualified_identifier"):
        return
    declared = [d for d in literal.children_by_field_name("declarator") if d.type == "init_declarator"]
    for holder in declared or [literal]:
        value = holder.child_by_field_name("value")
        if value is None or value.type != "initializer_list":
            continue
        for part in (value, *(child for child in value.named_children if child.type == "initializer_list")):
            for pair in part.named_children:
                first = pair.child_by_field_name("designator") if pair.type == "initializer_pair" else None
                if first is not None and first.type == "field_designator" and first.named_children:
                    yield first.named_children[0], type_


TYPING = Typing(
    declares=frozenset(
        {"parameter_declaration", "optional_parameter_declaration", "declaration", "for_range_loop"}
    ),
    within=frozenset({"pointer_declarator", "reference_declarator", "init_declarator"}),
    before=True,
    result="",
)

LANGUAGE = Language(
    name="c",
    grammar="tree_sitter_c:language",
    suffixes=(".c", ".h"),
    queries=("c/shared.scm", "c/definitions.scm"),
    imports=imports,
    fields=fields,
    separators=(".", "->"),
    name_fields=NAME_FIELDS,
    reserved=RESERVED,
    transparent=TRANSPARENT,
    always_read=MACRO_LIKE,
    free_names=True,
    declaration_marks=EXTERN,
    readable=readable_c,
    mended=without_odd_conditionals,
    typing=TYPING,
)
