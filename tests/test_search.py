"""Searching and ranking, and what the question's words are taken to mean."""

from pathlib import Path

import pytest

from memls.database import INDEX, Database
from memls.errors import UsageError
from memls.index.builder import Builder
from memls.index.names import names_in, possible_names_in, related_name_in
from memls.index.rows import Limits
from memls.index.search import Search, SearchKind
from memls.index.terms import split

FILES = {
    "shop/cart.py": (
        "class ShoppingCart:\n    '''What a customer is about to buy.'''\n\n"
        "    def addItem(self, item):\n        self.items.append(item)\n\n"
        "    def total_price(self):\n        return sum(i.price for i in self.items)\n"
    ),
    "shop/db/router.py": (
        "class Router:\n    def db_for_read(self, model):\n"
        "        '''Route a model to one of the servers.'''\n        return self.pick(model)\n"
    ),
    "shop/http.go": "package shop\n\n// Serve answers requests.\nfunc Serve(port int) error { return nil }\n",
    "tests/test_cart.py": "def test_total_price():\n    assert ShoppingCart().total_price() == 0\n",
    "docs/guide.md": "# Guide\n\nA cart holds items.\n\n## Prices\n\nThe total is computed when asked for.\n",
    "docs/orders.md": "Of orders.\n\nIt dispatches each order.\n",
    "odd.py": "text = 'a%b_c'\npattern = 'x(y'\n",
}


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    root = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    return Search(database)


def check(search: Search, query: str, kind: SearchKind, expected: list[str], path: str | None = None) -> None:
    """The first hits, as `path:line symbol`."""
    hits = search.find(query, kind, path).hits
    assert [f"{h.path}:{h.line} {h.symbol}".strip() for h in hits][: len(expected) or 1] == expected


@pytest.mark.parametrize(
    ("query", "kind", "path", "expected"),
    [
        ("ShoppingCart", "symbol", None, ["shop/cart.py:1 ShoppingCart"]),
        ("ShoppingCart.addItem", "symbol", None, ["shop/cart.py:4 ShoppingCart.addItem"]),
        ("ShoppingCart::addItem", "symbol", None, ["shop/cart.py:4 ShoppingCart.addItem"]),
        ("shoppingcart", "symbol", None, []),
        ("shopping*", "symbol", None, ["shop/cart.py:1 ShoppingCart"]),
        ("Serve", "auto", None, ["shop/http.go:4 Serve"]),
        ("items.append", "text", None, ["shop/cart.py:5 ShoppingCart.addItem"]),
        ("a%b_c", "text", None, ["odd.py:1 text"]),
        ("x(y", "text", None, ["odd.py:2 pattern"]),
        ("total_price", "text", None, ["shop/cart.py:7 ShoppingCart.total_price", "tests/test_cart.py:1"]),
        (r"^func \w+", "regex", None, ["shop/http.go:4 Serve"]),
        (r"(?i)SHOPPINGCART\(", "regex", "tests", ["tests/test_cart.py:2 test_total_price"]),
        ("total_price", "text", "*.py", ["shop/cart.py:7 ShoppingCart.total_price"]),
        ("total_price", "text", "docs", []),
        ("how is the total price computed?", "auto", None, ["shop/cart.py:7 ShoppingCart.total_price"]),
        ("which database does a model go to?", "auto", None, ["shop/db/router.py:2 Router.db_for_read"]),
        ("total price", "auto", "docs", ["docs/guide.md:5"]),
        ("the of and", "auto", None, []),
    ],
)
def test_find(search: Search, query: str, kind: SearchKind, path: str | None, expected: list[str]) -> None:
    if expected and expected[-1] == "tests/test_cart.py:1":
        expected = [*expected[:-1], "tests/test_cart.py:1 test_total_price"]
    check(search, query, kind, expected, path)


def test_a_name_that_does_not_exist_is_not_replaced(search: Search) -> None:
    found = search.find("ShopingCart", "symbol")
    assert (found.hits, found.total, found.near) == ([], 0, ["ShoppingCart"])
    assert search.find("ShopingCart", "symbol", near=False).near == []


def test_a_bad_pattern_is_said(search: Search) -> None:
    with pytest.raises(UsageError, match="bad regular expression"):
        search.find("(", "regex")


