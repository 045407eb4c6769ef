"""textDocument/foldingRange and selectionRange: the shape of a file, by its syntax tree."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from lsprotocol.types import (
    FoldingRange,
    FoldingRangeKind,
    FoldingRangeParams,
    Position,
    Range,
    SelectionRange,
    SelectionRangeParams,
)

from memls.index.code import View
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.source.structure import Span, folds, spans_around

if TYPE_CHECKING:
    from memls.workspace import Workspace

_KINDS = {
    "comment": FoldingRangeKind.Comment,
    "imports": FoldingRangeKind.Imports,
    "region": FoldingRangeKind.Region,
}


def folding_ranges(
    workspace: "Workspace", client: Client, params: FoldingRangeParams
) -> list[FoldingRange] | None:
    """Whole lines: the first stays in sight, and so does a closing bracket. Too many: the widest."""
    path = client.uris.path(params.text_document.uri)
    view = workspace.code.try_view(path) if path else None
    if view is None or view.language is None:
        return None
    found = folds(view.lines, view.language, workspace.code.make(view.path))
    if client.fold_limit is not None and len(found) > client.fold_limit:
        widest = sorted(found, key=lambda fold: fold.start - fold.end)[: client.fold_limit]
        found = sorted(widest, key=lambda fold: fold.start)
    return [FoldingRange(fold.start - 1, fold.end - 1, kind=_KINDS.get(fold.kind)) for fold in found]


def selection_ranges(
    workspace: "Workspace", client: Client, params: SelectionRangeParams
) -> list[SelectionRange] | None:
    """For each position the ranges to grow a selection by; where there are none, the position itself."""
    path = client.uris.path(params.text_document.uri)
    view = workspace.code.try_view(path) if path else None
    if view is None or view.language is None:
        return None
    lines = _Offsets(view, client.encoding)
    offsets = [lines.offset(position) for position in params.positions]
    found = spans_around(view.lines, view.language, offsets, workspace.code.make(view.path))
    return [_nested(lines, spans, position) for spans, position in zip(found, params.positions, strict=True)]


class _Offsets:
    """A view's lines as offsets in the text that they make when joined."""

    def __init__(self, view: View, encoding: str) -> None:
        self._view = view
        self._encoding = encoding
        self._starts = [0]
        for line in view.lines:
            self._starts.append(self._starts[-1] + len(line.encode("utf-8", "replace")) + 1)

    def offset(self, position: Position) -> int:
        """Of the word at a position, so that a caret behind a name means the name."""
        if position.line >= len(self._view.lines):
            return self._starts[-1]
        line = self._view.lines[position.line]
        index = convert.characters(line, position.character, self._encoding)
        span = convert.word_at(line, index)
        return self._starts[position.line] + len(
            line[: span[0] if span else index].encode("utf-8", "replace")
        )

    def range(self, span: Span) -> Range:
        return Range(self._position(span[0]), self._position(span[1]))

    def _position(self, offset: int) -> Position:
        number = min(bisect_right(self._starts, offset), len(self._view.lines))
        line = self._view.lines[number - 1] if number else ""
        column = offset - self._starts[max(0, number - 1)]
        return convert.position(line, max(1, number), convert.before(line, column), self._encoding)


def _nested(lines: _Offsets, spans: list[Span], position: Position) -> SelectionRange:
    """Ranges inside each other, built from the outermost; one that does not hold the position is left out."""
    found: SelectionRange | None = None
    for span in reversed(spans):
        around = lines.range(span)
        inside = found is None or (around != found.range and _holds(found.range, around))
        if inside and around.start <= position <= around.end:
            found = SelectionRange(around, found)
    return found or SelectionRange(Range(position, position))


def _holds(outer: Range, inner: Range) -> bool:
    return bool(outer.start <= inner.start and inner.end <= outer.end)
