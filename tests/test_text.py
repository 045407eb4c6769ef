"""What a path, a name or the lines above it tell by custom."""

import pytest

from memls.source.comments import first_line, is_documented
from memls.source.parse import symbols
from memls.text import is_aside, is_test


@pytest.mark.parametrize(
    ("path", "symbol", "expected"),
    [
        ("tests/shop.py", "", True),
        ("shop/test_basket.py", "", True),
        ("shop/basket_test.go", "TestSum", True),
        ("src/basket.spec.ts", "", True),
        ("src/basket.rs", "tests.sums_up", True),
        ("src/basket.rs", "test", True),
        ("src/tests.rs", "", True),
        ("src/basket.rs", "packing_tests.sums_up", True),
        ("Shop.Tests/Basket.cs", "", True),
        ("Tests/Basket.swift", "", True),
        ("shop/BasketTest.java", "", True),
        ("shop/BasketTests.cs", "", True),
        ("src/basket.rs", "testing_ground", False),
        ("src/basket.rs", "contests.sums_up", False),
        ("shop/Contest.java", "", False),
        ("shop/Tests.java", "", False),
        ("src/basket.py", "tests.sums_up", False),
        ("src/contest/basket.py", "", False),
        ("src/latest.py", "", False),
    ],
)
def test_what_is_a_test(path: str, symbol: str, expected: bool) -> None:
    assert is_test(path, symbol) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("examples/shop.py", True),
        ("playground/css/vite.config.ts", True),
        ("pkg/__fixtures__/a.ts", True),
        ("fixtures/go/shop.go", True),
        ("vendor/lib/a.go", True),
        ("benches/sums.rs", True),
        ("grpc/news.pb.go", True),
        ("shop/news_pb2.py", True),
        ("shop/news_pb2_grpc.pyi", True),
        ("pkg/zz_generated.deepcopy.go", True),
        ("src/__generated__/types.ts", True),
        ("static/shop.min.js", True),
        ("types/shop.d.ts", True),
        ("src/shop.py", False),
        ("src/minimum.py", False),
        ("src/_pytest/fixtures.py", False),
        ("pkg/pb.go", False),
    ],
)
def test_what_is_beside_the_matter(path: str, expected: bool) -> None:
    assert is_aside(path) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// F does\n// it.\nfunc F() {", 1),
        ("x()\n\n// F does it.\nfunc F() {", 3),
        ("// The licence.\n\nfunc F() {", 3),
        ("/* F\n   does it. */\nint f()", 1),
        ("int a; /* of a */\nint f()", 2),
        ("/** F */\n// and more\nf()", 1),
        ("    // of the body\nfunction f()", 2),
        ("    /// Of a.\n    fn a()", 1),
        ("# Of f\n## more\ndef f():", 1),
        ("#endif\nint f()", 2),
        ("# include <a.h>\nint f()", 2),
        ("#!/bin/sh\nf() {", 2),
        ("#[test]\nfn f()", 2),
        ("-- Of f.\nfunction f()", 1),
        ("*/\nint f()", 2),
        ("# chapter\n" * 80 + "def f():", 81),
        ("/**\n * Adds.\n * @param a what\n */\nf(a)", 1),
        ("/// <summary>Adds.</summary>\n/// <param name='a'>What.</param>\nint F(int a)", 3),
        ("/**\n * @param a what\n * @return more\n */\nf(a)", 5),
        ("int f()", 1),
    ],
)
def test_where_the_comment_above_a_definition_begins(text: str, expected: int) -> None:
    lines = text.split("\n")
    assert first_line(lines, len(lines)) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [("/// <inheritdoc />", True), ("/// Sells.", True), ("// ----", False), ("", False)],
)
def test_what_inherits_its_documentation_is_documented(comment: str, expected: bool) -> None:
    text = f"class Shop {{\n  {comment}\n  public void Sell() {{}}\n}}\n"
    _, sell = symbols("Shop.cs", text.encode(), "csharp")
    assert is_documented(text.split("\n"), sell) is expected
