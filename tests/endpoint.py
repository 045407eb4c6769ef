"""A real HTTP server that speaks OpenAI's chat completions, for tests and for use by hand.

It is strict where OpenAI is (too long, unknown model, wrong key, tool calls without answers), cruel in how
it sends (chunks that end inside a UTF-8 sequence), and answers what a policy tells it to, faults included.

    with FakeEndpoint(script("Hello.", Turn(status=503)), limit=8192) as endpoint:
        OpenAIModel("fake", endpoint.url)

By hand: `python tests/endpoint.py --port 8100 --script turns.json`, a list of objects with `Turn`'s fields.
"""

import argparse
import json
import math
import random
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

Body = dict[str, Any]
Call = tuple[str, Any]
"""Name and arguments: an object, or a text that is sent as it is."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer: what is said, in which shape, and what goes wrong."""

    text: str = ""
    calls: Sequence[Call] = ()
    finish: str | None = None
    """`finish_reason`; None for the right one, "" for none at all."""
    whole: bool = False
    """One JSON body although a stream was asked for."""
    index: bool = True
    """False: each call whole in one delta without index."""
    ids: bool = True
    """False: calls with an empty id."""
    usage: bool = True
    extra: Body | None = None
    """Goes into the usage: `cost`, `prompt_tokens_details`."""
    done: bool = True
    """False: no `[DONE]`."""
    status: int = 0
    """Not 0: this HTTP status with `message` and `code`."""
    message: str = "The server had an error while processing your request."
    code: str = ""
    retry_after: float | None = None
    error: Body | None = None
    """The error's JSON, instead of OpenAI's shape."""
    raw: str | None = None
    """This body instead of a reply."""
    content_type: str = "text/event-stream"
    cut: int | None = None
    """Hang up after so many bytes of the body."""
    close: bool = False
    """The end of the connection ends the body: a cut cannot be told from the end by HTTP."""
    wait: float = 0
    """Seconds before the headers."""
    pause: float = 0
    """Seconds before each chunk."""


Policy = Callable[[Body, int], Turn | str]


@dataclass(frozen=True, slots=True)
class Received:
    """One chat request: its body, its tokens by the endpoint's count, the status it was answered with."""

    body: Body
    tokens: int
    status: int
    headers: dict[str, str] = field(repr=False, default_factory=dict)


def script(*turns: Turn | str) -> Policy:
    """The policy that gives `turns` in order, whatever is asked, and refuses when it runs out."""

    def policy(body: Body, n: int) -> Turn | str:
        if n < len(turns):
            return turns[n]
        return Turn(status=400, message=f"the script has {len(turns)} turns", code="script_exhausted")

    return policy


