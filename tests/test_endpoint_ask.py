"""Whole questions over HTTP: the endpoint counts for itself and refuses what is too long."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from endpoint import Body, FakeEndpoint, Turn, count_tokens
from repository import Repo, Run, check_pages, pages_in, repository, varied

from memls.config import ModelConfig
from memls.events import Event, PageIn
from memls.models.base import Request
from memls.tokens import count

Policy = Callable[[Body, int], Turn | str]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def _ask(repo: Repo, endpoint: FakeEndpoint, window: int | None, **options: Any) -> Run:
    model = ModelConfig("fake", endpoint.url, "sk-test", window)
    return asyncio.run(repo.ask_model("how does it count?", model, **options))


def _accepted(endpoint: FakeEndpoint) -> list[Body]:
    """The bodies that were answered; each with its reply is within the limit."""
    taken = [received for received in endpoint.requests if received.status == 200]
    for received in taken:
        asked = received.body.get("max_tokens") or received.body.get("max_completion_tokens") or 0
        assert endpoint.limit is None or received.tokens + asked <= endpoint.limit
    return [received.body for received in taken]


def _check_pages(bodies: list[Body], repo: Repo) -> None:
    for body in bodies:
        check_pages(Request(body["messages"], [], 1), repo)


def _table(name: str, rows: int) -> str:
    """A module of one long function: nothing in it can be shown as an outline."""
    body = "".join(f"    rows[{n}] = compute_{name}_{n}(alpha={n}, beta='{n:05}')\n" for n in range(rows))
    return f"def {name}(rows):\n{body}    return rows\n"


def _pager(targets: list[str], chunk: int, answer: str, usage: bool = True) -> Policy:
    """Reads all of the targets, `chunk` lines a step, whatever it is shown, then answers."""
    places = [f"{target}:{n}-{n + chunk - 1}" for target in targets for n in range(1, 1001, chunk)]

    def policy(body: Body, n: int) -> Turn | str:
        if n < len(places):
            return Turn(calls=[("page_in", {"targets": [places[n]]})], usage=usage)
        return Turn(answer, usage=usage)

    return policy


def _shown(bodies: list[Body]) -> dict[tuple[str, int], str]:
    parts = [part for body in bodies for part in pages_in(body["messages"])]
    return {(part.path, number): text for part in parts for number, text in part.lines}


def test_a_hundred_thousand_tokens_of_code_through_a_window_of_eight() -> None:
    files = {f"table_{name}.py": _table(name, 1000) for name in "abcdef"}
    answer = "It counts [table_a.py:2-4], then [table_f.py:900-910], and [table_c.py:7]."
    with repository(files) as repo, FakeEndpoint(_pager(list(files), 125, answer), limit=8192) as endpoint:
        run = _ask(repo, endpoint, 8192, steps=120)
        bodies = _accepted(endpoint)
        assert len(bodies) == len(endpoint.requests) == 49, "one was refused"
        assert all(count_tokens(body) <= 8192 for body in bodies)
        _check_pages(bodies, repo)
        assert sum(count(text) for text in _shown(bodies).values()) > 100_000
        assert run.answer.status == "answered"
        assert [citation.status for citation in run.answer.citations] == ["verified"] * 3
        assert run.answer.usage.peak_prompt_tokens <= 8192


@pytest.mark.parametrize(
    ("window", "limit", "factor", "usage"),
    [(8192, 8192, 1.3, True), (8192, 8192, 1.3, False), (16_384, 6000, 1.0, True), (4096, 4096, 1.3, True)],
)
def test_a_provider_that_counts_more_or_has_less_is_learned(
    window: int, limit: int, factor: float, usage: bool
) -> None:
    files = {f"table_{name}.py": _table(name, 1000) for name in "ab"}
    policy = _pager(list(files), 100, "It is [table_b.py:950-960].", usage)
    with repository(files) as repo, FakeEndpoint(policy, limit=limit, factor=factor) as endpoint:
        run = _ask(repo, endpoint, window, steps=60)
        bodies = _accepted(endpoint)
        _check_pages(bodies, repo)
        refused = [received for received in endpoint.requests if received.status != 200]
        assert len(refused) <= 3
        assert run.answer.status == "answered"
        shown = all(("table_b.py", n) in _shown(bodies) for n in range(950, 961))
        assert run.answer.citations[0].status == ("verified" if shown else "unverified")
        assert len(bodies) == (21 if shown else 22)  # one more to mend the citation
        assert run.answer.usage.window == min(window, limit)


def test_an_endpoint_that_only_says_too_long() -> None:
    """No numbers in its error: the budget is lowered until it takes the request."""
    taken = 0

    def policy(body: Body, n: int) -> Turn | str:
        nonlocal taken
        if count_tokens(body) > 5000:
            return Turn(status=400, message="Too long.", code="context_length_exceeded")
        taken += 1
        return (
            Turn(calls=[("page_in", {"targets": [f"pkg/huge.py:{taken * 100}"]})]) if taken < 9 else "Done."
        )

    with repository(varied(6)) as repo, FakeEndpoint(policy) as endpoint:
        run = _ask(repo, endpoint, 9000)
        assert run.answer.answer == "Done."
        _check_pages([received.body for received in endpoint.requests], repo)


def test_a_file_edited_while_it_is_read() -> None:
    """With the watcher on, the next request has the new text, and the answer's lines are the new ones."""
    source = _table("a", 60)
    edited = "# above\n# above\n" + source.replace("rows[8] =", "rows[8] +=")
    with repository({"a.py": source, "b.py": "x = 1\n"}) as repo:
        events: list[Event] = []

        def policy(body: Body, n: int) -> Turn | str:
            if n == 0:
                return Turn(calls=[("page_in", {"targets": ["a.py:5-15"]})])
            if n == 1:
                repo.write("a.py", edited)
                return Turn(calls=[("page_in", {"targets": ["b.py"]})])
            if n == 2:
                shown = _shown([body])
                assert "rows[8] +=" in shown[("a.py", 12)] and ("a.py", 5) not in shown
                assert "files changed: a.py" in json.dumps(body["messages"])
                repo.write("a.py", "# once more\n" + edited)
                return "It adds [a.py:12], it starts [a.py:7-9]."
            raise AssertionError("nothing was to be mended")

        with FakeEndpoint(policy) as endpoint:
            run = _ask(repo, endpoint, 8192, watch=True, seen=events.append)
        assert any(isinstance(event, PageIn) for event in events)
        assert [(c.status, c.start, c.end) for c in run.answer.citations] == [
            ("moved", 13, 13),
            ("moved", 8, 10),
        ]
        assert repo.lines("a.py")[12].startswith("    rows[8] +=")


def test_the_watcher_brings_the_index_along_during_an_ask() -> None:
    with repository({"a.py": "def before():\n    pass\n"}) as repo:

        def policy(body: Body, n: int) -> Turn | str:
            if n == 0:
                (repo.root / "a.py").rename(repo.root / "c.py")
                repo.write("b.py", "def after():\n    return 1\n")
            last = body["messages"][-1]["content"]
            if last.startswith("[p"):
                return "[b.py:1-2]"
            if "b.py:1-2 function after" in last:
                return Turn(calls=[("page_in", {"targets": ["after"]})])
            time.sleep(0.05)
            return Turn(calls=[("find", {"query": "after", "kind": "symbol", "path": "*" * (n + 1)})])

        with FakeEndpoint(policy) as endpoint:
            run = _ask(repo, endpoint, 32_768, watch=True, steps=80)
        assert [citation.status for citation in run.answer.citations] == ["verified"]
