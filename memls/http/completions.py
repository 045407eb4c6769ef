"""OpenAI's chat completions, so that any chat client talks to a repository: the model is `memls`.

The last message of the user is the question. A client sends the whole conversation each time; ours is kept
in a session, found by what was said so far, and branched where the client went back. Only an answer whose
citations were checked is sent as content; what happens on the way streams as `reasoning_content`, which
clients show apart. System messages are not passed on: the agent has its own instructions.
"""

import json
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from memls.errors import MemlsError, NotFoundError, UsageError
from memls.events import Answer, Citation, Done, Event, PageIn, Retracted, Syscall
from memls.http.asking import EventStream, counted, options_of, while_connected, whole
from memls.http.routes import Call, problem
from memls.http.service import Service
from memls.text import digest, shorten

NAME = "memls"
_PIECE = 240
"""Characters of a piece of the answer."""
_MOST = 10_000
"""Conversations whose sessions are known; of others what was said is told anew."""
_TOLD = 6000
"""Characters of an earlier conversation that are told where its session is not known any more."""
_STEP = 200


@dataclass(frozen=True, slots=True)
class _Known:
    """A session, and how many turns of it a client's conversation has."""

    session: str
    turns: int


@dataclass(frozen=True, slots=True)
class _Chat:
    """A conversation up to its last question, and where it is kept when that is answered."""

    model: str
    said: tuple[tuple[str, str], ...]
    known: _Known


@dataclass(slots=True)
class Chats:
    """The sessions of conversations, by model and what was said in them."""

    service: Service
    _known: "OrderedDict[str, _Known]" = field(default_factory=OrderedDict)
    _numbers: int = 0

    async def models(self, service: Service, call: Call) -> Any:
        """`memls` is all of them; where there are several, each is one too."""
        names = [NAME, *(f"{NAME}/{name}" for name in service.pool.roots if len(service.pool.roots) > 1)]
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "memls"} for name in names]
        return {"object": "list", "data": rows}

    async def complete(self, service: Service, call: Call) -> Any:
        """A completion, or its chunks."""
        body = call.body
        names = self._repositories(body["model"])
        said = _said(body["messages"])
        if not said or said[-1][0] != "user":
            raise UsageError("the last message has to be the user's")
        if not said[-1][1].strip():
            raise UsageError("the question is empty")
        known, question = await self._session(body["model"], names, said)
        events = service.ask(names, question, replace(options_of(service, {}), session=known.session))
        chat = _Chat(body["model"], tuple(said), _Known(known.session, known.turns + 1))
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return EventStream(self._chunks(events, chat, usage))
        answer = await while_connected(call.request, whole(service, events))
        message = {"role": "assistant", "content": self._kept(chat, answer)}
        choice = {"index": 0, "message": message, "finish_reason": _finish(answer), "logprobs": None}
        return {
            **_head(chat.model, "chat.completion"), "choices": [choice], "usage": _usage(answer),
            "memls": answer.as_json(),
        }  # fmt: skip

    async def _chunks(
        self, events: AsyncGenerator[Event, None], chat: _Chat, with_usage: bool
    ) -> AsyncGenerator[bytes, None]:
        head = _head(chat.model, "chat.completion.chunk")

        def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
            choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
            return _data({**head, "choices": [choice], **more})

        told = ""
        yield chunk({"role": "assistant", "content": ""})
        try:
            async with aclosing(counted(self.service, events)) as stream:
                async for event in stream:
                    if (step := _step(event)) and step != told:
                        told = step
                        yield chunk({"reasoning_content": f"{step}\n"})
                    if isinstance(event, Done):
                        answer = event.result
                        text = self._kept(chat, answer)
                        for start in range(0, len(text), _PIECE):
                            yield chunk({"content": text[start : start + _PIECE]})
                        yield chunk({}, _finish(answer), memls=answer.as_json())
                        if with_usage:
                            yield _data({**head, "choices": [], "usage": _usage(answer)})
        except MemlsError as error:
            yield _data(problem(error))
        yield b"data: [DONE]\n\n"

    def _repositories(self, model: str) -> list[str]:
        name, _, repository = model.partition("/")
        if name != NAME:
            raise NotFoundError(f"no model is named {shorten(model, 60)!r}; see /v1/models")
        return [self.service.pool.name(repository)] if repository else list(self.service.pool.roots)

    async def _session(
        self, model: str, names: Sequence[str], said: Sequence[tuple[str, str]]
    ) -> tuple[_Known, str]:
        """The session that goes on with its turns so far, and the question; with what was said, if new."""
        self._numbers += 1
        fresh = _Known(f"chat-{time.time_ns():x}-{self._numbers}", 0)
        history, question = said[:-1], said[-1][1]
        if not history:
            return fresh, question
        known = self._known.get(_key(model, history))
        if known is not None and (going_on := await self._going_on(names, known)):
            return going_on, question
        told = "\n".join(f"{role}: {text}" for role, text in history)[-_TOLD:]
        return fresh, f"{question}\n\n(Said before in this conversation:\n{told})"

    async def _going_on(self, names: Sequence[str], known: _Known) -> _Known | None:
        """The session as it was left, or a branch of it where it went on otherwise. None: it is told anew."""
        for name in names:
            async with self.service.ready(name) as access:
                try:
                    turns = await access.sure("turns", session=known.session)
                except NotFoundError:
                    return None
                if len(turns) > known.turns and len(names) == 1:
                    branch = await access.sure("fork", session=known.session, turn=turns[known.turns].number)
                    return _Known(str(branch), known.turns)
                if len(turns) != known.turns:
                    return None
        return known

    def _kept(self, chat: _Chat, answer: Answer) -> str:
        """What the client is sent, which it will say again, by which the session is found."""
        text = content(answer)
        key = _key(chat.model, [*chat.said, ("assistant", text)])
        self._known[key] = chat.known
        self._known.move_to_end(key)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return text


