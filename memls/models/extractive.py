"""The embedded default: no language model, the same syscalls, fixed rules.

It sees nothing but its requests, like any model. It reads what the index found for the question, code and
prose; takes from the prose the names of code that stand beside the question's words; looks up where those
are used; reads that too; and answers with the passages that say most about the question, each cited.
It says that no language model was used.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memls.index.question import weighted_terms
from memls.index.terms import term_ids
from memls.models.base import Reply, Request, TextDelta, ToolCall
from memls.text import is_test, shorten

NAME = "extractive"
NOTE = (
    "_No language model was used: these are the passages of the repository that bear most on the question._"
)

_LOOKUP = "[looked up in the index for this question"
_HEADER = re.compile(r"^\[(p\d+)\] (\S.*?):(\d+)-(\d+)(?: (\w+) (\S+))?( \(outline.*\))?$")
_ABOVE = re.compile(r"(?:^|is in )(p\d+)(?: \(.*\) is)? above")
_LINE = re.compile(r"^(\d+)\|(.*)$")
_HIT = re.compile(
    r"^(?P<path>\S.*?):(?P<start>\d+)-(?P<end>\d+) "
    r"(?:(?P<prose>text) \| .*|module \| .*|(?P<kind>\w+) (?P<symbol>\S+))$"
)
_TEXT_HIT = re.compile(r"^(?P<path>\S.*?):(?P<line>\d+) \| .*?(?: \(in (?P<symbol>\S+)\))?$")
_CALLER = re.compile(r"^(?P<path>\S.*?):(?P<line>\d+) in (?P<symbol>\S+) (?P<how>\([a-z]+, .*)$")
_CODE_NAME = re.compile(r"(?<![\w/])(?:[A-Za-z]\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)(?![\w/])")
_CODE_PAGES, _PROSE_PAGES, _MORE_PAGES = 7, 3, 4
_SHOWN, _SHOWN_NAMED, _PASSAGE, _WHOLE = 5, 4, 14, 22
_TALLEST = 150
"""Lines: a longer match says too little for what it costs, unless the question names it."""


@dataclass(slots=True)
class _Page:
    """A page as the requests show it."""

    id: str
    path: str
    kind: str
    symbol: str
    lines: dict[int, str] = field(default_factory=dict)

    @property
    def is_prose(self) -> bool:
        return not self.symbol and self.kind != "code"


class ExtractiveModel:
    """A Model that follows rules."""

    name = NAME
    window: int | None = None

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """Two or three rounds of calls, then the answer, in lines."""
        turn = _Turn(request.messages)
        calls = turn.calls()
        if calls:
            yield Reply("", tuple(calls))
            return
        text = turn.answer()
        for line in text.splitlines(keepends=True):
            yield TextDelta(line)
        yield Reply(text)

    async def close(self) -> None:
        """Nothing is open."""


class _Turn:
    """What one request shows of the present question, and what to do about it."""

    def __init__(self, messages: Sequence[dict[str, Any]]) -> None:
        asked = [i for i, m in enumerate(messages) if m["role"] == "user" and _LOOKUP in m["content"]]
        start = asked[-1] if asked else 0
        self.messages = messages[start:]
        self.all_pages = _pages_of(messages)
        content: str = messages[start].get("content") or ""
        self.question, _, rest = content.partition(_LOOKUP)
        self.lookup = rest.split("\n")[1:]
        self.weights = weighted_terms(self.question)
        headers = [match for line in self.lookup if (match := _HEADER.match(line)) and match.group(6)]
        self.named = headers[0].group(1, 2, 6) if headers else self._named_above()
        """Handle, path and name of the definition that the question names."""
        made = [m for m in self.messages if m["role"] == "assistant" and m.get("tool_calls")]
        called = [c["function"]["name"] for m in made for c in m["tool_calls"]]
        before = _flushed_calls(messages[:start])
        self.last = made[-1]["tool_calls"][0]["function"]["name"] if made else (before or [""])[-1]
        self.searched = "find" in called + before
        self.rounds = len(made) + len(before)
        self.flushed = bool(before)

    def calls(self) -> list[ToolCall]:
        """The calls of this round; none when it is time to answer."""
        told = any(m["role"] == "user" and "no more functions" in m["content"] for m in self.messages[1:])
        if told:
            return []
        if not self.last:
            return self._read_matches()
        if self.last == "find":
            return self._read_uses()
        return [] if self.searched or self.rounds > 1 else self._find_uses()

    def answer(self) -> str:
        """The best passages, most telling first."""
        pages = self._pages()
        if not pages:
            return f"Nothing in the index bears on this question.\n\n{NOTE}"
        self._learn()
        ranked = sorted(pages, key=lambda page: -self._worth(page))
        shown = _SHOWN_NAMED if self.named else _SHOWN
        sections = [self._section(page) for page in ranked[:shown]]
        if callers := self._callers():
            sections.insert(1, callers)
        if more := [self._mention(page) for page in ranked[shown : 2 * _SHOWN]]:
            sections.append("Also read: " + ", ".join(more))
        return "\n\n".join([*sections, NOTE])

    def _read_matches(self) -> list[ToolCall]:
        """Round 1: the best matches of code and of prose, and who calls what the question names."""
        hits = [match for line in self.lookup if (match := _HIT.match(line))]
        code = self._code_matches()
        prose = [f"{h['path']}:{h['start']}-{h['end']}" for h in hits if h["prose"]]
        targets = list(dict.fromkeys(prose))[:_PROSE_PAGES] + code[:_CODE_PAGES]
        calls = [_call("page_in", targets=targets)] if targets else []
        if self.named:
            handle, path, symbol = self.named
            calls = [
                _call("page_in", targets=[handle]),
                _call("references", symbol=f"{path}:{symbol}", kind="callers"),
                *calls,
            ]
        return calls or [_call("find", query=shorten(self.question.strip() or "main", 300))]

    def _code_matches(self) -> list[str]:
        """The definitions that the index found, but for those too large to read for a guess."""
        hits = [match for line in self.lookup if (match := _HIT.match(line))]
        code = [f"{h['path']}:{h['symbol']}" for h in hits if h["symbol"] and _height(h) <= _TALLEST]
        return list(dict.fromkeys(code))

    def _find_uses(self) -> list[ToolCall]:
        """Round 2: where the names that the prose gives are used in code; or the callers of what is named."""
        if self.named:
            callers = [match for line in self._result_lines() if (match := _CALLER.match(line))]
            source = [match for match in callers if not is_test(match["path"])] or callers
            targets = list(dict.fromkeys(f"{match['path']}:{match['symbol']}" for match in source))
            return [_call("page_in", targets=targets[:_MORE_PAGES])] if targets and not self.flushed else []
        pages = self._pages()
        read = {page.symbol.rpartition(".")[2] for page in pages} | {page.symbol for page in pages}
        strength: defaultdict[str, float] = defaultdict(float)
        for page in pages:
            for text in page.lines.values() if page.is_prose else ():
                for name in set(_CODE_NAME.findall(text)) - read:
                    strength[name] = max(strength[name], self._overlap(text)) + 0.2
        for name in strength:
            strength[name] += 3 * self._overlap(name)
        if not strength:
            return []
        name = min(strength, key=lambda name: (-strength[name], name))
        return [_call("find", query=name, kind="text")]

    def _read_uses(self) -> list[ToolCall]:
        """Round 3: the definitions around those uses that speak most of the question; no tests."""
        self._learn()
        have = {(page.path, page.symbol) for page in self._pages()}
        uses: defaultdict[tuple[str, str], float] = defaultdict(float)
        for line in self._result_lines():
            match = _TEXT_HIT.match(line)
            if match and match["symbol"] and not is_test(match["path"]):
                place = match["path"], match["symbol"]
                spoken = 2 * self._overlap(place[1]) + 0.5 * self._overlap(place[0])
                uses[place] = max(uses[place], spoken + 0.5 * self._overlap(line)) + 0.1
        uses = _joined(uses)
        best = [place for place, _ in sorted(uses.items(), key=lambda item: (-item[1], item[0]))]
        targets = [f"{path}:{symbol}" for path, symbol in best if (path, symbol) not in have][:_MORE_PAGES]
        if not have:  # a small window: what was read first is out again
            again = sorted(self._code_matches(), key=lambda target: -self._overlap(target.rpartition(":")[2]))
            targets = [*again[:1], *targets[:2], *again[1:3]]
        return [_call("page_in", targets=targets)] if targets else []

    def _learn(self) -> None:
        """The names that were looked up belong to the question from now on."""
        for message in self.messages:
            for call in message.get("tool_calls") or ():
                arguments = json.loads(call["function"]["arguments"])
                if call["function"]["name"] == "find" and arguments.get("kind") == "text":
                    self.weights.update(dict.fromkeys(_terms(arguments["query"]), 1.0))

    def _result_lines(self) -> Iterator[str]:
        for message in self.messages:
            if message["role"] == "tool":
                yield from (message.get("content") or "").split("\n")

    def _pages(self) -> list[_Page]:
        """The pages that came with this question, and those from before that it came upon again."""
        pages = _pages_of(self.messages)
        for line in (*self.lookup, *self._result_lines()):
            for handle in filter(None, _ABOVE.findall(line)):
                if handle in self.all_pages:
                    pages[handle] = self.all_pages[handle]
        return [page for page in pages.values() if page.lines]

    def _named_above(self) -> tuple[str, str, str] | None:
        """What the question names, where an earlier question read it."""
        handles = (handle for line in self.lookup for handle in _ABOVE.findall(line))
        page = next((self.all_pages[handle] for handle in handles if handle in self.all_pages), None)
        return (page.id, page.path, page.symbol) if page and page.symbol else None

    def _overlap(self, text: str) -> float:
        """How much of the question a text speaks of."""
        return sum(self.weights.get(term, 0.0) for term in _terms(text))

    def _worth(self, page: _Page) -> float:
        """The question's words that the page has, its name counting twice; prose and tests count less."""
        body = self._overlap("\n".join(page.lines.values()))
        worth = body + self._overlap(page.symbol) + 0.5 * self._overlap(page.path)
        if self.named and (page.path, page.symbol) == self.named[1:]:
            return 100.0
        if self.named and page.id in self._caller_pages():
            worth += 10
        factor = (0.8 if page.is_prose else 1.0) * (0.5 if is_test(page.path) else 1.0)
        return worth * factor

    def _section(self, page: _Page) -> str:
        """One page: what it is, and its most telling passage."""
        start, end = self._passage(page)
        title = f"**{page.kind} `{page.symbol}`**" if page.symbol else f"**{page.path}**"
        body = "\n".join(page.lines[number] for number in range(start, end + 1))
        return f"{title} [{page.path}:{start}-{end}]\n{_fenced(page.path, body)}"

    def _mention(self, page: _Page) -> str:
        start, end = self._passage(page)
        return f"`{page.symbol or page.path}` [{page.path}:{start}-{end}]"

    def _passage(self, page: _Page) -> tuple[int, int]:
        """The run of at most _PASSAGE neighbouring lines that speaks most of the question."""
        numbers = sorted(page.lines)
        if len(numbers) <= _WHOLE and numbers[-1] - numbers[0] < len(numbers):
            return numbers[0], numbers[-1]
        terms = {n: [t for t in _terms(page.lines[n]) if t in self.weights] for n in numbers}
        best, best_score = (numbers[0], numbers[0]), -1.0
        for first in numbers:
            run = list(_run(page.lines, first))
            found = {term for n in run for term in terms[n]}
            score = sum(self.weights[term] for term in found) + 0.05 * sum(len(terms[n]) for n in run)
            score += 0.5 if first == numbers[0] else 0
            if score > best_score:
                best, best_score = (run[0], run[-1]), score
        return _trimmed(page.lines, *best)

    def _caller_pages(self) -> set[str]:
        """Handles of the pages that were read because they call what the question names."""
        found: set[str] = set()
        calling = ""
        for message in self.messages:
            for call in message.get("tool_calls") or ():
                if call["function"]["name"] == "page_in":
                    calling = call["id"]
            if message["role"] == "tool" and message.get("tool_call_id") == calling and self.rounds > 1:
                found.update(
                    match.group(1)
                    for line in message["content"].split("\n")
                    if (match := _HEADER.match(line))
                )
        first = self._pages()[: _PROSE_PAGES + _CODE_PAGES + 1]
        return found - {page.id for page in first}

    def _callers(self) -> str:
        """The references that were asked for, as a list."""
        for message in self.messages:
            content = message.get("content") or ""
            if message["role"] == "tool" and content.startswith("callers of "):
                head, *lines = content.split("\n")
                callers = [match for line in lines[:8] if (match := _CALLER.match(line))]
                rows = [f"- `{m['symbol']}` in `{m['path']}`, line {m['line']} {m['how']}" for m in callers]
                return "\n".join([f"{head.replace('callers', 'Callers', 1)}:", *rows]) if rows else ""
        return ""


