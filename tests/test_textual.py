"""Function calls in plain text: what is sent, what is read, and a question to a server without."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from conversation import KEY, ask, clean_environment, collect, model_at, request
from endpoint import Body, FakeEndpoint, Turn, script
from hypothesis import given
from hypothesis import strategies as st

from memls.agent.functions import SCHEMAS
from memls.agent.prompts import INSTRUCTIONS
from memls.models.base import Reply, Request
from memls.models.openai import OpenAIModel
from memls.models.profiles import Profile
from memls.models.textual import Curtain, as_text, with_calls
from memls.tokens import count_request
from tests.repository import repository

__all__ = ["clean_environment"]

CALL = '{"name": "find", "arguments": {"query": "x"}}'
FENCED = f"```call\n{CALL}\n```"


@pytest.mark.parametrize(
    ("text", "left", "calls"),
    [
        (FENCED, "", [("find", {"query": "x"})]),
        (f"Let me look.\n\n{FENCED}\n{FENCED}", "Let me look.", [("find", {"query": "x"})] * 2),
        (f"```call\n{CALL}\n{CALL}", "", [("find", {"query": "x"})] * 2),
        (f"```call\n[{CALL},\n{CALL}]\n```", "", [("find", {"query": "x"})] * 2),
        (f"<tool_call>{CALL}</tool_call>", "", [("find", {"query": "x"})]),
        (f"<tool_call>\n{CALL}", "", [("find", {"query": "x"})]),
        (f"[TOOL_CALLS][{CALL}]", "", [("find", {"query": "x"})]),
        (
            '```call\n{"name": "find", "parameters": {"query": "a\nb"}}\n```',
            "",
            [("find", {"query": "a\nb"})],
        ),
        ('```call\n{"function": {"name": "outline", "arguments": "{}"}}\n```', "", [("outline", {})]),
        ('```call\n{"name": "outline"}\n```', "", [("outline", {})]),
        ("The `call` function:\n```python\ncall()\n```", "The `call` function:\n```python\ncall()\n```", []),
        ("plain", "plain", []),
    ],
)
def test_calls_are_read(text: str, left: str, calls: list[tuple[str, Any]]) -> None:
    reply = with_calls(Reply(text))
    assert reply.text == left
    assert [(call.name, json.loads(call.arguments)) for call in reply.calls] == calls
    assert len({call.id for call in reply.calls}) == len(calls)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ('{"name": "find", "arguments": {"query": ', "find"),
        ("find(query=x)", ""),
        ("5", ""),
        ("[[]]", ""),
    ],
)
def test_a_broken_call_is_a_call_that_will_be_refused(block: str, name: str) -> None:
    (call,) = with_calls(Reply(f"```call\n{block}\n```")).calls
    assert call.name == name and call.arguments


@given(
    st.lists(st.sampled_from(["a", "`", "```", "``", "call", "<tool", "_call>", "\n", "[TOOL", "é", FENCED]))
)
def test_the_curtain_hides_calls_and_loses_nothing(pieces: list[str]) -> None:
    curtain = Curtain()
    shown = "".join(curtain.pass_on(piece) for piece in pieces)
    whole = "".join(pieces)
    assert whole.startswith(shown)
    assert not any(mark in shown for mark in ("```call", "<tool_call>", "[TOOL_CALLS]"))
    assert shown + curtain.rest(calls=False) == whole


def test_what_a_model_without_tools_reads() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": "Where?"},
        {"role": "user", "content": "[system interrupt] pressure"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "find", "arguments": '{"query": "x"}'}},
                {"id": "b", "type": "function", "function": {"name": "outline", "arguments": ""}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1 match"},
        {"role": "tool", "tool_call_id": "b", "content": "a.py"},
        {"role": "user", "content": "Go on."},
    ]
    native = Request(messages, SCHEMAS, 900)
    text = as_text(native)
    assert text.tools == [] and text.max_completion_tokens == 900
    assert [m["role"] for m in text.messages] == ["system", "user", "assistant", "user"]
    assert all(set(m) == {"role", "content"} for m in text.messages)
    system, asked, made, results = (m["content"] for m in text.messages)
    assert "- page_in(targets: strings, detail?: full|outline): Read code." in system
    assert asked == "Where?\n\n[system interrupt] pressure"
    assert with_calls(Reply(made)).calls[0].arguments == '{"query": "x"}'
    assert [call.name for call in with_calls(Reply(made)).calls] == ["find", "outline"]
    assert results == "[find]\n1 match\n\n[outline]\na.py\n\nGo on."
    assert count_request(text.messages, []) <= count_request(native.messages, native.tools)
    assert messages[0]["content"] == INSTRUCTIONS  # what was given is as it was


REFUSALS = [
    (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    (500, "tools param requires --jinja flag"),
    (404, "No endpoints found that support tool use. Try disabling it."),
]


@pytest.mark.parametrize(("status", "message"), REFUSALS)
async def test_a_server_that_refuses_tools_gets_text(status: int, message: str) -> None:
    def policy(body: Body, number: int) -> Turn | str:
        return Turn(status=status, message=message) if body.get("tools") else Turn(f"Looking. {FENCED}")

    with FakeEndpoint(policy, key=KEY) as endpoint:
        async with model_at(endpoint) as model:
            for _ in range(2):
                parts = [part async for part in model.stream(request())]
                reply = parts[-1]
                assert isinstance(reply, Reply) and [call.name for call in reply.calls] == ["find"]
                assert "".join(part.text for part in parts[:-1]).strip() == "Looking."
        refused = [one for one in endpoint.requests if one.body.get("tools")]
        assert len(endpoint.requests) == 3 and len(refused) == 1


async def test_a_call_in_the_text_of_a_server_that_takes_tools() -> None:
    """Only at the end of the reply, and only of a function that there is: an answer may speak of calls."""
    query = '{"name": "find", "arguments": {"q": 1}}'
    read = await _parts(f"<tool_call>{query}</tool_call>")
    assert [call.name for call in read.calls] == ["find"] and read.text == ""
    for text in (
        f"Models write <tool_call>{query}</tool_call> there [a.py:1-2].",
        f"<tool_call>{query.replace('find', 'other')}</tool_call>",
        "It ends in ```call\nand no call",
    ):
        reply = await _parts(text)
        assert reply.text == text and not reply.calls


async def _parts(text: str) -> Reply:
    with FakeEndpoint(script(text), key=KEY) as endpoint:
        async with model_at(endpoint) as model:
            parts = [part async for part in model.stream(request())]
    reply = parts[-1]
    assert isinstance(reply, Reply)
    if not reply.calls:
        assert "".join(part.text for part in parts[:-1]) == text
    return reply


async def test_a_plain_request_is_left_alone() -> None:
    with FakeEndpoint(script(FENCED), key=KEY) as endpoint:
        reply = await ask(endpoint, request(tools=False), profile=Profile(tools=False))
    assert reply.text == FENCED and not reply.calls


def test_a_question_to_a_model_that_only_reads_text() -> None:
    """From the question to checked citations, at the smallest window, without one tool in a request."""

    def policy(body: Body, number: int) -> Turn | str:
        if body.get("tools"):
            return Turn(status=400, message="this model does not support tools")
        said = "\n".join(message["content"] for message in body["messages"])
        if "[page_in]" not in said:
            call = {"name": "page_in", "arguments": {"targets": ["ring.py:evict"]}}
            return f"```call\n{json.dumps(call)}\n```"
        return "The oldest goes [ring.py:1-2]."

    with (
        repository({"ring.py": "def evict(pages):\n    return pages.pop(0)\n"}) as repo,
        FakeEndpoint(policy, limit=4096) as endpoint,
    ):
        model = OpenAIModel("fake", endpoint.url, KEY, window=4096)
        run = asyncio.run(repo.ask_model("What is evicted first?", model))
        roles = [[m["role"] for m in one.body["messages"]] for one in endpoint.requests if one.status == 200]
    assert run.answer.status == "answered"
    assert [citation.status for citation in run.answer.citations] == ["verified"]
    assert all(first != second for row in roles for first, second in pairwise(row))


async def test_text_that_only_looks_like_a_call_is_streamed() -> None:
    with FakeEndpoint(script("a ```c block and <tool box"), key=KEY) as endpoint:
        async with model_at(endpoint) as model:
            texts, reply = await collect(model)
    assert "".join(texts) == reply.text
