"""The embedded default: no language model, the same syscalls, fixed rules.

It sees nothing but its requests, like any model. It reads what the index found for the question, code and
prose; who calls what the question names, or uses or implements it (`relations`); with two names, the calls
that lead from one to the other; commits for a why (`intent`). It answers in the words of docstrings,
with the lines that say most, each cited, and says that no language model was used.
"""

import json
import re
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from functools import cached_property
from typing import Any

from memls.index.names import names_in
from memls.index.question import weighted_terms
from memls.index.terms import query_words
from memls.models.base import Reply, Request, TextDelta, ToolCall
from memls.models.intent import Calls, Node, Step, intent_of, steps_of
from memls.models.named import Names, as_text, entries
from memls.models.passages import (
    HEADER,
    Page,
    fenced,
    gist,
    head_line,
    pages_of,
    passage,
    terms_in,
    with_prose,
    without_copies,
)
from memls.models.relations import KINDS, Relation, Row, related
from memls.text import is_test, shorten
from memls.tokens import BYTES_PER_TOKEN

NAME = "extractive"
NOTE = (
    "_No language model was used: these are the passages of the repository that bear most on the question._"
)

NOTHING = "Nothing in the index bears on this question. _No language model was used._"
_LOOKUP = "[looked up in the index for this question"
_ABOVE = re.compile(r"(?:^|is in |^\[)(p\d+)(?:(?: \(.*\) is)? above|\] \(shown again below\))")
_HIT = re.compile(
    r"^(?P<path>\S.*?):(?P<start>\d+)-(?P<end>\d+) "
    r"(?:(?P<prose>text) \| .*|module \| .*|(?P<kind>\w+) (?P<symbol>\S+))"
    r"(?: \(~\d+ tokens.*?\))?(?: \(called by .*\))?$"
)
_COMMIT = re.compile(r"^[0-9a-f]{10} \d{4}-\d\d-\d\d ")
_CODE_PAGES, _PROSE_PAGES, _MORE_PAGES = 7, 3, 4
_GISTS, _SHOWN, _MENTIONED = 6, 3, 4
_ASKED_FOR, _BESIDE, _COMMITS, _TESTS = 20, 4, 4, 3
"""Users that are told where the question asks for them, and where it does not; commits; tests."""
_BESIDE_PATH, _BESIDE_NAMES = 1, 2
"""Words beside a path in a question about all of it, "summarise shop/cart.py", and beside names that nothing
has in a question about nothing else: "which classes implement Handlers?".
"""
_RELATED = 3
"""Definitions of which a relation is asked."""
_ROUNDS, _AGAIN = 5, 3
_ROOM = re.compile(r"about (\d+) tokens of pages and results fit")
_A_PAGE = 300
"""Tokens of a caller, as a guess: what the question names is not to be pushed out by it."""
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
        headers = [match for line in self.lookup if (match := HEADER.match(line)) and match[6]]
        above = self._named_above()
        self.definitions = [(match[1], match[2], match[6]) for match in headers]
        """Handle, path and name of each definition that the question names."""
        self.tall = {match[1] for match in headers if int(match[4]) - int(match[3]) > _TALLEST}
        if not self.definitions and above:
            self.definitions = [above]
        self.definitions.sort(key=lambda one: self.question.find(one[2].rpartition(".")[2]))
        self.intent = intent_of(self.question)
        self.kind = KINDS.get(self.intent, "callers")
        self.names = Names(self.lookup)
        if self.intent in ("where", *KINDS) and not self.definitions:
            meant = self.names.meant(_RELATED)
            self.definitions = [(node.target, node.path, node.symbol) for node in meant]
        self.named = self.definitions[0] if self.definitions else None
        about = [path for said, path in self.names.places if self._beside(said) <= _BESIDE_PATH]
        self.place = about[0] if len(about) == 1 and not self.named else ""
        """The file or folder that is asked about as a whole."""
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
        if self.named and self.rounds == 1 and (more := self._read_related()):
            return more
        return self._read_again() if not self._pages() and self.rounds < _ROUNDS else []

    def answer(self) -> str:
        """What was found, in the order in which a person would want to read it."""
        pages, results = self._pages(), self._results()
        is_related = self.intent in KINDS
        most = _ASKED_FOR if is_related else _BESIDE
        as_missing = as_text(results, self.names.missing[0], most) if self.names.missing else ""
        if not pages or (self._asks_of_nothing() and not as_missing):
            return "\n\n".join([*self.names.unknown(), NOTHING])
        ranked = without_copies(self._in_order(pages))
        if self.intent == "why":
            ranked = with_prose(ranked, _SHOWN)
        first = ranked[:1] if self.named else []
        told = [page for page in ranked[:_GISTS] if gist(page)[0]]
        if self.named and self.intent in ("where", *KINDS):
            told = []
        sections = [
            *self.names.unknown(),
            as_missing,
            self._steps(),
            entries(results, self.place) if self.place else "",
            *(self.names.shared() if is_related else ()),
            *(self._related(most) if is_related else ()),
            as_text(results, name, most) if self.named and (name := self._text_name()) else "",
            *(self._section(page) for page in first),
            self._gists(told),
            *(self._section(page) for page in ranked[len(first) : _SHOWN]),
            self._commits() if self.intent == "why" else "",
            *(self._related(_BESIDE) if not is_related else ()),
            self._tests(),
            *(self.names.shared() if not is_related else ()),
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

    def _text_name(self) -> str:
        """The name to look for as text: what no definition has, or nothing uses where that is asked."""
        if not self.named:
            return next(iter(self.names.missing), "")
        if self.intent not in KINDS or self.kind == "callees":
            return ""
        name = self.named[2].rpartition(".")[2]
        is_unused = bool(self._relations) and not any(relation.rows for relation in self._relations)
        return name if is_unused and names_in(name).symbols else ""

    def _beside(self, *said: str) -> int:
        """How many words the question has beside these."""
        rest = self.question
        for one in said:
            rest = rest.replace(one, "")
        return len(query_words(rest))

    def _asks_of_nothing(self) -> bool:
        """Whether the question is of names and files alone, and there is none of them."""
        said = [*self.names.missing, *self.names.no_files]
        return bool(said) and not self.named and self._beside(*said) <= _BESIDE_NAMES

    def _steps(self) -> str:
        """The way from one of two definitions to the other; where none is certain, that."""
        if path := self._path():
            return "\n".join(["In steps:", *steps_of(path)])
        if self.intent != "how" or not self._asked_callees:
            return ""
        first, second = (f"`{symbol}`" for _, _, symbol in self.definitions[:2])
        return f"No chain of calls that are certain is known between {first} and {second}."

    @cached_property
    def _asked_callees(self) -> bool:
        return len(self.definitions) > 1 and any(text.startswith("callees of ") for text in self._results())

    def _path(self) -> list[Step]:
        """The calls that lead from one of the named definitions to the next, either way."""
        if len(self.definitions) < 2:
            return []
        (_, *first), (_, *second) = self.definitions[:2]
        calls, start, end = Calls(self._results()), Node(*first), Node(*second)
        return calls.path(start, end) or calls.path(end, start)

    def _follow_calls(self) -> list[ToolCall]:
        """Who is called by the first of two named definitions, and by those, until the second is found."""
        if len(self.definitions) < 2 or self.intent in (*KINDS, "where") or self.rounds >= _ROUNDS:
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

    @cached_property
    def _relations(self) -> list[Relation]:
        """What was asked of the definitions that the question names."""
        results = self._results()
        nodes = dict.fromkeys(Node(path, symbol) for _, path, symbol in self.definitions[:_RELATED])
        found = [Relation(results, self.kind, node) for node in nodes]
        return [relation for relation in found if relation.asked]

    def _related(self, most: int) -> list[str]:
        """Who calls what the question names, or what else it asks of it."""
        read = {(page.path, number) for page in self._pages() for number in page.lines}
        return related(self._relations, most, read, none=self.intent in KINDS)

    def _tests(self) -> str:
        """The tests among the callers."""
        if self.kind == "callees":
            return ""
        nodes = dict.fromkeys(node for relation in self._relations for node in relation.tests())
        names = [f"`{node.symbol}` in {node.path}" for node in nodes]
        return f"Tested by {', '.join(names[:_TESTS])}." if names else ""

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
        if self.place:
            calls.append(_call("outline", path=self.place))
        if name := self._text_name():
            calls.append(_find_word(name))
        if self.named:
            _, path, symbol = self.named
            asked = self.definitions[: _RELATED if self.intent in KINDS else 1]
            about = dict.fromkeys(Node(path, symbol).target for _, path, symbol in asked)
            handles = [handle for handle, _, _ in self.definitions[:3] if handle not in self.tall]
            calls = [
                *([_call("page_in", targets=handles)] if handles else []),
                *(_call("references", symbol=target, kind=self.kind) for target in about),
                *calls,
                *([_call("history", target=f"{path}:{symbol}")] if self.intent == "why" else []),
            ]
        return calls

    def _code_matches(self) -> list[str]:
        """The definitions that the index found, but for those too large to read for a guess."""
        code = [hit for hit in self.hits if hit["symbol"] and _height(hit) <= _TALLEST]
        return list(dict.fromkeys(f"{hit['path']}:{hit['symbol']}" for hit in code))

    def _read_related(self) -> list[ToolCall]:
        """Round 2: the callers of what is named, or what else the question asks of it."""
        rows = [row for relation in self._relations for row in relation.source() if row.node.symbol]
        targets = list(dict.fromkeys(row.node.target for row in rows))
        if name := self._text_name():
            return [_find_word(name)]
        targets = targets[: min(_MORE_PAGES, self._left() // _A_PAGE)]
        return [_call("page_in", targets=targets)] if targets and not self.flushed else []

    def _left(self) -> int:
        """Tokens that may still be read before what was read first has to go, as far as can be told."""
        found = _ROOM.search("\n".join(self.lookup))
        read = sum(len(m.get("content") or "") for m in self.messages)
        return max(0, int(found[1]) - int(read / BYTES_PER_TOKEN)) if found else sys.maxsize

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
        if not is_test(page.path, page.symbol) and self._uses(page):
            return 0
        start = min(page.lines)
        hits = [hit for hit in self.hits if bool(hit["prose"]) == page.is_prose]
        for place, hit in enumerate(hits):
            is_same = hit["path"] == page.path and (hit["symbol"] or "") == page.symbol
            if is_same and (page.symbol or int(hit["start"]) <= start <= int(hit["end"])):
                return place + _SHOWN * page.is_prose
        return None

    def _uses(self, page: Page) -> list[Row]:
        """What relates a page to what the question names, where that is asked for."""
        node = Node(page.path, page.symbol)
        relations = self._relations if self.intent in KINDS else []
        return [row for one in relations for row in one.rows if row.node == node]

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
        used = [row.line for row in self._uses(page) if self.kind != "callees"]
        start, end = passage(page, self.weights, used)
        title = f"**{page.kind} `{page.symbol}`**" if page.symbol else f"**{page.path}**"
        first, last = min(page.lines), max(page.lines)
        whole = f" of {first}-{last}" if page.symbol and (start, end) != (first, last) else ""
        body = "\n".join(page.lines[number] for number in range(start, end + 1))
        if (head := head_line(page)) < start:
            body = f"{page.lines[head]}\n…\n{body}"
        return f"{title} [{page.path}:{start}-{end}]{whole}\n{fenced(page.path, body)}"


def _call(name: str, **arguments: Any) -> ToolCall:
    text = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(f"extractive-{name}-{shorten(text, 40)}", name, text)


def _find_word(name: str) -> ToolCall:
    return _call("find", query=rf"\b{re.escape(name)}\b", kind="regex")


def _flushed_calls(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The first function of each round that the summary tells of, since the last answer."""
    text = "\n".join(m["content"] for m in messages if m["role"] == "user")
    return re.findall(r"^- you called (\w+)", text.rpartition("- you said: ")[2], re.M)


def _height(hit: re.Match[str]) -> int:
    return int(hit["end"]) - int(hit["start"]) + 1
