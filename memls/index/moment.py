"""What a Resolver reads, lent to questions that have files of their own.

The only place that looks into it: `resolve.py` is full, and these questions are of one kind of caller.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from memls.database import Snapshot
from memls.index.inventory import Files
from memls.index.lookup import Lookup
from memls.index.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Moment:
    """The index as it is at one moment, and the rules over it."""

    now: Snapshot
    lookup: Lookup

    @property
    def files(self) -> Files:
        return self.lookup.facts.files


@contextmanager
def moment(resolver: Resolver) -> Iterator[Moment]:
    """For one question; a client's unsaved buffers count in it."""
    with resolver._moment() as inner:
        yield Moment(inner._now, inner._lookup)
