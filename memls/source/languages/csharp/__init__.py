"""C#: what the engine must know, and how its `using`s read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`using A.B`, `using static A.B`, and `using X = A.B`."""
    alias = node.child_by_field_name("name")
    path = next((child for child in reversed(node.named_children) if child != alias), None)
    if path is None or not path.text:
        return
    full = "".join(path.text.decode("utf-8", "replace").split()).removeprefix("global::").partition("<")[0]
    if alias is None or not alias.text:
        yield Import(full, "*", "", line)
        return
    module, _, name = full.rpartition(".")
    yield Import(module, name, alias.text.decode("utf-8", "replace"), line)


def level(node: "Node") -> int | None:
    """`namespace A;` goes on to the end of the file."""
    return 0 if node.type == "file_scoped_namespace_declaration" else None


LANGUAGE = Language(
    name="csharp",
    grammar="tree_sitter_c_sharp:language",
    suffixes=(".cs", ".csx"),
    imports=imports,
    separators=("?.", ".", "::"),
    level=level,
    always_read=re.compile(r"[A-Z]"),
)
