"""Limits on a question's time and money, what it cost, and what is known of models by name."""

import asyncio
import io
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from conversation import KEY, clean_environment
from endpoint import Body, FakeEndpoint, Turn, script

from memls.agent.conversation import AskOptions
from memls.agent.limits import Limits
from memls.agent.prompts import INSTRUCTIONS
from memls.errors import UsageError
from memls.events import Answer, Done
from memls.models.choice import make_model
from memls.models.openai import OpenAIModel
from memls.models.profiles import UNKNOWN, Prices, Profile, profile_of
from tests.repository import Repo, repository

__all__ = ["clean_environment"]

RING = {"ring.py": "def evict(pages):\n    return pages.pop(0)\n"}
READ = Turn("", [("page_in", {"targets": ["ring.py:evict"]})])
ANSWER = "The oldest goes [ring.py:1-2]."
PRICED = Profile(input=2.0, output=10.0, cached=0.5)


@pytest.fixture(scope="module")
def ring() -> Iterator[Repo]:
    """One repository for many cases, each in a session of its own."""
    with repository(RING) as repo:
        yield repo


def ask(repo: Repo, endpoint: FakeEndpoint, limits: Limits, profile: Profile = UNKNOWN) -> tuple[Answer, str]:
    """The answer, and the trace of how it came to be."""
    out = io.StringIO()

    async def run() -> Answer:
        model = OpenAIModel("fake", endpoint.url, KEY, window=8192, profile=profile, retries=0)
        options = AskOptions(model, None, limits, out, watch=False)
        try:
            async with aclosing(repo.workspace.ask("What is evicted?", options)) as events:
                async for event in events:
                    if isinstance(event, Done):
                        return event.result
        finally:
            await model.close()
        raise AssertionError("no answer")

    return asyncio.run(run()), out.getvalue()


def test_a_reply_that_takes_too_long_is_cut_where_it_stands() -> None:
    slow = Turn("The oldest page goes first, and then the next. " * 100, pause=0.05)
    with repository(RING) as repo, FakeEndpoint(script(slow)) as endpoint:
        repo.workspace.index()
        started = time.monotonic()
        answer, trace = ask(repo, endpoint, Limits(seconds=1.5))
        took = time.monotonic() - started
        assert answer.status == "incomplete" and "cut off after 1.5 seconds" in answer.notes[0]
        assert answer.answer.startswith("The oldest page") and took < 30
        assert repo.replay(trace) == trace
        kept = [m.content for m in repo.workspace.transcript(answer.session)]
        assert answer.answer in kept  # what was said is remembered


def test_when_time_is_short_the_model_is_told_to_answer() -> None:
    def policy(body: Body, number: int) -> Turn | str:
        last = body["messages"][-1]["content"]
        return ANSWER if "seconds is near" in last else Turn("", READ.calls, wait=0.8)

    with repository(RING) as repo, FakeEndpoint(policy) as endpoint:
        answer, trace = ask(repo, endpoint, Limits(seconds=2.0))
        assert answer.status == "incomplete" and answer.answer == ANSWER
        assert repo.replay(trace) == trace


def test_time_that_suffices_changes_nothing() -> None:
    with repository(RING) as repo, FakeEndpoint(script(READ, ANSWER)) as endpoint:
        answer, _ = ask(repo, endpoint, Limits(seconds=600))
    assert answer.status == "answered" and answer.notes == ()


@pytest.mark.parametrize(
    ("extra", "profile", "cost"),
    [
        (None, UNKNOWN, None),
        (None, PRICED, "2 and 10"),
        ({"prompt_tokens_details": {"cached_tokens": 100}}, PRICED, "100 cached"),
        ({"cost": 0.25}, PRICED, 0.5),
        ({"cost": 0.25}, UNKNOWN, 0.5),
        ({"cost": "free", "prompt_tokens_details": None}, UNKNOWN, None),
    ],
)
def test_what_an_answer_cost(ring: Repo, extra: Body | None, profile: Profile, cost: Any) -> None:
    turns = [Turn(READ.text, READ.calls, extra=extra), Turn(ANSWER, extra=extra)]
    with FakeEndpoint(script(*turns)) as endpoint:
        answer, trace = ask(ring, endpoint, Limits(), profile)
        assert ring.replay(trace) == trace
    usage = answer.usage
    computed = (usage.prompt_tokens * 2.0 + usage.completion_tokens * 10.0) / 1e6
    wanted = {"2 and 10": computed, "100 cached": computed - 2 * 100 * 1.5 / 1e6}.get(str(cost), cost)
    assert usage.cost == (pytest.approx(wanted) if wanted is not None else None)


