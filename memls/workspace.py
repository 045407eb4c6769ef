"""One open repository: index, search, references, ask, status, memory. What every face calls.

Methods block and are safe from any thread, except `ask` and `replay`, which are async.
"""

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from memls import owner
from memls.agent.interrupts import InterruptQueue
from memls.agent.kernel import Kernel, Limits
from memls.agent.session import Memory, Repository, Session, open_session, saved_state
from memls.agent.trace import Trace, Tracer
from memls.config import Folders, ModelConfig, RepositoryConfig, folders, repository_config
from memls.database import MEMORY, Database
from memls.errors import MemlsError, NotFoundError, UsageError
from memls.events import Event
from memls.index import batch, code
from memls.index.builder import Builder, Progress, Report
from memls.index.code import Code, Place, Status
from memls.index.resolve import Edge, Resolver
from memls.index.search import Found, Search, SearchKind
from memls.memory.archive import Archive
from memls.memory.blocks import BlockName, BlockStore, DatabaseBlock, FixedBlock
from memls.memory.recall import Recall
from memls.memory.window import SMALLEST
from memls.models.base import Model
from memls.models.choice import make_model, window_of
from memls.models.replay import ReplayModel
from memls.source.files import Overlays, Source

if TYPE_CHECKING:
    from memls.source.watch import Change, Watcher

EdgeKind = Literal["references", "callers", "callees", "definition"]


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a question is to be answered. `session` None opens a new one.

    `model` names the model, or is one: then its caller closes it.
    """

    model: ModelConfig | Model = field(default_factory=ModelConfig)
    session: str | None = None
    limits: Limits = field(default_factory=Limits)
    trace: IO[str] | None = None
    watch: bool = True


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
        limits = batch.Limits(config.max_file_bytes or batch.Limits().file_bytes, config.languages)
        self._ignore = config.ignore
        self._builder = Builder(root, index, limits, config.ignore)
        self._building = threading.Lock()
        self.overlays = Overlays()
        source = Source(root, self.overlays)
        self._repository = Repository(root, Code(index, source), Search(index), Resolver(index))
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

    @property
    def code(self) -> Code:
        return self._repository.code

    @property
    def recall(self) -> Recall:
        return Recall(self._memory())

    @property
    def archive(self) -> Archive:
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
        return self._repository.search.find(query, kind, path, limit, offset)

    def references(self, target: str, kind: EdgeKind = "references") -> list[Edge]:
        """Edges of a definition named `Symbol`, `path:Symbol` or `path:line:column` (both from 1).

        Raises NotFoundError where there is no such definition, with near names.
        """
        resolver = self._repository.resolver
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

    async def ask(
        self, question: str, options: AskOptions, interrupts: InterruptQueue | None = None
    ) -> AsyncGenerator[Event, None]:
        """Events of one question, the last one `Done`. The index should be up to date.

        Closing the iterator, or cancelling the task, leaves memory as of the last whole step.
        """
        if not question.strip():
            raise UsageError("the question is empty")
        given = None if isinstance(options.model, ModelConfig) else options.model
        config = options.model if isinstance(options.model, ModelConfig) else ModelConfig()
        model = given or make_model(config)
        try:
            window = await window_of(config, model, SMALLEST)
            memory = Memory(self._memory(), self._blocks())
            name = options.session or _new_name(memory.database)
            saved = Recall(memory.database).load_state(name)
            session = open_session(name, self._repository, memory, window, saved)
            tracer = Tracer(options.trace)
            tracer.header(_header(question, session, saved, model.name, options.limits))
            waiting = interrupts or InterruptQueue()
            watcher = self.watch(waiting) if options.watch else None
            try:
                run = _run(question, session, model, waiting, tracer, options.limits)
                async with aclosing(run) as events:
                    async for event in events:
                        yield event
            finally:
                if watcher is not None:
                    watcher.stop()
        finally:
            if given is None:
                await model.close()

    async def replay(self, trace: Trace, out: IO[str]) -> None:
        """Run a recorded question again with the recorded replies, writing a new trace to `out`.

        Nothing is written to memory. The traces are equal byte for byte when the repository is the same.
        """
        header = trace.header
        database = Database(None, MEMORY)
        try:
            _copy_memory(self._memory(), database, header["memory"])
            blocks: dict[BlockName, BlockStore] = {
                "project": FixedBlock(header["blocks"]["project"]),
                "user": FixedBlock(header["blocks"]["user"]),
            }
            memory = Memory(database, blocks)
            session = open_session(
                header["session"], self._repository, memory, header["window"], header["state"]
            )
            model = ReplayModel(header["model"], trace.replies)
            limits = Limits(**header["limits"])
            tracer = Tracer(out)
            tracer.header(_header(header["question"], session, header["state"], model.name, limits))
            async with aclosing(
                _run(header["question"], session, model, InterruptQueue(), tracer, limits)
            ) as events:
                async for _ in events:
                    pass
        finally:
            database.close()

    def watch(self, interrupts: InterruptQueue) -> "Watcher":
        """Keep the index up to date while something runs, and tell it of every change."""
        from memls.source.watch import Watcher  # imports watchdog: wanted by `ask` alone

        def on_changes(changes: "frozenset[Change]") -> None:
            with self._building:
                if self._closed:
                    return
                everything = any(change.kind == "rescan" for change in changes)
                paths = [change.path for change in changes]
                report = self._builder.catch_up() if everything else self._builder.update(paths)
            if report.changed:
                interrupts.files_changed(report.changed, report.generation)

        return Watcher(self.root, on_changes, self._paths, self._ignore, catch_up=False).start()

    def _definitions(self, target: str) -> list[Edge]:
        """The definitions that a target names, each as an edge with why it is one."""
        resolver = self._repository.resolver
        path, line, column = _position(target)
        if path:
            edges = resolver.definitions_at(path, line, column)
            if not edges:
                raise NotFoundError(f"no definition or reference at {target}")
            return edges
        places = self.code.find_symbols(target.removesuffix("()"))
        if not places:
            near = self._repository.search.symbol(target.rpartition(":")[2]).near
            hint = f"; near names: {', '.join(near)}" if near else ""
            raise NotFoundError(f"no symbol is named {target}{hint}")
        return [_named(place) for place in places]

    def _memory(self) -> Database:
        if self._databases.memory is None:
            raise MemlsError("this workspace was opened without memory")
        return self._databases.memory

    def _blocks(self) -> dict[BlockName, BlockStore]:
        return {"project": DatabaseBlock(self._memory(), "project"), "user": _UserBlock(self.folders)}

    def _paths(self) -> list[str]:
        return [row[0] for row in self._databases.index.read("SELECT path FROM files")]


@dataclass(slots=True)
class _UserBlock:
    """The block of the user, in a database that other repositories' sessions use too: opened briefly."""

    folders: Folders

    def load(self) -> str:
        if not self.folders.user.exists():  # nothing was ever kept; making a database takes a while
            return ""
        database = owner.open_user_memory(self.folders)
        try:
            return DatabaseBlock(database, "user").load()
        finally:
            database.close()

    def save(self, text: str) -> None:
        database = owner.open_user_memory(self.folders)
        try:
            DatabaseBlock(database, "user").save(text)
        finally:
            database.close()


