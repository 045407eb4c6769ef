"""Recall and archival storage, searched by words, dates, session and role; the best first (BM25).

A cursor says how much was there at the first page, so that what is said meanwhile moves nothing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from memls.errors import UsageError
from memls.index.terms import WORD, query_terms, term_ids
from memls.memory import items
from memls.memory.archive import CodeAnchor, anchors_of
from memls.memory.recall import REJECTED
from memls.text import shorten

if TYPE_CHECKING:
    from memls.database import Database

K1, B = 1.2, 0.75
SPOKEN = ("user", "assistant", "summary")
"""Roles that are searched where none is named: what was said, and not what was read."""

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")

Source = Literal["both", "archive", "conversations"]


@dataclass(frozen=True, slots=True)
class Memory:
    """One message or note. `role` is "note" for a note, and `number` its id.

    `matched` counts the words asked for that it has.
    """

    session: str
    number: int
    role: str
    text: str
    time: datetime
    score: float = 0.0
    matched: int = 0
    anchors: tuple[CodeAnchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. `since` is the first moment, `until` the first that is too late (UTC)."""

    words: str = ""
    source: Source = "both"
    session: str = ""
    role: str = ""
    since: datetime | None = None
    until: datetime | None = None
    other_than: str = ""
    """A session that is left out."""


@dataclass(frozen=True, slots=True)
class Memories:
    """One page of what was found, of `total`. `asked` counts the distinct words that were searched for."""

    items: list[Memory]
    total: int
    asked: int = 0
    start: int = 0
    bound: int = 0
    """The last item that was there at the first page."""

    def cursor(self, taken: int) -> str:
        """What goes on after so many of these; "" where there are no more."""
        end = self.start + taken
        return f"{self.bound}.{end}" if end < self.total else ""


_ACCEPTED = f"""(role <> 'assistant' OR (session, number) NOT IN (
    SELECT (session, number) FROM messages WHERE role = 'assistant' AND detail = '{json.dumps(REJECTED)}'))"""

_EXCHANGE = """
    WITH asked AS (
        SELECT max(number) AS number FROM messages WHERE session = $1 AND role = 'user' AND number <= $2
    ), following AS (
        SELECT coalesce(min(m.number), 9223372036854775807) AS number FROM messages m, asked
        WHERE m.session = $1 AND m.role = 'user' AND m.number > asked.number
    )
    SELECT m.role, m.content FROM messages m, asked, following
    WHERE m.session = $1 AND (m.number = asked.number OR (
        m.role = 'assistant' AND m.detail = '' AND m.number > asked.number AND m.number < following.number))
    ORDER BY m.number"""
"""A question and what was said to it, of a message among them."""

_TEXTS = """
    SELECT i.item, i.session, i.number, i.role, coalesce(m.content, n.text), i.time, coalesce(n.anchors, '[]')
    FROM items i
    LEFT JOIN messages m ON i.role <> 'note' AND m.session = i.session AND m.number = i.number
    LEFT JOIN notes n ON i.role = 'note' AND n.id = i.number
    WHERE i.item IN (SELECT unnest(?::BIGINT[]))"""


_RANKED = f"""
    WITH whole AS (SELECT count(*) AS items, coalesce(avg(length), 1) AS length FROM items WHERE item <= ?),
    hits AS MATERIALIZED (
        SELECT term, item, frequency FROM item_terms
        WHERE term IN (SELECT unnest(?::UBIGINT[])) AND item <= ?),
    spread AS (SELECT term, ln(1 + (any_value(items) - count(*) + 0.5) / (count(*) + 0.5)) AS weight
        FROM hits, whole GROUP BY term)
    SELECT item, round(sum(weight * h.frequency / (
            h.frequency + {K1} * ({1 - B} + {B} * i.length / whole.length))), 6) AS score,
        count(*), count(*) OVER ()
    FROM hits h JOIN spread USING (term) JOIN items i USING (item), whole
    WHERE {{condition}} GROUP BY item ORDER BY score DESC, item DESC LIMIT ? OFFSET ?"""


