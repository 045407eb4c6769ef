"""What goes wrong at an endpoint, and in which words: one line, no key, no prompt."""

import json
from collections.abc import Callable

import pytest
from conversation import KEY, PROMPT, clean_environment, closed_port, fail, request, status
from endpoint import FakeEndpoint, Turn, script

from memls.errors import ContextOverflowError, UsageError
from memls.models.failures import Endpoint, Refusal
from memls.models.openai import OpenAIModel

__all__ = ["clean_environment"]


AT = "the model endpoint URL "
BROKEN = [
    (Turn(raw="data: {oops\n\n"), "sent malformed JSON in its reply"),
    (Turn(raw="data: [1]\n\n"), "sent JSON that is no chat completion"),
    (Turn(raw='data: {"choices": [{"delta": [1]}]}\n\n'), "sent a chunk that is no chat completion"),
    (Turn(""), "gave an empty reply"),
    (Turn(raw=""), "cut its reply off before the end"),
    (Turn(finish=""), "gave an empty reply"),
    (Turn("hello", cut=300), "cut its reply off before the end"),
    (Turn("hello " * 9, cut=700, close=True), "cut its reply off before the end"),
    (Turn("hello", finish="", done=False), "cut its reply off before the end"),
    (Turn("hello", finish="error"), "stopped the reply with an error of its own"),
]


@pytest.mark.parametrize(("turn", "what"), BROKEN)
async def test_a_broken_reply_is_an_error_that_may_pass(turn: Turn, what: str) -> None:
    with FakeEndpoint(script(turn)) as endpoint:
        error = await fail(endpoint)
    assert str(error) == f'{AT}{what} (model "fake"); ask again'.replace("URL", endpoint.url)
    assert error.retryable


REFUSED: list[tuple[Turn, str, bool]] = [
    (
        status(401, f"Incorrect API key provided: {KEY}"),
        AT + "rejected the API key (HTTP 401); set OPENAI_API_KEY to a valid one",
        False,
    ),
    (
        status(403, f"Key {KEY} may\nnot\x1b[31m"),
        AT + 'does not allow this key to use model "fake" (HTTP 403): Key *** may not\\x1b[31m;'
        " check the key's permissions, or choose another model",
        False,
    ),
    (
        status(400, "tools are not for me"),
        AT + 'refused the request for model "fake" (HTTP 400): tools are not for me;'
        " check the model and the server's options",
        False,
    ),
    (
        status(422, error={"detail": [{"loc": ["body", "top"], "msg": "bad", "input": PROMPT}]}),
        AT + 'refused the request for model "fake" (HTTP 422): body.top: bad;'
        " check the model and the server's options",
        False,
    ),
    (
        status(400, error={"error": f"no key provided: [{{'msg': 'bad', 'input': '{PROMPT}'}}]"}),
        AT + "refused the request for model \"fake\" (HTTP 400): no key provided: [{'msg': 'bad', …;"
        " check the model and the server's options",
        False,
    ),
    (
        status(429, "Slow down."),
        AT + 'limits the rate of model "fake" (HTTP 429): Slow down; wait and ask again',
        True,
    ),
    (
        status(429, "You exceeded your current quota", code="insufficient_quota"),
        AT + "has no quota left for this key (HTTP 429); check its plan and billing",
        False,
    ),
    (
        status(503, "Overloaded"),
        AT + 'failed on model "fake" (HTTP 503): Overloaded; ask again, or look at the server\'s log',
        True,
    ),
    (
        Turn(raw='data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n'),
        AT + 'failed on model "fake" (HTTP 500): CUDA out of memory; ask again, or look at the server\'s log',
        True,
    ),
    (
        Turn(raw="<html><title>chat</title></html>", content_type="text/html"),
        AT + 'answered with a web page instead of a reply: check the address, most end in /v1 (model "fake")',
        False,
    ),
    (
        Turn("x", finish="content_filter"),
        AT + 'stopped the reply by its content filter (model "fake")',
        False,
    ),
]


@pytest.mark.parametrize(("turn", "line", "retryable"), REFUSED)
async def test_each_refusal_has_its_line(turn: Turn, line: str, retryable: bool) -> None:
    with FakeEndpoint(script(turn)) as endpoint:
        error = await fail(endpoint)
    assert str(error) == line.replace("URL", endpoint.url)
    assert error.retryable is retryable


async def test_a_wrong_key_and_a_missing_key() -> None:
    with FakeEndpoint(script("never"), key="sk-right") as endpoint:
        assert "rejected the API key (HTTP 401)" in str(await fail(endpoint))
        assert "wants an API key (HTTP 401); set OPENAI_API_KEY" in str(await fail(endpoint, api_key=None))


