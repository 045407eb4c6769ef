"""Names as languages write them, definitions of one name, and what pages are called."""

import re
from collections.abc import Iterator

import pytest
from repository import Call, Repo, calls, repository, script

from memls.index.names import dotted, names_in, parted

LONG = "".join(f"\tset(o, {n}, {n}, {n})\n" for n in range(70))
FIELDS = "".join(f"\t// F{n} is one of many.\n\tF{n} int\n\n" for n in range(20))
FILES = {
    "index/builder.go": f"package index\n\ntype Options struct {{\n{FIELDS}}}\n\n"
    f"func (o *Options) SetDefaults() {{\n{LONG}}}\n\n"
    "func (o *Options) Args() []string {\n\treturn nil\n}\n",
    "index/write.go": "package index\n\nfunc (o *Options) Write() error {\n\treturn nil\n}\n",
    "archive/index.go": "package archive\n\ntype Options struct {\n\tA int\n}\n\n"
    f"func (o *Options) SetDefaults() {{\n{LONG}}}\n",
    "cmd/clean.go": "package main\n\nfunc clean() {\n}\n\nfunc main() {\n\tclean()\n}\n",
    "tools/clean.sh": "clean() {\n  rm -f x\n}\nclean\n",
    "small/a.py": "class A:\n    def run(self):\n        return 1\n",
    "small/b.py": "class B:\n    def run(self):\n        return 2\n",
}


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    with repository(FILES) as made:
        yield made


def last(repo: Repo, *steps: Call, question: str = "?", window: int = 16_384) -> str:
    """What the last of some calls brings, each made in a reply of its own."""
    run = repo.ask(question, script(*(calls(step) for step in steps)), window=window)
    return str(run.requests[-1].messages[-1]["content"])


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("How does (*indexData).newMatchTree work?", ("indexData.newMatchTree",)),
        ("What of `(*T).m`?", ("T.m",)),
        ("What of (Options).SetDefaults and (*Map[K, V]).Get?", ("Options.SetDefaults", "Map.Get")),
        ("Does Vec<T>::push_all grow?", ("Vec.push_all",)),
        ("Where is Cart#total_price?", ("Cart.total_price",)),
        ("Why foo(x).bar?", ("foo",)),
    ],
)
def test_receivers_are_read_as_their_languages_write_them(text: str, symbols: tuple[str, ...]) -> None:
    assert names_in(text).symbols == symbols


@pytest.mark.parametrize(
    ("target", "path", "name"),
    [
        ("a/b.go:(*T).m", "a/b.go", "T.m"),
        ("src/a.rs:T::m", "src/a.rs", "T.m"),
        ("T::m", "", "T.m"),
        ("a.b", "", "a.b"),
    ],
)
def test_a_target_has_a_path_and_a_name(target: str, path: str, name: str) -> None:
    found = parted(target)
    assert (found[0], dotted(found[1])) == (path, name)


def test_a_method_written_with_its_receiver_is_preloaded(repo: Repo) -> None:
    run = repo.ask("What does (*Options).Args do?", script("Nothing."))
    first = str(run.requests[0].messages[1]["content"])
    assert "index/builder.go:139-141 method Options.Args" in first and "struct Options (outline" not in first


def test_an_outline_of_a_type_names_its_methods_and_not_its_fields(repo: Repo) -> None:
    shown = last(repo, ("page_in", {"targets": ["index/builder.go:Options"], "detail": "outline"}))
    assert shown.split("\n")[1:] == [
        "3|type Options struct {",
        "methods of Options, with lines: index/builder.go: SetDefaults 66, Args 139; index/write.go: Write 3",
    ]


def test_an_outline_leaves_out_what_methods_write_out() -> None:
    literal = "    return new Proxy(one, {\n      get(a, b) {\n        return a[b]\n      },\n    })\n"
    source = f"class Cart {{\n  wrap(one) {{\n{literal}  }}\n  get total() {{\n    return 1\n  }}\n}}\n"
    with repository({"cart.js": source}) as repo:
        shown = last(repo, ("page_in", {"targets": ["cart.js:Cart"], "detail": "outline"}))
    assert shown.split("\n")[1:] == ["1|class Cart {", "2|  wrap(one) {", "9|  get total() {"]


WHOLE, HEAD = "|    step_8 = settle(8)", "(only its head; page_in p1 for all of it)"


@pytest.mark.parametrize(
    ("question", "height", "shown"),
    [
        ("What does `settle_all` do?", 9, WHOLE),
        ("What does `settle_all` do?", 90, WHOLE),
        ("What does `settle_all` do?", 900, HEAD),
        ("Who calls `settle_all`?", 9, WHOLE),
        ("Who calls `settle_all`?", 90, HEAD),
        ("Where is `settle_all` used?", 90, HEAD),
        ("What do `settle_all` and `settle` do?", 90, HEAD),
    ],
)
def test_a_named_function_comes_whole_or_as_no_more_than_its_head(
    question: str, height: int, shown: str
) -> None:
    """One that a question is about has more room than others."""
    body = "".join(f"    step_{n} = settle({n})\n" for n in range(height))
    with repository({"a.py": "\n" * 7 + f"def settle_all(x):\n{body}\ndef settle(x):\n    pass\n"}) as repo:
        asked = repo.ask(question, script("?"), window=8192).requests[0].messages[1]["content"]
    page = asked[asked.index("[p1] a.py:8-") : asked.index("best matches")]
    assert shown in page and ("|    step" in page) == (shown == WHOLE)


