"""The component that a file is: what it is called, and its symbol."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from memls.source.header import Source, unmarked
from memls.source.outline import Symbol

_NAME = re.compile(r"[^\W\d][\w-]*")
_DOCUMENTED = "@component"
_MAX_GAP = 80


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
    before = text[max(0, start - _MAX_GAP) : start].rstrip() if start >= 0 else ""
    end = text.find("-->", start)
    return text[start + len(_DOCUMENTED) : end] if before.endswith("<!--") and end >= 0 else ""
