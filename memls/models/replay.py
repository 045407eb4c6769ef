"""Recorded replies, given again: `memls trace replay` needs no model (invariant 11)."""

from collections.abc import AsyncGenerator, Collection, Sequence

from memls.errors import ModelError
from memls.models.base import Reply, Request, TextDelta
from memls.text import plural


class ReplayModel:
    """Gives `replies` in order, each as its deltas exactly as recorded and then the Reply or the error.

    It does not look at the requests: whoever replays compares them with the recorded ones. `summaries` are
    the places of replies to requests for a summary: whether one was asked for hung on the clock, and a replay
    has none.
    """

    def __init__(
        self,
        name: str,
        replies: Sequence[tuple[list[str], Reply | ModelError]],
        window: int | None = None,
        *,
        summaries: Collection[int] = (),
    ) -> None:
        self.name = name
        self.window = window
        self.used = 0
        """Replies given so far."""
        self._replies = list(replies)
        self._summaries = summaries

    @property
    def summarises(self) -> bool:
        """Whether a summary was asked for at this point of the recording."""
        return self.used in self._summaries

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
        if isinstance(reply, ModelError):
            raise reply
        yield reply

    async def close(self) -> None:
        """Nothing is open."""
