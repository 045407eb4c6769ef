"""An editor that speaks to a real server process, and the small repository that it has open."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

FILES = {
    "shop/__init__.py": "",
    "shop/stock.py": '''"""What is on the shelf."""


class Shelf:
    """Things in a row.

    More of them.
    """

    def take(self, name):
        """Take `one` thing."""
        return name

    def close(self):
        return None


class Door:
    def close(self):
        return None


def restock(shelf):
    return Shelf()
''',
    "app.py": """from shop.stock import Shelf, restock


def main():
    shelf = Shelf()
    restock(shelf)
    return shelf.take("bread")


def leave(thing):
    thing.close()
""",
    "wide.py": 'def größe():\n    return 1\n\n\nx = "𝄞"; y = größe()\n',
}


class Editor(LanguageClient):
    """A client that remembers what it was told."""

    def __init__(self, root: Path) -> None:
        super().__init__("tests", "1")
        self.root = root
        self.offered = lsp.ServerCapabilities()
        self.events: list[Any] = []
        self.reports: list[Any] = []
        self.messages: list[str] = []
        self.feature("memls/event")(lambda params: self.events.append(params))
        self.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.append(params.message))
        self.feature(lsp.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda params: None)
        self.feature(lsp.PROGRESS)(lambda params: self.reports.append(params.value))

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._server is not None
        return self._server

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def text(self, path: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(path))

    def at(self, path: str, needle: str) -> lsp.Position:
        """Where `|` stands in `needle`, in UTF-16."""
        before, after = needle.split("|")
        text = (self.root / path).read_text()
        assert text.count(before + after) == 1, needle
        line, _, last = text[: text.index(before + after) + len(before)].rpartition("\n")
        return lsp.Position(line.count("\n") + (1 if _ else 0), len(last.encode("utf-16-le")) // 2)

    async def own(self, method: str, **params: Any) -> Any:
        return await self.protocol.send_request_async(method, params)

    async def reach(self, reached: Callable[[Any], bool] = lambda status: status.state == "ready") -> None:
        """Wait until the server's status is so; by default until the index is up to date."""
        for _ in range(500):
            status = await self.own("memls/status")
            if reached(status):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(status)

    def open(self, path: str, text: str, version: int = 1) -> None:
        item = lsp.TextDocumentItem(self.uri(path), "python", version, text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, path: str, version: int, *changes: lsp.TextDocumentContentChangeEvent) -> None:
        document = lsp.VersionedTextDocumentIdentifier(version, self.uri(path))
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, list(changes)))

    def close(self, path: str) -> None:
        self.text_document_did_close(lsp.DidCloseTextDocumentParams(self.text(path)))

    def shown(self, found: Any) -> list[str]:
        """Locations as `path:line:column-column`, lines from 1."""
        names = {self.uri(path): path for path in FILES}
        return [
            f"{names[one.uri]}:{at.start.line + 1}:{at.start.character}-{at.end.character}"
            for one in found or ()
            for at in [one.range]
        ]


def capabilities(*encodings: str) -> lsp.ClientCapabilities:
    return lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(
            position_encodings=[lsp.PositionEncodingKind(name) for name in encodings] or None
        ),
        window=lsp.WindowClientCapabilities(work_done_progress=True),
        text_document=lsp.TextDocumentClientCapabilities(
            document_symbol=lsp.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
            hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown]),
        ),
    )


@asynccontextmanager
async def editing(
    root: Path,
    folder: Path,
    *encodings: str,
    options: Any = None,
    arguments: Sequence[str] = (),
    **environment: str,
) -> AsyncIterator[Editor]:
    """A server for `folder`, initialized; it is shut down in the end."""
    editor = Editor(folder)
    home = str(root / "home")
    environment = {**os.environ, "MEMLS_HOME": home, "PYTHONUNBUFFERED": "1", **environment}
    await editor.start_io(sys.executable, "-m", "memls", "lsp", *arguments, env=environment, cwd=root)
    try:
        result = await editor.initialize_async(
            lsp.InitializeParams(
                capabilities(*encodings), root_uri=folder.as_uri(), initialization_options=options
            )
        )
        assert result.server_info and result.server_info.name == "memls"
        editor.offered = result.capabilities
        editor.initialized(lsp.InitializedParams())
        yield editor
        if editor.process.returncode is None:
            await leave(editor)
    finally:
        if editor.process.returncode is None:
            editor.process.kill()
        await editor.stop()  # type: ignore[no-untyped-call]


async def leave(editor: Editor, within: float = 2.0) -> int:
    await editor.shutdown_async(None)
    editor.exit(None)
    return await asyncio.wait_for(editor.process.wait(), within)


def write(root: Path, files: dict[str, str] = FILES) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root
