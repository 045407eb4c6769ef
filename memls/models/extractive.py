"""The embedded default: no language model, the same syscalls, fixed rules.

It sees nothing but its requests, like any model. It pages in what the index found for the question, asks
for the callers of a symbol that the question names, and answers with the definitions and passages that
share most words with the question, each cited. It says that no language model was used.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from memls.index.terms import query_terms
from memls.models.base import Reply, Request, TextDelta, ToolCall
from memls.text import shorten

NAME = "extractive"
_LOOKUP = "[looked up in the index for this question"
_HEADER = re.compile(r"^\[(p\d+)\] (\S.*?):(\d+)-(\d+)(?: (\w+) (\S+))?( \(outline\))?$")
_LINE = re.compile(r"^(\d+)\|(.*)$")
_HIT = re.compile(r"^(\S.*?):(\d+)-(\d+) (\w+) (\S*)$|^(\S.*?):(\d+) \| ")
_PAGES = 6
_SHOWN = 4
_PASSAGE = 14


@dataclass(slots=True)
class _Page:
    """A page as the request shows it."""

    id: str
    path: str
    kind: str
    symbol: str
    lines: dict[int, str] = field(default_factory=dict)
    order: int = 0


class ExtractiveModel:
    """A Model that follows rules."""

    name = NAME
    window: int | None = None

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """Page-ins first, then the answer, in lines."""
        question, since = _question(request.messages)
        lookup = _lookup(request.messages)
        made = sum(message["role"] == "assistant" for message in since)
        calls = _plan(question, lookup) if made == 0 else []
        if calls and not _told_to_answer(since):
            yield Reply("", tuple(calls))
            return
        text = _compose(question, since, lookup)
        for line in text.splitlines(keepends=True):
            yield TextDelta(line)
        yield Reply(text)

    async def close(self) -> None:
        """Nothing is open."""


def _question(messages: Sequence[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The question being answered, and the messages from it on."""
    start = max(
        (i for i, m in enumerate(messages) if m["role"] == "user" and _LOOKUP in m["content"]), default=0
    )
    return messages[start]["content"].split(_LOOKUP, 1)[0].strip(), list(messages[start:])


