"""Markdown: headings are its symbols, nested by their level. Code in fences is searched as text."""

import re
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.nesting import too_deep

if TYPE_CHECKING:
    from tree_sitter import Node

_MARKER = re.compile(r"(?:atx|setext)_h(\d)_(?:marker|underline)\Z")


def level(node: "Node") -> int | None:
    """`##` and a line of `-` below are 2: the grammar's sections leave out the latter."""
    for child in node.children:
        if match := _MARKER.match(child.type):
            return int(match.group(1))
    return None


LANGUAGE = Language(
    name="markdown",
    grammar="tree_sitter_markdown:language",
    suffixes=(".md", ".markdown", ".mdown", ".mkd", ".mdx"),
    separators=(),
    name_fields={"atx_heading": "heading_content", "setext_heading": "heading_content"},
    names=re.compile(r"\s*(\S.*?)(?:\s+#+)?\s*(?:\{#[^}\n]*\})?\s*(?:<!--.*)?(?:\s+#+)?\s*(?:\n|\Z)"),
    level=level,
    unsafe=too_deep(r">|[-*+](?=\s)|\d[.)](?=\s)", before=r"[\s>*+\-\d.)]*"),
    text=True,
)
