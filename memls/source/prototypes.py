"""Functions that C and C++ declare without a body. They are no definitions, so outlines leave them out."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from memls.source.definitions import find_name, type_name
from memls.source.header import Source
from memls.source.languages import Language, language_named
from memls.source.parse import syntax_tree

_DECLARATIONS = frozenset({"declaration", "field_declaration"})
_SPACES = frozenset({"namespace_definition", "class_specifier", "struct_specifier", "union_specifier"})
_ENTERED = _SPACES | {
    "translation_unit", "declaration_list", "field_declaration_list", "linkage_specification",
    "template_declaration", "preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif",
    "preproc_elifdef", "ERROR",
}  # fmt: skip
_MOST_NODES = 200_000


@dataclass(frozen=True, slots=True)
class Prototype:
    """A declared function. `name_line` counts from 1, `name_column` from 0 in bytes, as in outlines."""

    name: str
    qualified_name: str
    line: int
    end_line: int
    name_line: int
    name_column: int


def prototypes(data: bytes, language: str) -> list[Prototype]:
    """All of them in one file, as they stand there."""
    rules = language_named(language)
    tree = syntax_tree(rules, data) if data.strip() else None
    if tree is None:
        return []
    source = Source(data)
    found: list[Prototype] = []
    pending: list[tuple[Node, str]] = [(tree.root_node, "")]
    seen = 0
    while pending and seen < _MOST_NODES:
        node, space = pending.pop()
        if node.type in _SPACES:
            space = _inside(space, node, source)
        children = node.named_children
        seen += len(children)
        for child in children:
            if child.type in _DECLARATIONS:
                found += _declared(child, space, rules, source)
            types = child.child_by_field_name("type") if child.type in _DECLARATIONS else None
            entered = types or child
            if entered.type in _ENTERED:
                pending.append((entered, space))
    return sorted(found, key=lambda one: (one.name_line, one.name_column))


def _inside(space: str, node: Node, source: Source) -> str:
    named = node.child_by_field_name("name")
    own = source.text(*named.byte_range) if named else ""
    if node.type != "namespace_definition":
        own = type_name(own)
    return ".".join(filter(None, (space, *own.replace(" ", "").split("::"))))


def _declared(node: Node, space: str, rules: Language, source: Source) -> Iterator[Prototype]:
    for declarator in node.children_by_field_name("declarator"):
        named, is_function = find_name(declarator, rules)
        if named is None or not is_function:
            continue
        name = source.text(*named.byte_range)
        line, column = source.position(named.start_byte)
        first, last = source.position(node.start_byte)[0], source.position(max(0, node.end_byte - 1))[0]
        if "::" not in name:
            yield Prototype(name, f"{space}.{name}".lstrip("."), first, last, line, column)
