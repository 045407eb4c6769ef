"""What a model is shown so that few steps suffice: rows that count as read, notes, where lines are."""

import re

import pytest
from repository import calls, repository, script

from memls.models.base import Reply, Request

FILES = {
    "src/ring.py": 'LIMIT = 40\n\n\nclass Ring:\n    def evict(self):\n        """Let the oldest go."""\n'
    "        first = self.pages[0]\n        self.pages.pop(0)\n        return first\n",
    "src/use.py": "from src.ring import Ring\n\n\ndef use(ring):\n    ring.evict()\n    other.show(1)\n",
    **{f"src/show_{n}.py": f"class View{n}:\n    def show(self):\n        return {n}\n" for n in range(30)},
    **{f"src/deep/a_{n}.py": "" for n in range(14)},
}


def last(request: Request) -> str:
    return str(request.messages[-1]["content"])


@pytest.mark.parametrize(
    ("citation", "status"),
    [
        ("src/ring.py:1", "verified"),
        ("src/ring.py:7-8", "verified"),
        ("src/ring.py:9", "unverified"),
        ("src/ring.py:1-3", "unverified"),
    ],
)
def test_a_row_of_a_search_that_shows_its_line_whole_can_be_cited(citation: str, status: str) -> None:
    find = calls(("find", {"query": "LIMIT|first = |pop\\(", "kind": "regex", "path": "src/ring.py"}))
    with repository(FILES) as repo:
        run = repo.ask("?", script(find, f"There [{citation}].", f"There [{citation}]."))
    assert run.answer.citations[0].status == status


def test_a_row_counts_only_as_it_still_is_and_was_sent() -> None:
    find = calls(("find", {"query": "LIMIT = 40", "kind": "text"}))
    with repository({**FILES, "wide.py": "x = '" + "w" * 200 + "LIMIT = 40'\n"}) as repo:

        def edit(_: Request) -> Reply:
            repo.write("src/ring.py", FILES["src/ring.py"].replace("40", "41"))
            return Reply("It is 40 [src/ring.py:1], [wide.py:1].")

        run = repo.ask("?", script(find, edit, "It is 40 [src/ring.py:1], [wide.py:1]."))
    assert {c.path: c.status for c in run.answer.citations} == {
        "src/ring.py": "unverified",
        "wide.py": "unverified",
    }


def test_lines_that_are_no_symbol_say_what_they_are_in() -> None:
    with repository(FILES) as repo:
        run = repo.ask("?", script(calls(("page_in", {"targets": ["src/ring.py:7-8"]})), "[src/ring.py:7-8]"))
    assert "src/ring.py:7-8 in Ring.evict\n" in last(run.requests[1])


def test_a_parenthesis_in_a_search_is_taken_as_it_is_where_it_is_no_expression() -> None:
    with repository(FILES) as repo:
        run = repo.ask(
            "?",
            script(
                calls(
                    ("find", {"query": "evict(|show(1", "kind": "regex"}),
                    ("find", {"query": "evict[", "kind": "regex"}),
                ),
                "Done.",
            ),
        )
    found, wrong = (m["content"] for m in run.requests[1].messages if m["role"] == "tool")
    assert "matches of evict\\(|show\\(1" in found and "src/use.py:5" in found
    assert "bad regular expression" in wrong and "kind text takes it as it is" in wrong


def test_candidates_by_name_are_few_and_the_rest_is_said() -> None:
    with repository(FILES) as repo:
        uses = "".join(f"def use_{n}(x):\n    x.show()\n\n\n" for n in range(40))
        repo.write("src/many.py", uses)
        ask_all = calls(("references", {"symbol": "src/show_1.py:View1.show"}))
        run = repo.ask("?", script(ask_all, "Done."), window=32_768)
    text = last(run.requests[1])
    rows = re.findall(r"^src/\S+:\d+ in \S+ \(call, CANDIDATE\) \| x.show\(\)$", text, re.M)
    assert len(rows) == 8 and "0 resolved, 41 only candidates by name" in text and "cursor 8" in text


def test_a_folder_in_a_question_is_said_to_be_one() -> None:
    with repository(FILES) as repo:
        run = repo.ask(
            "What is in src, client/server and src/gone.py? And in 'plain' words?", script("That.")
        )
        first = last(run.requests[0])
        again = last(repo.ask("And src/deep?", script("That."), session="b").requests[0])
    assert "src/gone.py: no such file in the index" in first
    assert "client/server" not in first.split("\n", 1)[1] and "plain:" not in first
    assert "src/deep: a folder of 14 files: a_0.py, a_1.py, " in again and ", …\n" in again


def test_a_note_stays_whole_on_its_tombstone() -> None:
    note = "evict 5-9 pops the oldest page first; " * 8 + "the end"
    big = "\n".join(
        f"def f_{n}():\n    return 'something long enough to fill the window {n}'\n" for n in range(300)
    )
    with repository({**FILES, "big.py": big}) as repo:
        steps = [
            calls(("page_in", {"targets": ["src/ring.py:4-9"]})),
            calls(("page_out", {"pages": ["p1"], "note": note}), ("page_in", {"targets": ["big.py:1-90"]})),
            *(calls(("page_in", {"targets": [f"big.py:{n}-{n + 80}"]})) for n in (200, 300, 400, 500)),
        ]
        run = repo.ask("?", script(*steps, "Done [src/ring.py:5-9]."), window=4096)
    assert any("the end" in str(request.messages) for request in run.requests[4:])


CHAIN = {
    "a.py": "from b import middle\n\n\ndef start():\n    return middle()\n",
    "b.py": "from c import end\n\n\ndef middle():\n    return end()\n",
    "c.py": "def end():\n    return 'the end'\n",
    "tests/test_a.py": "from a import start\n\n\ndef test_start():\n    start()\n",
}


@pytest.mark.parametrize(("window", "fetched"), [(65_536, True), (8192, False)])
def test_what_is_called_comes_along_into_a_large_empty_window(window: int, fetched: bool) -> None:
    read = calls(("page_in", {"targets": ["a.py:start"]}))
    with repository(CHAIN) as repo:
        run = repo.ask("?", script(read, "[b.py:4-5]", "[b.py:4-5]"), window=window)
        pages = {page.path for page in run.answer.pages}
    assert ("called there:\n[p2] b.py:4-5 function middle" in last(run.requests[1])) == fetched
    assert pages == ({"a.py", "b.py"} if fetched else {"a.py"})
    assert run.answer.citations[0].status == ("verified" if fetched else "unverified")


def test_an_answer_says_what_was_not_looked_at() -> None:
    files = {"memls.toml": "max_file_bytes = 1000\n", "big.py": "x = 1\n" * 1000, "a.py": "y = 2\n"}
    with repository(files) as repo:
        (repo.root / "image.png").write_bytes(b"\x89PNG\0\0")
        run = repo.ask("?", script("Nothing."))
        assert run.answer.notes == ("not looked at: 1 file too large; memls status says which",)
        assert repo.replay(run.trace) == run.trace
        repo.workspace.store.index.write(
            lambda w: w.execute("UPDATE meta SET value = '1' WHERE key = 'building'")
        )
        again = repo.ask("?", script("Nothing."))
        assert "what the index does not have yet" in again.answer.notes[0]
