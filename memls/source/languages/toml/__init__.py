"""TOML: its tables and their keys are its symbols. What is in arrays and inline tables is data."""

from typing import TYPE_CHECKING

from memls.source.languages import DATA_BYTES, DATA_SYMBOLS, Language

if TYPE_CHECKING:
    from tree_sitter import Node


def named(node: "Node") -> "Node | None":
    """The key of a pair or a table."""
    return node.named_child(0)


LANGUAGE = Language(
    name="toml",
    grammar="tree_sitter_toml:language",
    suffixes=(".toml",),
    filenames=("Pipfile", "poetry.lock", "uv.lock", "Cargo.lock"),
    separators=(".",),
    named=named,
    text=True,
    max_bytes=DATA_BYTES,
    max_symbols=DATA_SYMBOLS,
    max_depth=0,
)
