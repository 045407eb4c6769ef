"""Any OpenAI-compatible endpoint, over chat completions: the only importer of `openai`.

The client is imported at the first request, in a thread: that takes more than a second. What can be retried
is: before the reply begins by the client itself, after that here, and never once text was given out.
"""

import asyncio
import importlib
import json
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from memls.errors import ModelError, UsageError
from memls.models.base import Reply, Request, TextDelta
from memls.models.chunks import DONE, Assembly, EventStream, MalformedError, parse_event
from memls.models.failures import BrokenReplyError, Endpoint, Refusal
from memls.models.profiles import EXTRACTIVE, UNKNOWN, Profile
from memls.models.textual import Curtain, as_text, with_calls, with_stray_calls
from memls.text import shorten, visible
from memls.tokens import count, count_request

if TYPE_CHECKING:
    import openai

DEFAULT_URL = "https://api.openai.com/v1"
NO_KEY = "not-needed"
"""Sent where a server of one's own was given no key: the client wants some."""

_CONNECT_TIMEOUT = 10.0
_LOOKUP_TIMEOUT = 3.0
_AFTER_FINISH = 5.0
"""Seconds to wait for usage and `[DONE]` once the reply is complete."""
_AFTER_DONE = 0.2
"""Seconds to wait for the end of the body after `[DONE]`, so that the connection can serve again."""
_BACK_OFF = 0.5

_OPTIONAL = ("stream_options", "parallel_tool_calls")
_WINDOW_FIELDS = (
    "max_model_len",  # vLLM, SGLang
    "n_ctx",  # llama.cpp
    "context_length",  # OpenRouter, Together
    "context_window",  # Groq
    "max_context_length",  # Mistral
)
_LOADED_FIELDS = ("loaded_context_length", "context_length")
"""In LM Studio's and Ollama's own listings: what a model was loaded with."""


