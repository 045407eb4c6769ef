"""Which types have all methods of an interface, where a language asks for no more than that (Go).

"A type implements any interface comprising any subset of its methods" (The Go Programming Language
Specification, Method sets). Methods of pointers count, and those of embedded types.

1. A method is found as the language finds it: at the least depth of embedding, where just one type has it.
2. The interface's rarest method says who can have them all: the types that define it, and what embeds these.
   The others are loaded for the packages of these types alone.
3. Types are the same where their signatures are, with what their names mean (`typenames`).
4. Of an interface that embeds what is not in the repository not all methods are known: then what has those
   that are is a candidate.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from memls.index.facts import Definition, Facts
from memls.index.found import each
from memls.index.structural.contracts import (
    MEMBER,
    Contract,
    Contracts,
    Method,
    definitions_of,
    is_here,
    method_of,
    named,
    standard,
)
from memls.index.structural.embedded import Embedded
from memls.index.structural.typenames import TypeNames
from memls.index.symbols import one_of
from memls.source.languages.go.signature import (
    Named,
    Type,
    is_cut,
    is_of_function,
    method_type,
)
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader

K = TypeVar("K", bound=Hashable)

_MAX_DEPTH = 12


class Provided(NamedTuple):
    """From where a type has a method: how deep, and from which type; None where two have it there."""

    depth: int
    owner: Named | None


class MethodSets:
    """Method sets of the types of one moment, for one question."""

    def __init__(self, reader: "Reader", facts: Facts) -> None:
        self._reader = reader
        self._facts = facts
        self._names = TypeNames(facts)
        self._embedded = Embedded(facts, self._names)
        self._contracts = Contracts(reader, facts, self._embedded)
        self._members: dict[Named, dict[str, list[Method]]] = {}
        self._packages: set[str] = set()
        self._tables: dict[Named, dict[str, Provided]] = {}

    def satisfying(self, interface: Definition) -> dict[Named, bool]:
        """The types that have all methods of an interface, interfaces too; each with whether that is sure."""
        own = named(self._facts, interface)
        self._contracts.declare([own])
        contract = self._contracts.of(own)
        if not contract.methods:
            return {}
        rarest = self._contracts.rarest(contract.methods)
        self._facts.faults.meet_names([rarest], wished=True)
        candidates = self._having(contract.methods[rarest])
        self._complete(candidates, contract.methods.keys())
        found = self._verdicts({one: (one, contract) for one in candidates if one != own})
        return self._of_package(found, contract)

    def satisfied(self, type_: Definition) -> dict[Definition, bool]:
        """The interfaces whose methods a type has, each with whether that is sure."""
        own = named(self._facts, type_)
        self._embedded.ascend([own])
        self._load({one.qualifier for one in self._embedded.above if is_here(one)}, None)
        names = self._table(own).keys()
        found: dict[Named, bool] = {}
        seen: set[Named] = {own}
        fresh = [one for one in self._contracts.declaring(names) if one not in seen]
        while fresh:
            seen.update(fresh)
            self._contracts.declare(fresh)
            contracts = {one: self._contracts.of(one) for one in fresh}
            asked = {one: (own, contract) for one, contract in contracts.items() if contract.methods}
            more = self._verdicts(asked)
            found.update(more)
            fresh = [one for one in self._embedded.below(list(more)) if one not in seen]
        kinds = [d for d in definitions_of(self._facts, found) if d.kind == "interface"]
        return {d: found[named(self._facts, d)] for d in kinds}

    def method(self, type_: Named, name: str) -> list[Definition]:
        """The definitions of a method that a type has; several are for several systems."""
        provided = self._table(type_).get(name)
        methods = self._methods(provided.owner, name) if provided and provided.owner else ()
        return [method.definition for method in methods if method.definition is not None]

    # Methods, and where a type has them from

    def _complete(self, types: Sequence[Named], names: Collection[str]) -> None:
        """Have the methods of these names that some types have, whoever they have them from."""
        self._load({type_.qualifier for type_ in types}, names)
        lacking = [one for one in types if len(self._members.get(one, ())) < len(names)]
        self._embedded.ascend(lacking)
        self._load({one.qualifier for one in self._embedded.above if is_here(one)}, names)

    def _load(self, packages: AbstractSet[str], names: Collection[str] | None) -> None:
        """Have the methods and fields of the types of some packages, of some names or of all."""
        fresh = packages - self._packages
        files = [file for package in sorted(fresh) for file in self._files_of(package)]
        if not files:
            return
        self._packages |= fresh
        of_files, params = one_of("s.file", files)
        of_names, words = one_of("s.word", map(identity, names)) if names is not None else ("true", [])
        rows = self._reader.read(
            f"""SELECT {MEMBER} FROM symbols s WHERE s.kind IN ('method', 'field')
            AND {of_files} AND {of_names}""",
            params + words,
        )
        for row in sorted(rows):
            owner, method = method_of(self._facts, row)
            if method is not None:
                self._members.setdefault(owner, {}).setdefault(method.name, []).append(method)
        self._tables.clear()

    def _files_of(self, package: str) -> list[int]:
        """The files of a package. Those that are not read are faults."""
        layout = self._facts.files.layout
        paths = layout.folders.get(package.removeprefix("./"), ())
        return self._facts.read_of([path for path in paths if layout.paths[path] == "go"])

    def _methods(self, owner: Named, name: str) -> Sequence[Method]:
        if is_here(owner):
            return self._members.get(owner, {}).get(name, ())
        return [one for one in standard(owner) if one.name == name]

    def _table(self, type_: Named, below: int = 0) -> dict[str, Provided]:
        """From where a type has each of the methods that were loaded.

        "For a value x of type T, x.f denotes the field or method at the shallowest depth in T where there is
        such an f. If there is not exactly one f with shallowest depth, the selector expression is illegal."
        """
        known = self._tables.get(type_)
        if known is not None:
            return known
        found: dict[str, Provided] = {}
        for embedded in dict.fromkeys(self._embedded.above.get(type_, ())) if below < _MAX_DEPTH else ():
            for name, (depth, owner) in self._table(embedded, below + 1).items():
                other = found.get(name)
                if other is None or depth + 1 < other.depth:
                    found[name] = Provided(depth + 1, owner)
                elif depth + 1 == other.depth and owner != other.owner:
                    found[name] = Provided(other.depth, None)
        own = self._members.get(type_, ()) if is_here(type_) else [one.name for one in standard(type_)]
        found.update((name, Provided(0, type_)) for name in own)
        self._tables[type_] = found
        return found

    # Who has what

    def _having(self, wanted: Method) -> list[Named]:
        """The types that have a method of their own, and those that embed them."""
        everywhere = self._facts.ask(partial(self._facts.named, wanted.name))
        languages = self._facts.files.languages
        asked = {}
        for file, definitions in everywhere.items():
            for d in definitions if languages[file] == "go" else ():
                owner, method = method_of(self._facts, (d.file, d.ordinal, *d[3:]))
                if method is not None and d.kind == "method":
                    asked[owner, d] = partial(self._fits, method, wanted)
        fits = self._facts.settle(asked)
        fresh = list(dict.fromkeys(owner for (owner, _), fit in fits.items() if fit is not False))
        found = dict.fromkeys(fresh)
        while fresh:
            fresh = [type_ for type_ in self._embedded.below(fresh) if type_ not in found]
            found.update(dict.fromkeys(fresh))
        return list(found)

    def _verdicts(self, asked: Mapping[K, tuple[Named, Contract]]) -> dict[K, bool]:
        """Those that have all methods of a contract, each with whether that is sure."""
        needed: dict[K, list[tuple[Named, Method]]] = {}
        for key, (type_, contract) in asked.items():
            table, methods = self._table(type_), contract.methods
            if table.keys() >= methods.keys():
                owners = [(table[name].owner, method) for name, method in methods.items()]
                needed[key] = [(owner, method) for owner, method in owners if owner is not None]
                if len(needed[key]) < len(owners):
                    del needed[key]
        answers = self._answers({pair for some in needed.values() for pair in some})
        found = {}
        for key, some in needed.items():
            fits = {answers[pair] for pair in some}
            if False not in fits:
                found[key] = asked[key][1].whole and None not in fits
        return found

    def _answers(self, pairs: Iterable[tuple[Named, Method]]) -> dict[tuple[Named, Method], bool | None]:
        """Whether a type's own method is the one that is wanted; None where it may be."""
        asked = {
            (owner, wanted): partial(
                each, self._methods(owner, wanted.name), partial(self._fits, wanted=wanted)
            )
            for owner, wanted in pairs
        }
        fits = self._facts.settle(asked)
        answers = {
            pair: True if True in some else None if None in some else False for pair, some in fits.items()
        }
        written = [
            (owner, wanted)
            for (owner, wanted), answer in answers.items()
            if answer is not False and not self._is_concrete(owner, wanted.name)
        ]
        owners = definitions_of(self._facts, {owner for owner, _ in written})
        interfaces = {named(self._facts, d) for d in owners if d.kind == "interface"}
        return answers | {pair: False for pair in written if pair[0] not in interfaces}

    def _is_concrete(self, owner: Named, name: str) -> bool:
        """Whether a method is no interface's, nor of one that is written out as the type of a field."""
        return any(
            is_of_function(one.signature) or one.definition is None for one in self._methods(owner, name)
        )

    def _fits(self, method: Method, wanted: Method) -> bool | None:
        if not method.signature or (not wanted.is_exported and method.package != wanted.package):
            return False
        if is_cut(method.signature) or is_cut(wanted.signature):
            return None
        one, other = method_type(method.signature), method_type(wanted.signature)
        if one is None or other is None or self._names.differ(one, other):
            return False
        first, second = each((method, wanted), self._type_of)
        return self._names.same(first, second)

    def _type_of(self, method: Method) -> Type:
        found = method_type(method.signature) or ()
        return found if method.definition is None else self._names.type(method.definition.file, found)

    def _of_package(self, found: dict[Named, bool], contract: Contract) -> dict[Named, bool]:
        """Without types of a test package, which has the folder and not the names of what it tests."""
        hidden = next((m for m in contract.methods.values() if not m.is_exported and m.definition), None)
        if hidden is None or hidden.definition is None:
            return found
        files = {type_: {d.file for d in self.method(type_, hidden.name)} for type_ in found}
        asked = {hidden.definition.file, *(file for some in files.values() for file in some)}
        tests = {file for file in asked if self._facts.files.paths[file].endswith("_test.go")}
        condition, params = one_of("file", tests or {-1})
        rows = self._reader.read(
            rf"SELECT file FROM texts WHERE {condition} AND regexp_matches(text, '(?m)^package \w+_test\b')",
            params,
        )
        outside = {row[0] for row in rows}
        if hidden.definition.file in outside:
            return found
        return {type_: sure for type_, sure in found.items() if outside.isdisjoint(files[type_])}
