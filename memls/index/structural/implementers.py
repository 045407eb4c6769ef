"""What has an interface's methods without naming it (`methodsets`), as edges, both ways."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from memls.index.code import Place
from memls.index.edges import Edge, Status, in_order, place_of
from memls.index.facts import Definition, Facts
from memls.index.inventory import Files
from memls.index.scoping import scoping
from memls.index.structural.contracts import definitions_of, named
from memls.index.structural.methodsets import MethodSets
from memls.index.uses import name_positions

if TYPE_CHECKING:
    from memls.database import Reader

_HAS, _MAY_HAVE = "has its methods", "has those of its methods that are known"


class Implementers:
    """The edges between interfaces and the types that have their methods."""

    def __init__(self, reader: "Reader", facts: Facts) -> None:
        self._reader = reader
        self._facts = facts
        self._files = facts.files
        self._sets = MethodSets(reader, facts)

    def types(self, interface: Definition, place: Place) -> list[Edge]:
        """The types that have all methods of an interface."""
        sure = self._sets.satisfying(interface)
        return self._edges({d: sure[named(self._facts, d)] for d in definitions_of(self._facts, sure)}, place)

    def methods(self, interface: Definition, name: str, place: Place) -> list[Edge]:
        """The methods by which types have one of an interface's."""
        found: dict[Definition, bool] = {}
        for type_, sure in self._sets.satisfying(interface).items():
            for d in self._sets.method(type_, name):
                found[d] = found.get(d, False) or sure
        return self._edges({d: sure for d, sure in found.items() if place_of(self._files, d) != place}, place)

    def interfaces(self, place: Place) -> list[Edge]:
        """The interfaces whose methods a type has."""
        file = self._files.ids.get(place.path)
        type_ = self._facts.ask(lambda: self._facts.symbol(file, place.symbol)) if file is not None else None
        if type_ is None or not scoping(self._files.languages[type_.file]).structural:
            return []
        [position] = name_positions(self._reader, [type_]).values()
        edges = [
            self._edge(type_, position, place_of(self._files, interface), sure)
            for interface, sure in self._sets.satisfied(type_).items()
        ]
        return in_order(edges)

    def _edges(self, found: dict[Definition, bool], place: Place) -> list[Edge]:
        positions = name_positions(self._reader, list(found))
        return in_order(
            self._edge(d, positions.get((d.file, d.ordinal), (d.line, 0)), place, sure)
            for d, sure in found.items()
        )

    def _edge(self, definition: Definition, at: tuple[int, int], target: Place, sure: bool) -> Edge:
        status: Status = "resolved" if sure and not self._facts.faults else "candidate"
        reason = _HAS if sure else _MAY_HAVE
        path = self._files.paths[definition.file]
        return Edge(path, *at, definition.qualified_name, "inherit", status, reason, target)


def is_structural(files: Files, type_: Definition) -> bool:
    """Whether a type is an interface that others implement without naming it."""
    return type_.kind == "interface" and scoping(files.languages[type_.file]).structural


def named_and_satisfying(naming: Sequence[Edge], satisfying: Iterable[Edge]) -> list[Edge]:
    """The edges of both. What is certain of a class is not told as a candidate, nor twice."""
    sure = {(edge.path, edge.symbol) for edge in naming if edge.status == "resolved"}
    others = [edge for edge in satisfying if (edge.path, edge.symbol) not in sure]
    if not others:
        return list(naming)
    told = {(edge.path, edge.symbol) for edge in others}
    kept = [edge for edge in naming if edge.status == "resolved" or (edge.path, edge.symbol) not in told]
    return in_order([*kept, *others])
