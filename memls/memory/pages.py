"""Pages: regions of code in main context, and the table that knows each one's state.

A page is anchored to a symbol where it can be, else to a range of lines, at a known content hash. When the
file changes the anchor follows: by the symbol's name first, then by a line diff, then (the file being
gone) by an unchanged content elsewhere. `Shown` is a page's text as it stands in main context.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from memls.events import PageDetail, PageInfo, PageState
from memls.index.code import View
from memls.index.names import inner_name
from memls.memory.drift import map_lines
from memls.source.comments import first_line
from memls.source.outline import Symbol
from memls.text import digest, shorten, visible
from memls.tokens import count

State = PageState
Detail = PageDetail
PageAction = Literal["pin", "unpin", "evict"]

_WIDEST = 1200
"""Longer lines are cut where they are shown; nobody reads on, and one line must not fill a window."""
_HEADER_LINES, _DECORATORS, _COMMENT_LINES = 8, 4, 2
_FIELDS = frozenset(("field", "enum_member"))
_METHODS = ("method", "property")
_TEXT = frozenset(("heading", "key"))
_MOST_MEMBERS = 40
"""With more than these an outline shows those alone that are in nothing else."""
_FEW_FIELDS, _MOST_FIELDS = 6, 12
"""Fields that an outline shows in any case, and where a type has nothing else."""
_NAMED = 4
"""Definitions that the header of lines names."""
_NAME, _FILE = re.compile(r"\w+"), re.compile(r"[\w.-]*\w")
_SHORTEST = 3
"""Characters. Shorter names are words, too."""
_MOST_ASKED = 64
"""Questions that a session remembers the steps of."""
SEE = "see "
"""How a note begins that only says on which page it stands."""
CONTAINERS = frozenset(
    ("class", "struct", "interface", "trait", "enum", "union", "namespace", "module", "type", "component")
)
_DEFINED = CONTAINERS | {"function"}


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a file, from 1, both ends included. `symbol` is set where they are exactly one symbol's."""

    path: str
    start: int
    end: int
    symbol: str = ""
    occurrence: int = 0  # which of several symbols with this qualified name (overloads, property setters)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page's text in main context: its header and numbered lines. A tombstone is a header alone."""

    page: str
    detail: Detail
    header: str
    path: str = ""
    view_hash: str = ""
    lines: tuple[tuple[int, str], ...] = field(default=())

    @property
    def text(self) -> str:
        return "\n".join([self.header, *_numbered(self.lines, gaps=self.detail == "full")])


