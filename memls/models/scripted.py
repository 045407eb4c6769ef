"""A model that is a function: for tests of the agent that must be the same each time."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from memls.models.base import Reply, Request, TextDelta

CHUNK = 7
"""Characters a delta: small, and never in step with words or lines."""


class ScriptedModel:
    """Answers each request with `policy(request)`, which sees what a model would see and nothing else.

    `requests` keeps them, so that a test can look at what was sent.
    """

    def __init__(
        self,
        policy: Callable[[Request], Reply],
        name: str = "scripted",
        window: int | None = None,
        *,
        summarises: bool = False,
    ) -> None:
        self.name = name
        self.window = window
        self.summarises = summarises
        self.requests: list[Request] = []
        self._policy = policy

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """The policy's reply in small deltas. What the policy raises comes out as it is."""
        self.requests.append(request)
        reply = self._policy(request)
        for start in range(0, len(reply.text), CHUNK):
            yield TextDelta(reply.text[start : start + CHUNK])
            await asyncio.sleep(0)
        yield reply

    async def close(self) -> None:
        """Nothing is open."""
