"""Marker comments of `fixtures/lsp`, the readers they ask, and answers as short texts.

A marker stands below the line that it is about: `# ^feature: expected`, with the caret under the position.
Lines of markers are no part of the source that is indexed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from memls.lsp.convert import Client, Uris, position
from memls.lsp.features.readers import READERS
from memls.text import split_lines
from memls.workspace import Workspace

FIXTURES = Path(__file__).parent.parent / "fixtures" / "lsp"

_MARKER = re.compile(r"^(\s*(?:#|//|\{/\*)[^^]*)\^(\w+): (.*?)(?: \*/\})?$")


@dataclass(frozen=True)
class Marker:
    """One expectation. `line` counts from 0 in the source without its markers, `index` in characters."""

    path: str
    line: int
    index: int
    feature: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1} {self.feature}"


def unmarked(path: str, text: str) -> tuple[str, list[Marker]]:
    """A source without its marker lines, and the markers."""
    kept: list[str] = []
    markers: list[Marker] = []
    for line in split_lines(text):
        if match := _MARKER.match(line):
            markers.append(Marker(path, len(kept) - 1, len(match.group(1)), match.group(2), match.group(3)))
        else:
            kept.append(line)
    return "\n".join(kept) + "\n", markers


def sources(language: str) -> tuple[dict[str, str], list[Marker]]:
    """The files of one language's fixture, and all markers in them."""
    files: dict[str, str] = {}
    markers: list[Marker] = []
    folder = FIXTURES / language
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        files[name], found = unmarked(name, path.read_text("utf-8"))
        markers += found
    return files, markers


class Asker:
    """A client in this process: requests by path and position, answers as short texts."""

    def __init__(self, workspace: Workspace, encoding: str = "utf-16", **abilities: Any) -> None:
        self.workspace = workspace
        abilities = {"markdown": True, "hierarchical": True, "label_offsets": True, **abilities}
        self.client = Client(Uris(workspace.root), encoding, **abilities)

    def read(self, method: str, params: Any) -> Any:
        return READERS[method](self.workspace, self.client, params)

    def text(self, path: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.client.uris.uri(path))

    def lines(self, path: str) -> Sequence[str]:
        view = self.workspace.code.try_view(path)
        return view.lines if view else ()

    def ask(self, feature: str, path: str, line: int, index: int) -> str:
        """The answer of a marker's feature at a position."""
        lines = self.lines(path)
        text = lines[line] if line < len(lines) else ""
        at = position(text, line + 1, index, self.client.encoding)
        found = _ASKED[feature](self, path, at)
        return found if isinstance(found, str) else "; ".join(found) or "nothing"

    def shown(self, found: Iterable[Any] | None) -> list[str]:
        """Locations as `file|text of the line`."""
        return [self.line_of(one.uri, one.range) for one in found or ()]

    def line_of(self, uri: str, where: lsp.Range) -> str:
        path = self.client.uris.path(uri) or ""
        return f"{path.rpartition('/')[2]}|{self.lines(path)[where.start.line].strip()}"


def _located(method: str, params: Callable[..., Any]) -> Callable[[Asker, str, lsp.Position], list[str]]:
    def ask(asker: Asker, path: str, at: lsp.Position) -> list[str]:
        return asker.shown(asker.read(method, params(asker.text(path), at)))

    return ask


