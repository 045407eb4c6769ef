"""Models against a real HTTP endpoint: what is streamed, what goes wrong, and in which words."""

import asyncio
import contextlib
import logging
import time
from typing import Any

import pytest
from conversation import (
    KEY,
    PROMPT,
    TOOLS,
    ask,
    clean_environment,
    closed_port,
    collect,
    fail,
    model_at,
    request,
    status,
)
from endpoint import FakeEndpoint, Turn, find_fault, script

from memls.errors import MemlsError, ModelError
from memls.models.base import Reply, TextDelta, ToolCall
from memls.models.replay import ReplayModel
from memls.models.scripted import ScriptedModel

__all__ = ["clean_environment"]

ONE = ToolCall("a", "find", '{"q": 1}')
MIXED = "Zeile eins — naïve café 日本語 🦊\u2028same line\n```python\nx = '\\u00e9'\n```\n" * 5


CALLS = [("find", {"query": "flüx", "limit": 3}), ("outline", {"path": "src/日本.py"}), ("find", "{broken")]
ARGUMENTS = ['{"query": "flüx", "limit": 3}', '{"path": "src/日本.py"}', "{broken"]


@pytest.mark.parametrize("shape", [{}, {"whole": True}, {"index": False}, {"close": True}, {"done": False}])
async def test_a_reply_survives_odd_chunks(shape: dict[str, Any]) -> None:
    with FakeEndpoint(lambda body, n: Turn(MIXED, CALLS, **shape), key=KEY) as endpoint:
        async with model_at(endpoint) as model:
            replies = [(await collect(model))[1] for _ in range(8)]
    for reply in replies:
        assert reply.text == MIXED
        assert [call.name for call in reply.calls] == ["find", "outline", "find"]
        assert [call.arguments for call in reply.calls] == ARGUMENTS
        assert len({call.id for call in reply.calls}) == 3
        assert reply.prompt_tokens == endpoint.requests[0].tokens
        assert reply.completion_tokens
        assert not reply.cut


async def test_what_is_sent() -> None:
    with FakeEndpoint(script("one", "two")) as endpoint:
        async with model_at(endpoint, api_key=None) as model:
            deltas, _ = await collect(model)
            await collect(model, request(tools=False))
    first, second = (received.body for received in endpoint.requests)
    assert deltas == ["one"]
    assert first == {
        "model": "fake",
        "messages": [{"role": "user", "content": PROMPT}],
        "max_tokens": 900,
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": TOOLS,
        "parallel_tool_calls": True,
    }
    assert "tools" not in second
    assert "parallel_tool_calls" not in second
    assert endpoint.requests[0].headers["authorization"] == "Bearer not-needed"


async def test_text_comes_before_the_reply_is_complete() -> None:
    with FakeEndpoint(script(Turn("x" * 4000, pause=0.02))) as endpoint:
        async with model_at(endpoint) as model:
            parts = model.stream(request(reply=9000))
            async with contextlib.aclosing(parts):
                start = time.monotonic()
                assert isinstance(await anext(parts), TextDelta)
                assert time.monotonic() - start < 4
            assert await asyncio.to_thread(endpoint.disconnected.wait, 2)


@pytest.mark.parametrize(("turn", "cut"), [(Turn("abc" * 99), True), (Turn("abc", finish="length"), True)])
async def test_a_reply_at_the_length_limit_is_cut(turn: Turn, cut: bool) -> None:
    with FakeEndpoint(script(turn)) as endpoint:
        assert (await ask(endpoint, request(reply=30))).cut is cut


