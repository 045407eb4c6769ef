"""C#: what the engine must know, and how its using directives read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`using A.B;` shows all of a namespace, `using static A.B;` of a class; `using X = A.B;` names one."""
    names = [child for child in node.named_children if child.type in ("identifier", "qualified_name")]
    if not names:
        return
    full = "".join((names[-1].text or b"").decode("utf-8", "replace").split())
    if node.child_by_field_name("name") is None:
        yield Import(full, "*", "", line)
        return
    module, _, name = full.rpartition(".")
    yield Import(module, name, (names[0].text or b"").decode("utf-8", "replace"), line)


LANGUAGE = Language(
    name="csharp",
    grammar="tree_sitter_c_sharp:language",
    suffixes=(".cs", ".csx"),
    imports=imports,
    separators=(".", "::"),
    always_read=re.compile(r"[A-Z]"),
)
