"""Questions about one file or class that need none of the rest: cheaper than all uses of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from memls.index.code import Place
from memls.index.edges import SITE, Edge, edge_of_import, in_order, leads, place_of
from memls.index.facts import Bound
from memls.index.found import Site, Target, levels
from memls.index.inventory import Files
from memls.index.layout import Module
from memls.index.lookup import Lookup
from memls.index.resolve import Moment, Resolver
from memls.index.structural.implementers import Implementers


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
    with resolver.moment() as at:
        file = at.files.ids.get(path)
        if file is None:
            return []
        name = place.symbol.rpartition(".")[2]
        bounds = [b for b in _bounds(at, file) if name in (b.name, b.alias)]
        names = {name, *(bound.alias for bound in bounds)} - {""}
        if place.kind == "constructor":
            names.add(place.symbol.rpartition(".")[0].rpartition(".")[2])
        rows = at.now.read(f"{SITE} WHERE r.file = ? AND r.name IN (SELECT unnest(?))", [file, sorted(names)])
        edges = leads(at.lookup, [Site(*row) for row in rows], None) + _import_edges(at, bounds)
    return in_order(e for e in edges if e.status == "resolved" and _same(e.target, place))


def bound_as(resolver: Resolver, path: str, name: str) -> list[Edge]:
    """The imports of a file that bind a name to something of the repository."""
    with resolver.moment() as at:
        file = at.files.ids.get(path)
        if file is None:
            return []
        return in_order(_import_edges(at, [b for b in _bounds(at, file) if b.alias == name]))


def lines_binding(resolver: Resolver, path: str, name: str, scope: str) -> list[int]:
    """The lines where imports of a file bind a name for a scope in it, wherever these lead."""
    with resolver.moment() as at:
        file = at.files.ids.get(path)
        bounds = _bounds(at, file) if file is not None else ()
        around = set(levels(scope))
        seen = (bound for bound in bounds if bound.scope in around and bound.module)
        return sorted({bound.line for bound in seen if bound.alias == name})


def bases(resolver: Resolver, place: Place) -> list[Edge]:
    """What a class names as its bases, as the definitions these mean; in Go, too, whose methods it has."""
    with resolver.moment() as at:
        rows = at.now.read(
            f"""{SITE} WHERE r.file = ? AND r.role = 'inherit' AND s.qualified_name = ?
            ORDER BY r.line, r."column", r.name, r.receiver""",
            [at.files.ids.get(place.path), place.symbol],
        )
        named = leads(at.lookup, [Site(*row) for row in rows], None)
        known = {(edge.target.path, edge.target.symbol) for edge in named}
        satisfied = Implementers(at.now, at.facts).interfaces(place)
        return [*named, *(e for e in satisfied if (e.target.path, e.target.symbol) not in known)]


def links(resolver: Resolver, path: str) -> list[Link]:
    """The imports of a file that lead to one module of the repository."""
    with resolver.moment() as at:
        file = at.files.ids.get(path)
        if file is None:
            return []
        bounds = _bounds(at, file)
        found = at.lookup.facts.settle({bound: partial(_link, at.lookup, bound) for bound in bounds})
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


def _bounds(at: Moment, file: int) -> Sequence[Bound]:
    facts = at.lookup.facts
    return facts.ask(lambda: facts.imports(file))


def _import_edges(at: Moment, bounds: Sequence[Bound]) -> list[Edge]:
    """Each import as an edge to the one thing that it binds."""
    lookup = at.lookup
    found = lookup.facts.settle({bound: partial(lookup.imported, bound) for bound in bounds})
    edges = []
    for bound, one in found.items():
        if lookup.is_fact(one) and (place := _place(at.files, one.targets[0])):
            edges.append(edge_of_import(lookup, bound, one, place))
    return edges


def _place(files: Files, target: Target) -> Place | None:
    """None for a folder without files of its own."""
    return None if isinstance(target, Module) and not target.paths else place_of(files, target)


def _same(one: Place, other: Place) -> bool:
    return (one.path, one.symbol) == (other.path, other.symbol)
