"""CSS: rules by their selectors, custom properties and keyframes."""

import re
from typing import TYPE_CHECKING

from memls.source.languages import DATA_BYTES, DATA_SYMBOLS, Language

if TYPE_CHECKING:
    from tree_sitter import Node


def named(node: "Node") -> "Node | None":
    """The selectors of a rule, the name of keyframes or of a custom property; no other property has one."""
    name = node.named_child(0)
    if node.type == "declaration" and name is not None and not (name.text or b"").startswith(b"--"):
        return None
    return name


LANGUAGE = Language(
    name="css",
    grammar="tree_sitter_css:language",
    suffixes=(".css",),
    separators=(),
    named=named,
    names=re.compile(r"\s*(\S[^\n]*?),?\s*(?:/\*[^\n]*)?(?:\n|\Z)"),
    text=True,
    max_bytes=DATA_BYTES,
    max_symbols=4 * DATA_SYMBOLS,
)
