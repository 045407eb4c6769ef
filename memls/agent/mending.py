"""An answer whose citations failed: the model is asked to mend it, once. Until it has, the answer stands."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from memls.agent.trace import Tracer
from memls.errors import ModelError
from memls.events import Event
from memls.models.base import Reply


class Mending:
    """Of one run. `notes` says why an answer stands as it was."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._answer: Reply | None = None
        self.notes: list[str] = []

    @property
    def begun(self) -> bool:
        return self._answer is not None

    def begin(self, answer: Reply) -> None:
        """It goes back to the model."""
        self._answer = answer

    async def guard(self, call: AsyncGenerator[Event | Reply, None]) -> AsyncGenerator[Event | Reply, None]:
        """What a model call gives. Where it fails, the answer that was to be mended: it was paid for."""
        try:
            async with aclosing(call) as stream:
                async for item in stream:
                    yield item
        except ModelError as error:
            if self._answer is None:
                raise
            self._tracer.failed(error)
            self.notes.append(f"its citations could not be mended: {error}")
            yield self._answer
