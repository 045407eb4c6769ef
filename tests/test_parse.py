"""Parsing: marker fixtures, a table of signatures and docstrings, broken input, and properties."""

import re
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memls.errors import UsageError
from memls.source.header import unmarked
from memls.source.languages import languages
from memls.source.outline import Outline, Symbol
from memls.source.parse import language_of, parse
from memls.source.parse import symbols as parse_symbols
from memls.text import split_lines

FIXTURES = Path(__file__).parent.parent / "fixtures"
SOURCES = sorted(
    path
    for path in FIXTURES.glob("*/**/*.*")
    if path.is_file() and path.relative_to(FIXTURES).parts[0] != "lsp"
)
MARKER = re.compile(r"(def|ref|import)\(([^()]*)\)")
LANGUAGES = (
    "astro", "bash", "c", "cpp", "csharp", "css", "go", "html", "java", "javascript", "json", "kotlin", "lua",
    "markdown", "php", "python", "ruby", "rust", "scala", "sql", "svelte", "swift", "toml", "tsx",
    "typescript", "vue", "yaml",
)  # fmt: skip


def found(path: Path) -> Outline:
    """The outline of a fixture, in the language of its folder."""
    return parse(str(path), path.read_bytes(), path.relative_to(FIXTURES).parts[0])


def lines_of(outline: Outline) -> dict[str, set[tuple[int, ...] | tuple[object, ...]]]:
    """Everything in an outline in the form of markers: `(x: Foo)` is written `x: Foo` there."""
    references = {(r.line, f"{bare(r.receiver)}|{r.name}", r.role) for r in outline.references}
    references |= {(r.line, r.name, r.role) for r in outline.references}
    return {
        "def": {(s.name_line, s.qualified_name, s.kind) for s in outline.symbols},
        "ref": references,
        "import": {(i.line, i.module, i.name, i.alias) for i in outline.imports},
    }


def bare(receiver: str) -> str:
    return receiver.replace("(", "").replace(")", "")


