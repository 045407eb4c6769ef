"""Recorded replies, given again: `memls trace replay` needs no model (invariant 11)."""

from collections.abc import AsyncGenerator, Sequence

from memls.errors import ContextOverflowError, ModelError
from memls.models.base import Reply, Request, TextDelta
from memls.text import plural


class ReplayModel:
    """Gives `replies` in order, each as its deltas exactly as recorded and then the Reply or the error.

    It does not look at the requests: whoever replays compares them with the recorded ones.
    """

    def __init__(
        self,
        name: str,
        replies: Sequence[tuple[list[str], Reply | ContextOverflowError]],
        window: int | None = None,
    ) -> None:
        self.name = name
        self.window = window
        self.used = 0
        """Replies given so far."""
        self._replies = list(replies)

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """The next recorded reply. Raises ModelError when there is none left."""
        if self.used == len(self._replies):
            raise ModelError(
                f'the recording of model "{self.name}" has {plural(self.used, "call")} and one more was made:'
                " this run differs from the recorded one; record it again"
            )
        deltas, reply = self._replies[self.used]
        self.used += 1
        for text in deltas:
            yield TextDelta(text)
        if isinstance(reply, ContextOverflowError):
            raise reply
        yield reply

    async def close(self) -> None:
        """Nothing is open."""
