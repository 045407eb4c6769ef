"""The FIFO queue of main context: messages, calls, results, pages and interrupts, oldest first.

Entries are immutable; the queue is changed by replacing them. Between compactions it only grows at the
end, so a request begins with the bytes of the one before it (invariant 12).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from memls.memory.pages import Shown
from memls.models.base import ToolCall
from memls.tokens import MESSAGE_OVERHEAD, count, count_json

EntryRole = Literal["user", "assistant", "tool", "interrupt", "summary"]
Part = str | Shown

INTERRUPT_MARK = "[system interrupt] "


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. `calls` are an assistant's; `call_id` ties a result to its call.

    `group` is the same for an assistant message and all results of its calls: they leave together, since no
    endpoint takes one without the other.
    """

    role: EntryRole
    parts: tuple[Part, ...]
    group: int
    calls: tuple[ToolCall, ...] = field(default=())
    call_id: str = ""
    masked: bool = False
    tokens: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        cost = MESSAGE_OVERHEAD + count(self.content) + count_json(self._calls_json())
        object.__setattr__(self, "tokens", cost)

    @property
    def content(self) -> str:
        text = "\n".join(part if isinstance(part, str) else part.text for part in self.parts)
        return INTERRUPT_MARK + text if self.role == "interrupt" else text

    @property
    def shown(self) -> list[Shown]:
        return [part for part in self.parts if isinstance(part, Shown)]

    def message(self) -> dict[str, Any]:
        """The entry in the chat-completions format."""
        if self.role == "assistant":
            message: dict[str, Any] = {"role": "assistant", "content": self.content}
            if self.calls:
                message["tool_calls"] = self._calls_json()
            return message
        if self.role == "tool":
            return {"role": "tool", "tool_call_id": self.call_id, "content": self.content}
        return {"role": "user", "content": self.content}

    def _calls_json(self) -> list[dict[str, Any]]:
        return [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in self.calls
        ]


class Queue:
    """The entries, and the changes that compaction and refreshing make to them."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry] = list(entries)
        self._group = max((entry.group for entry in self.entries), default=0)

    @property
    def tokens(self) -> int:
        return sum(entry.tokens for entry in self.entries)

    @property
    def last_group(self) -> int:
        return self._group

    @property
    def newest_group(self) -> int:
        """The group of the last reply. What came with it and after it was not read yet, and is spared."""
        replies = (entry.group for entry in reversed(self.entries) if entry.role == "assistant")
        return next(replies, self._group)

    def append(
        self, role: EntryRole, *parts: Part, calls: tuple[ToolCall, ...] = (), call_id: str = ""
    ) -> Entry:
        """Add at the end. A result joins the group of the call before it; all else opens a new one."""
        if role != "tool":
            self._group += 1
        entry = Entry(role, parts, self._group, calls, call_id)
        self.entries.append(entry)
        return entry

    def shown_pages(self) -> dict[str, list[Shown]]:
        """What of each page stands in the queue, tombstones left out."""
        found: dict[str, list[Shown]] = {}
        for entry in self.entries:
            for shown in entry.shown:
                if shown.detail != "tombstone":
                    found.setdefault(shown.page, []).append(shown)
        return found

    def replace_shown(self, change: Callable[[Shown], Part | None], keep_group: int | None = None) -> int:
        """Replace parts that show pages; None leaves one as it is. Gives the tokens freed."""
        before = self.tokens
        for position, entry in enumerate(self.entries):
            if entry.group == keep_group or not entry.shown:
                continue
            parts = tuple(
                part if isinstance(part, str) or (new := change(part)) is None else new
                for part in entry.parts
            )
            if parts != entry.parts:
                self.entries[position] = replace(entry, parts=parts)
        return before - self.tokens
