"""No stale code: whatever happens to the files, a request shows their current lines or says otherwise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import Repo, calls, check_pages, check_window, examples, pages_in, repository, script

from memls.memory.drift import map_lines
from memls.models.base import Reply, Request

BASE = {
    "app.py": '''"""An app."""

LIMIT = 3


def first(a):
    """Add one."""
    return a + 1


class Store:
    def get(self, key):
        return self.items[key]

    def put(self, key, value):
        self.items[key] = value


def last(b):
    total = 0
    for n in range(b):
        total += n
    return total
''',
    "lib/other.py": "def other():\n    return 'other'\n\n\ndef helper():\n    return other()\n",
    "notes.md": "# Notes\n\nThe store keeps items.\nThe app counts.\n",
}
TARGETS = [
    *("app.py", "app.py:first", "last", "Store", "Store.put", "app.py:3-8", "app.py:18-22", "notes.md:1-4"),
    *("lib/other.py:other", "helper", "lib/other.py", "lib/renamed.py", "renamed_function", "p1", "p2", "p3"),
]


class Editor:
    """Changes files at random, as a person with an editor and git would."""

    def __init__(self, repo: Repo, dice: random.Random) -> None:
        self.repo, self.dice = repo, dice
        self.removed: dict[str, str] = {}

    def edit(self) -> None:
        often = (self.insert_above, self.change_body)
        symbols = (self.move_symbol, self.rename_symbol)
        files = (self.rename_file, self.delete, self.restore, self.empty, self.reindex)
        change = self.dice.choice([*often, *often, *symbols, *files])
        change()

    def _pick(self) -> tuple[str, list[str]]:
        paths = sorted(str(p.relative_to(self.repo.root)) for p in self.repo.root.rglob("*") if p.is_file())
        path = self.dice.choice(paths) if paths else "app.py"
        return path, (self.repo.read(path) or "").split("\n")

    def insert_above(self) -> None:
        path, lines = self._pick()
        new = [f"# inserted {self.dice.randrange(1000)}" for _ in range(self.dice.randint(1, 5))]
        place = self.dice.choice([0, self.dice.randint(0, len(lines))])
        self.repo.write(path, "\n".join(lines[:place] + new + lines[place:]))

    def change_body(self) -> None:
        path, lines = self._pick()
        place = self.dice.randrange(len(lines))
        lines[place] = f"    x = {self.dice.random()}"
        self.repo.write(path, "\n".join(lines))

    def move_symbol(self) -> None:
        path, lines = self._pick()
        place = self.dice.randint(0, len(lines))
        self.repo.write(path, "\n".join(lines[place:] + lines[:place]))

    def rename_symbol(self) -> None:
        path, lines = self._pick()
        name = self.dice.choice(["first", "last", "other", "put", "Store"])
        self.repo.write(path, "\n".join(lines).replace(f" {name}(", " renamed_function("))

    def rename_file(self) -> None:
        path, _ = self._pick()
        if self.repo.read(path) is not None:
            target = self.dice.choice(["lib/renamed.py", "moved/app.py", "app.py"])
            (self.repo.root / target).parent.mkdir(exist_ok=True)
            (self.repo.root / path).rename(self.repo.root / target)
            self.dice.choice([self.reindex, lambda: None])()

    def delete(self) -> None:
        path, lines = self._pick()
        self.removed[path] = "\n".join(lines)
        (self.repo.root / path).unlink(missing_ok=True)

    def restore(self) -> None:
        for path, text in self.removed.items():
            self.repo.write(path, text)
        self.removed.clear()

    def reindex(self) -> None:
        self.repo.workspace.index()

    def empty(self) -> None:
        path, _ = self._pick()
        self.repo.write(path, self.dice.choice(["", "\n", "\r\n\r\n", "one line"]))


@examples(3)
@given(st.integers(0, 2**32), st.sampled_from([4096, 8192]))
def test_every_line_in_a_request_is_current(seed: int, window: int) -> None:
    dice = random.Random(seed)
    with repository(BASE) as repo:
        editor = Editor(repo, dice)

        def policy(request: Request) -> Reply:
            check_pages(request, repo)
            for _ in range(dice.choice([0, 1, 1, 2, 4])):
                editor.edit()
            if dice.random() < 0.2:
                return Reply("It is so [app.py:6-8], [Store.put], [notes.md:3].")
            made = [
                ("page_in", {"targets": dice.sample(TARGETS, 4), "detail": dice.choice(["full", "outline"])})
                for _ in range(dice.randint(1, 3))
            ]
            return calls(*made, *([("page_out", {"pages": ["p1", "p2"]})] if dice.random() < 0.3 else []))

        for question in ("what do `first` and app.py do?", "and `Store`?", "and now?"):
            run = repo.ask(question, policy, window=window, session="edits", steps=8)
            check_window(run.requests, window)
            for citation in run.answer.citations:
                if citation.status in ("verified", "moved"):
                    assert citation.end <= len(repo.lines(citation.path))


def _shown(request: Request, path: str) -> dict[int, str]:
    return {n: text for part in pages_in(request.messages) if part.path == path for n, text in part.lines}


def test_an_edit_between_steps_rewrites_the_page_and_is_told() -> None:
    with repository(BASE) as repo:

        def edit(_: Request) -> Reply:
            repo.write("app.py", "# new\n# new\n" + BASE["app.py"].replace("a + 1", "a + 2"))
            return calls(("find", {"query": "store"}))

        run = repo.ask("?", script(calls(("page_in", {"targets": ["first"]})), edit, "Done."))
        assert _shown(run.requests[1], "app.py")[8] == "    return a + 1"
        assert _shown(run.requests[2], "app.py")[10] == "    return a + 2"
        assert run.requests[2].messages[-1]["content"].startswith("[system interrupt] files changed: app.py.")
        check_pages(run.requests[2], repo)


def test_a_page_asked_for_again_after_an_edit_is_not_left_as_it_was() -> None:
    """The page table may know the new text before the request does."""
    with repository(BASE) as repo:

        def edit(_: Request) -> Reply:
            repo.write("app.py", "# new\n" + BASE["app.py"].replace("a + 1", "a + 2"))
            return calls(("page_in", {"targets": ["p1"]}), ("page_in", {"targets": ["app.py:7-9"]}))

        run = repo.ask("?", script(calls(("page_in", {"targets": ["first"]})), edit, "Done."))
        assert check_pages(run.requests[2], repo) >= 3
        said = "\n".join(message["content"] for message in run.requests[2].messages)
        assert "|    return a + 1" not in said  # what went is told as gone, and nowhere shown as code
        assert "\n- return a + 1\n+ return a + 2\n" in said


def test_the_same_line_numbers_in_another_text_are_another_page() -> None:
    with repository(BASE) as repo:

        def edit(_: Request) -> Reply:
            repo.write("app.py", "# 1\n# 2\n# 3\n" + BASE["app.py"])
            return calls(("page_in", {"targets": ["app.py:6-8"]}))

        run = repo.ask("?", script(calls(("page_in", {"targets": ["first"]})), edit, "Done."))
        shown = {part.page: part.start for part in pages_in(run.requests[2].messages)}
        assert shown == {"p1": 9, "p2": 6}


def test_a_deleted_file_is_marked_gone_and_comes_back() -> None:
    with repository(BASE) as repo:

        def delete(_: Request) -> Reply:
            (repo.root / "app.py").unlink()
            return calls(("find", {"query": "store"}))

        def restore(_: Request) -> Reply:
            repo.write("app.py", BASE["app.py"])
            return calls(("page_in", {"targets": ["p1"]}))

        run = repo.ask("?", script(calls(("page_in", {"targets": ["first"]})), delete, restore, "Done."))
        gone = [part for part in pages_in(run.requests[2].messages) if part.page == "p1"]
        assert gone and all(part.marked and not part.lines for part in gone)
        assert _shown(run.requests[3], "app.py")[8] == "    return a + 1"


def test_a_renamed_file_takes_its_pages_along() -> None:
    with repository(BASE) as repo:

        def rename(_: Request) -> Reply:
            (repo.root / "app.py").rename(repo.root / "lib" / "moved.py")
            repo.workspace.index()
            return calls(("find", {"query": "store"}))

        run = repo.ask("?", script(calls(("page_in", {"targets": ["first"]})), rename, "[lib/moved.py:6-8]"))
        assert _shown(run.requests[2], "lib/moved.py")[8] == "    return a + 1"
        assert run.answer.citations[0].status == "verified"


def test_a_resumed_session_brings_its_pages_up_to_date() -> None:
    with repository(BASE) as repo:
        repo.ask("?", script(calls(("page_in", {"targets": ["first", "app.py:18-22"]})), "Ok."), session="s")
        repo.close()
        repo.write("app.py", "# above\n" + BASE["app.py"])
        run = repo.ask("and now?", script("[app.py:7-9]"), session="s")
        assert check_pages(run.requests[0], repo) >= 8
        assert _shown(run.requests[0], "app.py")[9] == "    return a + 1"
        assert run.answer.citations[0].status == "verified"


def test_an_unsaved_buffer_shadows_the_disk() -> None:
    with repository(BASE) as repo:
        repo.workspace.buffers.set("app.py", BASE["app.py"].replace("a + 1", "a + 9"), 1)
        run = repo.ask("?", script(calls(("page_in", {"targets": ["app.py:first"]})), "Done."))
        assert _shown(run.requests[1], "app.py")[8] == "    return a + 9"


DOCUMENTED = "package a\n\n// Sum adds.\n// Twice.\nfunc Sum(a int) int {\n\treturn a\n}\n"


@pytest.mark.parametrize("target", ["Sum", "a.go:Sum", "a.go:3-7", "a.go:5-7", "a.go:6"])
def test_what_documents_a_definition_is_on_its_page(target: str) -> None:
    changed = DOCUMENTED.replace("package", "\npackage").replace("// Twice.", "// Once.\n// And more.")
    with repository({"a.go": DOCUMENTED}) as repo:

        def edit(_: Request) -> Reply:
            repo.write("a.go", changed)
            return calls(("find", {"query": "store"}))

        run = repo.ask("?", script(calls(("page_in", {"targets": [target]})), edit, "Done."))
    assert list(_shown(run.requests[1], "a.go")) == [3, 4, 5, 6, 7]
    shown = _shown(run.requests[2], "a.go")
    assert list(shown) == [4, 5, 6, 7, 8, 9] and shown[5] == "// Once."


LINES = st.lists(st.sampled_from("abc"), max_size=30)


@given(LINES, LINES, st.data())
def test_mapped_lines_are_lines_of_the_new_text(old: list[str], new: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(1, max(1, len(old))))
    end = data.draw(st.integers(start, max(start, len(old))))
    mapped = map_lines(old, new, start, end)
    if mapped is not None:
        assert 1 <= mapped[0] <= mapped[1] <= len(new)
    if old == new and old:
        assert mapped == (start, end)


@pytest.mark.parametrize("inserted", [0, 1, 7])
def test_lines_inserted_above_move_a_region(inserted: int) -> None:
    old = [f"line {n}" for n in range(20)]
    assert map_lines(old, ["new"] * inserted + old, 5, 9) == (5 + inserted, 9 + inserted)
    assert map_lines(old, old[:4] + old[9:], 5, 9) is None
    assert map_lines(old, [*old[:6], "more", *old[6:]], 5, 9) == (5, 10)