@dataclass(slots=True)
class Page:
    """One row of the page table. `view` is the file as it was when the page was last read or refreshed."""

    id: str
    region: Region
    kind: str
    signature: str
    view: View
    state: State = "resident"
    detail: Detail = "full"
    pinned: bool = False
    prefetched: bool = False
    faults: int = 0
    uses: list[int] = field(default_factory=list)
    """The steps in which it was read or asked for."""
    mentioned: int = -1
    """The step in which the model spoke of it last, or a result showed a line of it. Not kept in sessions: it
    counts for the question that is being answered alone."""
    evicted_at: int = -1
    note: str = ""

    @property
    def text(self) -> str:
        """The anchor's text in the view that the page was last checked against."""
        return self.view.text(self.region.start, self.region.end)

    @property
    def last_use(self) -> int:
        """The step of the latest use."""
        return self.uses[-1] if self.uses else 0

    def use(self, step: int) -> None:
        """It was read or asked for in this step."""
        if not self.uses or self.uses[-1] != step:
            self.uses.append(step)

    @property
    def name(self) -> str:
        """`path:start-end`, as the model cites it."""
        return f"{self.region.path}:{self.region.start}-{self.region.end}"

    def is_called(self, words: Set[str]) -> bool:
        """Whether some words name its file, or what its lines define, but for fields."""
        start, end = self.region.start, self.region.end
        called = (s for s in self.view.symbols if s.name in words and s.kind not in _FIELDS)
        return self.region.path.rpartition("/")[2] in words or any(
            start <= s.name_line <= end for s in called
        )

    def show(self, detail: Detail, step: int | None = None) -> Shown:
        """The page's text at a level of detail, ready to be placed."""
        if step is not None:
            self.use(step)
        if detail == "tombstone":
            return self.tombstone()
        numbers = _outline_lines(self.view, self.region) if detail == "outline" else None
        if numbers is None:
            numbers = list(range(self.region.start, self.region.end + 1))
        lines = tuple((n, self.view.lines[n - 1]) for n in numbers if n <= len(self.view.lines))
        rest = ""
        if detail == "outline":
            holds = not self.region.symbol or self.kind in CONTAINERS or members(self.view, self.region)
            shown = "outline" if holds else "only its head"
            rest = f" ({shown}; page_in {self.id} for all of it)"
        header = f"[{self.id}] {visible(self.name)}{self._label()}{rest}"
        return Shown(self.id, detail, header, self.region.path, self.view.hash, lines)

    def tombstone(self, *, brief: bool = False) -> Shown:
        """The line that stays where the page was; `brief`: with its name in the place of its signature."""
        signed = self.signature and not brief
        what = visible(shorten(self.signature, 100)) if signed else self._label().strip()
        head = f"[{self.id}] {visible(self.name)} {what}".rstrip()
        return Shown(self.id, "tombstone", f"{head} ({self._became()})")

    def move(self, region: Region, view: View) -> None:
        """The anchor stands elsewhere, or its file says something else."""
        self.region, self.view = region, view
        symbol = _symbol_at(view, region)
        if symbol is not None:
            self.kind, self.signature = symbol.kind, symbol.signature

    @property
    def has_members(self) -> bool:
        """Whether an outline shows more than the region's own head."""
        return len(members(self.view, self.region)) > (1 if self.region.symbol else 2)

    def info(self) -> PageInfo:
        return PageInfo(
            id=self.id,
            path=self.region.path,
            symbol=self.region.symbol,
            start=self.region.start,
            end=self.region.end,
            state=self.state,
            detail=self.detail,
            tokens=count(self.show(self.detail).text) if self.state == "resident" else 0,
            pinned=self.pinned,
            faults=self.faults,
            last_use=self.last_use,
        )

    def _label(self) -> str:
        if self.region.symbol:
            return f" {self.kind} {visible(self._told(self.region.symbol))}"
        if around := self._around():
            return f" in {visible(self._told(around))}"
        names = self._inside()
        more = ", …" if len(names) > _NAMED else ""
        return f" with {visible(', '.join(names[:_NAMED]))}{more}" if names else ""

    def _told(self, symbol: str) -> str:
        """A name of this file without its namespace."""
        return inner_name(symbol, (s.qualified_name for s in self.view.symbols if s.kind == "namespace"))

    def _inside(self) -> list[str]:
        """The definitions that begin in lines which are no symbol's own; of a whole file its name says it."""
        start, end = self.region.start, self.region.end
        if (start, end) == (1, len(self.view.lines)):
            return []
        found = [s for s in self.view.symbols if start <= s.name_line <= end and s.kind not in _FIELDS]
        outer = [
            s for s in found if s.parent < 0 or not start <= self.view.symbols[s.parent].name_line <= end
        ]
        outer.sort(key=lambda s: s.kind in ("constant", "variable", "key"))
        names = (self._told(s.qualified_name) for s in outer if " " not in s.qualified_name)
        return list(dict.fromkeys(names))

    def _around(self) -> str:
        """The smallest symbol that holds lines which are no symbol's own."""
        start, end = self.region.start, self.region.end
        holders = [s for s in self.view.symbols if s.line <= start and end <= s.end_line]
        smallest = min(holders, key=lambda s: (s.end_line - s.line, s.qualified_name), default=None)
        return smallest.qualified_name if smallest else ""

    def _became(self) -> str:
        if self.state == "gone":
            return "gone: deleted from the repository"
        if self.state == "stale":
            return f"stale: changed since you read it; page_in {self.id} for the new text"
        note = f"; note: {visible(self.note)}" if self.note else ""
        return f"evicted; page_in {self.id} to read it again{note}"


