"""Runs a file of checks: rules by the index, questions by a model, or by what was answered before."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memls.agent.conversation import AskOptions
from memls.agent.limits import USUAL, Limits
from memls.checks.file import Budget, CheckFile, NamedRule, Question
from memls.checks.judge import judge
from memls.checks.kept import Answers, Kept, key_of, still_hold
from memls.checks.report import Outcome, Report
from memls.config import ModelConfig, model_config
from memls.errors import MemlsError, NotFoundError
from memls.events import Answer, Citation, Done
from memls.index.code import Place
from memls.index.rules import Finding, matcher
from memls.models.extractive import NAME as EXTRACTIVE
from memls.text import digest

if TYPE_CHECKING:
    from memls.owner.client import Client

_BEARING = 30
"""Hits of a question's search whose files count as what it is about, before it was ever asked."""
_BEARS = 0.1
"""Of the best hit's score, what another has to have."""
_HELD = ("verified", "moved")
_GRACE = 5.0
"""Seconds over its time that a question is given to end by itself."""

Symbols = Mapping[str, Sequence[Place] | str]


@dataclass(frozen=True, slots=True)
class Options:
    """How checks are run. `changed`: ask only what changes to these paths can touch; None: everything."""

    model: str | None = None
    window: int | None = None
    jobs: int = 4
    changed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Sample:
    """One answer to a question, and what is wrong with it."""

    answer: Answer
    failures: tuple[Finding, ...]
    kept: bool
    seconds: float
    notes: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Runner:
    """Checks one repository. `tell` hears every outcome when it is there."""

    client: "Client"
    answers: Answers
    options: Options
    tell: Callable[[Outcome], None]
    _slots: asyncio.Semaphore = field(init=False)

    async def run(self, file: CheckFile) -> Report:
        """All of it. Raises UsageError where something cannot be run at all."""
        started = time.monotonic()
        self._slots = asyncio.Semaphore(self.options.jobs)
        rules = await self._rules(file.rules)
        asked = [asyncio.create_task(self._question(one)) for one in file.questions]
        try:
            questions = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            await asyncio.to_thread(self.answers.save)
        return Report(file.path, (*questions, *rules), time.monotonic() - started)

    async def _rules(self, rules: Sequence[NamedRule]) -> list[Outcome]:
        started = time.monotonic()
        rulings = (
            await asyncio.to_thread(self.client.rules, [dict(one.rule) for one in rules]) if rules else []
        )
        seconds = (time.monotonic() - started) / max(1, len(rules))
        outcomes = [
            Outcome(
                one.name, "rule", one.line, "failed" if ruling.breaches else "passed", ruling.breaches,
                ruling.doubts, ruling.warnings, seconds=seconds,
            )
            for one, ruling in zip(rules, rulings, strict=True)
        ]  # fmt: skip
        for outcome in outcomes:
            self.tell(outcome)
        return outcomes

    async def _question(self, question: Question) -> Outcome:
        try:
            outcome = await self._answered(question)
        except MemlsError as error:
            failure = Finding("", 0, 0, str(error))
            outcome = Outcome(question.name, "question", question.line, "error", (failure,))
        self.tell(outcome)
        return outcome

    async def _answered(self, question: Question) -> Outcome:
        config = model_config(question.model or self.options.model, question.window or self.options.window)
        symbols = {name: await self._defined(name) for name in question.expect.symbols}
        keys = [key_of(question.ask, config, number) for number in range(question.samples)]
        if self.options.changed is not None and not await self._is_touched(question, keys, symbols):
            return Outcome(question.name, "question", question.line, "skipped")
        samples = await asyncio.gather(*(self._sample(question, config, key, symbols) for key in keys))
        passes = sum(not sample.failures for sample in samples)
        ok = passes >= question.agreement * question.samples - 1e-9
        shown = next((one for one in samples if one.failures and not ok), samples[0])
        fresh = [one.answer for one in samples if not one.kept]
        sent = [one.usage for one in fresh if one.model != EXTRACTIVE]
        return Outcome(
            question.name, "question", question.line, "passed" if ok else "failed",
            () if ok else shown.failures, shown.notes, (), shown.answer, passes, len(samples),
            len(samples) - len(fresh), sum(one.prompt_tokens + one.completion_tokens for one in sent),
            sum(one.cost or 0 for one in sent), max(one.seconds for one in samples),
        )  # fmt: skip

    async def _sample(self, question: Question, config: ModelConfig, key: str, symbols: Symbols) -> _Sample:
        async with self._slots:
            started = time.monotonic()
            before = self.answers.get(key)
            answer = await self._before(before) if before else None
            kept = answer is not None
            if answer is None:
                answer = await self._ask(question, config)
            failures = tuple(judge(answer, question.expect, question.budget, symbols))
            passed = before.passed if before else ()
            if not kept:
                await self._keep(key, answer, passed, is_passed=not failures)
            elif before is not None:
                now = passed if failures else answer.citations
                self.answers.put(key, replace(before, passed=now))
            notes = await self._changes(passed) if failures else ()
            return _Sample(answer, failures, kept, time.monotonic() - started, notes)

    async def _before(self, kept: Kept) -> Answer | None:
        """The answer of before with its citations as they are now, if all that it rests on is still so."""
        if not still_hold(kept.basis, await self._now(kept.basis)):
            return None
        return replace(kept.answer, citations=tuple(await self._now(kept.answer.citations)))

    async def _now(self, citations: Sequence[Citation]) -> list[Citation]:
        return await asyncio.to_thread(self.client.verify, list(citations)) if citations else []

    async def _ask(self, question: Question, config: ModelConfig) -> Answer:
        limits = _limits(question.budget)
        options = AskOptions(config, limits=limits, watch=False, private=True)
        patience = limits.seconds + _GRACE if limits.seconds else None
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(patience),
                aclosing(self.client.ask(question.ask, options)) as events,
            ):
                async for event in events:
                    if isinstance(event, Done):
                        return event.result
        raise MemlsError(f"no answer within {limits.seconds:g} seconds")

    async def _keep(self, key: str, answer: Answer, passed: tuple[Citation, ...], *, is_passed: bool) -> None:
        if is_passed:
            passed = answer.citations
        if answer.status == "answered" and (basis := await asyncio.to_thread(self._basis, answer)):
            self.answers.put(key, Kept(answer, basis, passed))

    def _basis(self, answer: Answer) -> tuple[Citation, ...]:
        """What an answer rests on: the regions that it cites, and those that it had paged in."""
        found = [one for one in answer.citations if one.status in _HELD]
        for page in answer.pages:
            if page.state in ("resident", "evicted"):
                with suppress(NotFoundError):
                    text = self.client.read(page.path, page.start, page.end).text
                    found.append(Citation(page.path, page.start, page.end, digest(text), "verified"))
        return tuple(found)

    async def _changes(self, passed: Sequence[Citation]) -> tuple[Finding, ...]:
        """Which lines that the last answer to pass had cited are others now."""
        text = "an earlier answer, which passed, cites these lines"
        return tuple(
            Finding(one.path, one.start, one.end, f"{text}: {one.reason}")
            for one in await self._now(passed)
            if one.status not in _HELD
        )

    async def _defined(self, name: str) -> Sequence[Place] | str:
        try:
            edges = await asyncio.to_thread(self.client.references, name, "definition")
        except NotFoundError as error:
            return str(error)
        return [edge.target for edge in edges]

    async def _is_touched(self, question: Question, keys: Iterable[str], symbols: Symbols) -> bool:
        """Whether a change can touch the answer. Of one that is kept it is known what it rests on."""
        changed = self.options.changed or frozenset()
        if all(self.answers.get(key) for key in keys):
            return True
        if any(map(matcher(question.expect.files), changed)):
            return True
        bearing = await asyncio.to_thread(self.client.search, question.ask, "auto", None, _BEARING)
        least = _BEARS * max((hit.score for hit in bearing.hits), default=0.0)
        about = {hit.path for hit in bearing.hits if hit.score >= least}
        for places in symbols.values():
            if isinstance(places, str):
                return True
            about |= {place.path for place in places}
        return not about.isdisjoint(changed)


def _limits(budget: Budget) -> Limits:
    return Limits(budget.steps or USUAL.steps, budget.tokens or USUAL.tokens, budget.seconds, budget.money)


def run(
    client: "Client", file: CheckFile, answers: Answers, options: Options, tell: Callable[[Outcome], None]
) -> Report:
    """Run a file of checks, on an event loop of its own."""
    return asyncio.run(Runner(client, answers, options, tell).run(file))