@pytest.mark.parametrize(
    ("turns", "tries"),
    [
        pytest.param([status(429, retry_after=0.05), status(503, retry_after=0.05)], 3, id="by the client"),
        pytest.param([Turn(raw="data: {oops\n\n")], 2, id="broken before any text"),
        pytest.param([Turn("", CALLS, cut=500)], 2, id="cut before any text"),
        pytest.param([Turn(raw='data: {"error": {"code": 503, "message": "busy"}}\n\n')], 2, id="in stream"),
    ],
)
async def test_what_may_pass_is_tried_again(
    turns: list[Turn], tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memls.models.openai._BACK_OFF", 0.01)
    start = time.monotonic()
    with FakeEndpoint(script(*turns, "good")) as endpoint:
        assert (await ask(endpoint, retries=2)).text == "good"
    assert len(endpoint.requests) == tries
    assert time.monotonic() - start < 6


async def test_retry_after_is_respected_and_tries_are_bounded() -> None:
    with FakeEndpoint(lambda body, n: status(429, retry_after=0.15)) as endpoint:
        start = time.monotonic()
        error = await fail(endpoint, retries=2)
        assert 0.3 <= time.monotonic() - start < 4
    assert len(endpoint.requests) == 3
    assert "(HTTP 429 after 3 tries)" in str(error)


async def test_nothing_is_tried_again_after_text() -> None:
    with FakeEndpoint(script(Turn(MIXED, cut=2500), "never")) as endpoint:
        async with model_at(endpoint, retries=2) as model:
            got: list[str] = []
            with pytest.raises(ModelError, match="cut its reply off"):
                async for piece in model.stream(request()):
                    assert isinstance(piece, TextDelta)
                    got.append(piece.text)
    assert got
    assert MIXED.startswith("".join(got))
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("reject", "gone", "there"),
    [
        ({"stream_options": "Unrecognized request argument supplied: stream_options"}, "stream_options", ""),
        (
            {"parallel_tool_calls": "Extra inputs are not permitted: parallel_tool_calls"},
            "parallel_tool_calls",
            "",
        ),
        (
            {"max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model."},
            "max_tokens",
            "max_completion_tokens",
        ),
    ],
)
async def test_a_rejected_parameter_is_left_out_from_then_on(
    reject: dict[str, str], gone: str, there: str
) -> None:
    with FakeEndpoint(script("one", "two"), reject=reject) as endpoint:
        async with model_at(endpoint) as model:
            await collect(model)
            await collect(model)
    assert [gone in received.body for received in endpoint.requests] == [True, False, False]
    assert not there or endpoint.requests[-1].body[there] == 900


async def test_all_parameters_rejected_at_once_and_an_endless_refusal() -> None:
    names = ("stream_options", "parallel_tool_calls", "max_tokens")
    with FakeEndpoint(script("good"), reject={name: f"unknown field {name}" for name in names}) as endpoint:
        assert (await ask(endpoint)).text == "good"
    with FakeEndpoint(lambda body, n: status(400, "unsupported: stream_options, max_tokens")) as endpoint:
        assert "unsupported: stream_options" in str(await fail(endpoint))
    assert len(endpoint.requests) == 3


async def test_cancelling_ends_the_request_at_once() -> None:
    for turn in (Turn("never", wait=30), Turn("slow " * 99, pause=0.5)):
        with FakeEndpoint(script(turn)) as endpoint:
            task = asyncio.create_task(ask(endpoint, timeout=60))
            assert await asyncio.to_thread(endpoint.received.wait, 5)
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(endpoint.disconnected.wait, 2)


async def test_the_connection_serves_again() -> None:
    with FakeEndpoint(lambda body, n: f"{n}") as endpoint:
        async with model_at(endpoint) as model:
            start = time.monotonic()
            replies = [await collect(model) for _ in range(5)]
            assert time.monotonic() - start < 4
            many = await asyncio.gather(*(collect(model) for _ in range(5)))
    assert [reply.text for _, reply in replies] == list("01234")
    assert sorted(reply.text for _, reply in many) == list("56789")


async def test_the_prompt_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), FakeEndpoint(script("secret answer", status(400, "no"))) as endpoint:
        await ask(endpoint)
        await fail(endpoint)
    assert "capacitor" not in caplog.text
    assert KEY not in caplog.text


async def test_text_that_is_not_unicode_is_sent_all_the_same() -> None:
    with FakeEndpoint(script("good")) as endpoint:
        await ask(endpoint, request("file \udcff.py"))
    assert endpoint.requests[0].body["messages"][0]["content"] == "file ?.py"


