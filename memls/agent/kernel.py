"""The kernel: renders main context, calls the model, runs its syscalls, takes interrupts at safe points.

One question is one `run`. Safe points are before each model call and between the syscalls of a reply.
Before every call, in this order: interrupts are taken, pages are brought up to the current text, pressure
is told, and main context is compacted until it fits, which the model may sum up (`summary`). What leaves is
counted, never assumed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any, Literal, TypeVar

from memls.agent import citations, prompts
from memls.agent.calls import as_sent, most_calls
from memls.agent.interrupts import InterruptQueue
from memls.agent.limits import USUAL, Clock, Limits
from memls.agent.lookup import NOTHING, LookedAt, look_up
from memls.agent.mending import Mending
from memls.agent.orders import obey
from memls.agent.replies import Replies
from memls.agent.session import Session
from memls.agent.summary import Summaries
from memls.agent.syscalls import Syscalls
from memls.agent.tally import Tally
from memls.agent.trace import Tracer
from memls.errors import ContextOverflowError, ModelError
from memls.events import (
    Answer,
    Citation,
    Cited,
    Done,
    Event,
    Interrupt,
    PageOut,
    Retracted,
    Usage,
    UsageReport,
)
from memls.memory.compaction import compact
from memls.memory.eviction import victims
from memls.memory.recall import REJECTED, Said
from memls.memory.refresh import refresh
from memls.memory.window import FLUSH, WARNING
from memls.models.base import Model, Reply, Request, ToolCall
from memls.text import plural, visible
from memls.tokens import count, count_request

T = TypeVar("T")

_OVERFLOW_TRIES = 5
_SAME_CALL_LIMIT = 3
_THRASHING = 4
_NEWS, _TOLD = 200, 8
"""Tokens that news of an eviction may take, and pages it names; none is told where that would not fit."""


class Kernel:
    """Answers one question in one session with one model. `timed` False: a replay, whose time is past."""

    def __init__(
        self,
        session: Session,
        model: Model,
        interrupts: InterruptQueue,
        tracer: Tracer,
        limits: Limits = USUAL,
        save: Callable[[Sequence[Said]], None] = lambda _: None,
        *,
        timed: bool = True,
    ) -> None:
        self._session = session
        self._model = model
        self._interrupts = interrupts
        self._tracer = tracer
        self._limits = limits
        self._save = save
        self._syscalls = Syscalls(session)
        self._tally = Tally(faults_before=session.context.pages.faults)
        self._last_step = False
        self._said: list[Said] = []
        """Messages of the present step, to be kept with it."""
        clock = Clock(limits.seconds if timed else 0.0)
        self._replies = Replies(model, tracer, clock)
        self._summaries = Summaries(session, model, tracer, clock, limits, self._tally)
        self._mending = Mending(tracer)

    async def run(self, question: str, looked_at: LookedAt = NOTHING) -> AsyncGenerator[Event, None]:
        """Events until `Done`. Cancelling, or a ModelError, leaves memory as of the last whole step."""
        await in_thread(self._put, question, looked_at)
        async for event in self._drain():
            yield event
        while True:
            self._session.step += 1
            reply: Reply | None = None
            async with aclosing(self._mending.guard(self._call_model())) as stream:
                async for item in stream:
                    if isinstance(item, Reply):
                        reply = item
                    else:
                        yield item
            assert reply is not None
            done = await in_thread(self._take, reply)
            async for event in self._drain():
                yield event
            said, self._said = self._said, []
            await in_thread(self._save, said)
            if done is not None:
                self._tracer.result(done)
                yield Done(done)
                return

    def _put(self, question: str, looked_at: LookedAt) -> None:
        """Queue the question with what the index says of it."""
        session = self._session
        session.recall.append(session.name, [("user", question, {})])
        session.question, session.asked = None, question
        session.context.pages.ask(session.step)
        parts = [
            visible(part) if isinstance(part, str) else part
            for part in look_up(session, self._syscalls, question, looked_at)
        ]
        session.question = session.context.queue.append("user", question, *parts)
        if self._limits.steps == 1:
            self._answer_now("there is one step")

    async def _drain(self) -> AsyncGenerator[Event, None]:
        events, self._session.events = self._session.events, []
        for event in events:
            self._tracer.event(event)
            yield event

    async def _call_model(self) -> AsyncGenerator[Event | Reply, None]:
        """One model call, sent again after compaction where the provider counts more than we did."""
        for attempt in range(_OVERFLOW_TRIES):
            async for event in self._make_room():
                yield event
            request = self._request()
            estimate = count_request(request.messages, request.tools)
            self._report(estimate)
            self._tracer.request(request, estimate)
            try:
                async with aclosing(self._replies.stream(request)) as stream:
                    async for item in stream:
                        if isinstance(item, Reply):
                            self._count(request, estimate, item)
                        yield item
                return
            except ContextOverflowError as error:
                self._tracer.overflow(error)
                if attempt == _OVERFLOW_TRIES - 1:
                    raise
                self._learn(estimate, error)

    async def _make_room(self) -> AsyncGenerator[Event, None]:
        """The safe point. Where what it flushed was summed up, it comes again: time has passed meanwhile."""
        await in_thread(self._safe_point)
        async for event in self._drain():
            yield event
        asked = None if self._last_step else await in_thread(self._summaries.request)
        if asked is not None:
            self._check_limits(await self._summaries.ask(asked))
            await in_thread(self._safe_point, True)
            async for event in self._drain():
                yield event

    def _safe_point(self, again: bool = False) -> None:
        session = self._session
        self._take_interrupts()
        limit = session.budget.limit
        used = session.context.tokens
        tight = used - session.context.released > limit * WARNING
        if used > limit * FLUSH:
            self._compact()
        elif tight and not again and not self._tally.warned and self._tally.steps:
            self._tally.warned = True
            self._warn(int(limit * FLUSH) - used)
        if session.context.tokens > limit:
            self._compact()
        if session.context.tokens > limit:
            needed = session.budget.tokens(session.context.tokens)
            left = session.budget.window - session.budget.reserve
            raise ModelError(
                f"instructions and question need {needed} tokens and the window has {left}: use a larger one"
            )

    def _warn(self, free: int) -> None:
        """Tell pressure, and what compaction frees of itself, where the telling pushes out nothing."""
        session = self._session
        full = [page for page in victims(session.context.pages, session.step) if page.detail == "full"]
        names = ", ".join(f"{page.id} {page.name}" for page in full[:5])
        left, freed = (session.budget.tokens(n) // 50 * 50 for n in (free, session.context.released))
        released = prompts.RELEASED.format(tokens=freed) if freed else ""
        told = prompts.PRESSURE.format(left=left, released=released, victims=names)
        if names and count(told) < free:
            self._interrupt("pressure", told)

    def _take_interrupts(self) -> None:
        """User messages, then what changed. Truth does not wait for events: every page is compared."""
        session = self._session
        taken = self._interrupts.take()
        for message in taken.messages:
            session.recall.append(session.name, [("user", message, {})])
            session.context.queue.append("user", message)
            session.events.append(Interrupt("user", message))
        for order in taken.orders:
            obey(session, order, running=True)
        changed = refresh(session.context, session.repository.code)
        if changed:
            self._interrupt("files", changed.news())
        faults = session.context.pages.faults - self._tally.faults_before - self._tally.thrash_told
        if faults >= _THRASHING:
            self._tally.thrash_told += faults
            self._interrupt("thrashing", prompts.THRASHING.format(faults=faults))

    def _interrupt(self, kind: str, text: str) -> None:
        self._said.append(("interrupt", text, {}))
        self._session.context.queue.append("interrupt", text)
        self._session.events.append(Interrupt(kind, text))

    def _compact(self) -> None:
        session = self._session
        done = compact(
            session.context, session.budget.limit, session.step, session.blocks.render, session.question
        )
        self._summaries.flushed(done)
        out = []
        for handle, detail in dict(done.moved).items():
            page = session.context.pages.get(handle)
            if page is not None:
                reason = "memory pressure" if detail == "tombstone" else "memory pressure: outline kept"
                session.events.append(PageOut(page.info(), reason))
                out += [f"{page.id} {page.name}"] if detail == "tombstone" else []
        if out and session.context.tokens + _NEWS < session.budget.limit:
            self._interrupt("evicted", prompts.EVICTED.format(pages=", ".join(out[:_TOLD])))
        session.question = self._question_entry()
        self._tally.warned = False
        self._tally.last_request = ""

    def _question_entry(self) -> Any:
        """The question's entry after compaction may have replaced it."""
        group = self._session.question.group if self._session.question else -1
        entries = self._session.context.queue.entries
        return next((entry for entry in entries if entry.group == group), self._session.question)

    def _request(self) -> Request:
        """Main context as it leaves. What stands in it counts as read from now on, and nothing else does."""
        context = self._session.context
        for showings in context.queue.shown_pages().values():
            for shown in showings:
                self._session.ledger.record(shown)
        rows, self._session.rows = self._session.rows, []
        if rows:
            said = "\n".join(entry.content for entry in context.queue.entries)
            for row in rows:
                if row.shown in said:
                    self._session.ledger.record_row(row)
                    context.pages.point(row.path, row.line, self._session.step)
        return Request(context.messages(), list(context.tools), self._session.budget.reserve)

    def _report(self, estimate: int) -> None:
        session = self._session
        prompt = session.budget.tokens(estimate)
        report = UsageReport(session.step, prompt, session.budget.window, session.parts())
        session.events.append(report)

    def _count(self, request: Request, estimate: int, reply: Reply) -> None:
        budget = self._session.budget
        self._tally.add(request, reply.prompt_tokens or budget.tokens(estimate), reply)
        if reply.prompt_tokens:
            budget.calibration.observe(estimate, reply.prompt_tokens)

    def _learn(self, estimate: int, error: ContextOverflowError) -> None:
        """The provider's count or limit is not what we thought: take its word and make room."""
        budget = self._session.budget
        if error.limit and error.limit < budget.window:
            budget.window = error.limit
        budget.calibration.observe(estimate, error.counted or int(budget.tokens(estimate) * 1.2))
        budget.calibration.factor *= 1.02
        self._compact()

    def _take(self, reply: Reply) -> Answer | None:
        """Put a reply and the results of its calls into the queue; the answer if it ended the run."""
        if reply.cut and reply.late:  # the time is up: there is no next step
            self._last_step = True
        done = None
        if reply.calls and not self._last_step:
            self._run_calls(reply)
        else:
            done = self._finish(reply)
        if done is None and not self._last_step:
            self._check_limits(reply)
        return done

    def _run_calls(self, reply: Reply) -> None:
        session = self._session
        calls = reply.calls[: most_calls(session.budget.limit)]
        sent = as_sent(calls, session.budget.limit)
        session.context.queue.append("assistant", reply.text, calls=sent)
        session.context.pages.hear(_spoken(reply.text, calls), session.step)
        made = {"calls": [[call.name, call.arguments] for call in reply.calls]}
        self._said.append(("assistant", reply.text, made))
        session.open_room()
        stuck = False
        self._syscalls.begin(calls)
        for number, (call, kept) in enumerate(zip(calls, sent, strict=True), 1):
            result = self._syscalls.run(call)
            parts = result.parts
            if number == len(calls) < len(reply.calls):
                parts += (prompts.TOO_MANY_CALLS.format(taken=number),)
            entry = session.context.queue.append("tool", *parts, call_id=kept.id)
            stuck = self._tally.repeats(call, entry.content) >= _SAME_CALL_LIMIT or stuck
            self._said.append(("tool", entry.content, {"call": call.name, "ok": result.ok}))
        self._syscalls.end()
        if stuck:
            self._answer_now("the same call was made three times")

    def _check_limits(self, reply: Reply) -> None:
        """Where only one step is left, it has to be the answer."""
        if self._tally.steps >= self._limits.steps - 1:
            self._answer_now(f"the limit of {plural(self._limits.steps, 'step')} is near")
        elif self._tally.tokens >= self._limits.tokens * 0.9:
            self._answer_now(f"the limit of {self._limits.tokens:,} tokens is near")
        elif self._limits.cost and (self._tally.cost or 0.0) >= self._limits.cost * 0.8:
            self._answer_now(f"the limit of {self._limits.cost:g} dollars is near")
        elif reply.late:
            self._answer_now(f"the limit of {self._limits.seconds:g} seconds is near")

    def _answer_now(self, reason: str) -> None:
        self._last_step = True
        self._interrupt("limit", prompts.ANSWER_NOW.format(reason=reason))

    def _finish(self, reply: Reply) -> Answer | None:
        session = self._session
        text = citations.written_out(visible(reply.text.strip()), session.context.pages, session.ledger)
        again = not (self._last_step or reply.late) and self._tally.steps < self._limits.steps
        if not text and again and self._tally.empty == 0:
            self._tally.empty += 1
            self._interrupt("empty", prompts.EMPTY_REPLY)
            return None
        checked = citations.check(text, session.repository.code, session.ledger)
        failed = citations.failures(checked)
        session.context.queue.append("assistant", reply.text)
        mend = bool(failed) and again and not reply.cut and not self._mending.begun
        self._said.append(("assistant", text, REJECTED if mend else {}))
        if mend:
            self._mending.begin(reply)
            session.events.append(Retracted("citations to be mended"))
            self._interrupt("citations", prompts.MEND.format(failures="; ".join(failed[:6])))
            return None
        session.events += [Cited(citation) for citation in checked]
        session.cite(checked)
        return self._answer(text, checked, reply)

    def _answer(self, text: str, checked: tuple[Citation, ...], reply: Reply) -> Answer:
        session, tally = self._session, self._tally
        notes = list(self._mending.notes)
        if reply.cut:
            ended = f"off after {self._limits.seconds:g} seconds" if reply.late else "at the length limit"
            notes.append(f"the answer was cut {ended}")
        if not text:
            notes.append("the model gave no answer")
        status: Literal["answered", "incomplete"] = "answered" if text and not reply.cut else "incomplete"
        if self._last_step:
            status = "incomplete"
            notes.append("a limit ended the run before the model was done")
        if gaps := session.repository.code.gaps():
            notes.append(gaps)
        return Answer(
            answer=text,
            status=status,
            citations=checked,
            usage=Usage(
                prompt_tokens=tally.prompt,
                completion_tokens=tally.completion,
                peak_prompt_tokens=tally.peak,
                cached_prefix_ratio=tally.cached_prefix_ratio,
                window=session.budget.window,
                steps=tally.steps,
                faults=session.context.pages.faults - tally.faults_before,
                cost=tally.cost,
                summaries=tally.summaries,
            ),
            pages=session.context.pages.infos(),
            model=self._model.name,
            session=session.name,
            generation=session.repository.code.generation(),
            notes=tuple(notes),
        )


def _spoken(text: str, calls: Iterable[ToolCall]) -> str:
    """What a reply speaks of. A page that it reads is used, which is more than spoken of."""
    return " ".join((text, *(call.arguments for call in calls if call.name != "page_in")))


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Run blocking work off the event loop. When cancelled, wait for it: nothing goes on behind our back."""
    future = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        future.exception()  # looked at, so that nobody says that nobody did
        raise
