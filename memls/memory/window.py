"""Main context: everything sent to the model in one call, its budget, and its rendering.

Rendering is a pure function of state. The order is fixed: system instructions with the working context, the
recursive summary, then the queue. Nothing in the prefix changes between compactions (invariant 12).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from memls.memory.pages import PageTable
from memls.memory.queue import Queue
from memls.tokens import MESSAGE_OVERHEAD, Calibration, count, count_json

SMALLEST = 4096
"""Tokens. A smaller window has no room for the instructions, a question and one function of code."""
WARNING, FLUSH, GOAL = 0.70, 0.96, 0.82
"""Fractions of the usable window: tell the model; compact; and how far down. What lies between the last two
is room for the next steps, so that not every one of them rewrites the prefix; more of it is pages lost."""


@dataclass(slots=True)
class Budget:
    """The window in the provider's tokens, and what of it a prompt may use. `limit` is in our estimate."""

    window: int
    calibration: Calibration = field(default_factory=Calibration)

    @property
    def reserve(self) -> int:
        """Tokens kept free for the reply."""
        return min(4096, max(512, self.window // 8))

    @property
    def limit(self) -> int:
        """The largest prompt, as `tokens.count_request` counts it."""
        return self.calibration.estimate(self.window - self.reserve)

    def tokens(self, estimate: int) -> int:
        """An estimate in the provider's tokens, as far as we know its tokenizer."""
        return self.calibration.tokens(estimate)


@dataclass(slots=True)
class MainContext:
    """The state that a request is rendered from."""

    instructions: str
    tools: Sequence[dict[str, Any]]
    queue: Queue = field(default_factory=Queue)
    pages: PageTable = field(default_factory=PageTable)
    blocks: str = ""
    summary: str = ""
    _tools_cost: int = field(default=-1, repr=False)

    def messages(self) -> list[dict[str, Any]]:
        """The request's messages in the chat-completions format."""
        messages = [{"role": "system", "content": self._system()}]
        if self.summary:
            messages.append({"role": "user", "content": self._summary()})
        return messages + [entry.message() for entry in self.queue.entries]

    @property
    def fixed_tokens(self) -> int:
        """What no eviction can free: instructions, tools, blocks and summary."""
        if self._tools_cost < 0:
            self._tools_cost = count_json(list(self.tools))
        system = MESSAGE_OVERHEAD + count(self._system())
        return self._tools_cost + system + (MESSAGE_OVERHEAD + count(self._summary()) if self.summary else 0)

    @property
    def tokens(self) -> int:
        """The whole request, exactly as `tokens.count_request` counts what `messages` gives."""
        return self.fixed_tokens + self.queue.tokens

    @property
    def released(self) -> int:
        """Tokens of pages that are out and whose text still stands: compaction frees them before all else."""
        tokens = 0
        for handle, showings in self.queue.shown_pages().items():
            page = self.pages.get(handle)
            if page is not None and page.state == "evicted":
                tokens += sum(count(shown.text) for shown in showings)
        return tokens

    def parts(self) -> dict[str, int]:
        """Tokens (our estimate) by part, for the meter."""
        pages = sum(count(shown.text) for entry in self.queue.entries for shown in entry.shown)
        summary = count(self._summary()) if self.summary else 0
        blocks = count(self.blocks)
        return {
            "instructions": self.fixed_tokens - summary - blocks,
            "blocks": blocks,
            "summary": summary,
            "queue": self.queue.tokens - pages,
            "pages": pages,
        }

    def _system(self) -> str:
        return f"{self.instructions}\n\n{self.blocks}" if self.blocks else self.instructions

    def _summary(self) -> str:
        return f"[summary of what was flushed from the queue]\n{self.summary}"
