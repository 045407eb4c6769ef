"""Python: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language, Naming
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node


_NAMES = r"\w+(?: as \w+)?"
_PLAIN_FROM = re.compile(rf"from (\.*[\w.]+|\.+) import (\*|{_NAMES}(?:, ?{_NAMES})*)")


def _text(node: "Node | None") -> str:
    raw = node.text if node is not None else None
    return "".join(raw.decode("utf-8", "replace").split()) if raw else ""


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import a.b`, `import a as b`, `from .a import b as c`, `from a import *`.

    Nearly all are on one line in plain form, which a regular expression reads in a fifth of the time.
    """
    text = (node.text or b"").decode("utf-8", "replace")
    if match := _PLAIN_FROM.fullmatch(text):
        for item in match.group(2).split(","):
            name, _, alias = item.strip().partition(" as ")
            yield Import(match.group(1), name, "" if name == "*" else alias.strip() or name, line)
    else:
        yield from _imports(node, line)


def _imports(node: "Node", line: int) -> Iterator[Import]:
    plain = node.type == "import_statement"
    module = (
        "__future__"
        if node.type == "future_import_statement"
        else _text(node.child_by_field_name("module_name"))
    )
    for item in node.children_by_field_name("name"):
        at = item.start_point.row - node.start_point.row + line
        if item.type == "aliased_import":
            name, alias = _text(item.child_by_field_name("name")), _text(item.child_by_field_name("alias"))
        else:
            name = _text(item)
            alias = name.split(".")[0] if plain else name
        if name:
            yield Import(name, "", alias, at) if plain else Import(module, name, alias, at)
    if any(child.type == "wildcard_import" for child in node.named_children):
        yield Import(module, "*", "", line)


LANGUAGE = Language(
    name="python",
    grammar="tree_sitter_python:language",
    suffixes=(".py", ".pyi", ".pyw"),
    filenames=("SConstruct", "SConscript", "wscript"),
    shebangs=("python", "pypy"),
    imports=imports,
    name_fields={"assignment": "left", "type_alias_statement": "left"},
    selves=frozenset({"self", "cls"}),
    constructors=frozenset({"__init__"}),
    constant_names=True,
    docstring_in_body=True,
    enum_bases=re.compile(r"\b\w*(?:Enum|Flag|Choices)\b"),
    property_marks=re.compile(r"@\s*(?:\w+\.)*(?:\w*property|\w+\.(?:setter|getter|deleter))\b"),
    binds_at_once=True,
    typing=Typing(
        declares=frozenset(
            {
                "typed_parameter",
                "typed_default_parameter",
                "assignment",
                "named_expression",
                "for_statement",
                "for_in_clause",
            }
        ),
        assigns=frozenset({"assignment", "named_expression"}),
        result="->",
        literals=frozenset("\"'`[{0123456789bfru"),
    ),
    naming=Naming(
        arguments=frozenset({"keyword_argument"}),
        given=frozenset({"argument_list"}),
        parameters=frozenset(
            {"identifier", "default_parameter", "typed_parameter", "typed_default_parameter"}
        ),
        lists=frozenset({"parameters"}),
        fields=True,
    ),
)