class OpenAIModel:
    """The model `name` at `base_url`; both default to what the environment says, as in every OpenAI client.

    `timeout` is for one whole call with its retries, `read_timeout` for the wait until the first and the
    next piece, in seconds. `retries` is how often a failed request is sent again. `profile` is what is
    known of the model besides: a server that refuses tools is noticed without it. Use one object in one
    event loop. Raises UsageError where the key or the address cannot be right.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 900.0,
        window: int | None = None,
        *,
        read_timeout: float = 300.0,
        retries: int = 2,
        profile: Profile = UNKNOWN,
    ) -> None:
        url = (base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL).strip()
        key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip()
        host = _host(url)
        self._official = f".{host}".endswith((".openai.com", ".openai.azure.com"))
        if not key and self._official:
            raise UsageError(
                f"no API key for {host}: set OPENAI_API_KEY, or OPENAI_BASE_URL for another model server"
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError("the API key has a character that no key has: check OPENAI_API_KEY")
        self.name, self.window, self.timeout = name, window, timeout
        self.read_timeout, self.retries = min(read_timeout, timeout), retries
        self._key = key
        self._endpoint = Endpoint(url, name, key)
        # Ollama and others silently ignore the newer name, and OpenAI's newer models refuse the older one.
        self._limit_name = "max_completion_tokens" if self._official else "max_tokens"
        self._rejected: set[str] = set()
        self.profile = profile
        self.summarises = profile.summary != EXTRACTIVE
        self._textual = profile.tools is False
        self._client: openai.AsyncOpenAI | None = None

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """Text as it comes, then one Reply. Raises ModelError or ContextOverflowError.

        Give it to `contextlib.aclosing` where the loop over it may be left early: that ends the request.
        """
        deadline = _now() + self.timeout
        for attempt in range(self.retries + 1):
            given = False
            try:
                async with aclosing(self._attempt(request, deadline)) as parts:
                    async for part in parts:
                        given = True
                        yield part
                return
            except BrokenReplyError:
                if given or attempt == self.retries:
                    raise
            await asyncio.sleep(_BACK_OFF * 2**attempt)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def discover_window(self) -> int | None:
        """The context size in tokens as the server tells it, or None. Never fails, takes 3 s at most.

        Only sizes that are in force count: the length a model was trained for says nothing of the memory
        that its server gave it.
        """
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT):
                entries = _entries(await self._get("models"))
                entry = _entry(entries, self.name) or (entries[0] if len(entries) == 1 else {})
                found = _size(entry) or _size(entry.get("meta"))
                if found or self._official:
                    return found
                root = self._endpoint.url.rstrip("/").removesuffix("/v1")
                props, *lists = await asyncio.gather(
                    *(self._get(f"{root}/{path}") for path in ("props", "api/v0/models", "api/ps"))
                )
        except (TimeoutError, ModelError):
            return None
        settings = props.get("default_generation_settings") if isinstance(props, dict) else None
        if size := _size(settings) or _size(props):
            return size
        named = (_entry(_entries(body), self.name) for body in lists)
        return next((size for entry in named if (size := _size(entry, _LOADED_FIELDS))), None)

    async def _attempt(self, request: Request, deadline: float) -> AsyncGenerator[TextDelta | Reply, None]:
        """One request that was accepted, read to its end."""
        response = await self._open(request, deadline)
        prefix = f"call_{len(request.messages)}"
        events, assembly, curtain = EventStream(), Assembly(prefix), Curtain()
        try:
            async with aclosing(self._reads(response, assembly, deadline)) as reads:
                async for data in reads:
                    for text in self._take(events.feed(data), assembly):
                        if shown := curtain.pass_on(text) if request.tools else text:
                            yield TextDelta(shown)
            for text in self._take(events.close(), assembly):
                if shown := curtain.pass_on(text) if request.tools else text:
                    yield TextDelta(shown)
            reply = self._read(self._priced(assembly, request), request, prefix)
        except MalformedError as error:
            raise self._endpoint.broken(str(error), retryable=error.retryable) from None
        finally:
            await response.aclose()
        if rest := curtain.rest(bool(reply.calls)):
            yield TextDelta(rest)
        yield reply

    def _priced(self, assembly: Assembly, request: Request) -> Reply:
        """The reply with what it cost: as the provider says, else by the prices that the user gave."""
        reply, prices = assembly.reply(), self.profile.prices
        if reply.cost is not None or prices is None:
            return reply
        prompt = reply.prompt_tokens or count_request(request.messages, request.tools)
        completion = reply.completion_tokens or count(reply.text)
        return replace(reply, cost=prices.cost(prompt, assembly.cached_tokens, completion))

    def _read(self, reply: Reply, request: Request, prefix: str) -> Reply:
        """The reply with the calls that it makes in its text, whether or not it was to make them there."""
        if self._textual:
            return with_calls(reply, prefix) if request.tools else reply
        return with_stray_calls(reply, [tool["function"]["name"] for tool in request.tools], prefix)

    def _take(self, events: Iterable[str], assembly: Assembly) -> Iterable[str]:
        """Put `events` into `assembly`; their text. Raises what the provider sends as an error."""
        for event in events:
            if event.startswith(DONE):
                assembly.done = True
            elif not assembly.done:
                payload = parse_event(event)
                if payload.get("error"):
                    raise self._provider_error(payload)
                if text := assembly.add(payload):
                    yield text

    def _provider_error(self, payload: dict[str, Any]) -> ModelError:
        """An error inside a stream: an overflow, or something that may pass when nothing was said yet."""
        error = self._endpoint.refused(Refusal.read(0, payload))
        return BrokenReplyError(str(error)) if error.retryable else error

    async def _reads(self, response: Any, assembly: Assembly, deadline: float) -> AsyncGenerator[bytes, None]:
        """The body as it comes. A timeout for each read: one around all would span a `yield` (PEP 789)."""
        pieces = response.aiter_bytes()
        while True:
            patience = min(self.read_timeout, deadline - _now())
            if assembly.ended:
                patience = _AFTER_DONE if assembly.done else _AFTER_FINISH
            try:
                async with asyncio.timeout(patience):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except Exception as error:  # the transport's own, whichever the client runs on
                if assembly.ended:
                    return
                raise self._lost(error, deadline) from None
            yield piece

    def _lost(self, error: Exception, deadline: float) -> ModelError:
        """The error for a body that stopped coming."""
        if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
            whole = _now() >= deadline
            seconds = self.timeout if whole else self.read_timeout
            return self._endpoint.slow(seconds, "did not finish its reply" if whole else "sent nothing more")
        return self._endpoint.broken("cut its reply off before the end")

    async def _open(self, request: Request, deadline: float) -> Any:
        """The response of an accepted request, its body unread.

        A parameter that the server does not know is left out, or renamed, from then on.
        """
        client, module = await self._connect(), importlib.import_module("openai")
        while True:
            try:
                async with asyncio.timeout(deadline - _now()):
                    create = client.chat.completions.with_raw_response.create
                    return (await create(**self._body(request))).http_response
            except module.APIStatusError as error:
                refusal = Refusal.read(error.status_code, error.body or error.response.text)
                if not self._adapt(refusal):
                    raise await self._refused(refusal) from None
            except (TimeoutError, module.APITimeoutError):
                whole = _now() >= deadline
                seconds = self.timeout if whole else self.read_timeout
                raise self._endpoint.slow(seconds, "did not answer") from None
            except module.APIConnectionError as error:
                raise self._endpoint.unreachable(cause(error)) from None
            except module.OpenAIError as error:
                raise self._endpoint.unreachable(str(error)) from None

    def _body(self, request: Request) -> dict[str, Any]:
        """The request's parameters, without those that this server has rejected."""
        request = as_text(request) if self._textual else request
        body: dict[str, Any] = {
            "model": self.name,
            "messages": _encodable(request.messages),
            self._limit_name: request.max_completion_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            # llama.cpp allows parallel calls only where they are asked for.
            body |= {"tools": request.tools, "parallel_tool_calls": True}
        return {name: value for name, value in body.items() if name not in self._rejected}

    def _adapt(self, refusal: Refusal) -> bool:
        """Whether the request can be sent again without what the server rejected."""
        if not self._textual and refusal.rejects_tools():
            self._textual = True
            return True
        for name in _OPTIONAL:
            if name not in self._rejected and refusal.rejects(name):
                self._rejected.add(name)
                return True
        if "limit name" not in self._rejected and refusal.rejects(self._limit_name):
            self._rejected.add("limit name")
            swap = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
            self._limit_name = swap[self._limit_name]
            return True
        return False

    async def _refused(self, refusal: Refusal) -> ModelError:
        models: list[str] | None = None
        if refusal.status == 404 or "model_not_found" in refusal.code:
            body = await self._get("models")
            if body is not None:
                models = [str(entry["id"]) for entry in _entries(body) if entry.get("id")]
        return self._endpoint.refused(refusal, retries=self.retries, models=models)

    async def _get(self, path: str) -> Any:
        """The JSON at `path`, or None where there is none."""
        client = (await self._connect()).with_options(max_retries=0, timeout=_LOOKUP_TIMEOUT)
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT):
                return await client.get(path, cast_to=object)
        except Exception:  # a look-up that helps; the request itself tells what is wrong
            return None

    async def _connect(self) -> "openai.AsyncOpenAI":
        """The client, imported and made at the first use, in a thread: together they take 1.3 s."""
        if self._client is None:
            made = await asyncio.to_thread(self._make_client)
            self._client = self._client or made
        return self._client

    def _make_client(self) -> "openai.AsyncOpenAI":
        module = importlib.import_module("openai")
        client: openai.AsyncOpenAI = module.AsyncOpenAI(
            base_url=self._endpoint.url,
            api_key=self._key or NO_KEY,
            max_retries=self.retries,
            timeout=module.Timeout(self.read_timeout, connect=min(_CONNECT_TIMEOUT, self.read_timeout)),
        )
        _ = client.chat.completions  # imports 50 ms more
        return client


