"""Local names of one file, which the index does not keep: all places of the one that is asked about.

A name is local to something that stands in the file, so of a text only what is asked about is read: while
somebody types, there is a new text with each letter.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memls.source.bindings import Bindings
from memls.source.header import Source
from memls.source.languages import Language
from memls.source.parse import Make, captures, syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Place:
    """A name at a line (from 1) and column (from 0, in bytes). `binds`: it is given a value here."""

    line: int
    column: int
    binds: bool


class Locals:
    """The local names of one text. Safe from any thread."""

    def __init__(self, language: Language, data: bytes, make: Make | None = None) -> None:
        """`make` gives the syntax tree, where that is not to be parsed from nothing."""
        self.language = language
        self.source = Source(data)
        self._tree = (make or syntax_tree)(language, data) if data.strip() else None
        self._parts: dict[int, Bindings] = {}

    def at(self, line: int, column: int) -> tuple[Place, ...]:
        """All places of the local that is named at a position, in order; empty where there is none.

        The first that binds it is its definition.
        """
        query, offset = self.language.locals, self._offset(line, column)
        if self._tree is None or query is None or offset < 0:
            return ()
        cursor = self._tree.walk()
        node = cursor.node if cursor.goto_first_child_for_byte(offset) is not None else None
        if node is None:
            return ()
        part = self._parts.get(node.start_byte)
        if part is None:
            part = Bindings(self.language, self.source, captures(query, node))
            self._parts[node.start_byte] = part
        return tuple(Place(*self.source.position(at), binds) for at, binds in part.at(offset))

    def node_at(self, line: int, column: int) -> "Node | None":
        """The innermost named node at a position."""
        offset = self._offset(line, column)
        if self._tree is None or offset < 0:
            return None
        return self._tree.root_node.named_descendant_for_byte_range(offset, offset + 1)

    def _offset(self, line: int, column: int) -> int:
        starts = self.source.starts
        return starts[line - 1] + column if 1 <= line <= len(starts) else -1
