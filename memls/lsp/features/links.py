"""textDocument/documentLink: imports as links to the files that they lead to."""

import re
from typing import TYPE_CHECKING

from lsprotocol.types import DocumentLink, DocumentLinkParams, Range

from memls.index import sites
from memls.index.code import View
from memls.index.sites import Link
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.text import plural

if TYPE_CHECKING:
    from memls.workspace import Workspace

_LINES = 3
"""How many lines an import's text may stand away from where the index has it."""


def document_links(
    workspace: "Workspace", client: Client, params: DocumentLinkParams
) -> list[DocumentLink] | None:
    """Each text of an import once; where it stands for several files, none of them."""
    path = client.uris.path(params.text_document.uri)
    view = workspace.code.try_view(path) if path else None
    if path is None or view is None:
        return None
    found: dict[tuple[int, int], DocumentLink | None] = {}
    for link in sites.links(workspace.resolver, path):
        where = _where(view, link, client.encoding)
        if where is not None:
            more = f" ({plural(link.files, 'file')})" if link.files > 1 else ""
            made = DocumentLink(where, client.uris.uri(link.path), tooltip=f"{link.path}{more}")
            start = where.start.line, where.start.character
            found[start] = made if found.get(start, made) == made else None
    return [found[start] for start in sorted(found) if found[start]]  # type: ignore[misc]


def _last_part(module: str) -> str:
    return re.split(r"[./:]+", module.rstrip("./:"))[-1]


def _where(view: View, link: Link, encoding: str) -> Range | None:
    """Where an import names a file: its name, where that is a module of its own, else the module's text."""
    texts = [link.name] if link.name else [link.module, _last_part(link.module)]
    numbers = sorted(range(link.line - _LINES, link.line + _LINES + 1), key=lambda n: abs(n - link.line))
    for text in filter(None, texts):
        pattern = re.compile(rf"(?<![\w$]){re.escape(text)}(?![\w$])")
        for number in numbers:
            line = view.lines[number - 1] if 1 <= number <= len(view.lines) else ""
            if match := pattern.search(line):
                start, end = (convert.position(line, number, at, encoding) for at in match.span())
                return Range(start, end)
    return None
