"""From a reference to its definition, when asked: nothing is stored, so incremental equals fresh.

A reference resolves to one definition with a reason, or to candidates that are marked so. A name that an
import binds to something outside the repository leads to nothing in it.

1. `lookup` and `members` have the rules, `scoping` what they must know of each language, `modules` what an
   import's text means, `facts` loads what they need in a few queries, `edges` and `uses` tell the result.
2. All of it is by name and place: there is no inference of types. `x.f()` where nothing is known of `x`
   has as candidates every member of that name.
"""

from collections.abc import Sequence
from functools import partial

from memls.database import Database
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
    located,
    place_of,
)
from memls.index.facts import Bound, Definition, Facts, Files
from memls.index.found import OUTSIDE, Found, Site
from memls.index.lookup import Lookup
from memls.index.modules import Module
from memls.index.scoping import TYPE_KINDS, scoping
from memls.index.uses import Descent, Uses

__all__ = ["Edge", "Resolver"]

_SHOWN = 5
"""Candidates given for one ambiguous call."""
_CALLS = ("call", "decorator")
_ROLES = (*_CALLS, "inherit", "type", "read", "write", "import")


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
        return Uses(self._database, lookup, place, roles).edges()

    def callees(self, place: Place) -> list[Edge]:
        """What is called inside, where it stands elsewhere; an ambiguous call gives an edge a candidate."""
        lookup = self._lookup()
        file = lookup.facts.files.ids.get(place.path)
        rows = self._database.read(
            f"""{SITE} WHERE r.file = ? AND r.line BETWEEN ? AND ? AND r.role IN ('call', 'decorator')
            ORDER BY r.line, r."column" """,
            [file, place.line, place.end_line],
        )
        edges = leads(lookup, [Site(*row) for row in rows], _SHOWN)
        return [edge for edge in edges if not within(edge.target, place)]

    def importers(self, path: str) -> list[Edge]:
        """Imports that lead to a file."""
        lookup = self._lookup()
        files = lookup.facts.files
        if path not in files.ids:
            return []
        place = file_place(files, path)
        bounds = self._imports_like(lookup, path)
        sources = lookup.facts.settle({bound: partial(lookup.sources, bound) for bound in bounds})
        found = Found((Module((path,)),), "import")
        edges = {
            bound: edge_of_import(files, bound, found, place)
            for bound, modules in sources.items()
            if any(path in module.paths for module in modules)
        }
        return in_order(located(self._database, edges))

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
        return Descent(self._database, lookup).overriding(above, name, place) if above else []

    def definitions_at(self, path: str, line: int, column: int) -> list[Edge]:
        """What the name at a position means, be it a use, an import or the definition itself."""
        lookup = self._lookup()
        file = lookup.facts.files.ids.get(path)
        if file is None:
            return []
        rows = self._database.read(
            f"""{SITE} WHERE r.file = ? AND r.line = ? AND r."column" <= ?
              AND ? <= r."column" + strlen(r.name)
            ORDER BY r."column" DESC LIMIT 1""",
            [file, line, column, column],
        )
        if rows:
            return leads(lookup, [Site(*row) for row in rows], None)
        return self._definition_named_at(lookup, file, line, column) or self._import_at(
            lookup, file, line, column
        )

    def _definition_named_at(self, lookup: Lookup, file: int, line: int, column: int) -> list[Edge]:
        rows = self._database.read(
            """SELECT file, ordinal, name, qualified_name, kind, line, end_line, signature, name_column
            FROM symbols WHERE file = ? AND name_line = ? AND name_column <= ?
              AND ? <= name_column + strlen(name) ORDER BY ordinal LIMIT 1""",
            [file, line, column, column],
        )
        files = lookup.facts.files
        return [
            Edge(
                files.paths[file], line, row[8], row[3], "read", "resolved", "definition", place_of(files, d)
            )
            for row in rows
            for d in [Definition(*row[:8])]
        ]

    def _import_at(self, lookup: Lookup, file: int, line: int, column: int) -> list[Edge]:
        text = self._database.read(
            "SELECT string_split(text, chr(10))[?] FROM texts WHERE file = ?", [line, file]
        )
        start, word = word_at(text[0][0] or "" if text else "", column)
        if not word:
            return []
        facts = lookup.facts
        bounds = [b for b in facts.ask(lambda: facts.imports(file)) if b.line == line]
        edges: list[Edge] = []
        for bound in bounds:
            found = facts.ask(partial(_imported_by, lookup, bound, word))
            site = Site(file, word, "import", line, start, "", bound.scope, "")
            sure = found.sure and len(found.targets) == 1
            edges += [edge_of(facts.files, site, target, found.reason, sure) for target in found.targets]
        return list(dict.fromkeys(edges))

    def _lookup(self) -> Lookup:
        stamp = Files.stamp(self._database)
        if self._files is None or self._files[0] != stamp:
            self._files = (stamp, Files(self._database))
        return Lookup(Facts(self._database, self._files[1]))

    def _imports_like(self, lookup: Lookup, path: str) -> list[Bound]:
        """Imports whose text can mean a file: those that have a part of its path, or only dots."""
        files = lookup.facts.files
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
        return lookup.facts.scoped([Bound(*row) for row in rows if family_of(files, row[0]) == family])


def within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.line <= inner.line and inner.end_line <= outer.end_line


def _imported_by(lookup: Lookup, bound: Bound, word: str) -> Found:
    """What a word of an import means: the name that it binds, or a module on the way."""
    if word in (bound.name, bound.alias):
        return lookup.imported(bound)
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
