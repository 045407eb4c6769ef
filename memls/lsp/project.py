"""The repository behind a server: one thread opens it, indexes it, keeps it watched, and closes it.

`initialize` is answered while none of this has begun. Until the index is open `workspace` is None, and
requests answer that there is nothing; while it is being built they answer from what is there.
"""

import logging
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memls.errors import MachineError, MemlsError

if TYPE_CHECKING:
    from memls.workspace import Workspace

_RETRY = 2.0
"""Seconds between attempts to open a repository that another process holds."""

State = Literal["none", "opening", "indexing", "ready", "failed"]
log = logging.getLogger(__name__)


class _LeavingError(Exception):
    """Calls an index build off."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Called from the project's thread: when it is open, and with lines for the user."""

    opened: Callable[["Workspace"], None]
    tell: Callable[[str], None]


class Project:
    """Opens in the background; `close` before leaving. `indexed` is done when the index is up to date."""

    def __init__(self, repo: Path | None, listeners: Listeners) -> None:
        """`repo` is what the user named; without it, it is the repository around the client's folder."""
        self.state: State = "none"
        self.error = ""
        self.progress = (0, 0)
        self.workspace: Workspace | None = None
        self.indexed: Future[Workspace] = Future()
        self._repo = repo
        self._listeners = listeners
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, folder: Path | None) -> None:
        """Begin. Without a folder, and with none named, there is nothing to open."""
        if self._thread is None and (self._repo or folder):
            self.state = "opening"
            self._thread = threading.Thread(
                target=self._run, args=(folder,), name="memls-project", daemon=True
            )
            self._thread.start()

    def close(self, seconds: float) -> bool:
        """Let go of everything. False where that takes longer than `seconds`: the process may end anyway.

        A build is called off between two batches; where one takes long, its workers are killed.
        """
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(seconds / 2)
            if self._thread.is_alive():
                for worker in multiprocessing.active_children():
                    worker.kill()
                self._thread.join(seconds / 2)
        return self._thread is None or not self._thread.is_alive()

    def _run(self, folder: Path | None) -> None:
        try:
            workspace = self._open(folder)
        except _LeavingError:
            return
        except MemlsError as error:
            self._failed(error)
            return
        except Exception as error:
            log.exception("opening the repository failed")
            self._failed(error)
            return
        try:
            self._index_and_watch(workspace)
        finally:
            self.workspace = None
            workspace.close()

    def _open(self, folder: Path | None) -> "Workspace":
        from memls.source.files import find_root, open_root
        from memls.workspace import Workspace  # DuckDB and tree-sitter: not before `initialize` is answered

        root = self._repo or find_root(open_root(folder or Path.cwd()))
        while not self._leaving.is_set():
            try:
                workspace = Workspace(root)
            except MachineError as error:
                self._tell_once(str(error))
                self._leaving.wait(_RETRY)
                continue
            self.error, self.state = "", "indexing"
            self._listeners.opened(workspace)
            return workspace
        raise _LeavingError

    def _index_and_watch(self, workspace: "Workspace") -> None:
        """Watching begins after the first build; a second look finds what changed in between."""
        watcher = None
        try:
            workspace.index(self._on_progress)
            self.state = "ready"
            self.indexed.set_result(workspace)
            watcher = workspace.watch().start()
            watcher.wait_ready(30)
            workspace.index(self._on_progress)
        except Exception as error:
            if self._leaving.is_set():
                return
            if not isinstance(error, MemlsError):
                log.exception("indexing failed")
            self._failed(error)
        self._leaving.wait()
        if watcher is not None:
            watcher.stop()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress = done, total
        if self._leaving.is_set():
            raise _LeavingError

    def _failed(self, error: Exception) -> None:
        self.state = "failed"
        self._tell_once(str(error))
        if not self.indexed.done():
            self.indexed.set_exception(error)

    def _tell_once(self, line: str) -> None:
        if line != self.error:
            self.error = line
            self._listeners.tell(line)