def check(path: Path) -> None:
    """Every marker is found on its line, and every symbol has a marker."""
    have = lines_of(found(path))
    want: dict[str, set[tuple[object, ...]]] = {"def": set(), "ref": set(), "import": set()}
    for number, line in enumerate(split_lines(path.read_text("utf-8")), start=1):
        comment = re.search(r"(?:#|//|--|<!--|/\*)@ (.*)", line)
        for what, inside in MARKER.findall(comment.group(1)) if comment else ():
            want[what].add((number, *(part.strip() for part in inside.split(","))))
    assert want["def"] == have["def"]
    assert want["ref"] <= have["ref"], sorted(want["ref"] - have["ref"], key=str)
    assert want["import"] == have["import"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_markers(path: Path) -> None:
    check(path)


def test_every_language_has_fixtures() -> None:
    assert tuple(languages()) == LANGUAGES
    assert {path.relative_to(FIXTURES).parts[0] for path in SOURCES} == set(LANGUAGES)


SYMBOLS = [  # fixture, qualified name, signature, docstring, lines
    ("python/shop/models.py", "Product", "class Product", "One thing on a shelf.", 26, 40),
    ("python/shop/models.py", "Product.label", "def label(self) -> str", "How it is shown.", 37, 40),
    (
        "python/shop/models.py",
        "Order.pay",
        'async def pay(self, gateway: "Gateway", *parts)',
        "Take the money.",
        63,
        68,
    ),
    ("python/shop/models.py", "MAX_LINES", "MAX_LINES = 100", "", 14, 14),
    ("python/shop/models.py", "low", "low, high = 0, 10", "", 16, 16),
    ("javascript/queue.js", "sleep", "const sleep = (ms)", "Waits for `ms` milliseconds.", 15, 15),
    (
        "javascript/queue.js",
        "Queue",
        "class Queue extends events.EventEmitter",
        "Jobs in the order they came.",
        18,
        46,
    ),
    ("javascript/queue.js", "Queue.push", "async push(job)", "Adds a job.", 36, 45),
    ("javascript/queue.js", "Queue.drain", "Queue.prototype.drain = function ()", "", 48, 50),
    ("javascript/app.mjs", "main", "export default function main(root)", "", 7, 11),
    (
        "typescript/account.ts",
        "Account",
        "export class Account extends Base<Amount> implements Named, Amount",
        "Keeps money.",
        30,
        50,
    ),
    ("typescript/account.ts", "Account.age", "get age(): number", "", 40, 43),
    ("typescript/account.ts", "Account.clock", "private readonly clock: Clock", "", 35, 35),
    ("typescript/account.ts", "Role", "export enum Role", "Who may do what.", 13, 16),
    (
        "tsx/Button.tsx",
        "Button",
        "export const Button: React.FC<ButtonProps> = ({ label, onPress })",
        "A button that can be pressed.",
        10,
        13,
    ),
    ("svelte/CartList.svelte", "CartList", "<CartList>", "What is in the cart.", 1, 39),
    ("vue/CartList.vue", "remove", "function remove(item: Item)", "Takes one out.", 14, 16),
    ("go/store/store.go", "Store", "type Store[T any] struct", "Store is a Getter in memory.", 44, 48),
    ("go/store/store.go", "Store.Get", "func (s *Store[T]) Get(key string) (Value, error)", "", 56, 68),
    ("go/store/store.go", "Small", "Small = iota + 1", "Small is the default size.", 17, 17),
    ("go/store/store.go", "limit", "const limit = 10", "", 21, 21),
    ("rust/lib.rs", "Problem", "pub enum Problem", "Errors of this crate.", 18, 23),
    (
        "rust/lib.rs",
        "total",
        "pub async fn total<T: Shape>(shapes: &[T]) -> Result<f64, Problem>",
        "Sums the areas.",
        36,
        48,
    ),
    ("rust/shapes.rs", "Circle.new", "pub fn new(radius: T) -> Self", "A circle around the origin.", 27, 30),
    (
        "java/shop/Catalog.java",
        "Catalog.find",
        "public Product find(String name)",
        "Finds one product.",
        27,
        33,
    ),
    ("java/shop/Product.java", "Product", "public class Product", "What is sold.", 4, 16),
    ("c/list.h", "item", "typedef struct item", "One item of a list.", 10, 15),
    ("c/list.h", "visitor", "typedef int (*visitor)(Item *, void *)", "", 22, 22),
    ("c/list.c", "list_new", "List * list_new(void)", "Makes an empty list. The caller frees it.", 12, 19),
    (
        "cpp/shape.hpp",
        "geo.plane.Shape",
        "template <typename T> class Shape",
        "Anything with an area.",
        10,
        24,
    ),
    (
        "cpp/shape.cpp",
        "geo.plane.Circle.area",
        "double Circle::area() const",
        "The area of the circle.",
        13,
        16,
    ),
]


@pytest.mark.parametrize("case", SYMBOLS, ids=lambda case: f"{case[0]}:{case[1]}")
def test_headers(case: tuple[str, str, str, str, int, int]) -> None:
    fixture, name, *expected = case
    symbol = next(s for s in found(FIXTURES / fixture).symbols if s.qualified_name == name)
    assert [symbol.signature, symbol.docstring, symbol.line, symbol.end_line] == expected


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("/// <inheritdoc />", ""),
        ('/// <inheritdoc cref="IShop.Sell"/>', ""),
        ("/// <inheritdoc/>\n/// <remarks>Fast.</remarks>", ""),
        ("/** {@inheritDoc} */", ""),
        ("/**\n * {@inheritdoc}\n *\n * Sells it.\n */", "Sells it."),
        ("/// <summary>\n/// Sells it.\n/// </summary>", "Sells it."),
    ],
)
def test_what_only_says_that_it_is_said_elsewhere_says_nothing(comment: str, said: str) -> None:
    assert unmarked([comment]) == said