def _references(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    params = lsp.ReferenceParams(lsp.ReferenceContext(False), asker.text(path), at)
    return asker.shown(asker.read(lsp.TEXT_DOCUMENT_REFERENCES, params))


def _highlight(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    params = lsp.DocumentHighlightParams(asker.text(path), at)
    lines = asker.lines(path)
    found = asker.read(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, params) or ()
    return [f"{one.kind.name.lower()} {lines[one.range.start.line].strip()}" for one in found]


def _hover(asker: Asker, path: str, at: lsp.Position) -> str:
    found = asker.read(lsp.TEXT_DOCUMENT_HOVER, lsp.HoverParams(asker.text(path), at))
    return found.contents.value if found else "nothing"


def _completion(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    found = asker.read(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionParams(asker.text(path), at))
    return [", ".join(item.label for item in found.items)] if found else []


def _signature(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    found = asker.read(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpParams(asker.text(path), at))
    shown = []
    for one in found.signatures if found else ():
        span = None if one.active_parameter is None else one.parameters[one.active_parameter].label
        shown.append(f"{one.label} @ {one.label[slice(*span)] if span else '-'}")
    return shown


def _items(found: Iterable[Any] | None) -> list[str]:
    items = [getattr(one, "from_", None) or getattr(one, "to", None) or one for one in found or ()]
    return [("candidate " if (one.detail or "").startswith("candidate") else "") + one.name for one in items]


def _calls(method: str, params: Callable[..., Any]) -> Callable[[Asker, str, lsp.Position], list[str]]:
    def ask(asker: Asker, path: str, at: lsp.Position) -> list[str]:
        prepare = lsp.CallHierarchyPrepareParams(asker.text(path), at)
        items = asker.read(lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, prepare) or ()
        return [name for item in items for name in _items(asker.read(method, params(item)))]

    return ask


def _types(method: str, params: Callable[..., Any]) -> Callable[[Asker, str, lsp.Position], list[str]]:
    def ask(asker: Asker, path: str, at: lsp.Position) -> list[str]:
        return [
            name for item in _prepared(asker, path, at) for name in _items(asker.read(method, params(item)))
        ]

    return ask


def _prepared(asker: Asker, path: str, at: lsp.Position) -> list[lsp.TypeHierarchyItem]:
    params = lsp.TypeHierarchyPrepareParams(asker.text(path), at)
    return asker.read(lsp.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY, params) or []


def _fold(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    found = asker.read(lsp.TEXT_DOCUMENT_FOLDING_RANGE, lsp.FoldingRangeParams(asker.text(path)))
    lines = asker.lines(path)
    # Imports are marked on their last line, for a marker among them would be no part of the source.
    return [
        lines[one.end_line].strip()
        for one in found
        if at.line in (one.start_line, one.end_line if one.kind else one.start_line)
    ]


def _selection(asker: Asker, path: str, at: lsp.Position) -> str:
    params = lsp.SelectionRangeParams(asker.text(path), [at])
    one = asker.read(lsp.TEXT_DOCUMENT_SELECTION_RANGE, params)[0]
    shown = []
    while one is not None and one.range.start.line == one.range.end.line:
        line = asker.lines(path)[one.range.start.line]
        shown.append(line[one.range.start.character : one.range.end.character])
        one = one.parent
    return " | ".join(shown)


def _link(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    found = asker.read(lsp.TEXT_DOCUMENT_DOCUMENT_LINK, lsp.DocumentLinkParams(asker.text(path)))
    return [
        asker.client.uris.path(one.target) or "?" for one in found if one.range.start <= at <= one.range.end
    ]


def _lens(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    found = asker.read(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensParams(asker.text(path)))
    here = [one for one in found if one.range.start.line == at.line and one.command is None]
    return [asker.read(lsp.CODE_LENS_RESOLVE, one).command.title for one in here]


def _actions(asker: Asker, path: str, at: lsp.Position) -> list[str]:
    params = lsp.CodeActionParams(asker.text(path), lsp.Range(at, at), lsp.CodeActionContext([]))
    return [one.title for one in asker.read(lsp.TEXT_DOCUMENT_CODE_ACTION, params) or ()]


_ASKED: dict[str, Callable[[Asker, str, lsp.Position], Any]] = {
    "definition": _located(lsp.TEXT_DOCUMENT_DEFINITION, lsp.DefinitionParams),
    "declaration": _located(lsp.TEXT_DOCUMENT_DECLARATION, lsp.DeclarationParams),
    "implementation": _located(lsp.TEXT_DOCUMENT_IMPLEMENTATION, lsp.ImplementationParams),
    "references": _references,
    "highlight": _highlight,
    "hover": _hover,
    "completion": _completion,
    "signature": _signature,
    "incoming": _calls(lsp.CALL_HIERARCHY_INCOMING_CALLS, lsp.CallHierarchyIncomingCallsParams),
    "outgoing": _calls(lsp.CALL_HIERARCHY_OUTGOING_CALLS, lsp.CallHierarchyOutgoingCallsParams),
    "supertypes": _types(lsp.TYPE_HIERARCHY_SUPERTYPES, lsp.TypeHierarchySupertypesParams),
    "subtypes": _types(lsp.TYPE_HIERARCHY_SUBTYPES, lsp.TypeHierarchySubtypesParams),
    "typehierarchy": lambda asker, path, at: _items(_prepared(asker, path, at)),
    "fold": _fold,
    "selection": _selection,
    "link": _link,
    "lens": _lens,
    "actions": _actions,
}

PARTS = frozenset({"hover"})
"""Features of which an expectation lists parts of the answer."""
STARTS = frozenset({"selection"})
"""Features of which an expectation is the beginning of the answer."""


def check(asker: Asker, marker: Marker) -> str | None:
    """What is wrong, or None."""
    found = asker.ask(marker.feature, marker.path, marker.line, marker.index)
    if marker.feature in PARTS:
        right = all(part in found for part in marker.expected.split("; "))
    elif marker.feature in STARTS:
        right = f"{found} | ".startswith(f"{marker.expected} | ")
    else:
        right = found == marker.expected
    return None if right else f"{marker}\n  expected {marker.expected}\n  found    {found}"
