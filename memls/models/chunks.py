"""From the bytes of a chat-completions reply to a `Reply`.

The client's own stream hides two things that must be known here: whether `[DONE]` came (else a reply that
was cut looks whole) and a body that is no event stream at all. So the events are read here, by the WHATWG
rules (HTML living standard, "server-sent events"), and put together with the liberties servers take.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from memls.models.base import Reply, ToolCall

DONE = "[DONE]"


class MalformedError(ValueError):
    """What came is no usable reply. The text completes "the endpoint …"; `retryable`: it may be chance."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class EventStream:
    """Bytes in, in pieces of any size; the data of whole events out. A plain JSON body is one event."""

    def __init__(self) -> None:
        self._buffer = b""
        self._data: list[str] = []
        self._plain: bool | None = None

    def feed(self, data: bytes) -> Iterator[str]:
        """The events that `data` completes."""
        self._buffer += data
        if self._plain is None and (start := self._buffer.lstrip(b"\xef\xbb\xbf \t\r\n")):
            self._plain = start[:1] in b"{[<"
        if self._plain is not False:
            return
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            yield from self._line(line)

    def close(self) -> Iterator[str]:
        """The last event, where the blank line after it is missing. Half an event is dropped."""
        if self._plain:
            yield self._buffer.decode("utf-8-sig", "replace")
            return
        yield from self._line(self._buffer)
        if self._data and (self._data[-1] == DONE or _is_json("\n".join(self._data))):
            yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[str]:
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if not text and self._data:
            yield "\n".join(self._data)
            self._data = []
        elif name == "data":
            self._data.append(value)
        elif name == "error":  # llama.cpp until 2025
            yield f'{{"error": {value}}}'


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def parse_event(data: str) -> dict[str, Any]:
    """The JSON of one event. Raises MalformedError."""
    if data.lstrip().startswith("<"):
        page = "answered with a web page instead of a reply: check the address, most end in /v1"
        raise MalformedError(page, retryable=False)
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError("sent malformed JSON in its reply") from error
    if not isinstance(payload, dict):
        raise MalformedError("sent JSON that is no chat completion")
    return payload


@dataclass(slots=True)
class _Call:
    """A tool call in the making."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""


class Assembly:
    """A reply in the making: text, calls, usage, how it ended.

    Calls without an id get one from `prefix` and their place, so that the same reply gives the same ids.
    """

    def __init__(self, prefix: str = "call") -> None:
        self.prefix = prefix
        self.done = False
        self.finish: str | None = None
        self._text: list[str] = []
        self._calls: list[_Call] = []
        self._usage: dict[str, Any] = {}

    @property
    def ended(self) -> bool:
        """Whether the provider said that the reply is complete."""
        return self.done or self.finish is not None

    def add(self, payload: dict[str, Any]) -> str:
        """Take one chunk, or a whole completion, and return its text."""
        if isinstance(usage := payload.get("usage"), dict):
            self._usage = usage
        choices = payload.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        delta = choice.get("delta")
        if delta is None and (delta := choice.get("message") or {}):
            self.done = True  # a whole completion is complete
        if not isinstance(delta, dict):
            raise MalformedError("sent a chunk that is no chat completion")
        for call in delta.get("tool_calls") or ():
            if isinstance(call, dict):
                self._add_call(call)
        if finish := choice.get("finish_reason"):
            self.finish = str(finish)
        text = _content(delta.get("content")) or _content(delta.get("refusal"))
        self._text.append(text)
        return text

    def _add_call(self, delta: dict[str, Any]) -> None:
        function = delta.get("function")
        fields: dict[str, Any] = function if isinstance(function, dict) else {}
        index, name, arguments = delta.get("index"), fields.get("name") or "", fields.get("arguments")
        call = self._slot(index if isinstance(index, int) else None, str(delta.get("id") or ""), name)
        if name and name != call.name and not call.arguments:
            call.name += name
        if isinstance(arguments, str):
            call.arguments += arguments
        elif arguments is not None:  # an object instead of its JSON text
            call.arguments += json.dumps(arguments, ensure_ascii=False)

    def _slot(self, index: int | None, identity: str, name: str) -> _Call:
        """The call that a delta goes on with, or a new one.

        The index decides. Without one the id does; without both, a name begins a call. An index with a
        new id and a name is a new call too: some servers give all parallel calls the index 0.
        """
        if index is not None:
            same = [call for call in self._calls if call.index == index]
        elif identity:
            same = [call for call in self._calls if call.id == identity]
        else:
            same = [] if name else self._calls
        call = same[-1] if same else None
        if call is None or (identity and name and call.id and identity != call.id):
            self._calls.append(call := _Call(index))
        call.id = call.id or identity
        return call

    def reply(self) -> Reply:
        """What was put together. Raises MalformedError where it is nothing, or not whole."""
        text, calls = "".join(self._text), self._finished_calls()
        if not self.ended:
            raise MalformedError("cut its reply off before the end")
        if self.finish == "content_filter":
            raise MalformedError("stopped the reply by its content filter", retryable=False)
        if self.finish == "error":
            raise MalformedError("stopped the reply with an error of its own")
        cut = self.finish == "length"
        if not text and not calls and not cut:
            raise MalformedError("gave an empty reply")
        counts = [self._usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
        prompt, completion = (count if isinstance(count, int) and count > 0 else None for count in counts)
        cost = self._usage.get("cost")
        told = float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None
        return Reply(text, calls, prompt, completion, cut, cost=told)

    @property
    def cached_tokens(self) -> int:
        """Tokens of the prompt that the provider says it had seen before."""
        details = self._usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else 0
        return cached if isinstance(cached, int) else 0

    def _finished_calls(self) -> tuple[ToolCall, ...]:
        finished: dict[str, ToolCall] = {}
        for place, call in enumerate(call for call in self._calls if call.name or call.arguments):
            identity = call.id
            while not identity or identity in finished:
                identity = f"{identity or self.prefix}_{place}"
            finished[identity] = ToolCall(identity, call.name, call.arguments)
        return tuple(finished.values())


def _content(value: object) -> str:
    """The text of a content field: a string, or a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_content(part.get("text")) for part in value if isinstance(part, dict))
    return ""
