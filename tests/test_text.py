"""What a path or a name tells by custom."""

import pytest

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
        ("pkg/pb.go", False),
    ],
)
def test_what_is_beside_the_matter(path: str, expected: bool) -> None:
    assert is_aside(path) is expected
