"""The names of all symbols, kept in memory from one query to the next: to find those that begin with letters.

An editor asks anew with each letter typed, and looking through every symbol takes longer than all the rest.

1. What is kept may have names that are gone, and hides none: symbols are looked up by the numbers it gives.
   So a client's buffers only add theirs, and what they hide need not be known.
2. It is of the saved symbols as a fingerprint of their names tells them: most changes leave that as it is.
3. It is not made while a build goes on, which changes it with every batch.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from memls.database import Database, Row, Snapshot

_MOST = 4000
"""Names that are looked up by their numbers: of more, looking through all symbols is as quick."""


@dataclass(frozen=True, slots=True, eq=False)
class _Names:
    """Names in small letters, in order, and the numbers of the names themselves beside them."""

    commit: str
    fingerprint: "Row"
    names: list[str]
    words: "array[int]"

    def beginning(self, start: str) -> "array[int]":
        """The numbers of the names that begin so; one more than `_MOST` at most."""
        first = bisect_left(self.names, start)
        last = bisect_left(self.names, start + "\U0010ffff", first)
        return self.words[first : min(last, first + _MOST + 1)]


_known: "WeakKeyDictionary[Database, _Names]" = WeakKeyDictionary()
_reading = Lock()


def beginning(now: "Snapshot", start: str) -> list[int] | None:
    """The numbers of all names that begin with `start`, in small letters.

    None where they are too many, or not known: then look through all symbols.
    """
    with _reading:
        saved = _read(now, _known.get(now.database))
        if saved is None:
            return None
        _known[now.database] = saved
    words = set(saved.beginning(start))
    if "edition" in now.stamp:  # there are buffers, whose files have negative numbers
        rows = now.read(
            "SELECT DISTINCT word FROM symbols WHERE file < 0 AND starts_with(lower(name), ?)", [start]
        )
        words.update(row[0] for row in rows)
    return sorted(words) if len(words) <= _MOST else None


def _read(now: "Snapshot", before: _Names | None) -> _Names | None:
    commit = now.stamp["commit"]
    if before is not None and before.commit == commit:
        return before
    if now.read(f"SELECT value FROM {now.saved}.meta WHERE key = 'building'") == [("1",)]:
        return None
    table = f"{now.saved}.symbols"
    fingerprint = now.read(f"SELECT count(*), bit_xor(word), sum(word) FROM {table}")[0]
    if before is not None and before.fingerprint == fingerprint:
        return _Names(commit, fingerprint, before.names, before.words)
    rows = now.read(f"SELECT DISTINCT lower(name), word FROM {table}")
    rows.sort()
    return _Names(commit, fingerprint, [row[0] for row in rows], array("Q", [row[1] for row in rows]))