async def _run(
    question: str, session: Session, model: Model, interrupts: InterruptQueue, tracer: Tracer, limits: Limits
) -> AsyncGenerator[Event, None]:
    def save() -> None:
        session.recall.save_state(session.name, saved_state(session))

    kernel = Kernel(session, model, interrupts, tracer, limits, save)
    async with aclosing(kernel.run(question)) as events:
        async for event in events:
            yield event


def _header(
    question: str, session: Session, saved: dict[str, Any] | None, model: str, limits: Limits
) -> dict[str, Any]:
    """What a replay starts from: the question, and memory as it was."""
    return {
        "question": question,
        "session": session.name,
        "model": model,
        "window": session.budget.window,
        "limits": {"steps": limits.steps, "tokens": limits.tokens},
        "generation": session.repository.code.generation(),
        "blocks": session.blocks.texts(),
        "memory": session.recall.extent(),
        "state": saved,
    }


def _copy_memory(source: Database, target: Database, extent: dict[str, int]) -> None:
    """Memory as it was when a trace was recorded: it is append-only, so its first rows."""
    for table, rows in extent.items():
        if table not in ("messages", "notes"):
            raise UsageError(f"the trace's header is damaged: unknown memory table {table!r}")
        kept = source.read(f"SELECT * FROM {table} ORDER BY rowid LIMIT ?", [rows])
        if kept:
            marks = ", ".join("?" * len(kept[0]))
            target.write(
                lambda w, t=table, m=marks, k=kept: [  # type: ignore[misc]
                    w.execute(f"INSERT INTO {t} VALUES ({m})", row) for row in k
                ]
            )


def _new_name(memory: Database) -> str:
    """`ask-N`, one more than any there is."""
    rows = memory.read("SELECT session FROM messages WHERE starts_with(session, 'ask-') GROUP BY session")
    numbers = [int(row[0][4:]) for row in rows if row[0][4:].isdigit()]
    return f"ask-{max(numbers, default=0) + 1}"


def _position(target: str) -> tuple[str, int, int]:
    """`path:line:column`, columns from 1 as editors show them, given back from 0; else an empty path."""
    parts = target.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0].removeprefix("./"), int(parts[1]), max(0, int(parts[2]) - 1)
    return "", 0, 0


def _named(place: Place) -> Edge:
    return Edge(
        path=place.path, line=place.line, column=0, symbol=place.symbol, role="definition",
        status="resolved", reason="exact name", target=place,
    )  # fmt: skip
