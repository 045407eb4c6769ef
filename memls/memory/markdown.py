"""Memory as Markdown that people read and mend, and back again.

Every text is quoted (`> `), so that a heading in it is none of ours; what is about it stands in a comment. A
conversation is its messages; what the model had in sight, and the steps of answers, has the JSON form alone.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from memls.errors import UsageError
from memls.memory.transfer import Remembrance, converter, parse, without_states

TITLE = "# What memls remembers"
_BLOCK, _NOTE, _SESSION, _MESSAGE = "## Block ", "## Note ", "## Conversation ", "### "
_HEADING = re.compile(r"(## Block |## Note |## Conversation |### )(.*)")
_ABOUT = re.compile(r"<!-- (\{.*\}) -->")


def as_markdown(remembered: Remembrance) -> str:
    """The text of a file."""
    found = converter().unstructure(without_states(remembered))
    return "\n".join(_lines(found)) + "\n"


def parse_markdown(text: str) -> Remembrance:
    """What a file says. Raises UsageError with the line that is wrong."""
    lines = text.split("\n")
    if not lines or lines[0].strip() != TITLE:
        raise UsageError(f'no memory: its first line is not "{TITLE}"')
    found: dict[str, Any] = {"memls": 1, "blocks": {}, "notes": [], "sessions": []}
    for number, kind, name, about, body in _parts(lines):
        if kind == _BLOCK:
            found["blocks"][name] = body
        elif kind == _NOTE:
            found["notes"].append({"id": _number(name, number), "text": body, **about})
        elif kind == _SESSION:
            found["sessions"].append({"name": about.pop("name", name), "messages": [], **about})
        elif not found["sessions"]:
            raise UsageError(f"line {number}: a message before any conversation")
        else:
            place, _, role = name.partition(" ")
            message = {"number": _number(place, number), "role": role, "content": body, **about}
            found["sessions"][-1]["messages"].append(message)
    return parse(json.dumps(found))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield TITLE
    del found["defined"]
    for name, text in found["blocks"].items():
        yield from ("", _BLOCK + name, "", *_quoted(text))
    for note in found["notes"]:
        text = note.pop("text")
        yield from ("", f"{_NOTE}{note.pop('id')}", _about(note), "", *_quoted(text))
    for session in found["sessions"]:
        messages = session.pop("messages")
        del session["state"], session["turns"]
        yield from ("", f"{_SESSION}{_plain(session['name'])}", _about(session))
        for one in messages:
            head = f"{_MESSAGE}{one.pop('number')} {one.pop('role')}"
            text = one.pop("content")
            yield from ("", head, _about(one), "", *_quoted(text))


def _quoted(text: str) -> Iterator[str]:
    return (f"> {line}".rstrip(" ") if not line.strip() else f"> {line}" for line in text.split("\n"))


def _about(values: dict[str, Any]) -> str:
    kept = {name: value for name, value in values.items() if value not in ("", [], None)}
    text = json.dumps(kept, ensure_ascii=False).replace("--", "-\\u002d")  # it would end the comment
    return f"<!-- {text} -->"


def _plain(name: str) -> str:
    return " ".join(name.split())


def _number(text: str, line: int) -> int:
    if not text.strip().isdecimal():
        raise UsageError(f"line {line}: {text!r:.40} is no number")
    return int(text)


def _parts(lines: list[str]) -> Iterator[tuple[int, str, str, dict[str, Any], str]]:
    """Each heading of ours: its line, kind and name, what is said about it, and the text that is quoted."""
    at = 1
    while at < len(lines):
        heading = _HEADING.fullmatch(lines[at].rstrip())
        if heading is None:
            if lines[at].strip():
                raise UsageError(f"line {at + 1}: neither a heading, nor quoted, nor about a text")
            at += 1
            continue
        start, at = at + 1, at + 1
        about: dict[str, Any] = {}
        quoted: list[str] = []
        while at < len(lines) and not _HEADING.fullmatch(lines[at].rstrip()):
            line = lines[at]
            at += 1
            if line.startswith(">"):
                quoted.append(line[1:].removeprefix(" "))
            elif found := _ABOUT.fullmatch(line.strip()):
                about = _object(found.group(1), at)
            elif line.strip():
                raise UsageError(f"line {at}: neither a heading, nor quoted, nor about a text")
        yield start, heading.group(1), heading.group(2).strip(), about, "\n".join(quoted)


def _object(text: str, line: int) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"line {line}: what is in the comment is no JSON") from None
    return found if isinstance(found, dict) else {}
