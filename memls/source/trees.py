"""Syntax trees of texts that are being edited: each is parsed from the one before.

What an edit leaves as it was is taken from the tree before, which makes most parses ten times quicker.
tree-sitter recovers from errors otherwise there than in a parse from nothing, and what is shown must not
depend on how a text came about: so what has an error in it is parsed again.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Tree

    from memls.source.languages import Language

_MOST = 8
"""Trees that are kept: as many texts as somebody types in, not as many as are open."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    language: str
    data: bytes
    tree: "Tree"


class Trees:
    """The latest tree of each path. Safe from any thread; threads that want one tree wait for one parse."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[str, _Parsed] = OrderedDict()
        self._lock = Lock()

    def tree(self, path: str, rules: "Language", data: bytes) -> "Tree | None":
        """As `syntax_tree`."""
        from memls.source.parse import readable_tree  # tree-sitter: not before a buffer is edited

        data = rules.readable(data)
        with self._lock:
            last = self._parsed.pop(path, None)
            if last is not None and last.language != rules.name:
                last = None
            if last is not None and last.data == data:
                tree: Tree | None = last.tree
            else:
                tree = _edited(last, rules, data) if last is not None else None
                tree = tree or readable_tree(rules, data)
            if tree is not None:
                self._parsed[path] = _Parsed(rules.name, data, tree)
            while len(self._parsed) > _MOST:
                self._parsed.popitem(last=False)
        return tree

    def drop(self, path: str) -> None:
        """The path is not edited any more."""
        with self._lock:
            self._parsed.pop(path, None)


def _edited(last: _Parsed, rules: "Language", data: bytes) -> "Tree | None":
    """The tree of `data`, parsed from the last one; None where it has an error."""
    from memls.source.parse import readable_tree

    start, old_end, new_end = changed_lines(last.data, data)
    row = last.data.count(b"\n", 0, start)
    old_row = row + last.data.count(b"\n", start, old_end)
    new_row = row + data.count(b"\n", start, new_end)
    before = last.tree.copy()  # others read the last one
    before.edit(start, old_end, new_end, (row, 0), (old_row, 0), (new_row, 0))
    tree = readable_tree(rules, data, before)
    return None if tree is None or tree.root_node.has_error else tree


def changed_lines(old: bytes, new: bytes) -> tuple[int, int, int]:
    """Where the lines that differ begin, and where they end in the old and in the new text."""
    shorter = min(len(old), len(new))
    same = _longest(shorter, lambda a, b: old[a:b] == new[a:b])
    start = old.rfind(b"\n", 0, same) + 1
    over, under = len(old), len(new)
    same = _longest(shorter - start, lambda a, b: old[over - b : over - a] == new[under - b : under - a])
    line_end = new.find(b"\n", under - same)
    kept = under - line_end - 1 if line_end >= 0 else 0
    return start, over - kept, under - kept


def _longest(most: int, is_same: Callable[[int, int], bool]) -> int:
    """The greatest number up to `most` for which a range from 0 is the same, in steps that halve."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if is_same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