@pytest.mark.parametrize(
    ("before", "target", "told"),
    [
        (
            "archive/index.go:1-4", "Options.SetDefaults",
            ["archive/index.go:7-78 method", "also named Options.SetDefaults: index/builder.go:"],
        ),
        ("index/write.go", "Options.SetDefaults", ["index/builder.go:66-137 method", "also named"]),
        ("small/a.py", "Options.SetDefaults", ["ambiguous (2), page_in one of: ", "~470 tokens"]),
        ("archive/index.go", "run", ["small/a.py:2-3 method A.run", "small/b.py:2-3 method B.run"]),
        ("archive/index.go", "clean", ["cmd/clean.go:3-4 function", "tools/clean.sh:1-3 function"]),
    ],
)  # fmt: skip
def test_the_nearer_of_two_is_brought_and_the_other_named(
    repo: Repo, before: str, target: str, told: list[str]
) -> None:
    shown = last(repo, ("page_in", {"targets": [before]}), ("page_in", {"targets": [target]}))
    assert all(part in shown for part in told), shown
    assert shown.count("\n1|") + shown.count("|func (o *Options) SetDefaults") < 2


def test_uses_are_of_code_before_scripts(repo: Repo) -> None:
    assert "callers of cmd/clean.go:clean: 1 resolved" in last(repo, ("references", {"symbol": "clean"}))


@pytest.mark.parametrize(
    ("note", "holder"),
    [
        ("SetDefaults index/builder.go:66-70 sets all", "p2"),
        ("line 9 of index.go sets the first", "p3"),
        ("write.go does nothing", "p1"),
        ("not what I looked for", "p3"),
        ("as p1 says", "p1"),
    ],
)
def test_a_note_stays_on_the_page_it_speaks_of(repo: Repo, note: str, holder: str) -> None:
    targets = ["index/write.go", "index/builder.go:60-137", "archive/index.go:7-78"]
    out: Call = ("page_out", {"pages": ["p1", "p2", "p3"], "note": note})
    assert last(repo, ("page_in", {"targets": targets}), out) == (
        f"released, to go when room is needed: p1, p2, p3; the note stays on {holder}"
    )


@pytest.mark.parametrize(
    ("note", "notes"),
    [
        ("p1: writes (3-9); p3: nothing", ("writes (3-9)", "see p1", "nothing")),
        ("p1 writes, as p3 does. p2 sets all (66-70)", ("writes, as p3 does.", "sets all (66-70)", "see p1")),
        ("[p3] nothing", ("see p3", "see p3", "nothing")),
        ("p1, p2: both write; p3: no", ("see p2", "both write", "no")),
        ("p9: is none of these", ("see p3", "see p3", "p9: is none of these")),
    ],
)
def test_a_note_of_several_pages_is_parted(repo: Repo, note: str, notes: tuple[str, ...]) -> None:
    targets = ["index/write.go", "index/builder.go:60-137", "archive/index.go:7-78"]
    out: Call = ("page_out", {"pages": ["p1", "p2", "p3"], "note": note})
    with repository({**FILES, "big.py": "x = 'something that is long'\n" * 250}) as other:
        steps: list[Call] = [
            ("page_in", {"targets": targets}),
            out,
            *[("page_in", {"targets": ["big.py"]})] * 2,
        ]
        run = other.ask("?", script(*map(calls, steps)), window=4096)
    shown = str(run.requests[-1].messages)
    assert all(
        f"(evicted; page_in p{n} to read it again; note: {told})" in shown for n, told in enumerate(notes, 1)
    )


def test_a_page_that_was_out_is_said_to_be(repo: Repo) -> None:
    steps: list[Call] = [("page_out", {"pages": pages, "note": "an A"}) for pages in (["p1"], ["p1", "p7"])]
    told = last(repo, ("page_in", {"targets": ["small/a.py"]}), *steps)
    said = (
        "released, to go when room is needed: nothing; the note stays on p1; p1 was already out; no page p7"
    )
    assert told == said


def test_lines_are_called_by_what_begins_in_them(repo: Repo) -> None:
    shown = last(repo, ("page_in", {"targets": ["index/builder.go:64-141"]}))
    assert shown.startswith("[p1] index/builder.go:64-141 with Options.SetDefaults, Options.Args\n")
    handle: Call = ("page_out", {"pages": ["p1"], "note": "n"})
    big: Call = ("page_in", {"targets": ["archive/index.go", "index/builder.go:1-63", "index/write.go"]})
    with repository({**FILES, "big.py": "x = 'something that is long'\n" * 250}) as other:
        read: Call = ("page_in", {"targets": ["big.py"]})
        steps: list[Call] = [("page_in", {"targets": ["index/builder.go:64-141"]}), handle, big, read, read]
        run = other.ask("?", script(*map(calls, steps)), window=4096)
    sent = "\n".join(str(m["content"]) for r in run.requests for m in r.messages)
    assert "[p1] index/builder.go:64-141 with Options.SetDefaults, Options.Args (evicted; page_in p1" in sent


