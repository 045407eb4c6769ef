"""Archival storage: notes that the model wrote, kept for all sessions of the repository, anchored to code.

A note remembers the hash of each region it speaks of; when that text has changed the note is flagged, since
what it says may no longer hold.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from memls.database import Database, Writer
from memls.memory import items
from memls.memory.recall import now


@dataclass(frozen=True, slots=True)
class CodeAnchor:
    """What code a note speaks of: a path, a symbol in it ("" is the whole file), and its text's hash then."""

    path: str
    symbol: str
    hash: str


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    session: str
    text: str
    anchors: tuple[CodeAnchor, ...]
    time: datetime


class Archive:
    """The notes of one repository."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: str, text: str, anchors: Sequence[CodeAnchor] = ()) -> int:
        """Keep a note; gives its number."""
        encoded = _encoded(anchors)

        def insert(writer: Writer) -> int:
            number = int(writer.execute("SELECT coalesce(max(id), 0) + 1 FROM notes")[0][0])
            writer.execute(
                "INSERT INTO notes VALUES (?, ?, ?, ?, ?)", [number, session, text, encoded, now()]
            )
            return number

        return self._database.write(insert)

    def all(self, limit: int = 1000) -> list[Note]:
        """The latest notes, the latest first."""
        rows = self._database.read(
            "SELECT id, session, text, anchors, time FROM notes ORDER BY time DESC, id DESC LIMIT ?", [limit]
        )
        return [_note(row) for row in rows]

    def about(self, path: str, symbol: str) -> list[Note]:
        """Notes with an anchor at exactly this symbol of a file ("" is the file), newest first."""
        rows = self._database.read(
            """SELECT id, session, text, anchors, time FROM notes WHERE contains(anchors, ?)
            ORDER BY time DESC, id DESC""",
            [json.dumps([path, symbol])[:-1]],
        )
        found = [_note(row) for row in rows]
        return [note for note in found if any((a.path, a.symbol) == (path, symbol) for a in note.anchors)]

    def anchor(self, number: int, anchors: Sequence[CodeAnchor]) -> None:
        """Let a note's anchors stand elsewhere."""
        row = [_encoded(anchors), number]
        self._database.write(lambda w: w.execute("UPDATE notes SET anchors = ? WHERE id = ?", row))

    def merge(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Let notes be found as the ones that say the same: (note, the one it is found as)."""

        def insert(writer: Writer) -> None:
            for pair in pairs:
                writer.execute("INSERT INTO merged VALUES (?, ?)", list(pair))

        if pairs:
            self._database.write(insert)

    def merged(self) -> dict[int, int]:
        """The notes that are found as others."""
        return dict(self._database.read("SELECT note, into_note FROM merged ORDER BY note"))

    def forget(self, number: int) -> bool:
        """Delete one note; whether there was one."""

        def delete(writer: Writer) -> bool:
            found = writer.execute("SELECT 1 FROM notes WHERE id = ?", [number])
            items.forget_note(writer, number)
            writer.execute("DELETE FROM notes WHERE id = ?", [number])
            writer.execute("DELETE FROM merged WHERE note = $1 OR into_note = $1", [number])
            return bool(found)

        return self._database.write(delete)


def _note(row: tuple[object, ...]) -> Note:
    number, session, text, anchors, time = row[:5]
    assert isinstance(number, int) and isinstance(time, datetime)
    return Note(number, str(session), str(text), anchors_of(str(anchors)), time)


def _encoded(anchors: Sequence[CodeAnchor]) -> str:
    return json.dumps([[a.path, a.symbol, a.hash] for a in anchors])


def anchors_of(text: str) -> tuple[CodeAnchor, ...]:
    """Anchors as they are stored."""
    return tuple(CodeAnchor(*anchor) for anchor in json.loads(text))
