"""From a reference to its definition, when asked: nothing is stored, so incremental equals fresh.

A reference resolves to one definition with a reason, or to candidates that are marked so. A name that an
import binds to something outside the repository leads to nothing in it. `lookup` has the rules, `facts`
loads what they need in a few queries, `modules` knows what an import's text means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from posixpath import commonprefix
from typing import Any, Literal

from memls.database import Database
from memls.index.code import Place
from memls.index.facts import Bound, Definition, Facts, Files
from memls.index.lookup import Found, Lookup, Site, Target
from memls.index.modules import Module
from memls.index.scoping import FITTING, MEMBER_KINDS, TYPE_KINDS, scoping

_SHOWN = 5
"""Candidates given for one ambiguous call."""
_MAX_DESCENT = 12
_CALLS = ("call", "decorator")
_ROLES = (*_CALLS, "inherit", "type", "read", "write", "import")

_SITE = """SELECT r.file, r.name, r.role, r.line, r."column", r.receiver,
    coalesce(s.qualified_name, ''), coalesce(s.kind, '')
FROM refs r LEFT JOIN symbols s ON s.file = r.file AND s.ordinal = r.scope"""


@dataclass(frozen=True, slots=True)
class Edge:
    """A use and the definition it leads to. `line` counts from 1, `column` from 0 in UTF-8 bytes.

    `symbol` is the qualified name of the symbol around the site, "" at file level. Of a `candidate`,
    `reason` says how many there are. A file as target has symbol "" and kind "file".
    """

    path: str
    line: int
    column: int
    symbol: str
    role: str
    status: Literal["resolved", "candidate"]
    reason: str
    target: Place


class Resolver:
    """Answers from the index as it is at the time of each call. Safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._files: tuple[object, Files] | None = None

    def references(self, place: Place) -> list[Edge]:
        """Every use of one definition, resolved ones first. Uses of another definition are left out."""
        return self._uses(place, _ROLES) if place.symbol else self.importers(place.path)

    def callers(self, place: Place) -> list[Edge]:
        """References that call, decorate with or construct."""
        return self._uses(place, _CALLS)

    def _uses(self, place: Place, roles: Sequence[str]) -> list[Edge]:
        lookup = self._lookup()
        if not place.symbol or place.path not in lookup.facts.files.ids:
            return []
        return _Uses(self._database, lookup, place, roles).edges()

    def callees(self, place: Place) -> list[Edge]:
        """What is called inside, where it stands elsewhere; an ambiguous call gives an edge a candidate."""
        lookup = self._lookup()
        file = lookup.facts.files.ids.get(place.path)
        rows = self._database.read(
            f"""{_SITE} WHERE r.file = ? AND r.line BETWEEN ? AND ? AND r.role IN ('call', 'decorator')
            ORDER BY r.line, r."column" """,
            [file, place.line, place.end_line],
        )
        edges = _leads(lookup, [Site(*row) for row in rows], _SHOWN)
        return [edge for edge in edges if not _within(edge.target, place)]

    def importers(self, path: str) -> list[Edge]:
        """Imports that lead to a file."""
        lookup = self._lookup()
        files = lookup.facts.files
        if path not in files.ids:
            return []
        place = _file_place(files, path)
        bounds = self._imports_like(files, path)
        found = [bound for bound in bounds if any(path in module.paths for module in lookup.sources(bound))]
        edges = [_edge_of_import(files, bound, Found((Module((path,)),), "import"), place) for bound in found]
        return _in_order(_located(self._database, files, edges, bounds))

    def implementations(self, place: Place) -> list[Edge]:
        """Classes that name it as base; for a method, the methods that override it in classes below."""
        owner, _, name = place.symbol.rpartition(".")
        if place.kind in TYPE_KINDS:
            return self._uses(place, ("inherit",))
        lookup = self._lookup()
        file = lookup.facts.files.ids.get(place.path)
        if file is None or not owner:
            return []
        above = lookup.facts.ask(lambda: lookup.facts.symbol(file, owner))
        return _Descent(self._database, lookup).overriding(above, name, place) if above else []

    def definitions_at(self, path: str, line: int, column: int) -> list[Edge]:
        """What the name at a position means, be it a use, an import or the definition itself."""
        lookup = self._lookup()
        file = lookup.facts.files.ids.get(path)
        if file is None:
            return []
        rows = self._database.read(
            f"""{_SITE} WHERE r.file = ? AND r.line = ? AND r."column" <= ?
              AND ? <= r."column" + octet_length(r.name::BLOB)
            ORDER BY r."column" DESC LIMIT 1""",
            [file, line, column, column],
        )
        if rows:
            return _leads(lookup, [Site(*row) for row in rows], None)
        return self._definition_named_at(lookup, file, line, column) or self._import_at(
            lookup, file, line, column
        )

    def _definition_named_at(self, lookup: Lookup, file: int, line: int, column: int) -> list[Edge]:
        rows = self._database.read(
            """SELECT file, ordinal, name, qualified_name, kind, line, end_line, signature, name_column
            FROM symbols WHERE file = ? AND name_line = ? AND name_column <= ?
              AND ? <= name_column + octet_length(name::BLOB) ORDER BY ordinal LIMIT 1""",
            [file, line, column, column],
        )
        files = lookup.facts.files
        return [
            Edge(files.paths[file], line, row[8], row[3], "read", "resolved", "definition", _place(files, d))
            for row in rows
            for d in [Definition(*row[:8])]
        ]

    def _import_at(self, lookup: Lookup, file: int, line: int, column: int) -> list[Edge]:
        text = self._database.read(
            "SELECT string_split(text, chr(10))[?] FROM texts WHERE file = ?", [line, file]
        )
        start, word = _word_at(text[0][0] or "" if text else "", column)
        if not word:
            return []
        facts = lookup.facts
        bounds = [b for b in facts.ask(lambda: facts.imports(file)) if b.line == line]
        edges = []
        for bound in bounds:
            if word in (bound.name, bound.alias):
                found = facts.ask(partial(lookup.imported, bound))
                reason, sure = found.reason, found.sure and len(found.targets) == 1
                edges += [
                    _edge(
                        facts.files,
                        Site(file, word, "import", line, start, "", bound.scope, ""),
                        target,
                        reason,
                        sure,
                    )
                    for target in found.targets
                ]
        return edges

    def _lookup(self) -> Lookup:
        stamp = Files.stamp(self._database)
        if self._files is None or self._files[0] != stamp:
            self._files = (stamp, Files(self._database))
        return Lookup(Facts(self._database, self._files[1]))

    def _imports_like(self, files: Files, path: str) -> list[Bound]:
        """Imports whose text can mean a file: those that have a part of its path, or only dots."""
        folder, _, file = path.rpartition("/")
        words = {file, file.partition(".")[0], folder.rpartition("/")[2]} - {""}
        rows = self._database.read(
            r"""SELECT i.file, i.module, i.name, i.alias, i.line, '' FROM imports i
            WHERE i.name IN (SELECT unnest($1)) OR regexp_matches(i.module, '^[./]*$')
              OR list_has_any(regexp_split_to_array(i.module, '[./:]+'), $1)
              OR list_contains($1, regexp_extract(i.module, '[^/]*$'))
            ORDER BY i.file, i.line, i.module, i.name""",
            [sorted(words)],
        )
        family = scoping(files.languages[files.ids[path]]).family
        return [Bound(*row) for row in rows if _family(files, row[0]) == family]


