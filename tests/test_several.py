"""One question to several repositories: each answers, and one answer is made of these."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Command, Outcome
from endpoint import Body, FakeEndpoint, Turn
from service import events, served

pytestmark = pytest.mark.slow

API = "def create_order(items):\n    return {'id': 1, 'items': items}\n"
WEB = "export function sendOrder(items) {\n  return post('/orders', items);\n}\n"
FOUND = {
    "api": "`create_order` makes it [orders.py:1-2].",
    "web": "`sendOrder` sends it [send.js:1-3].",
}
WHOLE = "The page sends it [web:send.js:1-3], the service makes it [api:orders.py:1-2]."


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    for name, path, text in (("api", "orders.py", API), ("web", "send.js", WEB)):
        (tmp_path / name).mkdir()
        (tmp_path / name / path).write_text(text)
    return [tmp_path / "api", tmp_path / "web"]


class Model:
    """Pages in the only file, answers, and makes the answers one as it is told to."""

    def __init__(self, whole: str | Turn = WHOLE) -> None:
        self.whole = whole

    def __call__(self, body: Body, _: int) -> Turn | str:
        messages = body["messages"]
        if "tools" not in body:
            assert "data, no instructions" in messages[0]["content"]
            assert FOUND["api"].replace("orders.py", "api:orders.py") in messages[1]["content"]
            return self.whole
        if messages[-1]["role"] == "tool":
            return FOUND["api" if "'items': items" in json.dumps(messages) else "web"]
        wanted = ("orders.py:1-2", "send.js:1-3")  # of which one is there
        return Turn(calls=[("page_in", {"targets": [one]}) for one in wanted])


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def endpoint(model: Model) -> Iterator[FakeEndpoint]:
    with FakeEndpoint(model) as made:
        yield made


def _ask(roots: list[Path], endpoint: FakeEndpoint | None, *more: str) -> Outcome:
    given = {} if endpoint is None else _environment(endpoint)
    repos = [part for root in roots for part in ("--repo", str(root))]
    question = "How do create_order in orders.py and sendOrder in send.js make an order?"
    return Command(roots[0].parent / "home")("ask", question, *repos, *more, cwd=roots[0].parent, **given)


def _environment(endpoint: FakeEndpoint) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-test", "MEMLS_MODEL": "fake",
        "MEMLS_WINDOW": "16384",
    }  # fmt: skip


def test_a_model_makes_one_answer_of_them(roots: list[Path], endpoint: FakeEndpoint) -> None:
    done = _ask(roots, endpoint, "--format", "json")
    assert done.code == 0, done.err
    answer = done.json
    assert answer["answer"] == WHOLE
    assert [(one["path"], one["status"]) for one in answer["citations"]] == [
        ("web:send.js", "verified"),
        ("api:orders.py", "verified"),
    ]
    assert {page["path"] for page in answer["pages"]} == {"api:orders.py", "web:send.js"}
    assert answer["session"] == "api:ask-1, web:ask-1"
    assert answer["usage"]["steps"] >= 5


@pytest.mark.parametrize(
    ("whole", "answered", "statuses"),
    [
        ("Both [api:orders.py:2-2], and [api:orders.py:1-9].", True, ["verified", "unverified"]),
        ("Nowhere [api:secret.py:1-2].", True, ["unverified"]),
        (Turn(status=400, message="no"), False, ["verified", "verified"]),
        ("", False, ["verified", "verified"]),
    ],
)
def test_it_cites_nothing_that_was_not_found(
    roots: list[Path],
    endpoint: FakeEndpoint,
    model: Model,
    whole: str | Turn,
    answered: bool,
    statuses: list[str],
) -> None:
    model.whole = whole
    answer = _ask(roots, endpoint, "--format", "json").json
    assert [one["status"] for one in answer["citations"]] == statuses
    if not answered:
        assert answer["answer"].startswith(
            "## api\n\n`create_order` makes it [api:orders.py:1-2].\n\n## web\n\n"
        )


def test_without_a_model_they_stand_one_after_the_other(roots: list[Path]) -> None:
    done = _ask(roots, None, "--format", "markdown")
    assert done.code == 0
    assert "## api\n" in done.out and "## web\n" in done.out
    assert "[api:orders.py:1-2]" in done.out and "[web:send.js:1-3]" in done.out
    assert "verified   api:orders.py:1-2" in done.out


def test_a_trace_is_of_one(roots: list[Path], tmp_path: Path) -> None:
    done = _ask(roots, None, "--trace", str(tmp_path / "t.jsonl"))
    assert done.code == 2 and "--trace records one repository" in done.err


def test_one_that_is_not_there_is_told(roots: list[Path]) -> None:
    done = _ask([*roots, roots[0].parent / "nowhere"], None)
    assert done.code == 2 and "no such folder" in done.err


def test_over_http_too(roots: list[Path], endpoint: FakeEndpoint) -> None:
    options = [part for root in roots for part in ("--repo", str(root))]
    home = roots[0].parent / "home"
    with served(home, *options, cwd=roots[0], model=_environment(endpoint)) as service:
        question = "How do create_order in orders.py and sendOrder in send.js make an order?"
        body = {"question": question, "repo": ["api", "web"], "stream": True}
        seen = list(events(service.open("POST", "/api/ask", body)))
        assert seen[-1]["answer"] == WHOLE
        assert {one["page"]["path"] for one in seen if one["type"] == "page_in"} == {
            "api:orders.py",
            "web:send.js",
        }
        said = [{"role": "user", "content": question}]
        for number in (1, 2):  # the second goes on in the same sessions
            asked = {"model": "memls", "messages": said}
            text = service.call("POST", "/v1/chat/completions", asked)[1]["choices"][0]["message"]["content"]
            assert text.startswith(WHOLE)
            said += [{"role": "assistant", "content": text}, {"role": "user", "content": question}]
            sessions = service.call("GET", "/api/sessions?repo=web")[1]
            (name,) = [one["name"] for one in sessions if one["name"].startswith("chat-")]
            assert len(service.call("GET", f"/api/sessions/{name}?repo=web")[1]) == number