def test_an_outline_of_a_file_leaves_fields_out_where_there_is_little_room() -> None:
    fields = "".join(f"\tFieldNumber{n} map[string]int\n" for n in range(90))
    files = {"a.go": f"package a\n\ntype Wide struct {{\n{fields}}}\n\nfunc (w *Wide) Get() int {{\n}}\n"}
    with repository(files) as repo:
        small, large = (last(repo, ("outline", {"path": "a.go"}), window=window) for window in (4096, 32_768))
    assert "field FieldNumber3" in large and "left out" not in large
    head, *rows = small.split("\n")
    assert head.endswith("92 symbols (90 fields left out)") and "Get" in rows[-1] and len(rows) == 2


def test_of_a_long_match_size_and_lines_are_told() -> None:
    body = "".join(f"    x{n} = {n}\n" for n in range(80))
    source = f"def settle(x):\n    '''Settles accounts.'''\n{body}    ledger = closing_balance(x)\n{body}"
    with repository({"a.py": source}) as repo:
        run = repo.ask("Where is the closing balance settled?", script("There."))
    assert "a.py:1-163 function settle (~700 tokens; lines 2, 83)" in str(
        run.requests[0].messages[1]["content"]
    )


def test_how_many_have_a_name_is_told_of_all() -> None:
    with repository({f"m{n}.py": f"class C{n}:\n    def run(self): pass\n" for n in range(60)}) as repo:
        first = repo.ask("What does `run` do?", script("?")).requests[0].messages[1]["content"]
        paged = last(repo, ("page_in", {"targets": ["run"]}))
        used = last(repo, ("references", {"symbol": "run"}))
    assert "run: 60 definitions: m0.py:2-2 method C0.run; " in first
    for told in (paged, used):
        assert "run is ambiguous (60)" in told and "and 54 more" in told


def test_namesakes_in_examples_come_last_and_those_of_a_named_class_first() -> None:
    files = {f"m{n}.py": f"class C{n}:\n    def run(self): pass\n" for n in range(4)}
    with repository({**files, "playground/a.py": "def run(): pass\n"}) as repo:
        text = repo.ask("How does `C2` have `run` called?", script("?")).requests[0].messages[1]["content"]
    paths = re.findall(r"(\S+):\d+-\d+ (?:method|function)", str(text).partition("run: 5 definitions: ")[2])
    assert paths[:5] == ["m2.py", "m0.py", "m1.py", "m3.py", "playground/a.py"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            ("page_in", {"targets": ["index/builder.go:Options.Write"]}),
            "no file or symbol is named index/builder.go:Options.Write; "
            "of that name: index/write.go:Options.Write (3-5, ~20 tokens)",
        ),
        (
            ("references", {"symbol": "Option.Write"}),
            "error: no symbol Option.Write; of that name: index/write.go:Options.Write (3-5, ~20 tokens)",
        ),
        (
            ("find", {"query": "Write", "kind": "symbol", "path": "archive"}),
            "no symbol match for 'Write' in archive; "
            "of that name: index/write.go:Options.Write (3-5, ~20 tokens)",
        ),
        (
            ("page_in", {"targets": ["Writes"]}),
            "no file or symbol is named Writes; near names: index/write.go:Options.Write (3-5, ~20 tokens)",
        ),
        (("page_in", {"targets": ["Quux"]}), "no file or symbol is named Quux; try find"),
    ],
)
def test_where_nothing_has_a_name_targets_are_told_that_are_like_it(
    repo: Repo, call: Call, told: str
) -> None:
    assert last(repo, call) == told


def test_an_outline_of_a_function_shows_what_it_defines_inside() -> None:
    inner = "".join(
        f"  function step{n}(a) {{\n{'    a = f(a)' * 30}\n    return a\n  }}\n" for n in range(4)
    )
    source = f"export function useSteps(options) {{\n  const one = {{ a() {{}} }}\n{inner}  return one\n}}\n"
    with repository({"steps.js": source}) as repo:
        shown = last(repo, ("page_in", {"targets": ["steps.js:useSteps"], "detail": "outline"})).split("\n")
    assert shown[0].endswith("function useSteps (outline; page_in p1 for all of it)")
    starts = [f"{3 + 4 * n}|  function step{n}(a) {{" for n in range(4)]
    assert shown[1:] == ["1|export function useSteps(options) {", *starts]


def test_a_long_function_that_defines_nothing_comes_in_parts() -> None:
    fields = "".join(f"    field{n}: {{ value: f({n}) }},\n" for n in range(3000))
    with repository({"table.js": f"function table() {{\n  return {{\n{fields}  }}\n}}\n"}) as repo:
        call = calls(("page_in", {"targets": ["table.js:table"]}))
        shown = str(repo.ask("what?", script(call, "A table.")).requests[-1].messages)
    assert "continue with page_in table.js:" in shown and "3|    field0" in shown
