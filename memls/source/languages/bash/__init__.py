"""Bash and other shells: what the engine must know, and how sourced files read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memls.source.languages import Language
from memls.source.outline import Import

if TYPE_CHECKING:
    from tree_sitter import Node


def imports(node: "Node", line: int) -> Iterator[Import]:
    """`source lib.sh` and `. lib.sh`, where the path is written out."""
    given = node.child_by_field_name("argument")
    text = (given.text or b"").decode("utf-8", "replace").strip("\"'") if given is not None else ""
    if text and "$" not in text:
        yield Import(text, "", "", line)


LANGUAGE = Language(
    name="bash",
    grammar="tree_sitter_bash:language",
    suffixes=(".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
    filenames=(".bashrc", ".bash_profile", ".profile", ".zshrc"),
    shebangs=("sh", "bash", "zsh", "dash", "ksh"),
    imports=imports,
)
