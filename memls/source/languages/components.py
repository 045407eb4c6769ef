"""Components in one file: markup with scripts in it, of which TypeScript's grammar reads what is code.

1. What a compiler takes for code stays where it is: scripts, and the expressions of the markup. All else is
   spaces, and as long as it was. An expression is a statement of its own, so it begins with a `;` and what
   encloses it becomes brackets that the grammar knows. One whose brackets do not close is left out.
2. A tag is a use of the component that it names. So are some attributes; the grammar sees none of them.
3. A name that the markup binds anywhere (a loop's, a slot's) means nothing of the scripts in all of it. The
   markup's scopes are not followed: that would be right more often, and cost a tree of their own.
4. Nothing recurses, and no part of the text is looked through twice, but for the start of what is not closed.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from memls.source.header import Source, unmarked
from memls.source.languages import Markup
from memls.source.languages.brackets import BLANK
from memls.source.outline import Symbol

_LANGUAGES = frozenset(b"ts typescript js javascript tsx jsx".split())
_TYPES = frozenset(b"module text/javascript application/javascript text/ecmascript text/typescript".split())
_IDENTIFIER = re.compile(rb"(?<![\w$.\x80-\xff])[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_COMPONENT = re.compile(rb"[A-Z\x80-\xff][\w$\x80-\xff]*|[\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)+")
_NAME = re.compile(r"[^\W\d][\w-]*")
_DOCUMENTED = "@component"


class Component:
    """What is read of one file. Places are byte offsets."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text = bytearray(data.translate(BLANK))
        self.uses: list[tuple[int, int, str]] = []
        self.scripts: list[tuple[int, int]] = []
        self.bound: set[bytes] = set()
        self.imports: list[tuple[int, str]] = []

    def keep(self, start: int, end: int) -> None:
        """These bytes are code."""
        self.text[start:end] = self.data[start:end]

    def blank(self, start: int, end: int) -> None:
        """These bytes are none."""
        self.text[start:end] = self.data[start:end].translate(BLANK)

    def put(self, at: int, mark: bytes) -> None:
        """A bracket or `;` in the place of one byte, which no line ends with."""
        if 0 <= at < len(self.text) and self.data[at] not in b"\r\n":
            self.text[at : at + 1] = mark

    def bind(self, start: int, end: int) -> None:
        """The names of a pattern are the markup's own."""
        self.bound.update(_IDENTIFIER.findall(self.data, start, end))

    def tag(self, start: int, end: int) -> None:
        """The name of an element, which is a component's where no element of HTML can be called so."""
        if _COMPONENT.fullmatch(self.data, start, end):
            self.uses.append((start, end, "call"))

    def script(self, attributes: Mapping[bytes, tuple[int, int]], start: int, end: int) -> None:
        """The inside of a `<script>`, and the file that it names instead."""
        if not self._is_script(attributes):
            return
        self.keep(start, end)
        self.put(start - 1, b";")
        self.put(end, b";")
        self.scripts.append((start, end))
        if source := attributes.get(b"src"):
            self.imports.append((source[0], self.data[slice(*source)].decode("utf-8", "replace")))

    def _is_script(self, attributes: Mapping[bytes, tuple[int, int]]) -> bool:
        said = {name: self.data[slice(*attributes.get(name, (0, 0)))] for name in (b"lang", b"type")}
        language, type_ = said[b"lang"].strip().lower(), said[b"type"].strip().lower()
        return (language or b"js") in _LANGUAGES and (type_ or b"module") in _TYPES

    def markup(self) -> Markup:
        """What the grammar does not see."""
        bound = frozenset(name.decode("latin-1") for name in self.bound)
        return Markup(tuple(self.uses), tuple(self.scripts), bound, tuple(self.imports))


def component_name(path: str, suffixes: Iterable[str]) -> str:
    """What the component of a file is called; "" where that says nothing: `index.vue`, `[id].astro`."""
    file = PurePosixPath(path.replace("\\", "/"))
    is_named = file.suffix.lower() in suffixes and _NAME.fullmatch(file.stem) and file.stem != "index"
    return file.stem if is_named else ""


def component_symbol(name: str, source: Source) -> Symbol:
    """A file as the component that it is. What it defines is beside it and not inside.

    Scripts are modules, so what they define has no other name by the component's.
    """
    last = source.position(max(0, len(source.latin) - 1))[0]
    docstring = unmarked([source.decode(_documentation(source.latin))])
    return Symbol(name, name, "component", 1, last, 1, 0, f"<{name}>", docstring)


def _documentation(text: str) -> str:
    """What Svelte takes for a component's: the comment that begins with `@component`."""
    start = text.find(_DOCUMENTED)
    before = text[max(0, start - 80) : start].rstrip() if start >= 0 else ""
    end = text.find("-->", start)
    return text[start + len(_DOCUMENTED) : end] if before.endswith("<!--") and end >= 0 else ""
