"""What a model replies, as it comes: traced, and held to the time of the run."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from memls.agent.limits import Clock
from memls.agent.trace import Tracer
from memls.errors import ModelError
from memls.events import Event, Retracted, Token
from memls.models.base import Model, Reply, Request, TextDelta
from memls.text import shorten, visible

_ASIDE = 300
"""Characters that are kept of what a model says before a syscall."""


class Replies:
    """The replies of one model in one run."""

    def __init__(self, model: Model, tracer: Tracer, clock: Clock) -> None:
        self._model = model
        self._tracer = tracer
        self._clock = clock

    async def stream(self, request: Request) -> AsyncGenerator[Event | Reply, None]:
        """Text as it comes, then the reply. Where the time is up, what came so far is the reply."""
        deltas: list[str] = []
        self._clock.begin()
        async with aclosing(self._model.stream(request)) as stream:
            while (item := await self._next(stream, deltas)) is not None:
                if isinstance(item, TextDelta):
                    deltas.append(item.text)
                    yield Token(item.text)
                    continue
                reply = self._done(deltas, item)
                if reply.calls and deltas:
                    yield Retracted("a syscall followed", shorten(visible("".join(deltas).strip()), _ASIDE))
                yield reply
                return

    async def whole(self, request: Request, seconds: float) -> Reply:
        """The reply to a request that nobody watches. Raises ModelError, also where it takes longer."""
        deltas: list[str] = []
        self._clock.begin()
        try:
            async with asyncio.timeout(seconds), aclosing(self._model.stream(request)) as stream:
                async for item in stream:
                    if isinstance(item, Reply):
                        return self._done(deltas, item)
                    deltas.append(item.text)
        except TimeoutError:
            raise ModelError(f"no reply in {seconds:.0f} s") from None
        raise ModelError("the reply has no end")

    def _done(self, deltas: list[str], reply: Reply) -> Reply:
        reply = replace(reply, late=reply.late or self._clock.near())
        self._tracer.reply(deltas, reply)
        return reply

    async def _next(
        self, stream: AsyncGenerator[TextDelta | Reply, None], deltas: list[str]
    ) -> TextDelta | Reply | None:
        """What comes next of a reply. Where the time is up, what came of it so far is the reply."""
        try:
            async with asyncio.timeout(self._clock.left()):
                return await anext(stream)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            if not self._clock.over():
                raise
            return Reply("".join(deltas), cut=True, late=True)
