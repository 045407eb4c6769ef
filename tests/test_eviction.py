"""Which page goes first: what is not likely needed next, and what takes much room."""

from collections.abc import Sequence

import pytest

from memls.index.code import View
from memls.memory.eviction import victims
from memls.memory.pages import PageTable, Region
from memls.source.outline import Symbol

Row = tuple[str, int, list[int]]
"""A path, a height in lines, and the steps in which the page was read."""


def table(rows: list[Row], asked: Sequence[int] = ()) -> PageTable:
    """A page for each row; pages of one file stand below one another."""
    pages = PageTable()
    pages.asked = list(asked)
    for number, (path, height, uses) in enumerate(rows):
        view = View(path, "h", ("    value = 1",) * 1000)
        page = pages.add(Region(path, 50 * number + 1, 50 * number + height), view, uses[0])
        page.uses = uses
    return pages


ORDERS = {
    "the oldest": ([("a.py", 5, [1]), ("b.py", 5, [4]), ("c.py", 5, [2])], [], "p1 p3 p2"),
    "used once, though as late": ([("a.py", 5, [1, 5]), ("b.py", 5, [5])], [], "p2 p1"),
    "the larger": ([("a.py", 5, [5]), ("b.py", 40, [5])], [], "p2 p1"),
    "of a file that nobody reads any more": (
        [("a.py", 5, [3]), ("b.py", 5, [3]), ("b.py", 5, [9])],
        [],
        "p1 p2 p3",
    ),
    "for an earlier question, however often": ([("a.py", 5, [1, 2, 3]), ("b.py", 5, [4])], [0, 4], "p1 p2"),
    "often, but for one earlier question": (
        [("a.py", 5, [1, 4]), ("b.py", 5, [2, 3, 4, 5])],
        [0, 2, 6],
        "p2 p1",
    ),
    "of a file that fewer earlier questions needed": (
        [("a.py", 5, [5]), ("b.py", 5, [5]), ("b.py", 5, [1])],
        [0, 2, 6],
        "p1 p3 p2",
    ),
    "a test": ([("a.py", 5, [1]), ("tests/test_a.py", 5, [4])], [], "p2 p1"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_first_goes(case: str) -> None:
    rows, asked, order = ORDERS[case]
    assert " ".join(page.id for page in victims(table(rows, asked), now=10)) == order


def test_what_was_prefetched_goes_first_and_counts_for_no_other_page() -> None:
    pages = table([("a.py", 5, [3]), ("b.py", 5, [3]), ("a.py", 5, [9])])
    pages.get("p3").prefetched = True  # type: ignore[union-attr]
    assert [page.id for page in victims(pages, now=10)] == ["p3", "p1", "p2"]


def test_pinned_pages_stay() -> None:
    pages = table([("a.py", 5, [1]), ("b.py", 5, [2])])
    pages.get("p1").pinned = True  # type: ignore[union-attr]
    assert [page.id for page in victims(pages, now=10)] == ["p2"]
    assert [page.id for page in victims(pages, now=10, pinned=True)] == ["p2", "p1"]


MENTIONS = {
    "by what it defines": "Next I look for `Job.start`.",
    "by its file": "The queue is in src/queue.py.",
}


@pytest.mark.parametrize("said", MENTIONS.values(), ids=MENTIONS)
def test_what_the_model_speaks_of_stays(said: str) -> None:
    pages = defining("src/queue.py", "Job.start", "src/other.py", "Job.end")
    assert [page.id for page in victims(pages, now=10)] == ["p1", "p2"]
    pages.hear(said, 7)
    assert [page.id for page in victims(pages, now=10)] == ["p2", "p1"]
    pages.ask(8)
    assert [page.id for page in victims(pages, now=10)] == ["p1", "p2"], "what was said for another question"


def test_a_page_stays_whose_line_a_result_shows() -> None:
    pages = defining("src/queue.py", "Job.start", "src/other.py", "Job.end")
    pages.point("src/queue.py", 30, 7)
    pages.point("src/third.py", 3, 7)
    assert [page.id for page in victims(pages, now=10)] == ["p1", "p2"]
    pages.point("src/queue.py", 3, 7)
    assert [page.id for page in victims(pages, now=10)] == ["p2", "p1"]


@pytest.mark.parametrize("said", ["It runs for a while.", "Job", "queue", "startle"])
def test_other_words_speak_of_no_page(said: str) -> None:
    pages = defining("src/queue.py", "Job.run", "src/other.py", "Job.start")
    pages.hear(said, 7)
    assert [page.mentioned for page in pages] == [-1, -1]


def defining(*rows: str) -> PageTable:
    """Pages of five lines, each with the path and the name of what it defines; the first was used before."""
    pages = PageTable()
    for step, (path, name) in enumerate(zip(rows[::2], rows[1::2], strict=True), 3):
        symbol = Symbol(name.rpartition(".")[2], name, "method", 1, 5, 1, 4, f"def {name}")
        view = View(path, "h", ("    value = 1",) * 100, (symbol,))
        pages.add(Region(path, 1, 5, name), view, step)
    return pages
