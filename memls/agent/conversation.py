"""Conversations with one repository: asking a question, and running a recorded one again."""

import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any

from memls.agent.attachments import Attachment
from memls.agent.contexts import Contexts
from memls.agent.interrupts import InterruptQueue
from memls.agent.kernel import Kernel, in_thread
from memls.agent.limits import Limits
from memls.agent.live import Live
from memls.agent.lookup import Hint, LookedAt
from memls.agent.record import Record
from memls.agent.session import Memory, Repository, Session, open_session, saved_state
from memls.agent.trace import Trace, Tracer
from memls.config import ModelConfig, models_file
from memls.database import MEMORY, Database, Writer
from memls.errors import MemlsError, UsageError
from memls.events import Done, Event
from memls.memory.blocks import NAMES, TASK, FixedBlock, Kind
from memls.memory.recall import Recall, Said, now
from memls.memory.turns import Turns
from memls.memory.window import SMALLEST
from memls.models.base import Model
from memls.models.choice import has_price, make_model, profile_for, window_of
from memls.models.replay import ReplayModel

log = logging.getLogger(__name__)

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
    attachments: tuple[Attachment, ...] = ()
    again: bool = False
    """A process died over this question: it is asked again, and kept once."""
    private: bool = False
    """Asked without memory: nothing is known of earlier conversations, and nothing is kept of this one."""

    @property
    def looked_at(self) -> LookedAt:
        return LookedAt(self.hint, self.attachments)


