"""Ours to LSP's and back: positions, ranges, uris, kinds. No input or output but the resolving of links.

Our lines count from 1 and our columns from 0 in UTF-8 bytes. LSP's lines count from 0, its columns in code
units of the encoding agreed on at `initialize` (LSP 3.17, Position): UTF-16 unless the client offers more.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from lsprotocol.types import ClientCapabilities, MarkupContent, MarkupKind, Position, Range, SymbolKind

if TYPE_CHECKING:
    from memls.index.code import View
    from memls.source.outline import Symbol

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
END_OF_LINE = 2**31 - 1
"""A column that clients take for the line's last, whatever its length (LSP 3.17, Position)."""
_WORD = re.compile(r"[\w$]+")

KINDS = {
    "module": SymbolKind.Module,
    "namespace": SymbolKind.Namespace,
    "class": SymbolKind.Class,
    "component": SymbolKind.Class,
    "struct": SymbolKind.Struct,
    "interface": SymbolKind.Interface,
    "trait": SymbolKind.Interface,
    "enum": SymbolKind.Enum,
    "union": SymbolKind.Struct,
    "type": SymbolKind.Class,
    "function": SymbolKind.Function,
    "method": SymbolKind.Method,
    "constructor": SymbolKind.Constructor,
    "property": SymbolKind.Property,
    "field": SymbolKind.Field,
    "attribute": SymbolKind.Field,
    "constant": SymbolKind.Constant,
    "variable": SymbolKind.Variable,
    "macro": SymbolKind.Constant,
    "enum_member": SymbolKind.EnumMember,
    "heading": SymbolKind.String,
    "key": SymbolKind.Key,
}


SHOW_REFERENCES = "editor.action.showReferences"
"""A command of VS Code's own. Clients that convert its arguments say so, as other servers' clients do, in
the capability `experimental.commands.commands`."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the answers depend on besides the workspace: how this client names files, counts columns, and
    what it can show."""

    uris: "Uris"
    encoding: str = "utf-16"
    markdown: bool = False
    hierarchical: bool = False
    links: frozenset[str] = frozenset()
    """Features (`definition`, …) that may answer with LocationLinks."""
    lazy_symbols: bool = False
    """Whether workspace symbols may leave their ranges to `workspaceSymbol/resolve`."""
    label_offsets: bool = False
    """Whether parameters may be offsets in a signature's label."""
    fold_limit: int | None = None
    action_literals: bool = False
    """Whether code actions may be more than commands."""
    show_references: bool = False
    """Whether a lens may name SHOW_REFERENCES."""

    @classmethod
    def of(cls, uris: "Uris", encoding: str, capabilities: ClientCapabilities) -> Self:
        """What a client said at `initialize`."""
        document = _Given(capabilities.text_document)
        formats = document.hover.content_format.value or ()
        located = {name: getattr(document, name) for name in ("definition", "declaration", "implementation")}
        lazy = _Given(capabilities.workspace).symbol.resolve_support.properties.value or ()
        return cls(
            uris,
            encoding,
            markdown=MarkupKind.Markdown in formats,
            hierarchical=bool(document.document_symbol.hierarchical_document_symbol_support.value),
            links=frozenset(name for name, one in located.items() if one.link_support.value),
            lazy_symbols="location.range" in lazy,
            label_offsets=bool(
                document.signature_help.signature_information.parameter_information.label_offset_support.value
            ),
            fold_limit=document.folding_range.range_limit.value,
            action_literals=document.code_action.code_action_literal_support.value is not None,
            show_references=SHOW_REFERENCES in _commands(capabilities.experimental),
        )

    def as_json(self) -> dict[str, Any]:
        """For another process that answers this client."""
        flags = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "uris"}
        return {**flags, "links": sorted(self.links), "shown": str(self.uris.shown)}

    @classmethod
    def from_json(cls, root: Path, data: Mapping[str, Any]) -> Self:
        """The client again, at the process that answers it."""
        flags = {name: value for name, value in data.items() if name != "shown"}
        return cls(Uris(root, Path(data["shown"])), **{**flags, "links": frozenset(flags["links"])})

    def markup(self, text: str) -> MarkupContent:
        """Text in the format that this client renders."""
        return MarkupContent(MarkupKind.Markdown if self.markdown else MarkupKind.PlainText, text)


