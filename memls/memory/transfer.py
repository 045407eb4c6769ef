"""Everything that is remembered of a repository as one JSON text, and back again.

What is written out, forgotten and brought back is written out as the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from memls.errors import UsageError
from memls.memory import items
from memls.memory.archive import anchors_of
from memls.memory.blocks import NAMES, Kind
from memls.memory.recall import storable
from memls.text import read_time, told_time

if TYPE_CHECKING:
    from cattrs import Converter

    from memls.database import Database, Row, Writer

    Rows = dict[str, list[Row]]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    path: str
    symbol: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: int
    text: str
    session: str
    time: datetime
    anchors: list[Anchor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MessageRow:
    number: int
    role: str
    content: str
    time: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TurnRow:
    number: int
    question: str
    time: datetime
    attachments: str = "[]"
    answer: str = ""
    steps: str = "[]"
    failure: str = ""


@dataclass(frozen=True, slots=True)
class SessionRow:
    name: str
    created: datetime
    used: datetime
    title: str | None = None
    state: str = "null"
    messages: list[MessageRow] = field(default_factory=list)
    turns: list[TurnRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remembrance:
    """All of it. `memls` is this form's version; `blocks` are those of the repository and of its user."""

    memls: int = VERSION
    blocks: dict[str, str] = field(default_factory=dict)
    defined: list[Kind] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    sessions: list[SessionRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import changed: sessions and notes that came, and those that were there already."""

    sessions: int = 0
    notes: int = 0
    known: int = 0


def as_json(remembered: Remembrance) -> str:
    """The text of a file."""
    return json.dumps(converter().unstructure(remembered), ensure_ascii=False, indent=1) + "\n"


def parse(text: str) -> Remembrance:
    """What a file says. Raises UsageError with the place that is wrong."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"no JSON: {error}") from None
    if not isinstance(found, dict) or "memls" not in found:
        raise UsageError('no memory: the key "memls" is missing')
    if found["memls"] != VERSION:
        raise UsageError(f"memory of version {found['memls']!r}, and this memls reads version {VERSION}")
    from cattrs import BaseValidationError, transform_error

    try:
        remembered: Remembrance = converter().structure(found, Remembrance)
    except BaseValidationError as error:
        raise UsageError(transform_error(error)[0]) from None
    _check(remembered)
    return remembered


def read(database: "Database", blocks: Mapping[str, str], defined: Sequence[Kind]) -> Remembrance:
    """What a memory database has, and these blocks with what those are that the user defined."""
    with database.snapshot() as now:
        notes = now.read("SELECT id, text, session, time, anchors FROM notes ORDER BY id")
        sessions = now.read(
            """SELECT name, coalesce(created, time), coalesce(used, time), title, state FROM (
                SELECT session AS name, min(time) AS time FROM messages GROUP BY session
            ) FULL JOIN sessions USING (name) ORDER BY name"""
        )
        messages = now.read(
            "SELECT session, number, role, content, time, detail FROM messages ORDER BY session, number"
        )
        turns = now.read(
            """SELECT session, number, question, time, attachments, answer, steps, failure
            FROM turns ORDER BY session, number"""
        )
    said, asked = _by_session(messages), _by_session(turns)
    return Remembrance(
        VERSION, dict(blocks), list(defined), list(map(_note, notes)),
        [_session(row, said, asked) for row in sessions],
    )  # fmt: skip


def _note(row: "Row") -> NoteRow:
    number, text, session, time, anchors = row
    return NoteRow(number, text, session, time, [Anchor(**asdict(a)) for a in anchors_of(anchors)])


def _session(row: "Row", said: "Rows", asked: "Rows") -> SessionRow:
    name, created, used, title, state = row
    messages = [MessageRow(*one) for one in said.get(name, ())]
    turns = [TurnRow(*one) for one in asked.get(name, ())]
    return SessionRow(name, created, used, title, state or "null", messages, turns)


def add(database: "Database", remembered: Remembrance, *, replacing: bool) -> Brought:
    """Bring in what is not there; with `replacing`, take out all else first. All of it or nothing.

    A conversation that goes otherwise than the one of its name gets another name, a note whose number is
    taken another number: nothing that is there is changed.
    """

    def write(writer: "Writer") -> Brought:
        if replacing:
            for table in (
                "notes",
                "sessions",
                "messages",
                "turns",
                "items",
                "item_terms",
                "block_kinds",
                "merged",
            ):
                writer.execute(f"DELETE FROM {table}")
            writer.execute("DELETE FROM blocks WHERE name <> 'project'")
        notes = [_add_note(writer, note) for note in remembered.notes]
        sessions = [_add_session(writer, session) for session in remembered.sessions]
        came = sum(notes), sum(sessions)
        return Brought(came[1], came[0], len(notes) + len(sessions) - sum(came))

    done = database.write(write)
    items.catch_up(database)
    return done


def kinds(remembered: Remembrance, known: Sequence[Kind]) -> list[Kind]:
    """The blocks that have to be defined for an import: as it says, or by their name alone."""
    said = {kind.name: kind for kind in remembered.defined}
    there = {*NAMES, *(kind.name for kind in known)}
    return [said.get(name, Kind(name)) for name in sorted({*said, *remembered.blocks} - there)]


def merged(block: str, other: str) -> str:
    """A block with the lines of another that it does not have."""
    lines = block.split("\n") if block else []
    return "\n".join(lines + [line for line in other.split("\n") if line and line not in lines])


@cache
def converter() -> "Converter":
    """Rows to JSON and back; times in UTC with microseconds."""
    from cattrs import Converter

    made = Converter(forbid_extra_keys=True)
    made.register_unstructure_hook(datetime, told_time)
    made.register_structure_hook(datetime, lambda text, _: read_time(text))
    for kind in (str, int):
        made.register_structure_hook(kind, _exactly)
    return made


def _exactly(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{value!r:.40} is no {'text' if kind is str else 'whole number'}")
    return value


def _check(remembered: Remembrance) -> None:
    """Raise UsageError where two rows would be one."""
    unique: list[tuple[str, list[Any]]] = [
        ("note", [note.id for note in remembered.notes]),
        ("session", [session.name for session in remembered.sessions]),
        *((f"message of {s.name!r}", [m.number for m in s.messages]) for s in remembered.sessions),
        *((f"turn of {s.name!r}", [t.number for t in s.turns]) for s in remembered.sessions),
    ]
    for what, keys in unique:
        seen: set[Any] = set()
        for key in keys:
            if key in seen:
                raise UsageError(f"{what} {key!r} stands there twice")
            seen.add(key)
    for session in remembered.sessions:
        for text in (session.state, *(part for t in session.turns for part in (t.attachments, t.steps))):
            _check_json(text, session.name)
        for turn in session.turns:
            _check_json(turn.answer or "{}", session.name)


def _check_json(text: str, session: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"session {session!r} has a state, answer or steps that are no JSON") from None


def _by_session(rows: Sequence["Row"]) -> "Rows":
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found


def _add_note(writer: "Writer", note: NoteRow) -> bool:
    anchors = json.dumps([[a.path, a.symbol, a.hash] for a in note.anchors])
    same = "SELECT 1 FROM notes WHERE text = ? AND anchors = ? AND time = ?"
    if writer.execute(same, [storable(note.text), anchors, note.time]):
        return False
    number = note.id
    if writer.execute("SELECT 1 FROM notes WHERE id = ?", [number]):
        number = int(writer.execute("SELECT max(id) + 1 FROM notes")[0][0])
    row = [number, storable(note.session), storable(note.text), anchors, note.time]
    writer.execute("INSERT INTO notes VALUES (?, ?, ?, ?, ?)", row)
    return True


def _add_session(writer: "Writer", session: SessionRow) -> bool:
    name = storable(session.name)
    taken = {row[0] for row in writer.execute("SELECT name FROM sessions UNION SELECT session FROM messages")}
    if name in taken:
        if _is_known(writer, session):
            return False
        number = 2
        while f"{name}-{number}" in taken:
            number += 1
        name = f"{name}-{number}"
    state = storable(session.state)
    writer.execute(
        "INSERT INTO sessions (name, created, used, title, state) VALUES (?, ?, ?, ?, ?)",
        [name, session.created, session.used, session.title and storable(session.title), state],
    )
    for m in session.messages:
        row = [name, m.number, m.role, storable(m.content), storable(m.detail), m.time]
        writer.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", row)
    for t in session.turns:
        texts = [storable(text) for text in (t.attachments, t.answer, t.steps, t.failure)]
        row = [name, t.number, storable(t.question), texts[0], t.time, *texts[1:]]
        writer.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return True


def _is_known(writer: "Writer", session: SessionRow) -> bool:
    """Whether what was said there is what is said here."""
    rows = writer.execute(
        "SELECT number, role, content FROM messages WHERE session = ? ORDER BY number", [session.name]
    )
    said = [(m.number, m.role, storable(m.content)) for m in session.messages]
    return rows == sorted(said) if rows or said else True


def without_states(remembered: Remembrance) -> Remembrance:
    """Without what the model had in sight: what people read."""
    return replace(remembered, sessions=[replace(s, state="null", turns=[]) for s in remembered.sessions])
