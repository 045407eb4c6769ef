"""The kernel: renders main context, calls the model, runs its syscalls, takes interrupts at safe points.

One question is one `run`. Safe points are before each model call and between the syscalls of a reply.
Before every call, in this order: interrupts are taken, pages are brought up to the current text, pressure
is told, and main context is compacted until it fits. What leaves is counted, never assumed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from memls.agent import citations, prompts
from memls.agent.calls import as_sent, most_calls
from memls.agent.interrupts import InterruptQueue
from memls.agent.lookup import NOTHING, LookedAt, look_up
from memls.agent.orders import obey
from memls.agent.session import Session
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
    Token,
    Usage,
    UsageReport,
)
from memls.memory.compaction import compact
from memls.memory.eviction import victims
from memls.memory.refresh import refresh
from memls.memory.window import FLUSH, WARNING
from memls.models.base import Model, Reply, Request, TextDelta
from memls.text import plural, shorten, visible
from memls.tokens import count_request

T = TypeVar("T")

_OVERFLOW_TRIES = 5
_SAME_CALL_LIMIT = 3
_THRASHING = 4
_ASIDE = 300
"""Characters that are kept of what a model says before a syscall."""
_NEWS, _TOLD = 200, 8
"""Tokens that news of an eviction may take, and pages it names; none is told where that would not fit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run ends whether or not the model is done. Tokens are prompt and completion together."""

    steps: int = 24
    tokens: int = 2_000_000


class Kernel:
    """Answers one question in one session with one model."""

    def __init__(
        self,
        session: Session,
        model: Model,
        interrupts: InterruptQueue,
        tracer: Tracer,
        limits: Limits = Limits(),
        save: Callable[[], None] = lambda: None,
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

    async def run(self, question: str, looked_at: LookedAt = NOTHING) -> AsyncGenerator[Event, None]:
        """Events until `Done`. Cancelling, or a ModelError, leaves memory as of the last whole step."""
        await in_thread(self._put, question, looked_at)
        async for event in self._drain():
            yield event
        while True:
            self._session.step += 1
            reply: Reply | None = None
            async with aclosing(self._call_model()) as stream:
                async for item in stream:
                    if isinstance(item, Reply):
                        reply = item
                    else:
                        yield item
            assert reply is not None
            done = await in_thread(self._take, reply)
            async for event in self._drain():
                yield event
            await in_thread(self._save)
            if done is not None:
                self._tracer.result(done)
                yield Done(done)
                return

    def _put(self, question: str, looked_at: LookedAt) -> None:
        """Queue the question with what the index says of it."""
        session = self._session
        session.recall.append(session.name, [("user", question, {})])
        session.question = None
        parts = [
            visible(part) if isinstance(part, str) else part
            for part in look_up(session, self._syscalls, question, looked_at)
        ]
        session.question = session.context.queue.append("user", question, *parts)

    async def _drain(self) -> AsyncGenerator[Event, None]:
        events, self._session.events = self._session.events, []
        for event in events:
            self._tracer.event(event)
            yield event

    async def _call_model(self) -> AsyncGenerator[Event | Reply, None]:
        """One model call, sent again after compaction where the provider counts more than we did."""
        for attempt in range(_OVERFLOW_TRIES):
            await in_thread(self._safe_point)
            async for event in self._drain():
                yield event
            request = self._request()
            estimate = count_request(request.messages, request.tools)
            self._report(estimate)
            self._tracer.request(request, estimate)
            try:
                async with aclosing(self._stream(request)) as stream:
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

    async def _stream(self, request: Request) -> AsyncGenerator[Event | Reply, None]:
        deltas: list[str] = []
        async with aclosing(self._model.stream(request)) as stream:
            async for item in stream:
                if isinstance(item, TextDelta):
                    deltas.append(item.text)
                    yield Token(item.text)
                    continue
                self._tracer.reply(deltas, item)
                if item.calls and deltas:
                    yield Retracted("a syscall followed", shorten(visible("".join(deltas).strip()), _ASIDE))
                yield item

    def _safe_point(self) -> None:
        session = self._session
        self._take_interrupts()
        limit = session.budget.limit
        used = session.context.tokens
        if used > limit * FLUSH:
            self._compact()
        elif used > limit * WARNING and not self._tally.warned and self._tally.steps:
            self._tally.warned = True
            full = [page for page in victims(session.context.pages) if page.detail == "full"]
            names = [f"{page.id} {page.name}" for page in full[:5]]
            if names:
                left = session.budget.tokens(limit - used) // 50 * 50
                self._interrupt("pressure", prompts.PRESSURE.format(left=left, victims=", ".join(names)))
        if session.context.tokens > limit:
            self._compact()
        if session.context.tokens > limit:
            needed = session.budget.tokens(session.context.tokens)
            left = session.budget.window - session.budget.reserve
            raise ModelError(
                f"instructions and question need {needed} tokens and the window has {left}: use a larger one"
            )

    def _take_interrupts(self) -> None:
        """User messages, then what changed. Truth does not wait for events: every page is compared."""
        session = self._session
        taken = self._interrupts.take()
        for message in taken.messages:
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
        self._session.context.queue.append("interrupt", text)
        self._session.events.append(Interrupt(kind, text))

    def _compact(self) -> None:
        session = self._session
        done = compact(
            session.context, session.budget.limit, session.step, session.blocks.render, session.question
        )
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
        if reply.calls and not self._last_step:
            return self._run_calls(reply)
        return self._finish(reply)

    def _run_calls(self, reply: Reply) -> Answer | None:
        session = self._session
        calls = reply.calls[: most_calls(session.budget.limit)]
        sent = as_sent(calls, session.budget.limit)
        session.context.queue.append("assistant", reply.text, calls=sent)
        made = {"calls": [[call.name, call.arguments] for call in reply.calls]}
        rows: list[tuple[str, str, dict[str, Any]]] = [("assistant", reply.text, made)]
        session.open_room()
        stuck = False
        for number, (call, kept) in enumerate(zip(calls, sent, strict=True), 1):
            stuck = self._tally.repeats(call.name, call.arguments) >= _SAME_CALL_LIMIT or stuck
            result = self._syscalls.run(call)
            parts = result.parts
            if number == len(calls) < len(reply.calls):
                parts += (prompts.TOO_MANY_CALLS.format(taken=number),)
            entry = session.context.queue.append("tool", *parts, call_id=kept.id)
            rows.append(("tool", entry.content, {"call": call.name, "ok": result.ok}))
        session.recall.append(session.name, rows)
        if stuck:
            self._answer_now("the same call was made three times")
        elif self._tally.steps >= self._limits.steps - 1:
            self._answer_now(f"the limit of {plural(self._limits.steps, 'step')} is near")
        elif self._tally.tokens >= self._limits.tokens * 0.9:
            self._answer_now(f"the limit of {self._limits.tokens:,} tokens is near")
        return None

    def _answer_now(self, reason: str) -> None:
        self._last_step = True
        self._interrupt("limit", prompts.ANSWER_NOW.format(reason=reason))

    def _finish(self, reply: Reply) -> Answer | None:
        session = self._session
        text = visible(reply.text.strip())
        if not text and not self._last_step and self._tally.empty == 0:
            self._tally.empty += 1
            self._interrupt("empty", prompts.EMPTY_REPLY)
            return None
        checked = citations.check(text, session.repository.code, session.ledger)
        failed = citations.failures(checked)
        session.context.queue.append("assistant", reply.text)
        session.recall.append(session.name, [("assistant", reply.text, {})])
        if failed and not self._tally.mended and not self._last_step and not reply.cut:
            self._tally.mended = True
            session.events.append(Retracted("citations to be mended"))
            self._interrupt("citations", prompts.MEND.format(failures="; ".join(failed[:6])))
            return None
        session.events += [Cited(citation) for citation in checked]
        return self._answer(text, checked, reply)

    def _answer(self, text: str, checked: tuple[Citation, ...], reply: Reply) -> Answer:
        session, tally = self._session, self._tally
        notes = []
        if reply.cut:
            notes.append("the answer was cut at the length limit")
        if not text:
            notes.append("the model gave no answer")
        status: Literal["answered", "incomplete"] = "answered" if text and not reply.cut else "incomplete"
        if self._last_step:
            status = "incomplete"
            notes.append("a limit ended the run before the model was done")
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
            ),
            pages=session.context.pages.infos(),
            model=self._model.name,
            session=session.name,
            generation=session.repository.code.generation(),
            notes=tuple(notes),
        )


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Run blocking work off the event loop. When cancelled, wait for it: nothing goes on behind our back."""
    future = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        future.exception()  # looked at, so that nobody says that nobody did
        raise