class PageTable:
    """Every page of a session, by handle, in the order of their first page-in."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self.faults = 0
        self.asked: list[int] = []
        """The steps in which the session's questions were asked, the last being answered."""

    def __iter__(self) -> Iterator[Page]:
        return iter(tuple(self._pages.values()))  # others look while a run adds to it

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, handle: str) -> Page | None:
        return self._pages.get(handle)

    def find(self, region: Region, view: View) -> Page | None:
        """The page that is these lines of `view`. Lines of another content are not comparable."""
        for page in self._of(view):
            if page.state != "gone" and (page.region.start, page.region.end) == (region.start, region.end):
                return page
        return None

    def covering(self, region: Region, view: View) -> Page | None:
        """A page in full that shows the region of `view` as part of a larger one, or None."""
        for page in self._of(view):
            if page.state == "resident" and page.detail == "full":
                inside = page.region.start <= region.start and region.end <= page.region.end
                if inside:
                    return page
        return None

    def _of(self, view: View) -> Iterator[Page]:
        """Pages of exactly this content of this file."""
        return (p for p in self if p.region.path == view.path and p.view.hash == view.hash)

    def ask(self, step: int) -> None:
        """A question begins."""
        self.asked = [*self.asked[1 - _MOST_ASKED :], step]

    def hear(self, text: str, step: int) -> None:
        """Text that the model wrote: it speaks of pages by their files, or by what they define."""
        words = {word for word in (*_NAME.findall(text), *_FILE.findall(text)) if len(word) > _SHORTEST}
        for page in self:
            if page.state == "resident" and page.is_called(words):
                page.mentioned = step

    def point(self, path: str, line: int, step: int) -> None:
        """A result shows one line of a file."""
        for page in self:
            if page.region.path == path and page.region.start <= line <= page.region.end:
                page.mentioned = step

    def obey(self, action: PageAction, handle: str, step: int) -> Page | None:
        """Pin, unpin or evict a page as the user says; the page, or None where there is none such.

        Its text in main context is left to the caller.
        """
        page = self.get(handle)
        if page is not None and action == "evict":
            page.pinned = False
            if page.state == "resident":
                page.state, page.evicted_at = "evicted", step
        elif page is not None:
            page.pinned = action == "pin"
        return page

    def add(self, region: Region, view: View, step: int) -> Page:
        """A new row for a region of `view`."""
        symbol = _symbol_at(view, region)
        page = Page(
            id=f"p{len(self._pages) + 1}",
            region=region,
            kind=symbol.kind if symbol else "lines",
            signature=symbol.signature if symbol else "",
            view=view,
            uses=[step],
        )
        self._pages[page.id] = page
        return page

    def infos(self) -> tuple[PageInfo, ...]:
        return tuple(page.info() for page in self)

    def restore(self, pages: Iterable[Page]) -> None:
        """Put back the rows of a saved session."""
        self._pages = {page.id: page for page in pages}


def region_of(view: View, symbol: Symbol) -> Region:
    """The region of a symbol with the comment above it, and with which of its namesakes it is."""
    same = [s for s in view.symbols if s.qualified_name == symbol.qualified_name]
    start = _start(view, symbol)
    return Region(view.path, start, symbol.end_line, symbol.qualified_name, same.index(symbol))


def _start(view: View, symbol: Symbol) -> int:
    if symbol.kind in _TEXT or not 1 <= symbol.line <= len(view.lines):
        return symbol.line
    return first_line(view.lines, symbol.line)


def symbol_of_lines(view: View, start: int, end: int) -> Symbol | None:
    """The symbol that some lines are, with or without the comment above it."""
    ending = [s for s in view.symbols if s.end_line == end and start <= s.line]
    return next((s for s in ending if start in (s.line, _start(view, s))), None)


