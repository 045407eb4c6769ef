"""What is answered without a model: by what a question wants, in the code's own words, every line cited."""

import asyncio
import subprocess
from contextlib import aclosing
from typing import Any

import pytest
from repository import Repo, repository

from memls.agent.conversation import AskOptions
from memls.agent.limits import Limits
from memls.config import ModelConfig
from memls.events import Answer, Done
from memls.models.base import Request
from memls.models.extractive import NOTHING, ExtractiveModel
from memls.models.intent import Calls, Node, intent_of
from memls.models.passages import Page, gist, head_line

FILES = {
    "shop/basket.py": '''"""Baskets and what they cost."""

from shop.prices import price_of


class Basket:
    """What a customer is about to buy."""

    def __init__(self):
        # the goods in the order in which they came
        self.goods = []

    def total(self):
        """Sum up what all goods cost. Discounts are in it."""
        return sum(price_of(good) for good in self.goods)


def check_out(basket):
    """Take the money."""
    return pay(basket.total())


def pay(amount):
    return send_invoice(amount)


def send_invoice(amount):
    # Written at once, mailed at night.
    return f"please pay {amount}"
''',
    "shop/prices.py": 'def price_of(good):\n    """Look up a price."""\n    return 3\n',
    "tests/test_basket.py": "from shop.basket import check_out\n\n\ndef test_out():\n    check_out(None)\n",
    "docs/shop.md": "# The shop\n\nA basket is checked out when the customer pays.\n",
}


def ask(repo: Repo, question: str, session: str | None = None, window: int = 8192) -> Answer:
    async def run() -> Answer:
        options = AskOptions(ModelConfig(window=window), session, Limits(), watch=False)
        async with aclosing(repo.workspace.ask(question, options)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.result
        raise AssertionError("no answer")

    answer = asyncio.run(run())
    assert bool(answer.citations) != answer.answer.endswith(NOTHING)
    assert {citation.status for citation in answer.citations} <= {"verified"}
    assert "No language model was used" in answer.answer and answer.usage.cost == 0.0
    return answer


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("Who calls get_resolver?", "callers"),
        ("callers of Basket.total", "callers"),
        ("Where does the shop call pay?", "callers"),
        ("Where is send_invoice used?", "uses"),
        ("references to Basket", "uses"),
        ("What would break if I removed Basket?", "uses"),
        ("What depends on Basket?", "uses"),
        ("What does check_out use?", "what"),
        ("What does check_out call?", "callees"),
        ("Which classes implement Handler?", "implementers"),
        ("subclasses of Handler", "implementers"),
        ("Why does QuerySet clone itself?", "why"),
        ("How does a request reach the view?", "how"),
        ("Trace a request from Router.app to Route.handle", "how"),
        ("Where is the cache filled?", "where"),
        ("In which module are signals defined?", "where"),
        ("What does Prefetch do?", "what"),
        ("Basket", "what"),
    ],
)
def test_what_a_question_wants(question: str, intent: str) -> None:
    assert intent_of(question) == intent


def test_who_calls() -> None:
    with repository(FILES) as repo:
        text = ask(repo, "Who calls `check_out` and `pay`?").answer
    assert "`check_out` is called by:\n- `test_out` [tests/test_basket.py:5]" in text


HANDLERS = {
    "web/handlers.py": """class Handler:
    def handle(self, request):
        return None


class Static(Handler):
    def handle(self, request):
        return read_file(request)


class Upload(Handler):
    limit = 3


def read_file(request):
    return open(request)


def unused(request):
    return request
""",
    "web/router.py": """from web.handlers import Handler, Static


def route(request, handlers):
"""
    + "    request = request.strip()\n" * 30
    + """    for handler in handlers:
        handler.handle(request)


def make():
    return Static()


def is_handler(one):
    return isinstance(one, Handler)
""",
    "web/settings.py": (
        'UPLOAD_LIMIT = 3\n\n\ndef limit_of(settings):\n    return settings["UPLOAD_LIMIT"]\n\n\n'
        'def home():\n    return getenv("WEB_HOME")\n'
    ),
    "benches/speed.py": "def read_file():\n    pass\n",
}