@dataclass(frozen=True, slots=True)
class Conversations:
    """What `Workspace.ask` and `Workspace.replay` do. `watch` keeps the index up to date meanwhile."""

    repository: Repository
    memory: Memory
    watch: Watch
    live: Live

    async def ask(
        self, question: str, options: AskOptions, interrupts: InterruptQueue | None = None
    ) -> AsyncGenerator[Event, None]:
        """Events of one question, the last one `Done`."""
        interrupts = interrupts or InterruptQueue()
        if not question.strip():
            raise UsageError("the question is empty")
        if options.private:
            async with aclosing(self._asked_privately(question, options, interrupts)) as events:
                async for event in events:
                    yield event
            return
        model, window = await self._ready(question, options)
        try:
            name = options.session
            if not name:
                name = await in_thread(_new_name, self.memory.database)
            with self.watch() if options.watch else nullcontext():
                async with (
                    self.live.turn(name),
                    aclosing(self._answered(question, name, model, window, options, interrupts)) as events,
                ):
                    async for event in events:
                        yield event
        finally:
            if model is not options.model:
                await model.close()

    async def _asked_privately(
        self, question: str, options: AskOptions, interrupts: InterruptQueue
    ) -> AsyncGenerator[Event, None]:
        """The same over memory of its own, in a session whose name nobody else has."""
        database = await in_thread(Database, None, MEMORY)
        try:
            fixed = {name: FixedBlock("") for name in self.memory.blocks}
            alone = replace(self, memory=Memory(database, fixed, self.memory.defined))
            name = f"private-{secrets.token_hex(8)}"
            asked = alone.ask(question, replace(options, private=False, session=name), interrupts)
            async with aclosing(asked) as events:
                async for event in events:
                    yield event
        finally:
            await in_thread(database.close)

    async def _ready(self, question: str, options: AskOptions) -> tuple[Model, int]:
        """The model and its window. Where there is none to be had, a conversation keeps that it was asked."""
        config = options.model if isinstance(options.model, ModelConfig) else ModelConfig()
        model = None if isinstance(options.model, ModelConfig) else options.model
        try:
            if model is None:
                model = await in_thread(make_model, config)
            if options.limits.cost and not has_price(model):
                raise UsageError(
                    f"a limit on cost needs the price of {model.name}: say it in {models_file()} "
                    "(input and output, in dollars for a million tokens)"
                )
            return model, await window_of(config, model, SMALLEST)
        except MemlsError as error:
            if model is not None and model is not options.model:
                await model.close()
            if options.session:
                record = Record(Turns(self.memory.database), options.session)
                await in_thread(self._refused, record, question, options, error)
            raise

    async def _answered(
        self,
        question: str,
        name: str,
        model: Model,
        window: int,
        options: AskOptions,
        interrupts: InterruptQueue,
    ) -> AsyncGenerator[Event, None]:
        """The run of one question, kept as a turn of its session whatever comes of it."""
        record = Record(Turns(self.memory.database), name)
        error: BaseException | None = None
        done: Event | None = None
        try:
            session, header = await in_thread(
                self._opened, record, question, model, window, options, interrupts
            )
            tracer = Tracer(options.trace)
            tracer.header(header)
            async with aclosing(_run(question, session, model, interrupts, tracer, options)) as events:
                async for event in events:
                    record.see(event)
                    if isinstance(event, Done):  # who hears of the end finds the turn kept
                        done = event
                    else:
                        yield event
        except BaseException as failure:
            error = failure
            raise
        finally:
            await in_thread(self._ended, record, error, interrupts)
        if done is not None:
            yield done

    def _opened(
        self,
        record: Record,
        question: str,
        model: Model,
        window: int,
        options: AskOptions,
        interrupts: InterruptQueue,
    ) -> tuple[Session, dict[str, Any]]:
        """The session, with the question kept and ready to be answered, and the header of its trace."""
        record.begin(question, [one.as_json() for one in options.attachments], again=options.again)
        saved = Recall(self.memory.database).load_state(record.session)
        profile = profile_for(model)
        session = open_session(
            record.session,
            self.repository,
            self.memory,
            window,
            saved,
            profile.instructions or "",
            profile.prompt or "",
        )
        self.live.enter(session, interrupts)
        return session, _header(question, session, saved, model.name, options)

    def _ended(self, record: Record, error: BaseException | None, interrupts: InterruptQueue) -> None:
        try:
            record.end(error)
            Contexts(self.repository, self.memory, self.live).settle(record.session, interrupts)
        except (MemlsError, RuntimeError) as failure:
            if error is None:
                raise
            log.warning("what came of a question was not kept: %s", failure)  # the store may be closed

    def _refused(self, record: Record, question: str, options: AskOptions, error: MemlsError) -> None:
        record.begin(question, [one.as_json() for one in options.attachments], again=options.again)
        record.end(error)

    async def replay(self, trace: Trace, out: IO[str]) -> None:
        """Run a recorded question again with the recorded replies, writing a new trace to `out`.

        Nothing is written to memory. The traces are equal byte for byte when the repository is the same.
        """
        header = trace.header
        database = Database(None, MEMORY)
        try:
            _copy_memory(self.memory.database, database, header["memory"])
            blocks = header["blocks"]
            fixed = {name: FixedBlock(text) for name, text in blocks.items() if name != TASK}
            memory = Memory(database, fixed, tuple(Kind(**one) for one in header.get("defined", ())))
            session = open_session(
                header["session"],
                self.repository,
                memory,
                header["window"],
                header["state"],
                header.get("instructions", ""),
                header.get("prompt", ""),
            )
            model = ReplayModel(header["model"], trace.replies, summaries=trace.summaries)
            hint = Hint(**header["hint"]) if header.get("hint") else None
            attachments = tuple(Attachment(**one) for one in header.get("attachments", ()))
            options = AskOptions(limits=Limits(**header["limits"]), hint=hint, attachments=attachments)
            tracer = Tracer(out)
            tracer.header(_header(header["question"], session, header["state"], model.name, options))
            run = _run(header["question"], session, model, InterruptQueue(), tracer, options, timed=False)
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
    *,
    timed: bool = True,
) -> AsyncGenerator[Event, None]:
    def save(said: Sequence[Said]) -> None:
        session.recall.keep(session.name, said, saved_state(session))

    kernel = Kernel(session, model, interrupts, tracer, options.limits, save, timed=timed)
    async with aclosing(kernel.run(question, options.looked_at)) as events:
        async for event in events:
            yield event


def _header(
    question: str, session: Session, saved: Mapping[str, Any] | None, model: str, options: AskOptions
) -> dict[str, Any]:
    """What a replay starts from: the question, and memory as it was."""
    defined = [asdict(kind) for name, kind in session.blocks.kinds.items() if name not in NAMES]
    return {
        "question": question,
        "session": session.name,
        "model": model,
        "window": session.budget.window,
        "limits": asdict(options.limits),
        **({"instructions": session.instructions} if session.instructions else {}),
        **({"prompt": session.prompt} if session.prompt else {}),
        **({"hint": asdict(options.hint)} if options.hint else {}),
        **({"attachments": [one.as_json() for one in options.attachments]} if options.attachments else {}),
        "generation": session.repository.code.generation(),
        "blocks": session.blocks.texts(),
        **({"defined": defined} if defined else {}),
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
        writer.execute(
            "INSERT INTO sessions (name, created, used, state) VALUES (?, ?, ?, 'null')", [name, now(), now()]
        )
        return name

    return memory.write(take)
