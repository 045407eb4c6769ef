"""`POST /api/ask`: an answer as JSON, or its events as they come (Server-Sent Events, WHATWG HTML 9.2).

Who goes away ends the work: a connection that closes cancels the question and the model's request with it.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from memls.agent.conversation import AskOptions
from memls.agent.limits import USUAL, Limits
from memls.config import ModelConfig
from memls.errors import MachineError, MemlsError
from memls.events import Answer, Done, Event, as_json
from memls.http.routes import Call, problem
from memls.http.service import Service

T = TypeVar("T")
_BEAT = 10.0
"""Seconds without an event after which a comment keeps the connection open."""


class GoneError(MachineError):
    """The client closed its connection."""


async def ask(service: Service, call: Call) -> Any:
    """The answer; or, with `stream` or `Accept: text/event-stream`, the events, the last one `done`."""
    body = call.body
    events = service.ask(body.get("repo"), body["question"], options_of(service, body))
    wanted = "text/event-stream" in call.request.headers.get("accept", "")
    if body.get("stream", wanted):
        return EventStream(_as_events(service, events))
    answer = await while_connected(call.request, whole(service, events))
    return answer.as_json()


def options_of(service: Service, body: dict[str, Any]) -> AskOptions:
    """How a question is to be answered. The endpoint and the key are the service's own."""
    own = service.model
    model = ModelConfig(
        body.get("model") or own.name, own.base_url, own.api_key, body.get("window") or own.window
    )
    limits = Limits(
        body.get("max_steps", USUAL.steps), body.get("max_tokens", USUAL.tokens), body.get("timeout", 0.0),
        body.get("max_cost", 0.0),
    )  # fmt: skip
    return AskOptions(model, body.get("session"), limits)


async def whole(service: Service, events: AsyncGenerator[Event, None]) -> Answer:
    """The answer alone."""
    async with aclosing(counted(service, events)) as stream:
        async for event in stream:
            if isinstance(event, Done):
                return event.result
    raise MachineError("the question ended without an answer")


async def counted(service: Service, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """The same events, counted in the metrics."""
    metrics, status = service.metrics, "failed"
    try:
        async with aclosing(events) as stream:
            async for event in stream:
                if isinstance(event, Done):
                    status, usage = event.result.status, event.result.usage
                    metrics.steps.inc(usage.steps)
                    metrics.tokens.labels("sent").inc(usage.prompt_tokens)
                    metrics.tokens.labels("received").inc(usage.completion_tokens)
                yield event
    except (GeneratorExit, asyncio.CancelledError):
        status = "cancelled" if status == "failed" else status
        raise
    finally:
        metrics.answers.labels(status).inc()


async def _as_events(service: Service, events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(counted(service, events)) as stream:
            async for event in stream:
                row = event.result.as_json() if isinstance(event, Done) else as_json(event)
                yield message({"type": "done", **row} if isinstance(event, Done) else row)
    except MemlsError as error:
        yield message({"type": "error", **problem(error)})


def message(row: dict[str, Any]) -> bytes:
    """One event on the wire. JSON has no line breaks of its own."""
    return f"event: {row['type']}\ndata: {json.dumps(row, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """What comes of some work, which ends when the client goes. Raises GoneError then."""
    task = asyncio.ensure_future(work)
    gone = asyncio.create_task(_until_gone(request.receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise GoneError("the client is gone")
        return task.result()
    finally:
        gone.cancel()
        task.cancel()
        await asyncio.wait((task, gone))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """Pieces of bytes as they come, with a comment now and then, until the client goes."""

    media_type = "text/event-stream"

    def __init__(self, pieces: AsyncGenerator[bytes, None]) -> None:
        super().__init__(None)
        self._pieces = pieces
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                with suppress(OSError):  # it went while we sent
                    sending.result()
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.wait((sending, gone))

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(_beating(self._pieces)) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _beating(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The same, with a comment where nothing came for a while. Closing it closes them."""
    coming: asyncio.Future[bytes | None] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(pieces, None))
            await asyncio.wait((coming,), timeout=_BEAT)
            if not coming.done():
                yield b": still at work\n\n"
                continue
            piece, coming = coming.result(), None
            if piece is None:
                return
            yield piece
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait((coming,))
        await pieces.aclose()
