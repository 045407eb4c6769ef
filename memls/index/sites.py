"""Questions about one file or class that need none of the rest: cheaper than all uses of a name.

They are functions of a Resolver, and read what it reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from memls.index.code import Place
from memls.index.edges import SITE, Edge, edge_of_import, leads, located, place_of
from memls.index.facts import Bound, Files
from memls.index.found import Site, Target
from memls.index.lookup import Lookup
from memls.index.modules import Module
from memls.index.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Link:
    """An import in a line, and the file it leads to, of `files` that are that module.

    `name` is set where the name that is imported is itself the module.
    """

    module: str
    name: str
    line: int
    path: str
    files: int


def uses_in(resolver: Resolver, path: str, place: Place) -> list[Edge]:
    """The uses of a definition in one file, those that are resolved to it alone, imports included."""
    lookup = resolver._lookup()
    file = lookup.facts.files.ids.get(path)
    if file is None:
        return []
    name = place.symbol.rpartition(".")[2]
    bounds = [b for b in _bounds(lookup, file) if name in (b.name, b.alias)]
    names = {name, *(bound.alias for bound in bounds)} - {""}
    if place.kind == "constructor":
        names.add(place.symbol.rpartition(".")[0].rpartition(".")[2])
    rows = resolver._database.read(
        f'{SITE} WHERE r.file = ? AND r.name IN (SELECT unnest(?)) ORDER BY r.line, r."column"',
        [file, sorted(names)],
    )
    edges = leads(lookup, [Site(*row) for row in rows], None)
    edges += _import_edges(resolver, lookup, bounds)
    return [edge for edge in edges if edge.status == "resolved" and _same(edge.target, place)]


def bound_as(resolver: Resolver, path: str, name: str) -> list[Edge]:
    """The imports of a file that bind a name to something of the repository."""
    lookup = resolver._lookup()
    file = lookup.facts.files.ids.get(path)
    if file is None:
        return []
    return _import_edges(resolver, lookup, [b for b in _bounds(lookup, file) if b.alias == name])


def bases(resolver: Resolver, place: Place) -> list[Edge]:
    """What a class names as its bases, as the definitions that these mean."""
    lookup = resolver._lookup()
    file = lookup.facts.files.ids.get(place.path)
    rows = resolver._database.read(
        f"""{SITE} WHERE r.file = ? AND r.role = 'inherit' AND s.qualified_name = ?
        ORDER BY r.line, r."column" """,
        [file, place.symbol],
    )
    return leads(lookup, [Site(*row) for row in rows], None)


def links(resolver: Resolver, path: str) -> list[Link]:
    """The imports of a file that lead to one module of the repository."""
    lookup = resolver._lookup()
    file = lookup.facts.files.ids.get(path)
    if file is None:
        return []
    bounds = _bounds(lookup, file)
    found = lookup.facts.settle({bound: partial(_link, lookup, bound) for bound in bounds})
    return [link for link in found.values() if link is not None and link.path != path]


def _link(lookup: Lookup, bound: Bound) -> Link | None:
    """To the innermost module that has files. Of a package of many files, the one that is called as it is."""
    outer = _with_files(lookup.modules(bound, bound.module))
    inner = [module for module in _with_files(lookup.sources(bound)) if module not in outer]
    found = inner or outer
    if len(found) != 1 or (len(found[0].paths) > 1 and found[0].folder is None):
        return None
    module = found[0]
    called = (module.folder or "").rpartition("/")[2]
    main = sorted(module.paths, key=lambda path: (_stem(path) not in (called, "doc"), path))[0]
    return Link(bound.module, bound.name if inner else "", bound.line, main, len(module.paths))


def _with_files(modules: Sequence[Module]) -> list[Module]:
    return list(dict.fromkeys(module for module in modules if module.paths))


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _bounds(lookup: Lookup, file: int) -> Sequence[Bound]:
    return lookup.facts.ask(lambda: lookup.facts.imports(file))


def _import_edges(resolver: Resolver, lookup: Lookup, bounds: Sequence[Bound]) -> list[Edge]:
    """Each import as an edge to the one thing that it binds."""
    files = lookup.facts.files
    found = lookup.facts.settle({bound: partial(lookup.imported, bound) for bound in bounds})
    edges = {}
    for bound, one in found.items():
        if len(one.targets) == 1 and one.sure and (place := _place(files, one.targets[0])):
            edges[bound] = edge_of_import(files, bound, one, place)
    return located(resolver._database, edges) if edges else []


def _place(files: Files, target: Target) -> Place | None:
    """None for a folder without files of its own."""
    return None if isinstance(target, Module) and not target.paths else place_of(files, target)


def _same(one: Place, other: Place) -> bool:
    return (one.path, one.symbol) == (other.path, other.symbol)
