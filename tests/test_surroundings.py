"""What is paged in around one line."""

import pytest
from repository import calls, repository, script

from memls.agent.surroundings import block_around

TEXT = """\
def long(items):
    first = 1

    for item in items:
        if item:
            one(item)
            two(item)

        three(
            item,
        )
    last = 2
"""
FLAT = [f"    step_{n}()" for n in range(100)]
FLAT[30] = FLAT[60] = ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [(6, (1, 12)), (1, (1, 12)), (12, (1, 12))],
)
def test_a_block_that_is_small_is_whole(line: int, expected: tuple[int, int]) -> None:
    assert block_around(TEXT.split("\n"), line) == expected


def test_a_block_in_a_tall_one_is_told_by_its_depth() -> None:
    lines = ["def f():", *FLAT, "    if (x) {", "        one()", "        two()", "    }", *FLAT]
    assert block_around(lines, 103) == block_around(lines, 102) == (102, 105)
    assert block_around(lines, 50) == (50, 50)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("a.py:5", "a.py:4-6 function small"),
        ("a.py:50", "a.py:41-69 in tall"),
        ("a.py:9", "a.py:8-29 in tall"),
        ("a.py:1", "a.py:1-6 with small, LIMIT"),
        ("a.py:500", "a.py:89-109 in tall"),
    ],
)
def test_a_line_brings_what_is_around_it(target: str, shown: str) -> None:
    body = "\n".join(FLAT)
    text = f"LIMIT = 1\n\n\ndef small():\n    one()\n    two()\n\ndef tall():\n    x = 1\n{body}\n"
    with repository({"a.py": text}) as repo:
        run = repo.ask("?", script(calls(("page_in", {"targets": [target]}))))
    told = str(run.requests[1].messages[-1]["content"]).split("\n")[0]
    assert told == f"[p1] {shown}"
