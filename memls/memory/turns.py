"""Conversations as their user sees them: each question with its answer and steps, or why it has none.

A turn is written when it begins, so that a process that dies leaves the question. Searches of conversations
and the model see `messages` alone. Sessions of versions that kept no turns have them made of their messages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from memls.database import Database, Row, Writer
from memls.index.terms import WORD
from memls.memory.recall import SessionInfo, now, storable
from memls.text import shorten

STOPPED = "stopped"
"""The failure of a turn that the user stopped."""
INTERRUPTED = "the process that answered ended before the answer was there"
_TITLE = 80
_MOST_WORDS = 12
_NEW = "INSERT INTO turns VALUES (?, ?, ?, ?, ?, '', '[]', '')"
_ANSWER = "json_extract_string(nullif(answer, ''), '$.answer')"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question. `time` is UTC. It is being answered where it has neither answer nor failure.

    Of an answer that an earlier version gave, there is only `answer`, its text.
    """

    number: int
    question: str
    attachments: list[dict[str, Any]]
    time: datetime
    answer: dict[str, Any] | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""


class Turns:
    """The turns of all sessions of one repository."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, session: str, question: str, attachments: Sequence[Mapping[str, Any]], *, again: bool = False
    ) -> int:
        """Keep a question that is to be answered; its number.

        `again`: where the last turn is the same question, it takes that one's place.
        """

        def insert(writer: Writer) -> int:
            _open(writer, session)
            _adopt(writer, session)
            last = writer.execute(
                "SELECT number, question FROM turns WHERE session = ? ORDER BY number DESC LIMIT 1", [session]
            )
            number = int(last[0][0]) + 1 if last else 1
            if again and last and last[0][1] == storable(question):
                number -= 1
                writer.execute("DELETE FROM turns WHERE session = ? AND number = ?", [session, number])
            row = [session, number, storable(question), _json(list(attachments)), now()]
            writer.execute(_NEW, row)
            return number

        return self._database.write(insert)

    def end(
        self,
        session: str,
        number: int,
        answer: Mapping[str, Any] | None,
        steps: Sequence[Mapping[str, Any]],
        failure: str,
    ) -> None:
        """Keep what came of a turn. A session that was forgotten meanwhile stays forgotten."""
        values = [_json(answer) if answer is not None else "", _json(list(steps)), storable(failure)]
        self._database.write(
            lambda w: w.execute(
                "UPDATE turns SET answer = ?, steps = ?, failure = ? WHERE session = ? AND number = ?",
                [*values, session, number],
            )
        )

    def of(self, session: str) -> list[Turn]:
        """A session's turns in order; one that nobody answers any more looks like one that is answered."""
        rows = self._database.read(
            """SELECT number, question, attachments, time, answer, steps, failure FROM turns
            WHERE session = ? ORDER BY number""",
            [session],
        )
        return [_turn(row) for row in rows] or list(_rebuilt(self._database.read(_MESSAGES, [session])))

    def copy(self, session: str, before: int, to: str) -> None:
        """Give a new session the first turns of another, and its title."""

        def insert(writer: Writer) -> None:
            _adopt(writer, session)
            _open(writer, to)
            title = "UPDATE sessions SET title = (SELECT title FROM sessions WHERE name = ?) WHERE name = ?"
            writer.execute(title, [session, to])
            writer.execute(
                """INSERT INTO turns SELECT ?, number, question, attachments, time, answer, steps, failure
                FROM turns WHERE session = ? AND number < ?""",
                [to, session, before],
            )

        self._database.write(insert)

    def sessions(self, query: str = "") -> list[SessionInfo]:
        """Sessions in which something was asked and all words of `query` stand, the latest first."""
        words = [word.lower() for word in WORD.findall(query)][:_MOST_WORDS]
        conditions = "".join(f" AND {_HAS_WORD}" for _ in words)
        rows = self._database.read(f"{_SESSIONS}{conditions} ORDER BY s.used DESC, s.name", words)
        return [SessionInfo(row[0], row[1], row[2], _title(row[3])) for row in rows]

    def rename(self, session: str, title: str) -> bool:
        """Call a session so; an empty title is none. Whether there is such a session."""
        title = storable(_title(title))

        def update(writer: Writer) -> bool:
            if not writer.execute("SELECT 1 FROM sessions WHERE name = ?", [session]):
                return False
            writer.execute("UPDATE sessions SET title = ? WHERE name = ?", [title or None, session])
            return True

        return self._database.write(update)


_MESSAGES = """SELECT role, content, time, detail = '' FROM messages
    WHERE session = ? AND role IN ('user', 'assistant') ORDER BY number"""
"""What was asked, and what was said; the last flag tells answers from replies that made calls."""
_SESSIONS = f"""WITH asked AS (
        SELECT session, arg_min(question, number) AS question FROM (
            SELECT session, number, question FROM turns
            UNION ALL SELECT session, number, content FROM messages
            WHERE role = 'user' AND session NOT IN (SELECT session FROM turns)
        ) GROUP BY session
    ), said AS (
        SELECT session, string_agg(text, ' ') AS text FROM (
            SELECT session, question AS text FROM turns
            UNION ALL SELECT session, {_ANSWER} FROM turns
            UNION ALL SELECT session, content FROM messages
            WHERE role IN ('user', 'assistant') AND detail = ''
        ) GROUP BY session
    )
    SELECT s.name, s.used, (SELECT count(*) FROM messages m WHERE m.session = s.name),
           coalesce(s.title, asked.question)
    FROM sessions s JOIN asked ON asked.session = s.name JOIN said ON said.session = s.name WHERE true"""
_HAS_WORD = "contains(lower(concat_ws(' ', s.title, said.text)), ?)"


def _json(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False))


def _title(text: str) -> str:
    return shorten(" ".join(text.split()), _TITLE)


def _turn(row: Row) -> Turn:
    number, question, attachments, time, answer, steps, failure = row
    return Turn(
        number, question, json.loads(attachments), time, json.loads(answer) if answer else None,
        json.loads(steps), failure,
    )  # fmt: skip


def _open(writer: Writer, session: str) -> None:
    """A session that is used now. It has a row from its first question on, whatever comes of that."""
    if writer.execute("SELECT 1 FROM sessions WHERE name = ?", [session]):
        writer.execute("UPDATE sessions SET used = ? WHERE name = ?", [now(), session])
    else:
        writer.execute(
            "INSERT INTO sessions (name, created, used, state) VALUES (?, ?, ?, 'null')",
            [session, now(), now()],
        )


def _adopt(writer: Writer, session: str) -> None:
    """Keep the turns of a session that an earlier version began: the next ones are numbered on from them."""
    if writer.execute("SELECT 1 FROM turns WHERE session = ? LIMIT 1", [session]):
        return
    for turn in _rebuilt(writer.execute(_MESSAGES, [session])):
        writer.execute(_NEW, [session, turn.number, turn.question, "[]", turn.time])
        writer.execute(
            "UPDATE turns SET answer = ?, failure = ? WHERE session = ? AND number = ?",
            [_json(turn.answer) if turn.answer else "", turn.failure, session, turn.number],
        )


def _rebuilt(messages: Sequence[Row]) -> Iterator[Turn]:
    """The turns that messages tell of: what was said last, without a call, was the answer."""
    turn: Turn | None = None
    for role, content, time, plain in messages:
        if role == "user":
            if turn:
                yield turn
            number = turn.number + 1 if turn else 1
            turn = Turn(number, content, [], time, failure=INTERRUPTED)
        elif turn and plain:
            turn = replace(turn, answer={"answer": content}, failure="")
    if turn:
        yield turn