def relocate(page: Page, new: View) -> Region | None:
    """Where the page's anchor is in `new` (the same file, or the one it moved to); None where it is gone."""
    region = page.region
    if region.symbol:
        same = [s for s in new.symbols if s.qualified_name == region.symbol]
        if same:
            return region_of(new, same[min(region.occurrence, len(same) - 1)])
    mapped = map_lines(page.view.lines, new.lines, region.start, region.end)
    if mapped is None:
        return None
    start, end = mapped
    renamed = symbol_of_lines(new, start, end)
    if renamed:
        return region_of(new, renamed)
    return Region(new.path, start, end)


def region_hash(view: View, region: Region) -> str:
    """The hash that a citation of the region carries."""
    return digest(view.text(region.start, region.end))


def anchor_hash(view: View, symbol: str) -> str:
    """The hash of a symbol's text, of the whole file for "", and "" where there is no such symbol."""
    if not symbol:
        return region_hash(view, Region(view.path, 1, max(1, len(view.lines))))
    found = view.symbol(symbol)
    return digest(view.text(found.line, found.end_line)) if found else ""


def _symbol_at(view: View, region: Region) -> Symbol | None:
    same = [s for s in view.symbols if s.qualified_name == region.symbol] if region.symbol else []
    return same[min(region.occurrence, len(same) - 1)] if same else None


def _numbered(lines: Sequence[tuple[int, str]], *, gaps: bool) -> Iterator[str]:
    """Lines with their numbers. An outline is gaps most of all: its numbers say so, and marks say no more."""
    previous = None
    for number, text in lines:
        if gaps and previous is not None and number != previous + 1:
            yield "…"
        yield f"{number}|{visible(shorten(text, _WIDEST))}"
        previous = number


def _outline_lines(view: View, region: Region) -> list[int]:
    """Line numbers of the definitions in a region: its own head, then its members' first lines."""
    top = _symbol_at(view, region)
    wanted = set(_head(view, top)) if top else set()
    if top:
        wanted.update(range(region.start, min(top.line, region.start + _COMMENT_LINES)))
    for member in members(view, region):  # its decorators say what it is for
        wanted.update(range(max(member.line, member.name_line - _DECORATORS), member.name_line + 1))
    return sorted(wanted) or list(range(region.start, min(region.end, region.start + 2) + 1))


def members(view: View, region: Region) -> list[Symbol]:
    """What an outline of a region shows besides its head; of a function what it defines inside."""
    top = _symbol_at(view, region)
    own = view.symbols.index(top) if top else -1
    inside = [s for s in view.symbols if region.start <= s.line and s.end_line <= region.end and s is not top]
    if top is not None and top.kind not in CONTAINERS:
        return [s for s in inside if s.parent == own and s.kind in _DEFINED]
    inside = _telling([s for s in inside if not _is_in_a_literal(view, s)])
    return inside if len(inside) <= _MOST_MEMBERS else [s for s in inside if s.parent in (-1, own)]


def _is_in_a_literal(view: View, symbol: Symbol) -> bool:
    """Whether it is a member of an object that a method writes out, such as an accessor: none of the type."""
    holder = view.symbols[symbol.parent].kind if symbol.parent >= 0 else ""
    return symbol.kind in _METHODS and holder in (*_METHODS, "constructor")


def _telling(members: Sequence[Symbol]) -> list[Symbol]:
    """Without the fields of a type that are many, or stand beside methods: they fill an outline."""
    fields = sum(s.kind in _FIELDS for s in members)
    if fields <= _FEW_FIELDS or (fields == len(members) and fields <= _MOST_FIELDS):
        return list(members)
    return [s for s in members if s.kind not in _FIELDS]


def _head(view: View, symbol: Symbol) -> range:
    """The lines of a definition up to where its body opens, with a docstring's first line."""
    last = symbol.name_line
    limit = min(symbol.end_line, symbol.name_line + _HEADER_LINES)
    while last < limit and not view.lines[last - 1].rstrip().endswith((":", "{", ";")):
        last += 1
    following = view.lines[last].lstrip() if last < min(symbol.end_line, len(view.lines)) else ""
    documented = following.startswith(('"""', "'''", 'r"""'))
    return range(symbol.line, last + 1 + documented)
