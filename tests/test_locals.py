"""Local names: in each source `x·1` is the local number 1 of it, and `x·0` is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import examples

from memls.source.languages import languages
from memls.source.locals import Locals

_MARK = re.compile(r"(\w+)·(\d)")

CASES = {
    "python": [
        "def f(a·1, b·2=a·0, *c·3, **d·4):\n    return a·1 + b·2 + c·3[0] + d·4['x'] + e·0\n",
        "def f·0(self·1):\n    self·1.x·0 = x·0\n    return g·0(x·0=self·1)\n",
        "def f():\n    print(late·1)\n    late·1 = 1\n    late·1 += 2\n    return late·1\n",
        "top·0 = 1\ndef f():\n    global top·0\n    top·0 = 2\n",
        "def f():\n    n·1 = 0\n    def g·2():\n        nonlocal n·1\n        n·1 += 1\n    return g·2\n",
        "def f(x·1):\n    return [x·2 for x·2 in x·1 if x·2], lambda x·3: x·3\n",
        "def f(a·1):\n    class C:\n        a·0 = 1\n        def m(self):\n            return a·1\n    "
        "return C\n",
        "def f():\n    for i·1, (j·2, *k·3) in x:\n        with open(i·1) as h·4:\n            pass\n"
        "    try: pass\n    except E as e·5: raise e·5\n    if (m·6 := j·2): return m·6, k·3, h·4\n",
        "def f(a·1: int, b·2: int = 1) -> int:\n    return a·1 if b·2 else a·1.a·0\n",
        "def f():\n    import os·0\n    return os·0\n",
    ],
    "javascript": [
        "function f(a·1, b·2 = a·1, ...c·3) { return a·1 + b·2 + c·3 + d·0; }\n",
        "function f({a·1, b: c·2, d·3 = 1}, [e·4]) { return a·1 + c·2 + d·3 + e·4 + b·0; }\n",
        "function f() { let x·1 = 1; { let x·2 = 2; g(x·2); } return x·1; }\n",
        "function f() { if (a) { var v·1 = 1; } return v·1; }\n",
        "const f = x·1 => y·2 => x·1 + y·2 + f·0;\n",
        "function f() { for (const k·1 of o) { g(k·1.k·0); } try { } catch (e·2) { h(e·2); } }\n",
        "function f(a·1, b·2) { if (a·1) { [a·1, b·2] = [b·2, a·1]; } return {a·1, c·0: b·2}; }\n",
        "function f() { function g·1() { return g·1; } return g·1; }\nclass A { m(p·2) { return p·2; } }\n",
    ],
    "typescript": [
        "function f(a·1: string, b·2?: number): string { const c·3: T·0 = a·1; return c·3 + b·2; }\n",
        "class A { constructor(private x·1: number) { this.x·0 = x·1; } }\n",
        "const f = ({ a·1 }: P, g·2 = (n·3: number) => n·3) => g·2(a·1);\n",
        "function f<T·1>(a: T·1): T·1[] { return g<T·1>(a); }\ntype A<K·2> = B·0<K·2>;\n",
        "class C<T·1> extends D·0<T·1> { x: T·1; m<U·2>(u: U·2): T·1 { return u; } }\n",
    ],
    "tsx": [
        "function F({ a·1 }: P) { const [s·2, t·3] = u(a·1); return <A b={s·2} "
        "onClick={() => t·3(a·1)} />; }\n",
    ],
    "vue": [
        "<template><A :b=\"(c·1) => c·1 + d·0\"/></template>\n<script>\nconst d·0 = 1\n"
        "function f(a·2) { return a·2 + d·0; }\n</script>\n",
    ],
    "svelte": [
        "<script>function f(a·1) { const b·2 = a·1; return b·2 + c·0; }</script>\n"
        "{#each c·0 as d·0}{d·0}{/each}\n<A on:b={(e·3) => f(e·3)} />\n",
    ],
    "astro": [
        "---\nfunction f(a·1) { return a·1 + c·0 }\n---\n{c·0.map((d·2) => <b e={d·2}>{d·2}{c·0}</b>)} d·0\n",
    ],
    "go": [
        "package p\nfunc (r·1 *T) f·0(a·2, b·3 int, c·4 ...int) (n·5 int) { n·5 = a·2 + b·3 + r·1.a·0; "
        "return c·4[0] }\n",
        "package p\nfunc f(x·1 int) { x·2, err·3 := g(x·1); y, err·3 := g(x·2); _ = err·3; _ = y }\n",
        "package p\nfunc f(v·1 int) {\n\tif v·2 := g(v·1); v·2 > 0 {\n\t\treturn v·2\n\t}\n\tfor i·3, "
        "e·4 := range v·1 { h(i·3, e·4) }\n"
        "\tswitch t·5 := v·1.(type) {\n\tcase int: g(t·5)\n\t}\n\tvar w·6 = T{v·0: v·1}\n\tfunc() { "
        "w·6++ }()\n}\n",
        "package p\nvar top·0 = 1\nfunc f() { g(top·0) }\n",
        "package p\nfunc F[T·1 any](a T·1) []T·1 { var b T·1; return g(b) }\ntype L[E·2 any] "
        "struct { x E·2; y U·0 }\n",
    ],
    "rust": [
        "fn f·0(a·1: u8, mut b·2: u8, (c·3, d·4): T) -> u8 { b·2 += a·1; c·3 + d·4 + E·0 }\n",
        "fn f(x·1: u8) { let x·2 = x·1 + 1; let x·3 = g(x·2); h(x·3) }\n",
        "impl A { fn m(&self·1) { let g = |y·2| y·2 + self·1.y·0; } }\n",
        "fn f(o·1: O) { match o·1 { Some(v·2) => g(v·2), None·0 => {} } if let Some(w·3) = o·1 { "
        "g(w·3) } }\n",
        "fn f() { for (i·1, e·2) in x { g(i·1, e·2) } let P { a·3, b: c·4 } = p; g(a·3, c·4) }\n",
        "fn f<T·1: A·0>(a: T·1) -> Vec<T·1> { g(a) }\nimpl<K·2> M<K·2> { fn m(k: K·2) {} }\n",
    ],
    "java": [
        "class A { int m·0(int a·1, String... b·2) { int c·3 = a·1; return c·3 + b·2.length + d·0; } }\n",
        "class A { int x; void m(int x·1) { this.x·0 = x·1; for (int i·2 = 0; i·2 < 3; i·2++) g(i·2); } }\n",
        "class A { void m() { for (T t·1 : ts·0) f(u·2 -> u·2 + t·1); try { } catch (E e·3) { g(e·3); "
        "} } }\n",
        "class A<T·1> extends B·0<T·1> { T·1 x; <U·2> U·2 m(U·2 u, T·1 t) { return null; } }\n",
    ],
    "csharp": [
        "class A { int m·0(int a·1, params int[] b·2) { var c·3 = a·1; return c·3 + b·2.l·0 + d·0; } }\n",
        "class A { int x; void m(int x·1) { this.x·0 = x·1; for (int i·2 = 0; i·2 < 3; i·2++) g(i·2); } }\n",
        "class A { void m() { foreach (var t·1 in ts·0) f(u·2 => u·2 + t·1); try { } catch (E e·3) { g(e·3); "
        "} if (o·0 is P p·4) g(p·4); h(out var q·5); g(q·5); } }\n",
        "class A<T·1> : B·0<T·1> { T·1 x; void m(T·1 t·2) { int f·3(int k·4) => k·4; g(f·3(1), t·2); } }\n",
    ],
    "ruby": [
        "def f·0(a·1, b·2 = a·1, *c·3, d: 1, &e)\n  x·4 = a·1 + b·2\n  g·0(x·4, c·3)\n  y·0\nend\n",
        "def f(a·1)\n  a·1.each { |i·2| g(i·2, a·1) }\n  p·3, q·4 = a·1\n  p·3 += q·4\n  @p = i·0\nend\n",
        "def f\n  h\nrescue E => e·1\n  g(e·1)\nend\nx = ->(y·2) { y·2 }\n",
    ],
    "php": [
        "<?php function f(int $a·1, &$b·2, ...$c·3) { $d·4 = $a·1; return $d·4 + $b·2 + $c·3[0] + $e·0; }\n",
        "<?php class A { public $x·0; function m($x·1) { $this->x·0 = $x·1; foreach ($x·1 as $k·2 => $v·3) "
        "{ g($k·2, $v·3); } } }\n",
        "<?php function f($a·1) { $g·2 = fn($b·3) => $b·3 + $c·0; try { } catch (E $e·4) { h($e·4); } "
        "global $z·0; return $g·2($a·1, $z·0); }\n",
        "<?php function f($a·1) { return function ($b·2) use ($a·1) { return $a·1 + $b·2; }; }\n",
    ],
    "c": [
        "int f·0(int a·1, char *b·2, char **c·3, int d·4[]) { int e·5 = a·1, *g·6; g·6 = &e·5; return "
        "*b·2 + **c·3 + d·4[0]; }\n",
        "int top·0; int f(void) { int i·1; for (int i·2 = 0; i·2 < 3; i·2++) { int i·3 = 1; g(i·3); } "
        "return i·1 + top·0; }\n",
        "int p(int x·0);\nint f(struct s *s·1) { return s·1->s·0 + x·0; }\n",
    ],
    "lua": [
        "local function f(a·1, b·2)\n  local c·3 = a·1\n  for i·4 = 1, 2 do g(i·4, b·2) end\n"
        "  return c·3, d·0, c·3.e·0\nend\n",
    ],
    "bash": [
        "f() {\n  local a·1=1\n  echo $a·1 $b·0\n}\n",
    ],
    "kotlin": [
        "fun f(a·1: Int, b·2: Int): Int {\n    val c·3 = a·1\n    for (d·4 in b·2) g(d·4)\n"
        "    return c·3 + e·0\n}\n",
    ],
    "scala": [
        "object A {\n  def f(a·1: Int, b·2: Int) = {\n    val c·3 = a·1\n    c·3 + b·2 + d·0\n  }\n}\n",
    ],
    "swift": [
        "func f(a·1: Int, _ b·2: Int) -> Int {\n    let c·3 = a·1\n    return c·3 + b·2 + d·0\n}\n",
    ],
    "cpp": [
        "int A::f(const T& a·1, int b·2 = 1) { for (auto& x·3 : a·1) g(x·3); auto h·4 = [&](int y·5) { "
        "return y·5 + b·2; }; return h·4(1); }\n",
        "void f() { auto [a·1, b·2] = g(); try { } catch (const E& e·3) { h(a·1, b·2, e·3); } }\n",
        "template <typename T·1, class U·2> T·1 f(T·1 a, U·2 b) { V·0 c; return g<T·1>(a); }\n",
    ],
}  # fmt: skip


def check(language: str, source: str) -> None:
    plain, named = "", {}
    last = 0
    for mark in _MARK.finditer(source):
        plain += source[last : mark.start()]
        named[len(plain)] = mark[2]
        plain += mark[1]
        last = mark.end()
    plain += source[last:]
    places = {}
    for start, number in named.items():
        line = plain.count("\n", 0, start) + 1
        places[line, start - (plain.rfind("\n", 0, start) + 1)] = number
    found = Locals(languages()[language], plain.encode())
    for (line, column), number in places.items():
        got = [(one.line, one.column) for one in found.at(line, column)]
        want = [] if number == "0" else sorted(at for at, other in places.items() if other == number)
        assert got == want, (plain.splitlines()[line - 1], column, number)


@pytest.mark.parametrize(
    ("language", "source"), [(language, source) for language, cases in CASES.items() for source in cases]
)
def test_locals(language: str, source: str) -> None:
    check(language, source)


def test_every_language_has_some() -> None:
    assert set(CASES) == {name for name, language in languages().items() if language.locals}


@examples(60)
@given(data=st.data())
def test_any_text(data: st.DataObject) -> None:
    """Whatever the text is, each place of a local says the same of all of them."""
    language = data.draw(st.sampled_from(sorted(CASES)))
    text = _MARK.sub(r"\1", data.draw(st.sampled_from(CASES[language])))
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(("(", "}", "\n", '"', "x", "\ufffd"))) + text[at + 1 :]
    lines = text.split("\n")
    found = Locals(languages()[language], text.encode())
    for number, line in enumerate(lines, start=1):
        for column in range(len(line.encode())):
            places = found.at(number, column)
            for place in places:
                assert found.at(place.line, place.column) == places
            assert not places or any(place.binds for place in places)
