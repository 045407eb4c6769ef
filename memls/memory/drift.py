"""Where lines are after an edit: what anchors and citations without a symbol follow."""

from collections.abc import Sequence
from difflib import SequenceMatcher


def map_lines(old: Sequence[str], new: Sequence[str], start: int, end: int) -> tuple[int, int] | None:
    """Lines `start`..`end` of `old` as they are in `new`, or None where nothing of them is left.

    What was inserted inside the range belongs to it; equal heads and tails are cut off before the diff, so
    that an edit costs what it changed and not what the file is long.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    blocks = [(0, 0, head)]
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=len(middle_old) > 2000)
    blocks += [(head + b.a, head + b.b, b.size) for b in matcher.get_matching_blocks() if b.size]
    blocks.append((len(old) - tail, len(new) - tail, tail))
    kept = [
        (max(a, start - 1) - a + b, min(a + size, end) - a + b)
        for a, b, size in blocks
        if max(a, start - 1) < min(a + size, end)
    ]
    if not kept:
        return None
    first = max((b + size for a, b, size in blocks if a + size <= start - 1), default=0)
    last = min((b for a, b, _ in blocks if a >= end), default=len(new))
    exact_start = any(a <= start - 1 < a + size for a, _, size in blocks)
    exact_end = any(a <= end - 1 < a + size for a, _, size in blocks)
    return (kept[0][0] if exact_start else first) + 1, kept[-1][1] if exact_end else last
