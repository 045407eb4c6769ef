"""The one interface between the kernel and any language model.

A `Request` is exactly what an OpenAI-compatible endpoint is sent: what a model cannot see here it does not
know. A model streams `TextDelta`s and ends with exactly one `Reply`. Cancelling the consuming task stops
the work; errors are `ModelError`s with a line for the reader.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call as the model wrote it. `arguments` is its JSON text, well formed or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Request:
    """One model call. `messages` and `tools` are in the chat-completions format; limits are in tokens."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    max_completion_tokens: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole reply. Token counts are the provider's, or None where it gave none.

    `cut` is true where the provider stopped at the length limit, `late` where the run's time is running out.
    `cost` is in dollars; None where nobody knows it.
    """

    text: str
    calls: tuple[ToolCall, ...] = field(default=())
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cut: bool = False
    late: bool = False
    cost: float | None = None


class Model(Protocol):
    """A source of replies. `window` is its context size in tokens where it is known, else None.

    `summarises`: whether it is asked to write the recursive summary; what follows rules has nothing to say
    that the extractive lines do not.
    """

    name: str
    window: int | None

    @property
    def summarises(self) -> bool: ...

    def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """Deltas as they come, then one Reply. Raises ModelError or ContextOverflowError."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
