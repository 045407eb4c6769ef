"""Open buffers: didOpen, didChange, didSave and didClose, into the workspace's overlays.

We keep the buffers' texts ourselves: pygls' copy takes form feeds and the like for line ends, which LSP does
not, so its edits go wrong in files that have them. Handlers are synchronous, for an asynchronous one may run
after later messages. Buffers may come before the index is open, and are handed on when it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from memls.lsp.convert import Uris

if TYPE_CHECKING:
    from memls.source.files import Overlays

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class _Buffer:
    text: str
    version: int


class Documents:
    """The buffers of one client."""

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self._buffers: dict[str, _Buffer] = {}
        self._target: tuple[Overlays, Uris] | None = None

    def attach(self, overlays: "Overlays", uris: Uris) -> None:
        """The index is open: give it the buffers there are, and all that come."""
        self._target = overlays, uris
        for uri in self._buffers:
            self._show(uri)

    def open(self, params: DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._hide(document.uri)
        self._buffers[document.uri] = _Buffer(document.text, document.version)
        self._show(document.uri)

    def change(self, params: DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        before = self._buffers.get(uri)
        if before is not None:
            text = edited(before.text, params.content_changes, self.encoding)
            self._buffers[uri] = _Buffer(text, version)
            self._show(uri)

    def save(self, params: DidSaveTextDocumentParams) -> None:
        """The saved text comes with it, and mends a copy that went wrong."""
        uri = params.text_document.uri
        before = self._buffers.get(uri)
        if before is not None and params.text is not None and params.text != before.text:
            self._buffers[uri] = _Buffer(params.text, before.version)
            self._show(uri)

    def close(self, params: DidCloseTextDocumentParams) -> None:
        self._buffers.pop(params.text_document.uri, None)
        self._hide(params.text_document.uri)

    def _show(self, uri: str) -> None:
        if self._target and (path := self._target[1].path(uri)):
            buffer = self._buffers[uri]
            self._target[0].set(path, buffer.text, buffer.version)

    def _hide(self, uri: str) -> None:
        if self._target and (path := self._target[1].path(uri)):
            self._target[0].drop(path)


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
    start = 0
    for _ in range(position.line):
        line_end = _LINE_END.search(text, start)
        if line_end is None:
            return len(text)
        start = line_end.end()
    line_end = _LINE_END.search(text, start)
    line = text[start : line_end.start() if line_end else len(text)]
    return start + convert.characters(line, position.character, encoding)
