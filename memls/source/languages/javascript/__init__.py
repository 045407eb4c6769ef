"""JavaScript with JSX: what the engine must know, and how its imports read. TypeScript shares most of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import
from memls.source.types import Typing

if TYPE_CHECKING:
    from tree_sitter import Node

NAME_FIELDS = {"assignment_expression": "left", "field_definition": "property", "pair": "key"}
IGNORED_QUALIFIERS = frozenset({"prototype", "exports", "module", "this", "window", "globalThis"})


def _text(node: "Node | None") -> str:
    raw = node.text if node is not None else None
    return raw.decode("utf-8", "replace") if raw else ""


def _string(node: "Node | None") -> str:
    return _text(node).strip("\"'`")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`import`, `export … from`, `export { a as b }`, `require(…)` and `import(…)`."""
    if node.type in ("import_statement", "export_statement"):
        yield from _statement(node, line)
    elif node.type == "variable_declarator":
        yield from _require(node, line)
    elif node.type == "export_specifier":
        yield from _renamed(node, line)
    else:
        around = node.parent
        if around is not None and around.type == "member_expression":
            around = around.parent
        bound = around is not None and around.type == "variable_declarator"
        if not bound and (module := _argument(node)) is not None:
            yield Import(module, "", "", line)


def _renamed(item: "Node", line: int) -> Iterator[Import]:
    """What a module exports by another name: as if it imported it from itself, from no module."""
    statement = item.parent.parent if item.parent is not None else None
    if statement is not None and statement.child_by_field_name("source") is None:
        name, alias = (_string(item.child_by_field_name(field)) for field in ("name", "alias"))
        yield Import("", name, alias, line)


def _statement(node: "Node", line: int) -> Iterator[Import]:
    module = _string(node.child_by_field_name("source"))
    bound = 0
    for clause in node.named_children:
        parts = clause.named_children if clause.type == "import_clause" else [clause]
        for part in parts:
            for name, alias, item in _bindings(part):
                bound += 1
                yield Import(module, name, alias, line + item.start_point.row - node.start_point.row)
            if part.type == "import_require_clause":
                module = _string(part.child_by_field_name("source"))
                bound += 1
                yield Import(module, "", _text(part.named_child(0)), line)
    if not bound:
        star = any(child.type == "*" for child in node.children)
        yield Import(module, "*" if star else "", "", line)


def _bindings(part: "Node") -> "Iterator[tuple[str, str, Node]]":
    """Name and alias of each binding in one part of an import or export clause, and where it stands."""
    if part.type == "identifier":
        yield "default", _text(part), part
    elif part.type in ("namespace_import", "namespace_export"):
        yield "", _string(part.named_child(0)), part
    elif part.type in ("named_imports", "export_clause"):
        for item in part.named_children:
            if item.type in ("import_specifier", "export_specifier"):
                name = _string(item.child_by_field_name("name"))
                yield name, _string(item.child_by_field_name("alias")) or name, item


def _argument(call: "Node | None") -> str | None:
    """The module named by a call such as `require("x")`; None when it is not a plain string."""
    arguments = call.child_by_field_name("arguments") if call is not None else None
    first = arguments.named_child(0) if arguments is not None and arguments.named_child_count else None
    return _string(first) if first is not None and first.type == "string" else None


def _require(node: "Node", line: int) -> Iterator[Import]:
    value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
    member = ""
    if value is not None and value.type == "member_expression":
        member = _text(value.child_by_field_name("property"))
        value = value.child_by_field_name("object")
    module = _argument(value)
    if module is None or name is None:
        return
    if name.type != "object_pattern":
        yield Import(module, member, _text(name), line)
        return
    for item in name.named_children:
        at = line + item.start_point.row - node.start_point.row
        if item.type == "shorthand_property_identifier_pattern":
            yield Import(module, _text(item), _text(item), at)
        elif item.type == "pair_pattern":
            key, bound = item.child_by_field_name("key"), item.child_by_field_name("value")
            yield Import(module, _text(key), _text(bound), at)


LANGUAGE = Language(
    name="javascript",
    grammar="tree_sitter_javascript:language",
    suffixes=(".js", ".mjs", ".cjs", ".jsx"),
    filenames=("Jakefile",),
    shebangs=("node", "nodejs", "bun"),
    queries=("javascript/shared.scm", "javascript/jsx.scm", "javascript/definitions.scm"),
    imports=imports,
    name_fields=NAME_FIELDS,
    selves=frozenset({"this"}),
    constructors=frozenset({"constructor"}),
    ignored_qualifiers=IGNORED_QUALIFIERS,
    locals_queries=("javascript/locals.scm", "javascript/parameters.scm"),
    binds_at_once=True,
    typing=Typing(declares=frozenset({"variable_declarator", "for_in_statement"})),
)
