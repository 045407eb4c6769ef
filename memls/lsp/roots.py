"""The repositories that an editor has open: one for each of its folders, found by the files' names.

Folders of the same repository share one. Each is held by an `Access` of its own, which may own it or not.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from memls.errors import MemlsError, UsageError
from memls.lsp.convert import Client, Uris, file_path
from memls.owner.access import Access
from memls.source.files import find_root, is_home, open_root
from memls.text import visible

MakeAccess = Callable[[Path], Access]
MakeClient = Callable[[Uris], Client]


@dataclass(slots=True)
class Root:
    """One repository as the client has it open."""

    access: Access
    client: Client
    folders: list[str]
    task: "asyncio.Task[None]" = field(repr=False)

    @property
    def path(self) -> Path:
        return self.access.root


class Roots:
    """All of them, in the order in which they were opened."""

    def __init__(
        self,
        make_access: MakeAccess,
        make_client: MakeClient,
        tell: Callable[[str], None],
        only: Path | None = None,
    ) -> None:
        """With `only`, that repository is served whatever folders the client opens."""
        self._make_access = make_access
        self._make_client = make_client
        self._tell = tell
        self._only = only
        self._roots: dict[Path, Root] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Root]:
        return iter(tuple(self._roots.values()))

    def __len__(self) -> int:
        return len(self._roots)

    def open(self, uris: Iterable[str]) -> list[Root]:
        """Open the repositories around some folders; those that were not open before."""
        new = []
        for uri in uris:
            path = file_path(uri)
            if path is None:
                self._tell(f"not a folder on this machine: {uri}")
                continue
            folder = Path(path)
            try:
                root = self._only or _repository(folder)
            except MemlsError as error:
                self._tell(str(error))
                continue
            if root in self._roots:
                self._roots[root].folders.append(uri)
            else:
                new.append(self._add(root, folder, uri))
        if self._only and not self._roots:
            new.append(self._add(self._only, self._only, ""))
        return new

    def close(self, uris: Iterable[str]) -> None:
        """Let go of repositories of which no folder is open any more."""
        for uri in uris:
            for path, root in tuple(self._roots.items()):
                if uri in root.folders:
                    root.folders.remove(uri)
                    if not root.folders and path != self._only:
                        root.task.cancel()
                        self._ending.add(self._roots.pop(path).task)
                        root.task.add_done_callback(self._ending.discard)

    async def close_all(self) -> None:
        """Let go of everything, side by side."""
        tasks = {root.task for root in self._roots.values()} | self._ending
        for root in self._roots.values():
            root.task.cancel()
        self._roots.clear()
        if tasks:
            await asyncio.wait(tasks)

    def around(self, uri: str) -> list[tuple[Root, str]]:
        """The repositories that a file is in, the innermost first, and its path in each."""
        found = [(root, path) for root in self if (path := root.client.uris.path(uri)) is not None]
        return sorted(found, key=lambda one: -len(str(one[0].path)))

    def of(self, uri: str) -> tuple[Root, str] | None:
        """The repository that a file is in, the innermost of several, and its path there."""
        return next(iter(self.around(uri)), None)

    def at(self, folder: str | None) -> Root | None:
        """The repository that a uri or path names; the first where nothing is named."""
        if not folder:
            return next(iter(self), None)
        path = file_path(folder) or folder
        if "\0" in path:
            return None
        real = Path(os.path.realpath(path))
        inside = [root for root in self if real == root.path or root.path in real.parents]
        return max(inside, key=lambda root: len(str(root.path)), default=None)

    def _add(self, path: Path, folder: Path, uri: str) -> Root:
        access = self._make_access(path)
        client = self._make_client(Uris(path, folder))
        root = Root(access, client, [uri], asyncio.create_task(access.run()))
        root.task.add_done_callback(lambda _: access.closed())
        self._roots[path] = root
        return root


def _repository(folder: Path) -> Path:
    """The one around a folder that an editor opened. Raises UsageError where that is no place to read all of.

    Editors open the folder of a lone file, which may be the user's home: a walk through all that is in it.
    """
    root = find_root(open_root(folder))
    if is_home(root) and not (root / ".git").exists():
        shown = visible(str(root))
        raise UsageError(
            f"{shown} is or holds your home folder, which is not read as a whole: open a folder in it,"
            f" or name it: memls lsp --repo {shown}"
        )
    return root
