"""Which pages go first: a total order, so that the same state always evicts the same way.

What a page is worth keeping for is how likely it is needed next: each use counts, less and less as it gets
older, by a power of its age (the base-level activation of memories in ACT-R, Anderson and Schooler, 1991),
and for the room that it takes. Prefetched pages that nobody used go before all others, tests before what
they test. Measured beside FIFO, LRU, size-aware policies and farthest-next-use: `benchmarks/eviction.py`.
"""

import math
from collections.abc import Iterable, Sequence

from memls.memory.pages import Page
from memls.text import is_test
from memls.tokens import count

DECAY = 0.7
"""The power of a use's age by which it counts less."""
MOST_USES = 64
"""Of one page, the latest: older ones hardly count."""


def activation(uses: Sequence[int], now: int, tokens: int) -> float:
    """How likely a page is needed next, for its size. `uses` and `now` are steps.

    Dividing by the root of the size stands between counting pages read again and counting their tokens.
    """
    likely = sum(math.pow(now - use + 1, -DECAY) for use in uses[-MOST_USES:])
    return round(likely / math.sqrt(max(1, tokens)), 9)


def victims(pages: Iterable[Page], now: int, *, pinned: bool = False) -> list[Page]:
    """Resident pages in the order in which they are to go. Pinned ones only when asked for, and last."""
    resident = [page for page in pages if page.state == "resident" and (pinned or not page.pinned)]
    return sorted(resident, key=lambda page: _worth(page, now))


def _worth(page: Page, now: int) -> tuple[bool, bool, bool, float, int, str]:
    tokens = count(page.text)
    likely = activation(page.uses, now, tokens)
    return (
        page.pinned,
        not page.prefetched,
        not is_test(page.region.path, page.region.symbol),
        likely,
        -tokens,
        page.id,
    )
