"""A model that is reached through another process: the editor's, lent to the server over `memls/complete`.

`call` sends a completion there: events `{"text": …}` are deltas, the answer is the whole reply. Cancelling
the stream cancels the call, and with it the editor's work.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

from memls.errors import MemlsError, ModelError
from memls.models.base import Reply, Request, TextDelta, ToolCall

Call = Callable[[str, Any, Callable[[Any], None]], Awaitable[Any]]
METHOD = "complete"


class LentModel:
    """Somebody else's model as one of ours."""

    def __init__(self, name: str, window: int | None, call: Call, *, summarises: bool = True) -> None:
        self.name = name
        self.window = window
        self.summarises = summarises
        self._call = call

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """Deltas as they come, then the reply. Raises ModelError where the lender fails."""
        queue: asyncio.Queue[Any] = asyncio.Queue()
        call = asyncio.ensure_future(self._call(METHOD, asdict(request), queue.put_nowait))
        call.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                if text := str(event.get("text", "")):
                    yield TextDelta(text)
            try:
                answer = await call
            except ModelError:
                raise
            except MemlsError as error:
                raise ModelError(f"the editor's model {self.name} failed: {error}") from error
            yield reply_of(answer)
        finally:
            call.cancel()

    async def close(self) -> None:
        """Nothing is open."""


def reply_of(answer: Any) -> Reply:
    """A reply from JSON: `text`, `calls` ({id, name, arguments}), and token counts where they are known."""
    if not isinstance(answer, dict):
        raise ModelError("the editor's model gave no reply")
    calls = tuple(
        ToolCall(str(call.get("id", "")), str(call.get("name", "")), str(call.get("arguments", "")))
        for call in answer.get("calls") or ()
        if isinstance(call, dict)
    )
    counts = [answer.get(name) for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (count if isinstance(count, int) else None for count in counts)
    return Reply(str(answer.get("text") or ""), calls, prompt, completion, bool(answer.get("cut")))
