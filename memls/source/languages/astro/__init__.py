"""Astro's components: the frontmatter, scripts, and expressions in braces with elements inside."""

import re
from dataclasses import replace

from memls.source.languages import Markup
from memls.source.languages.elements import Elements
from memls.source.languages.typescript import LANGUAGE as TYPESCRIPT

_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*---")
_CLOSING = re.compile(rb"^[ \t]*---|---[ \t]*$", re.MULTILINE)


class Astro(Elements):
    """One component. Inside code `<li>{item.name}</li>` is a list to the grammar: `[,item.name,]`."""

    nests = True

    def whole(self) -> "Astro":
        """The frontmatter, which stands first, and what is below it."""
        at, opening = 0, _OPENING.match(self.data)
        if opening is not None:
            closing = _CLOSING.search(self.data, opening.end())
            end = closing.start() if closing else len(self.data)
            self.script({}, opening.end(), end)
            at = closing.end() if closing else end
        self.read(at, len(self.data))
        return self


def _readable(data: bytes) -> bytes:
    return bytes(Astro(data).whole().text)


def _markup(data: bytes) -> Markup:
    return Astro(data).whole().markup()


LANGUAGE = replace(
    TYPESCRIPT,
    name="astro",
    suffixes=(".astro",),
    shebangs=(),
    readable=_readable,
    markup=_markup,
)
