"""All uses of one definition, and the way down from a class to all below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memls.index.code import Place
from memls.index.edges import (
    Edge,
    Status,
    by_name,
    edge_of_import,
    family_of,
    fits,
    in_order,
    is_hidden,
    place_of,
    possible,
)
from memls.index.facts import IMPORT, Bound, Definition, by_place
from memls.index.found import Found, Site, Target
from memls.index.lookup import Lookup
from memls.index.symbols import one_of
from memls.text import tag

if TYPE_CHECKING:
    from memls.database import Reader, Row

_MAX_DESCENT = 12
_MAX_ALIASES = 20


class _Group(NamedTuple):
    """Sites that differ in nothing but where they stand: the first of them, all lines and columns."""

    site: Site
    positions: list[tuple[int, int]]


class Uses:
    """All uses of a name, told for one definition that has it after another.

    What they mean is found once for all definitions: fifty can share a name that is used a thousand times.
    """

    def __init__(
        self, reader: "Reader", lookup: Lookup, name: str, family: str, roles: Sequence[str]
    ) -> None:
        self._reader = reader
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files
        self._name = name
        self._family = family
        self._roles = list(roles)
        named = self._facts.ask(lambda: self._facts.named(name))
        self._is_component = any(d.kind == "component" for found in named.values() for d in found)
        self._aliases = self._aliases_of(name)
        self._known: dict[tuple[int, str], list[tuple[_Group, Found]]] = {}
        self._unknown: dict[tuple[str, bool, str], list[_Group]] = {}
        self._resolve()
        self._facts.faults.meet_names((name,), wished=True)

    def edges(self, place: Place) -> list[Edge]:
        """The uses of one definition."""
        file = self._files.ids[place.path]
        edges = []
        for group, found in self._of(file, place):
            count = len(found.targets)
            reason = found.reason if count == 1 else f"{found.reason}, one of {count}"
            edges += self._edges(group, place, reason, self._lookup.is_fact(found))
        for groups in self._unknown.values():
            site = groups[0].site
            if fits(self._files, site, place.kind, place.symbol):
                edges += self._guessed(groups, file, place)
        if "import" in self._roles:
            edges += self._import_edges(file, place)
        return in_order([*edges, *self._constructions(file, place)])

    def _of(self, file: int, place: Place) -> Iterator[tuple[_Group, Found]]:
        """What means a definition. Of overloads each has its own uses."""
        key = (file, place.symbol)
        several = self._overloads(*key)
        for group, found in self._known.get(key, ()):
            own = [t.line for t in found.targets if isinstance(t, Definition) and _key(t) == key]
            if place.line in own or place.line not in several:
                yield group, found

    def _overloads(self, file: int, symbol: str) -> set[int]:
        """Where the definitions stand that are called so, if these are several for their language."""
        if not self._lookup.scoping(file).overloads:
            return set()
        named = self._facts.ask(lambda: self._facts.symbols(file, symbol.rpartition(".")[2]))
        return {d.line for d in named if d.qualified_name == symbol}

    def _guessed(self, groups: Sequence[_Group], file: int, place: Place) -> Iterator[Edge]:
        """Uses of nothing that is known: of each file, since what is private is none of another's."""
        named = self._facts.ask(lambda: self._facts.named(self._name))
        of_file: dict[int, list[_Group]] = {}
        for group in groups:
            if not is_hidden(self._files, group.site, file, place.signature):
                of_file.setdefault(group.site.file, []).append(group)
        for some in of_file.values():
            reason = by_name(len(possible(self._files, some[0].site, named)))
            for group in some:
                yield from self._edges(group, place, reason, False)

    def _edges(self, group: _Group, place: Place, reason: str, sure: bool) -> list[Edge]:
        status: Status = "resolved" if sure else "candidate"
        site = group.site
        path = self._files.paths[site.file]
        return [
            Edge(path, line, column, site.scope, site.role, status, reason, place, site.name, site.receiver)
            for line, column in group.positions
        ]

    def _aliases_of(self, name: str) -> list[Bound]:
        """Imports of the name, and of what these call it.

        What a component exports is its default: that is imported by its file, which is called as it is.
        """
        names, found = {name}, {}
        while True:
            condition, params = one_of("name", names)
            if self._is_component:
                condition += " OR name = 'default' AND regexp_matches(module, ?)"
                params = [*params, rf"(?:^|/){re.escape(name)}(?:\.\w+)?$"]
            rows = self._reader.read(f"{IMPORT} WHERE {condition}", params)
            bounds = [Bound(*row) for row in rows if family_of(self._files, row[0]) == self._family]
            found = dict.fromkeys(by_place(bounds))
            more = {bound.alias for bound in found if bound.alias} - names
            if not more or len(names) > _MAX_ALIASES:
                return list(found)
            names |= more

    def _resolve(self) -> None:
        """Put each group of sites where it is found by what it can mean."""
        groups = self._groups()
        means = self._lookup.resolve_all([group.site for group in groups])
        for group, found in self._told_apart(groups, means):
            site = group.site
            if found is not None:
                for target in dict.fromkeys(map(_key, found.targets)):
                    if target is not None:
                        self._known.setdefault(target, []).append((group, found))
            elif site.name == self._name:
                key = (site.role, bool(site.receiver), self._files.languages[site.file])
                self._unknown.setdefault(key, []).append(group)

    def _told_apart(
        self, groups: list[_Group], means: list[Found | None]
    ) -> Iterator[tuple[_Group, Found | None]]:
        """In a function that defines a name several times, each site for itself."""
        for group, found in zip(groups, means, strict=True):
            if found is None or found.reason != "same scope" or len(group.positions) == 1:
                yield group, found
                continue
            sites = [group.site._replace(line=line, column=column) for line, column in group.positions]
            for site, one in zip(sites, self._lookup.resolve_all(sites), strict=True):
                yield _Group(site, [(site.line, site.column)]), one

    def _groups(self) -> list[_Group]:
        groups: dict[Row, list[tuple[int, int]]] = {}
        for *site, line, column in self._rows():
            groups.setdefault(tuple(site), []).append((line, column))
        scopes = self._facts.scopes({(file, scope) for file, _, _, _, scope, _ in groups})
        return [
            _Group(Site(file, name, role, *positions[0], receiver, *scopes[file, scope], given), positions)
            for (file, name, role, receiver, scope, given), positions in groups.items()
        ]

    def _rows(self) -> "list[Row]":
        """Uses of the name, and of other names in the files that import it as such.

        They are found by tags alone: where DuckDB compares names, it unpacks all that stand around them.
        """
        other = {(b.file, b.alias) for b in self._aliases if b.alias not in (self._name, "")}
        called = {name for _, name in other}
        condition, params = one_of("tag", {tag(name) for name in called | {self._name}})
        columns = 'file, name, role, receiver, scope, arguments, line, "column"'
        rows = self._reader.read(f"SELECT {columns} FROM refs WHERE {condition}", params)
        return [
            row
            for row in rows
            if row[2] in self._roles
            and (row[1] == self._name or ((row[1] in called) if row[3] else (row[:2] in other)))
            and family_of(self._files, row[0]) == self._family
        ]

    def _import_edges(self, file: int, place: Place) -> list[Edge]:
        asked = {bound: partial(self._lookup.imported, bound) for bound in self._aliases}
        return [
            edge_of_import(self._lookup, bound, found, place)
            for bound, found in self._facts.settle(asked).items()
            if (file, place.symbol) in map(_key, found.targets)
        ]

    def _constructions(self, file: int, place: Place) -> list[Edge]:
        """Calls of the class, where the place is its constructor."""
        owner = place.symbol.rpartition(".")[0]
        name = owner.rpartition(".")[2]
        if place.kind != "constructor" or "call" not in self._roles or not owner or name == self._name:
            return []
        class_ = self._facts.ask(lambda: self._facts.symbol(file, owner))
        if class_ is None:
            return []
        uses = Uses(self._reader, self._lookup, name, self._family, ("call",))
        edges = uses.edges(place_of(self._files, class_))
        return [replace(edge, reason=f"constructs: {edge.reason}", target=place) for edge in edges]