class _Given:
    """A capability at the end of a path of attributes, each of which may be missing."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getattr__(self, name: str) -> "_Given":
        return _Given(getattr(self.value, name, None))


def _commands(experimental: Any) -> list[str]:
    """Commands that the client offers to run. `experimental` is whatever it sent."""
    offered = _item(_item(experimental, "commands"), "commands")
    return [str(one) for one in offered] if isinstance(offered, list | tuple) else []


def _item(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


class Uris:
    """`file:` uris <-> paths from the root.

    The root is a real path; the client may have opened it through a link, and takes a file under another
    name for another file. So uris are made with the client's own spelling of the root.
    """

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        """`folder` is the client's, in its spelling: the root, or a folder in it."""
        self._root = root
        self.shown = root if folder is None else _spelled(root, folder)
        self._base = f"file://{quote_from_bytes(os.fsencode(_prefix(self.shown)))}"

    def uri(self, path: str) -> str:
        """The uri of a path from the root."""
        return self._base + quote_from_bytes(os.fsencode(path))

    def path(self, uri: str) -> str | None:
        """The path from the root, or None where the uri is no file inside it (links followed)."""
        named = file_path(uri)
        if named is None or not os.path.realpath(named).startswith(_prefix(self._root)):
            return None
        named = os.path.normpath(named)
        for base in (self.shown, self._root):
            if named.startswith(_prefix(base)):
                return named[len(_prefix(base)) :]
        return os.path.realpath(named)[len(_prefix(self._root)) :]


def file_path(uri: str) -> str | None:
    """The absolute path that a `file:` uri names, or None."""
    try:
        parts = urlsplit(uri)
        path = os.fsdecode(unquote_to_bytes(parts.path))
    except ValueError:
        return None
    return path if parts.scheme == "file" and path.startswith("/") and "\0" not in path else None


def _prefix(folder: Path) -> str:
    return f"{str(folder).rstrip('/')}/"


def _spelled(root: Path, folder: Path) -> Path:
    """The root as the client would spell it, by taking off what its folder has below the root."""
    real = folder.resolve()
    if not real.is_relative_to(root):
        return root
    for part in reversed(real.relative_to(root).parts):
        if folder.name != part:
            return root
        folder = folder.parent
    return folder


def characters(line: str, units: int, encoding: str) -> int:
    """How many characters of `line` stand before a client's column; the whole line where it is beyond."""
    if line.isascii():
        return min(units, len(line))
    codec, width = _CODECS[encoding]
    return len(line.encode(codec, "replace")[: units * width].decode(codec, "ignore"))


def column(line: str, units: int, encoding: str) -> int:
    """A client's column as ours."""
    return len(line[: characters(line, units, encoding)].encode("utf-8", "replace"))


def position(line: str, number: int, index: int, encoding: str) -> Position:
    """Before character `index` of `line`, which is the `number`th (from 1)."""
    codec, width = _CODECS[encoding]
    units = index if line.isascii() else len(line[:index].encode(codec, "replace")) // width
    return Position(number - 1, units)


def whole_lines(view: "View", start: int, end: int, encoding: str) -> Range:
    """Lines `start` to `end`, from 1, both included."""
    end = max(1, min(end, len(view.lines)))
    last = view.lines[end - 1] if view.lines else ""
    return Range(Position(min(start, end) - 1, 0), position(last, end, len(last), encoding))


def name_range(view: "View", symbol: "Symbol", encoding: str) -> Range:
    """Where a definition's name stands."""
    number = max(1, min(symbol.name_line, len(view.lines)))
    line = view.lines[number - 1] if view.lines else ""
    return word_range(line, number, symbol.name_column, symbol.name, encoding)


def word_range(line: str, number: int, byte_column: int, name: str, encoding: str) -> Range:
    """Where `name` stands in a line: at the column, else anywhere in it, else the word there is, else all."""
    index = before(line, byte_column)
    start, end = len(line) - len(line.lstrip()), len(line)
    if name and line.startswith(name, index):
        start, end = index, index + len(name)
    elif name and (found := re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", line)):
        start, end = found.span()
    elif word := _WORD.match(line, index):
        start, end = word.span()
    return Range(position(line, number, start, encoding), position(line, number, end, encoding))


def ascii_range(number: int, column: int, name: str) -> Range:
    """Where a name stands in text that is ASCII alone, which need not be read for that."""
    return Range(Position(number - 1, column), Position(number - 1, column + len(name)))


def word_at(line: str, index: int) -> tuple[int, int] | None:
    """Start and end of the word around or before character `index`. Looks no further than the word."""
    if index > len(line):
        return None
    start = index
    while start > 0 and _WORD.match(line, start - 1, start):
        start -= 1
    end = match.end() if (match := _WORD.match(line, index)) else index
    return (start, end) if start < end else None


def before(line: str, byte_column: int) -> int:
    """How many characters of `line` stand before one of our columns."""
    if line.isascii():
        return min(byte_column, len(line))
    return len(line.encode("utf-8", "replace")[:byte_column].decode("utf-8", "ignore"))
