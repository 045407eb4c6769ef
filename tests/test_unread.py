"""Questions to an index that is being built: never a guess shown as a fact, and no waiting for the rest.

Each repository is read file by file, in some order, beside enough filler for a long build.
"""

import asyncio
import random
import re
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest

from memls.config import Folders
from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.code import Code
from memls.index.declarations import defined_elsewhere
from memls.index.holders import holders
from memls.index.resolve import Edge, Resolver
from memls.index.rows import Limits
from memls.index.unread import Fault, Lack, Unread, faulting
from memls.owner.paging import paged
from memls.source.files import Source
from memls.store import Store
from memls.workspace import Workspace

Repository = dict[str, str]
PYTHON: Repository = {
    "pkg/__init__.py": "from .api import run\n",
    "pkg/api.py": "from .deep import Base, run\n",
    "pkg/deep.py": "class Base:\n    def go(self): pass\n\ndef run(): pass\n",
    "pkg/mixin.py": "class Mixin:\n    def go(self): pass\n",
    "pkg/use.py": """
        from pkg import run
        from pkg.mixin import Mixin
        from pkg.api import Base
        import tool
        class Use(Mixin, Base):
            def do(self, other):
                self.go()
                other.go()
                tool.hit()
        run()
        """,
    "a/tool.py": "def hit(): pass\n",
    "b/tool.py": "def hit(): pass\n",
}
GO: Repository = {
    "go.mod": "module example.org/shop\n",
    "main.go": """
        package main
        import "example.org/shop/store"
        func main() {
            store.Open()
            helper()
        }
        """,
    "helper.go": "package main\n\nfunc helper() {}\n",
    "store/store.go": "package store\n\nfunc Open() {\n\tfill()\n}\n",
    "store/fill.go": "package store\n\nfunc fill() {}\n",
    "vendor/example.org/shop/store/store.go": "package store\n\nfunc Open() {}\n",
}
C: Repository = {
    "one.c": "int twice(int x) { return x; }\nint only(void) { return 1; }\n",
    "two.c": "int twice(int x) { return x + 1; }\n",
    "use.c": '#include "all.h"\nint main(void) { return twice(1) + only(); }\n',
    "all.h": "int twice(int x);\nint only(void);\n",
    "other/all.h": "int other(void);\n",
}
TYPESCRIPT: Repository = {
    "index.ts": 'export { Shelf } from "./shelf";\nexport * from "./more";\n',
    "shelf.ts": "export class Shelf { put() {} }\n",
    "more.ts": "export function more() {}\n",
    "use.ts": """
        import { Shelf, more } from "./index";
        class Wide extends Shelf { fill() { this.put(); more(); } }
        """,
}
PACKAGES: Repository = {
    "package.json": '{"name": "root", "workspaces": ["libs/*"]}',
    "tsconfig.base.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "tsconfig.json": '{"extends": "./tsconfig.base.json"}',
    "src/shelf.ts": "export class Shelf { put() {} }\n",
    "src/shop/use.ts": """
        import { Shelf } from "@/shelf";
        import { open } from "store";
        class Wide extends Shelf { fill() { this.put(); open(); } }
        """,
    "libs/store/package.json": '{"name": "store", "main": "dist/index.js"}',
    "libs/store/src/index.ts": "export * from './open';\n",
    "libs/store/src/open.ts": "export function open() {}\n",
    "libs/twin/package.json": '{"name": "store"}',
    "libs/twin/index.ts": "export function open() {}\n",
    "other/tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}',
}
USE = ("src/shop/use.ts", 1, 10)
CSHARP: Repository = {
    "App/Shop/Cart.cs": """
        namespace App.Shop;
        public class Cart : Basket
        {
            private Item first;
            public int Total(Request request) { return request.Size; }
        }
    """,
    "App/Shop/Item.cs": "namespace App.Shop;\npublic class Item {}\n",
    "App/Shop/Basket.cs": "namespace App.Shop;\npublic class Basket {}\n",
    "App/Shop/Request.cs": "namespace App.Shop;\npublic class Request\n{\n    public int Size { get; }\n}\n",
    "App/Admin/Page.cs": "namespace App.Admin;\nusing App.Shop;\nclass Page { Item item; Request re; }\n",
}
REPOSITORIES = {
    "python": PYTHON,
    "go": GO,
    "c": C,
    "typescript": TYPESCRIPT,
    "packages": PACKAGES,
    "csharp": CSHARP,
}


def written(root: Path, repository: Repository) -> Path:
    for path, text in repository.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), "utf-8")
    for number in range(3):  # more than is read at once
        (root / f"zz{number}.txt").write_text("word " * 50_000)
    return root


def positions(repository: Repository) -> Iterator[tuple[str, int, int]]:
    """Every place where a word begins."""
    for path, text in repository.items():
        for number, line in enumerate(dedent(text).lstrip("\n").split("\n"), 1):
            yield from ((path, number, word.start()) for word in re.finditer(r"[a-zA-Z]\w*", line))