def test_a_limit_on_cost_ends_the_run() -> None:
    def policy(body: Body, number: int) -> Turn | str:
        if "dollars is near" in body["messages"][-1]["content"]:
            return Turn(ANSWER, extra={"cost": 0.1})
        return Turn("", [("find", {"query": f"q{number}"})], extra={"cost": 0.4})

    with repository(RING) as repo, FakeEndpoint(policy) as endpoint:
        answer, _ = ask(repo, endpoint, Limits(cost=1.0), PRICED)
    assert answer.status == "incomplete" and answer.usage.cost == pytest.approx(0.9)
    assert answer.usage.steps == 3


def test_a_limit_on_cost_needs_a_price() -> None:
    with repository(RING) as repo, FakeEndpoint(script(ANSWER)) as endpoint:
        with pytest.raises(UsageError, match=r"needs the price of fake: say it in .*models\.toml"):
            ask(repo, endpoint, Limits(cost=1.0))
        assert not endpoint.requests


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("gpt-4o-mini", 128_000),
        ("openai/GPT-4.1-nano", 1_047_576),
        ("gpt-4", 8_192),
        ("o3-mini", 200_000),
        ("ours", None),
        ("olmo", None),
    ],
)
def test_windows_that_are_known(name: str, window: int | None) -> None:
    assert profile_of(name).window == window


def test_the_users_own_profiles_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "config" / "models.toml"
    own.parent.mkdir()
    own.write_text(
        '[[model]]\nname = "gpt-4o*"\ninput = 2.5\noutput = 10\ninstructions = "Be brief."\n'
        '[[model]]\nname = "*"\ntools = false\nwindow = 5000\n'
    )
    known = profile_of("gpt-4o", own)
    assert known.window == 128_000 and known.instructions == "Be brief." and known.tools is None
    assert known.prices == Prices(2.5, 10, 2.5)
    assert profile_of("ours", own) == Profile(window=5000, tools=False)
    assert profile_of("ours", tmp_path / "none.toml") == UNKNOWN
    monkeypatch.setenv("MEMLS_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    from memls.config import model_config

    made = make_model(model_config("gpt-4o"))
    assert isinstance(made, OpenAIModel) and made.profile == known


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[model]", "models.toml: "),
        ("model = 5", "it holds [[model]] entries and nothing else"),
        ('[[model]]\nname = "a"\n[other]', "it holds [[model]] entries and nothing else"),
        ("[[model]]\nwindow = 5", "each [[model]] needs a name"),
        ('[[model]]\nname = "a"\nprice = 5', "a: unknown key 'price'; known: name, window"),
        ('[[model]]\nname = "a"\nwindow = "5"', "a: window must be a number"),
        ('[[model]]\nname = "a"\nwindow = true', "a: window must be a number"),
        ('[[model]]\nname = "a"\ninput = -1', "a: input must be a number"),
        ('[[model]]\nname = "a"\ntools = "no"', "a: tools must be true or false"),
        ('[[model]]\nname = "a"\ninstructions = 1', "a: instructions must be a text"),
        ('[[model]]\nname = "a"\nsummary = false', 'a: summary must be "model" or "extractive"'),
        ('[[model]]\nname = "a"\nsummary = "never"', 'a: summary must be "model" or "extractive"'),
    ],
)
def test_a_profile_that_is_wrong(text: str, told: str, tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    own.write_text(text)
    with pytest.raises(UsageError) as caught:
        profile_of("b", own)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_model_is_told_what_its_profile_says() -> None:
    with repository(RING) as repo, FakeEndpoint(script(ANSWER, ANSWER)) as endpoint:
        _, trace = ask(repo, endpoint, Limits(), Profile(instructions="Answer in French."))
        system = endpoint.requests[0].body["messages"][0]["content"]
        assert system.startswith(INSTRUCTIONS) and system.endswith("Answer in French.")
        assert repo.replay(trace) == trace


def test_a_profile_may_have_a_prompt_of_its_own() -> None:
    with repository(RING) as repo, FakeEndpoint(script(ANSWER, ANSWER)) as endpoint:
        _, trace = ask(repo, endpoint, Limits(), Profile(prompt="Cite [path:1-2].", instructions="Briefly."))
        system = endpoint.requests[0].body["messages"][0]["content"]
        assert system == "Cite [path:1-2].\n\nBriefly."
        assert repo.replay(trace) == trace


@pytest.mark.parametrize("replies", [("", READ, READ), ("x [gone.py:1-2]", READ), (READ, "", READ), ("", "")])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_no_reply_makes_a_run_longer_than_its_limit(
    ring: Repo, replies: tuple[Turn | str, ...], steps: int
) -> None:
    """An empty reply and citations to be mended are tried again, but not beyond the limit."""
    turns = [Turn(finish="length") if reply == "" else reply for reply in replies]

    def policy(body: Body, number: int) -> Turn | str:
        return ANSWER if "Answer now" in body["messages"][-1]["content"] else turns[number % len(turns)]

    with FakeEndpoint(policy) as endpoint:
        answer, _ = ask(ring, endpoint, Limits(steps=steps))
    assert answer.usage.steps <= steps
    assert len(endpoint.requests) <= steps
