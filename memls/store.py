"""What one process holds of a repository: its index, its memory, what builds the index and what watches.

DuckDB lets a single process hold a file, so there is one store of a repository at a time on a machine, and
its process is the owner. Workspaces of any number of clients read through it.
"""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from memls.agent.live import Live
from memls.config import CONFIGURATION, Folders, embeddings_config, folders, repository_config
from memls.database import INDEX, MEMORY, BusyError, Database, Schema
from memls.errors import MachineError, UsageError
from memls.index.builder import Builder, Progress, Report
from memls.index.rows import Limits
from memls.index.unread import Unread

if TYPE_CHECKING:
    from memls.index.vectors import Near, Vectors
    from memls.source.watch import Change, Watcher

_MEMORY_PATIENCE = 5.0
"""Seconds to wait for a memory database whose index we hold: its last owner is just letting go of it."""
_PAUSE = 0.02


class CalledOffError(MachineError):
    """The store is closing: what was being built is left for the next start."""


class Store:
    """The databases of one repository, open. `close` before another process can have them."""

    def __init__(self, root: Path, state_folders: Folders | None = None) -> None:
        """Open. Raises BusyError while another process holds the index, UsageError, MachineError."""
        self.root = root
        self.folders = state_folders or folders(root)
        limits = Limits.of(repository_config(root))
        _hold(self._index_file)
        try:
            self.index = Database(self._index_file, INDEX)
        except BaseException:
            _held.discard(self._index_file)
            raise
        self._identity = _identity(self._index_file)
        self._builder = Builder(root, self.index, limits)
        self._builder.may_go_on = self._check
        self._building = threading.Lock()
        self._memory: Database | None = None
        self._vectors: Vectors | None = None
        self._opening = threading.Lock()
        self._progress: list[Progress] = []
        self._heard: list[Callable[[Report], None]] = []
        self._closing = False
        self._problem = ""
        self.built = threading.Event()
        """Set after the first whole build: from then on the index has every file."""
        self.live = Live()

    @property
    def limits(self) -> Limits:
        """How files are read, and which, as the repository says by now."""
        return self._builder.limits

    @property
    def memory(self) -> Database:
        """The memory database, opened at the first use: a look-up needs none."""
        with self._opening:
            if self._memory is None:
                path = self.folders.memory / "memory.duckdb"
                self._memory = open_patiently(path, MEMORY, _MEMORY_PATIENCE)
            return self._memory

    @property
    def vectors(self) -> "Vectors | None":
        """Embeddings of the index's chunks, where the user's environment names a model for them."""
        config = embeddings_config()
        if config is None or config.name is None:
            return None
        with self._opening:
            if self._vectors is None and not self._closing:
                from memls.index.vectors import Vectors
                from memls.models.embeddings import OpenAIEmbeddings
                from memls.models.keys import key_for

                embedder = OpenAIEmbeddings(config.name, config.base_url, key_for(config))
                self._vectors = Vectors(self.folders.index / "vectors.duckdb", self.index, embedder)
            return self._vectors

    def nearest(self, question: str) -> "Sequence[Near]":
        """The texts that are like a question, by their embeddings; none where there are no embeddings."""
        vectors = self.vectors
        return vectors.nearest(question) if vectors else ()

    def keep_embedded(self) -> Callable[[], None]:
        """Have what is new embedded, behind everything else. Gives what ends that."""
        vectors = self.vectors
        if vectors is None:
            return lambda: None
        from memls.index.vectors import Follower

        follower = Follower(vectors)
        unheard = self.listen(follower.wake)

        def stop() -> None:
            unheard()
            follower.stop()

        return stop

    def user_memory(self) -> Database:
        """The memory shared by all repositories. Close it soon: other repositories' sessions want it too."""
        return open_patiently(self.folders.user / "memory.duckdb", MEMORY, _MEMORY_PATIENCE)

    def build(self, progress: Progress | None = None, *, force: bool = False) -> Report:
        """Bring the index up to date with the repository. A build that runs is waited for, and shown.

        Raises UsageError where the repository's configuration has become wrong.
        """
        return self._built(progress, lambda: self._builder.catch_up(self._tick, force))

    def import_index(self, file: Path, progress: Progress | None = None, *, force: bool = False) -> Report:
        """As `build`; what a file that was exported elsewhere has of the same texts is not parsed."""
        from memls.index.travel import arrival

        def work() -> Report:
            with arrival(self.index, self._travel_folder, file) as came:
                return self._builder.catch_up(self._tick, force, came)

        return self._built(progress, work)

    def export_index(self, file: Path) -> int:
        """Bring the index up to date, and write it to a file that can be imported elsewhere; its bytes."""
        from memls.index.travel import export

        self.build()
        with self._building:
            if self._closing:
                raise CalledOffError("the index is closing; export it again")
            return export(self.index, self._travel_folder, file)

    def _built(self, progress: Progress | None, work: Callable[[], Report]) -> Report:
        listeners = [progress] if progress else []
        self._progress += listeners
        try:
            with self._building:
                if self.built.is_set():  # the first is of what was read a moment ago
                    self._configure()
                report = work()
                self.built.set()
                return self._told(report)
        finally:
            for listener in listeners:
                self._progress.remove(listener)

    @property
    def unread(self) -> Unread:
        """What a build has still to read."""
        return self._builder.unread

    def holders(self, name: str) -> Sequence[str] | None:
        """The files with a name in them that are not read yet, those that seem to define it first.

        None where they are too many.
        """
        from memls.index.holders import holders

        return self.unread.holders(name, lambda lack, n: holders(self.root, lack, n, self.limits.file_bytes))

    def put_first(self, paths: Callable[[], Iterable[str]]) -> None:
        """Have a build read these files before others: asked again and again while it runs."""
        self._builder.urgent = paths

    def update(self, paths: Iterable[str]) -> None:
        """Bring some files up to date, by what is on disk now."""
        with self._building:
            if not self._closing:
                self._look_at(frozenset(paths))

    def refresh(self, paths: Iterable[str]) -> tuple[frozenset[str], bool]:
        """Those of some files that changed since they were read, and whether the index now has them anew.

        It has not while a build runs, which will come to them, and is not waited for.
        """
        changed = self._builder.changed(paths)
        if not changed or self._closing or not self._building.acquire(blocking=False):
            return changed, False
        try:
            self._look_at(changed)
        finally:
            self._building.release()
        return changed, True

    def watch(self) -> "Watcher":
        """What keeps the index up to date inside its `with`. Not started yet."""
        from memls.source.watch import Watcher

        return Watcher(self.root, self._take, self._paths, lambda: self.limits.ignore)

    def listen(self, heard: Callable[[Report], None]) -> Callable[[], None]:
        """Have `heard` called after each build that has something to tell, in the builder's thread.

        Gives what ends that.
        """
        self._heard.append(heard)
        return lambda: self._heard.remove(heard)

    def is_replaced(self) -> bool:
        """Whether the index was deleted or exchanged under us: then another process can hold its like."""
        return _identity(self._index_file) != self._identity

    def close(self) -> None:
        """Call off what is being built, finish writing and let go of the databases."""
        self._closing = True
        with self._building, self._opening:
            if self._vectors is not None:
                self._vectors.close()
            self.index.close()
            if self._memory is not None:
                self._memory.close()
        _held.discard(self._index_file)

    @property
    def _index_file(self) -> Path:
        return self.folders.index / "index.duckdb"

    @property
    def _travel_folder(self) -> Path:
        return self.folders.index / "travel"

    def _take(self, changes: "frozenset[Change]") -> None:
        with self._building:
            if self._closing:
                return
            everything = any(change.kind == "rescan" for change in changes)
            self._look_at(frozenset(change.path for change in changes), everything)

    def _look_at(self, paths: Collection[str], everything: bool = False) -> None:
        """Bring some files up to date, or all: also where one of them says how files are read.

        A mistake in that is told once, and changes nothing.
        """
        told = self._problem
        if everything or not CONFIGURATION.isdisjoint(paths):
            self._problem = ""
            try:
                everything |= self._configure()
            except UsageError as error:
                self._problem = f"{error}; until that is mended, what it said before counts"
        report = self._builder.catch_up() if everything else self._builder.update(paths)
        self._told(report if self._problem == told else replace(report, problem=self._problem))

    def _configure(self) -> bool:
        """Take what the repository says of itself. Whether that is something else than before."""
        limits = Limits.of(repository_config(self.root))
        changed = limits != self.limits
        self._builder.limits = limits
        return changed

    def _told(self, report: Report) -> Report:
        if report.changed or report.problem:
            for heard in tuple(self._heard):
                heard(report)
        return report

    def _check(self) -> None:
        if self._closing:
            raise CalledOffError("the index is closing; the rest is built at the next start")

    def _tick(self, done: int, total: int) -> None:
        self._check()
        for progress in tuple(self._progress):
            progress(done, total)

    def _paths(self) -> list[str]:
        try:
            return [row[0] for row in self.index.read("SELECT path FROM files")]
        except MachineError:
            if self._closing:  # a watcher that has hardly begun when everything ends
                return []
            raise


_held: set[Path] = set()
"""The indexes that this process has open: DuckDB's lock keeps out other processes alone."""
_holding = threading.Lock()


def _hold(path: Path) -> None:
    with _holding:
        if path in _held:
            raise BusyError(path, os.getpid())
        _held.add(path)


def open_patiently(path: Path, schema: Schema, patience: float) -> Database:
    """Open a database that another process holds briefly. Raises BusyError when it goes on doing so."""
    end = time.monotonic() + patience
    while True:
        try:
            return Database(path, schema)
        except BusyError:
            if time.monotonic() >= end:
                raise
        time.sleep(_PAUSE)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at a path, or None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
