"""What the user attaches to a question: paged in before the first model call, as far as there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memls.agent import prompts
from memls.agent.functions import ArgumentError
from memls.agent.paging import Pager, Wanted
from memls.agent.session import Session
from memls.errors import MemlsError
from memls.events import Interrupt
from memls.memory.pages import Page
from memls.memory.queue import Part
from memls.text import visible
from memls.tokens import count

_SHARE = 0.6
"""Of the room for results: the rest is for what the index says of the question."""
_MOST = 32


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, a symbol in it, or lines of it (from 1, both included)."""

    path: str
    symbol: str = ""
    start: int = 0
    end: int = 0

    @property
    def target(self) -> str:
        """As the pager is asked for it."""
        if self.symbol and not self.start:
            return f"{self.path}:{self.symbol}"
        return f"{self.path}:{self.start}-{max(self.start, self.end)}" if self.start else self.path

    def as_json(self) -> dict[str, Any]:
        """What of it was said."""
        given = {"path": self.path, "symbol": self.symbol, "start": self.start, "end": self.end}
        return {name: value for name, value in given.items() if value}


def attach(session: Session, pager: Pager, attachments: Sequence[Attachment]) -> list[Part]:
    """The pages under a line that says what they are; the user is told of what did not fit whole.

    The smallest come first to the room, so that one large file does not keep three small ones out.
    """
    if not attachments:
        return []
    room = int(session.room * _SHARE)
    wanted = [(one, *_found(pager, one)) for one in attachments[:_MOST]]
    told: dict[int, list[Part]] = {}
    left = len(wanted)
    for place in sorted(range(len(wanted)), key=lambda place: _size(wanted[place][1])):
        _, regions, failure = wanted[place]
        session.room = room // left
        before = session.room
        told[place] = [failure] if failure else [p for one in regions for p in pager.place(one, "full")]
        room -= before - session.room
        left -= 1
    parts = [part for place in range(len(wanted)) for part in told[place]]
    lines = [visible(part) for part in parts if isinstance(part, str) and not _is_above(part)]
    if len(attachments) > _MOST:
        lines.append(f"only the first {_MOST} attachments were taken")
    if lines:
        session.events.append(Interrupt("attachments", "; ".join(lines)))
    return [prompts.ATTACHED, *parts]


def _found(pager: Pager, attachment: Attachment) -> tuple[list[Wanted], str]:
    """The regions that are attached, or why there are none."""
    try:
        return pager.resolve(attachment.target), ""
    except (ArgumentError, MemlsError) as error:
        return [], f"{attachment.target} cannot be attached: {error}"


def _size(wanted: Sequence[Wanted]) -> int:
    return sum(count(Page("p0", one.region, "lines", "", one.view).show("full").text) for one in wanted)


def _is_above(line: str) -> bool:
    """Whether a line only says that a page stands in main context already, which the user need not hear."""
    return line.endswith((" above", " above already"))
