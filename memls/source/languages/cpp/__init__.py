"""C++: C's rules, and what classes, namespaces and templates add."""

from memls.source.languages import Language
from memls.source.languages.c import (
    EXTERN,
    MACRO_LIKE,
    NAME_FIELDS,
    RESERVED,
    TRANSPARENT,
    TYPING,
    fields,
    imports,
)
from memls.source.languages.c.conditionals import without_odd_conditionals
from memls.source.languages.c.macros import readable_cpp

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
