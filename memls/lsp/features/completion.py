"""textDocument/completion and completionItem/resolve: names that begin as written, and paths inside quotes.

Switched off unless asked for: language servers with types do this better. What follows a dot is completed
only where it is known what stands before it.
"""

import re
from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import TYPE_CHECKING

import attrs
from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    CompletionItemLabelDetails,
    CompletionList,
    CompletionParams,
    Range,
    TextEdit,
)

from memls.index.code import Place
from memls.index.scoping import TYPE_KINDS
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features.cursor import Cursor
from memls.lsp.features.hover import documented
from memls.lsp.features.places import Remembered
from memls.source.outline import Kind, Symbol

if TYPE_CHECKING:
    from memls.workspace import Workspace

_MOST = 100
_QUOTE = re.compile(r"[\"'`<]")
_MEMBER = re.compile(r"([\w$.]+?)(?:\.|::|->)\Z")
_KINDS: dict[Kind | str, CompletionItemKind] = {
    "module": CompletionItemKind.Module, "namespace": CompletionItemKind.Module,
    "class": CompletionItemKind.Class, "struct": CompletionItemKind.Struct,
    "interface": CompletionItemKind.Interface, "trait": CompletionItemKind.Interface,
    "enum": CompletionItemKind.Enum, "union": CompletionItemKind.Struct, "type": CompletionItemKind.Class,
    "function": CompletionItemKind.Function, "method": CompletionItemKind.Method,
    "constructor": CompletionItemKind.Constructor, "property": CompletionItemKind.Property,
    "field": CompletionItemKind.Field, "attribute": CompletionItemKind.Field,
    "constant": CompletionItemKind.Constant,
    "variable": CompletionItemKind.Variable, "macro": CompletionItemKind.Constant,
    "enum_member": CompletionItemKind.EnumMember, "heading": CompletionItemKind.Text,
    "key": CompletionItemKind.Property, "component": CompletionItemKind.Class,
}  # fmt: skip


def complete(workspace: "Workspace", client: Client, params: CompletionParams) -> CompletionList | None:
    """Paths inside quotes; members after a dot; else names of this file, then of the repository."""
    here = Cursor.of(workspace, client, params)
    if here.view is None or here.line > len(here.view.lines):
        return None
    before = here.text[: here.index]
    if (quoted := _quoted(before)) is not None:
        return CompletionList(False, _paths(workspace, client, here, quoted))
    prefix = re.search(r"[\w$]*\Z", before)
    typed = prefix.group() if prefix else ""
    where = _replaced(here, client, len(typed))
    around = before[: len(before) - len(typed)].rstrip()
    if around.endswith((".", "::", "->")):
        return CompletionList(False, list(_members(workspace, client, here, around, typed, where)))
    if not typed or typed[0].isdigit():
        return None
    found = list(_names(workspace, here, typed, where))
    return CompletionList(len(found) >= _MOST, found)


def resolve_item(workspace: "Workspace", client: Client, params: CompletionItem) -> CompletionItem:
    """With its signature and documentation."""
    remembered = Remembered.of(params.data)
    view = workspace.code.try_view(remembered.path) if remembered else None
    if view is None or remembered is None:
        return params
    symbol = next((s for s in view.symbols if s.qualified_name == remembered.symbol), None)
    if symbol is None:
        return params
    return attrs.evolve(params, documentation=client.markup(documented(client, view, symbol)))


def _names(workspace: "Workspace", here: Cursor, typed: str, where: Range) -> Iterator[CompletionItem]:
    """What this file defines and imports, then what the repository defines at its top level."""
    seen: set[str] = set()
    for symbol in here.view.symbols if here.view else ():
        is_here = (symbol.name_line, symbol.name_column) == (here.line, here.column)
        if symbol.name.startswith(typed) and symbol.name not in seen and _is_plain(symbol) and not is_here:
            seen.add(symbol.name)
            yield _item(here.path, symbol.qualified_name, symbol.kind, symbol.line, "0", where)
    hits = workspace.search(typed + "*", "symbol", limit=_MOST).hits
    for hit in hits:
        name = hit.symbol.rpartition(".")[2]
        if name.startswith(typed) and name not in seen and hit.symbol == name:
            seen.add(name)
            yield _item(hit.path, hit.symbol, hit.kind, hit.line, "1", where)


def _members(
    workspace: "Workspace", client: Client, here: Cursor, around: str, typed: str, where: Range
) -> Iterator[CompletionItem]:
    """Members of the class or file that stands before the dot, where it is known which that is."""
    match = _MEMBER.search(around)
    if match is None:
        return
    owner, end = match.group(1).rpartition(".")[2], match.end(1)
    seen: set[str] = set()
    for place in _owners(workspace, client, here, owner, end):
        view = workspace.code.try_view(place.path)
        for symbol in view.symbols if view else ():
            prefix, _, name = symbol.qualified_name.rpartition(".")
            if prefix == place.symbol and name.startswith(typed) and name not in seen:
                seen.add(name)
                yield _item(place.path, symbol.qualified_name, symbol.kind, symbol.line, "0", where)


