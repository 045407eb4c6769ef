"""Which page goes first: what is not likely needed next, and what takes much room."""

import pytest

from memls.index.code import View
from memls.memory.eviction import victims
from memls.memory.pages import PageTable, Region

Row = tuple[str, int, list[int]]
"""A path, a height in lines, and the steps in which the page was read."""


def table(rows: list[Row], began: int = 0) -> PageTable:
    """A page for each row; pages of one file stand below one another."""
    pages = PageTable()
    pages.began = began
    for number, (path, height, uses) in enumerate(rows):
        view = View(path, "h", ("    value = 1",) * 1000)
        page = pages.add(Region(path, 50 * number + 1, 50 * number + height), view, uses[0])
        page.uses = uses
    return pages


ORDERS = {
    "the oldest": ([("a.py", 5, [1]), ("b.py", 5, [4]), ("c.py", 5, [2])], 0, "p1 p3 p2"),
    "used once, though as late": ([("a.py", 5, [1, 5]), ("b.py", 5, [5])], 0, "p2 p1"),
    "the larger": ([("a.py", 5, [5]), ("b.py", 40, [5])], 0, "p2 p1"),
    "of a file that nobody reads any more": (
        [("a.py", 5, [3]), ("b.py", 5, [3]), ("b.py", 5, [9])],
        0,
        "p1 p2 p3",
    ),
    "for an earlier question, however often": ([("a.py", 5, [1, 2, 3]), ("b.py", 5, [4])], 4, "p1 p2"),
    "a test": ([("a.py", 5, [1]), ("tests/test_a.py", 5, [4])], 0, "p2 p1"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_first_goes(case: str) -> None:
    rows, began, order = ORDERS[case]
    assert " ".join(page.id for page in victims(table(rows, began), now=10)) == order


def test_what_was_prefetched_goes_first_and_counts_for_no_other_page() -> None:
    pages = table([("a.py", 5, [3]), ("b.py", 5, [3]), ("a.py", 5, [9])])
    pages.get("p3").prefetched = True  # type: ignore[union-attr]
    assert [page.id for page in victims(pages, now=10)] == ["p3", "p1", "p2"]


def test_pinned_pages_stay() -> None:
    pages = table([("a.py", 5, [1]), ("b.py", 5, [2])])
    pages.get("p1").pinned = True  # type: ignore[union-attr]
    assert [page.id for page in victims(pages, now=10)] == ["p2"]
    assert [page.id for page in victims(pages, now=10, pinned=True)] == ["p2", "p1"]