def test_parents_and_scopes() -> None:
    outline = found(FIXTURES / "python/shop/models.py")
    names = {s.qualified_name: index for index, s in enumerate(outline.symbols)}
    assert outline.symbols[names["Order.Line.double"]].parent == names["Order.Line"]
    assert outline.symbols[names["Order.total.one"]].parent == names["Order.total"]
    scopes = {(r.name, r.role, r.line): r.scope for r in outline.references}
    assert scopes["lru_cache", "decorator", 63] == names["Order.pay"]
    assert scopes["Repository", "inherit", 54] == names["Order"]
    assert scopes["Variable", "call", 13] == names["T"]


def test_an_impl_is_the_scope_of_its_type() -> None:
    outline = found(FIXTURES / "rust/shapes.rs")
    inherit = next(r for r in outline.references if (r.name, r.role, r.line) == ("Shape", "inherit", 33))
    assert outline.symbols[inherit.scope].qualified_name == "Circle"


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("a/b.py", b"", "python"),
        ("stub.pyi", b"", "python"),
        ("SConstruct", b"", "python"),
        ("bin/tool", b"#!/usr/bin/env python3\n", "python"),
        ("bin/tool", b"#!/usr/bin/env -S node --x\n", "javascript"),
        ("bin/tool", b"#!/bin/sh\n", "bash"),
        ("bin/tool", b"#!/usr/bin/awk -f\n", None),
        ("README.md", b"#!/usr/bin/python\n", "markdown"),
        ("a.txt", b"#!/usr/bin/python\n", None),
        ("a.H", b"", "c"),
        ("a.h", b"int f(void);\nstruct x { int class_; };\n", "c"),
        ("a.h", b"namespace a {\n", "cpp"),
        ("a.h", b"template <class T> struct X;\n", "cpp"),
        ("a.h", b"class Foo : public Bar {\n", "cpp"),
        ("a.h", b"class API Foo final {\n", "cpp"),
        ("a.h", b"/* Licence */\n" + b"#define A 1\n" * 900 + b"namespace a::b {\n", "cpp"),
        ("a.h", b"/* Choose by\n   namespace or\n   using a macro.\n   class of it */\nint f(void);\n", "c"),
        ("a.C", b"", "cpp"),
        ("a.jsx", b"", "javascript"),
        ("a.d.ts", b"", "typescript"),
        ("a.tsx", b"", "tsx"),
        ("a.Vue", b"", "vue"),
        ("dir\\a.RS", b"", "rust"),
        (".py", b"", None),
        ("", b"", None),
    ],
)
def test_language_of(path: str, head: bytes, language: str | None) -> None:
    assert language_of(path, head) == language


def test_requires() -> None:
    data = b"require('./a');\nconst b = require('b'), {c: d} = require('c').e;\nuse(require('./f')(b));\n"
    imports = {(i.module, i.name, i.alias, i.line) for i in parse("a.js", data, "javascript").imports}
    assert imports == {("./a", "", "", 1), ("b", "", "b", 2), ("c", "c", "d", 2), ("./f", "", "", 3)}


def test_unknown_language() -> None:
    with pytest.raises(UsageError, match=r"no parser for language 'cobol'"):
        parse("a.x", b"", "cobol")


def symbols(data: bytes, language: str = "python") -> list[Symbol]:
    return list(parse("a", data, language).symbols)


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty(language: str) -> None:
    for data in (b"", b"\n", b" \t\r\n", b"\xef\xbb\xbf", b"\0"):
        assert not symbols(data, language)


def test_syntax_errors_leave_the_rest() -> None:
    outline = parse(
        "a.py", b"def a(): pass\n\ndef (:\n\nclass B:\n  def c(self): return (1\n\ndef d(): pass\n", "python"
    )
    assert outline.errors > 0
    assert "a" in {s.name for s in outline.symbols}
    assert parse("a.py", b"x = 1\n$\n", "python").errors > 0
    assert parse("a.py", b"class A:\n    def f(self):\n        1syntax_error\n", "python").errors > 0
    assert parse("a.c", b"int f( { return 1; }\nint g(void) { return 2; }\n", "c").errors > 0


