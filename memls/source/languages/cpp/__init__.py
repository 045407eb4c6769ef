"""C++: C's rules, and what classes, namespaces and templates add."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.languages.c import (
    EXTERN,
    MACRO_LIKE,
    NAME_FIELDS,
    RESERVED,
    TRANSPARENT,
    TYPING,
    fields,
)
from memls.source.languages.c import imports as includes
from memls.source.languages.c.conditionals import without_odd_conditionals
from memls.source.languages.c.macros import readable_cpp
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node

_PATH = re.compile(r"(?:::)?((?:\w+::)+)(\w+)\Z")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """Includes, and `using a::B;` and `using namespace a;`: names of `a`. In a class they are its members."""
    if node.type != "using_declaration":
        yield from includes(node, line)
        return
    named = node.named_children[0] if node.named_children else None
    text = "".join(named.text.decode("utf-8", "replace").split()) if named is not None and named.text else ""
    all_of_it = any(child.type in ("namespace", "enum") for child in node.children)
    around = node.parent
    if text.startswith("std::") or text == "std" or (around and around.type == "field_declaration_list"):
        return
    if all_of_it:
        yield Import(text.removeprefix("::"), "*", "", line)
    elif match := _PATH.match(text):
        yield Import(match.group(1)[:-2], match.group(2), match.group(2), line)


LANGUAGE = Language(
    name="cpp",
    grammar="tree_sitter_cpp:language",
    suffixes=(
        ".cpp",
        ".cc",
        ".cxx",
        ".c++",
        ".C",
        ".hpp",
        ".hh",
        ".hxx",
        ".h++",
        ".ipp",
        ".tpp",
        ".inl",
        ".cu",
        ".cuh",
    ),
    queries=("c/shared.scm", "cpp/definitions.scm"),
    imports=imports,
    fields=fields,
    separators=(".", "->", "::"),
    name_fields=NAME_FIELDS,
    reserved=RESERVED | frozenset("class friend namespace private protected public template using".split()),
    transparent=TRANSPARENT | {"pointer_type_declarator"},
    class_named_constructors=True,
    always_read=MACRO_LIKE,
    free_names=True,
    outside=frozenset({"std"}),
    declaration_marks=EXTERN,
    readable=readable_cpp,
    mended=without_odd_conditionals,
    locals_queries=("c/locals.scm", "cpp/locals.scm"),
    bare_members=True,
    overloads=True,
    typing=TYPING,
)
