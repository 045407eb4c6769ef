"""HTML: headings, and elements by their `id`. Scripts and styles inside are searched as text."""

import re
from typing import TYPE_CHECKING

from memls.source.languages import DATA_BYTES, Language

if TYPE_CHECKING:
    from tree_sitter import Node

_HEADING = re.compile(rb"h[1-6]\Z", re.IGNORECASE)


def named(node: "Node") -> "Node | None":
    """The first text of a heading, else the value of the `id`."""
    start = node.named_child(0)
    tag = start.named_child(0) if start is not None else None
    if start is None or tag is None:
        return None
    if _HEADING.match(tag.text or b""):
        return next((found for child in node.named_children if (found := _first_text(child))), None)
    for attribute in start.named_children[1:]:
        name = attribute.named_child(0)
        if attribute.type == "attribute" and name is not None and (name.text or b"").lower() == b"id":
            return _value(attribute)
    return None


def _value(attribute: "Node") -> "Node | None":
    """None of `id` and `id=""`, which templates have too: `<p id{% if ... %}`."""
    values = (child for part in attribute.named_children[1:] for child in (part, *part.named_children))
    return next((value for value in values if value.type == "attribute_value"), None)


def _first_text(node: "Node") -> "Node | None":
    while node.type == "element" and node.named_child_count > 1:
        inner = node.named_child(1)
        if inner is None:
            return None
        node = inner
    return node if node.type == "text" else None


LANGUAGE = Language(
    name="html",
    grammar="tree_sitter_html:language",
    suffixes=(".html", ".htm", ".xhtml"),
    separators=(),
    named=named,
    names=re.compile(r"\s*(\S[^\n]*?)\s*(?:\n|\Z)"),
    text=True,
    max_bytes=DATA_BYTES,
)
