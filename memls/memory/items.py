"""What is searched of recall and archival storage: each message and note as terms.

Terms are made of what is new before each search: writing a message stays cheap, and memories of earlier
versions are found too. What is forgotten leaves no terms.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memls.index.terms import WORD, term_ids

if TYPE_CHECKING:
    from memls.database import Database, Writer

_MOST_CHARACTERS = 20_000
"""Of a message, what is searched."""
_BATCH = 2000
_ITEM = ("item", "session", "number", "role", "time", "length")
_INSERT = """INSERT INTO items SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]),
    unnest(?::VARCHAR[]), unnest(?::TIMESTAMP[]), unnest(?::INTEGER[])"""

_NEW = """
    SELECT session, number, role, time, content AS text FROM messages m
    WHERE content <> '' AND NOT EXISTS (
        SELECT 1 FROM items i WHERE i.role <> 'note' AND i.session = m.session AND i.number = m.number)
    UNION ALL
    SELECT session, id, 'note', time, text FROM notes n WHERE NOT EXISTS (
        SELECT 1 FROM items i WHERE i.role = 'note' AND i.number = n.id)
    ORDER BY time, session, number, role LIMIT ?"""
_COUNTS = """
    SELECT (SELECT count(*) FROM messages WHERE content <> ''), (SELECT count(*) FROM notes),
        count(*) FILTER (role <> 'note'), count(*) FILTER (role = 'note') FROM items"""


def catch_up(database: "Database") -> None:
    """Make searchable what came since the last time."""
    messages, notes, known_messages, known_notes = database.read(_COUNTS)[0]
    if (messages, notes) != (known_messages, known_notes):
        while database.write(_add_new):
            pass


def forget_session(writer: "Writer", session: str) -> None:
    """Take out what is searched of a session's messages."""
    _forget(writer, "role <> 'note' AND session = ?", session)


def forget_note(writer: "Writer", number: int) -> None:
    """Take out what is searched of a note."""
    _forget(writer, "role = 'note' AND number = ?", number)


def _forget(writer: "Writer", which: str, value: str | int) -> None:
    writer.execute(f"DELETE FROM item_terms WHERE item IN (SELECT item FROM items WHERE {which})", [value])
    writer.execute(f"DELETE FROM items WHERE {which}", [value])


def _add_new(writer: "Writer") -> bool:
    """Make searchable what came since, in the order of time; whether there may be more."""
    rows = writer.execute(_NEW, [_BATCH])
    first = writer.execute("SELECT coalesce(max(item), 0) + 1 FROM items")[0][0]
    items: dict[str, list[Any]] = {name: [] for name in _ITEM}
    found: list[tuple[int, int, int]] = []
    for item, (session, number, role, time, text) in enumerate(rows, first):
        counts = _terms(text)
        values = (item, session, number, role, time, sum(counts.values()))
        for column, value in zip(items.values(), values, strict=True):
            column.append(value)
        found += [(term, item, min(count, 0xFFFF)) for term, count in counts.items()]
    writer.execute(_INSERT, list(items.values()))
    found.sort()  # by term: a search then reads only the row groups that may have its words
    terms = zip(*found, strict=True) if found else ((), (), ())
    columns = zip(("term", "item", "frequency"), map(list, terms), strict=True)
    writer.insert("item_terms", dict(columns))
    return len(rows) == _BATCH


def _terms(text: str) -> Mapping[int, int]:
    counts: Counter[int] = Counter()
    for word, times in Counter(WORD.findall(text[:_MOST_CHARACTERS])).items():
        for term in term_ids((word,)):
            counts[term] += times
    return counts