@pytest.mark.parametrize(
    ("question", "begins", "has"),
    [
        (
            "Who calls Static.handle?",
            "`Static.handle` may be called by (by name alone):\n"
            "- `route` [web/router.py:36]: `handler.handle(request)`\n",
            "**function `route`** [web/router.py:23-36] of 4-36\n",
        ),
        ("Who calls `unused`?", "Nothing in the index calls `unused`.\n\n**function `unused`**", ""),
        (
            "Who calls read_files?",
            "No definition is named `read_files`. Near names: `read_file`.\n\n",
            "",
        ),
        (
            "Where is UPLOAD_LIMIT used?",
            "Nothing in the index uses `UPLOAD_LIMIT`.\n\nAs text `UPLOAD_LIMIT` stands in:\n"
            "- `UPLOAD_LIMIT` [web/settings.py:1]: `UPLOAD_LIMIT = 3`\n"
            '- `limit_of` [web/settings.py:5]: `return settings["UPLOAD_LIMIT"]`\n\n',
            "",
        ),
        (
            "What reads WEB_HOME?",
            "No definition is named `WEB_HOME`.\n\nAs text `WEB_HOME` stands in:\n"
            '- `home` [web/settings.py:9]: `return getenv("WEB_HOME")`\n\n',
            "",
        ),
        (
            "Who calls getenv?",
            "No definition is named `getenv`.\n\nAs text `getenv` stands in:\n"
            '- `home` [web/settings.py:9]: `return getenv("WEB_HOME")`\n\n',
            "",
        ),
        (
            "Who calls handle?",
            "`handle` is the name of 2 definitions:\n- `Static.handle` in web/handlers.py, line 7\n"
            "- `Handler.handle` in web/handlers.py, line 2\n\n`handle` may be called by (by name alone):\n"
            "- `route` [web/router.py:36]: `handler.handle(request)`\n\n",
            "",
        ),
        (
            "Where is Handler used?",
            "`Handler` is used by:\n- `Static` [web/handlers.py:6]: `class Static(Handler):`\n"
            "- `Upload` [web/handlers.py:11]: `class Upload(Handler):`\n"
            "- `is_handler` [web/router.py:44]: `return isinstance(one, Handler)`\n\n",
            "",
        ),
        (
            "What does Static.handle call?",
            "`Static.handle` calls:\n- `read_file` [web/handlers.py:8]: `return read_file(request)`\n\n",
            "",
        ),
        (
            "Which classes extend Handler?",
            "`Handler` is implemented by:\n- `Static` [web/handlers.py:6]: `class Static(Handler):`\n"
            "- `Upload` [web/handlers.py:11]: `class Upload(Handler):`\n\n",
            "",
        ),
        (
            "who calls read_file?",
            "`read_file` is called by:\n- `Static.handle` [web/handlers.py:8]: `return read_file(request)`\n",
            "",
        ),
        (
            "How does `route` get to `read_file`?",
            "No chain of calls that are certain is known between `route` and `read_file`.\n\n",
            "",
        ),
        (
            "How does `make` get to `read_file`?",
            "No chain of calls that are certain is known between `make` and `read_file`.\n\n",
            "",
        ),
    ],
)
def test_what_is_related(question: str, begins: str, has: str) -> None:
    with repository(HANDLERS) as repo:
        text = ask(repo, question).answer
    assert text.startswith(begins) and has in text and text.count("route` [web/router.py:36]") <= 1


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Who calls nothing_here?", "No definition is named `nothing_here`."),
        ("Who calls read_files?", "No definition is named `read_files`. Near names: `read_file`."),
        ("Which classes implement `HandlerBase`?", "No definition is named `HandlerBase`."),
        ("What would break if I removed web.handlers.unuse?", "No definition is named `web.handlers.unuse`."),
        ("What does web/handler.py do?", "There is no file web/handler.py in the index."),
    ],
)
def test_of_what_does_not_exist_nothing_is_told(question: str, told: str) -> None:
    with repository(HANDLERS) as repo:
        answer = ask(repo, question)
    assert answer.answer.startswith(told) and answer.answer.endswith(NOTHING)


def test_what_exists_is_told_beside_what_does_not() -> None:
    with repository(HANDLERS) as repo:
        both = ask(repo, "How does `route` get to `nothing_here`?")
        more = ask(repo, "Does nothing_here decide which handler answers a request?")
    for answer in (both, more):
        assert answer.answer.startswith("No definition is named `nothing_here`.") and answer.citations


