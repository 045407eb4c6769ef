"""Folders and files in lines: what is in them, for who reads and for what pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from memls.errors import NotFoundError
from memls.index.code import Code
from memls.text import plural, shorten

_LONGEST = 140
_FIELDS = ("field", "attribute", "enum_member")


@dataclass(frozen=True, slots=True)
class Outline:
    """A folder's entries or a file's symbols, a line each, under a line that says what it is."""

    head: str
    lines: tuple[str, ...]
    telling: tuple[str, ...] = ()
    """Those of them that are no fields: what to show of a file where there is little room."""


def outline(code: Code, path: str) -> Outline:
    """Of a folder ("" is the root) or of a file, which may be named by the end of its path.

    Raises NotFoundError where there is none, or several.
    """
    cleaned = path.strip("`'\" ").removeprefix("./").strip("/")
    cleaned = "" if cleaned == "." else cleaned
    if files := code.folder(cleaned):
        lines = tuple(_entries(files, f"{cleaned}/" if cleaned else ""))
        return Outline(plural(len(lines), "entry"), lines)
    paths = code.find_paths(cleaned)
    if not paths:
        raise NotFoundError(f"no file or folder {shorten(path, 80)} in the index")
    if cleaned not in paths and len(paths) > 1:
        raise NotFoundError(f"{shorten(path, 80)} is ambiguous: {', '.join(paths[:6])}")
    view = code.view(cleaned if cleaned in paths else paths[0])
    rows = [
        f"{'  ' * s.qualified_name.count('.')}{s.line}-{s.end_line} {s.kind} {shorten(s.signature, _LONGEST)}"
        for s in view.symbols
    ]
    telling = (line for line, s in zip(rows, view.symbols, strict=True) if s.kind not in _FIELDS)
    head = f"{view.path}: {plural(len(view.lines), 'line')}, {plural(len(rows), 'symbol')}"
    return Outline(head, tuple(rows), tuple(telling))


def _entries(files: Iterable[tuple[str, int, int]], prefix: str) -> Iterable[str]:
    """One line for each file directly in a folder and for each subfolder with its number of files."""
    folders: dict[str, int] = {}
    own: list[str] = []
    for path, lines, symbols in files:
        head, slash, _ = path[len(prefix) :].partition("/")
        if slash:
            folders[head] = folders.get(head, 0) + 1
        else:
            own.append(f"{path} ({plural(lines, 'line')}, {plural(symbols, 'symbol')})")
    yield from (f"{prefix}{name}/ ({plural(count, 'file')})" for name, count in sorted(folders.items()))
    yield from own