def test_invalid_utf8_keeps_offsets() -> None:
    data = 'def a(): pass\nname = "ü"; 日本 = f(ü, "\xff\xfe")\n'.encode().replace(b"\xc3\xbf", b"\xff")
    outline = parse("a.py", data, "python")
    assert [(s.name, s.name_line, s.name_column) for s in outline.symbols] == [
        ("a", 1, 4),
        ("name", 2, 0),
        ("日本", 2, 13),
    ]
    assert [(r.name, r.line, r.column) for r in outline.references] == [("f", 2, 22)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_bom(end: str) -> None:
    source = end.join(
        ["@dec", "class A:", "    '''Doc", "", "    more'''", "    x = 1", "", "def f(): return A()", ""]
    )
    outline = parse("a.py", b"\xef\xbb\xbf" + source.encode(), "python")
    if end != "\r":  # Python's grammar has no statement ends there; lines must still count
        assert [(s.name, s.line, s.end_line, s.docstring) for s in outline.symbols] == [
            ("A", 1, 6, "Doc"),
            ("x", 6, 6, ""),
            ("f", 8, 8, ""),
        ]
        assert [(r.name, r.line, r.column) for r in outline.references] == [("dec", 1, 4), ("A", 8, 16)]


def test_nul_and_long_lines() -> None:
    assert [s.name for s in symbols(b"x = 1\n\0\0\0\ndef f(): pass\n")][:1] == ["x"]
    data = b"var a=1;" + b"".join(b"function f%d(){return g(a)}" % i for i in range(4000))
    start = time.process_time()
    assert len(symbols(data, "javascript")) == 4001
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("language", "data"),
    [
        ("python", b"x = " + b"(" * 50_000 + b")" * 50_000),
        ("python", b"(" * 50_000),
        ("python", b"f(x).a" + b".b(x)" * 50_000),
        ("javascript", b"[" * 50_000 + b"]" * 50_000),
        ("c", b"int f(void) " + b"{" * 50_000 + b"}" * 50_000),
        ("c", b"int " + b"*" * 50_000 + b"p = 0;"),
        ("rust", b"use " + b"a::{" * 20_000 + b"b" + b"}" * 20_000 + b";"),
        ("java", b"class A {" * 20_000 + b"}" * 20_000),
        ("json", b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
        ("html", b"<div id=a>" * 2_000),
        ("svelte", b"{" * 50_000),
        ("svelte", b"{" * 50_000 + b")" * 50_000),
        ("svelte", b"{#each a as " * 10_000),
        ("svelte", b'<a b="{' * 20_000),
        ("svelte", b"<script>" * 20_000),
        ("svelte", b"<a " * 50_000),
        ("svelte", b"{/[" * 50_000),
        ("astro", b"{a(<b>" * 20_000),
        ("astro", b"{<b>" * 3_000 + b"</b>}" * 3_000),
        ("astro", b"{<a/>" * 20_000),
        ("vue", b"<template>" * 20_000),
        ("vue", b"<template><a :b='(" * 10_000),
        ("vue", b"<template>" + b"{{ (" * 20_000),
        ("vue", b"<a><!-- " * 20_000),
        ("yaml", b"\n".join(b" " * depth + b"a:" for depth in range(300))),
        ("yaml", b"- " * 300),
        ("yaml", b"a:\n  " + b"? - " * 300),
        ("markdown", b"> " * 300),
        ("markdown", b"\n".join(b" " * depth + b"- a" for depth in range(0, 600, 2))),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:8].decode().strip(),
)
def test_deep_nesting(language: str, data: bytes) -> None:
    start = time.process_time()
    parse("a", data, language)
    assert time.process_time() - start < 3


def test_short_data_is_watched_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memls.source.parse._seconds", lambda size: -1.0)
    assert parse("a.py", b"def f(): pass\n" * 200, "python") == Outline("python", errors=1)


def keys(data: str, language: str) -> list[str]:
    return [symbol.qualified_name for symbol in symbols(data.encode(), language)]


def test_data_gives_an_outline_and_no_flood() -> None:
    table = ", ".join(f'"k{number}": {number}' for number in range(1200))
    assert keys(f'{{"table": {{{table}}}, "name": 1}}', "json") == ["table", "name"]
    assert keys(f"{{{table}}}", "json") == []
    assert keys('{"a": 1}' + " " * 300_000, "json") == []
    assert keys("\n".join(f"k{number}: 1" for number in range(1000)), "yaml")[-1] == "k999"
    assert keys("a: [1, {b: 2}]\nc:\n  - d: 1\n", "yaml") == ["a", "c"]


def test_limits() -> None:
    long = parse("a.py", b"def f(" + b"a, " * 1000 + b"): return x" + b".y" * 400 + b".z()\n", "python")
    assert len(long.symbols[0].signature) <= 300
    assert all(len(r.receiver) <= 80 for r in long.references)
    assert ("z", "call") in {(r.name, r.role) for r in long.references}
    documented = symbols(b'def f():\n    """' + b"word " * 500 + b'"""\n')
    assert len(documented[0].docstring) == 500


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_large_files(language: str) -> None:
    """They are parsed by pieces: nothing is read otherwise, and nothing of them is kept."""
    if language == "yaml":
        pytest.skip("its grammar counts lines to 32,767: tree-sitter-yaml #49")
    paths = [path for path in SOURCES if path.relative_to(FIXTURES).parts[0] == language]
    source = b"\n".join(path.read_bytes() for path in paths)
    blanks = source + b"\n" * 100_000
    large, small = parse("a", blanks, language), parse("a", source + b"\n", language)
    assert (large.references, large.imports) == (small.references, small.imports)
    assert [s.qualified_name for s in large.symbols] == [s.qualified_name for s in small.symbols]
    held = sys.getrefcount(blanks)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(2):  # what one kept would be there twice
        parse("a", blanks, language)
    assert tracemalloc.get_traced_memory()[0] - before < len(blanks)
    tracemalloc.stop()
    assert sys.getrefcount(blanks) == held


def check_sound(outline: Outline, data: bytes) -> None:
    """What every consumer relies on, whatever the bytes were."""
    last = len(split_lines(data.decode("utf-8", "replace"))) or 1
    for index, symbol in enumerate(outline.symbols):
        assert -1 <= symbol.parent < index
        assert 1 <= symbol.line <= symbol.name_line <= symbol.end_line <= last
        assert symbol.name and symbol.qualified_name.endswith(symbol.name) and symbol.name_column >= 0
        assert "\n" not in symbol.signature and "\n" not in symbol.docstring
        assert len(symbol.signature) <= 300 and len(symbol.docstring) <= 500
    for reference in outline.references:
        assert reference.name and 1 <= reference.line <= last and reference.column >= 0
        assert -1 <= reference.scope < len(outline.symbols) and len(reference.receiver) <= 80
    assert [r.line for r in outline.references] == sorted(r.line for r in outline.references)
    assert all(1 <= item.line <= last for item in outline.imports)


NOISE = st.sampled_from(
    [b"", b"\n", b"\r", b"\0", b"\xff", b"(", b"}", b"{", b'"', b"/*", b"'''", b"class ", b"::", b"<"]
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_mutilated_sources(language: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([p for p in SOURCES if p.relative_to(FIXTURES).parts[0] == language]))
    source = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(source)))
        end = min(len(source), start + data.draw(st.integers(0, 60)))
        source = source[:start] + data.draw(NOISE) + source[end:]
    outline = parse(str(path), source, language)
    check_sound(outline, source)
    assert parse_symbols(str(path), source, language) == outline.symbols


@pytest.mark.parametrize("language", LANGUAGES)
@given(source=st.binary(max_size=200))
def test_random_bytes(language: str, source: bytes) -> None:
    check_sound(parse("a", source, language), source)