def count_tokens(body: Body) -> int:
    """Tokens of a request: a third of the bytes of contents, calls and tools, somewhat less."""
    parts = [json.dumps(body["tools"], ensure_ascii=False)] if body.get("tools") else []
    for message in body.get("messages") or []:
        content = message.get("content") or ""
        parts.append(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
        if message.get("tool_calls"):
            parts.append(json.dumps(message["tool_calls"], ensure_ascii=False))
    return math.ceil(sum(len(part.encode()) for part in parts) / 3.3)


def find_fault(messages: Sequence[Body]) -> str | None:
    """What OpenAI would refuse in `messages`, in its words."""
    open_calls: set[str] = set()
    for place, message in enumerate(messages):
        role = message.get("role")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                return (
                    f"Invalid parameter: messages[{place}] with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'."
                )
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            return (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
                f" 'tool_call_id'. These tool_call_ids had no response: {', '.join(sorted(open_calls))}"
            )
        if role not in ("system", "developer", "user", "assistant"):
            return f"Invalid value: {role!r} for messages[{place}].role."
        calls = message.get("tool_calls")
        if not isinstance(message.get("content"), str | list) and not calls:
            return f"Invalid value for 'content' in messages[{place}]: expected a string, got null."
        open_calls = {call["id"] for call in calls or ()}
    return f"Tool calls without response: {', '.join(sorted(open_calls))}" if open_calls else None


class FakeEndpoint:
    """The server, in a thread of its own while the `with` lasts. `url` is its base URL.

    `limit`: tokens a request and the reply it asks for may have. `factor`: how much more it counts than
    `count`. `key`: the only key it takes. `models`: what it lists, and the only ones it knows when given.
    `reject`: request parameters that it does not take, with the error's text. `routes`: JSON of more paths.
    `embed` answers requests for embeddings: a vector for each text, or a Turn that says what goes wrong.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        limit: int | None = None,
        count: Callable[[Body], int] = count_tokens,
        factor: float = 1.0,
        key: str | None = None,
        models: Sequence[str | Body] | None = None,
        reject: Mapping[str, str] | None = None,
        routes: Mapping[str, Any] | None = None,
        embed: Callable[[Body], list[list[float]] | Turn] | None = None,
        strict: bool = True,
        seed: int = 0,
        port: int = 0,
    ) -> None:
        self.embed, self.embedded = embed, list[Body]()
        self.policy, self.limit, self.key, self.strict, self.seed = policy, limit, key, strict, seed
        self.models = [{"id": model} if isinstance(model, str) else model for model in models or ()]
        self.reject, self.routes = dict(reject or {}), dict(routes or {})
        self.count, self.factor = count, factor
        self.requests: list[Received] = []
        self.received = threading.Event()
        """Set when the first request came."""
        self.disconnected = threading.Event()
        """Set when a client hung up before its answer was sent."""
        self.closing, self.lock, self.turns = threading.Event(), threading.Lock(), 0
        self.failure: Exception | None = None
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.failure and kind is None:
            raise self.failure

    def refusal(self, body: Body, tokens: int) -> Turn | None:
        """The error that OpenAI would answer `body` with, or None."""
        for name, text in self.reject.items():
            if name in body:
                return Turn(status=400, message=text, code="unsupported_parameter")
        if self.models and body.get("model") not in [model["id"] for model in self.models]:
            message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            return Turn(status=404, message=message, code="model_not_found")
        if self.strict and (fault := find_fault(body.get("messages") or [])):
            return Turn(status=400, message=fault, code="invalid_request_error")
        asked = body.get("max_completion_tokens") or body.get("max_tokens") or 0
        if self.limit is None or tokens + asked <= self.limit:
            return None
        start = f"This model's maximum context length is {self.limit} tokens. However, "
        if tokens > self.limit:
            what = f"your messages resulted in {tokens} tokens. Please reduce the length of the messages."
        else:
            what = (
                f"you requested {tokens + asked} tokens ({tokens} in the messages, {asked} in the "
                "completion). Please reduce the length of the messages or completion."
            )
        return Turn(status=400, message=start + what, code="context_length_exceeded")

    def _play(self, body: Body) -> Turn:
        """The policy's turn. An error in the policy ends the `with` with that error."""
        try:
            answer = self.policy(body, self.turns)
        except Exception as error:
            self.failure = error
            return Turn(status=400, message="the policy failed", code="policy_failed")
        return Turn(answer) if isinstance(answer, str) else answer

    def take(self, body: Body, headers: Mapping[str, str]) -> tuple[Turn, int, int]:
        """Record a request; the turn that answers it, its tokens, its number."""
        tokens = math.ceil(self.count(body) * self.factor)
        with self.lock:
            turn = self.refusal(body, tokens)
            if turn is None:
                turn = self._play(body)
                self.turns += 1
            self.received.set()
            self.requests.append(Received(body, tokens, turn.status or 200, dict(headers)))
            return turn, tokens, len(self.requests)


class _HungUpError(Exception):
    """The client is gone, or the server closes."""


class _Server(ThreadingHTTPServer):
    """One that finds nothing odd in clients who hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: FakeEndpoint
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        owner = self.owner
        routes = {"/v1/models": {"object": "list", "data": owner.models or [{"id": "fake"}]}, **owner.routes}
        if not self._allowed():
            return
        found = routes.get(self.path)
        self._json(200 if found else 404, found or _error(404, f"Invalid URL (GET {self.path})"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self._allowed():
            return
        if self.path == "/v1/embeddings" and self.owner.embed:
            self._embed(body, self.owner.embed)
            return
        if self.path != "/v1/chat/completions":
            self._json(404, _error(404, f"Invalid URL (POST {self.path})"))
            return
        turn, tokens, number = self.owner.take(body, dict(self.headers))
        try:
            self._pause(turn.wait)
            if turn.status:
                retry = {} if turn.retry_after is None else {"retry-after": str(turn.retry_after)}
                self._json(turn.status, turn.error or _error(turn.status, turn.message, turn.code), retry)
            else:
                self._reply(turn, body, tokens, number)
        except (_HungUpError, ConnectionError):
            self.close_connection = True
            if not self.owner.closing.is_set():
                self.owner.disconnected.set()

    def _embed(self, body: Body, embed: Callable[[Body], list[list[float]] | Turn]) -> None:
        self.owner.embedded.append(body)
        answer = embed(body)
        if isinstance(answer, Turn):
            self._pause(answer.wait)
            if answer.cut is not None:
                self.send_response(200)
                self.send_header("content-length", "1000")
                self.end_headers()
                self.wfile.write(b"x" * answer.cut)
                self.close_connection = True
            elif answer.status:
                retry = {} if answer.retry_after is None else {"retry-after": str(answer.retry_after)}
                self._json(answer.status, _error(answer.status, answer.message, answer.code), retry)
            else:
                self._json(200, json.loads(answer.raw or "{}"))
            return
        rows = [{"object": "embedding", "index": i, "embedding": one} for i, one in enumerate(answer)]
        self._json(200, {"object": "list", "data": rows[::-1], "model": body["model"], "usage": {}})

    def _allowed(self) -> bool:
        given = self.headers.get("authorization", "").removeprefix("Bearer ")
        if self.owner.key in (None, given):
            return True
        message = f"Incorrect API key provided: {given}."
        self._json(401, _error(401, message, "invalid_api_key"))
        return False

    def _json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        for name, text in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _reply(self, turn: Turn, body: Body, tokens: int, number: int) -> None:
        """A 200: in chunks of odd sizes, at the turn's pace, up to where it is cut."""
        whole = turn.whole or not body.get("stream")
        data = turn.raw if turn.raw is not None else "".join(_pieces(turn, body, tokens, number, whole))
        self.send_response(200)
        self.send_header("content-type", "application/json" if whole else turn.content_type)
        self.send_header(*(("connection", "close") if turn.close else ("transfer-encoding", "chunked")))
        self.end_headers()
        for chunk in _odd_chunks(data.encode()[: turn.cut], random.Random(self.owner.seed + number)):
            self._pause(turn.pause)
            self.wfile.write(chunk if turn.close else b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if turn.cut is not None or turn.close:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _pause(self, seconds: float) -> None:
        """Sleep, but notice at once when the client hangs up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.02))
            if self.owner.closing.is_set():
                raise _HungUpError
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise _HungUpError


def _error(status: int, message: str, code: str = "") -> Body:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code or None}}


def _odd_chunks(data: bytes, dice: random.Random) -> Iterator[bytes]:
    while data:
        size = dice.choice((1, 2, 3, 5, 17, 64, 300, 1500))
        yield data[:size]
        data = data[size:]


def _pieces(turn: Turn, body: Body, tokens: int, number: int, whole: bool) -> Iterator[str]:
    """The reply as one JSON text, or as the events of a stream."""
    asked = body.get("max_completion_tokens") or body.get("max_tokens")
    text = turn.text.encode()[: int(asked * 3.3)].decode(errors="ignore") if asked else turn.text
    calls = [_call(turn, call, number, place) for place, call in enumerate(turn.calls)]
    used = count_tokens({"messages": [{"content": text, "tool_calls": calls}]})
    usage = {"prompt_tokens": tokens, "completion_tokens": used, "total_tokens": tokens + used}
    usage |= turn.extra or {}
    right = "length" if text != turn.text else "tool_calls" if calls else "stop"
    finish = right if turn.finish is None else turn.finish or None
    head = {"id": f"chatcmpl-{number}", "created": 0, "model": body.get("model")}
    if whole:
        message = {"role": "assistant", "content": text or None, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        yield json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
        return
    deltas: list[Body] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": part} for part in _split(text, 9)]
    deltas += [{"tool_calls": [delta]} for delta in _call_deltas(turn, calls)]
    head["object"] = "chat.completion.chunk"
    events: list[Body] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if turn.usage and (body.get("stream_options") or {}).get("include_usage"):
        events.append({"choices": [], "usage": usage})
    for event in events:
        yield f"data: {json.dumps({**head, **event}, ensure_ascii=False)}\n\n"
    if turn.done:
        yield "data: [DONE]\n\n"


def _split(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _call(turn: Turn, call: Call, number: int, place: int) -> Body:
    name, arguments = call
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    identity = f"call_{number}_{place}" if turn.ids else ""
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": text}}


def _call_deltas(turn: Turn, calls: Sequence[Body]) -> list[Body]:
    """Calls as a stream has them: first the names, then their arguments in turns, as parallel calls come."""
    if not turn.index:
        return list(calls)
    names = [{**c, "index": i, "function": {**c["function"], "arguments": ""}} for i, c in enumerate(calls)]
    parts = [_split(call["function"]["arguments"], 6) for call in calls]
    rounds = range(max(map(len, parts), default=0))
    turns = [(i, part[n]) for n in rounds for i, part in enumerate(parts) if n < len(part)]
    return [*names, *({"index": i, "function": {"arguments": text}} for i, text in turns)]


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible endpoint that answers from a script.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument(
        "--script", type=Path, help="JSON: a list of objects with Turn's fields; without it, echo"
    )
    parser.add_argument("--limit", type=int, help="context length in tokens")
    parser.add_argument("--factor", type=float, default=1.0)
    parser.add_argument("--key")
    arguments = parser.parse_args()
    policy: Policy = lambda body, n: str(body["messages"][-1].get("content"))  # noqa: E731
    if arguments.script:
        policy = script(*(Turn(**turn) for turn in json.loads(arguments.script.read_text())))
    with FakeEndpoint(policy, port=arguments.port, limit=arguments.limit, key=arguments.key) as endpoint:
        print(endpoint.url, flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
