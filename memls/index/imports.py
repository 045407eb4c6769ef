"""Where imports stand: the column of what they name, and the scope that they bind it in."""

import re
from collections.abc import Sequence

from memls.source.outline import Import, Outline

_CONTAINERS = frozenset(("function", "method", "constructor", "property", "class", "module", "namespace"))
_PARTS = re.compile(r"[./:]+")
_LONGEST = 200
_WORD = re.compile(r"[\w$]")


def import_scopes(outline: Outline) -> list[str]:
    """For each import the qualified name of the innermost scope around it, "" at file level."""
    if not outline.imports:
        return []
    around = [symbol for symbol in outline.symbols if symbol.kind in _CONTAINERS]
    return [
        next((s.qualified_name for s in reversed(around) if s.line <= item.line <= s.end_line), "")
        if around and around[0].line <= item.line
        else ""
        for item in outline.imports
    ]


def import_columns(outline: Outline, lines: Sequence[str]) -> list[int]:
    """For each import the column (UTF-8 bytes, from 0) of its name in its line, else of its module."""
    return [
        _column(item, lines[item.line - 1] if item.line <= len(lines) else "") for item in outline.imports
    ]


def import_lines(outline: Outline, lines: Sequence[str]) -> list[str]:
    """For each import its line, so that a thousand uses of a module are placed without reading their files.

    "" where it is long: a minified file may have all of its imports in one line.
    """
    found = (lines[item.line - 1] if item.line <= len(lines) else "" for item in outline.imports)
    return [line if len(line) <= _LONGEST else "" for line in found]


def _column(item: Import, line: str) -> int:
    named = item.name not in ("", "*")
    after = max(line.find(" import "), 0) if named else 0
    for word in (item.name, item.module, _PARTS.split(item.module.rstrip("./:"))[-1]):
        if word in ("", "*"):
            continue
        start = line.find(word, after)
        while start >= 0:
            end = start + len(word)
            if not (_is_word(line, start - 1) or _is_word(line, end)):
                return len(line[:start].encode("utf-8", "replace"))
            start = line.find(word, start + 1)
    return 0


def _is_word(line: str, place: int) -> bool:
    return 0 <= place < len(line) and _WORD.match(line[place]) is not None
