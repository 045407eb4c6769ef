"""Unsaved buffers in every query: a layer over the index answers as an index of the saved texts would."""

import random
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import examples

from memls.database import INDEX, Database, Reader
from memls.errors import MachineError, MemlsError
from memls.index import worker
from memls.index.builder import Builder
from memls.index.code import Code
from memls.index.declarations import declared_in
from memls.index.layer import Layer
from memls.index.resolve import Resolver
from memls.index.rows import Batch, Limits
from memls.index.search import Search, SearchKind
from memls.source import parse
from memls.source.files import Overlays, Source

LIMITS = Limits(file_bytes=4000, languages=frozenset({"python", "go", "javascript", "c"}))

SAVED = {
    "shop/__init__.py": "from shop.cart import Cart as Basket\n",
    "shop/cart.py": (
        "from shop.base import Model\n\n\nclass Cart(Model):\n    def total(self):\n"
        "        return self.price() + tax(1)\n\n\ndef tax(value):\n    return value\n"
    ),
    "shop/base.py": "class Model:\n    def price(self):\n        return 1\n\n    def total(self): ...\n",
    "main.py": "from shop import Basket\nfrom shop.cart import tax\n\n\nBasket().total()\ntax(2)\n",
    "go.mod": "module example.com/shop\n",
    "web/serve.go": 'package web\n\nimport "example.com/shop/store"\n\nfunc Serve() { store.Open() }\n',
    "store/store.go": "package store\n\n// Open opens.\nfunc Open() error { return nil }\n",
    "ui/app.js": "import cart from './cart';\nexport function show() { cart(); total(); }\n",
    "ui/cart.js": "export default function makeCart() { return total(); }\n",
    "ui/pay.js": "import cart from '@/cart';\nimport { total } from 'shop-total';\ncart(); total();\n",
    "ui/jsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}\n',
    "package.json": '{"name": "shop", "workspaces": ["lib"]}\n',
    "lib/package.json": '{"name": "shop-total", "main": "total"}\n',
    "lib/total.js": "export function total() {}\n",
    "c/list.h": "int total(int n);\n",
    "c/list.c": '#include "list.h"\nint total(int n) { return n; }\nint tax(void) { return total(1); }\n',
    "README.md": "# Shop\n\nA cart has a total, with tax.\n",
    "tool.rs": "fn total() {}\n",
    ".gitignore": "ignored/\n*.log\n",
}
NEW = [
    "shop/extra.py",
    "store/more.go",
    "ignored/total.py",
    "ui/total.js",
    "go.log",
    "new/Cargo.toml",
    "tsconfig.json",
    "ui/total/package.json",
    "é.py",
]
PATHS = sorted({*SAVED, *NEW} - {".gitignore"})  # its rules count when they are saved
PIECES = {
    "py": [
        "from shop.cart import tax\n", "from shop.base import *\n", "import shop.cart\n",
        "def tax(a):\n    return total(a)\n", "class Cart:\n    def total(self):\n        self.tax()\n",
        "class Small(Cart):\n    def total(self):\n        return super().total()\n", "tax(3); total = tax\n",
        "shop.cart.tax(1)\n", "def broken(:\n", "é = '記憶'; tax(é)\n", "\n\n", "x = 1\r\n",
    ],
    "go": [
        "package store\n", "package web\n", 'import "example.com/shop/store"\n', "func Close() { Open() }\n",
        "type Cart struct { total int }\n", "func (c *Cart) Total() int { return c.total + tax() }\n",
        "func tax() int { return 1 }\n", "func f() { store.Close(); store.Open() }\n",
    ],
    "js": [
        "import cart from './cart';\n", "import { total } from './total';\n", "export function total() {}\n",
        "export default class Shop { total() { this.tax(); } tax() {} }\n", "cart(); total();\n",
    ],
    "c": ["int total(int n) { return n; }\n", "static int tax(void) { return 2; }\n", "int x = total(3);\n"],
    "h": ["int total(int n);\n", "#define TAX 1\n", "struct cart { int total; };\n"],
    "md": ["# Prices\n\nWhat tax is: a part of the total.\n", "## Cart\n\nHolds items.\n"],
    "json": [
        '{"compilerOptions": {"paths": {"@/*": ["../lib/*"]}}}\n', '{"name": "shop-total"}\n', "// none\n",
        '{"name": "other", "main": "total.js"}\n', '{"workspaces": ["ui"]}\n', "{}\n",
        '{"extends": "../tsconfig.json"}\n',
    ],
    "": ["module example.com/shop\n", "module example.org/other\n", '[package]\nname = "shop"\n', "tax\n"],
}  # fmt: skip
ODD = ["", "x" * 5000 + "\n", "tax()\n" * 700, "a\0b\n", "total = 1"]

