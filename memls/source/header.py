"""What stands before and above a definition's body: its signature, its docstring, its first line."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from tree_sitter import Node

from memls.source.languages import Language
from memls.text import shorten

_LINES = frozenset(("key", "heading"))
"""What has no head but its first line."""
_MAX_SIGNATURE = 300
_MAX_DOCSTRING = 500
_MAX_HEADER_BYTES = 4000
_MAX_GAP = 1000
_LINE_END = re.compile(rb"\r\n|\n|\r")
_VALUED = frozenset({"function", "method", "class", "constructor"})
_BODIES = frozenset({"function_body", "class_body", "enum_class_body"})
"""What some grammars have no field for."""
_BRACED = frozenset({"class", "struct", "interface", "trait", "enum", "union", "namespace", "module"})
_PYTHON_DOC = re.compile(r"(?:\s|#[^\n]*\n)*[rRuU]?(\"\"\"|'''|\"|')")
_COMMENT_MARK = re.compile(
    r"^\s*(?://[/!]?|/\*[*!]?|\*(?!/)|#+|--+(?:\[=*\[)?|<!--)?\s?|\s*(?:\*+/|\]=*\](?:--)?|-->)\s*$"
)
_TAG = re.compile(
    r"[@\\](?!brief\b)[a-zA-Z]+|<(?:param|typeparam|returns|remarks|exception|example|value|seealso)\b"
)
_XML = re.compile(
    r"</?(?:summary|para|c|(?:see|paramref|typeparamref|inheritdoc)\b[^<>]*)/?>|\{@inheritdoc\}", re.I
)
"""Tags around what is said, and those that say that something else says it."""
_BRIEF = re.compile(r"^[@\\]brief\s+")
_PRAGMA = re.compile(
    r"//(?:go:|nolint|line )|//\s*eslint-|/\*\s*eslint-|#!"
    r"|#\s*(?:frozen_string_literal|rubocop|shellcheck|-\*-)"
)


class Source:
    """The bytes of a file, sliced by byte offset and read as text only where text is kept.

    `latin` is the bytes as Latin-1, so an index in it is a byte offset; `decode` makes UTF-8 of a piece, with
    U+FFFD for what is not UTF-8. Most pieces are ASCII, for which both are free.
    """

    def __init__(self, data: bytes) -> None:
        self.latin = data.decode("latin-1")
        if b"\r" in data:
            self.starts = [0, *(match.end() for match in _LINE_END.finditer(data))]
        else:
            self.starts = [0]
            at = data.find(b"\n")
            while at >= 0:
                self.starts.append(at + 1)
                at = data.find(b"\n", at + 1)

    @staticmethod
    def decode(piece: str) -> str:
        """A piece of `latin` as text."""
        return piece if piece.isascii() else piece.encode("latin-1", "replace").decode("utf-8", "replace")

    @staticmethod
    def encode(text: str) -> str:
        """A text as a piece of `latin`."""
        return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")

    def text(self, start: int, end: int) -> str:
        """The text of a byte range."""
        return self.decode(self.latin[start:end])

    def position(self, offset: int) -> tuple[int, int]:
        """Line from 1 and column from 0 in bytes. Lines end as `text.split_lines` ends them."""
        row = bisect_right(self.starts, offset) - 1
        return row + 1, offset - self.starts[row]

    def line_around(self, offset: int) -> tuple[int, int]:
        """The byte range of the line that holds `offset`."""
        row = bisect_right(self.starts, offset) - 1
        return self.starts[row], self.starts[row + 1] if row + 1 < len(self.starts) else len(self.latin)


class Header:
    """Comments and attributes of one file by where they end, to be asked for each definition."""

    def __init__(
        self, language: Language, source: Source, comments: Iterable[Node], attributes: Iterable[Node]
    ) -> None:
        self.language = language
        self.source = source
        self.above: dict[int, tuple[int, int, int, bool]] = {}
        self.trailing: dict[int, tuple[int, int]] = {}
        spans = []
        for nodes, is_comment in ((comments, True), (attributes, False)):
            for node in nodes:
                start, end = node.byte_range
                spans.append((start, end))
                if not language.docstring_in_body:  # else nothing above a definition belongs to it
                    self._remember(start, end, is_comment)
        self.spans = sorted(spans)
        self.starts = [start for start, _ in self.spans]

    def _remember(self, start: int, end: int, is_comment: bool) -> None:
        latin = self.source.latin
        while end > start and latin[end - 1] in "\r\n":  # Rust's line comments include the line's end
            end -= 1
        line, column = self.source.position(start)
        if latin[start - min(column, _MAX_GAP) : start].strip():
            if is_comment:
                self.trailing[line] = (start, end)
            return
        last = self.source.position(end)[0]
        if not is_comment and last in self.trailing and not latin[end : self.trailing[last][0]].strip():
            end = self.trailing[last][1]
        self.above.setdefault(last, (line, start, end, is_comment))

    def lead(self, node: Node, start: int) -> tuple[int, int, str]:
        """First line and byte with the attributes above, and the docstring, of what starts at `start`."""
        first, top, at = self.source.position(start)[0], start, start
        if self.language.docstring_in_body:
            return first, top, self._docstring_in_body(node)
        line = first
        comments: list[str] = []
        while True:
            above = self._adjoining(line, at) or self._adjoining(line - 1, at)
            if above is None:
                break
            line, at = above[0], above[1]
            if above[3]:
                comments.append(self.source.text(at, min(above[2], at + _MAX_HEADER_BYTES)))
            else:
                first, top = line, at
        return first, top, unmarked(reversed(comments))

    def _adjoining(self, line: int, at: int) -> tuple[int, int, int, bool] | None:
        """The comment or attribute that ends on `line` with nothing but space between it and `at`."""
        above = self.above.get(line)
        if above is None or not 0 <= at - above[2] <= _MAX_GAP:
            return None
        return None if self.source.latin[above[2] : at].strip() else above

    def _docstring_in_body(self, node: Node) -> str:
        body = node.child_by_field_name("body")
        if body is None:
            return ""
        at = body.start_byte
        match = _PYTHON_DOC.match(self.source.latin, at, at + _MAX_HEADER_BYTES)
        if match is None:
            return ""
        end = self.source.latin.find(match.group(1), match.end())
        if end < 0 or (len(match.group(1)) == 1 and "\n" in self.source.latin[match.end() : end]):
            return ""
        return first_paragraph(self.source.text(match.end(), min(end, match.end() + _MAX_HEADER_BYTES)))

    def signature(self, node: Node, kind: str, whole: tuple[int, int], name: str, floor: int) -> str:
        """Source of `whole` up to the body on one line, without comments and attributes.

        A definition that is a mere name (`A, B = 1, 2`) has its line, unless that starts before `floor`.
        """
        start, end = whole
        if node.child_count == 0 and whole == node.byte_range:
            line = self.source.line_around(start)
            start, end = line if line[0] >= floor else whole
        if kind in _LINES or self.language.is_generic:
            end = min(end, self.source.line_around(start)[1])
        body = _body_of(node, kind)
        stop = min(end, start + _MAX_HEADER_BYTES)
        if body is not None:
            stop = min(stop, body.start_byte)
        text = self._without_spans(start, max(start, stop))
        if (kind in _BRACED or node.type == "macro_definition") and (body is None or body.start_byte > stop):
            text = text.partition("{")[0]
        flat = " ".join(self.source.decode(text).split()).replace("( ", "(")
        if flat.startswith("typedef") and name not in flat:
            flat += " " + name
        if body is not None:
            flat = flat.removesuffix("{").removesuffix("=>").rstrip()
        return shorten(flat.rstrip(":;, ").removesuffix(" ="), _MAX_SIGNATURE)

    def _without_spans(self, start: int, stop: int) -> str:
        index = bisect_left(self.starts, start)
        if index == len(self.starts) or self.starts[index] >= stop:
            return self.source.latin[start:stop]
        pieces = []
        while index < len(self.spans) and self.spans[index][0] < stop:
            span_start, span_end = self.spans[index]
            if span_start >= start:
                pieces.append(self.source.latin[start:span_start])
                start = min(span_end, stop)
            index += 1
        return " ".join([*pieces, self.source.latin[start:stop]])


def _body_of(node: Node, kind: str) -> Node | None:
    body = node.child_by_field_name("body")
    if body is None and node.named_children and node.named_children[-1].type in _BODIES:
        return node.named_children[-1]
    if body is None and kind in _VALUED:
        for name in ("value", "right"):
            value = node.child_by_field_name(name)
            body = value.child_by_field_name("body") if value is not None else None
            if body is not None:
                break
    return body


def first_paragraph(text: str) -> str:
    """Lines up to the first empty one, as one line."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if not line.strip():
            break
        lines.append(line)
    return shorten(" ".join(" ".join(lines).split()), _MAX_DOCSTRING)


def unmarked(comments: Iterable[str]) -> str:
    """The first paragraph of adjoining comments without `//`, `/** */` and `*`; tags like `@param` end it."""
    lines: list[str] = []
    for comment in comments:
        if _PRAGMA.match(comment):
            continue
        for line in comment.splitlines():
            bare = _BRIEF.sub("", _COMMENT_MARK.sub("", line).strip())
            if "<" in bare or "{@" in bare:
                bare = _XML.sub("", bare).strip()
            if _TAG.match(bare):
                return first_paragraph("\n".join(lines))
            lines.append(bare if any(char.isalnum() for char in bare) else "")
    return first_paragraph("\n".join(lines))
