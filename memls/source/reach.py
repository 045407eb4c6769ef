"""How far a definition goes that the tree does not nest: a heading, `namespace A;`."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from tree_sitter import Node

from memls.source.languages import Language, no_level


def reaches(captures: Mapping[str, list[Node]], language: Language, size: int) -> dict[int, int]:
    """Where each definition ends that the tree does not nest (`Language.level`), by where it starts."""
    if language.level is no_level:
        return {}
    locals_ = outermost(captures.get("local", ()))
    starts = [start for start, _ in locals_]
    nodes = sorted(
        (node.start_byte, level)
        for label, found in captures.items()
        if label.startswith("def.")
        for node in found
        if (level := language.level(node)) is not None and not _is_inside(node.start_byte, starts, locals_)
    )
    found_ends: dict[int, int] = {}
    open_: list[tuple[int, int]] = []
    for start, level in nodes:
        while open_ and open_[-1][1] >= level:
            found_ends[open_.pop()[0]] = start
        open_.append((start, level))
    return {**found_ends, **{start: size for start, _ in open_}}


def outermost(nodes: Iterable[Node]) -> list[tuple[int, int]]:
    """The byte ranges of nodes, in order, without those that are inside of another."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((node.byte_range for node in nodes), key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _is_inside(place: int, starts: list[int], spans: list[tuple[int, int]]) -> bool:
    index = bisect_right(starts, place) - 1
    return index >= 0 and place < spans[index][1]
