"""Citations: found in whatever way a model writes them, and never silently wrong."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import Call, Repo, calls, examples, pages_in, repository, script

from memls.agent.citations import Mention, check, mentions
from memls.events import Citation
from memls.index.code import View
from memls.memory.ledger import Ledger
from memls.memory.pages import Shown
from memls.models.base import Reply, Request
from memls.text import digest, split_lines

FORMS = {
    "[ti,dra7-dss.txt:28-28; b,c.py:4, 9]": ["ti,dra7-dss.txt:28-28", "b,c.py:4-4", "b,c.py:9-9"],
    "[R and D/notes.md:3]": ["R and D/notes.md:3-3"],
    "[a.py:1-3]": ["a.py:1-3"],
    "[a.py:7]": ["a.py:7-7"],
    "[a.py:1-3, 9; b.py:4]": ["a.py:1-3", "a.py:9-9", "b.py:4-4"],
    "[a.py:1-3 and b.py:4]": ["a.py:1-3", "b.py:4-4"],
    "[src/a.py#L10-L20]": ["src/a.py:10-20"],
    "[src/a.py#L10]": ["src/a.py:10-10"],
    "[a.py:10–20]": ["a.py:10-20"],
    "[a.py:10—20]": ["a.py:10-20"],
    "[a.py: 10]": [],
    "[a.py:L10-L12]": ["a.py:10-12"],
    "[a.py:20-10]": ["a.py:10-20"],
    "[`a.py:1-2`]": ["a.py:1-2"],
    "[./a.py:1-2]": ["a.py:1-2"],
    "[a.py:10:5]": ["a.py:10-10"],
    "[a.py:123456789]": ["a.py:123456789-123456789"],
    "[[a.py:3]]": ["a.py:3-3"],
    "[a.py:3 shows it]": ["a.py:3-3"],
    "[docs/read me.md:3-4]": ["docs/read me.md:3-4"],
    "[Makefile:10]": ["Makefile:10-10"],
    "[文档/說明.md:3]": ["文档/說明.md:3-3"],
    "[src\\win\\a.py:3]": ["src/win/a.py:3-3"],
    "[C:\\src\\a.py:3]": ["C:\\src\\a.py:3-3"],
    "see C:\\src\\a.py:3": [],
    "as in a.py:5-6, and `b/c.go:9`": ["a.py:5-6", "b/c.go:9-9"],
    "[text](src/a.py#L10-L20)": ["src/a.py:10-20"],
    "[a.py:1] twice [a.py:1]": ["a.py:1-1"],
    "[b.py:1] before [a.py:1]": ["b.py:1-1", "a.py:1-1"],
    "```\n[a.py:1]\n```\n[b.py:2]": ["b.py:2-2"],
    "- x\n  ```py\n  [a.py:1]\n  ```\n": [],
    "````\n```\n[a.py:1]\n```\n````": [],
    "~~~\n[a.py:1]\n~~~": [],
    "http://localhost:8080/a and https://example.com:80/x": [],
    "https://github.com/o/r/blob/main/a.py#L10": [],
    "example.com:8080 and 127.0.0.1:8000": [],
    "at 10:30, [10:30], [12:30-13:45], [1.2:3]": [],
    "[1], [2-3], [issue #12], [x]": [],
    "": [],
    "no citation at all": [],
}


@pytest.mark.parametrize("answer", FORMS)
def test_a_citation_is_found_as_it_is_written(answer: str) -> None:
    assert [f"{m.path}:{m.start}-{m.end}" for m in mentions(answer)] == FORMS[answer]


@given(st.text("[]`:#-–,; aL19./\\\n~", max_size=60))
def test_any_text_can_be_searched(answer: str) -> None:
    for mention in mentions(answer):
        assert mention.path and mention.start <= mention.end


class Files:
    """Stands for the index: texts by path."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def try_view(self, path: str) -> View | None:
        text = self.files.get(path)
        return None if text is None else View(path, digest(text), tuple(split_lines(text)))

    def paths_with_hash(self, wanted: str) -> list[str]:
        return sorted(path for path, text in self.files.items() if digest(text) == wanted)


def _read(ledger: Ledger, path: str, text: str, start: int, end: int) -> None:
    lines = split_lines(text)
    shown = tuple((n, lines[n - 1]) for n in range(start, min(end, len(lines)) + 1))
    ledger.record(Shown("p1", "full", "", path, digest(text), shown))