QUERIES: list[tuple[str, SearchKind]] = [
    ("total", "symbol"), ("tax", "symbol"), ("Cart.total", "symbol"), ("t*", "symbol"), ("Totl", "symbol"),
    ("total", "text"), ("tax(", "text"), ("(?i)cart", "regex"), (r"^import .*", "regex"),
    ("how is the total of a cart computed with tax?", "auto"), ("open the store", "auto"),
]  # fmt: skip


def text_for(path: str) -> st.SearchStrategy[str]:
    ending = path.rpartition(".")[2] if "." in path.rpartition("/")[2] else ""
    pieces = PIECES.get(ending, PIECES[""])
    made = st.lists(st.sampled_from(pieces), max_size=5).map("".join)
    edited = st.just(SAVED.get(path, "") + pieces[-1])
    return st.one_of(made, made, edited, st.just(SAVED.get(path, "")), st.sampled_from(ODD))


Step = tuple[str, str, str]


def steps_on(paths: list[str]) -> st.SearchStrategy[list[Step]]:
    """Steps on a few files, so that each is edited again and again; half of them are looked at in between."""
    path = st.sampled_from(paths)
    edit = path.flatmap(lambda p: st.tuples(st.just("edit"), st.just(p), text_for(p)))
    disk = path.flatmap(lambda p: st.tuples(st.just("disk"), st.just(p), text_for(p)))
    other = st.tuples(st.sampled_from(["save", "drop", "delete"]), path, st.just(""))
    look = st.tuples(st.just("look"), path, st.just(""))
    step = st.tuples(st.one_of(edit, edit, edit, other, disk), st.one_of(look, st.none()))
    return st.lists(step, min_size=2, max_size=8).map(
        lambda pairs: [step for pair in pairs for step in pair if step is not None]
    )


steps = st.lists(st.sampled_from(PATHS), min_size=1, max_size=3, unique=True).flatmap(steps_on)


