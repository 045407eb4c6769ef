"""Ruby: what the engine must know, and how what is required reads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`require "a/b"`; what `require_relative` names begins with a dot. They bind no name."""
    method, given = node.child_by_field_name("method"), node.child_by_field_name("arguments")
    text = given.named_children[0].text if given is not None and given.named_children else None
    if method is None or not text:
        return
    path = text.decode("utf-8", "replace").strip("\"'")
    relative = method.text == b"require_relative" and not path.startswith(".")
    yield Import(f"./{path}" if relative else path, "", "", line)


LANGUAGE = Language(
    name="ruby",
    grammar="tree_sitter_ruby:language",
    suffixes=(".rb", ".rake", ".gemspec", ".ru"),
    filenames=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile"),
    shebangs=("ruby",),
    imports=imports,
    separators=(".", "::", "&."),
    selves=frozenset({""}),
    constructors=frozenset({"initialize"}),
)
