"""Working-context blocks: small texts that the model keeps for itself and edits with `remember`.

`task` is the session's own, `project` is shared by all sessions of the repository, `user` by all
repositories. Users define more for a repository, described and limited, and some that the model may not
edit. They stand in the prefix of every request as they were at the last compaction; an edit is
news in the queue until compaction folds it in (invariant 12).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from memls.database import Database, Writer
from memls.errors import UsageError
from memls.text import visible
from memls.tokens import BYTES_PER_TOKEN, count

TASK, ARCHIVE = "task", "archive"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_MOST_DEFINED = 6
_LONGEST_ABOUT = 120
_SMALLEST = 40
"""Tokens that a block holds at least."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A block as it is defined: what it is about, how many tokens it holds (0: its share of the window)."""

    name: str
    about: str = ""
    tokens: int = 0
    read_only: bool = False

    @property
    def title(self) -> str:
        """How it is named in the prefix, and what its reader is told of it."""
        told = [part for part in (self.about, "read-only" if self.read_only else "") if part]
        return f"{self.name}: {'; '.join(told)}" if told else self.name


@dataclass(frozen=True, slots=True)
class Told:
    """A block as a person is told of it."""

    kind: Kind
    text: str


STANDARD = (Kind(TASK), Kind("project"), Kind("user"))
NAMES = tuple(kind.name for kind in STANDARD)


class BlockStore(Protocol):
    """Where the text of shared blocks lives."""

    def load(self) -> str: ...
    def save(self, text: str) -> None: ...


@dataclass(slots=True)
class DatabaseBlock:
    """One shared block in a memory database."""

    database: Database
    name: str

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


@dataclass(frozen=True, slots=True)
class Kinds:
    """The blocks that the user defined for a repository."""

    database: Database

    def all(self) -> tuple[Kind, ...]:
        """By name."""
        rows = self.database.read("SELECT name, about, tokens, read_only FROM block_kinds ORDER BY name")
        return tuple(Kind(*row) for row in rows)

    def define(self, kind: Kind) -> None:
        """Add a block, or change what one is. Raises UsageError where it cannot be one."""
        others = [one for one in self.all() if one.name != kind.name]
        check([*others, kind])

        def replace(writer: Writer) -> None:
            writer.execute("DELETE FROM block_kinds WHERE name = ?", [kind.name])
            row = [kind.name, kind.about, kind.tokens, kind.read_only]
            writer.execute("INSERT INTO block_kinds VALUES (?, ?, ?, ?)", row)

        self.database.write(replace)

    def remove(self, name: str) -> bool:
        """Delete a block with its text; whether there was one."""

        def delete(writer: Writer) -> bool:
            there = bool(writer.execute("SELECT 1 FROM block_kinds WHERE name = ?", [name]))
            writer.execute("DELETE FROM block_kinds WHERE name = ?", [name])
            if there:
                writer.execute("DELETE FROM blocks WHERE name = ?", [name])
            return there

        return self.database.write(delete)


def check(kinds: Sequence[Kind]) -> None:
    """Raise UsageError unless all of these may be defined, together."""
    for kind in kinds:
        _check(kind)
    if len(kinds) > _MOST_DEFINED:
        raise UsageError(f"there are {_MOST_DEFINED} blocks already: each takes room in every request")


def _check(kind: Kind) -> None:
    if kind.name in (*NAMES, ARCHIVE):
        raise UsageError(f"the block {kind.name} is there always and cannot be defined")
    if not _NAME.fullmatch(kind.name):
        raise UsageError(f"{kind.name!r} names no block: write up to 24 of a-z, 0-9, - and _, a letter first")
    if len(kind.about) > _LONGEST_ABOUT or "\n" in kind.about:
        raise UsageError(f"what a block is about is one line of at most {_LONGEST_ABOUT} characters")
    if kind.tokens and kind.tokens < _SMALLEST:
        raise UsageError(f"a block holds at least {_SMALLEST} tokens")


class Blocks:
    """The blocks of a session. Each standard one holds `limit` tokens, and those defined as much together."""

    def __init__(
        self,
        stores: Mapping[str, BlockStore],
        limit: int,
        task: str = "",
        defined: Sequence[Kind] = (),
    ) -> None:
        self._stores = stores
        self._limit = limit
        self.kinds = {kind.name: kind for kind in (*STANDARD, *defined)}
        self._share = max(_SMALLEST, limit // max(1, len(defined)))
        self._texts: dict[str, str] = {
            name: task if name == TASK else stores[name].load() if name in stores else ""
            for name in self.kinds
        }

    @property
    def editable(self) -> list[str]:
        """The names of those that the model may edit."""
        return [name for name, kind in self.kinds.items() if not kind.read_only]

    def limits(self) -> dict[str, int]:
        """How many tokens each holds in this window."""
        return {name: self.limit(name) for name in self.kinds}

    def limit(self, name: str) -> int:
        """How many tokens a block holds in this window."""
        share = self._limit if name in NAMES else self._share
        return min(self.kinds[name].tokens or share, share)

    def get(self, name: str) -> str:
        return self._texts.get(name, "")

    def texts(self) -> dict[str, str]:
        """All blocks by name."""
        return dict(self._texts)

    def set(self, name: str, text: str) -> None:
        """Put a text in the place of a block's. Raises UsageError where it is too long."""
        self.check(name, text)
        self._texts[name] = text.rstrip()
        if name in self._stores:
            self._stores[name].save(self._texts[name])

    def check(self, name: str, text: str) -> None:
        """Raise UsageError unless there is such a block and it can hold the text."""
        if name not in self.kinds:
            raise UsageError(f"no block is named {name!r}; there are: {', '.join(self.kinds)}")
        size, limit = count(text.rstrip()), self.limit(name)
        if size > limit:
            raise UsageError(f"too long for the block {name}: about {size} tokens, and it holds {limit}")

    def append(self, name: str, line: str) -> list[str]:
        """Add a line, cut to what a block holds. The oldest lines leave when it is full.

        What left or was cut is returned whole, for the archive.
        """
        line = " ".join(line.split())
        limit = self.limit(name)
        kept = _cut(line, limit)
        dropped = [line] if kept != line else []
        lines = [text for text in (*self._texts[name].split("\n"), kept) if text]
        while len(lines) > 1 and count("\n".join(lines)) > limit:
            dropped.append(lines.pop(0))
        self._texts[name] = "\n".join(lines)
        if name in self._stores:
            self._stores[name].save(self._texts[name])
        return dropped

    def render(self) -> str:
        """The blocks as they stand in the prefix; empty ones are left out."""
        parts = [
            f"<{visible(kind.title)}>\n{self._fit(name)}\n</{name}>"
            for name, kind in self.kinds.items()
            if self._texts[name]
        ]
        return "# Working context\n" + "\n".join(parts) if parts else ""

    def _fit(self, name: str) -> str:
        """The newest lines that fit: a smaller window than the one it was written in shows less of it."""
        lines, limit = visible(self._texts[name]).split("\n"), self.limit(name)
        while len(lines) > 1 and count("\n".join(lines)) > limit:
            lines.pop(0)
        return _cut(lines[0], limit) if len(lines) == 1 else "\n".join(lines)


def _cut(text: str, limit: int) -> str:
    """The start of `text`, of at most `limit` tokens."""
    if count(text) <= limit:
        return text
    data = text.encode("utf-8", "replace")[: max(0, int(limit * BYTES_PER_TOKEN) - 3)]
    return data.decode("utf-8", "ignore") + "…"
