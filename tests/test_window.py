"""The window holds: whatever the repository, the model and the provider do, no request is too large."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import Call, Repo, calls, check_pages, check_window, examples, repository, varied

from memls.events import Done
from memls.memory.window import SMALLEST
from memls.models.base import Reply, Request
from memls.tokens import count_request

PATHS = list(varied(0))
TARGETS = [
    *PATHS,
    *("huge", "pkg/members.py:Members", "Members.method_7", "函數_3", "small.py:small", "nothing_like_it"),
    *("pkg/huge.py:100-900", "pkg/huge.py:1500", "pkg/cjk.py:1-90", "empty.py:1-1", "small.py:9999-3"),
    *("../../etc/passwd", "/etc/passwd", "a\0b", "p0", "[p1]", "", " "),
    *(f"p{n}" for n in range(1, 9)),
]
GIANT = "記" * 30_000


@pytest.fixture(scope="module")
def repos() -> Iterator[list[Repo]]:
    with repository(varied(1)) as one, repository(varied(2)) as two:
        yield [one, two]


def _valid_calls() -> st.SearchStrategy[Call]:
    targets = st.lists(st.sampled_from(TARGETS), max_size=20)
    detail = st.sampled_from(["full", "outline"])
    text = st.sampled_from(["cache", "evict page", "def ", "x", "記憶", GIANT, "line\nline", "*", "("])
    cursor = st.sampled_from([0, 1, 60, 10**9])

    def arguments(name: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
        return st.tuples(st.just(name), st.fixed_dictionaries(values))

    return st.one_of(
        arguments("page_in", targets=targets, detail=detail),
        arguments("page_in", targets=targets),
        arguments("page_out", pages=targets, note=text),
        arguments(
            "find", query=text, kind=st.sampled_from(["ranked", "symbol", "text", "regex"]), cursor=cursor
        ),
        arguments("references", symbol=st.sampled_from(TARGETS), kind=st.just("callers"), cursor=cursor),
        arguments("outline", path=st.sampled_from([*TARGETS, ".", "pkg"]), cursor=cursor),
        arguments("remember", text=text, to=st.sampled_from(["task", "project", "user", "archive"])),
        arguments("recall", query=text),
    )


def _any_calls() -> st.SearchStrategy[Call]:
    broken = st.tuples(
        st.sampled_from(["page_in", "find", "rm -rf", "", "x" * 500, "remember"]),
        st.sampled_from(["", "{", "[]", "null", '{"targets": 5}', '{"query": ', GIANT, json.dumps([GIANT])]),
    )
    return st.one_of(_valid_calls(), _valid_calls(), _valid_calls(), broken)


@examples(5)
@given(
    st.integers(SMALLEST, 32_768),
    st.integers(0, 1),
    st.lists(st.lists(_any_calls(), min_size=1, max_size=40), max_size=8),
    st.sampled_from([None, 0.6, 1.0, 1.3]),
    st.sampled_from(["what is `small`?", "how does huge evict a page?", "記憶 " * 20_000, "\0\x1b[31m"]),
)
def test_no_request_is_above_the_window(
    repos: list[Repo],
    window: int,
    which: int,
    steps: list[list[Call]],
    factor: float | None,
    question: str,
) -> None:
    replies: list[Reply | None] = []

    def policy(request: Request) -> Reply:
        n = len(replies)
        counted = int(count_request(request.messages, request.tools) * factor) if factor else None
        reply = calls(*steps[n], prompt_tokens=counted) if n < len(steps) else Reply("Done.", (), counted)
        replies.append(reply)
        return reply

    run = repos[which].ask(question, policy, window=window)
    check_window(run.requests, window, replies)
    for request in run.requests:
        check_pages(request, repos[which])
    assert isinstance(run.events[-1], Done)
