"""Which pages go first: a total order, so that the same state always evicts the same way.

What a page is worth keeping for is how likely it is needed next: each use counts, less and less as it gets
older, by a power of its age (the base-level activation of memories in ACT-R, Anderson and Schooler, 1991);
and for the room that it takes. Who reads one part of a file comes back to its other parts: the latest use of
any of them is one more of each. A new question is a new context: what was used for those before it is older
by many steps. Prefetched pages that nobody used go before all others, tests before what they test. Measured
beside FIFO, LRU, size-aware policies and farthest-next-use: `benchmarks/eviction.py`.
"""

import math
from collections.abc import Mapping, Sequence

from memls.memory.pages import Page, PageTable
from memls.text import is_test
from memls.tokens import count

DECAY = 0.7
"""The power of a use's age by which it counts less."""
MOST_USES = 64
"""Of one page, the latest: older ones hardly count."""
QUESTION = 100
"""Steps by which a use is older that was for an earlier question."""
ROOM = 0.75
"""The power of a page's size: 1 counts pages that are read again, 0.5 rather their tokens."""


def activation(uses: Sequence[int], of_file: int, now: int, tokens: int, began: int = 0) -> float:
    """How likely a page is needed next, for its size.

    `uses` and `now` are steps, as are `of_file`, the latest use of any page of its file, and `began`, in
    which the question was asked that is being answered.
    """

    def recent(use: int) -> float:
        return math.pow(now - use + 1 + (QUESTION if use < began else 0), -DECAY)

    likely = sum(map(recent, uses[-MOST_USES:])) + recent(of_file)
    return round(likely / math.pow(max(1, tokens), ROOM), 9)


def victims(pages: PageTable, now: int, *, pinned: bool = False) -> list[Page]:
    """Resident pages in the order in which they are to go. Pinned ones only when asked for, and last."""
    resident = [page for page in pages if page.state == "resident" and (pinned or not page.pinned)]
    latest: dict[str, int] = {}
    for page in pages:
        if not page.prefetched:
            latest[page.region.path] = max(page.last_use, latest.get(page.region.path, 0))
    return sorted(resident, key=lambda page: _worth(page, latest, now, pages.began))


def _worth(
    page: Page, latest: Mapping[str, int], now: int, began: int
) -> tuple[bool, bool, bool, float, int, str]:
    tokens = count(page.text)
    of_file = latest.get(page.region.path, page.last_use)
    return (
        page.pinned,
        not page.prefetched,
        not is_test(page.region.path, page.region.symbol),
        activation(page.uses, of_file, now, tokens, began),
        -tokens,
        page.id,
    )
