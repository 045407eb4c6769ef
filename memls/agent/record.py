"""The record of one question: what its user will see of it again, written when it begins and when it ends."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memls.errors import MemlsError
from memls.events import Answer, Cited, Done, Event, Token, as_json
from memls.memory.turns import STOPPED, Turns
from memls.text import shorten

_FIRST, _LAST = 400, 100
"""Steps that are kept of a run: where it went, and how it ended."""
_LONGEST, _WIDEST = 500, 40
"""Characters of a text in a step, and items of a list."""


@dataclass(slots=True)
class Record:
    """One turn of a session in the making."""

    turns: Turns
    session: str
    number: int = 0
    answer: Answer | None = None
    first: list[dict[str, Any]] = field(default_factory=list)
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_LAST))

    def begin(self, question: str, attachments: Sequence[Mapping[str, Any]], *, again: bool) -> None:
        """Keep the question. `again`: a process died over it, and what it began is gone on with."""
        self.number = self.turns.begin(self.session, question, attachments, again=again)

    def see(self, event: Event) -> None:
        """Take note of an event. Texts and citations are in the answer."""
        if isinstance(event, Done):
            self.answer = event.result
        elif not isinstance(event, Token | Cited):
            (self.first if len(self.first) < _FIRST else self.last).append(_bounded(as_json(event)))

    def end(self, error: BaseException | None) -> None:
        """Keep what came of it. Without an answer and without an error it was called off."""
        answer = self.answer.as_json() if self.answer else None
        steps = [*self.first, *self.last]
        failure = "" if answer else _failure(error)
        self.turns.end(self.session, self.number, answer, steps, failure)


def _failure(error: BaseException | None) -> str:
    if isinstance(error, MemlsError):
        return str(error)
    return f"internal error: {error}" if isinstance(error, Exception) else STOPPED


def _bounded(value: Any) -> Any:
    """JSON with its texts and lists cut to what somebody reads."""
    if isinstance(value, str):
        return shorten(value, _LONGEST)
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:_WIDEST]]
    return {key: _bounded(item) for key, item in value.items()} if isinstance(value, dict) else value