def _owners(workspace: "Workspace", client: Client, here: Cursor, owner: str, end: int) -> list[Place]:
    """The class around for `self`; else what the name before the dot means, if it is resolved."""
    if owner in ("self", "this", "cls", "Self"):
        class_ = _class_around(here)
        return [] if class_ is None else [class_, *_above(workspace, class_)]
    at = convert.position(here.text, here.line, max(0, end - 1), client.encoding)
    uri = client.uris.uri(here.path)
    edges = Cursor(workspace, client, uri, at).definitions()
    sure = [edge.target for edge in edges if edge.status == "resolved"]
    found = []
    for place in sure:
        if place.kind in TYPE_KINDS:
            found += [place, *_above(workspace, place)]
        elif place.kind in ("file", "module", "namespace"):
            found.append(place)
    return found


def _class_around(here: Cursor) -> Place | None:
    around = [
        symbol
        for symbol in (here.view.symbols if here.view else ())
        if symbol.kind in TYPE_KINDS and symbol.line <= here.line <= symbol.end_line
    ]
    if not around:
        return None
    inner = max(around, key=lambda symbol: symbol.line)
    return Place(here.path, inner.qualified_name, inner.kind, inner.line, inner.end_line, inner.signature)


def _above(workspace: "Workspace", place: Place, most: int = 12) -> list[Place]:
    """The base classes, nearest first, where each is known."""
    from memls.index import sites

    found: list[Place] = []
    pending = [place]
    while pending and len(found) < most:
        for edge in sites.bases(workspace.resolver, pending.pop(0)):
            if edge.status == "resolved" and edge.target not in found:
                found.append(edge.target)
                pending.append(edge.target)
    return found


def _item(path: str, symbol: str, kind: str, line: int, rank: str, where: Range) -> CompletionItem:
    name = symbol.rpartition(".")[2]
    return CompletionItem(
        name,
        label_details=CompletionItemLabelDetails(description=path),
        kind=_KINDS.get(kind),
        detail=path,
        sort_text=rank + name,
        text_edit=TextEdit(where, name),
        data=Remembered(path, symbol, line).data(),
    )


def _is_plain(symbol: Symbol) -> bool:
    """Whether it is known by its bare name somewhere."""
    return "." not in symbol.qualified_name or symbol.kind in ("function", "class", "enum_member")


def _quoted(before: str) -> str | None:
    """What is written of a string that is still open, or of an include; None outside of one."""
    if match := re.match(r"\s*#\s*include\s*[<\"]([^>\"]*)\Z", before):
        return match.group(1)
    inside, start = "", 0
    for match in re.finditer(r"\\.|[\"'`]", before):
        mark = match.group()
        if not inside and len(mark) == 1:
            inside, start = mark, match.end()
        elif mark == inside:
            inside = ""
    return before[start:] if inside else None


def _paths(workspace: "Workspace", client: Client, here: Cursor, written: str) -> list[CompletionItem]:
    """Files and folders that begin as written: below this file's folder, below the root without a dot."""
    folder, _, typed = written.rpartition("/")
    where = _replaced(here, client, len(typed))
    own = here.path.rpartition("/")[0]
    bases = [own] if written.startswith(".") else list(dict.fromkeys((own, "")))
    found: dict[str, CompletionItem] = {}
    for base in bases:
        inside = normpath(f"{base}/{folder}").lstrip("/") if folder or base else ""
        inside = "" if inside == "." else inside
        if not inside.startswith("..") and not folder.startswith("/"):
            for name, is_folder in _entries(workspace.code.folder(inside), inside):
                if name.startswith(typed):
                    kind = CompletionItemKind.Folder if is_folder else CompletionItemKind.File
                    item = CompletionItem(name, kind=kind, text_edit=TextEdit(where, name))
                    found.setdefault(name, item)
    return list(found.values())[:_MOST]


def _entries(files: Iterable[tuple[str, int, int]], folder: str) -> list[tuple[str, bool]]:
    skipped = len(folder) + 1 if folder else 0
    names = {path[skipped:].partition("/")[:2] for path, _, _ in files}
    return sorted((name, bool(slash)) for name, slash in names)


def _replaced(here: Cursor, client: Client, typed: int) -> Range:
    """What an item takes the place of: the characters before the caret that it continues."""
    start, end = (
        convert.position(here.text, here.line, at, client.encoding) for at in (here.index - typed, here.index)
    )
    return Range(start, end)