VLLM = {"id": "fake", "max_model_len": 32768}
PROPS = {"default_generation_settings": {"n_ctx": 4096}}
STUDIO = {"data": [{"id": "fake", "max_context_length": 131072, "loaded_context_length": 8192}]}
UNLOADED = {"data": [{"id": "fake", "max_context_length": 131072}, {"id": "b", "loaded_context_length": 9}]}
OLLAMA = {"models": [{"name": "fake:latest", "model": "fake:latest", "context_length": 16384}]}
OTHER = {"models": [{"name": "other", "model": "other", "context_length": 16384}]}


@pytest.mark.parametrize(
    ("models", "routes", "window"),
    [
        ([VLLM, {"id": "other", "max_model_len": 1}], {}, 32768),
        ([{"id": "other", "max_model_len": 2048}], {}, 2048),
        ([{"id": "other", "max_model_len": 2048}, {"id": "third"}], {}, None),
        ([{"id": "fake", "meta": {"n_ctx_train": 131072}}], {"/props": PROPS}, 4096),
        (["fake"], {"/api/v0/models": STUDIO}, 8192),
        (["fake"], {"/api/ps": OLLAMA}, 16384),
        (["fake"], {"/api/v0/models": UNLOADED, "/api/ps": OTHER}, None),
        (["fake"], {"/props": ["?"], "/api/ps": {"models": "?"}}, None),
    ],
)
async def test_the_window_is_discovered(
    models: list[Any], routes: dict[str, Any], window: int | None
) -> None:
    with FakeEndpoint(script(), models=models, routes=routes) as endpoint:
        async with model_at(endpoint) as model:
            assert await model.discover_window() == window


async def test_no_window_is_discovered_where_nobody_listens() -> None:
    async with model_at(f"http://127.0.0.1:{closed_port()}/v1") as model:
        assert await model.discover_window() is None


async def test_replay_gives_what_was_recorded_and_then_says_so() -> None:
    recorded = [(["a", "bc"], Reply("abc", prompt_tokens=3)), ([], Reply("", (ONE,)))]
    model = ReplayModel("old", recorded)
    assert [await collect(model), await collect(model)] == recorded
    with pytest.raises(MemlsError) as caught:
        await collect(model)
    assert str(caught.value) == (
        'the recording of model "old" has 2 calls and one more was made:'
        " this run differs from the recorded one; record it again"
    )


async def test_scripted_sees_its_requests_only() -> None:
    model = ScriptedModel(lambda asked: Reply(asked.messages[-1]["content"], (ONE,)), window=4096)
    texts, reply = await collect(model)
    assert reply == Reply(PROMPT, (ONE,))
    assert [len(text) for text in texts] == [7, 7, 7, 7]
    assert model.requests == [request()]
    assert model.window == 4096


def tool(identity: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": "found"}


ASKED = {"role": "user", "content": "?"}
CALLED = {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}, {"id": "b"}]}


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ([ASKED, CALLED, tool("b"), tool("a"), ASKED], None),
        ([ASKED, CALLED, tool("a"), ASKED], "must be followed by tool messages responding to each"),
        ([ASKED, CALLED, tool("a")], "without response: b"),
        ([ASKED, tool("a")], "must be a response to a preceeding message"),
        ([ASKED, CALLED, tool("a"), tool("a")], "must be a response to a preceeding message"),
        ([{"role": "assistant", "content": None}], "expected a string, got null"),
        ([{"role": "page", "content": "x"}], "Invalid value: 'page'"),
    ],
)
def test_the_endpoint_is_as_strict_as_openai(messages: list[dict[str, Any]], fault: str | None) -> None:
    found = find_fault(messages)
    assert (found is None) if fault is None else (fault in (found or ""))


async def test_an_error_in_a_policy_reaches_the_test() -> None:
    with pytest.raises(ZeroDivisionError), FakeEndpoint(lambda body, n: f"{1 // n}") as endpoint:
        await fail(endpoint)