def test_why_has_the_prose() -> None:
    files = {f"src/part{n}.py": f"def sign_{n}(cookie):\n    return cookie, {n}\n" for n in range(5)}
    files["docs/design.md"] = "# Design\n\n## Cookies\n\nWe sign each cookie, since users change them.\n"
    with repository(files) as repo:
        text = ask(repo, "Why do we sign a cookie?").answer
    assert "We sign each cookie, since users change them." in text


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Who calls it?", "`read_file` is called by:\n"),
        ("And what does it call?", "`read_file` itself calls nothing that the index has.\n"),
        ("Where is it checked that an upload has a limit?", "**function `limit_of`**"),
    ],
)
def test_it_is_what_was_asked_of_before(question: str, begins: str) -> None:
    with repository(HANDLERS) as repo:
        ask(repo, "Where is `read_file`?", "talk")
        ask(repo, "And is that tested?", "talk")
        text = ask(repo, question, "talk").answer
    assert text.startswith(begins)


def test_what_is_shown_again_is_still_what_the_question_names() -> None:
    lookup = "Who calls f?\n[looked up in the index for this question]\n[p7] (shown again below)"
    told = "callers of a.py:f: 1 resolved, 0 only candidates by name\na.py:5 in g (call, same file) | f()"
    made = {"id": "1", "type": "function", "function": {"name": "references", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": lookup},
        {"role": "assistant", "content": "", "tool_calls": [made, made]},
        {"role": "tool", "content": "[p7] a.py:1-2 function f\n1|def f():\n2|    pass"},
        {"role": "tool", "content": told},
        {"role": "user", "content": "no more functions"},
    ]

    async def run() -> str:
        request = Request(messages, [], 1000)
        return "".join([part.text async for part in ExtractiveModel().stream(request) if part.text][:-1])

    assert asyncio.run(run()).startswith("`f` is called by:\n- `g` [a.py:5]: `f()`\n\n**function `f`**")


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (
            "Explain web/router.py",
            "In web/router.py:\n```\n4-36 def route(request, handlers)\n39-40 def make()\n"
            "43-44 def is_handler(one)\n```\n\n",
        ),
        (
            "What does handlers.py do?",
            "In web/handlers.py:\n```\n1-3 class Handler\n  2-3 def handle(self, request)\n",
        ),
        ("What is in web/pages/?", "In web/pages:\n```\nweb/pages/home.py (1 line, 1 symbol)\n```\n\n"),
        ("What is in web/?", "In web/:\n```\nweb/pages/ (1 file)\nweb/handlers.py (20 lines"),
        ("What does web/nothing.py do?", "There is no file web/nothing.py in the index.\n\n"),
        ("How does web/router.py handle a request in turn?", "**function `route`**"),
    ],
)
def test_what_is_in_a_file_or_a_folder(question: str, begins: str) -> None:
    with repository({**HANDLERS, "web/pages/home.py": "HOME = 1\n"}) as repo:
        text = ask(repo, question).answer
    assert text.startswith(begins)


def test_a_copy_is_shown_once() -> None:
    body = 'def convert(amount):\n    """Convert an amount."""\n    return amount\n'
    with repository({"src/money.py": body, "lib/money.py": body}) as repo:
        text = ask(repo, "How is an amount converted?").answer
    assert text.count("**function `convert`**") == 1


def test_what_a_class_is_by_a_plain_capital() -> None:
    with repository(FILES) as repo:
        text = ask(repo, "What is a Basket for?").answer
    assert "- `Basket`: What a customer is about to buy. [shop/basket.py:6-7]" in text


def test_the_best_match_comes_first() -> None:
    with repository(FILES) as repo:
        text = ask(repo, "How does the shop look up a price?").answer
    assert text.startswith("In its own words:\n- `price_of`: Look up a price. [shop/prices.py:1-2]")
    assert "**function `price_of`** [shop/prices.py:1-3]" in text


def test_what_does_not_document_itself_is_told_too() -> None:
    bare = {f"part{number}.py": f"def convert_{number}(amount):\n    return amount\n" for number in range(6)}
    with repository(bare) as repo:
        text = ask(repo, "How is an amount converted?").answer
    assert all(f"`convert_{number}`" in text for number in range(6))


def test_the_way_from_one_definition_to_another() -> None:
    with repository(FILES) as repo:
        text = ask(repo, "How does `check_out` get to `send_invoice`?").answer
    assert text.startswith(
        "In steps:\n1. `check_out` calls `pay` in shop/basket.py, line 20\n"
        "2. `pay` calls `send_invoice` in shop/basket.py, line 24\n"
    )