def _pages_of(messages: Sequence[dict[str, Any]]) -> dict[str, _Page]:
    """Every page with its lines, as far as messages show them."""
    pages: dict[str, _Page] = {}
    current: _Page | None = None
    for message in messages:
        for line in (message.get("content") or "").split("\n") if message["role"] != "assistant" else ():
            if match := _HEADER.match(line):
                handle, path, _, _, kind, symbol, _ = match.groups()
                current = pages.setdefault(handle, _Page(handle, path, kind or "", symbol or ""))
            elif current and (match := _LINE.match(line)):
                current.lines[int(match.group(1))] = match.group(2)
            elif line != "…":
                current = None
    return pages


def _call(name: str, **arguments: Any) -> ToolCall:
    text = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(f"extractive-{name}-{shorten(text, 40)}", name, text)


def _joined(uses: Mapping[tuple[str, str], float]) -> defaultdict[tuple[str, str], float]:
    """Several members of one class that use a name stand for the class: it is about that name."""
    members = Counter((path, symbol.rpartition(".")[0]) for path, symbol in uses)
    joined: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (path, symbol), worth in uses.items():
        owner = (path, symbol.rpartition(".")[0])
        place = owner if owner[1] and members[owner] > 1 else (path, symbol)
        joined[place] += worth
    return joined


def _flushed_calls(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The first function of each round that the summary tells of, since the last answer."""
    text = "\n".join(m["content"] for m in messages if m["role"] == "user")
    return re.findall(r"^- you called (\w+)", text.rpartition("- you said: ")[2], re.M)


def _height(hit: re.Match[str]) -> int:
    return int(hit["end"]) - int(hit["start"]) + 1


def _terms(text: str) -> list[int]:
    return term_ids(re.findall(r"\w\w+", text))


def _run(lines: Mapping[int, str], first: int) -> Iterator[int]:
    for number in range(first, first + _PASSAGE):
        if number not in lines:
            return
        yield number


def _trimmed(lines: Mapping[int, str], start: int, end: int) -> tuple[int, int]:
    """Without blank lines at the ends."""
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end].strip():
        end -= 1
    return start, end


def _fenced(path: str, body: str) -> str:
    fence = "```"
    while fence in body:
        fence += "`"
    name = path.rsplit("/", 1)[-1]
    return f"{fence}{name.rsplit('.', 1)[-1] if '.' in name else ''}\n{body}\n{fence}"
