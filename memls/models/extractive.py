"""The embedded default: no language model, the same syscalls, fixed rules.

It sees nothing but its requests, like any model. It reads what the index found for the question, code and
prose; who calls what the question names; with two names, the calls that lead from one to the other; commits
for a why (`intent`). It answers in the words of docstrings and comments, with the lines that say most, each
cited, and says that no language model was used.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

from memls.index.question import weighted_terms
from memls.models.base import Reply, Request, TextDelta, ToolCall
from memls.models.intent import Calls, Node, Step, intent_of, steps_of
from memls.models.passages import HEADER, Page, fenced, gist, pages_of, passage, terms_in
from memls.text import is_test, shorten

NAME = "extractive"
NOTE = (
    "_No language model was used: these are the passages of the repository that bear most on the question._"
)

_LOOKUP = "[looked up in the index for this question"
_ABOVE = re.compile(r"(?:^|is in )(p\d+)(?: \(.*\) is)? above")
_HIT = re.compile(
    r"^(?P<path>\S.*?):(?P<start>\d+)-(?P<end>\d+) "
    r"(?:(?P<prose>text) \| .*|module \| .*|(?P<kind>\w+) (?P<symbol>\S+))"
    r"(?: \(~\d+ tokens.*?\))?(?: \(called by .*\))?$"
)
_CALLER = re.compile(r"^(?P<path>\S.*?):(?P<line>\d+) in (?P<symbol>\S+) (?P<how>\([a-z]+, .*)$")
_IN_TESTS = "in tests: "
_TESTED = re.compile(r"(?P<path>[^;\s][^;]*?) \(\d+: (?P<symbols>[^()]*)\)")
"""In the line `in tests: a_test.go (2: TestA, TestB); …`."""
_COMMIT = re.compile(r"^[0-9a-f]{10} \d{4}-\d\d-\d\d ")
_CODE_PAGES, _PROSE_PAGES, _MORE_PAGES = 7, 3, 4
_GISTS, _SHOWN, _MENTIONED = 6, 3, 4
_CALLERS_ASKED, _CALLERS_TOLD, _COMMITS, _TESTS = 20, 4, 4, 3
_ROUNDS, _AGAIN = 5, 3
_FIRST, _WORDS = 4, 0.5
"""What keeps the first places of two orders from deciding alone, and what the order by words counts."""
_TALLEST = 150
"""Lines: a longer match says too little for what it costs, unless the question names it."""


class ExtractiveModel:
    """A Model that follows rules."""

    name = NAME
    window: int | None = None
    summarises = False

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        """A round of calls or more, then the answer, in lines."""
        turn = _Turn(request.messages)
        calls = turn.calls()
        if calls:
            yield Reply("", tuple(calls), cost=0.0)
            return
        text = turn.answer()
        for line in text.splitlines(keepends=True):
            yield TextDelta(line)
        yield Reply(text, cost=0.0)

    async def close(self) -> None:
        """Nothing is open."""


class _Turn:
    """What one request shows of the present question, and what to do about it."""

    def __init__(self, messages: Sequence[dict[str, Any]]) -> None:
        asked = [i for i, m in enumerate(messages) if m["role"] == "user" and _LOOKUP in m["content"]]
        start = asked[-1] if asked else 0
        self.messages = messages[start:]
        self.all_pages = pages_of(messages)
        content: str = messages[start].get("content") or ""
        self.question, _, rest = content.partition(_LOOKUP)
        self.lookup = rest.split("\n")[1:]
        self.hits = [match for line in self.lookup if (match := _HIT.match(line))]
        """What the index found, its best matches of prose and then of code."""
        self.weights = weighted_terms(self.question)
        headers = [match for line in self.lookup if (match := HEADER.match(line)) and match.group(6)]
        above = self._named_above()
        self.definitions = [match.group(1, 2, 6) for match in headers] or ([above] if above else [])
        """Handle, path and name of each definition that the question names."""
        self.definitions.sort(key=lambda one: self.question.find(one[2].rpartition(".")[2]))
        self.named = self.definitions[0] if self.definitions else None
        self.intent = intent_of(self.question)
        made = [m for m in self.messages if m["role"] == "assistant" and m.get("tool_calls")]
        before = _flushed_calls(messages[:start])
        self.rounds = len(made) + len(before)
        self.flushed = bool(before)

    def calls(self) -> list[ToolCall]:
        """The calls of this round; none when it is time to answer."""
        told = any(m["role"] == "user" and "no more functions" in m["content"] for m in self.messages[1:])
        if told:
            return []
        if not self.rounds:
            return self._read_matches()
        if more := self._follow_calls():
            return more
        if self.named and self.rounds == 1 and (more := self._read_callers()):
            return more
        return self._read_again() if not self._pages() and self.rounds < _ROUNDS else []

    def answer(self) -> str:
        """What was found, in the order in which a person would want to read it."""
        pages = self._pages()
        if not pages:
            return f"Nothing in the index bears on this question.\n\n{NOTE}"
        ranked = self._in_order(pages)
        asked_for = {"callers": self._callers(_CALLERS_ASKED), "why": self._commits()}
        path = self._path()
        first = ranked[:1] if self.named else []
        told = [page for page in ranked[:_GISTS] if gist(page)[0]]
        if self.named and self.intent == "where":
            told = []
        sections = [
            "\n".join(["In steps:", *steps_of(path)]) if path else "",
            asked_for["callers"] if self.intent == "callers" else "",
            *(self._section(page) for page in first),
            self._gists(told),
            *(self._section(page) for page in ranked[len(first) : _SHOWN]),
            asked_for["why"] if self.intent == "why" else "",
            self._callers(_CALLERS_TOLD) if self.intent != "callers" else "",
            self._tests(),
            self._mentions([page for page in ranked[_SHOWN:] if page not in told][:_MENTIONED]),
        ]
        return "\n\n".join([*(section for section in sections if section), NOTE])

    def _gists(self, ranked: Sequence[Page]) -> str:
        """What each of the best is, in its own words."""
        lines = []
        for page in ranked:
            sentence, last = gist(page)
            lines.append(f"- `{page.name}`: {sentence} [{page.path}:{min(page.lines)}-{last}]")
        return "\n".join(["In its own words:", *lines]) if lines else ""

    def _path(self) -> list[Step]:
        """The calls that lead from one of the named definitions to the next, either way."""
        if len(self.definitions) < 2:
            return []
        (_, *first), (_, *second) = self.definitions[:2]
        calls, start, end = Calls(self._results()), Node(*first), Node(*second)
        return calls.path(start, end) or calls.path(end, start)

    def _follow_calls(self) -> list[ToolCall]:
        """Who is called by the first of two named definitions, and by those, until the second is found."""
        if len(self.definitions) < 2 or self.intent in ("callers", "where") or self.rounds >= _ROUNDS:
            return []
        if path := self._path():
            read = {(page.path, page.symbol) for page in self._pages()}
            nodes = [step.callee for step in path if (step.callee.path, step.callee.symbol) not in read]
            return [_call("page_in", targets=[node.target for node in nodes])] if nodes else []
        calls = Calls(self._results())
        for _, *named in self.definitions[:2]:
            start = Node(*named)
            reached = calls.frontier(start, {})
            if reached:
                return [_call("references", symbol=node.target, kind="callees") for node in reached]
        return []

    def _commits(self) -> str:
        """The commits that changed what is named, those first that speak of the question."""
        rows = [row for text in self._results() for row in text.split("\n") if _COMMIT.match(row)]
        rows = sorted(rows, key=lambda row: -self._overlap(row))[:_COMMITS]
        return "\n".join(["Commits that changed it:", *(f"- {row}" for row in rows)]) if rows else ""

    def _tests(self) -> str:
        """The tests among the callers."""
        rows = self._caller_rows()
        if rows and all(is_test(row["path"], row["symbol"]) for row in rows):
            return ""  # they were told as callers
        names = [f"`{m['symbol']}` in {m['path']}" for m in rows if is_test(m["path"], m["symbol"])]
        names += [f"`{symbol}` in {path}" for path, symbol in self._test_callers()]
        return f"Tested by {', '.join(list(dict.fromkeys(names))[:_TESTS])}." if names else ""

    def _test_callers(self) -> Iterator[tuple[str, str]]:
        """Path and name of the tests that certainly call what is named, where a line tells of them."""
        told = next((text for text in self._results() if text.startswith("callers of ")), "")
        for line in told.split("\n"):
            if line.startswith(_IN_TESTS):
                for row in _TESTED.finditer(line.removeprefix(_IN_TESTS)):
                    yield from ((row["path"], name) for name in row["symbols"].split(", ") if name != "…")

    def _mentions(self, pages: Sequence[Page]) -> str:
        named = [
            f"`{page.name}` [{page.path}:{start}-{end}]"
            for page in pages
            for start, end in [passage(page, self.weights)]
        ]
        return f"Also read: {', '.join(named)}" if named else ""

    def _results(self) -> list[str]:
        return [m.get("content") or "" for m in self.messages if m["role"] == "tool"]

    def _read_matches(self) -> list[ToolCall]:
        """Round 1: the best matches of code and of prose, and who calls what the question names."""
        code = self._code_matches()
        prose = [f"{h['path']}:{h['start']}-{h['end']}" for h in self.hits if h["prose"]]
        targets = list(dict.fromkeys(prose))[:_PROSE_PAGES] + code[:_CODE_PAGES]
        calls = [_call("page_in", targets=targets)] if targets else []
        if self.named:
            _, path, symbol = self.named
            calls = [
                _call("page_in", targets=[handle for handle, _, _ in self.definitions[:3]]),
                _call("references", symbol=f"{path}:{symbol}", kind="callers"),
                *calls,
                *([_call("history", target=f"{path}:{symbol}")] if self.intent == "why" else []),
            ]
        return calls

    def _code_matches(self) -> list[str]:
        """The definitions that the index found, but for those too large to read for a guess."""
        code = [hit for hit in self.hits if hit["symbol"] and _height(hit) <= _TALLEST]
        return list(dict.fromkeys(f"{hit['path']}:{hit['symbol']}" for hit in code))

    def _read_callers(self) -> list[ToolCall]:
        """Round 2: the callers of what is named."""
        callers = [match for line in self._result_lines() if (match := _CALLER.match(line))]
        source = [match for match in callers if not is_test(match["path"], match["symbol"])] or callers
        targets = list(dict.fromkeys(f"{match['path']}:{match['symbol']}" for match in source))
        return [_call("page_in", targets=targets[:_MORE_PAGES])] if targets and not self.flushed else []

    def _read_again(self) -> list[ToolCall]:
        """In a small window, where what was read is out again: the best of it."""
        targets = self._code_matches()[:_AGAIN]
        return [_call("page_in", targets=targets)] if targets else []

    def _result_lines(self) -> Iterator[str]:
        for message in self.messages:
            if message["role"] == "tool":
                yield from (message.get("content") or "").split("\n")

    def _pages(self) -> list[Page]:
        """The pages that came with this question, and those from before that it came upon again."""
        pages = pages_of(self.messages)
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
        return sum(self.weights.get(term, 0.0) for term in terms_in(text))

    def _in_order(self, pages: Sequence[Page]) -> list[Page]:
        """The best first: by the question's words in them, and by the index, whose order knows much more.

        Two orders made one by reciprocal ranks (Cormack, Clarke and Büttcher, 2009).
        """
        by_words = sorted(pages, key=lambda page: -self._worth(page))
        worth = {page.id: _WORDS / (_FIRST + place) for place, page in enumerate(by_words)}
        for page in pages:
            if (place := self._listed(page)) is not None:
                worth[page.id] += 1 / (_FIRST + place)
        return sorted(by_words, key=lambda page: (page is not by_words[0] or not self.named, -worth[page.id]))

    def _listed(self, page: Page) -> int | None:
        """The place of a page among what was found: callers first if asked for, prose after some code."""
        if self.intent == "callers" and not is_test(page.path, page.symbol) and self._calls_it(page):
            return 0
        start = min(page.lines)
        hits = [hit for hit in self.hits if bool(hit["prose"]) == page.is_prose]
        for place, hit in enumerate(hits):
            is_same = hit["path"] == page.path and (hit["symbol"] or "") == page.symbol
            if is_same and (page.symbol or int(hit["start"]) <= start <= int(hit["end"])):
                return place + _SHOWN * page.is_prose
        return None

    def _calls_it(self, page: Page) -> bool:
        """Whether a page calls the definition that the question names."""
        return any((row["path"], row["symbol"]) == (page.path, page.symbol) for row in self._caller_rows())

    def _worth(self, page: Page) -> float:
        """The question's words that the page has, its name counting twice; prose and tests count less."""
        body = self._overlap("\n".join(page.lines.values()))
        worth = body + self._overlap(page.symbol) + 0.5 * self._overlap(page.path)
        if self.named and (page.path, page.symbol) == self.named[1:]:
            return 100.0
        factor = (0.8 if page.is_prose else 1.0) * (0.5 if is_test(page.path, page.symbol) else 1.0)
        return worth * factor

    def _section(self, page: Page) -> str:
        """One page: what it is, and its most telling passage."""
        start, end = passage(page, self.weights)
        title = f"**{page.kind} `{page.symbol}`**" if page.symbol else f"**{page.path}**"
        body = "\n".join(page.lines[number] for number in range(start, end + 1))
        return f"{title} [{page.path}:{start}-{end}]\n{fenced(page.path, body)}"

    def _caller_rows(self) -> list[re.Match[str]]:
        """The references that were asked for."""
        for text in self._results():
            if text.startswith("callers of "):
                return [match for line in text.split("\n")[1:] if (match := _CALLER.match(line))]
        return []

    def _callers(self, most: int) -> str:
        """The callers that are no tests, as a list; each once, with its lines."""
        lines: dict[tuple[str, str], list[str]] = {}
        rows = self._caller_rows()
        for row in [row for row in rows if not is_test(row["path"], row["symbol"])] or rows:
            lines.setdefault((row["symbol"], row["path"]), []).append(row["line"])
        if not lines or self.named is None:
            return ""
        read = {(page.path, number) for page in self._pages() for number in page.lines}
        told = []
        for (symbol, path), numbers in list(lines.items())[:most]:
            cited = [f"[{path}:{number}]" for number in numbers if (path, int(number)) in read]
            where = " ".join(cited) or f"in {path}, line{'s' * (len(numbers) > 1)} {', '.join(numbers)}"
            told.append(f"- `{symbol}` {where}")
        more = [f"- and {len(lines) - most} more"] if len(lines) > most else []
        return "\n".join([f"`{self.named[2]}` is called by:", *told, *more])


def _call(name: str, **arguments: Any) -> ToolCall:
    text = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(f"extractive-{name}-{shorten(text, 40)}", name, text)


def _flushed_calls(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The first function of each round that the summary tells of, since the last answer."""
    text = "\n".join(m["content"] for m in messages if m["role"] == "user")
    return re.findall(r"^- you called (\w+)", text.rpartition("- you said: ")[2], re.M)


def _height(hit: re.Match[str]) -> int:
    return int(hit["end"]) - int(hit["start"]) + 1
