"""One conversation with one repository: its main context, and everything its syscalls reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memls.agent.functions import schemas
from memls.agent.prompts import INSTRUCTIONS
from memls.database import Database
from memls.events import Citation, Event
from memls.index.code import Code
from memls.index.resolve import Resolver
from memls.index.search import Search
from memls.memory import state
from memls.memory.archive import Archive
from memls.memory.blocks import Blocks, BlockStore, Kind
from memls.memory.ledger import Ledger, Row
from memls.memory.queue import Entry, Part
from memls.memory.recall import Recall
from memls.memory.search import Remembered
from memls.memory.window import FLUSH, Budget, MainContext
from memls.text import digest
from memls.tokens import count

_CITED = 200
"""Places that answers of the conversation cited, the latest: what a later answer may cite again."""
_BLOCK_PART = 0.04
"""Each working-context block may take this part of the window."""
_LISTED, _ALONE, _ROWS_TOKENS, _NEWS = 0.4, 0.8, 200, 120
"""What of the room rows may take, and what of that which is free where one call is alone; tokens of rows that
a result has in any case, and that an interrupt before the next call may take."""


@dataclass(frozen=True, slots=True)
class Repository:
    """What a session reads code from. Shared by all sessions; safe from any thread."""

    root: Path
    code: Code
    search: Search
    resolver: Resolver


@dataclass(frozen=True, slots=True)
class Memory:
    """Where a session's memory lives: recall and archival storage, and the shared blocks."""

    database: Database
    blocks: Mapping[str, BlockStore]
    """Those that outlive sessions."""
    defined: tuple[Kind, ...] = ()
    """Those of them that the user defined."""


@dataclass(slots=True)
class Session:
    """The state that a step changes. One kernel works on it at a time."""

    name: str
    repository: Repository
    context: MainContext
    budget: Budget
    blocks: Blocks
    recall: Recall
    archive: Archive
    remembered: Remembered
    ledger: Ledger = field(default_factory=Ledger)
    instructions: str = ""
    prompt: str = ""
    """What this model is told besides, by its profile."""
    question: Entry | None = None
    asked: str = ""
    """The question that is being answered."""
    step: int = 0
    rows: list[Row] = field(default_factory=list)
    """Lines that searches of this step show. They were read once a request with them is sent."""
    room: int = 0
    """Tokens (our estimate) that results of the present step may still take."""
    calls_left: int = 1
    """Calls of the present step that have no result yet, with the one that runs."""
    cited: dict[tuple[str, int, int], str] = field(default_factory=dict)
    """What earlier answers cited rightly, with the hash of its text: it counts as read until that changes."""
    events: list[Event] = field(default_factory=list)
    """Events of the present step that were not handed out yet."""

    def cite(self, citations: Sequence[Citation]) -> None:
        """Keep what an answer cited rightly."""
        for one in citations:
            if one.status in ("verified", "moved"):
                self.cited.pop((one.path, one.start, one.end), None)
                self.cited[one.path, one.start, one.end] = one.hash
        self.cited = dict(list(self.cited.items())[-_CITED:])

    def recall_cited(self) -> None:
        """Count as read what earlier answers cited, where the code still says the same."""
        for (path, start, end), known in self.cited.items():
            view = self.repository.code.try_view(path)
            if view is not None and end <= len(view.lines) and digest(view.text(start, end)) == known:
                lines = dict(enumerate(view.lines[start - 1 : end], start))
                self.ledger.record_lines(path, view.hash, lines)

    def open_room(self) -> None:
        """At the start of a step's calls: what fits if all else were evicted, less a margin for the rest."""
        kept = self.context.fixed_tokens + (self.question.tokens if self.question else 0)
        self.room = max(0, int((self.budget.limit - kept) * 0.72))

    def parts(self) -> dict[str, int]:
        """Tokens by part, which make the whole request; and the reserve, kept free for the reply."""
        budget, parts = self.budget, self.context.parts()
        told = {name: budget.tokens(size) for name, size in parts.items()}
        told["instructions"] += budget.tokens(sum(parts.values())) - sum(told.values())
        return {**told, "reserve": budget.reserve}

    def spend(self, part: Part) -> None:
        """Count a part of a result against the room."""
        self.room -= count(part if isinstance(part, str) else part.text)

    @property
    def free(self) -> int:
        """Tokens until a page would have to go that nobody released."""
        return int(self.budget.limit * FLUSH) - self.context.tokens + self.context.released - _NEWS

    def listed(self, lines: Sequence[str]) -> int:
        """How many rows of a result fit into what is free for one call of several; some in any case."""
        share = _ALONE if self.calls_left < 2 else 1 / self.calls_left
        most = max(_ROWS_TOKENS, int(self.free * share))
        return _taken(lines, max(80, min(int(self.room * _LISTED), most)))

    def fitting(self, lines: Sequence[str], share: float = _LISTED) -> int:
        """How many of `lines` fit into a share of the room; at least one where there is any."""
        return _taken(lines, max(80, int(self.room * share)))


def _taken(lines: Sequence[str], tokens: int) -> int:
    for taken, line in enumerate(lines):
        tokens -= count(line) + 1
        if tokens < 0:
            return max(1, taken)
    return len(lines)


def open_session(
    name: str,
    repository: Repository,
    memory: Memory,
    window: int,
    saved: Mapping[str, Any] | None,
    instructions: str = "",
    prompt: str = "",
) -> Session:
    """A session with its main context restored from `saved`, or fresh.

    `instructions` are said to this model after those that all are told, `prompt` in the place of these.
    """
    task = str(saved.get("task", "")) if saved else ""
    blocks = Blocks(memory.blocks, max(60, int(window * _BLOCK_PART)), task, memory.defined)
    told = "\n\n".join(filter(None, (prompt.strip() or INSTRUCTIONS, instructions.strip())))
    context = MainContext(told, schemas(blocks.editable), blocks=blocks.render())
    session = Session(
        name, repository, context, Budget(window), blocks, Recall(memory.database),
        Archive(memory.database), Remembered(memory.database), instructions=instructions, prompt=prompt,
    )  # fmt: skip
    if saved:
        state.restore(saved, context, repository.code)
        session.cited = {(path, start, end): known for path, start, end, known in saved.get("cited", ())}
        session.recall_cited()
        session.step = max((*context.pages.asked[-1:], *(page.last_use for page in context.pages)), default=0)
    return session


def saved_state(session: Session) -> dict[str, Any]:
    """What `open_session` restores a session from."""
    return {
        **state.save(session.context, session.blocks.get("task")),
        "window": session.budget.window,
        "cited": [[*place, known] for place, known in session.cited.items()],
    }