def _lookup(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The lines that the index found for the question."""
    text = next(
        (m["content"] for m in reversed(messages) if m["role"] == "user" and _LOOKUP in m["content"]), ""
    )
    return text.split(_LOOKUP, 1)[-1].split("\n")[1:]


def _told_to_answer(messages: Sequence[dict[str, Any]]) -> bool:
    return any(m["role"] == "user" and "no more functions" in m["content"] for m in messages)


def _plan(question: str, lookup: Sequence[str]) -> list[ToolCall]:
    """The calls of the only round: read the best matches, and who calls what the question names."""
    targets = []
    for line in lookup:
        match = _HIT.match(line)
        if match and match.group(1):
            path, start, end, _, symbol = match.groups()[:5]
            targets.append(f"{path}:{symbol}" if symbol else f"{path}:{start}-{end}")
    calls = []
    if targets:
        calls.append(_call("page_in", targets=list(dict.fromkeys(targets))[:_PAGES]))
    named = [match.group(6) for line in lookup if (match := _HEADER.match(line)) and match.group(6)]
    if named:
        path = next(match.group(2) for line in lookup if (match := _HEADER.match(line)) and match.group(6))
        calls.append(_call("references", symbol=f"{path}:{named[0]}", kind="callers"))
    if not calls:
        calls.append(_call("find", query=shorten(question, 300), kind="ranked"))
    return calls


def _call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(f"extractive-{name}", name, json.dumps(arguments, ensure_ascii=False))


def _pages(messages: Sequence[dict[str, Any]]) -> list[_Page]:
    """Every page with its lines, as far as the messages show them; a later showing wins."""
    pages: dict[str, _Page] = {}
    current: _Page | None = None
    for message in messages:
        if message["role"] not in ("tool", "user"):
            continue
        for line in (message.get("content") or "").split("\n"):
            if match := _HEADER.match(line):
                page, path, _, _, kind, symbol, _ = match.groups()
                current = pages.setdefault(
                    page, _Page(page, path, kind or "", symbol or "", order=len(pages))
                )
            elif current and (match := _LINE.match(line)):
                current.lines[int(match.group(1))] = match.group(2)
            elif line != "…":
                current = None
    return [page for page in pages.values() if page.lines]


def _compose(question: str, messages: Sequence[dict[str, Any]], lookup: Sequence[str]) -> str:
    pages = _pages(messages)
    note = "_No language model was used: these are the passages of the code that bear most on the question._"
    if not pages:
        found = [line for line in lookup if _HIT.match(line)]
        rest = "\n".join(f"- {line}" for line in found[:5])
        return f"Nothing in the index answers this question.\n\n{rest}\n\n{note}".replace("\n\n\n", "\n")
    wanted = set(query_terms(question))
    ranked = sorted(pages, key=lambda page: page.order)[:_SHOWN]
    sections = [_section(page, wanted) for page in ranked]
    others = [page for page in pages if page not in ranked]
    text = "\n\n".join(sections)
    if others:
        text += "\n\nAlso read: " + ", ".join(
            f"`{page.symbol or page.path}` {_cite(page, *_head(page))}" for page in others
        )
    callers = _callers(messages)
    if callers:
        text += "\n\n" + callers
    return f"{text}\n\n{note}"


def _section(page: _Page, wanted: set[int]) -> str:
    """One page: what it is, and its passage that shares most words with the question."""
    start, end = _passage(page, wanted)
    title = f"**{page.kind} `{page.symbol}`**" if page.symbol else f"**{page.path}**"
    body = "\n".join(page.lines[n] for n in range(start, end + 1) if n in page.lines)
    parts = [f"{title} {_cite(page, start, end)}", _fenced(page.path, body)]
    return "\n".join(parts)


def _passage(page: _Page, wanted: set[int]) -> tuple[int, int]:
    """The run of at most _PASSAGE neighbouring lines with most distinct words of the question."""
    numbers = sorted(page.lines)
    terms = {n: wanted.intersection(query_terms(page.lines[n])) for n in numbers}
    best, best_score = (numbers[0], numbers[0]), -1.0
    for first in numbers:
        run = list(_run(page, first))
        found = set().union(*(terms[n] for n in run))
        score = len(found) + 0.1 * sum(len(terms[n]) for n in run) + (0.5 if first == numbers[0] else 0)
        if score > best_score:
            best, best_score = (run[0], run[-1]), score
    return _trim(page, *best)


def _run(page: _Page, first: int) -> Iterator[int]:
    for number in range(first, first + _PASSAGE):
        if number not in page.lines:
            return
        yield number


def _trim(page: _Page, start: int, end: int) -> tuple[int, int]:
    """Without blank lines at its ends."""
    while start < end and not page.lines[start].strip():
        start += 1
    while end > start and not page.lines[end].strip():
        end -= 1
    return start, end


def _head(page: _Page) -> tuple[int, int]:
    first = min(page.lines)
    return first, first


def _cite(page: _Page, start: int, end: int) -> str:
    return f"[{page.path}:{start}-{end}]"


def _fenced(path: str, body: str) -> str:
    fence = "```"
    while fence in body:
        fence += "`"
    language = path.rsplit(".", 1)[-1] if "." in path else ""
    return f"{fence}{language}\n{body}\n{fence}"


def _callers(messages: Sequence[dict[str, Any]]) -> str:
    """The references that were asked for, as a list."""
    for message in messages:
        content = message.get("content") or ""
        if message["role"] == "tool" and content.startswith("callers of "):
            head, *lines = content.split("\n")
            if lines:
                return f"{head}:\n" + "\n".join(f"- {line}" for line in lines[:8])
    return ""
