"""What a run has cost so far, and what it has seen repeat."""

import json
from dataclasses import dataclass, field

from memls.models.base import Reply, Request, ToolCall
from memls.text import digest
from memls.tokens import count


@dataclass(slots=True)
class Tally:
    """Tokens are the provider's where it tells them. `reused` and `resent` are characters."""

    prompt: int = 0
    completion: int = 0
    peak: int = 0
    steps: int = 0
    summaries: int = 0
    reused: int = 0
    resent: int = 0
    faults_before: int = 0
    thrash_told: int = 0
    warned: bool = False
    empty: int = 0
    cost: float | None = 0.0
    calls: dict[tuple[str, str, str], int] = field(default_factory=dict)
    last_request: str = ""

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion

    @property
    def cached_prefix_ratio(self) -> float:
        """The part of the requests after the first that the provider had just seen."""
        return round(self.reused / self.resent, 4) if self.resent else 0.0

    def add(self, request: Request, prompt: int, reply: Reply) -> None:
        """Count one step's model call; `prompt` is what its request took."""
        self.spend(prompt, reply)
        self.steps += 1
        rendered = json.dumps([request.tools, request.messages], ensure_ascii=False)
        if self.steps > 1:
            self.resent += len(rendered)
            self.reused += _common_prefix(self.last_request, rendered)
        self.last_request = rendered

    def spend(self, prompt: int, reply: Reply) -> None:
        """Count what a call took, whether or not it is a step."""
        self.prompt += prompt
        self.peak = max(self.peak, prompt)
        written = count(reply.text) + sum(count(call.name + call.arguments) for call in reply.calls)
        self.completion += reply.completion_tokens or written
        self.cost = None if self.cost is None or reply.cost is None else self.cost + reply.cost

    def repeats(self, call: ToolCall, result: str) -> int:
        """How often this very call brought this very result, this time included.

        The same call may well bring something else: a page that was evicted since.
        """
        key = (call.name, call.arguments, digest(result))
        self.calls[key] = self.calls.get(key, 0) + 1
        return self.calls[key]


def _common_prefix(before: str, after: str) -> int:
    """Characters that two requests share from the start (found by halving, so that it costs little)."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[:middle] == after[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
