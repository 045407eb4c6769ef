"""What all requests share: the repositories, the token, the limits, and whether the service is ending."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memls.config import ModelConfig
from memls.errors import MachineError, MemlsError
from memls.http.metrics import Metrics
from memls.text import plural

if TYPE_CHECKING:
    from memls.agent.conversation import AskOptions
    from memls.events import Event
    from memls.owner.access import Access
    from memls.owner.pool import Pool

_AHEAD = 64
"""Events that wait for a client that reads slowly."""
INDEXING = 20.0
"""Seconds that a look-up waits for the first index."""


Wanted = str | Sequence[str] | None
"""A repository by its name, several, or the only one that there is."""


class CrowdedError(MemlsError):
    """Too many questions at once: ask again later."""


class UnreadyError(MachineError):
    """The index is being built: ask again later."""


class StoppedError(MachineError):
    """The service ends, and this question had no time left."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the service takes on. `asks`: questions answered at a time; `waiting`: those that wait for that.

    `seconds`: the longest that one may take. `drain`: seconds that the last are given when it ends.
    """

    asks: int = 8
    waiting: int = 64
    seconds: float = 900.0
    drain: float = 30.0
    sockets: int = 32


@dataclass(slots=True)
class Service:
    """One running service. For its event loop alone."""

    pool: "Pool"
    model: ModelConfig
    bounds: Bounds = field(default_factory=Bounds)
    metrics: Metrics = field(default_factory=Metrics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the time to drain is over: what still runs ends."""
    _running: int = 0
    _waiting: int = 0
    _free: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def ready(self, repository: str | None) -> AsyncIterator["Access"]:
        """A repository whose index is there. Raises UnreadyError where that takes too long."""
        async with self.pool.use(repository) as access:
            await access.until_open()
            with suppress(TimeoutError):
                async with asyncio.timeout(INDEXING):
                    await access.indexed.wait()
            if access.state == "failed":
                raise MachineError(access.error)
            if not access.indexed.is_set():
                done, total = access.progress
                raise UnreadyError(f"the index is being built: {done:,} of {plural(total, 'file')}")
            yield access

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn among the questions. Raises CrowdedError where too many wait already."""
        if self._running >= self.bounds.asks and self._waiting >= self.bounds.waiting:
            raise CrowdedError(f"{plural(self._waiting, 'question')} wait already; ask again later")
        self._waiting += 1
        self.metrics.waiting.set(self._waiting)
        try:
            async with self._free:
                await self._free.wait_for(lambda: self._running < self.bounds.asks)
                self._running += 1
        finally:
            self._waiting -= 1
            self.metrics.waiting.set(self._waiting)
        self.metrics.running.set(self._running)
        try:
            yield
        finally:
            async with self._free:
                self._running -= 1
                self._free.notify()
            self.metrics.running.set(self._running)

    async def ask(
        self, repository: Wanted, question: str, options: "AskOptions"
    ) -> "AsyncGenerator[Event, None]":
        """Events of one question, when it is its turn, the last one `Done`. Closing it ends the work."""
        seconds = min(options.limits.seconds or self.bounds.seconds, self.bounds.seconds)
        options = replace(options, limits=replace(options.limits, seconds=seconds))
        events: asyncio.Queue[Event] = asyncio.Queue(_AHEAD)
        work = asyncio.create_task(self._answer(repository, question, options, events))
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            while not work.done() or not events.empty():
                coming = asyncio.create_task(events.get())
                await asyncio.wait((coming, work, stopped), return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    yield coming.result()
                    continue
                coming.cancel()
                if stopped.done():
                    raise StoppedError("the service is stopping; what was done so far is kept in the session")
            work.result()
        finally:
            stopped.cancel()
            work.cancel()
            await asyncio.wait((work,))

    async def _answer(
        self, repository: Wanted, question: str, options: "AskOptions", events: "asyncio.Queue[Event]"
    ) -> None:
        """In a task of its own. A client that reads slowly is waited for."""
        names = [repository] if isinstance(repository, str) or repository is None else repository
        async with self.turn(), AsyncExitStack() as held:
            opened = [await held.enter_async_context(self.pool.use(name)) for name in names]
            if len(opened) == 1:
                run = opened[0].ask(question, options)
            else:
                from memls.agent.several import ask_several

                asks = {str(name): access.ask for name, access in zip(names, opened, strict=True)}
                run = ask_several(asks, question, options)
            async with aclosing(run) as stream:
                async for event in stream:
                    await events.put(event)
