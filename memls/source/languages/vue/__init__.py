"""Vue's components: scripts, and of the template `{{ code }}` and the attributes that hold code."""

import re
from bisect import bisect_left
from dataclasses import replace

from memls.source.languages import Markup
from memls.source.languages.brackets import is_whole
from memls.source.languages.elements import Elements, Open
from memls.source.languages.typescript import LANGUAGE as TYPESCRIPT

_ROOT = re.compile(rb"<!--|<([A-Za-z][\w-]*)(?=[\s/>])")
_CLOSING = re.compile(rb"</([A-Za-z][\w-]*)(?=[\s/>])")
_TEMPLATE = re.compile(rb"""<!--|<(/?)template(?=[\s/>])(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_SLOT = re.compile(rb"#|v-slot\b|slot-scope\Z")
_CODE = re.compile(rb"[:.@]|v-")
_FOR = re.compile(rb"\s(?:in|of)\s")


class Vue(Elements):
    """One component."""

    braces = False
    is_template = False
    """Whether it is inside the template."""

    def whole(self) -> "Vue":
        """The blocks that it is made of: what is in others than these is another language's."""
        closing: dict[bytes, list[int]] = {}
        for found in _CLOSING.finditer(self.data):
            closing.setdefault(found.group(1).lower(), []).append(found.start())
        at = 0
        while tag := _ROOT.search(self.data, at):
            if tag.group() == b"<!--":
                end = self.data.find(b"-->", tag.end())
                at = end + 3 if end >= 0 else len(self.data)
            else:
                at = self._block(tag, closing.get(tag.group(1).lower(), []))
        return self

    def _block(self, opens: "re.Match[bytes]", closing: list[int]) -> int:
        """One block; where to go on."""
        tag = Open("tag", opens.start(), name=opens.group(1))
        self.at, self.end, self.stack = opens.end(), len(self.data), [Open("text", 0), tag]
        while len(self.stack) > 1 and self.at < self.end:
            self._tag()
        start = self.at
        if not self.stack[0].depth:
            return start
        if tag.name.lower() != b"template":
            number = bisect_left(closing, start)
            return closing[number] if number < len(closing) else start
        end = self._end_of_template(start)
        language = self.data[slice(*tag.attributes.get(b"lang", (0, 0)))].lower()
        if language in (b"", b"html"):
            self.is_template = True
            self.read(start, end)
            self.is_template = False
        return end

    def element(self, opened: Open, start: int, end: int) -> None:
        """A script; in a template there is none."""
        if not self.is_template:
            super().element(opened, start, end)

    def _end_of_template(self, at: int) -> int:
        """Where a template ends that may have others inside."""
        depth = 1
        while found := _TEMPLATE.search(self.data, at):
            at = found.end()
            if found.group() == b"<!--":
                at = self.data.find(b"-->", at) + 3
                if at < 3:
                    break
            elif found.group(1):
                depth -= 1
                if not depth:
                    return found.start()
            elif not found.group().endswith(b"/>"):
                depth += 1
        return len(self.data)

    def brace(self, at: int) -> int:
        """`{{ code }}`."""
        if not self.data.startswith(b"{{", at) or self.is_lost:
            return at + 1
        end = self.data.find(b"}}", at + 2, self.end)
        if end < 0:
            self.is_lost = True
            return at + 2
        self._code_of(at + 2, end, at, at + 1)
        return end + 2

    def quoted(self, name: tuple[int, int], start: int, end: int) -> None:
        """The value of a directive is code. A loop and a slot bind names."""
        called = self.data[slice(*name)]
        if not self.is_template:
            return
        if _SLOT.match(called):
            self.bind(start, end)
        elif called == b"v-for":
            if found := _FOR.search(self.data, start, end):
                self.bind(start, found.start())
                self._code_of(found.end(), end, found.start() + 1, found.start() + 2)
        elif _CODE.match(called):
            # a handler can be several statements
            brackets = b"{}" if called.startswith((b"@", b"v-on:")) else b"()"
            self._code_of(start, end, self.data.index(b"=", name[1]), start - 1, brackets)

    def _code_of(self, start: int, end: int, begins: int, opens: int, brackets: bytes = b"()") -> None:
        """A statement in brackets: where it begins, and where the first of these stands."""
        if is_whole(self.data, start, end) and self.data[start:end].strip():
            self.keep(start, end)
            self.put(begins, b";")
            self.put(opens, brackets[:1])
            self.put(end, brackets[1:])


def _readable(data: bytes) -> bytes:
    return bytes(Vue(data).whole().text)


def _markup(data: bytes) -> Markup:
    return Vue(data).whole().markup()


LANGUAGE = replace(
    TYPESCRIPT,
    name="vue",
    suffixes=(".vue",),
    shebangs=(),
    readable=_readable,
    markup=_markup,
)
