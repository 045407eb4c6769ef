"""JavaScript by its brackets alone: where an expression in a text of another language ends."""

import re
from itertools import islice
from typing import Literal

BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))
"""A table for `bytes.translate`: spaces for all but the ends of lines."""

Stop = Literal["closed", "markup", "end", "wrong"]

_TOKEN = re.compile(rb"[\"'`{}()\[\]/]|<(?=[A-Za-z>])")
_TEMPLATE = re.compile(rb"\\.|`|\$\{", re.DOTALL)
_CLOSING = {40: 41, 91: 93, 123: 125}
_QUOTED = {
    34: re.compile(rb'"(?:[^"\\\r\n]|\\.)*"', re.DOTALL),
    39: re.compile(rb"'(?:[^'\\\r\n]|\\.)*'", re.DOTALL),
}
_PATTERN = re.compile(rb"/(?:[^/\\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.){0,100}\]){1,200}/")
_LINE = re.compile(rb"//[^\r\n]*")
_MOST_TRIED = 20
_TICK, _DOLLAR_BRACE = 96, b"${"
_BEGINS = b"(,=:[!&|?{};+-*%^~<>"
"""What an expression follows, so that `/` begins a pattern and `<` an element."""


def walk(data: bytes, at: int, end: int, opened: list[int], *, markup: bool = False) -> tuple[int, Stop]:
    """On from an offset inside code to the bracket that closes it, or, with `markup`, to an element in it.

    `opened` is what closes the brackets that are open, the last first: of a template's text its tick.
    """
    while True:
        if opened and opened[-1] == _TICK:
            token = _TEMPLATE.search(data, at, end)
            if token is None:
                return end, "wrong"
            at = token.end()
            if token.group() == b"`":
                opened.pop()
            elif token.group() == _DOLLAR_BRACE:
                opened.append(125)
            continue
        token = _TOKEN.search(data, at, end)
        if token is None:
            return end, "wrong" if opened else "end"
        place, byte = token.start(), data[token.start()]
        at = place + 1
        if byte in _CLOSING:
            opened.append(_CLOSING[byte])
        elif byte in b")]}":
            if not opened:
                return place, "closed"
            if opened.pop() != byte:
                return place, "wrong"
        elif byte == _TICK:
            opened.append(_TICK)
        elif byte == 60:
            if markup and _begins(data, place):
                return place, "markup"
        elif (passed := _past(data, place, end)) < 0:
            return end if data.startswith(b"/*", place) else place, "wrong"
        else:
            at = passed


def _past(data: bytes, at: int, end: int) -> int:
    """The end of a string, a comment or a pattern that begins at an offset, -1 where it has none."""
    if quoted := _QUOTED.get(data[at]):
        found = quoted.match(data, at, end)
        return found.end() if found else -1
    if data.startswith(b"/*", at):
        closed = data.find(b"*/", at + 2, end)
        return closed + 2 if closed >= 0 else -1
    found = _LINE.match(data, at, end) or (_PATTERN.match(data, at, end) if _begins(data, at) else None)
    return found.end() if found else at + 1


def _begins(data: bytes, at: int) -> bool:
    """Whether an expression can begin at an offset: not behind a value."""
    before = data[max(0, at - 80) : at].rstrip()
    return not before or before[-1] in _BEGINS or before.endswith((b"return", b"typeof"))


def is_whole(data: bytes, start: int, end: int) -> bool:
    """Whether all that is opened in a range is closed there."""
    return walk(data, start, end, [])[1] == "end"


def find_outside(pattern: re.Pattern[bytes], data: bytes, start: int, end: int) -> "re.Match[bytes] | None":
    """The first match that is in no brackets and no string."""
    for match in islice(pattern.finditer(data, start, end), _MOST_TRIED):
        if is_whole(data, start, match.start()):
            return match
    return None
