"""Recall storage: every message and event of every session, append-only, and the sessions' saved states."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from memls.database import Database, Writer
from memls.memory import items


@dataclass(frozen=True, slots=True)
class Message:
    """One remembered message. `time` is UTC."""

    session: str
    number: int
    role: str
    content: str
    time: datetime


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One conversation: its name, when it was used last (UTC), how many messages it has, and its title."""

    name: str
    used: datetime
    messages: int
    title: str = ""


def now() -> datetime:
    """The current UTC time, naive, as DuckDB keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


Said = tuple[str, str, Mapping[str, Any]]
"""A message: its role, content and detail."""
REJECTED: Mapping[str, Any] = {"rejected": True}
"""The detail of an answer that failed the check: another came in its place, and this one is not searched."""


class Recall:
    """Messages of all sessions of one repository."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, session: str, messages: Sequence[Said]) -> None:
        """Add messages, all or none, numbered on from the session's last."""

        if messages:
            self._database.write(lambda writer: _append(writer, session, messages))

    def keep(self, session: str, messages: Sequence[Said], state: Mapping[str, Any]) -> None:
        """Add the messages of a step and keep main context as it is after it: both, or neither."""
        encoded = storable(json.dumps(state, ensure_ascii=False))

        def write(writer: Writer) -> None:
            _append(writer, session, messages)
            _keep(writer, session, encoded)

        self._database.write(write)

    def extent(self) -> dict[str, int]:
        """How many rows recall and archival storage hold now: a replay takes no more."""
        rows = self._database.read("SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM notes)")
        return {"messages": rows[0][0], "notes": rows[0][1]}

    def transcript(self, session: str) -> list[Message]:
        """Every message of a session in order."""
        rows = self._database.read(
            "SELECT session, number, role, content, time FROM messages WHERE session = ? ORDER BY number",
            [session],
        )
        return [Message(*row) for row in rows]

    def save_state(self, session: str, state: Mapping[str, Any]) -> None:
        """Keep the session's main context as of a consistent step; a crash resumes from here."""
        encoded = storable(json.dumps(state, ensure_ascii=False))

        self._database.write(lambda writer: _keep(writer, session, encoded))

    def has(self, session: str) -> bool:
        """Whether there is such a session."""
        query = "SELECT 1 FROM sessions WHERE name = $1 UNION ALL SELECT 1 FROM messages WHERE session = $1"
        return bool(self._database.read(f"{query} LIMIT 1", [session]))

    def load_state(self, session: str) -> dict[str, Any] | None:
        """The saved state of a session, or None for a new one."""
        rows = self._database.read("SELECT state FROM sessions WHERE name = ?", [session])
        state: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
        return state

    def forget(self, session: str) -> int:
        """Delete a session with everything in it; the number of rows deleted."""

        def delete(writer: Writer) -> int:
            gone = 0
            items.forget_session(writer, session)
            for table, column in (("messages", "session"), ("turns", "session"), ("sessions", "name")):
                gone += writer.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [session])[0][0]
                writer.execute(f"DELETE FROM {table} WHERE {column} = ?", [session])
            return gone

        return self._database.write(delete)


def _append(writer: Writer, session: str, messages: Sequence[Said]) -> None:
    last = writer.execute("SELECT coalesce(max(number), 0) FROM messages WHERE session = ?", [session])
    for offset, (role, content, detail) in enumerate(messages, 1):
        encoded = json.dumps(detail, ensure_ascii=False) if detail else ""
        row = [session, last[0][0] + offset, role, storable(content), storable(encoded), now()]
        writer.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", row)


def _keep(writer: Writer, session: str, state: str) -> None:
    if writer.execute("SELECT 1 FROM sessions WHERE name = ?", [session]):
        writer.execute("UPDATE sessions SET used = ?, state = ? WHERE name = ?", [now(), state, session])
    else:
        insert = "INSERT INTO sessions (name, created, used, state) VALUES (?, ?, ?, ?)"
        writer.execute(insert, [session, now(), now(), state])


def storable(text: str) -> str:
    """Lone surrogates (from broken file names) cannot be stored as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
