"""A model endpoint that errs at random, over a repository that is edited all the while.

Everything a provider and a weak model do wrong, over real HTTP, its own count a third above ours;
`MEMLS_CHAOS` steps (10,000 for a long run) at each of three windows. No request is above the window, no page
of a request is stale, nothing that was said is lost, and every run ends: with an answer or one clear line.
"""

import asyncio
import json
import os
import random
from typing import Any

import pytest
from endpoint import Body, FakeEndpoint, Turn

from memls.agent.interrupts import InterruptQueue
from memls.agent.prompts import SUMMARY
from memls.errors import ContextOverflowError, ModelError
from memls.events import Interrupt
from memls.models.base import Request
from memls.models.openai import OpenAIModel
from memls.tokens import count_request
from tests.repository import Repo, check_pages, check_protocol, repository, varied

STEPS = int(os.environ.get("MEMLS_CHAOS", "60"))
FACTOR = 1.3
LIMIT = 12
"""Steps of one question."""
NAMES = (
    "small",
    "other",
    "huge",
    "wide",
    "Members",
    "Members.method_3",
    "Members.method_40",
    "函數_7",
    "nothing",
)
PATHS = (
    "small.py",
    "pkg/huge.py",
    "pkg/members.py",
    "pkg/cjk.py",
    "docs/notes.md",
    "one_line.txt",
    "gone.py",
)


class Chaos:
    """The policy of the endpoint. It edits the repository before it answers, and only where it does answer:
    a client that sends the same request again after an error would rightly show the text of before."""

    def __init__(self, repo: Repo, window: int, seed: int) -> None:
        self.repo, self.window = repo, window
        self.dice = random.Random(seed)
        self.interrupts = InterruptQueue()
        self.said: list[str] = []
        self.problems: list[str] = []
        self.over = self.summaries = 0

    def __call__(self, body: Body, number: int) -> Turn | str:
        try:
            self._check(body)
        except AssertionError as error:
            self.problems.append(f"request {number}: {error}")
        dice = self.dice
        if dice.random() < 0.12:
            return self._fault()
        if dice.random() < 0.01:
            return Turn("")  # an error too: the client asks again
        if body["messages"][0]["content"] == SUMMARY:
            self.summaries += 1
            if dice.random() < 0.8:
                self._edit()
                return self._notes()
        if dice.random() < 0.1:
            self.said.append(f"message {len(self.said)} of the user")
            self.interrupts.user(self.said[-1])
        self._edit()
        kind = dice.random()
        if kind < 0.12:
            return Turn(self._answer())
        if kind < 0.2:
            return dice.choice(_WRONG)
        calls = [self._call() for _ in range(dice.choice((1, 1, 1, 2, 3, 30)))]
        return Turn(
            dice.choice(("", "Let me look.")), calls, index=dice.random() < 0.9, usage=dice.random() < 0.8
        )

    def _check(self, body: Body) -> None:
        request = Request(body["messages"], body.get("tools", []), body.get("max_tokens", 0))
        check_protocol(request)
        check_pages(request, self.repo)
        size = count_request(request.messages, request.tools) + request.max_completion_tokens
        assert size <= self.window, f"{size} tokens by our own count"

    def _fault(self) -> Turn:
        dice = self.dice
        return dice.choice((
            Turn(status=429, retry_after=0, message="slow down"),
            Turn(status=500),
            Turn(status=503, error={"detail": [{"loc": ["x"], "msg": "odd", "input": "secret"}]}),
            Turn("Half an ans", cut=dice.randint(1, 300)),
            Turn("Half an answer", close=True, cut=dice.randint(1, 300)),
            Turn(raw="data: {not json\n\n"),
            Turn(raw="<html>bad gateway</html>", content_type="text/html"),
            Turn(raw='data: {"error": {"message": "overloaded", "code": 529}}\n\n'),
            Turn(raw=""),
            Turn("slow", pause=0.002),
        ))  # fmt: skip

    def _notes(self) -> Turn:
        dice = self.dice
        line = dice.choice(("- p3 pkg/huge.py:3 evicts", "12|x = 1", "[p2] small.py:1-3", "- 函數_7 " * 30))
        return Turn("\n".join([line] * dice.choice((1, 3, 40))), finish=dice.choice((None, None, "length")))

    def _edit(self) -> None:
        """Something in the repository changes: lines, a whole file, its name, its being there."""
        dice, repo = self.dice, self.repo
        if dice.random() < 0.5:
            return
        path = dice.choice(PATHS)
        text = repo.read(path)
        if text is None:
            repo.write(path, "def back():\n    return 'again'\n")
            return
        lines = text.split("\n")
        kind = dice.randrange(5)
        if kind == 0:
            lines.insert(dice.randint(0, len(lines)), f"# inserted {dice.random()}")
        elif kind == 1 and len(lines) > 5:
            del lines[dice.randrange(len(lines)) :][:3]
        elif kind == 2:
            lines[dice.randrange(len(lines))] += f"  # changed {dice.random()}"
        elif kind == 3 and path == "small.py":
            (repo.root / path).unlink()
            return
        repo.write(path, "\n".join(lines))

    def _call(self) -> tuple[str, Any]:
        dice = self.dice
        target = dice.choice(
            (*NAMES, *PATHS, f"{dice.choice(PATHS)}:{dice.randint(1, 900)}-{dice.randint(1, 900)}")
        )
        return dice.choice((
            ("find", {"query": dice.choice((target, "where is the page evicted?", "x" * 3000, "")),
                      "kind": dice.choice(("ranked", "symbol", "text", "regex"))}),
            ("page_in", {"targets": [target] * dice.choice((1, 1, 3)),
                         "detail": dice.choice(("full", "outline"))}),
            ("page_in", {"targets": [f"p{dice.randint(0, 30)}"]}),
            ("page_out", {"pages": [f"p{dice.randint(0, 30)}"], "note": "line 3 evicts"}),
            ("references", {"symbol": target,
                            "kind": dice.choice(("callers", "callees", "importers"))}),
            ("outline", {"path": dice.choice((".", "pkg", target))}),
            ("remember", {"text": f"fact {dice.randint(0, 99)}",
                          "to": dice.choice(("task", "project", "archive"))}),
            ("recall", {"query": dice.choice(("fact", "message of the user", "")),
                        "when": dice.choice(("", "2026"))}),
            ("history", {"target": target}),
            ("page_in", '{"targets": ["small"'),
            ("page_in", {"targets": 5, "x": [1]}),
            ("page_in", {"targets": []}),
            ("rm -rf /", {}),
            ("find", "[]"),
            ("find", {"query": {"deep": [1]}}),
        ))  # fmt: skip

    def _answer(self) -> str:
        dice = self.dice
        cited = [
            f"[{dice.choice(PATHS)}:{dice.randint(1, 40)}-{dice.randint(1, 60)}]"
            for _ in range(dice.randint(0, 5))
        ]
        return "It is done there. " + " and ".join(cited) + "\x1b[31m" * (dice.random() < 0.2)


