"""A trace is the same bytes each time, and its replay writes them again without a model."""

import json

import pytest
from repository import Policy, Repo, calls, repository, script, varied

from memls.errors import ContextOverflowError, ModelError
from memls.models.base import Reply, Request
from memls.tokens import count_request

PAGES = ["pkg/huge.py", "pkg/members.py:Members", "pkg/cjk.py", "docs/notes.md", "small.py", "pkg/wide.py"]


def _paging() -> Policy:
    """Pages through more than the window holds, so that it is compacted."""
    rounds = [calls(("page_in", {"targets": [target]})) for target in (*PAGES, "pkg/huge.py:800-1200", "p1")]
    return script(*rounds, "It is [small.py:1-4].")


def _memory() -> Policy:
    return script(
        calls(("remember", {"text": "the answer is 42", "to": "project"}), ("recall", {"query": "answer"})),
        calls(("remember", {"text": "small is small", "to": "archive", "code": ["small.py:small"]})),
        calls(("recall", {"query": "small what"}), ("remember", {"text": "x " * 3000, "to": "task"})),
        "Remembered.",
    )


def _mistakes() -> Policy:
    return script(
        calls(("page_in", '{"targets": '), ("nothing", {}), ("find", {"query": "(", "kind": "regex"})),
        Reply(""),
        calls(("history", {"target": "small.py"}), ("references", {"symbol": "small"}), text="so …"),
        "[never.py:1]",
        "\x1b[31mred [small.py:1] \ud800",
    )


def _refusals() -> Policy:
    """An endpoint that counts more than we do, and one call that always comes back."""
    refused = []

    def policy(request: Request) -> Reply:
        size = count_request(request.messages, request.tools)
        if len(refused) < 2 and len(request.messages) > 3:
            refused.append(size)
            raise ContextOverflowError("too long", limit=7000, counted=int(size * 1.4))
        return calls(("page_in", {"targets": ["pkg/huge.py"]}), prompt_tokens=int(size * 1.4))

    return policy


def _unmended() -> Policy:
    """The endpoint goes while its citation is to be mended."""

    def fail(_: Request) -> Reply:
        raise ModelError("the endpoint is gone")

    return script("It is [never.py:1].", calls(("page_in", {"targets": ["small.py"]})), fail)


MAKERS = {
    "paging": _paging,
    "memory": _memory,
    "mistakes": _mistakes,
    "refusals": _refusals,
    "unmended": _unmended,
}
SLOW = ("paging", "refusals")


def _ask(repo: Repo, make: str, **options: str) -> str:
    return repo.ask("how does `small` work?", MAKERS[make](), **options).trace  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in MAKERS]
)
def test_the_same_run_gives_the_same_bytes_and_replays_to_them(make: str) -> None:
    with repository(varied(3)) as one, repository(varied(3)) as other:
        first = [_ask(one, make, session="s"), _ask(one, make, session="s")]
        again = [_ask(other, make, session="s"), _ask(other, make, session="s")]
        assert first == again
        assert str(one.root) not in "".join(first)
        for trace in first:
            assert one.replay(trace) == trace
        assert json.loads(first[0].splitlines()[-1])["type"] == "result"


def test_a_replay_leaves_memory_alone() -> None:
    with repository(varied(3)) as repo:
        trace = _ask(repo, "memory", session="s")
        before = (repo.workspace.recall.extent(), repo.workspace.recall.load_state("s"))
        assert repo.replay(trace) == trace
        assert before == (repo.workspace.recall.extent(), repo.workspace.recall.load_state("s"))


def test_a_replay_on_a_changed_repository_is_no_replay() -> None:
    with repository(varied(3)) as repo:
        trace, other = _ask(repo, "paging", session="s"), _ask(repo, "mistakes", session="t")
        repo.write("small.py", "# changed\n")
        repo.workspace.index()
        assert repo.replay(trace) != trace  # its citation is to be mended now
        assert repo.replay(other) != other
