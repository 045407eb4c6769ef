"""Edges: how a resolved reference is told, with the candidates where it is not resolved."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from posixpath import commonprefix
from typing import Any, Literal

from memls.index.code import Place
from memls.index.facts import Bound, Definition
from memls.index.found import Found, Site, Target
from memls.index.inventory import Files
from memls.index.layout import Module
from memls.index.lookup import Lookup
from memls.index.scoping import FITTING, MEMBER_KINDS, scoping
from memls.index.symbols import beside
from memls.text import is_test

SITE = """SELECT r.file, r.name, r.role, r.line, r."column", r.receiver,
    coalesce(s.qualified_name, ''), coalesce(s.kind, ''), r.arguments
FROM refs r LEFT JOIN symbols s ON s.file = r.file AND s.ordinal = r.scope"""

_GIVEN = re.compile(r"(?<=\w)(?:\([^()]*\)|\[[^][]*\])")
"""What a call is given, or an index: not what the object is called."""
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")

Status = Literal["resolved", "candidate"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A use and the definition it leads to. `line` counts from 1, `column` from 0 in UTF-8 bytes.

    `symbol` is the qualified name of the symbol around the site, "" at file level. Of a `candidate`,
    `reason` says how many there are. A file as target has symbol "" and kind "file". `name` is the one
    that is used, "" where that is not known, and `receiver` what it is used of.
    """

    path: str
    line: int
    column: int
    symbol: str
    role: str
    status: Status
    reason: str
    target: Place
    name: str = field(default="", compare=False)
    receiver: str = field(default="", compare=False)


def edge_row(edge: Edge, *, outward: bool) -> dict[str, Any]:
    """An edge in the field names of `memls refs --json`: where the use stands; `outward`: where it leads."""
    if outward:
        path, line, column, symbol = edge.target.path, edge.target.line, 1, edge.target.symbol
    else:
        path, line, column, symbol = edge.path, edge.line, edge.column + 1, edge.symbol
    return {
        "path": path, "line": line, "column": column, "symbol": symbol,
        "status": edge.status, "reason": edge.reason, "role": edge.role,
    }  # fmt: skip


def leads(lookup: Lookup, sites: Sequence[Site], shown: int | None) -> list[Edge]:
    """Where each site leads: one edge, or one for each candidate (the nearest `shown`)."""
    facts = lookup.facts
    found = lookup.resolve_all(sites)
    unknown = sorted({site.name for site, one in zip(sites, found, strict=True) if one is None})
    named = facts.settle({name: partial(facts.everywhere, name) for name in unknown})
    edges = []
    for site, one in zip(sites, found, strict=True):
        if one is None:
            near = candidates(facts.files, site, named[site.name])
            reason = by_name(len(near))
            edges += [edge_of(facts.files, site, target, reason, False) for target in near[:shown]]
        else:
            count = len(one.targets)
            reason = one.reason if count == 1 else f"{one.reason}, one of {count}"
            sure = lookup.is_fact(one)
            places = sorted((place_of(facts.files, target) for target in one.targets), key=_by_path)
            edges += [edge_to(facts.files, site, place, reason, sure) for place in places[:shown]]
    return edges


def candidates(files: Files, site: Site, named: dict[int, list[Definition]]) -> list[Definition]:
    """Definitions that an unknown receiver's member can be: first of the class that it is called as.

    Of those that are as likely the nearest file comes first. Tests and what is beside the matter come last,
    but for uses in such files.
    """
    here = files.paths[site.file]
    beside_here = beside(here)

    def distance(d: Definition) -> tuple[bool, float, int, str, int]:
        path = files.paths[d.file]
        alike = likeness(site.receiver, d.qualified_name)
        return beside(path) > beside_here, -alike, -len(commonprefix([path, here])), path, d.line

    return sorted(possible(files, site, named), key=distance)


def possible(files: Files, site: Site, named: dict[int, list[Definition]]) -> list[Definition]:
    """The same in no order: how many they are is asked for each file that has such a use."""
    family = family_of(files, site.file)
    fitting = {
        (d.file, d.qualified_name): d
        for file, definitions in named.items()
        if family_of(files, file) == family
        for d in definitions
        if fits(files, site, d.kind, d.qualified_name) and not is_hidden(files, site, d.file, d.signature)
    }
    return list(fitting.values())


