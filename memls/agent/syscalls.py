"""The syscalls: what each function does with a session. None writes to the repository (invariant 6).

A handler gives the parts of its result and whether it did what was asked. A call that cannot be run gives
one short line; nothing a model sends can raise out of here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from memls.agent import paging
from memls.agent.ahead import Ahead, Lookup
from memls.agent.functions import ArgumentError, functions, parse_arguments
from memls.agent.listing import (
    EACH,
    NAMES,
    Matches,
    Several,
    edge_listing,
    hit_lines,
    listing,
    match_listing,
    matching,
    several_listing,
    split_tests,
    sure_and_not,
    test_lines,
)
from memls.agent.memories import is_long, memory_line
from memls.agent.namesakes import all_named, in_sight, instead, listed, meant, nearest
from memls.agent.paging import Pager
from memls.agent.session import Session
from memls.agent.short_names import shortened
from memls.errors import MemlsError, NotFoundError, UsageError
from memls.events import Syscall
from memls.index.code import Place
from memls.index.matches import Pattern
from memls.index.outlines import outline
from memls.index.resolve import Edge
from memls.index.search import Found
from memls.memory.archive import CodeAnchor
from memls.memory.pages import Region, Shown, region_hash
from memls.memory.queue import Part
from memls.memory.search import Source, Wanted, moments
from memls.models.base import ToolCall
from memls.source import git
from memls.text import is_test, plural, shorten, visible
from memls.tokens import count

_PARENTHESIS = re.compile(r"(?<!\\)[()]")
"""Models search for calls, `show(`, and mean the parenthesis."""
_FETCHED, _RANKED = 60, 12
"""Hits of one call: all that may be shown of those that are exact, the best of those that are ranked."""
_CANDIDATES = 8
"""Edges that are shown at once where they are only candidates."""
_COMMITS, _MEMORIES = 12, 10
_LARGE, _NEARLY_EMPTY, _PREFETCHED, _TALLEST = 32_768, 0.25, 4, 60
"""Tokens of a window, and the part of it below which what is called is paged in too: how many, how tall."""
_FETCHED_TOO = "called there:"


@dataclass(frozen=True, slots=True)
class Result:
    """What goes back to the model for one call."""

    parts: tuple[Part, ...]
    ok: bool = True

    @property
    def summary(self) -> str:
        """The first line, for people who watch."""
        first = self.parts[0] if self.parts else ""
        return shorten((first if isinstance(first, str) else first.header).split("\n", 1)[0], 120)

    def harmless(self) -> "Result":
        """With control characters made visible, whoever they came from."""
        return Result(tuple(visible(p) if isinstance(p, str) else p for p in self.parts), self.ok)


class Syscalls:
    """Runs a model's calls against one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.pager = Pager(session)
        self._functions = functions(session.blocks.editable)
        self._ahead = Ahead()
        self._handlers: dict[str, Callable[..., Result]] = {
            "find": self._find,
            "page_in": self._page_in,
            "page_out": self._page_out,
            "references": self._references,
            "outline": self._outline,
            "remember": self._remember,
            "recall": self._recall,
            "history": self._history,
        }

    def begin(self, calls: Sequence[ToolCall]) -> None:
        """Start looking up what the calls of one reply ask of the index; `run` them in order, then `end`."""
        lookups: list[Lookup] = []
        self._session.calls_left = len(calls)
        self.pager.in_sight = in_sight(self._session)
        for call in calls:
            try:
                arguments = parse_arguments(call.name, call.arguments, self._functions)
            except ArgumentError:
                continue
            if call.name == "find":
                lookups.append((("find", *arguments.values()), partial(self._search, **arguments)))
            elif call.name == "references":
                about = arguments["symbol"], arguments["kind"]
                lookups.append((("references", *about), partial(self._referring, *about)))
        self._ahead.begin(lookups)

    def end(self) -> None:
        """All calls of a reply were run."""
        self._ahead.end()

    def run(self, call: ToolCall) -> Result:
        """Run one call. Always gives a result."""
        arguments: dict[str, Any] = {}
        try:
            arguments = parse_arguments(call.name, call.arguments, self._functions)
            result = self._handlers[call.name](**arguments)
        except (ArgumentError, MemlsError) as error:
            result = Result((f"error: {error}",), ok=False)
        result = result.harmless()
        self._session.calls_left -= 1
        for part in result.parts:
            if isinstance(part, str):
                self._session.spend(part)
        self._session.events.append(
            Syscall(visible(shorten(call.name, 80)), arguments, result.ok, result.summary)
        )
        return result

    def _find(self, query: str, kind: str, path: str, cursor: int) -> Result:
        key = ("find", query, kind, path, cursor)
        found, read_as = self._ahead.get(key, lambda: self._search(query, kind, path, cursor))
        if isinstance(found, Several):
            return Result((several_listing(self._session, found, self._nothing),))
        if isinstance(found, Matches):
            if found.hits:
                return Result((match_listing(self._session, found, read_as),))
        elif found.hits:
            lines = hit_lines(self._session, found.hits)
            return Result((self._listing(lines, found.total, cursor, plural(found.total, "match")),))
        return Result((self._nothing(query, kind, path),))

    def _search(self, query: str, kind: str, path: str, cursor: int) -> tuple[Found | Matches | Several, str]:
        """What is found; and as what the query was read, where it was not as it is."""
        search = self._session.repository.search
        if kind == "ranked":
            return search.find(query, "auto", path or None, _RANKED, cursor), ""
        if kind == "symbol":
            whole = search.symbol(query, path or None, _FETCHED, cursor, near=False)
            names = NAMES.findall(query)
            if whole.hits or len(names) < 2:
                return whole, ""
            found = {name: search.symbol(name, path or None, EACH, near=False) for name in names}
            return Several(found, path), ""
        if kind == "text":
            return matching(search, Pattern("text", query, path or None), cursor), ""
        try:
            return matching(search, Pattern("regex", query, path or None), cursor), ""
        except UsageError as error:
            plain = _PARENTHESIS.sub(r"\\\g<0>", query)
            if plain == query:
                raise ArgumentError(f"{error}; kind text takes it as it is") from None
            return matching(search, Pattern("regex", plain, path or None), cursor), f" of {plain}"

    def _nothing(self, query: str, kind: str, path: str) -> str:
        """That nothing was found, and why, where it is the path that leads nowhere."""
        if path and not self._session.repository.search.is_in(path):
            paths = self._session.repository.code.find_paths(path, 3)
            meant = f"; did you mean {', '.join(paths)}?" if paths else ""
            return f"path {shorten(path, 80)!r} matches no file in the index{meant}"
        where = f" in {shorten(path, 80)}" if path else ""
        other = instead(self._session, query) if kind == "symbol" else self._in_any_case(query, kind, path)
        return f"no {kind} match for {shorten(query, 80)!r}{where}{other}"

    def _in_any_case(self, query: str, kind: str, path: str) -> str:
        """How many lines match where case does not count, and the call that finds them."""
        if kind == "ranked":
            return ""
        is_plain = kind == "regex" or query == re.escape(query)
        pattern = f"(?i){query}" if is_plain else rf"(?i)\Q{query}\E"
        try:
            files = self._session.repository.search.files_of(Pattern("regex", pattern, path or None))
        except UsageError:
            return ""
        found = sum(file.matches for file in files)
        return f"; {plural(found, 'match')} in any case: regex {shorten(pattern, 80)}" if found else ""

    def _page_in(self, targets: Sequence[str], detail: str) -> Result:
        if detail == "outline":
            parts, ok = self.pager.page_in(targets, "outline")
            return Result(tuple(parts), ok)
        parts, ok = self.pager.page_in(targets, "full")
        if fetched := self._called([part for part in parts if isinstance(part, Shown)]):
            parts += [_FETCHED_TOO, *fetched]
        return Result(tuple(parts), ok)

    def _called(self, shown: Sequence[Shown]) -> list[Part]:
        """What the definitions just read certainly call, paged in where a large window is nearly empty.

        It saves its reader a step, and is the first to go out again when nobody used it.
        """
        session = self._session
        limit = session.budget.limit
        free = int(limit * _NEARLY_EMPTY) - session.context.tokens - sum(count(one.text) for one in shown)
        if session.budget.window < _LARGE or free <= 0:
            return []
        parts: list[Part] = []
        for one in shown:
            page = session.context.pages.get(one.page)
            for wanted in self._callees(page.region) if page and page.region.symbol else ():
                cost = count(wanted.view.text(wanted.region.start, wanted.region.end))
                known = session.context.pages.find(wanted.region, wanted.view)
                if known or session.context.pages.covering(wanted.region, wanted.view) or cost > free:
                    continue
                parts += self.pager.place(wanted, "full", prefetched=True)
                free -= cost
                if len(parts) == _PREFETCHED:
                    return parts
        return parts

    def _callees(self, region: Region) -> list[paging.Wanted]:
        """The definitions that a definition certainly calls, those of tests and tall ones left out."""
        code = self._session.repository.code
        places = code.find_symbols(f"{region.path}:{region.symbol}")
        edges = self._session.repository.resolver.callees(places[0]) if len(places) == 1 else []
        targets = {
            (edge.target.path, edge.target.symbol): edge.target
            for edge in sorted(edges, key=lambda edge: edge.line)
            if edge.status == "resolved"
            and edge.target.symbol
            and not is_test(edge.target.path, edge.target.symbol)
        }
        short = [one for one in targets.values() if one.end_line - one.line < _TALLEST]
        return [self.pager.of_place(place) for place in short]

    def _page_out(self, pages: Sequence[str], note: str) -> Result:
        text, ok = self.pager.page_out(pages, note)
        return Result((text,), ok)

    def _references(self, symbol: str, kind: str, cursor: int) -> Result:
        key = ("references", symbol, kind)
        about, edges = self._ahead.get(key, lambda: self._referring(symbol, kind))
        if not edges:
            return Result((f"no {about} in the index",))
        edges = sorted(edges, key=lambda e: (e.status != "resolved", is_test(e.path, e.symbol)))
        outgoing = kind == "callees"
        shown, tests = (edges, []) if outgoing else split_tests(edges, symbol)
        head = f"{about}: {sure_and_not(edges, tests)}"
        sure = sum(edge.status == "resolved" for edge in shown)
        most = _FETCHED if cursor else min(_FETCHED, max(sure, _CANDIDATES))
        text = edge_listing(self._session, shown, (cursor, most), head, outgoing=outgoing)
        return Result(("\n".join([text, *test_lines(self._session, tests)]),))

    def _referring(self, symbol: str, kind: str) -> tuple[str, Sequence[Edge]]:
        """What the edges are of, and the edges."""
        resolver = self._session.repository.resolver
        if kind == "importers":
            return f"importers of {symbol}", resolver.importers(self._path_of(symbol))
        place = self._place(symbol)
        find = {
            "callers": resolver.callers,
            "callees": resolver.callees,
            "references": resolver.references,
            "implementations": resolver.implementations,
        }[kind]
        [told] = shortened(self._session.repository.search, [place])
        return f"{kind} of {told.path}:{told.symbol}", find(place)

    def _outline(self, path: str, cursor: int) -> Result:
        try:
            found = outline(self._session.repository.code, path)
        except NotFoundError as error:
            raise ArgumentError(str(error)) from None
        lines, head = found.lines, found.head
        if not cursor and self._session.listed(lines) < len(lines) and len(found.telling) < len(lines):
            lines, head = found.telling, f"{head} ({len(lines) - len(found.telling)} fields left out)"
        return Result((self._listing(lines[cursor:], len(lines), cursor, head),))

    def _remember(self, text: str, to: str, code: Sequence[str]) -> Result:
        session = self._session
        if to == "archive":
            number = session.archive.add(session.name, text, [self._anchor(target) for target in code])
            return Result((f"kept in the archive as note {number}",))
        for line in session.blocks.append(to, text):
            session.archive.add(session.name, line)
        return Result((f"remembered in {to}",))

    def _recall(self, query: str, source: Source, when: str, role: str, session: str, cursor: str) -> Result:
        own = self._session
        since, until = moments(when)
        wanted = Wanted(query, source, session, role=role, since=since, until=until)
        found = own.remembered.search(wanted, _MEMORIES, cursor)
        items = [one for one in found.items if (one.session, one.text) != (own.name, own.asked)]
        if not items:
            about = f" about {shorten(query, 80)!r}" if query else ""
            return Result((f"nothing remembered{about}{f' at {when}' if when else ''}",))
        best = next((one for one in items if is_long(one)), None)
        lines = [memory_line(own, one, query, at_length=bool(session) or one is best) for one in items]
        shown = lines[: own.fitting(lines)]
        more = found.cursor(found.items.index(items[len(shown) - 1]) + 1)
        head = plural(found.total, "memory") + (f"; for more: cursor {more}" if more else "")
        return Result(("\n".join([head, *shown]),))

    def _history(self, target: str) -> Result:
        wanted = self.pager.resolve(target)[0]
        region = wanted.region
        whole = (region.start, region.end) == (1, len(wanted.view.lines))
        span = None if whole else (region.start, region.end)
        commits = git.log(self._session.repository.root, region.path, _COMMITS, span)
        if not commits:
            return Result((f"no commits of {region.path}",))
        lines = [
            visible(f"{c.hash[:10]} {c.date[:10]} {c.author}: {shorten(c.subject, 120)}") for c in commits
        ]
        return Result((self._listing(lines, len(lines), 0, plural(len(lines), "commit")),))

    def _place(self, symbol: str) -> Place:
        name = symbol.strip("`'\" ").removesuffix("()")
        code = self._session.repository.code
        places = all_named(code, name)
        if not places:
            raise ArgumentError(f"no symbol {shorten(name, 120)}{instead(self._session, name)}")
        chosen = meant(places, name)
        best = nearest(chosen, self.pager.in_sight)
        if best is None:
            told = listed(self._session, chosen)
            raise ArgumentError(f"{shorten(name, 80)} is ambiguous ({len(places)}), name one of: {told}")
        return best

    def _path_of(self, target: str) -> str:
        paths = self._session.repository.code.find_paths(target.strip("`'\" "))
        return paths[0] if paths else self._place(target).path

    def _anchor(self, target: str) -> CodeAnchor:
        wanted = self.pager.resolve(target)[0]
        return CodeAnchor(wanted.region.path, wanted.region.symbol, region_hash(wanted.view, wanted.region))

    def _listing(self, lines: Sequence[str], total: int, cursor: int, head: str) -> str:
        return listing(self._session, lines, total, cursor, head)