def content(answer: Answer) -> str:
    """The answer as a chat shows it: with what came of its citations below."""
    parts = [answer.answer]
    if answer.citations:
        parts.append("\n".join(f"- {_cited(one)}" for one in answer.citations))
    parts += [f"*{note}*" for note in answer.notes]
    return "\n\n".join(parts)


def _cited(citation: Citation) -> str:
    where = f"`{citation.path}:{citation.start}-{citation.end}` {citation.status}"
    return f"{where}: {citation.reason}" if citation.reason else where


def _said(messages: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Role and text of the user's and the assistant's messages."""
    said = []
    for message in messages:
        if message["role"] in ("user", "assistant"):
            text = message.get("content") or ""
            if not isinstance(text, str):
                if any(part.get("type") != "text" for part in text):
                    raise UsageError("a message holds something else than text")
                text = "\n".join(part["text"] for part in text)
            said.append((message["role"], text))
    return said


def _step(event: Event) -> str:
    if isinstance(event, Syscall):
        arguments = json.dumps(event.arguments, ensure_ascii=False)
        return shorten(f"{event.name} {arguments}: {event.summary}", _STEP)
    if isinstance(event, PageIn):
        return f"reads {event.page.path}:{event.page.start}-{event.page.end}"
    if isinstance(event, Retracted) and event.text:
        return shorten(event.text, _STEP)
    return ""


def _key(model: str, said: Sequence[tuple[str, str]]) -> str:
    return digest(json.dumps([model, [[role, text.strip()] for role, text in said]]))


def _head(model: str, kind: str) -> dict[str, Any]:
    now = time.time_ns()
    return {"id": f"chatcmpl-{now:x}", "object": kind, "created": now // 10**9, "model": model}


def _usage(answer: Answer) -> dict[str, int]:
    sent, received = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}


def _finish(answer: Answer) -> str:
    return "stop" if answer.status == "answered" else "length"


def _data(row: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(row, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
