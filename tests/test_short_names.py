"""Names as a model is told them: without the namespace that their file is in."""

from collections.abc import Iterator

import pytest
from repository import Call, Repo, calls, repository, script

from memls.index.names import inner_name

FILES = {
    "Shop/Cart.cs": "namespace Acme.Shop\n{\n    public class Cart\n    {\n        public Cart() { }\n\n"
    "        public void Add(int item)\n        {\n            Count(item);\n        }\n\n"
    "        void Count(int item) { }\n    }\n}\n",
    "Shop/Desk.cs": "namespace Acme.Shop;\n\npublic class Desk\n{\n    Cart cart = new Cart();\n\n"
    "    public void Sell()\n    {\n        cart.Add(1);\n    }\n}\n",
    "src/Order.php": "<?php\nnamespace Acme\\Orders;\n\nclass Order\n{\n    function ship() {}\n}\n",
    "geo/two.cpp": "namespace near {\nint reach() { return 1; }\n}\n"
    "namespace far {\nint reach() { return 2; }\n}\n",
    "geo/area.cpp": "namespace geo {\nnamespace flat {\nint area(int a) {\n  return a * a;\n}\n}\n}\n",
}


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    with repository(FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("symbol", "spaces", "expected"),
    [
        ("a.b.C.d", ["a", "a.b"], "C.d"),
        ("a.b", ["a.b"], "a.b"),
        ("a.bc.D", ["a.b"], "a.bc.D"),
        ("C.d", [], "C.d"),
    ],
)
def test_the_name_in_a_namespace(symbol: str, spaces: list[str], expected: str) -> None:
    assert inner_name(symbol, spaces) == expected


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("find", {"query": "Add", "kind": "symbol"}), "Shop/Cart.cs:7-10 method Cart.Add"),
        (("find", {"query": "Add, ship", "kind": "symbol"}), "src/Order.php:6-6 method Order.ship"),
        (("find", {"query": "area", "kind": "symbol"}), "geo/area.cpp:3-5 function area"),
        (("find", {"query": "reach", "kind": "symbol"}), "geo/two.cpp:2-2 function near.reach"),
        (("find", {"query": "cart.Add", "kind": "text"}), "Shop/Desk.cs:9 | cart.Add(1); (in Desk.Sell)"),
        (("find", {"query": "Acme.Shop;", "kind": "text"}), "Shop/Desk.cs:1 | namespace Acme.Shop;"),
        (("find", {"query": "what sells"}), "Shop/Desk.cs:7-10 method Desk.Sell"),
        (("page_in", {"targets": ["Shop/Cart.cs:Cart.Add"]}), "[p1] Shop/Cart.cs:7-10 method Cart.Add"),
        (("page_in", {"targets": ["Shop/Cart.cs:8-9"]}), "[p1] Shop/Cart.cs:8-9 in Cart.Add"),
        (("page_in", {"targets": ["Cart"]}), "[p1] Shop/Cart.cs:3-13 class Cart"),
        (("page_in", {"targets": ["Cart.Sum"]}), "no file or symbol is named Cart.Sum; try find"),
        (("page_in", {"targets": ["Cart.Sell"]}), "of that name: Shop/Desk.cs:Desk.Sell (7-10, "),
        (("references", {"symbol": "Cart.Add"}), "callers of Shop/Cart.cs:Cart.Add: "),
        (("references", {"symbol": "Cart.Add"}), "Shop/Desk.cs:9 in Desk.Sell (call, "),
        (("references", {"symbol": "Cart.Add", "kind": "callees"}), "Shop/Cart.cs:12 Cart.Count (line 9, "),
    ],
)
def test_rows_and_pages_leave_the_namespace_out(repo: Repo, call: Call, told: str) -> None:
    run = repo.ask("?", script(calls(call)))
    text = str(run.requests[1].messages[-1]["content"])
    assert told in text and "Acme.Shop." not in text, text


def test_what_a_question_names_is_told_so_too(repo: Repo) -> None:
    first = repo.ask("Who uses `Cart`, and `Count`?", script("?")).requests[0].messages[1]["content"]
    assert "[p1] Shop/Cart.cs:3-13 class Cart (outline" in first
    assert "method Cart.Count (called by Shop/Cart.cs:Cart.Add)" in first and "Acme.Shop." not in first