class Half:
    """A repository whose build stops after each of its files, in a given order, to be asked."""

    def __init__(self, root: Path, repository: Repository, order: list[str]) -> None:
        self.database = Database(None, INDEX)
        self.builder = Builder(written(root, repository), self.database, Limits())
        self.resolver = Resolver(self.database, self.builder.unread)
        self.code = Code(self.database, Source(root))
        self.order = order

    def each(self, ask: Callable[[set[str]], None]) -> None:
        """`ask` with the files that are read, after each."""
        self.builder.urgent = lambda: self.order[: len(self._read()) + 1]
        self.builder.catch_up(lambda done, total: ask(self._read()))

    def _read(self) -> set[str]:
        return {row[0] for row in self.database.read("SELECT path FROM files")}

    def at(self, path: str, line: int, column: int) -> list[Edge]:
        """As an editor asks: prototypes too."""
        found = self.resolver.definitions_at(path, line, column)
        if not found and path.endswith((".c", ".h")):
            found = defined_elsewhere(self.resolver, self.code, self.code.view(path), line, column)
        return found

    def sure(self, path: str, line: int, column: int) -> set[tuple[str, str]]:
        """What is resolved there, as path and symbol."""
        found = self.at(path, line, column)
        return {(e.target.path, e.target.symbol) for e in found if e.status == "resolved"}


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3, 4))])
@pytest.mark.parametrize(
    "language",
    [
        "python",
        "c",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("go", "typescript", "packages", "csharp")),
    ],
)
def test_what_is_resolved_in_a_part_is_resolved_in_the_whole(
    tmp_path: Path, language: str, seed: int
) -> None:
    """Whatever was read before: what comes later takes no word back."""
    repository = REPOSITORIES[language]
    order = random.Random(seed).sample(sorted(repository), len(repository))
    half = Half(tmp_path, repository, order)
    said: dict[tuple[str, int, int], set[tuple[str, str]]] = {}
    stops: list[set[str]] = []

    def ask(read: set[str]) -> None:
        stops.append(read)
        for position in positions(repository):
            sure = half.sure(*position)
            if sure and position[0] in read:
                said.setdefault(position, set()).update(sure)

    half.each(ask)
    assert stops[0] == set(order[:1]) and stops[1] == set(order[:2])
    whole = {position: half.sure(*position) for position in positions(repository)}
    assert said and {p: places for p, places in said.items() if places != whole[p]} == {}


@pytest.mark.parametrize(
    ("language", "position", "first", "faults"),
    [
        ("python", ("pkg/use.py", 10, 1), ["pkg/use.py"], ["pkg/__init__.py"]),
        ("python", ("pkg/use.py", 7, 13), ["pkg/use.py"], ["pkg/mixin.py", "pkg/api.py"]),
        ("go", ("main.go", 5, 5), ["main.go"], ["helper.go"]),
        ("go", ("main.go", 4, 11), ["main.go"], ["go.mod"]),
        ("typescript", ("use.ts", 1, 10), ["use.ts"], ["index.ts"]),
        (
            "packages",
            ("src/shop/use.ts", 1, 10),
            ["src/shop/use.ts"],
            ["tsconfig.json", "tsconfig.base.json"],
        ),
        ("packages", ("src/shop/use.ts", 2, 10), ["src/shop/use.ts"], ["libs/twin/package.json"]),
    ],
)
def test_a_question_tells_what_it_needs(
    tmp_path: Path, language: str, position: tuple[str, int, int], first: list[str], faults: list[str]
) -> None:
    """And reading that alone brings it to its end."""
    half = Half(tmp_path, REPOSITORIES[language], first)
    met: list[set[str]] = []
    answers: list[list[Edge]] = []

    def ask(read: set[str]) -> None:
        if answers:
            return
        try:
            with faulting():
                answers.append(half.at(*position))
        except Fault as fault:
            assert fault.paths and not fault.names
            met.append(set(fault.paths))
            half.builder.unread.demand(fault.paths, lambda: None)

    half.builder.urgent = lambda: first
    half.builder.catch_up(lambda done, total: ask(set()))
    assert set(faults) <= set().union(*met) and met[0] & set(faults)
    assert all(not one & other for one, other in pairwise(met))  # each fault once
    assert answers == [half.at(*position)] and answers[0]


def test_parts_of_the_names_of_namespaces_are_looked_for_nowhere(tmp_path: Path) -> None:
    """`App` stands in every file. That a base class may have a type `Item` is another matter."""
    half = Half(tmp_path, CSHARP, ["App/Shop/Cart.cs"])
    met: set[str] = set()

    def ask(read: set[str]) -> None:
        try:
            with faulting():
                half.at("App/Shop/Cart.cs", 4, 12)
        except Fault as fault:
            met.update(fault.names)

    half.each(ask)
    assert met == {"Item", "Basket"}


