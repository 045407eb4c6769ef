"""The pager: turns what a model asks for into regions, and regions into pages that fit.

A target is a handle (`p3`), `path:10-60`, `path:10` (what is around it), `path:Symbol`, `Symbol` or `path`.
What is too large comes as an outline where it has members, else as its first part, with the words that ask
for the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memls.agent.functions import ArgumentError
from memls.agent.namesakes import InSight, all_named, are_shown_together, instead, listed, meant, nearest
from memls.agent.session import Session
from memls.agent.short_names import shortened
from memls.agent.surroundings import around
from memls.errors import MemlsError
from memls.events import PageIn, PageOut
from memls.index.code import Place, View
from memls.index.names import without_receiver
from memls.memory.pages import (
    CONTAINERS,
    SEE,
    Detail,
    Page,
    Region,
    Shown,
    members,
    region_of,
    relocate,
    symbol_of_lines,
)
from memls.memory.queue import Part
from memls.memory.refresh import current_view
from memls.source.listing import is_safe, list_files
from memls.text import shorten, visible
from memls.tokens import count

_HANDLE = re.compile(r"\[?(p\d+)\]?")
_LINES = re.compile(r"(?P<path>.+?)(?::|#)L?(?P<start>\d+)(?:\s*[-–]\s*L?(?P<end>\d+))?")
_MOST_TARGETS = 16
_SMALLEST_ROOM = 80
_LONGEST_NOTE = 500
"""Characters."""
_NEXT = r"(?:^|(?<=[;.])\s+|\s(?=\[?p\d+\]?:))\[?({})\b\]?:?\s*"
"""Where a note of several pages begins to speak of the next: "p5: …; p6 …"."""
_BETWEEN = " ;,"
_METHODS = 24
_NUMBER = re.compile(r"(?<![\w.])\d{1,7}(?!\w)")
_SOON = 4
"""Steps: a page that faults this soon after its eviction was evicted wrongly."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A region to show, in the view it was found in; `page` is the row it has already, if any."""

    view: View
    region: Region
    page: Page | None = None
    note: str = ""
    """What is said after it: the others that are called so, the methods that stand elsewhere."""


