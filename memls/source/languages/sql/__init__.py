"""SQL: tables with their columns, views, functions, types, indexes and triggers."""

import re
from typing import TYPE_CHECKING

from memls.source.languages import Language

if TYPE_CHECKING:
    from tree_sitter import Node


def named(node: "Node") -> "Node | None":
    """The name of a column or index, else of the first reference: `users` of `CREATE TABLE shop.users`."""
    own = node.child_by_field_name("column" if node.type == "create_index" else "name")
    if own is not None:
        return own
    reference = next((child for child in node.named_children if child.type == "object_reference"), None)
    return reference.child_by_field_name("name") if reference is not None else None


LANGUAGE = Language(
    name="sql",
    grammar="tree_sitter_sql:language",
    suffixes=(".sql", ".ddl", ".psql"),
    separators=(),
    named=named,
    names=re.compile(r"[\"`\[]?([^\n\"`\]]+?)[\"`\]]?\Z"),
)
