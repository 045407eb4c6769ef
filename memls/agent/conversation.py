"""Conversations with one repository: asking a question, and running a recorded one again."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from memls.agent.interrupts import InterruptQueue
from memls.agent.kernel import Kernel, Limits
from memls.agent.live import Live
from memls.agent.lookup import Hint
from memls.agent.session import Memory, Repository, Session, open_session, saved_state
from memls.agent.trace import Trace, Tracer
from memls.config import DEFAULT_WINDOW, ModelConfig
from memls.database import MEMORY, Database, Writer
from memls.errors import NotFoundError, UsageError
from memls.events import Event
from memls.memory.blocks import FixedBlock
from memls.memory.pages import PageAction
from memls.memory.recall import Recall, now
from memls.memory.window import SMALLEST
from memls.models.base import Model
from memls.models.choice import make_model, window_of
from memls.models.replay import ReplayModel

Watch = Callable[[], AbstractContextManager[Any]]


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
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class Conversations:
    """What `Workspace.ask` and `Workspace.replay` do. `watch` keeps the index up to date meanwhile."""

    repository: Repository
    memory: Memory
    watch: Watch
    live: Live

    def context(self, name: str) -> dict[str, Any]:
        """The main context of a session as data: pages, working context, summary, use of the window.

        Raises NotFoundError where there is no such session.
        """
        running = self.live.get(name)
        session = running[0] if running else self._saved(name)
        return {
            "session": name,
            "running": running is not None,
            "window": session.budget.window if running else 0,
            "tokens": session.budget.tokens(session.context.tokens),
            "blocks": session.blocks.texts(),
            "summary": session.context.summary,
            "pages": [asdict(info) for info in session.context.pages.infos()],
        }

    def page(self, name: str, action: PageAction, handle: str) -> dict[str, Any]:
        """Pin, unpin or evict a page of a session, running or not; gives its context.

        A running session obeys at its next safe point. Raises NotFoundError for no such session or page.
        """
        running = self.live.get(name)
        session = running[0] if running else self._saved(name)
        if session.context.pages.get(handle) is None:
            raise NotFoundError(f"session {name} has no page {handle}")
        if running:
            running[1].order(action, handle)
        else:
            session.context.pages.obey(action, handle, session.step)
            session.recall.save_state(name, saved_state(session))
        return self.context(name)

    def _saved(self, name: str) -> Session:
        recall = Recall(self.memory.database)
        saved = recall.load_state(name)
        if saved is None and not recall.transcript(name):  # its first question may have been called off
            raise NotFoundError(f"no session is named {name!r}; see memls memory list")
        return open_session(name, self.repository, self.memory, DEFAULT_WINDOW, saved)

    async def ask(
        self, question: str, options: AskOptions, interrupts: InterruptQueue
    ) -> AsyncGenerator[Event, None]:
        """Events of one question, the last one `Done`."""
        if not question.strip():
            raise UsageError("the question is empty")
        given = None if isinstance(options.model, ModelConfig) else options.model
        config = options.model if isinstance(options.model, ModelConfig) else ModelConfig()
        model = given or make_model(config)
        try:
            window = await window_of(config, model, SMALLEST)
            name = options.session or _new_name(self.memory.database)
            with self.watch() if options.watch else nullcontext():
                async with self.live.turn(name):
                    saved = Recall(self.memory.database).load_state(name)
                    session = open_session(name, self.repository, self.memory, window, saved)
                    self.live.enter(session, interrupts)
                    tracer = Tracer(options.trace)
                    tracer.header(_header(question, session, saved, model.name, options))
                    run = _run(question, session, model, interrupts, tracer, options)
                    async with aclosing(run) as events:
                        async for event in events:
                            yield event
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
            _copy_memory(self.memory.database, database, header["memory"])
            blocks = header["blocks"]
            memory = Memory(
                database, {"project": FixedBlock(blocks["project"]), "user": FixedBlock(blocks["user"])}
            )
            session = open_session(
                header["session"], self.repository, memory, header["window"], header["state"]
            )
            model = ReplayModel(header["model"], trace.replies)
            hint = Hint(**header["hint"]) if header.get("hint") else None
            options = AskOptions(limits=Limits(**header["limits"]), hint=hint)
            tracer = Tracer(out)
            tracer.header(_header(header["question"], session, header["state"], model.name, options))
            run = _run(header["question"], session, model, InterruptQueue(), tracer, options)
            async with aclosing(run) as events:
                async for _ in events:
                    pass
        finally:
            database.close()


async def _run(
    question: str,
    session: Session,
    model: Model,
    interrupts: InterruptQueue,
    tracer: Tracer,
    options: AskOptions,
) -> AsyncGenerator[Event, None]:
    def save() -> None:
        session.recall.save_state(session.name, saved_state(session))

    kernel = Kernel(session, model, interrupts, tracer, options.limits, save)
    async with aclosing(kernel.run(question, options.hint)) as events:
        async for event in events:
            yield event


def _header(
    question: str, session: Session, saved: Mapping[str, Any] | None, model: str, options: AskOptions
) -> dict[str, Any]:
    """What a replay starts from: the question, and memory as it was."""
    return {
        "question": question,
        "session": session.name,
        "model": model,
        "window": session.budget.window,
        "limits": {"steps": options.limits.steps, "tokens": options.limits.tokens},
        **({"hint": asdict(options.hint)} if options.hint else {}),
        "generation": session.repository.code.generation(),
        "blocks": session.blocks.texts(),
        "memory": session.recall.extent(),
        "state": saved,
    }


def _copy_memory(source: Database, target: Database, extent: Mapping[str, int]) -> None:
    """Memory as it was when a trace was recorded: it is append-only, so its first rows."""
    for table, count in extent.items():
        if table not in ("messages", "notes"):
            raise UsageError(f"the trace's header is damaged: unknown memory table {table!r}")
        rows = source.read(f"SELECT * FROM {table} ORDER BY rowid LIMIT ?", [count])
        if rows:
            statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"
            target.write(lambda w, s=statement, r=rows: [w.execute(s, row) for row in r])  # type: ignore[misc]


def _new_name(memory: Database) -> str:
    """`ask-N`, one more than any there is, taken in one write so that two asks never share it."""

    def take(writer: Writer) -> str:
        rows = writer.execute(
            """SELECT name FROM sessions WHERE starts_with(name, 'ask-')
            UNION SELECT session FROM messages WHERE starts_with(session, 'ask-')"""
        )
        numbers = [int(row[0][4:]) for row in rows if row[0][4:].isdecimal()]
        name = f"ask-{max(numbers, default=0) + 1}"
        writer.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", [name, now(), now(), json.dumps(None)])
        return name

    return memory.write(take)