class Pager:
    """Page-in and page-out for one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.in_sight = InSight()
        """What told namesakes apart when the calls of this reply began."""

    def page_in(self, targets: Sequence[str], detail: Detail) -> tuple[list[Part], bool]:
        """Parts of a result: pages, and a line for each target that could not be shown."""
        parts: list[Part] = []
        failed = 0
        for target in targets[:_MOST_TARGETS]:
            try:
                wanted = self.resolve(target.strip())
            except (ArgumentError, MemlsError) as error:
                parts.append(str(error))
                failed += 1
                continue
            for one in wanted:
                parts += [*self.place(one, detail), *filter(None, [one.note])]
                if detail == "outline":
                    parts += self.methods(one)
        if len(targets) > _MOST_TARGETS:
            parts.append(f"only the first {_MOST_TARGETS} targets were taken")
        return parts, failed < len(targets)

    def page_out(self, handles: Sequence[str], note: str) -> tuple[str, bool]:
        """Mark pages as evicted; their text leaves at the next compaction, before anything else does.

        Parts of the note that begin with a handle go to that page; a note without such parts to the page it
        speaks of, else to the last of them. The others point to the first that has one. Pages that are out
        already take a note too.
        """
        out: list[Page] = []
        already: list[Page] = []
        unknown: list[str] = []
        for handle in handles:
            match = _HANDLE.fullmatch(handle.strip())
            page = self._session.context.pages.get(match.group(1)) if match else None
            if page is None:
                unknown.append(shorten(handle, 40))
            elif page.state != "resident":
                already.append(page)
            elif page not in out:
                out.append(page)
        takes_notes = [page for page in (*already, *out) if page.state != "gone"]
        noted = _noted(takes_notes, " ".join(note.split()))
        holders = list(noted)
        for page in already:
            page.note = noted.get(page.id, page.note)
        for page in out:
            page.state, page.evicted_at, page.pinned = "evicted", self._session.step, False
            page.note = noted.get(page.id, f"{SEE}{holders[0]}" if holders else "")
            self._session.events.append(PageOut(page.info(), "paged out by the model"))
        told = [f"released, to go when room is needed: {', '.join(page.id for page in out) or 'nothing'}"]
        if holders:
            stays = "notes stay" if len(holders) > 1 else "note stays"
            told.append(f"the {stays} on {', '.join(holders)}")
        if already:
            names = ", ".join(page.id for page in already)
            told.append(f"{names} {'was' if len(already) == 1 else 'were'} already out")
        told += [f"no page {', '.join(unknown)}"] if unknown else []
        return "; ".join(told), bool(out or already) or not unknown

    def place(self, wanted: Wanted, detail: Detail, *, prefetched: bool = False) -> list[Part]:
        """Show a region, as a page that fits the room that is left."""
        session = self._session
        page = wanted.page or session.context.pages.find(wanted.region, wanted.view)
        if page is None:
            holder = session.context.pages.covering(wanted.region, wanted.view)
            if holder is not None:
                holder.use(session.step)
                return [f"{_name(wanted.region)} is in {holder.id} above"]
        elif page.state == "resident" and (page.detail == "full" or detail == "outline"):
            page.use(session.step)
            page.prefetched = False
            return [f"{page.id} ({page.name}) is above already"]
        if session.room < _SMALLEST_ROOM:
            return [f"no room left for {_name(wanted.region)}: page_in it in the next step"]
        return self._show(wanted, page, detail, prefetched)

    def resolve(self, target: str) -> list[Wanted]:
        """The regions that a target names. Raises ArgumentError with near names or candidates."""
        if match := _HANDLE.fullmatch(target):
            return [self._by_handle(match.group(1))]
        if (match := _LINES.fullmatch(target)) and (view := self._file(match.group("path"))):
            return [Wanted(view, _line_region(view, match.group("start"), match.group("end")))]
        if view := self._file(target, indexed=True):
            return [Wanted(view, Region(view.path, 1, max(1, len(view.lines))))]
        places = all_named(self._session.repository.code, _bare(target))
        if not places and (view := self._file(target)):
            return [Wanted(view, Region(view.path, 1, max(1, len(view.lines))))]
        return self._by_symbol(target, places)

    def _by_handle(self, handle: str) -> Wanted:
        page = self._session.context.pages.get(handle)
        if page is None:
            raise ArgumentError(f"no page {handle}")
        view = current_view(self._session.repository.code, page)
        region = relocate(page, view) if view else None
        if view is None or region is None:
            raise ArgumentError(
                f"{handle} ({page.name}) is gone: its code was deleted or rewritten; find it again"
            )
        page.move(region, view)
        return Wanted(view, region, page)

    def _file(self, path: str, *, indexed: bool = False) -> View | None:
        """The file of this path, or the only one that ends in it; None where it names no file.

        With `indexed`, only among those of the index: to look for others takes a git process.
        """
        code = self._session.repository.code
        cleaned = path.strip("`'\" ").removeprefix("./")
        if not cleaned or cleaned.startswith("/") or not is_safe(cleaned):
            return None
        paths = code.find_paths(cleaned)
        if cleaned not in paths and len(paths) > 1:
            raise ArgumentError(f"{path} is ambiguous: {', '.join(paths[:6])}")
        if not paths and indexed:
            return None
        if not paths:
            return self._unindexed(cleaned) if "/" in cleaned or "." in cleaned else None
        return code.view(cleaned if cleaned in paths else paths[0])

    def _unindexed(self, path: str) -> View | None:
        """A file that the index does not have yet. What is ignored (keys, builds) stays unread."""
        listed = list_files(self._session.repository.root, only=[path]).entries
        return self._session.repository.code.try_view(path) if path in listed else None

    def _by_symbol(self, target: str, places: Sequence[Place]) -> list[Wanted]:
        code = self._session.repository.code
        name = _bare(target)
        if not places and "/" in name and code.folder(name.strip("/")):
            raise ArgumentError(f"{name} is a folder: use outline")
        if not places:
            hint = instead(self._session, name) or "; try find"
            raise ArgumentError(f"no file or symbol is named {shorten(target, 120)}{hint}")
        chosen = meant(places, name)
        if len(chosen) == 1 or are_shown_together(code, chosen):
            return [self.of_place(place) for place in chosen]
        best = nearest(chosen, self.in_sight)
        others = listed(self._session, [place for place in chosen if place is not best])
        if best is None:
            raise ArgumentError(
                f"{shorten(target, 80)} is ambiguous ({len(places)}), page_in one of: {others}"
            )
        [told] = shortened(self._session.repository.search, [best])
        return [replace(self.of_place(best), note=f"also named {told.symbol}: {others}")]

    def methods(self, wanted: Wanted) -> list[Part]:
        """A line of the methods that a type has elsewhere, as in Go; none for all else."""
        symbol = wanted.view.symbol(wanted.region.symbol) if wanted.region.symbol else None
        if symbol is None or symbol.kind not in CONTAINERS:
            return []
        region = wanted.region
        found = self._session.repository.search.methods_of(region.path, region.symbol, region.end)
        files: dict[str, list[str]] = {}
        for path, name, line in found[:_METHODS]:
            files.setdefault(path, []).append(f"{name} {line}")
        told = "; ".join(f"{path}: {', '.join(names)}" for path, names in files.items())
        more = f" and {len(found) - _METHODS} more" if len(found) > _METHODS else ""
        [named] = shortened(self._session.repository.search, [region])
        return [visible(f"methods of {named.symbol}, with lines: {told}{more}")] if found else []

    def of_place(self, place: Place) -> Wanted:
        """The region of a definition. Raises ArgumentError where it is not there any more."""
        view = self._session.repository.code.view(place.path)
        symbols = [s for s in view.symbols if s.qualified_name == place.symbol]
        if not symbols:
            raise ArgumentError(f"{place.path}:{place.symbol} has just changed; try again")
        symbol = min(symbols, key=lambda s: abs(s.line - place.line))
        return Wanted(view, region_of(view, symbol))

    def _show(self, wanted: Wanted, page: Page | None, detail: Detail, prefetched: bool) -> list[Part]:
        session = self._session
        probe = page or Page("p0", wanted.region, "lines", "", wanted.view)
        notes: list[Part] = []
        if detail == "full" and count(probe.show("full").text) > session.room:
            wanted, detail, notes = self._smaller(wanted, probe)
            page = (
                page
                if page and page.region == wanted.region
                else session.context.pages.find(wanted.region, wanted.view)
            )
        if page is None:
            page = session.context.pages.add(wanted.region, wanted.view, session.step)
            page.prefetched = prefetched
        elif page.state == "evicted":
            page.faults += 1
            session.context.pages.faults += session.step - page.evicted_at <= _SOON
        page.move(wanted.region, wanted.view)
        page.state, page.detail = "resident", detail
        shown = page.show(detail, session.step)
        if detail == "outline" and count(shown.text) > session.room:
            shown = _cut_outline(shown, session.room)
            notes.append("the outline was cut to fit: page_in members by name")
        session.spend(shown)
        session.events.append(PageIn(page.info()))
        return [*notes, shown]

    def _smaller(self, wanted: Wanted, probe: Page) -> tuple[Wanted, Detail, list[Part]]:
        """What to show of a region that does not fit: its outline, or as many of its lines as do."""
        room = self._session.room
        size = count(probe.show("full").text)
        region = wanted.region
        if len(members(wanted.view, region)) > 1:
            note = f"{_name(region)} has about {size} tokens; only its outline fits: page_in members by name"
            return wanted, "outline", [note]
        end = region.start
        left = room - 60
        while end <= region.end and left > 0:
            left -= count(f"{end}|{shorten(wanted.view.lines[end - 1], 400)}\n")
            end += 1
        end = max(region.start, min(end - 2, region.end))
        part = Region(region.path, region.start, end)
        if end == region.end:
            return Wanted(wanted.view, part), "full", []
        note = f"too large for one page; continue with page_in {region.path}:{end + 1}-{region.end}"
        return Wanted(wanted.view, part), "full", [note]


def _noted(pages: Sequence[Page], note: str) -> dict[str, str]:
    """What of a note stays on which page: "p5: … p6: …" has a part for each, any other stays on one whole."""
    before, *said = re.split(_NEXT.format("|".join(page.id for page in pages)), note) if pages else [""]
    parts: dict[str, str] = {}
    for handle, told in zip(said[::2], said[1::2], strict=True):
        parts[handle] = f"{parts.get(handle, '')} {told}".strip(_BETWEEN)
    if (before or not any(parts.values())) and (holder := _holder(pages, note)):
        parts = {holder.id: note}
    return {handle: shorten(told, _LONGEST_NOTE) for handle, told in parts.items() if told}


def _holder(pages: Sequence[Page], note: str) -> Page | None:
    """The page that a note is about: whose lines it names, else whose file or handle; else the last that is
    in full."""
    numbers = [int(number) for number in _NUMBER.findall(note)]

    def worth(page: Page) -> tuple[int, bool]:
        region = page.region
        named = region.path.rpartition("/")[2] in note or page.id in re.findall(r"\w+", note)
        inside = sum(region.start <= number <= region.end for number in numbers)
        return inside * (1 + named) + named, page.detail == "full"

    return max(reversed(pages), key=worth, default=None)


def _bare(target: str) -> str:
    """A symbol as models write it, without what stands around."""
    return without_receiver(target.strip("`'\" ").removesuffix("()"))


def _line_region(view: View, start_text: str, end_text: str | None) -> Region:
    height = max(1, len(view.lines))
    start = min(max(1, int(start_text)), height)
    if end_text is not None:
        return _named(view, start, min(max(start, int(end_text)), height))
    return around(view, start)


def _named(view: View, start: int, end: int) -> Region:
    """Lines as a region; where they are exactly a symbol's, anchored to it."""
    symbol = symbol_of_lines(view, start, end)
    return region_of(view, symbol) if symbol else Region(view.path, start, end)


def _cut_outline(shown: Shown, room: int) -> Shown:
    lines = list(shown.lines)
    while (
        len(lines) > 1 and count(Shown(shown.page, "outline", shown.header, lines=tuple(lines)).text) > room
    ):
        lines = lines[: max(1, len(lines) * 3 // 4)]
    return Shown(shown.page, shown.detail, shown.header, shown.path, shown.view_hash, tuple(lines))


def _name(region: Region) -> str:
    return visible(f"{region.path}:{region.start}-{region.end}")