def _key(target: Target) -> tuple[int, str] | None:
    return (target.file, target.qualified_name) if isinstance(target, Definition) else None


class Descent:
    """Down the classes, from a base to all below it."""

    def __init__(self, reader: "Reader", lookup: Lookup) -> None:
        self._reader = reader
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files

    def overriding(self, type_: Definition, name: str, place: Place) -> list[Edge]:
        """Members called `name` of the classes below `type_`."""
        below = self._below(type_)
        own = self._facts.settle({sub: partial(self._lookup.members.own_members, sub, name) for sub in below})
        found = [member for members in own.values() for member in members]
        lines = name_positions(self._reader, found)
        status: Status = "candidate" if self._facts.faults else "resolved"
        edges = [
            Edge(
                self._files.paths[d.file], *lines.get((d.file, d.ordinal), (d.line, 0)), d.qualified_name,
                "inherit", status, "overrides", place,
            )
            for d in found
        ]  # fmt: skip
        return in_order(edges)

    def _below(self, type_: Definition) -> list[Definition]:
        found: dict[Definition, None] = {}
        bases = [type_]
        for _ in range(_MAX_DESCENT):
            fresh = [sub for sub in self._directly_below(bases) if sub not in found and sub != type_]
            if not fresh:
                break
            found.update((sub, None) for sub in fresh)
            bases = fresh
        return list(found)

    def _directly_below(self, bases: list[Definition]) -> list[Definition]:
        names = sorted({base.name for base in bases})
        self._facts.faults.meet_names(names, wished=True)
        rows = self._reader.read(
            """SELECT r.file, s.qualified_name, r.name, r.receiver, r.line
            FROM refs r JOIN symbols s ON s.file = r.file AND s.ordinal = r.scope
            WHERE r.role = 'inherit' AND (r.name IN (SELECT unnest($1)) OR r.name IN (
                SELECT alias FROM imports WHERE name IN (SELECT unnest($1))))
            ORDER BY r.file, r.line""",
            [names],
        )
        subs = self._facts.settle({row[:2]: partial(self._facts.symbol, row[0], row[1]) for row in rows})
        wanted = {(base.file, base.qualified_name) for base in bases}
        found = []
        sites = [Site(row[0], row[2], "inherit", row[4], 0, row[3], row[1], "class") for row in rows]
        leads = self._lookup.resolve_all(sites)
        for row, one in zip(rows, leads, strict=True):
            sub = subs[row[:2]]
            targets = [t for t in one.targets if isinstance(t, Definition)] if one else []
            if sub and len(targets) == 1 and (targets[0].file, targets[0].qualified_name) in wanted:
                found.append(sub)
        return list(dict.fromkeys(found))


def name_positions(
    reader: "Reader", definitions: Sequence[Definition]
) -> dict[tuple[int, int], tuple[int, int]]:
    """File and ordinal of definitions -> line and column of their names."""
    rows = reader.read(
        """SELECT s.file, s.ordinal, s.name_line, s.name_column FROM symbols s
        JOIN (SELECT unnest(?::INTEGER[]) AS file, unnest(?::INTEGER[]) AS ordinal) w
          ON s.file = w.file AND s.ordinal = w.ordinal""",
        [[d.file for d in definitions], [d.ordinal for d in definitions]],
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}
