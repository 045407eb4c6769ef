"""All uses of one definition, and the way down from a class to all below it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from memls.index.code import Place
from memls.index.edges import (
    SITE,
    Edge,
    Status,
    by_name,
    candidates,
    edge_of_import,
    edge_to,
    family_of,
    fits,
    in_order,
    place_of,
)
from memls.index.facts import IMPORT, Bound, Definition
from memls.index.found import Found, Site, Target
from memls.index.lookup import Lookup
from memls.text import tag

if TYPE_CHECKING:
    from memls.database import Reader

_MAX_DESCENT = 12
_MAX_ALIASES = 20


class Uses:
    """All uses of one definition."""

    def __init__(self, reader: "Reader", lookup: Lookup, place: Place, roles: Sequence[str]) -> None:
        self._reader = reader
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files
        self._place = place
        self._roles = list(roles)
        self._counts: dict[tuple[str, bool, str], int] = {}
        self._file = self._files.ids[place.path]
        self._family = family_of(self._files, self._file)
        self._name = place.symbol.rpartition(".")[2]

    def edges(self) -> list[Edge]:
        aliases = self._aliases()
        sites = self._sites(aliases)
        found = self._lookup.resolve_all(sites)
        named = self._facts.ask(lambda: self._facts.named(self._name))
        self._facts.faults.meet_names((self._name,), wished=True)
        edges = []
        for site, one in zip(sites, found, strict=True):
            if edge := self._edge(site, one, named):
                edges.append(edge)
        if "import" in self._roles:
            edges += self._import_edges(aliases)
        return in_order([*edges, *self._constructions()])

    def _aliases(self) -> list[Bound]:
        """Imports of the name, and of what these call it."""
        names, found = {self._name}, {}
        while True:
            rows = self._reader.read(
                f"{IMPORT} WHERE name IN (SELECT unnest(?)) ORDER BY file, line, module, name, alias",
                [sorted(names)],
            )
            found = {Bound(*row): None for row in rows if family_of(self._files, row[0]) == self._family}
            more = {bound.alias for bound in found if bound.alias} - names
            if not more or len(names) > _MAX_ALIASES:
                return list(found)
            names |= more

    def _sites(self, aliases: Sequence[Bound]) -> list[Site]:
        """Uses of the name, and of other names in the files that import it as such."""
        rows = self._reader.read(
            f"{SITE} WHERE r.tag = ? AND r.name = ? AND list_contains(?, r.role)",
            [tag(self._name), self._name, self._roles],
        )
        other = sorted({(b.file, b.alias) for b in aliases if b.alias not in (self._name, "")})
        if other:
            rows += self._reader.read(
                f"""{SITE} JOIN (SELECT unnest($1::INTEGER[]) AS file, unnest($2::VARCHAR[]) AS name) w
                ON r.file = w.file AND r.name = w.name WHERE r.receiver = '' AND list_contains($3, r.role)
                UNION ALL
                {SITE} WHERE r.receiver <> '' AND list_contains($2, r.name) AND list_contains($3, r.role)""",
                [[file for file, _ in other], [name for _, name in other], self._roles],
            )
        return [Site(*row) for row in rows if family_of(self._files, row[0]) == self._family]

    def _edge(self, site: Site, found: Found | None, named: dict[int, list[Definition]]) -> Edge | None:
        if found is None:
            if site.name != self._name or not fits(self._files, site, self._place.kind, self._place.symbol):
                return None
            return edge_to(self._files, site, self._place, by_name(self._count(site, named)), False)
        count = len(found.targets)
        if not any(self._is_place(target) for target in found.targets):
            return None
        sure = self._lookup.is_fact(found)
        reason = found.reason if count == 1 else f"{found.reason}, one of {count}"
        return edge_to(self._files, site, self._place, reason, sure)

    def _count(self, site: Site, named: dict[int, list[Definition]]) -> int:
        """How many definitions the name can mean at such a site."""
        key = (site.role, bool(site.receiver), self._files.languages[site.file])
        if key not in self._counts:
            self._counts[key] = len(candidates(self._files, site, named))
        return self._counts[key]

    def _is_place(self, target: Target) -> bool:
        return (
            isinstance(target, Definition)
            and target.file == self._file
            and target.qualified_name == self._place.symbol
        )

    def _import_edges(self, aliases: Sequence[Bound]) -> list[Edge]:
        found = self._facts.settle({bound: partial(self._lookup.imported, bound) for bound in aliases})
        edges = {
            bound: edge_of_import(self._lookup, bound, one, self._place)
            for bound, one in found.items()
            if any(self._is_place(target) for target in one.targets)
        }
        return list(edges.values())

    def _constructions(self) -> list[Edge]:
        """Calls of the class, where the place is its constructor."""
        owner = self._place.symbol.rpartition(".")[0]
        if (
            self._place.kind != "constructor"
            or "call" not in self._roles
            or not owner
            or owner.rpartition(".")[2] == self._name
        ):
            return []
        class_ = self._facts.ask(lambda: self._facts.symbol(self._file, owner))
        if class_ is None:
            return []
        uses = Uses(self._reader, self._lookup, place_of(self._files, class_), ("call",)).edges()
        return [replace(edge, reason=f"constructs: {edge.reason}", target=self._place) for edge in uses]


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
        lines = self._name_positions(found)
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

    def _name_positions(self, definitions: list[Definition]) -> dict[tuple[int, int], tuple[int, int]]:
        rows = self._reader.read(
            """SELECT s.file, s.ordinal, s.name_line, s.name_column FROM symbols s
            JOIN (SELECT unnest(?::INTEGER[]) AS file, unnest(?::INTEGER[]) AS ordinal) w
              ON s.file = w.file AND s.ordinal = w.ordinal""",
            [[d.file for d in definitions], [d.ordinal for d in definitions]],
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}
