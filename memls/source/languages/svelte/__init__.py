"""Svelte's components: scripts, expressions and blocks in braces, and directives that name what they use."""

import re
from dataclasses import replace

from memls.source.languages import Markup
from memls.source.languages.brackets import find_outside
from memls.source.languages.elements import Elements, Open
from memls.source.languages.typescript import LANGUAGE as TYPESCRIPT

_BLOCK = re.compile(rb"\s*([#:@/])\s*([a-z]+)(?:\s+if\b)?")
_BINDS = {
    b"each": re.compile(rb"\sas\s"),
    b"await": re.compile(rb"\s(?:then|catch)\b"),
    b"const": re.compile(rb"(?<![=!<>])=(?![=>])"),
    b"then": re.compile(rb""),
    b"catch": re.compile(rb""),
    b"snippet": re.compile(rb""),
}
"""What a block binds names behind; `{@const x = …}` binds them before it."""
_USED = re.compile(rb"(?:use|transition|in|out|animate):([\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)*)")
_SHORT = re.compile(rb"(?:bind|class|style):([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)")
_LET, _HEAD = b"let:", b"svelte:head"
_STORE = re.compile(
    rb"(?<![\w$./\"'`\x80-\xff])\$(?=(?!(?:state|derived|effect|props|bindable|inspect|host)\b)[A-Za-z_])"
)
"""`$count` is what the store `count` holds; but runes are no stores, nor is `"$lib"`."""


class Svelte(Elements):
    """One component."""

    quoted_code = True
    in_head = False
    """Whether it is inside `<svelte:head>`, whose scripts are the page's."""

    def whole(self) -> "Svelte":
        """All of it."""
        self.read(0, len(self.data))
        self.text = bytearray(_STORE.sub(b" ", self.text))
        return self

    def attribute(self, start: int, end: int, *, has_value: bool) -> None:
        """`use:action` and the like name a function; `bind:value` alone is `bind:value={value}`."""
        name = self.data[start:end]
        if name.startswith(_LET):
            self.bind(start + len(_LET), end)
        elif used := _USED.match(name):
            self.uses.append((start + used.start(1), start + used.end(1), "call"))
        elif not has_value and (short := _SHORT.fullmatch(name)):
            self.uses.append((start + short.start(1), end, "name"))

    def tag(self, start: int, end: int) -> None:
        """An element's name."""
        self.in_head = self.in_head or self.data[start:end] == _HEAD
        super().tag(start, end)

    def closed(self, name: bytes) -> None:
        """A closing tag."""
        self.in_head = self.in_head and name != _HEAD

    def element(self, opened: Open, start: int, end: int) -> None:
        """A script of the component."""
        if not self.in_head:
            super().element(opened, start, end)

    def block(self, start: int, end: int) -> None:
        """`{#each items as item}`: the expression alone is code, and the names behind it are bound."""
        found = _BLOCK.match(self.data, start, end)
        if found is None:
            return
        self.blank(start, end if found.group(1) == b"/" else found.end())
        binds = _BINDS.get(found.group(2))
        place = binds and find_outside(binds, self.data, found.end(), end)
        if place is None or found.group(1) == b"/":
            return
        span = (found.end(), place.end()) if found.group(2) == b"const" else (place.start(), end)
        self.bind(*span)
        self.blank(*span)


def _readable(data: bytes) -> bytes:
    return bytes(Svelte(data).whole().text)


def _markup(data: bytes) -> Markup:
    return Svelte(data).whole().markup()


LANGUAGE = replace(
    TYPESCRIPT,
    name="svelte",
    suffixes=(".svelte",),
    shebangs=(),
    queries=(*TYPESCRIPT.queries, "svelte/definitions.scm"),
    readable=_readable,
    markup=_markup,
)