async def test_an_unknown_model_lists_known_ones() -> None:
    with FakeEndpoint(script("never"), models=[f"m{n}" for n in range(7)]) as endpoint:
        line = str(await fail(endpoint))
        assert 'has no model "fake"; it has m0, m1, m2, m3, m4 and 2 more; choose one with' in line
        line = str(await fail(endpoint.url.replace("/v1", "/other")))
        assert 'answers 404 for model "fake": Invalid URL (POST /other/chat/completions); check the' in line


async def test_no_server_and_no_host() -> None:
    url = f"http://user:secret@127.0.0.1:{closed_port()}/v1?token=hidden"
    error = await fail(url)
    port = url.partition("@")[2].partition("/")[0]
    assert str(error) == (
        f"cannot reach the model endpoint http://{port}/v1: connection refused;"
        " is it running? check OPENAI_BASE_URL"
    )
    assert error.retryable
    assert "unknown host name" in str(await fail("http://no-such-host.invalid/v1"))


async def test_timeouts() -> None:
    with FakeEndpoint(lambda body, n: Turn("hello " * 50, wait=0.5 * (n == 0), pause=0.1 * n)) as endpoint:
        line = str(await fail(endpoint, read_timeout=0.1))
        assert 'did not answer within 0.1 s (model "fake"); ask again, allow more time' in line
        assert "did not finish its reply within 0.4 s" in str(await fail(endpoint, timeout=0.4))
        line = str(await fail(endpoint, timeout=5, read_timeout=0.15))
        assert "sent nothing more within 0.15 s" in line


def test_a_wrong_value_is_no_unknown_parameter() -> None:
    text = "max_tokens is too large: 100000. This model supports at most 16384 completion tokens"
    assert not Refusal.read(400, {"message": text}).rejects("max_tokens")
    text = "Unsupported parameter: 'max_completion_tokens'"
    assert not Refusal.read(400, {"message": text}).rejects("max_tokens")


async def test_too_long_is_refused_with_numbers() -> None:
    with FakeEndpoint(script("never"), limit=1000, factor=1.3) as endpoint:
        error = await fail(endpoint, request("word " * 2000))
        assert isinstance(error, ContextOverflowError)
        counted = endpoint.requests[0].tokens
        assert (error.limit, error.counted) == (1000, counted)
        assert str(error) == (
            f'the model endpoint {endpoint.url} counted {counted:,} tokens for model "fake";'
            " its limit is 1,000; ask with a smaller --window"
        )
        error = await fail(endpoint, request("word " * 100))
        assert isinstance(error, ContextOverflowError)
        assert error.counted == endpoint.requests[1].tokens


async def test_overflows_that_come_in_other_ways() -> None:
    numbers = {"type": "exceed_context_size_error", "n_prompt_tokens": 1407, "n_ctx": 256}
    error = {"error": {"code": 400, "message": "the request exceeds the available context size", **numbers}}
    for turn in (
        Turn(status=400, error=error),
        Turn(raw=f"data: {json.dumps(error)}\n\n"),
        Turn(raw=f"error: {json.dumps(error['error'])}\n\n"),
        Turn(raw=json.dumps(error), content_type="application/json"),
    ):
        with FakeEndpoint(script(turn)) as endpoint:
            found = await fail(endpoint, retries=2)
            assert isinstance(found, ContextOverflowError), found
            assert (found.limit, found.counted) == (256, 1407)
            assert len(endpoint.requests) == 1
    with FakeEndpoint(script(status(413, "Request Entity Too Large"))) as endpoint:
        assert isinstance(await fail(endpoint), ContextOverflowError)


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: OpenAIModel("m"), "no API key for api.openai.com: set OPENAI_API_KEY, or OPENAI_BASE_URL"),
        (
            lambda: OpenAIModel("m", "localhost:1234"),
            '"localhost:1234" is no address of a model endpoint: write it',
        ),
        (lambda: OpenAIModel("m", "http://x:99999/v1"), "is no address of a model endpoint"),
        (lambda: OpenAIModel("m", "http://x/v1", "sk-a\nb"), "the API key has a character that no key has"),
    ],
)
def test_wrong_configuration(make: Callable[[], OpenAIModel], line: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert line in str(caught.value)


def test_only_openai_itself_gets_the_newer_name_of_the_limit() -> None:
    for url, name in ((None, "max_completion_tokens"), ("http://notopenai.com/v1", "max_tokens")):
        assert name in OpenAIModel("m", url, KEY)._body(request())


def test_the_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://example.test/v1")
    assert OpenAIModel("m")._endpoint == Endpoint("http://example.test/v1", "m")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert KEY not in repr(OpenAIModel("m")._endpoint)
