"""Asking a model at an endpoint, as the tests of models do it."""

import contextlib
import importlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from endpoint import FakeEndpoint, Turn

from memls.errors import ModelError
from memls.models.base import Model, Reply, Request, TextDelta
from memls.models.openai import OpenAIModel

importlib.import_module("openai")  # so that no test has it on its clock

KEY = "sk-test-0123456789abcdef"
PROMPT = "Where is the flüx capacitor?"
TOOLS = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def request(text: str = PROMPT, *, tools: bool = True, reply: int = 900) -> Request:
    return Request([{"role": "user", "content": text}], TOOLS if tools else [], reply)


async def collect(model: Model, asked: Request | None = None) -> tuple[list[str], Reply]:
    """The deltas and the one Reply, which must be last and say the same."""
    parts = [part async for part in model.stream(asked or request())]
    *deltas, reply = parts
    assert isinstance(reply, Reply)
    texts = [delta.text for delta in deltas if isinstance(delta, TextDelta)]
    assert len(texts) == len(deltas)
    assert "".join(texts) == reply.text
    return texts, reply


@contextlib.asynccontextmanager
async def model_at(endpoint: FakeEndpoint | str, **options: Any) -> AsyncIterator[OpenAIModel]:
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    given: dict[str, Any] = {"api_key": KEY, "retries": 0, "timeout": 5.0} | options
    model = OpenAIModel("fake", url, **given)
    try:
        yield model
    finally:
        await model.close()


async def ask(endpoint: FakeEndpoint | str, asked: Request | None = None, **options: Any) -> Reply:
    async with model_at(endpoint, **options) as model:
        return (await collect(model, asked))[1]


async def fail(endpoint: FakeEndpoint | str, asked: Request | None = None, **options: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(endpoint, asked, **options)
    line = str(caught.value)
    assert "\n" not in line
    assert KEY not in line
    assert PROMPT not in line
    return caught.value


def status(number: int, message: str = "Oh no", **rest: Any) -> Turn:
    """An answer that is an error."""
    return Turn(status=number, message=message, **rest)


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