class Remembered:
    """The messages and notes of one repository."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def search(self, wanted: Wanted, limit: int = 10, cursor: str = "") -> Memories:
        """The best first, the latest first among equals; without words the latest first."""
        items.catch_up(self._database)
        bound, offset = _position(cursor)
        if bound < 0:
            bound = self._database.read("SELECT coalesce(max(item), 0) FROM items")[0][0]
        terms = query_terms(wanted.words)
        if wanted.words.strip() and not terms:
            terms = term_ids(WORD.findall(wanted.words))
        if wanted.words.strip() and not terms:
            return Memories([], 0)
        condition, params = _condition(wanted, bound)
        if terms:
            rows = self._ranked(terms, condition, params, bound, limit, offset)
        else:
            rows = self._database.read(
                f"""SELECT item, 0.0, 0, count(*) OVER () FROM items i WHERE {condition}
                ORDER BY time DESC, item DESC LIMIT ? OFFSET ?""",
                [*params, limit, offset],
            )
        total = rows[0][-1] if rows else 0
        return Memories(self._memories(rows), total, len(terms), offset, bound)

    def exchange(self, memory: Memory) -> tuple[str, str]:
        """The question and the answer that a message belongs to, "" where there is none."""
        rows = self._database.read(_EXCHANGE, [memory.session, memory.number])
        asked = [text for role, text in rows if role == "user"]
        said = [text for role, text in rows if role == "assistant"]
        return (asked[0] if asked else ""), (said[-1] if said else "")

    def _ranked(
        self, terms: Sequence[int], condition: str, params: Sequence[Any], bound: int, limit: int, offset: int
    ) -> list[tuple[Any, ...]]:
        """Item, score, matched words and total, in one pass over the words that were asked for."""
        sql = _RANKED.format(condition=condition)
        return self._database.read(sql, [bound, list(terms), bound, *params, limit, offset])

    def _memories(self, rows: Sequence[tuple[Any, ...]]) -> list[Memory]:
        texts = {row[0]: row[1:] for row in self._database.read(_TEXTS, [[row[0] for row in rows]])}
        found = []
        for item, score, matched, _ in rows:
            session, number, role, text, time, anchors = texts[item]
            found.append(Memory(session, number, role, text, time, score, matched, anchors_of(anchors)))
        return found


def moments(when: str) -> tuple[datetime | None, datetime | None]:
    """The first moment and the first too late one of `2026`, `2026-11`, `2026-11-20`, or `FROM..TO`.

    Either end of a range may be left out. Raises UsageError.
    """
    first, dots, last = (part.strip() for part in when.strip().partition(".."))
    if not dots:
        last = first
    return (_span(first)[0] if first else None), (_span(last)[1] if last else None)


def _span(text: str) -> tuple[datetime, datetime]:
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in found.groups())
        start = _day(year, month or 1, day or 1)
        if day:
            return start, start + timedelta(days=1)
        return start, _day(year + (month or 12) // 12, month % 12 + 1 if month else 1, 1)
    except (ValueError, OverflowError):
        shown = shorten(text, 40)
        raise UsageError(f"{shown!r} is no date: write 2026, 2026-11, 2026-11-20 or FROM..TO") from None


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC).replace(tzinfo=None)


def excerpt(text: str, words: str, length: int) -> str:
    """What of a long text has most of some words, as one line of at most `length` characters."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    wanted = set(query_terms(words))
    step = max(1, length // 2)
    best = max(
        range(0, len(line), step),
        key=lambda at: (len(wanted.intersection(query_terms(line[at : at + length]))), -at),
    )
    start = line.find(" ", best) + 1 if best else 0
    return ("… " if start else "") + shorten(line[start:], length)


def _condition(wanted: Wanted, bound: int) -> tuple[str, list[Any]]:
    """In SQL, over `_ALL`."""
    conditions: list[tuple[str, Any]] = [("item <= ?", bound)]
    plain = ["(role <> 'note' OR number NOT IN (SELECT note FROM merged))", _ACCEPTED]
    if wanted.source == "archive":
        conditions.append(("role = ?", "note"))
    elif wanted.role:
        conditions.append(("role = ?", wanted.role))
    else:
        spoken = [*SPOKEN, *(["note"] if wanted.source == "both" else [])]
        conditions.append(("list_contains(?, role)", spoken))
    for text, value in (
        ("session = ?", wanted.session),
        ("session <> ?", wanted.other_than),
        ("time >= ?", wanted.since),
        ("time < ?", wanted.until),
    ):
        if value:
            conditions.append((text, value))
    return " AND ".join([*plain, *(text for text, _ in conditions)]), [value for _, value in conditions]


def _position(cursor: str) -> tuple[int, int]:
    """What a cursor says: the last item that counts (-1: all), and how many were given."""
    bound, dot, offset = cursor.strip().partition(".")
    if dot and bound.isdecimal() and offset.isdecimal():
        return int(bound[:18]), int(offset[:9])
    return -1, 0
