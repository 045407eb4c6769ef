"""The way through markup: its tags, its attributes, and the code in braces that may have markup inside again.

A stack holds what is open, so that nothing recurses: text between tags, a tag, an attribute's value, code.
"""

import re
from dataclasses import dataclass, field

from memls.source.languages.brackets import walk
from memls.source.languages.components import Component

_TEXT = re.compile(rb"<!--|<(/?)([A-Za-z][^\s/>{<]*|(?=>))|\{")
_ATTRIBUTE = re.compile(rb"\s*(?:(/?>)|(\{)|([^\s=>/{<][^\s=>/{<]*)(\s*=\s*)?([\"'`{])?|.)", re.DOTALL)
_UNQUOTED = re.compile(rb"[^\s>]*")
_RAW = {name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE) for name in (b"script", b"style")}
"""Elements whose inside is no markup."""
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
_SPREAD = re.compile(rb"\s*\.\.\.")


@dataclass(slots=True)
class Open:
    """What is open. Of text `depth` counts its elements; `inside`: it is an element in code.

    Of code `start` is its brace, `kept` how far it was read, `equals` where its attribute has a `=`, -1 where
    it is no attribute's; `uses` and `scripts` are how many there were before.
    """

    kind: str
    start: int
    depth: int = 0
    inside: bool = False
    name: bytes = b""
    attributes: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    quote: bytes = b""
    opened: list[int] = field(default_factory=list)
    kept: int = 0
    equals: int = -1
    uses: int = 0
    scripts: int = 0


