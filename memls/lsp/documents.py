"""Open buffers: didOpen, didChange, didSave and didClose, into the workspace's overlays.

We keep the buffers' texts ourselves: pygls' copy takes form feeds and the like for line ends, which LSP does
not, so its edits go wrong in files that have them. Handlers are synchronous, for an asynchronous one may run
after later messages. Buffers may come before the index is open, and are handed on when it is.

What came last is what the user sees, whatever version the client says it is: we number the texts ourselves.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from lsprotocol.types import (
    DidChangeTextDocumentParams,
    DidCloseTextDocumentParams,
    DidOpenTextDocumentParams,
    DidSaveTextDocumentParams,
    Position,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)

from memls.lsp import convert

_LINE_END = re.compile(r"\r\n|\n|\r")
_STRIDE = 1 << 14


@dataclass(frozen=True, slots=True)
class _Buffer:
    text: str
    number: int


class Documents:
    """The buffers of one client. `show` is called with each one's text, with None when it is closed."""

    def __init__(self, show: Callable[[str, str | None, int], None]) -> None:
        self.encoding = "utf-16"
        self._show = show
        self._buffers: dict[str, _Buffer] = {}
        self._numbers = count(1)

    def show_all(self) -> None:
        """Show every buffer again: a repository was opened that some may belong to."""
        for uri, buffer in self._buffers.items():
            self._show(uri, buffer.text, buffer.number)

    def open(self, params: DidOpenTextDocumentParams) -> None:
        self._set(params.text_document.uri, params.text_document.text)

    def change(self, params: DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        before = self._buffers.get(uri)
        if before is not None:
            self._set(uri, edited(before.text, params.content_changes, self.encoding))

    def save(self, params: DidSaveTextDocumentParams) -> None:
        """The saved text comes with it, and mends a copy that went wrong."""
        uri = params.text_document.uri
        before = self._buffers.get(uri)
        if before is not None and params.text is not None and params.text != before.text:
            self._set(uri, params.text)

    def close(self, params: DidCloseTextDocumentParams) -> None:
        if self._buffers.pop(params.text_document.uri, None) is not None:
            self._show(params.text_document.uri, None, 0)

    def _set(self, uri: str, text: str) -> None:
        number = next(self._numbers)
        self._buffers[uri] = _Buffer(text, number)
        self._show(uri, text, number)


def edited(text: str, changes: Sequence[TextDocumentContentChangeEvent], encoding: str) -> str:
    """`text` after changes in their order, each with or without a range (LSP, didChange)."""
    for change in changes:
        if isinstance(change, TextDocumentContentChangePartial):
            start = _offset(text, change.range.start, encoding)
            end = _offset(text, change.range.end, encoding)
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    return text


def _offset(text: str, position: Position, encoding: str) -> int:
    """Characters before a position. Beyond a line it is the line's end, beyond the last line the text's."""
    start = _line_start(text, position.line)
    line_end = _LINE_END.search(text, start)
    line = text[start : line_end.start() if line_end else len(text)]
    return start + convert.characters(line, position.character, encoding)


def _line_start(text: str, line: int) -> int:
    """Where a line begins. Line ends are counted stride by stride, which is quick, up to the one it is in."""
    start = 0
    while line:
        end = start + _STRIDE
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        ends = text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)
        if ends >= line:
            break
        if end >= len(text):
            return len(text)
        start, line = end, line - ends
    for _ in range(line):
        line_end = _LINE_END.search(text, start)
        assert line_end is not None
        start = line_end.end()
    return start
