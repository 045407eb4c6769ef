"""What is shown around one line: enough to understand a hit, and no more than a small page.

Blocks are told by indentation, which all languages share that people read.
"""

from collections.abc import Sequence

from memls.index.code import View
from memls.memory.pages import Region, region_of

_TALLEST = 40
"""Lines of a definition or a block that is shown whole."""
_SMALLEST = 6
_TO_EACH_SIDE = 20
_CLOSING = ("}", ")", "]", "end")


def around(view: View, line: int) -> Region:
    """The smallest definition around a line where that is small, else the block, else some lines of it."""
    inside = [s for s in view.symbols if s.line <= line <= s.end_line and s.end_line > s.line]
    smallest = min(inside, key=lambda s: s.end_line - s.line, default=None)
    if smallest and smallest.end_line - smallest.line < _TALLEST:
        return region_of(view, smallest)
    first, last = (smallest.line, smallest.end_line) if smallest else (1, max(1, len(view.lines)))
    start, end = block_around(view.lines, line)
    if end - start < _SMALLEST:
        start, end = _beside(view.lines, line)
    return Region(view.path, max(first, start), min(last, end))


def block_around(lines: Sequence[str], line: int) -> tuple[int, int]:
    """The largest block around a line, from 1, that is small; the line alone where none is."""
    found = line, line
    head = line
    while head:
        start, end = head, _end_of(lines, head)
        if end - start >= _TALLEST:
            break
        if end >= found[1]:
            found = start, end
        head = _head_above(lines, head)
    return found


def _end_of(lines: Sequence[str], head: int) -> int:
    """The last line of what stands deeper below a line, with what closes it."""
    depth, end = _depth(lines[head - 1]), head
    for number in range(head + 1, min(len(lines), head + _TALLEST) + 1):
        text = lines[number - 1]
        if text.strip() and _depth(text) <= depth:
            closes = _depth(text) == depth and text.strip().startswith(_CLOSING)
            return number if closes else end
        if text.strip():
            end = number
    return end


def _head_above(lines: Sequence[str], line: int) -> int:
    """The nearest line above that stands less deep; 0 where there is none."""
    depth = _depth(lines[line - 1])
    for number in range(line - 1, max(0, line - _TALLEST - 1), -1):
        text = lines[number - 1]
        if text.strip() and _depth(text) < depth:
            return number
    return 0


def _depth(text: str) -> int:
    expanded = text.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _beside(lines: Sequence[str], line: int) -> tuple[int, int]:
    """Some lines to each side, cut where an empty one is the farthest."""
    start, end = max(1, line - _TO_EACH_SIDE), min(len(lines), line + _TO_EACH_SIDE)
    above = (number + 1 for number in range(start, line) if not lines[number - 1].strip())
    below = (number - 1 for number in range(end, line, -1) if not lines[number - 1].strip())
    return next(above, start), next(below, end)
