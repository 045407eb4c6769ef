"""From a reference to its definition, when asked: nothing is stored, so incremental equals fresh.

A reference resolves to one definition with a reason, or to candidates that are marked so. A name that an
import binds to something outside the repository leads to nothing in it.

1. `lookup`, `receivers` and `members` have the rules, `scoping` what they must know of each language,
   `modules` what an import's text means, `facts` loads what they need in a few queries, `edges` and `uses`
   tell the result.
2. All of it is by what is written: `x.f()` is of the class that a declaration, a signature or a call writes
   of `x`, and nothing is inferred beyond that. Where nothing is known of `x`, every member of that name is a
   candidate.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

from memls.index.code import Place
from memls.index.edges import (
    SITE,
    Edge,
    edge_of,
    edge_of_import,
    family_of,
    file_place,
    in_order,
    leads,
    place_of,
)
from memls.index.facts import IMPORT, Bound, Definition, Facts
from memls.index.found import OUTSIDE, Found, Site
from memls.index.inventory import Inventory
from memls.index.kept import Kept
from memls.index.layout import Module
from memls.index.lookup import Lookup
from memls.index.scoping import OPEN_KINDS, TYPE_KINDS, scoping
from memls.index.scripts import known_as
from memls.index.structural.implementers import Implementers, is_structural, named_and_satisfying
from memls.index.symbols import Named, meant
from memls.index.unread import NOTHING, Lack, Unread
from memls.index.uses import Descent, Uses

if TYPE_CHECKING:
    from memls.database import Reader, Snapshot

__all__ = ["Edge", "Resolver"]

_SHOWN = 5
"""Candidates given for one ambiguous call."""
_CALLS = ("call", "decorator")
_SAME_PLACE = "r.name, r.role, r.receiver, r.scope"
_SEPARATORS = re.compile("[./:]+")
_ROLES = (*_CALLS, "inherit", "type", "read", "write", "import")


class Resolver:
    """Answers from the index as it is at the time of each call. Safe from any thread."""

    def __init__(self, reader: "Reader", unread: Unread | None = None) -> None:
        """`unread`: what a build of this index has still to read."""
        self.reader = reader
        self._unread = unread or Unread()
        self._lack: Lack | None = None
        self._inventory = Inventory()
        self._kept = Kept()

    def at(self, now: "Snapshot", lack: Lack = NOTHING) -> "Resolver":
        """A resolver of one moment; `lack` is what was unread just before it.

        It shares what is kept from one question to the next.
        """
        resolver = copy(self)
        resolver.reader, resolver._lack = now, lack
        return resolver

    def references(self, place: Place) -> list[Edge]:
        """Every use of one definition, resolved ones first. Uses of another definition are left out."""
        return self.all_references((place,))

    def all_references(self, places: Sequence[Place], enough: int | None = None) -> list[Edge]:
        """The uses of one definition after another, until there are more than enough."""
        edges: list[Edge] = []
        with self.moment() as moment:
            for place in places:
                edges += moment.references(place)
                if enough is not None and len(edges) > enough:
                    break
        return edges

    def callers(self, place: Place) -> list[Edge]:
        """References that call, decorate with or construct."""
        return self.all_callers((place,))[0]

    def all_callers(self, places: Sequence[Place]) -> list[list[Edge]]:
        """The callers of each of some definitions."""
        with self.moment() as moment:
            return [moment.callers(place) for place in places]

    def callees(self, place: Place) -> list[Edge]:
        """What is called inside, where it stands elsewhere; an ambiguous call gives an edge a candidate.

        Of a class it is what constructing it runs: its body and its constructors, and no other method.
        """
        with self.moment() as moment:
            return moment.callees(place)

    def importers(self, path: str) -> list[Edge]:
        """Imports that lead to a file."""
        with self.moment() as moment:
            return moment.importers(path)

    def implementations(self, place: Place) -> list[Edge]:
        """Classes that name it as base; for a method, the methods that override it in classes below.

        In Go, of an interface: the types that have its methods, and these methods.
        """
        with self.moment() as moment:
            return moment.implementations(place)

    def definitions_at(self, path: str, line: int, column: int) -> list[Edge]:
        """What the name at a position means, be it a use, an import or the definition itself."""
        with self.moment() as moment:
            return moment.definitions_at(path, line, column)

    @contextmanager
    def moment(self) -> "Iterator[Moment]":
        """Several questions to one state of the index. Raises Fault, where that is waited for."""
        # before the snapshot: what is read in between is in both
        lack = self._unread.now if self._lack is None else self._lack
        with self.reader.snapshot() as now:
            files = self._inventory.files(now, lack)
            facts = self._kept.take(now, files) if lack.is_nothing else Facts(now, files)
            yield Moment(now, facts)
            if lack.is_nothing:
                self._kept.give(now, facts)
        facts.faults.check()


class Moment:
    """One question, to the index as it is at one moment."""

    def __init__(self, now: "Snapshot", facts: Facts) -> None:
        self.now = now
        self.files = facts.files
        self.facts = facts
        self.lookup = Lookup(self.facts)
        self._uses: dict[tuple[str, str, tuple[str, ...]], Uses] = {}

    def find_symbols(self, name: str, limit: int = 50) -> list[Place]:
        """As `Code.find_symbols`, from what the question needs in any case."""
        return [Place(*one[:6]) for one in meant(name, limit, self._called)]

    def _called(self, name: str) -> list[Named]:
        found = self.facts.ask(lambda: self.facts.named(name))
        return [
            Named(self.files.paths[d.file], *d[3:], d.ordinal)
            for definitions in found.values()
            for d in definitions
        ]

    def references(self, place: Place) -> list[Edge]:
        return self.uses(place, _ROLES) if place.symbol else self.importers(place.path)

    def callers(self, place: Place) -> list[Edge]:
        return self.uses(place, _CALLS)

    def uses(self, place: Place, roles: tuple[str, ...]) -> list[Edge]:
        if not place.symbol or not self.facts.read_of((place.path,)):
            return []
        name = place.symbol.rpartition(".")[2]
        key = (name, family_of(self.files, self.files.ids[place.path]), roles)
        if key not in self._uses:
            self._uses[key] = Uses(self.now, self.lookup, *key)
        return self._uses[key].edges(place)

    def callees(self, place: Place) -> list[Edge]:
        file = self._number(place.path)
        rows = self.now.read(
            f"""{SITE} WHERE r.file = ? AND r.line BETWEEN ? AND ? AND r.role IN ('call', 'decorator')
            ORDER BY r.line, r."column", {_SAME_PLACE}""",
            [file, place.line, place.end_line],
        )
        sites = [Site(*row) for row in rows]
        if place.kind in TYPE_KINDS:
            sites = [site for site in sites if _constructs(site, place)]
        edges = leads(self.lookup, sites, _SHOWN)
        return [edge for edge in edges if not within(edge.target, place)]

    def importers(self, path: str) -> list[Edge]:
        if not self.facts.read_of((path,)):
            return []
        place = file_place(self.files, path)
        bounds = self._imports_like(path)
        sources = self.facts.settle({bound: partial(self.lookup.sources, bound) for bound in bounds})
        found = Found((Module((path,)),), "import")
        edges = {
            bound: edge_of_import(self.lookup, bound, found, place)
            for bound, modules in sources.items()
            if any(path in module.paths for module in modules)
        }
        return in_order(edges.values())

    def imports(self, paths: Iterable[str]) -> list[Edge]:
        """Where the imports of some files lead: to each file that one can mean, an edge."""
        rows = self.now.read(
            f"{IMPORT} WHERE list_contains(?, file) ORDER BY file, line, module, name, alias",
            [self.facts.read_of(tuple(paths))],
        )
        sources = self.facts.settle({(b := Bound(*row)): partial(self.lookup.sources, b) for row in rows})
        edges = []
        for bound, modules in sources.items():
            for path in dict.fromkeys(path for module in modules for path in module.paths):
                found = Found((Module((path,)),), "import")
                edges.append(edge_of_import(self.lookup, bound, found, file_place(self.files, path)))
        return edges

    def implementations(self, place: Place) -> list[Edge]:
        owner, _, name = place.symbol.rpartition(".")
        file = self._number(place.path)
        if place.kind in TYPE_KINDS:
            return named_and_satisfying(self.uses(place, ("inherit",)), self._satisfying(file, place))
        if file is None or not owner:
            return []
        above = self.facts.ask(lambda: self.facts.symbol(file, owner))
        if above and is_structural(self.files, above):
            return Implementers(self.now, self.facts).methods(above, name, place)
        return Descent(self.now, self.lookup).overriding(above, name, place) if above else []

    def _satisfying(self, file: int | None, place: Place) -> list[Edge]:
        """The types that have an interface's methods, where that is enough."""
        type_ = self.facts.ask(lambda: self.facts.symbol(file, place.symbol)) if file is not None else None
        if type_ is None or not is_structural(self.files, type_):
            return []
        return Implementers(self.now, self.facts).types(type_, place)

    def definitions_at(self, path: str, line: int, column: int) -> list[Edge]:
        file = self._number(path)
        if file is None:
            return []
        rows = self.now.read(
            """SELECT "column", name, role, receiver, scope, arguments FROM refs
            WHERE file = ? AND line = ? AND "column" <= ? AND ? <= "column" + strlen(name)""",
            [file, line, column, column],
        )
        if rows:
            start, name, role, receiver, ordinal, given = min(rows, key=lambda row: (-row[0], *row[1:]))
            around = self.facts.numbered(file, ordinal)
            scope, kind = (around.qualified_name, around.kind) if around else ("", "")
            site = Site(file, name, role, line, start, receiver, scope, kind, given)
            return leads(self.lookup, [site], None)
        return self._definition_named_at(file, line, column) or self._import_at(file, line, column)

    def _number(self, path: str) -> int | None:
        return next(iter(self.facts.read_of((path,))), None)

    def _definition_named_at(self, file: int, line: int, column: int) -> list[Edge]:
        rows = self.now.read(
            """SELECT file, ordinal, name, qualified_name, kind, line, end_line, signature, name_column
            FROM symbols WHERE file = ? AND name_line = ? AND name_column <= ?
              AND ? <= name_column + strlen(name)""",
            [file, line, column, column],
        )
        return [
            Edge(
                self.files.paths[file],
                line,
                row[8],
                row[3],
                "read",
                "resolved",
                "definition",
                place_of(self.files, d),
            )
            for row in sorted(rows)[:1]
            for d in [Definition(*row[:8])]
        ]

    def _import_at(self, file: int, line: int, column: int) -> list[Edge]:
        bounds = [b for b in self.facts.ask(lambda: self.facts.imports(file)) if b.line == line]
        start, word = self._word_of(bounds, file, line, column)
        if not word:
            return []
        edges: list[Edge] = []
        for bound in bounds:
            found = self.facts.ask(partial(_imported_by, self.lookup, bound, word))
            site = Site(file, word, "import", line, start, "", bound.scope, "")
            sure = self.lookup.is_fact(found)
            edges += [edge_of(self.files, site, target, found.reason, sure) for target in found.targets]
        return list(dict.fromkeys(edges))

    def _word_of(self, bounds: Sequence[Bound], file: int, line: int, column: int) -> tuple[int, str]:
        """The word of an import line at a column, and where it starts. Texts are read last: that is slow."""
        for bound in bounds:
            end = bound.column + len(bound.name.encode())
            if bound.name.isidentifier() and 0 < bound.column <= column <= end:
                return bound.column, bound.name
        if not bounds:
            return 0, ""
        rows = self.now.read("SELECT string_split(text, chr(10))[?] FROM texts WHERE file = ?", [line, file])
        return word_at(rows[0][0] or "" if rows else "", column)

    def _imports_like(self, path: str) -> list[Bound]:
        """Imports whose text can mean a file: those that have a part of its path, or only dots."""
        folder, _, file = path.rpartition("/")
        words = {file, file.partition(".")[0], folder.rpartition("/")[2]} - {""}
        family = scoping(self.files.languages[self.files.ids[path]]).family
        whole, begun = known_as(self.files.layout, path) if family == "javascript" else (set(), set())
        starts = tuple(begun)
        fitting = [
            text
            for (text,) in self.now.read("SELECT DISTINCT module FROM imports")
            if not words.isdisjoint(_parts(text))
            or not text.strip("./")
            or text in whole
            or text.startswith(starts)
        ]
        rows = self.now.read(
            f"""{IMPORT} WHERE list_contains(?, name) OR list_contains(?, module)
            ORDER BY file, line, module, name, alias""",
            [sorted(words), fitting],
        )
        return [Bound(*row) for row in rows if family_of(self.files, row[0]) == family]


