"""A reply's calls as they go back to the provider: valid, whatever the model wrote.

Endpoints refuse a conversation in which an id repeats, a name has odd characters or arguments are not one
JSON object. A model that sent such a call once would lose the whole conversation by it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from memls.models.base import ToolCall
from memls.text import shorten
from memls.tokens import count

_SHARE = 0.15
"""What the arguments of one reply may take of the prompt; longer ones are run, and then cut."""
_CALL_TOKENS = 300
_FEWEST, _MOST = 6, 16


def most_calls(limit: int) -> int:
    """How many calls of one reply are run in a prompt of `limit` tokens: each needs room for a result."""
    return min(_MOST, max(_FEWEST, limit // _CALL_TOKENS))


def as_sent(calls: Sequence[ToolCall], limit: int) -> tuple[ToolCall, ...]:
    """The calls with distinct ids, plain names, and arguments that are JSON objects and not too long."""
    longest = max(40, int(limit * _SHARE / max(1, len(calls))))
    sent: list[ToolCall] = []
    for call in calls:
        taken = {one.id for one in sent}
        identity, number = call.id or "call", 1
        while identity in taken or not identity:
            number += 1
            identity = f"{call.id or 'call'}_{number}"
        name = re.sub(r"[^A-Za-z0-9_-]", "_", call.name)[:64] or "unnamed"
        sent.append(replace(call, id=identity, name=name, arguments=_arguments(call.arguments, longest)))
    return tuple(sent)


def _arguments(text: str, longest: int) -> str:
    if count(text) > longest:
        return json.dumps({"cut": shorten(text, 60)})
    try:
        valid = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        valid = False
    return text if valid else json.dumps({"malformed": text} if text.strip() else {})