class Elements(Component):
    """Markup with `{code}` in it; what each language makes of it is for its own class to say."""

    braces = True
    """Whether code is in single braces."""
    quoted_code = False
    """Whether it is in braces also inside quotes."""
    nests = False
    """Whether code has elements in it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.at, self.end = 0, len(data)
        self.stack: list[Open] = []
        self.codes = 0
        """How many of what is open are code."""
        self.is_lost = False
        """Whether a brace was never closed: then no other is taken for code."""

    def read(self, start: int, end: int) -> None:
        """All from one offset to another."""
        self.at, self.end = start, end
        self.stack = [Open("text", start)]
        steps = {"text": self._text, "tag": self._tag, "value": self._value, "code": self._code}
        while self.at < self.end:
            steps[self.stack[-1].kind]()
            if self.at >= self.end and self.codes:
                self._fail(self.end)

    # For the languages.

    def brace(self, at: int) -> int:
        """A brace in text, where `braces` says that it begins no code; where to go on."""
        return at + 1

    def attribute(self, start: int, end: int, *, has_value: bool) -> None:
        """The name of an attribute."""

    def quoted(self, name: tuple[int, int], start: int, end: int) -> None:
        """The value of an attribute in quotes, which has none of it around."""

    def block(self, start: int, end: int) -> None:
        """Code in text, between its braces."""

    def closed(self, name: bytes) -> None:
        """A closing tag."""

    def element(self, opened: Open, start: int, end: int) -> None:
        """The inside of a script or a style. A script that code makes cannot stand in it as statements."""
        if not self.codes and opened.name.lower() == b"script":
            self.script(opened.attributes, start, end)

    # Steps.

    def _text(self) -> None:
        found = _TEXT.search(self.data, self.at, self.end)
        text = self.stack[-1]
        if found is None:
            self.at = self.end
        elif found.group() == b"{":
            self._brace(found.start())
        elif found.group() == b"<!--":
            self.at = self._behind(b"-->", found.end())
        elif found.group(1):
            self.at = self._behind(b">", found.end())
            text.depth -= 1
            self.closed(found.group(2))
            self._close(text, self.at - 1)
        else:
            self.at = found.end()
            self.tag(*found.span(2))
            self.stack.append(Open("tag", found.start(), name=found.group(2)))

    def _brace(self, at: int) -> None:
        if self.braces and not self.is_lost:
            self._enter(at)
        else:
            self.at = at + 1 if self.braces else self.brace(at)

    def _behind(self, mark: bytes, at: int) -> int:
        found = self.data.find(mark, at, self.end)
        return found + len(mark) if found >= 0 else self.end

    def _close(self, text: Open, at: int) -> None:
        """An element has ended at its `>`: with it the code goes on that it stands in."""
        if text.inside and text.depth <= 0:
            self.stack.pop()
            self.put(at, b"]")
            self.stack[-1].kept = at + 1

    def _tag(self) -> None:
        tag = self.stack[-1]
        found = _ATTRIBUTE.match(self.data, self.at, self.end)
        if found is None:
            self.at = self.end
            return
        self.at = found.end()
        if found.group(1):
            self._opened(tag, is_whole=found.group(1) == b"/>")
        elif found.group(2):
            self._brace(found.start(2))
        elif found.group(3):
            self._attribute(tag, found)

    def _attribute(self, tag: Open, found: "re.Match[bytes]") -> None:
        name, equals, opens = found.span(3), found.group(4), found.group(5)
        self.attribute(*name, has_value=equals is not None)
        if equals is None:
            self.at = found.end(3)
        elif opens is None:
            value = _UNQUOTED.match(self.data, self.at, self.end)
            self.at = value.end() if value else self.at
            tag.attributes[found.group(3).lower()] = found.end(), self.at
        elif opens == b"{":
            self._brace(found.start(5))
            if self.stack[-1].kind == "code":
                self.stack[-1].equals = found.start(4) + equals.index(b"=")
        elif self.quoted_code:
            tag.attributes[found.group(3).lower()] = self.at, self.data.find(opens, self.at, self.end)
            self.stack.append(Open("value", self.at, quote=opens))
        else:
            start, self.at = self.at, self._behind(opens, self.at)
            tag.attributes[found.group(3).lower()] = start, self.at - 1
            self.quoted(name, start, self.at - 1)

    def _opened(self, tag: Open, *, is_whole: bool) -> None:
        self.stack.pop()
        text, name = self.stack[-1], tag.name.lower()
        last = self.at - 1
        if not is_whole and name in _RAW:
            ends = _RAW[name].search(self.data, self.at, self.end)
            inside = self.at, ends.start() if ends else self.end
            self.at = self._behind(b">", inside[1])
            self.element(tag, *inside)
            last = self.at - 1
        elif not is_whole and name not in _VOID:
            text.depth += 1
        self._close(text, last)

    def _value(self) -> None:
        """A value in quotes with code in it."""
        value = self.stack[-1]
        found = re.compile(b"[{" + value.quote + b"]").search(self.data, self.at, self.end)
        if found is None:
            self.at = self.end
        elif found.group() == b"{":
            self._brace(found.start())
        else:
            self.at = found.end()
            self.stack.pop()

    # Code in braces.

    def _enter(self, at: int) -> None:
        self.codes += 1
        code = Open("code", at, kept=at + 1, uses=len(self.uses), scripts=len(self.scripts))
        self.stack.append(code)
        self.at = at + 1

    def _code(self) -> None:
        code = self.stack[-1]
        place, stop = walk(self.data, self.at, self.end, code.opened, markup=self.nests)
        if stop == "markup":
            self.keep(code.kept, place)
            self._open_list(code, place)
            self.stack.append(Open("text", place, inside=True))
            self.at = place
        elif stop == "closed" and self.data[place : place + 1] == b"}":
            self.keep(code.kept, place)
            self._leave(code, place)
            self.at = place + 1
        else:
            self._fail(place)

    def _open_list(self, code: Open, place: int) -> None:
        """An element in code: one beside another is in the same list."""
        is_beside = self.text[code.kept - 1 : place].strip() == b"]" and self.data[code.kept - 1] == 62
        self.put(code.kept - 1 if is_beside else place, b" " if is_beside else b"[")

    def _leave(self, code: Open, end: int) -> None:
        """Code that is whole: a statement, or an item of the list that the element around it is."""
        self.stack.pop()
        self.codes -= 1
        start, begins = code.start, b"," if self.codes else b";"
        if spread := _SPREAD.match(self.data, start + 1, end):
            self.blank(start, spread.end())
        elif code.equals < 0 and self.stack[-1].kind == "text" and not self.codes:
            self.block(start + 1, end)
        if not self.text[start + 1 : end].strip():
            return
        if code.equals >= 0:
            self.put(code.equals, begins)
            self.put(start, b"(")
            self.put(end, b")")
        else:
            self.put(start, begins)
            self.put(end, begins)

    def _fail(self, place: int) -> None:
        """The brackets of some code are wrong: it is text, and what stands behind it is looked at."""
        index = next(number for number, one in enumerate(self.stack) if one.kind == "code")
        code = self.stack[index]
        self.blank(code.start, min(place + 1, self.end))
        del self.stack[index:], self.uses[code.uses :], self.scripts[code.scripts :]
        self.codes = 0
        self.is_lost = self.is_lost or place >= self.end
        self.at = code.start + 1 if place >= self.end else max(place, code.start) + 1