def test_totals_are_true_and_pages_follow_on(search: Search) -> None:
    whole = [h.line for h in search.find("e", "text", limit=100).hits]
    parts = [
        h.line for start in range(0, 100, 3) for h in search.find("e", "text", limit=3, offset=start).hits
    ]
    assert parts == whole and search.find("e", "text", limit=1).total == len(whole)


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ("getHTTPResponse", ("get", "http", "respons", "gethttpresponse")),
        ("db_for_read", ("db", "for", "read", "db_for_read")),
        ("generations", ("generat",)),
        ("__init__", ("init",)),
        ("utf8", ("utf", "utf8")),
        ("größe", ("größe",)),
        ("x" * 65, ()),
    ],
)
def test_terms_of_a_word(word: str, terms: tuple[str, ...]) -> None:
    found = split(word)
    assert set(terms) <= set(found) and (terms or not found)


@pytest.mark.parametrize(
    ("question", "symbols", "paths"),
    [
        ("Who calls ConnectionRouter.allow_relation?", ["ConnectionRouter.allow_relation"], []),
        ("What does `run` do in src/app.py?", ["run"], ["src/app.py"]),
        ("Why is parse_args() slow?", ["parse_args"], []),
        ("How does std::vector grow?", ["std.vector"], []),
        ("Where is struct _frame?", ["_frame"], []),
        ("What does .github/workflows/ci.yml do?", [], [".github/workflows/ci.yml"]),
        (
            "Is it `.vscode/settings.json`, or .eslintrc.json...",
            [],
            [".vscode/settings.json", ".eslintrc.json"],
        ),
        ("Compare ./src/app.py with ../lib/form.test.ts.", [], ["src/app.py", "lib/form.test.ts"]),
        ("Does it work? Yes. And ./.. too.", [], []),
        ("Where are HTTP errors handled?", [], []),
    ],
)
def test_names_in_a_question(question: str, symbols: list[str], paths: list[str]) -> None:
    names = names_in(question)
    assert (list(names.symbols), list(names.paths)) == (symbols, paths)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who calls encrypt?", "encrypt"),
        ("callers of encrypt", "encrypt"),
        ("Where is the Cart class defined?", "Cart"),
        ("where is checkout called?", "checkout"),
        ("where is struct frame defined?", "frame"),
        ("Where is the class defined?", "class"),
        ("Where is the cache filled?", ""),
        ("Why does it use trigrams?", ""),
        ("What uses the cache?", ""),
        ("Who calls it?", ""),
    ],
)
def test_the_name_of_which_a_relation_is_asked(question: str, name: str) -> None:
    assert related_name_in(question) == name


def test_the_line_that_is_shown_says_what_was_found(search: Search) -> None:
    (hit,) = search.find("router", "auto", "docs").hits  # a word that is related, and not its own
    assert hit.text == "It dispatches each order."


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is a Basket for?", ["Basket"]),
        ("Who calls Basket.total?", []),  # the whole of it is the name
        ("Who calls Shop::open, and is the Basket. Full?", ["Basket"]),
        ("How does reverse reach resolve?", ["reverse", "resolve"]),
    ],
)
def test_words_that_may_be_names(question: str, names: list[str]) -> None:
    assert possible_names_in(question) == names


def test_the_path_of_a_glob(search: Search, tmp_path: Path) -> None:
    assert search.find("price", "text", "shop/").total == search.find("price", "text", "shop").total > 0
    assert search.find("price", "text", "./shop").total > 0
    assert search.find("price", "text", str(tmp_path)).total == 0


def test_a_name_and_a_prefix_are_in_one_order(tmp_path: Path) -> None:
    """One is put in order here, the other by DuckDB."""
    files = {
        "a/é.py": "def run():\n    pass\n\ndef run():\n    pass\n",
        "a/z.py": "class A:\n    def run(self): pass\n\nclass Éé:\n    def run(self): pass\n",
        "b.go": "package b\n\nfunc run() {}\n",
        "demos/a.py": "def run(): pass\n",
        "docs/guide.md": "# run\n",
        "keys.yaml": "run: 1\n",
        "tests/test_b.py": "def run(): pass\n",
        "z.rs": "fn run() {}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    search = Search(database)
    named, begun = search.symbol("run"), search.symbol("run*")
    assert (named.hits, named.total) == (begun.hits, begun.total)
    last = ["demos/a.py", "tests/test_b.py", "keys.yaml", "docs/guide.md"]
    assert [hit.path for hit in named.hits[-4:]] == last
    assert search.symbol("run", limit=3, offset=4).hits == named.hits[4:7]
    assert search.symbol("run", offset=20).total == named.total
