"""Results in lines: which rows come first, what is told of the others, and that they push nothing out."""

import re
from collections.abc import Iterator

import pytest
from repository import Call, Repo, calls, repository, script

from memls.index.globs import within

IN_TESTS = r"^in tests \(path shows them\): app/two_test.go \(20\)$"
CODE = "package a\n\nfunc Limit{n}() int {{\n{body}\treturn limit\n}}\n"
FILES = {
    "data/limits.json": "{" + ",\n".join(f'"limit_{n}": "the limit of {n}"' for n in range(60)) + "}\n",
    "app/api.pb.go": "package a\n\n" + "// limit of the protocol\n" * 12,
    "app/many.go": CODE.format(n="Many", body="\tuse(limit)\n" * 40),
    "app/two.go": CODE.format(n="Two", body=""),
    "app/two_test.go": "package a\n\nfunc TestTwo() {\n" + "\tcheck(limit, LimitTwo())\n" * 20 + "}\n",
    "app/call.go": "package a\n\nfunc Call() int {\n\treturn LimitTwo()\n}\n",
    "README.md": "# Limits\n\nA limit is what it is.\n",
    "web/page.ts": "export const only = 1\n",
}


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    with repository(FILES) as made:
        yield made


def results(repo: Repo, *made: Call, window: int = 32_768) -> list[list[str]]:
    """What each call brings, in lines."""
    run = repo.ask("?", script(calls(*made)), window=window, session=None)
    return [m["content"].split("\n") for m in run.requests[1].messages if m["role"] == "tool"]


def files_of(rows: list[str]) -> list[str]:
    """The files that rows are of, each once, in order."""
    found = [match.group(1) for row in rows if (match := re.match(r"(\S+?):\d+ \| ", row))]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("query", "path", "files", "told"),
    [
        (
            "limit", "", ["app/many.go", "app/two.go", "README.md", "app/api.pb.go", "data/limits.json"],
            [r"^\d+ matches in 6 files$", r"\(\+\d+ in this file\)$", IN_TESTS],
        ),
        ("limit", "app/two_test.go", ["app/two_test.go"], [r"^20 matches$"]),
        ("LimitTwo", "", ["app/call.go", "app/two.go"], [IN_TESTS]),
        ("TestTwo", "", ["app/two_test.go"], [r"^1 match$"]),
        ("limit of 5", "", ["data/limits.json"], [r"^11 matches$"]),
    ],
)  # fmt: skip
def test_code_comes_first_and_nothing_is_kept_silent(
    repo: Repo, query: str, path: str, files: list[str], told: list[str]
) -> None:
    [rows] = results(repo, ("find", {"query": query, "kind": "text", "path": path}))
    assert files_of(rows) == files
    for pattern in told:
        assert any(re.search(pattern, row) for row in rows), (pattern, rows)


def test_every_match_is_a_row_or_counted(repo: Repo) -> None:
    [rows] = results(repo, ("find", {"query": "limit", "kind": "text"}))
    total = int(rows[0].split(" ")[0])
    shown = sum(bool(re.match(r"\S+?:\d+ \| ", row)) for row in rows)
    counted = sum(int(n) for row in rows for n in re.findall(r" \(\+?(\d+)(?: in this file)?\)", row))
    assert (
        shown + counted
        == total
        == sum(
            text.count("\n") and sum("limit" in line for line in text.split("\n")) for text in FILES.values()
        )
    )


def test_files_that_are_not_shown_are_counted_the_best_first() -> None:
    files = {f"a/{n}.go": "package a\n\n" + "// needle\n" * (n % 7 + 5) for n in range(40)}
    with repository({**files, "a/0.json": '{"needle": 1}'}) as repo:
        [rows] = results(repo, ("find", {"query": "needle", "kind": "text"}))
    counts = [int(n) for n in re.findall(r"\.go \((\d+)\)", rows[-1])]
    assert rows[-1].startswith("not shown: ") and counts == sorted(counts, reverse=True) and len(counts) == 6
    assert re.search(r", and \d+ in \d+ more files$", rows[-1])


def test_the_rows_of_a_search_follow_on(repo: Repo) -> None:
    cursor, rows = 0, []
    while True:
        [page] = results(repo, ("find", {"query": "limit", "kind": "text", "cursor": cursor}), window=4096)
        rows += [
            re.sub(r" \(\+\d+ in this file\)$", "", row) for row in page if re.match(r"\S+?:\d+ \| ", row)
        ]
        if not (match := re.search(r"cursor (\d+)$", page[0])):
            break
        assert int(match.group(1)) > cursor
        cursor = int(match.group(1))
    [whole] = results(repo, ("find", {"query": "limit", "kind": "text"}))
    assert len(rows) == len(set(rows)) and files_of(rows) == files_of(whole)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("{web,app}/*[a-z].go", ["app/many.go", "app/two.go", "app/api.pb.go"]),
        ("app !*_test.go !app/many.go", ["app/two.go", "app/api.pb.go"]),
        ("README.md, web", ["README.md"]),
        ("!app, !data", ["README.md"]),
        ("**/two.go", ["app/two.go"]),
        ("app/**/two.go", ["app/two.go"]),
    ],
)
def test_paths_take_braces_exclusions_and_several(repo: Repo, path: str, found: list[str]) -> None:
    [rows] = results(repo, ("find", {"query": "limit", "kind": "text", "path": path}))
    assert [file for file in files_of(rows) if "_test" not in file] == found


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("two.go", "path 'two.go' matches no file in the index; did you mean app/two.go?"),
        ("{lib,src}/*.go", "path '{lib,src}/*.go' matches no file in the index"),
        ("web", "no text match for 'limit' in web"),
    ],
)
def test_a_path_that_leads_nowhere_is_said(repo: Repo, path: str, told: str) -> None:
    assert results(repo, ("find", {"query": "limit", "kind": "text", "path": path})) == [[told]]


