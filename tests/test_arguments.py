"""Names of arguments lead to the parameters of what is called, when somebody asks."""

import re
import textwrap

import pytest
from features import Asker
from repository import repository

CASES = {
    "python": (
        "a.py",
        """
        from dataclasses import dataclass
        import json as strict
        class Base:
            def __init__(self, width, *, depth: int = 1, **kwargs): ...
        class Sub(Base): ...
        class Own(Base):
            def __init__(self, *args, **kwargs): ...
        @dataclass
        class D:
            x: int
            z = 1
        class E(D):
            y: str = ""
        def f(a, b=lambda strict: 1, *, strict=False, é=1): ...
        def g():
            strict = 1
            Base(1, /*1*/depth=2)
            Sub(/*2*/width=2, /*3*/other=1)
            Own(/*4*/width=2)
            E(/*5*/x=1, /*6*/y="", /*7*/z=1)
            f(é=2, /*8*/strict=/*9*/strict, a=1)
            f(1)(/*10*/a=1)
            unknown(/*11*/strict=1)
        class M(Base, /*12*/width=1): ...
        """,
        {1: "Base.__init__", 2: "Base.__init__", 5: "E: x: int", 6: 'E: y: str = ""', 8: "f", 9: "local"},
    ),
    "kotlin": (
        "a.kt",
        """
        data class P(val x: Int, y: Int)
        fun g(a: Int, b: String = "x") {}
        fun h() {
          val a = 1
          g(/*1*/b = "1", /*2*/a = /*3*/a)
          P(/*4*/x = 1, /*5*/y = 2, /*6*/z = 3)
        }
        """,
        {1: "g: b: String", 2: "g: a: Int", 3: "local", 4: "P: val x: Int", 5: "P: y: Int"},
    ),
    "csharp": (
        "A.cs",
        """
        class A {
          A(int a, string b = "x") {}
          void G(int a, int b) {}
          void G(int c) {}
          void F(int b) { G(1, /*1*/b: /*2*/b); new A(/*3*/a: 1); G(/*4*/c: 2); new R(/*5*/X: 1); }
        }
        record R(int X);
        """,
        {1: "A.G: int b", 2: "local", 3: "A.A: int a", 4: "A.G: int c", 5: "R: int X"},
    ),
    "swift": (
        "a.swift",
        """
        func g(for a: Int, b: String) {}
        class A {
          init(x: Int) {}
          init(y: Int) {}
        }
        func h() { g(/*1*/for: 1, /*2*/b: "2"); A(/*3*/y: 1); g(/*4*/a: 1) }
        """,
        {1: "g: for a: Int", 2: "g: b: String", 3: "A.init: y: Int"},
    ),
    "php": (
        "a.php",
        """
        <?php
        function g(int $a, $b = 1) {}
        class A { function __construct(public int $x) {} static function m($q) {} }
        g(/*1*/b: 1);
        new A(/*2*/x: 1);
        A::m(/*3*/q: 1, /*4*/r: 1);
        """,
        {1: "g: $b = 1", 2: "A.__construct: public int $x", 3: "A.m: $q"},
    ),
    "scala": (
        "a.scala",
        """
        def g(a: Int, b: Int) = 1
        class A(x: Int)
        def h() = { g(/*1*/b = 1); new A(/*2*/x = 1); g(/*3*/c = 1) }
        """,
        {1: "g: b: Int", 2: "A: x: Int"},
    ),
}


@pytest.mark.parametrize("language", CASES)
def test_the_name_of_an_argument(language: str) -> None:
    path, source, expected = CASES[language]
    text, marks = unmarked(textwrap.dedent(source).lstrip())
    with repository({path: text}) as repo:
        asker = Asker(repo.workspace, markdown=False)
        found = {}
        for number, (line, column) in marks.items():
            told = asker.ask("hover", path, line, column)
            assert (told == "nothing") == (asker.ask("definition", path, line, column) == "nothing"), number
            if told != "nothing":
                found[number] = told
    assert found.keys() == expected.keys()
    assert not {n: told for n, told in found.items() if not _says(told, expected[n])}


def unmarked(text: str) -> tuple[str, dict[int, tuple[int, int]]]:
    """The text without its marks, and the line and column behind each."""
    marks, kept, at = {}, "", 0
    for mark in re.finditer(r"/\*(\d+)\*/", text):
        kept += text[at : mark.start()]
        marks[int(mark.group(1))] = (kept.count("\n"), len(kept) - kept.rfind("\n") - 1)
        at = mark.end()
    return kept + text[at:], marks


def _says(told: str, expected: str) -> bool:
    """Whether a hover tells of a parameter, of which function or class, and how it is written there."""
    owner, _, written = expected.partition(": ")
    if owner == "local":
        return told.endswith("(local)")
    return told.endswith(f"(parameter of {owner})") and told.startswith(written)
