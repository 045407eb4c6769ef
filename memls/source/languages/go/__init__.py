"""Go: what the engine must know, and how its imports read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node

_VERSION = re.compile(r"v\d+\Z")


def package_name(path: str) -> str:
    """The usual name of the package at an import path: `b` for `a/b`, `a/b/v2`, `a/b.v3` and `a/go-b`."""
    parts = path.split("/")
    last = parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1]
    return re.sub(r"\.v\d+\Z", "", last).removeprefix("go-").removesuffix("-go").removesuffix(".go")


def imports(node: "Node", line: int) -> Iterator[Import]:
    """One import spec. `import . "x"` is a star import; `_ "x"` binds nothing."""
    path, name = node.child_by_field_name("path"), node.child_by_field_name("name")
    if path is None or not path.text:
        return
    module = path.text.decode("utf-8", "replace").strip('"`')
    given = name.text.decode("utf-8", "replace") if name is not None and name.text else ""
    if given == ".":
        yield Import(module, "*", "", line)
    else:
        yield Import(module, "", given or package_name(module), line)


LANGUAGE = Language(
    name="go",
    grammar="tree_sitter_go:language",
    suffixes=(".go",),
    imports=imports,
    qualifier_fields={"method_declaration": "receiver"},
    always_read=re.compile(r"[A-Z]"),
)