def test_braces_are_bounded() -> None:
    sql, params = within("{a,b}" * 30)
    assert len(params) <= 300 and sql.count("?") == len(params)


def test_uses_show_their_code_and_tests_take_a_line(repo: Repo) -> None:
    [rows] = results(repo, ("references", {"symbol": "LimitTwo"}))
    assert rows[1] == "app/call.go:4 in Call (call, same package) | return LimitTwo()"
    assert rows[2:] == ["in tests: app/two_test.go (20: TestTwo)"]
    [rows] = results(repo, ("references", {"symbol": "LimitTwo", "kind": "references"}))
    assert "in tests: app/two_test.go (20: TestTwo)" in rows


def test_the_numbers_of_uses_add_up_and_hidden_ones_are_named() -> None:
    files = {f"lib/u{n}.py": f"def use_{n}(box):\n    box.put({n})\n" for n in range(11)}
    files["lib/box.py"] = "class Box:\n    def put(self, x): pass\n"
    files["tests/test_box.py"] = "def test_box(box):\n    box.put(1)\n    box.put(2)\n"
    with repository(files) as repo:
        [rows] = results(repo, ("references", {"symbol": "Box.put"}))
    assert rows[0] == (
        "callers of lib/box.py:Box.put: 0 resolved, 13 only candidates by name (2 in tests); "
        "1-8 of 11 shown, for more: cursor 8"
    )
    shown = [row.partition(":")[0] for row in rows[1:9]]
    told = re.findall(r"(\S+\.py) \(1\)", rows[9])
    assert rows[9].startswith("3 more not shown, in ")
    assert {*shown, *told} == {f"lib/u{n}.py" for n in range(11)}
    assert rows[10] == "in tests, CANDIDATES: tests/test_box.py (2: test_box)"


def test_a_whole_row_of_uses_can_be_cited(repo: Repo) -> None:
    made = calls(("references", {"symbol": "LimitTwo"}))
    run = repo.ask("Who calls it?", script(made, "Call [app/call.go:4], not this [app/call.go:3]."))
    retold = repo.ask("And?", script(made, "Call [app/call.go:4]."), session="b")
    assert [c.status for c in retold.answer.citations] == ["verified"]
    assert "[app/call.go:3-3]" in str(run.requests[-1].messages[-1])


def test_rows_push_out_no_page_that_nobody_released() -> None:
    """Nor where the model gave up pages in the same reply: these make room for more rows."""
    body = "".join(f"\tvalue_{n} := compute({n}, {n})\n" for n in range(120))
    files = {f"f{n}.go": f"package a\n\nfunc F{n}() {{\n{body}}}\n" for n in range(4)}
    needles = (f"func needle_{n}() {{ }} // a needle in hay that nobody finds by itself\n" for n in range(80))
    read = [calls(("page_in", {"targets": [f"f{n}.go:F{n}"]})) for n in range(3)]
    shown = []
    with repository({**files, "many.go": "package a\n\n" + "".join(needles)}) as repo:
        for session, out in (("kept", []), ("released", [("page_out", {"pages": ["p1"]})])):
            search = calls(*out, ("find", {"query": "needle", "kind": "text"}))
            run = repo.ask("?", script(*read, search, "Done."), window=8192, session=session)
            rows = [m["content"] for m in run.requests[-1].messages if m["role"] == "tool"][-1].split("\n")
            states = [page.state for page in run.answer.pages]
            assert states == ["evicted" if out else "resident", "resident", "resident"], session
            assert rows[-1].startswith("not shown: many.go (") and (
                out or "little room: narrow it" in rows[0]
            )
            shown.append(len(rows))
    assert 4 < shown[0] < shown[1]


def test_each_of_several_names_is_answered_for_itself(repo: Repo) -> None:
    [rows] = results(repo, ("find", {"query": "LimitTwo, Call nothing", "kind": "symbol"}))
    assert [row.split(" ")[0] for row in rows[1:3]] == ["app/two.go:3-5", "app/call.go:3-5"]
    assert rows[3].startswith("no symbol match for 'nothing'") and rows[0] == "3 names, 2 definitions"


@pytest.mark.parametrize(
    ("query", "kind", "told"),
    [
        ("limittwo()", "text", r"; 22 matches in any case: regex (?i)\Qlimittwo()\E"),
        ("LIMITTWO", "text", "; 22 matches in any case: regex (?i)LIMITTWO"),
        ("return limit[a-z]+", "regex", "; 1 match in any case: regex (?i)return limit[a-z]+"),
        ("nothing here", "text", ""),
    ],
)
def test_what_only_differs_in_case_is_told(repo: Repo, query: str, kind: str, told: str) -> None:
    [rows] = results(repo, ("find", {"query": query, "kind": kind}))
    assert rows == [f"no {kind} match for {query!r}{told}"]