def _edited(lines: list[str], dice: random.Random) -> list[str]:
    new = list(lines)
    for _ in range(dice.randint(0, 4)):
        place = dice.randint(0, len(new))
        cut = place + dice.randint(0, 2)
        new[place : dice.choice([place, cut])] = dice.choices(["new", "a", "b", ""], k=dice.randint(0, 3))
    return dice.choice([new, new, new[len(new) // 2 :] + new[: len(new) // 2]])


@examples(300)
@given(st.integers(0, 2**32))
def test_a_verdict_is_true_after_any_edit(seed: int) -> None:
    dice = random.Random(seed)
    old = dice.choices(["a", "b", "c", "", "def f():", "    return 1"], k=dice.randint(1, 14))
    text, ledger = "\n".join(old), Ledger()
    start = dice.randint(1, len(old))
    end = dice.randint(start, len(old))
    _read(ledger, "a.py", text, start, end)
    new = "\n".join(_edited(old, dice))
    path = dice.choice(["a.py", "a.py", "moved.py"])
    files = Files({path: new if path == "a.py" else dice.choice([text, new]), "other.py": text[:5]})
    first, last = dice.randint(1, len(old) + 2), dice.randint(1, len(old) + 2)
    mention = Mention("a.py", min(first, last), max(first, last))
    shown = {n for n in range(start, end + 1) if n <= len(split_lines(text))}

    found = check(f"[a.py:{mention.start}-{mention.end}]", files, ledger)[0]  # type: ignore[arg-type]

    cited = set(range(mention.start, mention.end + 1))
    seen = split_lines(text)[mention.start - 1 : mention.end]
    current = split_lines(files.files.get(found.path, ""))[found.start - 1 : found.end]
    if found.status in ("verified", "moved"):
        assert cited <= shown
        assert current == seen
        assert found.hash == digest("\n".join(seen))
        assert (found.cited_start, found.cited_end) == (mention.start, mention.end)
    if found.status == "verified":
        assert (found.path, found.start, found.end) == ("a.py", mention.start, mention.end)
    if found.status == "stale":
        assert cited <= shown
        assert split_lines(files.files.get("a.py", ""))[mention.start - 1 : mention.end] != seen
    if not cited <= shown:
        assert found.status == "unverified" and found.reason


SOURCE = "".join(f"line_{n} = {n}\n" for n in range(1, 31))


FILES = {"src/a.py": SOURCE, "never.py": "x = 1\n", "read me.md": "one\ntwo\n"}


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    with repository(FILES) as made:
        yield made


def _ask(repo: Repo, answer: str, *targets: str, edit: str = SOURCE) -> tuple[Citation, ...]:
    """The citations of `answer`, after a change to `src/a.py` while it was given."""
    repo.write("src/a.py", SOURCE)

    def final(_: Request) -> Reply:
        repo.write("src/a.py", edit)
        return Reply(answer)

    made = calls(("page_in", {"targets": targets}), ("find", {"query": "line_13 ", "kind": "text"}))
    return repo.ask("?", script(made, final, final)).answer.citations


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("[src/a.py:3-5]", "verified", ""),
        ("[a.py:3-5]", "verified", ""),
        ("[see src/a.py:3-5]", "verified", ""),
        ("[src/a.py:5-3]", "verified", ""),
        ("[read me.md:1-2]", "verified", ""),
        ("[src/a.py:3-25]", "unverified", "lines 11-12, 14-25 were never shown to you; 3-10, 13 were"),
        ("[src/a.py:12-16]", "unverified", "of these lines 12, 14-16 were never shown to you; 13 were"),
        ("[src/a.py:9-11, 13]", "unverified", "11 were never shown to you; 9-10 were"),
        ("[src/a.py:13]", "verified", ""),
        ("[a.py:13]", "verified", ""),
        ("[src/a.py:999]", "unverified", "the file has only 30 lines"),
        ("[src/a.py:0]", "unverified", ""),
        ("[src/a.py:1-999999999]", "unverified", ""),
        ("[never.py:1]", "unverified", "never paged in"),
        ("[nothing.py:1]", "unverified", "no such file"),
        ("[../../etc/passwd:1]", "unverified", "no such file"),
        ("[/etc/passwd:1]", "unverified", "no such file"),
    ],
)
def test_a_citation_gets_its_status(repo: Repo, answer: str, status: str, reason: str) -> None:
    found = _ask(repo, answer, "src/a.py:1-10", "read me.md")[0]
    assert (found.status, reason in found.reason) == (status, True), found


def test_a_page_and_rows_show_lines_together(repo: Repo) -> None:
    assert [c.status for c in _ask(repo, "[src/a.py:9-13]", "src/a.py:7-12")] == ["verified"]


@pytest.mark.parametrize(
    ("cited", "whole"),
    [
        ("[cart.ts:1]", "[web/shop/cart.ts:1]"),
        ("[shop/cart.ts:1-2, 3; `cart.ts:1`]", "[web/shop/cart.ts:1-2, 3; `web/shop/cart.ts:1`]"),
        ("[web/shop/cart.ts:1]", "[web/shop/cart.ts:1]"),
        ("[art.ts:1]", "[art.ts:1]"),
        ("[index.ts:1]", "[index.ts:1]"),
        ("[p1:1]", "[web/shop/cart.ts:1]"),
        ("cart.ts:1", "cart.ts:1"),
    ],
)
def test_the_name_of_a_file_that_was_read_is_enough(cited: str, whole: str) -> None:
    text = "one\ntwo\nthree\n"
    files = dict.fromkeys(("web/shop/cart.ts", "api/cart.ts", "web/index.ts", "api/index.ts"), text)
    read = calls(("page_in", {"targets": ["web/shop/cart.ts", "web/index.ts", "api/index.ts"]}))
    with repository(files) as repo:
        answer = repo.ask("?", script(read, f"So it is {cited}.", f"So it is {cited}.")).answer
    assert answer.answer == f"So it is {whole}."


@pytest.mark.parametrize(
    "call",
    [
        ("find", {"query": "second(", "kind": "text"}),
        ("references", {"symbol": "second", "kind": "callers"}),
    ],
)
def test_a_row_that_was_cut_is_told_as_such(call: Call) -> None:
    files = {"a.py": f"def first():\n    second({'17, ' * 80})\n\ndef second(*all):\n    pass\n"}
    for answer, reason in (
        ("[a.py:2]", "only the beginning of line 2 was shown: page it in"),
        ("[a.py:1-2]", "these lines were never paged in"),
    ):
        with repository(files) as repo:
            (citation,) = repo.ask("?", script(calls(call), answer, answer)).answer.citations
            assert (citation.status, citation.reason) == ("unverified", reason)


def test_lines_inserted_above_move_a_citation(repo: Repo) -> None:
    (found,) = _ask(repo, "[src/a.py:3-5]", "src/a.py:1-10", edit="# one\n# two\n" + SOURCE)
    assert (found.status, found.start, found.end) == ("moved", 5, 7)
    assert (found.cited_start, found.cited_end) == (3, 5)


def test_a_change_during_the_reply_is_not_taken_for_read() -> None:
    """What the model never saw must not verify what it says, though the page is brought up to date."""
    with repository({"a.py": SOURCE}) as repo:

        def final(request: Request) -> Reply:
            shown = "\n".join(text for part in pages_in(request.messages) for _, text in part.lines)
            repo.write("a.py", SOURCE.replace("line_4 = 4", f"line_4 = {len(shown)}{len(request.messages)}"))
            return Reply("[a.py:3-5]")

        run = repo.ask("?", script(calls(("page_in", {"targets": ["a.py:1-10"]})), final, final))
        assert [c.status for c in run.answer.citations] == ["stale"]


def test_a_page_that_never_left_in_a_request_was_not_read() -> None:
    """A result that had to be cut before it was sent counts for nothing."""
    with repository({"a.py": SOURCE, "big.py": "x = 1\n" * 3000}) as repo:
        paged = [("page_in", {"targets": ["a.py:1-10"]}), *[("page_in", {"targets": ["big.py"]})] * 5]
        run = repo.ask("?", script(calls(*paged, text="x" * 40_000), "[a.py:3-5]"), window=4096)
        shown = {
            n for r in run.requests for p in pages_in(r.messages) if p.path == "a.py" for n, _ in p.lines
        }
        status = run.answer.citations[0].status
        assert (status == "verified") == ({3, 4, 5} <= shown)
