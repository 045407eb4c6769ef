"""Overloads: a call means those that take as many arguments as it gives."""

from pathlib import Path

import pytest

from memls.index.code import Place
from memls.source.parse import parse
from tests.edges import build

GIVEN = [
    ("java", "class A { void f() { g(); } }", 0),
    ("java", "class A { void f() { this.g(1, h(2, 3)); } }", 2),
    ("java", "class A { void f() { g(1 /* one */, 2); } }", 2),
    ("java", "class A { void f() { new g(1); } }", 1),
    ("java", "class A { void f() { x(A::g); } }", -1),
    ("csharp", "class A { void F() { g(a: 1, out var b); } }", 2),
    ("csharp", "class A { void F() { this.x.g(); } }", 0),
    ("cpp", "void f() { g(1, 2, 3); }", 3),
    ("cpp", "void f() { n::g(1); }", 1),
    ("cpp", "void f() { a->b.g(); }", 0),
    ("cpp", "template <class... T> void f(T... t) { g(t...); }", -1),
    ("cpp", "void f() { new g(1); }", 1),
    ("python", "g(1)", -1),
]
USES = {
    "java": (
        "A.java",
        """
        class A {
          void over() {}
          void over(int a) {}
          void over(int a, String... more) {}
          void f() {
            over();
            over(1);
            over(1, "a", "b");
          }
        }
        """,
        {2: [6], 3: [7], 4: [7, 8]},
    ),
    "csharp": (
        "A.cs",
        """
        class A {
          void over() {}
          void over(int a, int b = 1) {}
          void over(int a, int b, params int[] c) {}
          void f() {
            over();
            over(1);
            over(1, 2, 3, 4);
          }
        }
        """,
        {2: [6], 3: [7], 4: [8]},
    ),
    "c++": (
        "a.cpp",
        """
        class A {
          void over() {}
          void over(int a, int b = 1) {}
          void f() {
            over();
            over(1);
            over(1, 2);
            over(1, 2, 3);
          }
        };
        """,
        {2: [5, 8], 3: [6, 7, 8]},
    ),
}


@pytest.mark.parametrize(("language", "text", "given"), GIVEN)
def test_arguments_are_counted_where_functions_are_overloaded(language: str, text: str, given: int) -> None:
    assert [one.arguments for one in parse("a", text.encode(), language).references if one.name == "g"] == [
        given
    ]


@pytest.mark.parametrize("case", USES)
def test_each_overload_has_its_own_uses(case: str, tmp_path: Path) -> None:
    path, text, expected = USES[case]
    resolver, database = build(tmp_path, {path: text})
    rows = database.read(
        """SELECT f.path, s.qualified_name, s.kind, s.line, s.end_line, s.signature
        FROM symbols s JOIN files f ON f.id = s.file WHERE s.name = 'over' ORDER BY s.line"""
    )
    found = {row[3]: sorted(edge.line for edge in resolver.references(Place(*row))) for row in rows}
    database.close()
    assert found == expected