@dataclass
class Shop:
    """A repository on disk, its index, a layer over it, and what the buffers say."""

    root: Path
    database: Database
    layer: Layer
    builder: Builder
    buffers: dict[str, str] = field(default_factory=dict)
    version: int = 0

    def edit(self, path: str, text: str) -> None:
        self.version += 1
        self.buffers[path] = text
        self.layer.set(path, text, self.version)

    def drop(self, path: str) -> None:
        self.buffers.pop(path, None)
        self.layer.drop(path)

    def write(self, path: str, text: str) -> None:
        write(self.root, path, text)
        self.builder.update([path])

    def delete(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        self.builder.update([path])

    def take(self, step: Step) -> None:
        what, path, text = step
        if what == "edit":
            self.edit(path, text)
        elif what == "disk":
            self.write(path, text)
        elif what == "save" and path in self.buffers:
            self.write(path, self.buffers[path])
        elif what == "drop":
            self.drop(path)
        elif what == "delete":
            self.delete(path)
        elif what == "look":
            self.layer.read("SELECT count(*) FROM symbols")

    def names(self, name: str) -> list[str]:
        """Where the layer finds a definition."""
        return [f"{hit.path}:{hit.line}" for hit in Search(self.layer).symbol(name).hits]


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8", newline="")


@contextmanager
def shop(files: Mapping[str, str] = SAVED, limits: Limits = LIMITS) -> Iterator[Shop]:
    root = Path(tempfile.mkdtemp(prefix="memls-layer-"))
    for path, text in files.items():
        write(root, path, text)
    with closing(Database(None, INDEX)) as database, closing(Layer(database, root, lambda: limits)) as layer:
        builder = Builder(root, database, limits)
        builder.catch_up()
        yield Shop(root, database, layer, builder)
    shutil.rmtree(root)


def answers(reader: Reader, source: Source, binary: set[str]) -> Iterator[tuple[str, object]]:
    """All that can be asked: each question with its answer. `binary` can be seen as buffers, not as files."""
    search, resolver, code = Search(reader), Resolver(reader), Code(reader, source)
    for query, kind in QUERIES:
        for path in (None, "*.py"):
            yield f"{kind} {query} in {path}", search.find(query, kind, path)
    for path in sorted(set(PATHS) - binary):
        view = code.try_view(path)
        yield f"view {path}", view
        yield f"importers {path}", resolver.importers(path)
        for number, line in enumerate(view.lines[:12] if view else (), 1):
            for word in re.finditer(rb"\w+", line[:200].encode()):
                where = f"{path}:{number}:{word.start()}"
                yield f"definition at {where}", resolver.definitions_at(path, number, word.start())
    for name in ("total", "tax", "Cart", "Model.price", "Open", "store.go:Open", "makeCart"):
        places = code.find_symbols(name)
        yield f"symbols {name}", places
        for place in places[:3]:
            yield f"references {place}", resolver.references(place)
            yield f"callers {place}", resolver.callers(place)
            yield f"callees {place}", resolver.callees(place)
            yield f"implementations {place}", resolver.implementations(place)
    yield "folder", code.folder("")
    yield "paths", code.find_paths("cart.py")


def check_equals_saved(world: Shop) -> None:
    """The layer answers as a new index does of a repository in which the buffers are saved."""
    root = Path(tempfile.mkdtemp(prefix="memls-fresh-"))
    shutil.copytree(world.root, root, dirs_exist_ok=True)
    for path, text in world.buffers.items():
        write(root, path, text)
    binary = {path for path, text in world.buffers.items() if "\0" in text}
    with closing(Database(None, INDEX)) as fresh:
        Builder(root, fresh, LIMITS).catch_up()
        expected = dict(answers(fresh, Source(root), binary))
    got = dict(answers(world.layer, Source(world.root, world.layer.overlays), binary))
    shutil.rmtree(root)
    assert got.keys() == expected.keys()
    for question, answer in expected.items():
        assert got[question] == answer, question


@given(steps)
@examples(3)
def test_a_layer_answers_as_if_its_buffers_were_saved(edits: list[Step]) -> None:
    check_steps(edits)


@pytest.mark.slow
@given(steps)
@examples(8)
def test_a_layer_answers_as_if_its_buffers_were_saved_at_length(edits: list[Step]) -> None:
    check_steps(edits)


def check_steps(edits: list[Step]) -> None:
    """At the end of them, and when every buffer is closed."""
    with shop() as world:
        for step in edits:
            world.take(step)
        check_equals_saved(world)
        for path in list(world.buffers):
            world.drop(path)
        files = "SELECT id, path, hash FROM files ORDER BY id"
        assert world.layer.read(files) == world.database.read(files)


def test_a_function_that_was_just_typed_is_found_and_resolved() -> None:
    with shop() as world:
        world.edit("main.py", "from shop.cart import tax\n\n\ndef fresh_name():\n    return tax(1)\n")
        world.edit("shop/extra.py", "from main import fresh_name\n\nfresh_name()\n")
        assert world.names("fresh_name") == ["main.py:4"]
        ranked = Search(world.layer).find("what is the fresh name?").hits
        assert (ranked[0].path, ranked[0].symbol) == ("main.py", "fresh_name")
        resolver = Resolver(world.layer)
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        [place] = code.find_symbols("fresh_name")
        assert [(e.path, e.line, e.reason) for e in resolver.references(place)] == [
            ("shop/extra.py", 1, "import"), ("shop/extra.py", 3, "import"),
        ]  # fmt: skip
        assert [e.target.path for e in resolver.definitions_at("main.py", 5, 11)] == ["shop/cart.py"]
        assert Search(world.database).symbol("fresh_name").total == 0, "the index has only what is saved"


def test_a_saved_buffer_needs_no_shadow() -> None:
    with shop() as world:
        world.edit("main.py", "def saved_now(): ...\n")
        world.edit("shop/extra.py", "def also_saved(): ...\n")
        assert world.layer.read("SELECT count(*) FROM files WHERE id < 0") == [(2,)]
        for path in ("main.py", "shop/extra.py"):
            world.write(path, world.buffers[path])
        assert world.layer.read("SELECT count(*) FROM files WHERE id < 0") == [(0,)]
        assert world.names("saved_now") == ["main.py:1"] and world.names("also_saved") == ["shop/extra.py:1"]
        world.write("main.py", "def by_another_program(): ...\n")  # the buffer counts, not the disk
        assert world.names("saved_now") == ["main.py:1"] and world.names("by_another_program") == []


def test_clients_do_not_see_each_others_buffers() -> None:
    with shop() as world, closing(Layer(world.database, world.root, lambda: LIMITS)) as other:
        world.edit("main.py", "def mine(): ...\n")
        other.set("main.py", "def theirs(): ...\n", 1)
        assert world.names("mine") == ["main.py:1"] and world.names("theirs") == []
        assert Search(other).symbol("theirs").total == 1 and Search(other).symbol("mine").total == 0
        other.close()
        assert world.names("mine") == ["main.py:1"]
        with pytest.raises(MachineError, match="closed"):
            other.read("SELECT 1")


def test_without_buffers_there_is_nothing_attached() -> None:
    def attached(database: Database) -> list[str]:
        return [
            row[0] for row in database.read("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
        ]

    with shop() as world:
        before = attached(world.database)
        world.names("total")
        assert attached(world.database) == before
        world.edit("main.py", "x = 1\n")
        world.names("total")
        assert len(attached(world.database)) == len(before) + 1
        world.layer.close()
        assert attached(world.database) == before


def test_each_state_of_a_buffer_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    real = parse.parse

    def counted(path: str, *given: Any) -> object:
        parsed.append(path)
        return real(path, *given)

    with shop() as world:
        monkeypatch.setattr(parse, "parse", counted)
        for number in range(50):
            world.edit("main.py", f"def typed_{number}(): ...\n")
        assert parsed == [], "typing costs nothing"
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        for _ in range(3):
            assert world.names("typed_49") == ["main.py:1"]
            assert [s.name for s in code.view("main.py").symbols] == ["typed_49"]
        assert parsed == ["main.py"]


def test_a_moment_stands_still_while_somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked in it is all of one text, which is parsed once."""
    with shop() as world:
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        resolver = Resolver(world.layer)
        world.edit("main.py", "def first(): ...\n\n\nfirst()\n")
        with world.layer.moment() as (now, contents):
            monkeypatch.setattr(parse, "readable_tree", None)  # nothing is parsed from here on
            still, definitions = code.at(now, Overlays(contents)), resolver.at(now).definitions_at
            for number in range(3):
                world.edit("main.py", "\n" * number + "def second(): ...\n\n\nsecond()\n")
                view = still.view("main.py")
                assert view.lines[-1] == "first()" and [s.name for s in view.symbols] == ["first"]
                [edge] = definitions("main.py", 4, 0)
                assert (edge.target.symbol, edge.target.line) == ("first", 1)
            world.drop("main.py")
            assert still.view("main.py") == view
            monkeypatch.undo()
        assert world.names("first") == world.names("second") == [] and code.view("main.py") != view


def test_a_moment_without_buffers_is_of_what_is_saved() -> None:
    with shop() as world:
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        with world.layer.moment() as (now, contents):
            assert contents == {}
            assert code.at(now, Overlays(contents)).view("main.py").text(6, 6) == "tax(2)"


def test_one_view_serves_all_who_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who come while an older text is parsed wait, and get the newest: no text in between is parsed."""
    parsing, go_on = threading.Event(), threading.Event()
    parsed: list[bytes] = []
    real = parse.symbols

    def slow(path: str, data: bytes, *given: Any) -> object:
        parsed.append(data)
        parsing.set()
        assert go_on.wait(30)
        return real(path, data, *given)

    with shop() as world:
        monkeypatch.setattr(parse, "symbols", slow)
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        seen: list[str] = []
        readers = [
            threading.Thread(target=lambda: seen.append(code.view("main.py").lines[0])) for _ in range(4)
        ]
        world.edit("main.py", "a = 1\n")
        readers[0].start()
        assert parsing.wait(30)
        for number, reader in enumerate(readers[1:], 2):
            world.edit("main.py", f"a = {number}\n")
            reader.start()
            reader.join(0.1)
        go_on.set()
        for reader in readers:
            reader.join(30)
        assert sorted(seen) == ["a = 1"] + ["a = 4"] * 3
        assert parsed == [b"a = 1\n", b"a = 4\n"]


def test_rows_for_ranking_are_made_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = worker.add_ranking

    def counted(batch: Batch, ranked: worker.Ranked) -> None:
        made.append(ranked.job.path)
        real(batch, ranked)

    with shop() as world:
        monkeypatch.setattr(worker, "add_ranking", counted)
        search, question = Search(world.layer), "what is a zebra crossing?"
        for number in range(3):
            world.edit("main.py", f"def zebra_{number}(): 'A zebra crossing.'\n")
            world.edit("c/list.h", f"int zebra_{number}(void);\n")
            assert world.names(f"zebra_{number}") == ["main.py:1"]
        assert made == []
        with world.layer.moment() as (now, _):
            for asked in (search, Search(now), search):
                assert asked.find(question).hits[0].symbol == "zebra_2"
        assert made == ["c/list.h", "main.py"]
        world.edit("main.py", "def horse(): 'A zebra crossing too.'\n")
        assert search.find(question).hits[0].symbol == "horse"
        assert made[2:] == ["main.py"]


def test_a_prototype_that_was_just_typed_is_found() -> None:
    with shop() as world:
        world.edit("c/other.h", "int total(int n);\n")
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        with world.layer.moment() as (now, contents):
            still, resolver = code.at(now, Overlays(contents)), Resolver(world.layer).at(now)
            [place] = [one for one in still.find_symbols("total") if one.path == "c/list.c"]
            found = [(view.path, one.line) for view, one in declared_in(resolver, still, place)]
        assert found == [("c/list.h", 1), ("c/other.h", 1)]


def test_a_reader_waits_for_what_another_has_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    parsing, go_on = threading.Event(), threading.Event()
    real = worker.add_text

    def slow(*arguments: Any) -> None:
        parsing.set()
        assert go_on.wait(30)
        real(*arguments)

    with shop() as world:
        world.edit("main.py", "def before(): ...\n")
        assert world.names("before") == ["main.py:1"]
        monkeypatch.setattr(worker, "add_text", slow)
        world.edit("main.py", "def typed(): ...\n")
        found: list[list[str]] = []
        readers = [threading.Thread(target=lambda: found.append(world.names("typed"))) for _ in range(2)]
        readers[0].start()
        assert parsing.wait(30)
        readers[1].start()
        readers[1].join(0.5)
        go_on.set()
        for reader in readers:
            reader.join(30)
        assert found == [["main.py:1"], ["main.py:1"]]


def test_a_failed_parse_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MachineError("no memory")

    with shop() as world:
        world.edit("main.py", "def first(): ...\n")
        assert world.names("first") == ["main.py:1"]
        world.edit("main.py", "def second(): ...\n")
        with monkeypatch.context() as patch:
            patch.setattr(worker, "add_text", fails)
            with pytest.raises(MachineError, match="no memory"):
                world.names("second")
        assert world.names("second") == ["main.py:1"] and world.names("first") == []
        check_equals_saved(world)


@pytest.mark.parametrize(
    ("path", "text", "viewable"),
    [
        ("ignored/deep/file.py", "def odd_name(): ...\n", True),
        ("some.log", "def odd_name(): ...\n", True),
        ("main.py", "def odd_name(): ...\n" + "# long\n" * 600, True),
        ("main.py", "def odd_name(): ...\n\0", True),
        ("main.py", "def odd_name(): ...\n" + "x" * 600_000, False),
        ("node_modules/x/index.py", "def odd_name(): ...\n", True),
        ("../outside.py", "def odd_name(): ...\n", True),
    ],
)
def test_what_a_build_would_pass_over_is_not_searched(path: str, text: str, viewable: bool) -> None:
    with shop() as world:
        world.edit(path, text)
        assert world.names("odd_name") == []
        assert Search(world.layer).find("odd_name", "text").total == 0
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        assert (code.try_view(path) is not None) == viewable


def test_half_a_surrogate_pair_is_no_trouble() -> None:
    with shop() as world:
        world.edit("main.py", "def total(): '\ud83d'\n")
        assert "main.py:1" in world.names("total")


@pytest.mark.slow
def test_readers_and_a_writer_and_a_typist_at_once() -> None:
    """What was set before a read began is in it, no file is there twice, and rows fit together."""
    seconds, problems = 3.0, list[str]()
    done = threading.Event()
    typed = [0]

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                while not done.is_set():
                    work()
            except Exception as error:
                problems.append(repr(error))
                done.set()

        return run

    with shop() as world:
        code = Code(world.layer, Source(world.root, world.layer.overlays))
        search, resolver = Search(world.layer), Resolver(world.layer)
        dice = random.Random(1)

        def type_() -> None:
            number = typed[0] + 1
            world.edit(
                "shop/extra.py",
                f"COUNT = {number}\n\ndef common(): tax({number})\n" + "x = 1\n" * (number % 50),
            )
            typed[0] = number
            done.wait(0.01)

        def save() -> None:
            text = world.buffers.get("shop/extra.py", "")
            dice.choice([lambda: world.write("shop/extra.py", text), lambda: world.delete("shop/extra.py")])()

        def look() -> None:
            before = typed[0]
            with world.layer.snapshot() as now:
                rows = now.read("SELECT path FROM files")
                assert len(rows) == len(set(rows)), "a file twice"
                [(text,)] = now.read(
                    "SELECT t.text FROM texts t JOIN files f ON f.id = t.file WHERE f.path = 'shop/extra.py'"
                )
                assert int(text.split()[2]) >= before, "an edit is missing"
                lost = now.read("SELECT count(*) FROM symbols s ANTI JOIN files f ON f.id = s.file")
                assert lost == [(0,)]

        def ask() -> None:
            [place] = code.find_symbols("common") or [None]
            if place is not None:
                assert code.view(place.path).symbol("common")
                resolver.references(place)
            search.find("what is common here?")

        type_()
        threads = [threading.Thread(target=guarded(work)) for work in (type_, save, look, look, ask, ask)]
        for thread in threads:
            thread.start()
        done.wait(seconds)
        done.set()
        for thread in threads:
            thread.join(30)
        assert problems == []
        assert typed[0] > 20
        check_equals_saved(world)


def test_many_edits_do_not_grow_the_layer() -> None:
    with shop() as world:
        for number in range(60):
            world.edit("main.py", f"def f{number}(): total()\n")
            assert world.names(f"f{number}") == ["main.py:1"]
        for table in ("files", "texts", "symbols", "refs"):
            column = "id" if table == "files" else "file"
            assert world.layer.read(f"SELECT count(*) FROM {table} WHERE {column} < 0") == [(1,)], table


def test_a_view_of_nothing_says_so() -> None:
    with shop() as world, pytest.raises(MemlsError):
        Code(world.layer, Source(world.root, world.layer.overlays)).view("nowhere.py")


def test_a_snapshot_of_what_was_closed_says_so_in_a_line() -> None:
    """A question can come while its folder is being closed."""
    database = Database(None, INDEX)
    database.close()
    with pytest.raises(MachineError, match="closed"), database.snapshot():
        pass
