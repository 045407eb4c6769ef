"""One open repository: index, search, references, ask, status, memory. What every face calls.

Methods block and are safe from any thread, except `ask` and `replay`, which are async. The agent is imported
when it is asked: a look-up must be over before that would be.
"""

import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Self

from memls import owner
from memls.config import Folders, RepositoryConfig, folders, repository_config
from memls.database import Database
from memls.errors import MemlsError, NotFoundError, UsageError
from memls.index import code
from memls.index.builder import Builder, Progress, Report
from memls.index.code import Code, Place, Status
from memls.index.rows import Limits
from memls.index.search import Found, Search, SearchKind
from memls.source.files import Overlays, Source

if TYPE_CHECKING:
    from memls.agent.conversation import AskOptions, Conversations
    from memls.agent.interrupts import InterruptQueue
    from memls.agent.trace import Trace
    from memls.events import Event
    from memls.index.resolve import Edge, Resolver
    from memls.memory.archive import Archive
    from memls.memory.blocks import BlockName, BlockStore
    from memls.memory.recall import Recall
    from memls.source.watch import Change, Watcher

EdgeKind = Literal["references", "callers", "callees", "definition"]


class Workspace:
    """A repository with its databases open. Use as a context manager, or call `close`."""

    def __init__(
        self,
        root: Path,
        *,
        with_memory: bool = True,
        state_folders: Folders | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Open. Raises UsageError for a bad configuration and MachineError when it stays in use."""
        self.root = root
        self.folders = state_folders or folders(root)
        config: RepositoryConfig = repository_config(root)
        self._databases = owner.open_databases(self.folders, with_memory=with_memory, tell=tell)
        index = self._databases.index
        limits = Limits(config.max_file_bytes or Limits().file_bytes, config.languages)
        self._ignore = config.ignore
        self._builder = Builder(root, index, limits, config.ignore)
        self._building = threading.Lock()
        self.overlays = Overlays()
        self.code = Code(index, Source(root, self.overlays))
        self._search = Search(index)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish writing and let go of the databases."""
        if not self._closed:
            self._closed = True
            with self._building:
                self._databases.close()

    @cached_property
    def resolver(self) -> "Resolver":
        from memls.index.resolve import Resolver

        return Resolver(self._databases.index)

    @property
    def recall(self) -> "Recall":
        from memls.memory.recall import Recall

        return Recall(self._memory())

    @property
    def archive(self) -> "Archive":
        from memls.memory.archive import Archive

        return Archive(self._memory())

    def index(self, progress: Progress | None = None, *, force: bool = False) -> Report:
        """Bring the index up to date with the repository."""
        with self._building:
            return self._builder.catch_up(progress, force)

    def status(self) -> Status:
        """What is indexed, and what is not and why."""
        return code.status(self._databases.index)

    def search(
        self, query: str, kind: SearchKind = "auto", path: str | None = None, limit: int = 20, offset: int = 0
    ) -> Found:
        """Hits of a query, best first."""
        if not query.strip():
            raise UsageError("the query is empty")
        return self._search.find(query, kind, path, limit, offset)

    def references(self, target: str, kind: EdgeKind = "references") -> "list[Edge]":
        """Edges of a definition named `Symbol`, `path:Symbol` or `path:line:column` (both from 1).

        Raises NotFoundError where there is no such definition, with near names.
        """
        resolver = self.resolver
        places = self._definitions(target)
        if kind == "definition":
            return places
        find = {
            "references": resolver.references,
            "callers": resolver.callers,
            "callees": resolver.callees,
        }[kind]
        sure = [edge.target for edge in places if edge.status == "resolved"] or [e.target for e in places]
        return [edge for place in dict.fromkeys(sure) for edge in find(place)]

    def ask(
        self, question: str, options: "AskOptions", interrupts: "InterruptQueue | None" = None
    ) -> "AsyncGenerator[Event, None]":
        """Events of one question, the last one `Done`. The index should be up to date.

        Closing the iterator, or cancelling the task, leaves memory as of the last whole step.
        """
        from memls.agent.interrupts import InterruptQueue

        return self._conversations().ask(question, options, interrupts or InterruptQueue())

    async def replay(self, trace: "Trace", out: IO[str]) -> None:
        """Run a recorded question again with the recorded replies, writing a new trace to `out`.

        Nothing is written to memory. The traces are equal byte for byte when the repository is the same.
        """
        await self._conversations().replay(trace, out)

    def watch(self) -> "Watcher":
        """What keeps the index up to date inside its `with`. Not started yet."""
        from memls.source.watch import Watcher

        def on_changes(changes: "frozenset[Change]") -> None:
            with self._building:
                if self._closed:
                    return
                everything = any(change.kind == "rescan" for change in changes)
                paths = [change.path for change in changes]
                if everything:
                    self._builder.catch_up()
                else:
                    self._builder.update(paths)

        return Watcher(self.root, on_changes, self._paths, self._ignore)

    def _definitions(self, target: str) -> "list[Edge]":
        """The definitions that a target names, each as an edge with why it is one."""
        resolver = self.resolver
        path, line, column = _position(target)
        if path:
            edges = resolver.definitions_at(path, line, column)
            if not edges:
                raise NotFoundError(f"no definition or reference at {target}")
            return edges
        places = self.code.find_symbols(target.removesuffix("()"))
        if not places:
            near = self._search.symbol(target.rpartition(":")[2]).near
            hint = f"; near names: {', '.join(near)}" if near else ""
            raise NotFoundError(f"no symbol is named {target}{hint}")
        return [_named(place) for place in places]

    def _memory(self) -> Database:
        if self._databases.memory is None:
            raise MemlsError("this workspace was opened without memory")
        return self._databases.memory

    def _conversations(self) -> "Conversations":
        from memls.agent.conversation import Conversations
        from memls.agent.session import Memory, Repository
        from memls.memory.blocks import DatabaseBlock

        database = self._memory()
        blocks: dict[BlockName, BlockStore] = {
            "project": DatabaseBlock(database, "project"),
            "user": _UserBlock(self.folders),
        }
        repository = Repository(self.root, self.code, self._search, self.resolver)
        return Conversations(repository, Memory(database, blocks), self.watch)

    def _paths(self) -> list[str]:
        return [row[0] for row in self._databases.index.read("SELECT path FROM files")]


@dataclass(slots=True)
class _UserBlock:
    """The block of the user, in a database that other repositories' sessions use too: opened briefly."""

    folders: Folders

    def load(self) -> str:
        if not self.folders.user.exists():  # nothing was ever kept; making a database takes a while
            return ""
        from memls.memory.blocks import DatabaseBlock

        database = owner.open_user_memory(self.folders)
        try:
            return DatabaseBlock(database, "user").load()
        finally:
            database.close()

    def save(self, text: str) -> None:
        from memls.memory.blocks import DatabaseBlock

        database = owner.open_user_memory(self.folders)
        try:
            DatabaseBlock(database, "user").save(text)
        finally:
            database.close()


def _position(target: str) -> tuple[str, int, int]:
    """`path:line:column`, columns from 1 as editors show them, given back from 0; else an empty path."""
    parts = target.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0].removeprefix("./"), int(parts[1]), max(0, int(parts[2]) - 1)
    return "", 0, 0


def _named(place: Place) -> "Edge":
    from memls.index.resolve import Edge

    return Edge(
        path=place.path, line=place.line, column=0, symbol=place.symbol, role="definition",
        status="resolved", reason="exact name", target=place,
    )  # fmt: skip
