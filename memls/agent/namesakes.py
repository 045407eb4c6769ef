"""Which of several definitions of one name is meant: the one nearer to what its reader looks at.

Nothing is guessed in silence: the others are named, and where nothing tells them apart they are listed.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from memls.agent.session import Session
from memls.agent.short_names import shortened
from memls.index.code import Code, Place
from memls.index.names import dotted, parted
from memls.text import is_aside, is_test, visible
from memls.tokens import count

_LATEST = 6
"""Entries of the queue whose paths count as looked at."""
_SCRIPT = re.compile(r"\.(sh|bash|zsh|fish|ps1|bat|sql)$")
_SMALL = 400
"""Tokens that two namesakes may have together to be shown both."""
_LISTED = 6


@dataclass(frozen=True, slots=True)
class InSight:
    """The files of resident pages, and what the latest results say."""

    pages: frozenset[str] = frozenset()
    results: str = ""

    def nearness(self, place: Place) -> int:
        if place.path in self.pages:
            return 3
        if f"{place.path}:" in self.results:
            return 2
        folder = place.path.rpartition("/")[0]
        return int(any(path.rpartition("/")[0] == folder for path in self.pages))


def all_named(code: Code, name: str) -> list[Place]:
    """Every definition of `Name` or `path:Name`, since it is told how many there are."""
    return code.find_symbols(name, sys.maxsize)


def in_sight(session: Session) -> InSight:
    """What the model has before it now."""
    context = session.context
    pages = frozenset(page.region.path for page in context.pages if page.state == "resident")
    return InSight(pages, "\n".join(entry.content for entry in context.queue.entries[-_LATEST:]))


def meant(places: Sequence[Place], target: str) -> list[Place]:
    """Those that `Name` or `path:Name` means by itself: what is exactly so before what only ends so.

    Tests, and code beside the matter, are left out beside others, and constructors beside their class.
    """
    path, name = parted(target)
    there = [place for place in places if place.path == path] or places
    source = [place for place in there if not is_test(place.path, place.symbol)] or there
    source = [place for place in source if not is_aside(place.path)] or source
    owners = {(place.path, place.symbol) for place in source}
    outer = [place for place in source if (place.path, place.symbol.rpartition(".")[0]) not in owners]
    return [place for place in outer if place.symbol == dotted(name)] or outer


def choose(places: Sequence[Place], name: str) -> list[Place]:
    """The definitions that a name means where they are one, or two; else none."""
    source = meant(places, name)
    return source if len(source) <= 2 else []


def nearest(places: Sequence[Place], at: InSight) -> Place | None:
    """The one that is nearer than all others, if any; code is nearer than scripts and what is aside."""
    ranks = [(not (_SCRIPT.search(p.path) or is_aside(p.path)), at.nearness(p)) for p in places]
    best = max(ranks, default=None)
    return places[ranks.index(best)] if best is not None and ranks.count(best) == 1 else None


def are_shown_together(code: Code, places: Sequence[Place]) -> bool:
    """Two in one file (overloads, a getter and its setter), or two that are small."""
    if len(places) != 2:
        return False
    return places[0].path == places[1].path or sum(_tokens(code, place) for place in places) <= _SMALL


def instead(session: Session, target: str) -> str:
    """What there is where nothing is named as a target: who has its last name elsewhere, else one near it.

    Each is told as a target with its lines, to be asked for; "" where there is none.
    """
    code = session.repository.code
    path, name = parted(target)
    last = dotted(name).rpartition(".")[2]
    if places := all_named(code, last):
        places.sort(key=lambda place: not f"/{place.path}".endswith(f"/{path}"))
        return f"; of that name: {listed(session, places)}"
    near = [meant(all_named(code, one), one)[0] for one in session.repository.search.symbol(last).near]
    return f"; near names: {listed(session, near)}" if near else ""


def listed(session: Session, places: Sequence[Place]) -> str:
    """Namesakes, each as a target, with its lines and size."""
    code, search = session.repository.code, session.repository.search
    told = [
        f"{p.path}:{p.symbol} ({p.line}-{p.end_line}, ~{_tokens(code, p)} tokens)"
        for p in shortened(search, places[:_LISTED])
    ]
    more = [f"and {len(places) - _LISTED} more"] if len(places) > _LISTED else []
    return visible("; ".join(told + more))


def _tokens(code: Code, place: Place) -> int:
    return max(10, round(count("\n".join(code.lines(place.path)[place.line - 1 : place.end_line])), -1))