def test_why_has_the_commits() -> None:
    with repository(FILES) as repo:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subjects = ["Everything", "Invoices are mailed at night, when mail is cheap"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", subjects[0]]):
            subprocess.run(["git", *identity, *arguments], cwd=repo.root, check=True)
        repo.write("shop/basket.py", FILES["shop/basket.py"].replace("mailed at night", "mailed at 3"))
        subprocess.run(["git", *identity, "commit", "-qam", subjects[1]], cwd=repo.root, check=True)
        text = ask(repo, "Why does `send_invoice` not mail at once?").answer
    assert "Commits that changed it:\n- " in text and text.index(subjects[1]) < text.index(subjects[0])


@pytest.mark.parametrize(
    ("lines", "sentence", "last"),
    [
        (["def f():", '    """One. Two."""'], "One.", 2),
        (["def f():", '    """', "    One goes", "    on.", "", "    Two."], "One goes on.", 4),
        (["def f(", "    a,", "):", "    '''No end here"], "No end here", 4),
        (["function f() {", "  // What the next line is for.", "  go()"], "", 1),
        (["struct A {", "  // Of the field.", "  int b;"], "", 1),
        (["#[test]", "fn f(", "    #[future] server: Server,", ") {"], "", 2),
        (["class A:", "    def f(self):", '        """Of the member."""'], "", 1),
        (["@property", "@cached", "def f(self):", '    """Of f."""'], "Of f.", 4),
        (["@dataclass", "class A:", "    def f(self):", '        """Of the member."""'], "", 2),
        (["@property"], "", 1),
        (["def f():", "    x = 1", "    y = 2", "    # late"], "", 1),
        (["f(", "    *items,", ")"], "", 1),
        (["// F does", "// it. More.", "func F() {"], "F does it.", 2),
        (["/**", " * Does it", " * well.", " *", " * @param a", " */", "f(a) {"], "Does it well.", 3),
        (["/// Of A.", "#[derive(Debug)]", "struct A {"], "Of A.", 1),
        (["# Of f", "def f():", '    """One."""'], "Of f", 1),
        (["x"], "", 1),
    ],
)
def test_the_gist_of_a_page(lines: list[str], sentence: str, last: int) -> None:
    page = Page("p1", "a.py", "function", "f", dict(enumerate(lines, 1)))
    assert gist(page) == (sentence, last)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(["// F.", "func F() {"], 2), (["@a", "def f():"], 2), (["def f():"], 1), (["// alone"], 1)],
)
def test_where_the_code_of_a_page_begins(lines: list[str], expected: int) -> None:
    assert head_line(Page("p1", "a.go", "function", "F", dict(enumerate(lines, 1)))) == expected


def test_callers_do_not_push_out_what_was_asked_for() -> None:
    body = "".join(f"    step_{n} = goods[{n}] * 2\n" for n in range(16))
    callers = "".join(f"def caller_{n}(goods):\n{body}    return pack(goods)\n\n\n" for n in range(9))
    files = {
        "a.py": f"def pack(goods):\n{body}    return goods\n",
        "b.py": f"from a import pack\n\n\n{callers}",
    }
    with repository(files) as repo:
        text = ask(repo, "Where is `pack` defined?", window=4096).answer
    assert text.startswith("**function `pack`** [a.py:1-")


def test_a_long_definition_is_shown_with_its_head() -> None:
    body = "".join(f"\tstep{n}()\n" for n in range(30))
    long = f"package a\n\n// Run does all.\nfunc Run() {{\n{body}\tmeltTheIce()\n}}\n"
    with repository({"a.go": long}) as repo:
        text = ask(repo, "Where does `Run` melt the ice?").answer
    assert "```go\nfunc Run() {\n…\n" in text and "meltTheIce()" in text


def test_a_path_is_the_shortest_and_ends() -> None:
    a, b, c = (Node("x.py", name) for name in "abc")
    calls = Calls(
        [
            "callees of x.py:a: 2 resolved\nx.py:1 b (line 7, import)\nx.py:1 a (line 8, import)",
            "callees of x.py:b: 1 resolved\nx.py:1 a (line 9, import)\nx.py:1 c (line 9, CANDIDATE)",
            "no callees of x.py:c in the index",
        ]
    )
    assert [step.callee for step in calls.path(a, b)] == [b]
    assert calls.path(a, c) == [] and calls.path(c, a) == []
    assert calls.frontier(a, {}) == [] and calls.frontier(c, {}) == []


def test_where_begins_with_the_place_itself() -> None:
    with repository(FILES) as repo:
        text = ask(repo, "Where is `pay` defined?").answer
    assert text.startswith("**function `pay`** [shop/basket.py:23-24]")
    assert "In its own words" not in text
