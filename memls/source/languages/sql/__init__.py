"""SQL: tables with their columns, views, functions, procedures, types, indexes and triggers."""

import re
from typing import TYPE_CHECKING

from memls.source.languages import Language

if TYPE_CHECKING:
    from tree_sitter import Node


def named(node: "Node") -> "Node | None":
    """The name of a column or index, else of the first reference: `users` of `CREATE TABLE shop.users`.

    None where the parser has skipped something before it: `CREATE OPERATOR CLASS c FOR TYPE t` is no type.
    """
    field = "column" if node.type == "create_index" else "name"
    own = node.child_by_field_name(field)
    reference = next((child for child in node.named_children if child.type == "object_reference"), None)
    if own is None and reference is not None and node.type != "create_index":
        own = reference.child_by_field_name("name")
    if own is None or any(child.is_error and child.start_byte < own.start_byte for child in node.children):
        return None
    if node.type == "column_definition" and node.has_error:
        table = node.parent.parent if node.parent is not None else None
        return own if table is not None and named(table) is not None else None
    return own


LANGUAGE = Language(
    name="sql",
    grammar="tree_sitter_sql:language",
    suffixes=(".sql", ".ddl", ".psql"),
    separators=(),
    named=named,
    names=re.compile(r"[\"`\[]?([^\n\"`\]]+?)[\"`\]]?\Z"),
)