def fits(files: Files, site: Site, kind: str, qualified_name: str) -> bool:
    rules = scoping(files.languages[site.file])
    if site.role in FITTING and kind not in FITTING[site.role]:
        return False
    if kind == "component":
        return rules.component and not site.receiver
    if not site.receiver:
        return rules.guesses and kind not in MEMBER_KINDS
    return rules.loose_functions or kind in MEMBER_KINDS or "." in qualified_name


def is_hidden(files: Files, site: Site, file: int, signature: str) -> bool:
    """Whether a site cannot see a definition: it is private, which its language shows to its own file."""
    private = scoping(files.languages[file]).private
    return file != site.file and private is not None and bool(private.search(signature))


def by_name(count: int) -> str:
    return f"only candidates by name ({count})" if count != 1 else "only candidate by name"


def edge_of(files: Files, site: Site, target: Target, reason: str, sure: bool) -> Edge:
    return edge_to(files, site, place_of(files, target), reason, sure)


def edge_to(files: Files, site: Site, place: Place, reason: str, sure: bool) -> Edge:
    status: Status = "resolved" if sure else "candidate"
    path = files.paths[site.file]
    return Edge(
        path, site.line, site.column, site.scope, site.role, status, reason, place, site.name, site.receiver
    )


def edge_of_import(lookup: Lookup, bound: Bound, found: Found, place: Place) -> Edge:
    sure = lookup.is_fact(found)
    reason = found.reason if len(found.targets) == 1 else f"{found.reason}, one of {len(found.targets)}"
    site = Site(bound.file, bound.name, "import", bound.line, bound.column, "", bound.scope, "")
    return edge_to(lookup.facts.files, site, place, reason, sure)


def place_of(files: Files, target: Target) -> Place:
    if isinstance(target, Module):
        return file_place(files, target.paths[0] if target.paths else target.folder or "")
    return Place(
        files.paths[target.file],
        target.qualified_name,
        target.kind,
        target.line,
        target.end_line,
        target.signature,
    )


def file_place(files: Files, path: str) -> Place:
    file = files.ids.get(path)
    return Place(path, "", "file", 1, 1 if file is None else files.lines[file], "")


def _by_path(place: Place) -> tuple[str, int]:
    return place.path, place.line


def in_order(edges: Iterable[Edge]) -> list[Edge]:
    """Resolved ones by place; then candidates, the likeliest first."""
    unique = dict.fromkeys(edges)
    return sorted(unique, key=_rank)


def _rank(edge: Edge) -> tuple[object, ...]:
    place, guessed = edge.target, edge.status == "candidate"
    return (
        guessed, _unlikeliness(edge) if guessed else (), edge.path, edge.line, edge.column, edge.reason,
        edge.role, edge.symbol, place.path, place.line, place.symbol,
    )  # fmt: skip


def _unlikeliness(edge: Edge) -> tuple[bool, float, int]:
    """Tests last; first those on what is called as the target's class is, then those in its folder.

    Names are all that is known of such a receiver, and programmers call objects by their classes.
    """
    alike = likeness(edge.receiver, edge.target.symbol)
    return is_test(edge.path, edge.symbol), -alike, -_shared_folders(edge.path, edge.target.path)


@lru_cache(maxsize=1 << 12)
def likeness(receiver: str, member: str) -> float:
    """How much the name of an object has of a member's class's, from 0 to 1 (Dice, 1945, over their words).

    `pluginContainer` is called 0.8 as `EnvironmentPluginContainer` is, `self._session` 1.0 as `Session`.
    """
    names = _IDENTIFIER.findall(_GIVEN.sub("", receiver))
    owner = member.rpartition(".")[0].rpartition(".")[2]
    called, wanted = _words(names[-1]) if names else set(), _words(owner)
    total = len(called) + len(wanted)
    return 2 * len(called & wanted) / total if total else 0.0


def _words(name: str) -> set[str]:
    return {part.lower() for part in _PART.findall(name)}


@lru_cache(maxsize=1 << 12)
def _shared_folders(path: str, other: str) -> int:
    """How many folders two files have in common, from the root on."""
    folders, others = path.split("/")[:-1], other.split("/")[:-1]
    return len(commonprefix([folders, others]))


def family_of(files: Files, file: int) -> str:
    return scoping(files.languages.get(file, "")).family
