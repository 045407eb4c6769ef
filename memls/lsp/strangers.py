"""Files that an editor shows from outside of its repositories: a library's source, a loose file.

Of such a file its own text is told, as the editor gave it, and nothing else: no disk is read for it, no
repository knows it. The texts are buffers over an empty index of their own, in a folder that goes with it.
"""

import asyncio
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from lsprotocol import types

from memls.config import Folders
from memls.lsp.convert import Client, Uris, file_path
from memls.owner.access import Buffer
from memls.owner.threads import finish, unbroken

if TYPE_CHECKING:
    from memls.workspace import Workspace

T = TypeVar("T")

METHODS = frozenset(
    (
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
        types.TEXT_DOCUMENT_FOLDING_RANGE,
        types.TEXT_DOCUMENT_SELECTION_RANGE,
        types.TEXT_DOCUMENT_HOVER,
        types.TEXT_DOCUMENT_DEFINITION,
        types.TEXT_DOCUMENT_DECLARATION,
        types.TEXT_DOCUMENT_REFERENCES,
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
    )
)
"""What a text alone can tell."""


class Names(Uris):
    """The uris of such files <-> the paths by which they are known here: their own names, if these are free.

    Where they stand on disk is nobody's matter.
    """

    def __init__(self) -> None:
        super().__init__(Path("/"))
        self._paths: dict[str, str] = {}
        self._uris: dict[str, str] = {}

    def uri(self, path: str) -> str:
        return self._uris.get(path) or super().uri(path)

    def path(self, uri: str) -> str | None:
        return self._paths.get(uri)

    def give(self, uri: str, name: str) -> str:
        """A path for a uri."""
        number = 0
        while (path := f"{number}/{name}" if number else name) in self._uris:
            number += 1
        self._paths[uri], self._uris[path] = path, uri
        return path

    def take(self, uri: str) -> str | None:
        """The path that it had."""
        path = self._paths.pop(uri, None)
        if path is not None:
            del self._uris[path]
        return path


class Strangers:
    """The open ones of one client. For one event loop."""

    def __init__(self, make_client: Callable[[Uris], Client]) -> None:
        self._make_client = make_client
        self._names = Names()
        self._buffers: dict[str, Buffer] = {}
        self._workspace: Workspace | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._opening = asyncio.Lock()

    def buffer(self, uri: str, text: str | None, version: int) -> None:
        """The text of a file; None when it was closed, or belongs to a repository by now."""
        if text is None:
            if (path := self._names.take(uri)) is not None:
                del self._buffers[path]
                if self._workspace is not None:
                    self._workspace.buffers.drop(path)
        elif (place := file_path(uri)) and (name := PurePath(place).name):
            path = self._names.path(uri) or self._names.give(uri, name)
            self._buffers[path] = Buffer(text, version)
            if self._workspace is not None:
                self._workspace.buffers.set(path, text, version)

    async def read(self, uri: str, method: str, work: Callable[["Workspace", Client], T]) -> T | None:
        """What `work` gives, run in a thread; None for what is not known here."""
        if method not in METHODS or self._names.path(uri) is None:
            return None
        async with self._opening:
            if self._workspace is None:
                self._folder = self._folder or tempfile.TemporaryDirectory(prefix="memls-")
                opening = partial(_opened, Path(self._folder.name))
                self._workspace = await unbroken(opening, lambda workspace: workspace.close())
                for path, buffer in self._buffers.items():
                    self._workspace.buffers.set(path, buffer.text or "", buffer.version)
        return await asyncio.to_thread(work, self._workspace, self._make_client(self._names))

    async def close(self) -> None:
        """Forget all of it."""
        if self._workspace is not None:
            await finish(self._workspace.close)
        if self._folder is not None:
            self._folder.cleanup()


def _opened(folder: Path) -> "Workspace":
    """A workspace without a file."""
    from memls.workspace import Workspace

    root = folder / "nothing"
    root.mkdir(exist_ok=True)
    workspace = Workspace.open(root, Folders(*(folder / name for name in ("index", "memory", "user"))))
    workspace.index()
    return workspace
