"""Which pages go first: a total order, so that the same state always evicts the same way.

What a page is worth keeping for is how likely it is needed next: each use counts, less and less as it gets
older, by a power of its age (the base-level activation of memories in ACT-R, Anderson and Schooler, 1991);
and for the room that it takes. Who reads one part of a file comes back to its other parts: the latest use of
any of them is one more of each. What the model speaks of, or a result shows a line of, is likely read again:
a mention counts as several uses. A new question is a new context: each earlier one counts once, however much
was read for it, and is older by many steps. Prefetched pages that nobody used go before all others, tests
before what they test. Measured beside FIFO, LRU, size-aware policies and farthest-next-use:
`benchmarks/eviction.py`.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from memls.memory.pages import Page, PageTable
from memls.text import is_test
from memls.tokens import count

DECAY = 0.7
"""The power of a use's age by which it counts less."""
MOST_USES = 64
"""Of one page, the latest: older ones hardly count."""
QUESTION = 50
"""Steps by which a use is older that was for an earlier question."""
MENTION = 3
"""Uses that a mention counts as."""
ROOM = 0.75
"""The power of a page's size: 1 counts pages that are read again, 0.5 rather their tokens."""


def activation(
    uses: Sequence[int],
    of_file: Sequence[int],
    now: int,
    tokens: int,
    asked: Sequence[int] = (),
    mentioned: int = -1,
) -> float:
    """How likely a page is needed next, for its size.

    All are steps, in order: in which it was used, in which any page of its file was, in which each question
    was asked, the last of which is being answered, and in which it was mentioned last (-1: never).
    """
    began = asked[-1] if asked else 0

    def recent(use: int) -> float:
        return math.pow(now - use + 1 + (QUESTION if use < began else 0), -DECAY)

    likely = sum(map(recent, _counted(uses[-MOST_USES:], asked)))
    likely += sum(map(recent, latest_of_each(of_file[-MOST_USES:], asked)))
    if mentioned >= began:
        likely += MENTION * recent(mentioned)
    return round(likely / math.pow(max(1, tokens), ROOM), 9)


def latest_of_each(uses: Sequence[int], asked: Sequence[int]) -> list[int]:
    """The last of some steps for each question."""
    return list({bisect_right(asked, use): use for use in uses}.values())


def _counted(uses: Sequence[int], asked: Sequence[int]) -> list[int]:
    """The uses for this question, and the last for each earlier one."""
    began = bisect_left(uses, asked[-1]) if asked else 0
    return [*latest_of_each(uses[:began], asked), *uses[began:]]


def victims(pages: PageTable, now: int, *, pinned: bool = False) -> list[Page]:
    """Resident pages in the order in which they are to go. Pinned ones only when asked for, and last."""
    resident = [page for page in pages if page.state == "resident" and (pinned or not page.pinned)]
    of_file: defaultdict[str, set[int]] = defaultdict(set)
    for page in pages:
        if not page.prefetched:
            of_file[page.region.path].update(page.uses)
    uses = {path: sorted(steps) for path, steps in of_file.items()}
    return sorted(resident, key=lambda page: _worth(page, uses, now, pages.asked))


def _worth(
    page: Page, of_file: Mapping[str, Sequence[int]], now: int, asked: Sequence[int]
) -> tuple[bool, bool, bool, float, int, str]:
    tokens = count(page.text)
    of_this = of_file.get(page.region.path, page.uses[-1:])
    return (
        page.pinned,
        not page.prefetched,
        not is_test(page.region.path, page.region.symbol),
        activation(page.uses, of_this, now, tokens, asked, page.mentioned),
        -tokens,
        page.id,
    )
