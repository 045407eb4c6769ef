"""Which pages go first: a total order, so that the same state always evicts the same way.

A page is worth keeping for being recent and for having been missed before (each fault counts like some
steps of youth, as in GDSF); tests go before what they test, and among equals the largest first.
"""

from collections.abc import Iterable

from memls.memory.pages import Page
from memls.text import is_test
from memls.tokens import count

_FAULT_STEPS = 3
"""A page that faulted once is treated as used this many steps later than it was."""


def victims(pages: Iterable[Page], *, pinned: bool = False) -> list[Page]:
    """Resident pages in the order in which they are to go. Pinned ones only when asked for, and last."""
    resident = [page for page in pages if page.state == "resident" and (pinned or not page.pinned)]
    return sorted(resident, key=_worth)


def _worth(page: Page) -> tuple[bool, bool, bool, int, int, str]:
    youth = page.last_use + _FAULT_STEPS * page.faults
    return page.pinned, not page.prefetched, not is_test(page.region.path), youth, -count(page.text), page.id
