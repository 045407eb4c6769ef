"""Working-context blocks: small texts that the model keeps for itself and edits with `remember`.

`task` is the session's own, `project` is shared by all sessions of the repository, `user` by all
repositories. They stand in the prefix of every request as they were at the last compaction; an edit is
news in the queue until compaction folds it in (invariant 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from memls.database import Database, Writer
from memls.errors import UsageError
from memls.text import visible
from memls.tokens import BYTES_PER_TOKEN, count

BlockName = Literal["task", "project", "user"]
NAMES: tuple[BlockName, ...] = ("task", "project", "user")


class BlockStore(Protocol):
    """Where the text of shared blocks lives."""

    def load(self) -> str: ...
    def save(self, text: str) -> None: ...


@dataclass(slots=True)
class DatabaseBlock:
    """One shared block in a memory database."""

    database: Database
    name: BlockName

    def load(self) -> str:
        rows = self.database.read("SELECT text FROM blocks WHERE name = ?", [self.name])
        return str(rows[0][0]) if rows else ""

    def save(self, text: str) -> None:
        def replace(writer: Writer) -> None:
            writer.execute("DELETE FROM blocks WHERE name = ?", [self.name])
            writer.execute(
                "INSERT INTO blocks VALUES (?, ?, ?)",
                [self.name, text, datetime.now(UTC).replace(tzinfo=None)],
            )

        self.database.write(replace)


@dataclass(slots=True)
class FixedBlock:
    """A shared block that lives only as long as the process: for replays."""

    text: str = ""

    def load(self) -> str:
        return self.text

    def save(self, text: str) -> None:
        self.text = text


class Blocks:
    """The three blocks of a session, each of at most `limit` tokens."""

    def __init__(self, stores: Mapping[BlockName, BlockStore], limit: int, task: str = "") -> None:
        self._stores = stores
        self.limit = limit
        self._texts: dict[BlockName, str] = {
            name: task if name == "task" else stores[name].load() if name in stores else "" for name in NAMES
        }

    def get(self, name: BlockName) -> str:
        return self._texts[name]

    def texts(self) -> dict[str, str]:
        """All blocks by name."""
        return {str(name): text for name, text in self._texts.items()}

    def set(self, name: BlockName, text: str) -> None:
        """Put a text in the place of a block's. Raises UsageError where it is too long."""
        self.check(name, text)
        self._texts[name] = text.rstrip()
        if name in self._stores:
            self._stores[name].save(self._texts[name])

    def check(self, name: BlockName, text: str) -> None:
        """Raise UsageError unless the block can hold the text."""
        size = count(text.rstrip())
        if size > self.limit:
            raise UsageError(f"too long for the block {name}: about {size} tokens, and it holds {self.limit}")

    def append(self, name: BlockName, line: str) -> list[str]:
        """Add a line, cut to what a block holds. The oldest lines leave when it is full.

        What left or was cut is returned whole, for the archive.
        """
        line = " ".join(line.split())
        kept = _cut(line, self.limit)
        dropped = [line] if kept != line else []
        lines = [text for text in (*self._texts[name].split("\n"), kept) if text]
        while len(lines) > 1 and count("\n".join(lines)) > self.limit:
            dropped.append(lines.pop(0))
        self._texts[name] = "\n".join(lines)
        if name in self._stores:
            self._stores[name].save(self._texts[name])
        return dropped

    def render(self) -> str:
        """The blocks as they stand in the prefix; empty ones are left out."""
        parts = [f"<{name}>\n{self._fit(name)}\n</{name}>" for name in NAMES if self._texts[name]]
        return "# Working context\n" + "\n".join(parts) if parts else ""

    def _fit(self, name: BlockName) -> str:
        """The newest lines that fit: a smaller window than the one it was written in shows less of it."""
        lines = visible(self._texts[name]).split("\n")
        while len(lines) > 1 and count("\n".join(lines)) > self.limit:
            lines.pop(0)
        return _cut(lines[0], self.limit) if len(lines) == 1 else "\n".join(lines)


def _cut(text: str, limit: int) -> str:
    """The start of `text`, of at most `limit` tokens."""
    if count(text) <= limit:
        return text
    data = text.encode("utf-8", "replace")[: max(0, int(limit * BYTES_PER_TOKEN) - 3)]
    return data.decode("utf-8", "ignore") + "…"
