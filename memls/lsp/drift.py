"""Lines of the text that is indexed <-> lines of the unsaved buffer that shadows it.

References are resolved in the index, which has the files as they were saved. While a buffer differs, a line
of one is the same line of the other, or it was changed and has none: then nothing is said of it. (Definitions
need none of this: `Code.view` parses the buffer.)
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from memls.source.files import read
from memls.text import split_lines

if TYPE_CHECKING:
    from memls.workspace import Workspace

_MOST = 4_000_000
"""Pairs of lines that are compared at most in the part that changed; beyond, all of it counts as changed."""


class Drift:
    """How the lines of one file moved since it was saved."""

    def __init__(self, saved: Sequence[str] | None, buffer: Sequence[str]) -> None:
        """`saved` None: there is no buffer, every line is where it was."""
        self._to_buffer = None if saved is None else _moves(saved, buffer)

    def to_buffer(self, line: int) -> int | None:
        return line if self._to_buffer is None else self._to_buffer.get(line)

    def to_saved(self, line: int) -> int | None:
        moves = self._to_buffer
        return line if moves is None else next((old for old, new in moves.items() if new == line), None)


def drift(workspace: "Workspace", path: str) -> Drift:
    """The drift of a file as it is now. `path` is one that was read before, so it is inside the root."""
    buffer = workspace.overlays.get(path)
    if buffer is None or buffer.text is None:
        return Drift(None, ())
    saved = read(workspace.root, path)
    if saved.hash == buffer.hash:
        return Drift(None, ())
    return Drift(split_lines(saved.text or ""), split_lines(buffer.text))


def _moves(saved: Sequence[str], buffer: Sequence[str]) -> Mapping[int, int]:
    """Saved line -> buffer line, for lines that are in both. Equal ends are found first: they cost little."""
    shared = min(len(saved), len(buffer))
    head = next((i for i in range(shared) if saved[i] != buffer[i]), shared)
    left = shared - head
    tail = next((i for i in range(left) if saved[-1 - i] != buffer[-1 - i]), left)
    moves = {line: line for line in range(1, head + 1)}
    old, new = saved[head : len(saved) - tail], buffer[head : len(buffer) - tail]
    if old and new and len(old) * len(new) <= _MOST:
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            for i in range(block.size):
                moves[head + block.a + i + 1] = head + block.b + i + 1
    for i in range(tail):
        moves[len(saved) - i] = len(buffer) - i
    return moves