_WRONG = (
    Turn("x" * 60_000),
    Turn("", finish="length"),
    Turn("cut off by", finish="length"),
    Turn("", [("find", {"query": "same"})], ids=False),
    Turn("", [("page_in", {"targets": ["x" * 20_000]})]),
    Turn("ok", finish="content_filter"),
    Turn("no usage", usage=False, done=False),
    Turn("whole body", whole=True),
)


async def _converse(repo: Repo, endpoint: FakeEndpoint, chaos: Chaos, window: int) -> list[str]:
    """Questions until there were enough steps; what each ended with."""
    endings: list[str] = []
    questions = 0
    while endpoint.turns < STEPS:
        questions += 1
        session = f"s{questions % 3}"
        model = OpenAIModel("fake", endpoint.url, "sk-test-0123456789", 20.0, window, retries=1)
        told: list[str] = []
        before = len(chaos.said)

        def seen(event: object, told: list[str] = told) -> None:
            if isinstance(event, Interrupt) and event.kind == "user":
                told.append(event.text)

        try:
            run = await repo.ask_model(
                f"Question {questions}: what evicts a page?", model, session=session, steps=LIMIT,
                interrupts=chaos.interrupts, seen=seen,
            )  # fmt: skip
            assert run.answer.usage.steps <= LIMIT
            endings.append(run.answer.status)
        except ContextOverflowError as error:
            chaos.over += 1
            endings.append(_line(error))
        except ModelError as error:
            endings.append(_line(error))
        finally:
            await model.close()
        said = chaos.said[before:]
        kept = [m.content for m in repo.workspace.transcript(session)]
        assert f"Question {questions}: what evicts a page?" in kept
        assert all(text in kept or text in told for text in said[: len(told)])
    return endings


def _line(error: ModelError) -> str:
    text = str(error)
    assert "\n" not in text and "Traceback" not in text and "secret" not in text and "sk-test" not in text, (
        text
    )
    return text


@pytest.mark.slow
@pytest.mark.parametrize("window", [4096, 8192, 32_768])
def test_chaos(window: int, capfd: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("MEMLS_SEED", str(window)))
    print(f"seed {seed}")
    with repository(varied(seed)) as repo:
        chaos = Chaos(repo, window, seed)
        with FakeEndpoint(chaos, limit=window, factor=FACTOR, seed=seed) as endpoint:
            endings = asyncio.run(_converse(repo, endpoint, chaos, window))
            refused = [one for one in endpoint.requests if one.status == 400]
            assert not chaos.problems, (seed, chaos.problems[:3])
            assert len(refused) <= 0.1 * len(endpoint.requests) + 5, (seed, len(refused))
            assert chaos.summaries or STEPS < 1000 or window > 8192, seed
            assert chaos.over == 0 and len(endings) >= 2, (seed, endings[-3:])
        while chaos.interrupts.take().messages:
            pass
        roles = {m.role for m in repo.workspace.transcript("s1")}
        assert {"user", "assistant", "tool"} <= roles
        check_memory(repo)
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err and "Traceback" not in captured.out


def check_memory(repo: Repo) -> None:
    """What is saved can be opened again, and exported and imported as it is."""
    before = json.loads(repo.workspace.export_memory("json"))
    repo.close()
    for session in before["sessions"]:
        repo.workspace.context(session["name"])
    assert json.loads(repo.workspace.export_memory("json")) == before