def _now() -> float:
    return asyncio.get_running_loop().time()


def _host(url: str) -> str:
    """The host that `url` names. Raises UsageError where it is no address."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = None
    if not good:
        shown = shorten(visible(url.rpartition("@")[2]), 80)
        raise UsageError(
            f'"{shown}" is no address of a model endpoint: write it like http://127.0.0.1:11434/v1'
        )
    return str(parts.hostname)


def cause(error: BaseException) -> str:
    """Why there is no connection, in the words of a reader, from the end of the chain of causes."""
    last, seen = error, 0
    while (deeper := last.__cause__ or last.__context__) and seen < 20:
        last, seen = deeper, seen + 1
        if isinstance(last, BaseExceptionGroup):
            last = last.exceptions[0]
        if isinstance(last, ConnectionRefusedError):
            return "connection refused"
        if isinstance(last, socket.gaierror):
            return "unknown host name"
        if isinstance(last, ssl.SSLError):
            return f"TLS: {last.reason or last}"
    return str(last) or type(last).__name__


def _encodable(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`messages` with lone surrogates (from file names that are not UTF-8) as `?`: JSON has no bytes."""
    text = json.dumps(messages, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        replaced: list[dict[str, Any]] = json.loads(text.encode("utf-8", "replace"))
        return replaced
    return messages


def _entries(body: object) -> list[dict[str, Any]]:
    """The models that a listing names: OpenAI's `data`, Ollama's `models`."""
    if not isinstance(body, dict):
        return []
    found = body.get("data") or body.get("models")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _entry(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of the model `name`, or an empty one. Ollama's names go on with a tag."""
    names = (name, f"{name}:latest")
    return next((e for e in entries if e.get("id") in names or e.get("name") in names), {})


def _size(fields: object, names: Sequence[str] = _WINDOW_FIELDS) -> int | None:
    if not isinstance(fields, dict):
        return None
    sizes = (fields.get(name) for name in names)
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)