class _Uses:
    """All uses of one definition."""

    def __init__(self, database: Database, lookup: Lookup, place: Place, roles: Sequence[str]) -> None:
        self._database = database
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files
        self._place = place
        self._roles = list(roles)
        self._counts: dict[tuple[str, bool, str], int] = {}
        self._file = self._files.ids[place.path]
        self._family = _family(self._files, self._file)
        self._name = place.symbol.rpartition(".")[2]

    def edges(self) -> list[Edge]:
        aliases = self._aliases()
        sites = self._sites(aliases)
        found = self._lookup.resolve_all(sites)
        named = self._facts.ask(lambda: self._facts.named(self._name))
        edges = []
        for site, one in zip(sites, found, strict=True):
            if edge := self._edge(site, one, named):
                edges.append(edge)
        if "import" in self._roles:
            edges += self._import_edges(aliases)
        return _in_order([*edges, *self._constructions()])

    def _aliases(self) -> list[Bound]:
        """Imports of the name, and of what these call it."""
        names, found = {self._name}, {}
        while True:
            rows = self._database.read(
                """SELECT file, module, name, alias, line, '' FROM imports
                WHERE name IN (SELECT unnest(?)) ORDER BY file, line, module""",
                [sorted(names)],
            )
            found = {Bound(*row): None for row in rows if _family(self._files, row[0]) == self._family}
            more = {bound.alias for bound in found if bound.alias} - names
            if not more or len(names) > 20:
                return list(found)
            names |= more

    def _sites(self, aliases: Sequence[Bound]) -> list[Site]:
        """Uses of the name, and of other names in the files that import it as such."""
        rows = self._database.read(
            f"{_SITE} WHERE r.name = ? AND list_contains(?, r.role)", [self._name, self._roles]
        )
        other = sorted({(b.file, b.alias) for b in aliases if b.alias not in (self._name, "")})
        if other:
            rows += self._database.read(
                f"""{_SITE} JOIN (SELECT unnest($1::INTEGER[]) AS file, unnest($2::VARCHAR[]) AS name) w
                ON r.file = w.file AND r.name = w.name WHERE r.receiver = '' AND list_contains($3, r.role)
                UNION ALL
                {_SITE} WHERE r.receiver <> '' AND list_contains($2, r.name) AND list_contains($3, r.role)""",
                [[file for file, _ in other], [name for _, name in other], self._roles],
            )
        return [Site(*row) for row in rows if _family(self._files, row[0]) == self._family]

    def _edge(self, site: Site, found: Found | None, named: dict[int, list[Definition]]) -> Edge | None:
        if found is None:
            if site.name != self._name or not _can_be(self._files, site, self._place):
                return None
            return _edge_to(self._files, site, self._place, _by_name(self._count(site, named)), False)
        count = len(found.targets)
        if not any(self._is_place(target) for target in found.targets):
            return None
        sure = found.sure and count == 1
        reason = found.reason if count == 1 else f"{found.reason}, one of {count}"
        return _edge_to(self._files, site, self._place, reason, sure)

    def _count(self, site: Site, named: dict[int, list[Definition]]) -> int:
        """How many definitions the name can mean at such a site."""
        key = (site.role, bool(site.receiver), self._files.languages[site.file])
        if key not in self._counts:
            self._counts[key] = len(_candidates(self._files, site, named))
        return self._counts[key]

    def _is_place(self, target: Target) -> bool:
        return (
            isinstance(target, Definition)
            and target.file == self._file
            and target.qualified_name == self._place.symbol
        )

    def _import_edges(self, aliases: Sequence[Bound]) -> list[Edge]:
        found = self._facts.settle({bound: partial(self._lookup.imported, bound) for bound in aliases})
        edges = [
            _edge_of_import(self._files, bound, one, self._place)
            for bound, one in found.items()
            if any(self._is_place(target) for target in one.targets)
        ]
        return _located(self._database, self._files, edges, aliases)

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
        uses = _Uses(self._database, self._lookup, _place(self._files, class_), ("call",)).edges()
        return [
            Edge(e.path, e.line, e.column, e.symbol, e.role, e.status, f"constructs: {e.reason}", self._place)
            for e in uses
        ]


