"""Ruby: what the engine must know, and how `require` reads."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`require "a/b"` and `require_relative "../a"`, which begins with a dot here; others are plain calls."""
    method, arguments = node.child_by_field_name("method"), node.child_by_field_name("arguments")
    if method is None or arguments is None or len(arguments.named_children) != 1:
        return
    parts = arguments.named_children[0].named_children
    if len(parts) == 1 and parts[0].type == "string_content" and parts[0].text:
        path = parts[0].text.decode("utf-8", "replace")
        relative = method.text == b"require_relative" and not path.startswith(".")
        yield Import(f"./{path}" if relative else path, "", "", line)


LANGUAGE = Language(
    name="ruby",
    grammar="tree_sitter_ruby:language",
    suffixes=(".rb", ".rake", ".gemspec", ".ru", ".rbi", ".podspec"),
    filenames=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Capfile", "Podfile", "Fastfile"),
    shebangs=("ruby",),
    imports=imports,
    separators=("&.", ".", "::"),
    invoke_fields=("method", "receiver"),
    name_fields={"assignment": "left", "operator_assignment": "left"},
    names=re.compile(r":?([\w@\x80-\xff]+[?!=]?)\Z|[-+*/%<>=!~^&|\[\]`]+@?\Z"),
    selves=frozenset({"self", ""}),  # `@x` has nothing before it
    constructors=frozenset({"initialize"}),
    always_read=re.compile(r"[A-Z]"),
)
