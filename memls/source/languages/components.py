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
from collections.abc import Mapping

from memls.source.languages import Markup
from memls.source.languages.brackets import BLANK

_LANGUAGES = frozenset(b"ts typescript js javascript tsx jsx".split())
_TYPES = frozenset(b"module text/javascript application/javascript text/ecmascript text/typescript".split())
_IDENTIFIER = re.compile(rb"(?<![\w$.\x80-\xff])[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_COMPONENT = re.compile(rb"[A-Z\x80-\xff][\w$\x80-\xff]*|[\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)+")


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