class _Descent:
    """Down the classes, from a base to all below it."""

    def __init__(self, database: Database, lookup: Lookup) -> None:
        self._database = database
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files

    def overriding(self, type_: Definition, name: str, place: Place) -> list[Edge]:
        """Members called `name` of the classes below `type_`."""
        below = self._below(type_)
        own = self._facts.settle({sub: partial(self._lookup.own_members, sub, name) for sub in below})
        found = [member for members in own.values() for member in members]
        lines = self._name_positions(found)
        edges = [
            Edge(
                self._files.paths[d.file], *lines.get((d.file, d.ordinal), (d.line, 0)), d.qualified_name,
                "inherit", "resolved", "overrides", place,
            )
            for d in found
        ]  # fmt: skip
        return _in_order(edges)

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
        rows = self._database.read(
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
        rows = self._database.read(
            """SELECT s.file, s.ordinal, s.name_line, s.name_column FROM symbols s
            JOIN (SELECT unnest(?::INTEGER[]) AS file, unnest(?::INTEGER[]) AS ordinal) w
              ON s.file = w.file AND s.ordinal = w.ordinal""",
            [[d.file for d in definitions], [d.ordinal for d in definitions]],
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}


# Edges


def _leads(lookup: Lookup, sites: Sequence[Site], shown: int | None) -> list[Edge]:
    """Where each site leads: one edge, or one for each candidate (the nearest `shown`)."""
    facts = lookup.facts
    found = lookup.resolve_all(sites)
    unknown = sorted({site.name for site, one in zip(sites, found, strict=True) if one is None})
    named = facts.settle({name: partial(facts.named, name) for name in unknown})
    edges = []
    for site, one in zip(sites, found, strict=True):
        if one is None:
            near = _candidates(facts.files, site, named[site.name])
            reason = _by_name(len(near))
            edges += [_edge(facts.files, site, target, reason, False) for target in near[:shown]]
        else:
            count = len(one.targets)
            reason = one.reason if count == 1 else f"{one.reason}, one of {count}"
            sure = one.sure and count == 1
            edges += [_edge(facts.files, site, target, reason, sure) for target in one.targets[:shown]]
    return edges


def _candidates(files: Files, site: Site, named: dict[int, list[Definition]]) -> list[Definition]:
    """Definitions that an unknown receiver's member can be, the nearest file first."""
    family = _family(files, site.file)
    fitting = {
        (d.file, d.qualified_name): d
        for file, definitions in named.items()
        if _family(files, file) == family
        for d in definitions
        if _fits(files, site, d.kind, d.qualified_name)
    }
    here = files.paths[site.file]

    def distance(d: Definition) -> tuple[int, str, int]:
        path = files.paths[d.file]
        return -len(commonprefix([path, here])), path, d.line

    return sorted(fitting.values(), key=distance)


def _can_be(files: Files, site: Site, place: Place) -> bool:
    return _fits(files, site, place.kind, place.symbol)


def _fits(files: Files, site: Site, kind: str, qualified_name: str) -> bool:
    rules = scoping(files.languages[site.file])
    if site.role in FITTING and kind not in FITTING[site.role]:
        return False
    if not site.receiver:
        return rules.guesses and kind not in MEMBER_KINDS
    return rules.loose_functions or kind in MEMBER_KINDS or "." in qualified_name


def _by_name(count: int) -> str:
    return f"only candidates by name ({count})" if count != 1 else "only candidate by name"


def _edge(files: Files, site: Site, target: Target, reason: str, sure: bool) -> Edge:
    return _edge_to(files, site, _place(files, target), reason, sure)


def _edge_to(files: Files, site: Site, place: Place, reason: str, sure: bool) -> Edge:
    status: Literal["resolved", "candidate"] = "resolved" if sure else "candidate"
    path = files.paths[site.file]
    return Edge(path, site.line, site.column, site.scope, site.role, status, reason, place)


def _edge_of_import(files: Files, bound: Bound, found: Found, place: Place) -> Edge:
    sure = found.sure and len(found.targets) == 1
    reason = found.reason if len(found.targets) == 1 else f"{found.reason}, one of {len(found.targets)}"
    site = Site(bound.file, bound.name, "import", bound.line, 0, "", bound.scope, "")
    return _edge_to(files, site, place, reason, sure)


def _place(files: Files, target: Target) -> Place:
    if isinstance(target, Module):
        return _file_place(files, target.paths[0] if target.paths else target.folder or "")
    return Place(
        files.paths[target.file],
        target.qualified_name,
        target.kind,
        target.line,
        target.end_line,
        target.signature,
    )


def _file_place(files: Files, path: str) -> Place:
    return Place(path, "", "file", 1, files.lines.get(files.ids.get(path, -1), 1), "")


def _in_order(edges: Iterable[Edge]) -> list[Edge]:
    unique = dict.fromkeys(edges)
    return sorted(unique, key=lambda e: (e.status == "candidate", e.path, e.line, e.column, e.reason))


def _within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.line <= inner.line and inner.end_line <= outer.end_line


def _family(files: Files, file: int) -> str:
    return scoping(files.languages.get(file, "")).family


def _word_at(line: str, column: int) -> tuple[int, str]:
    """The identifier around a byte column, and the column where it starts."""
    data = line.encode("utf-8", "replace")
    start = end = min(column, len(data))

    def is_word(byte: int) -> bool:
        return byte >= 0x80 or chr(byte).isalnum() or byte in b"_$"

    while start > 0 and is_word(data[start - 1]):
        start -= 1
    while end < len(data) and is_word(data[end]):
        end += 1
    return start, data[start:end].decode("utf-8", "replace")


def _located(database: Database, files: Files, edges: list[Edge], bounds: Sequence[Any]) -> list[Edge]:
    return edges
