"""Facts that one question has loaded, kept for the next to the same state of the index.

An editor asks of the same files again and again, and a query for what is known takes longer than answering.
"""

from threading import Lock
from typing import TYPE_CHECKING

from memls.index.facts import Facts
from memls.index.inventory import Files

if TYPE_CHECKING:
    from memls.database import Snapshot

_MOST_ROWS = 100_000
"""What is kept at once: some 40 MB."""
_MOST = 2
"""Questions at a time that find something kept."""


class Kept:
    """Lends facts to one question at a time. Safe from any thread."""

    def __init__(self) -> None:
        self._free: list[tuple[object, Facts]] = []
        self._lock = Lock()

    def take(self, now: "Snapshot", files: Files) -> Facts:
        """Facts of this state of the index, to be given back by who has not failed with them."""
        with self._lock:
            self._free = [one for one in self._free if one[0] == now.stamp and one[1].files is files]
            facts = self._free.pop()[1] if self._free else Facts(now, files)
        facts.reader = now
        return facts

    def give(self, now: "Snapshot", facts: Facts) -> None:
        """Keep them where there is room."""
        with self._lock:
            if facts.rows <= _MOST_ROWS and len(self._free) < _MOST:
                self._free.append((now.stamp, facts))