def test_who_defines_a_name_is_read_before_who_uses_it(tmp_path: Path) -> None:
    lack = Lack(dict.fromkeys(CSHARP, "csharp"))
    written(tmp_path, CSHARP)
    assert holders(tmp_path, lack, "Item", 1000) == (
        "App/Shop/Item.cs", "App/Admin/Page.cs", "App/Shop/Cart.cs",
    )  # fmt: skip
    assert (holders(tmp_path, lack, "Size", 1000) or ())[0] == "App/Shop/Request.cs"


def test_names_are_looked_for_where_they_stand(tmp_path: Path) -> None:
    """A C function is one of all files: those that contain its name are read, and then it is a fact."""
    store = Store(written(tmp_path / "repo", C), Folders(tmp_path / "i", tmp_path / "m", tmp_path / "u"))
    workspace = Workspace(store, owns_store=True)
    store.put_first(lambda: ["use.c"])
    seen: list[tuple[set[str], str]] = []

    def ask(done: int, total: int) -> None:
        read = {row[0] for row in store.index.read("SELECT path FROM files")}
        try:
            with faulting():
                seen.append((read, workspace.resolver.definitions_at("use.c", 2, 37)[0].status))
        except Fault as fault:
            seen.append((read, "fault"))
            held = [store.holders(name) for name in fault.names]
            store.unread.demand([*fault.paths, *(path for found in held for path in found or ())], str)

    with workspace:
        store.build(ask)
    assert seen[:2] == [({"use.c"}, "fault"), ({"use.c", "one.c", "all.h"}, "resolved")]


@pytest.mark.parametrize("there", [True, False])
async def test_a_request_waits_for_what_it_needs_alone(tmp_path: Path, there: bool) -> None:
    """The build stands still until it is demanded; the answer comes before the rest is read."""
    root = written(tmp_path / "repo", PYTHON)
    if not there:
        (root / "pkg/api.py").unlink()
    store = Store(root, Folders(tmp_path / "i", tmp_path / "m", tmp_path / "u"))
    workspace = Workspace(store)
    store.put_first(lambda: ["pkg/use.py"])
    going = threading.Event()

    def hold(done: int, total: int) -> None:
        while store.unread.is_ready and not going.is_set() and not store.unread.demanded():
            going.wait(0.01)

    building = asyncio.ensure_future(asyncio.to_thread(store.build, hold))
    try:
        edges = await paged(store, lambda: workspace.resolver.definitions_at("pkg/use.py", 10, 1), 60)
        unread = set(store.unread.now.paths)
    finally:
        going.set()
        await building
        workspace.close()
        store.close()
    assert [(edge.target.path, edge.status) for edge in edges] == (
        [("pkg/deep.py", "resolved")] if there else []
    )
    assert "b/tool.py" in unread


async def test_a_request_that_waits_too_long_is_answered_with_candidates(tmp_path: Path) -> None:
    half = Half(tmp_path, PYTHON, ["pkg/use.py", "pkg/deep.py"])
    found: list[list[Edge]] = []
    half.each(lambda read: found.append(half.at("pkg/use.py", 7, 13)))
    assert all(edge.status == "candidate" for edge in found[0] + found[1])
    assert [edge.status for edge in found[-1]] == ["resolved"]


async def test_a_build_that_was_killed_leaves_no_facts(tmp_path: Path) -> None:
    """The next process does not know what is missing until it has listed the files."""
    folders = Folders(tmp_path / "i", tmp_path / "m", tmp_path / "u")
    root = written(tmp_path / "repo", PYTHON)

    def stop(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    store = Store(root, folders)
    store.put_first(lambda: ["pkg/use.py", "pkg/mixin.py"])
    with pytest.raises(KeyboardInterrupt):
        store.build(stop)
    store.close()
    store = Store(root, folders)
    workspace = Workspace(store)

    def ask() -> list[Edge]:
        return workspace.resolver.definitions_at("pkg/use.py", 7, 13)

    try:
        before = await paged(store, ask, 0.01)
        assert [edge.status for edge in before] == ["candidate"]
        store.build()
        assert [edge.status for edge in await paged(store, ask, 0.01)] == ["resolved"]
    finally:
        workspace.close()
        store.close()


def test_nobody_waits_for_a_build_that_failed() -> None:
    unread, told = Unread(listed=False), []
    assert not unread.now.listed
    unread.begin({"a.py": "python"})
    unread.demand(["a.py"], lambda: told.append("a"))
    assert unread.demanded() == ["a.py"] and not told
    unread.end(whole=False)
    unread.demand(["a.py"], lambda: told.append("b"))
    assert told == ["a", "b"] and "a.py" in unread.now.paths and not unread.demanded()


def test_what_is_demanded_last_is_read_first() -> None:
    unread, told = Unread(), []
    unread.begin(dict.fromkeys(["a", "b", "c", "d"]))
    withdraw = unread.demand(["a", "b"], lambda: told.append("ab"))
    unread.demand(["c", "b", "gone"], lambda: told.append("cb"))
    assert unread.demanded() == ["c", "b", "a"]
    withdraw()
    unread.read(["a", "c"])
    assert told == [] and unread.demanded() == ["b"]
    unread.read(["b"])
    assert told == ["cb"] and not unread.is_nothing