def _parts(module: str) -> list[str]:
    """The names in a module's text, and what follows its last slash."""
    return [*_SEPARATORS.split(module), module.rpartition("/")[2]]


def _constructs(site: Site, class_: Place) -> bool:
    """Whether constructing a class comes by a site in it; what decorates a method is run with its body."""
    if class_.symbol == site.scope or (class_.symbol == site.outer and site.role == "decorator"):
        return True
    is_run = site.scope_kind == "constructor" or site.scope_kind not in OPEN_KINDS | TYPE_KINDS
    return is_run and class_.symbol == site.scope.rpartition(".")[0]


def within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.line <= inner.line and inner.end_line <= outer.end_line


def _imported_by(lookup: Lookup, bound: Bound, word: str) -> Found:
    """What a word of an import means: the name that it binds, or a module on the way."""
    if word in (bound.name, bound.alias):
        return lookup.imported(bound)
    if bound.name and lookup.scoping(bound.file).usings:
        before = bound.module[: bound.module.find(word)].rstrip(":")
        return lookup.of_namespace(bound, before, word) or OUTSIDE
    separator = lookup.scoping(bound.file).separator
    parts = bound.module.split(separator)
    if word not in parts:
        return OUTSIDE
    text = bound.module if separator == "/" else separator.join(parts[: parts.index(word) + 1])
    return Found(tuple(lookup.modules(bound, text)), "import")


def word_at(line: str, column: int) -> tuple[int, str]:
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
