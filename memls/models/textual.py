"""Function calls in plain text, for models and servers without tool calling.

A request's functions become a part of its system message, calls and results become text, and the reply's
text is read for calls: our own fence, and what models that were trained on calls write when their server
does not read them (`<tool_call>`, Hermes and Qwen; `[TOOL_CALLS]`, Mistral). Nothing here can fail: what is
no call is text.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from memls.models.base import Reply, Request, ToolCall

_FENCE = "```call"
_HOW = """\
# Functions
To call functions, reply with one block for each and nothing after them; the results come in the next message:
```call
{{"name": "{name}", "arguments": {{{arguments}}}}}
```
There are these:"""
_MARKS = (_FENCE, "<tool_call>", "[TOOL_CALLS]")
_BLOCK = re.compile(
    r"```call[ \t]*\n?(?P<fenced>.*?)(?:\n?```|\Z)"
    r"|<tool_call>(?P<tagged>.*?)(?:</tool_call>|\Z)"
    r"|\[TOOL_CALLS\](?P<marked>.*)\Z",
    re.DOTALL,
)
_ARGUMENTS = ("arguments", "parameters", "args", "input")


def as_text(request: Request) -> Request:
    """The same request without tools, for a model that only reads text.

    Neighbours of one role become one message: many chat templates demand that roles alternate.
    """
    names = {
        call["id"]: call["function"]["name"]
        for message in request.messages
        for call in message.get("tool_calls") or ()
    }
    messages: list[dict[str, Any]] = []
    for message in request.messages:
        role, content = _plain(message, names)
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += f"\n\n{content}"
        else:
            messages.append({"role": role, "content": content})
    if request.tools and messages and messages[0]["role"] == "system":
        messages[0]["content"] += f"\n\n{_described(request.tools)}"
    return replace(request, messages=messages, tools=[])


def with_calls(reply: Reply, prefix: str = "call") -> Reply:
    """A reply with the calls that its text makes, their ids from `prefix` and their place."""
    calls: list[ToolCall] = []
    for block in _BLOCK.finditer(reply.text):
        text = block["fenced"] or block["tagged"] or block["marked"] or ""
        for name, arguments in _calls_in(text):
            calls.append(ToolCall(f"{prefix}_{len(calls)}", name, arguments))
    if not calls:
        return reply
    return replace(reply, text=_BLOCK.sub("", reply.text).strip(), calls=(*reply.calls, *calls))


def with_stray_calls(reply: Reply, names: Collection[str], prefix: str = "call") -> Reply:
    """The same for a server that was sent tools and did not read the calls.

    Stricter, since an answer may well speak of calls: the text has to end in one, to a function in `names`.
    """
    blocks = list(_BLOCK.finditer(reply.text))
    if reply.calls or not blocks or reply.text[blocks[-1].end() :].strip():
        return reply
    read = with_calls(reply, prefix)
    good = all(call.name in names and _is_object(call.arguments) for call in read.calls)
    return read if read.calls and good else reply


class Curtain:
    """Passes streamed text on until a call may begin in it: nobody wants to see a call being written."""

    def __init__(self) -> None:
        self._held = ""
        self._closed = False

    def pass_on(self, text: str) -> str:
        """What of the text so far may be shown now."""
        self._held += text
        if self._closed:
            return ""
        starts = [place for mark in _MARKS if (place := _start(self._held, mark)) < len(self._held)]
        place = min(starts, default=len(self._held))
        shown, self._held = self._held[:place], self._held[place:]
        self._closed = self._held.startswith(_MARKS)
        return shown

    def rest(self, calls: bool) -> str:
        """At the end: what was held back, where it was no call after all."""
        return "" if calls else self._held


def _start(text: str, mark: str) -> int:
    """Where `mark`, or as much of it as `text` has at its end, begins; the length of `text` where not."""
    found = text.find(mark)
    if found >= 0:
        return found
    for size in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:size]):
            return len(text) - size
    return len(text)


def _plain(message: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    """A message's role and text."""
    content = str(message.get("content") or "")
    if message["role"] == "tool":
        return "user", f"[{names.get(message['tool_call_id'], 'result')}]\n{content}"
    calls = [_written(call["function"]) for call in message.get("tool_calls") or ()]
    return str(message["role"]), "\n".join([content, *calls] if content else calls)


def _written(function: Mapping[str, Any]) -> str:
    """A call as the model would have written it."""
    arguments = function["arguments"] or "{}"
    return f'{_FENCE}\n{{"name": {json.dumps(function["name"])}, "arguments": {arguments}}}\n```'


def _described(tools: Sequence[Mapping[str, Any]]) -> str:
    """The functions as signatures, which cost half of what their JSON schema does."""
    first = tools[0]["function"]
    required = first["parameters"].get("required", [])
    example = ", ".join(f'"{name}": "…"' for name in required)
    lines = [_HOW.format(name=first["name"], arguments=example)]
    for tool in tools:
        function = tool["function"]
        properties = function["parameters"].get("properties", {})
        needed = function["parameters"].get("required", [])
        arguments = ", ".join(_argument(name, schema, name in needed) for name, schema in properties.items())
        lines.append(f"- {function['name']}({arguments}): {function['description']}")
        told = [f"{name}: {s['description']}" for name, s in properties.items() if s.get("description")]
        lines += [f"  {line}" for line in told]
    return "\n".join(lines)


def _argument(name: str, schema: Mapping[str, Any], needed: bool) -> str:
    kind = "|".join(schema["enum"]) if schema.get("enum") else str(schema.get("type", "any"))
    return f"{name}{'' if needed else '?'}: {'strings' if kind == 'array' else kind}"


def _calls_in(text: str) -> list[tuple[str, str]]:
    """Name and arguments of each call in a block: one object, a list, or objects one after another.

    A block that is no JSON is a call without a name, so that the model hears what is wrong with it.
    """
    decoder, place = json.JSONDecoder(strict=False), 0
    found: list[tuple[str, str]] = []
    text = text.strip()
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return [*found, (_name_in(text[place:]), text[place:])]
        found += [_call(one) for one in (value if isinstance(value, list) else [value])]
        while place < len(text) and text[place] in " \t\r\n,;":
            place += 1
    return found


def _call(value: Any) -> tuple[str, str]:
    """Name and arguments of one object, under the keys that models use."""
    if not isinstance(value, dict):
        return "", json.dumps(value, ensure_ascii=False)
    function = value.get("function")
    fields = function if isinstance(function, dict) else value
    name = fields.get("name") or (function if isinstance(function, str) else "")
    arguments: Any = next((fields[key] for key in _ARGUMENTS if key in fields), {})
    return str(name), arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _name_in(text: str) -> str:
    """The name in a call that is no JSON."""
    match = re.search(r'"name"\s*:\s*"(\w+)"', text)
    return match.group(1) if match else ""
