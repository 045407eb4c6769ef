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

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from memls.index.facts import Definition, Facts
from memls.index.found import each
from memls.index.scoping import TYPE_KINDS
from memls.index.structure import package_of, structure
from memls.index.symbols import one_of
from memls.index.typenames import TypeNames
from memls.source.languages.go.signature import (
    BUILT_IN,
    Named,
    Type,
    is_cut,
    is_generic,
    is_of_function,
    method_type,
)
from memls.source.languages.go.standard import METHODS
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader, Row

K = TypeVar("K", bound=Hashable)

_MAX_DEPTH = 12
_MEMBER = "s.file, s.ordinal, s.qualified_name, s.kind, s.line, s.end_line, s.signature"


class Method(NamedTuple):
    """A method of a type, or a field, without signature. The standard library's has no definition."""

    name: str
    signature: str
    package: str
    definition: Definition | None = None

    @property
    def is_exported(self) -> bool:
        return self.name[:1].isupper()


@dataclass(frozen=True, slots=True)
class Contract:
    """All methods of an interface that are known. Not `whole`: it has others, too."""

    methods: Mapping[str, Method] = field(default_factory=dict)
    whole: bool = True


class Provided(NamedTuple):
    """From where a type has a method: how deep, and from which type; None where two have it there."""

    depth: int
    owner: Named | None


class MethodSets:
    """Method sets of the types of one moment, for one question."""

    def __init__(self, reader: "Reader", facts: Facts) -> None:
        self._reader = reader
        self._facts = facts
        self._structure = structure(facts)
        self._names = TypeNames(facts)
        self._members: dict[Named, dict[str, list[Method]]] = {}
        self._packages: set[str] = set()
        self._declared: dict[Named, list[Method]] = {}
        self._generic: set[Named] = set()
        self._above: dict[Named, list[Named]] = {}
        self._tables: dict[Named, dict[str, Provided]] = {}

    def satisfying(self, interface: Definition) -> dict[Named, bool]:
        """The types that have all methods of an interface, interfaces too; each with whether that is sure."""
        own = self.named(interface)
        self._declare([own])
        contract = self._contract(own)
        if not contract.methods:
            return {}
        rarest = self._rarest(contract.methods)
        self._facts.faults.meet_names([rarest], wished=True)
        candidates = self._having(contract.methods[rarest])
        self._complete(candidates, contract.methods.keys())
        found = self._verdicts({one: (one, contract) for one in candidates if one != own})
        return self._of_package(found, contract)

    def satisfied(self, type_: Definition) -> dict[Definition, bool]:
        """The interfaces whose methods a type has, each with whether that is sure."""
        own = self.named(type_)
        self._ascend([own])
        self._load({one.qualifier for one in self._above if _is_here(one)}, None)
        names = self._table(own).keys()
        found: dict[Named, bool] = {}
        seen: set[Named] = {own}
        fresh = [one for one in self._declaring(names) if one not in seen]
        while fresh:
            seen.update(fresh)
            self._declare(fresh)
            contracts = {one: self._contract(one) for one in fresh}
            asked = {one: (own, contract) for one, contract in contracts.items() if contract.methods}
            more = self._verdicts(asked)
            found.update(more)
            fresh = [one for one in self._embedding(list(more)) if one not in seen]
        kinds = [d for d in self.definitions(found) if d.kind == "interface"]
        return {d: found[self.named(d)] for d in kinds}

    def method(self, type_: Named, name: str) -> list[Definition]:
        """The definitions of a method that a type has; several are for several systems."""
        provided = self._table(type_).get(name)
        methods = self._methods(provided.owner, name) if provided and provided.owner else ()
        return [method.definition for method in methods if method.definition is not None]

    def named(self, definition: Definition) -> Named:
        """The whole name of a type."""
        return Named(package_of(self._facts, definition.file), definition.qualified_name)

    def definitions(self, types: Iterable[Named]) -> list[Definition]:
        """The definitions of some types; several of one are for several systems."""
        wanted = set(types)
        names = {type_.name for type_ in wanted if _is_here(type_)}
        named = self._facts.settle({name: partial(self._facts.named, name) for name in names})
        return [
            d
            for name in sorted(names)
            for definitions in named[name].values()
            for d in definitions
            if d.kind in TYPE_KINDS or d.kind == "type"
            if self.named(d) in wanted and self._facts.files.languages[d.file] == "go"
        ]

    # Methods, and where a type has them from

    def _complete(self, types: Sequence[Named], names: Collection[str]) -> None:
        """Have the methods of these names that some types have, whoever they have them from."""
        self._load({type_.qualifier for type_ in types}, names)
        lacking = [one for one in types if len(self._members.get(one, ())) < len(names)]
        self._ascend(lacking)
        self._load({one.qualifier for one in self._above if _is_here(one)}, names)

    def _load(self, packages: Collection[str], names: Collection[str] | None) -> None:
        """Have the methods and fields of the types of some packages, of some names or of all."""
        fresh = packages - self._packages
        files = [file for package in sorted(fresh) for file in self._files_of(package)]
        if not files:
            return
        self._packages |= fresh
        of_files, params = one_of("s.file", files)
        of_names, words = one_of("s.word", map(identity, names)) if names is not None else ("true", [])
        rows = self._reader.read(
            f"""SELECT {_MEMBER} FROM symbols s WHERE s.kind IN ('method', 'field')
            AND {of_files} AND {of_names}""",
            params + words,
        )
        for row in sorted(rows):
            owner, method = self._method_of(row)
            if method is not None:
                self._members.setdefault(owner, {}).setdefault(method.name, []).append(method)
        self._tables.clear()

    def _files_of(self, package: str) -> list[int]:
        """The files of a package. Those that are not read are faults."""
        layout = self._facts.files.layout
        paths = layout.folders.get(package.removeprefix("./"), ())
        return self._facts.read_of([path for path in paths if layout.paths[path] == "go"])

    def _method_of(self, row: "Row") -> tuple[Named, Method | None]:
        """A member with its owner; None where that is no type of a package."""
        file, ordinal, qualified_name, kind, *rest = row
        owner, _, name = qualified_name.rpartition(".")
        package = package_of(self._facts, file)
        if not owner or "." in owner:
            return Named(package, owner), None
        definition = Definition(file, ordinal, name, qualified_name, kind, *rest)
        signature = definition.signature if kind == "method" else ""
        return Named(package, owner), Method(name, signature, package, definition)

    def _methods(self, owner: Named, name: str) -> Sequence[Method]:
        if _is_here(owner):
            return self._members.get(owner, {}).get(name, ())
        return [one for one in _standard(owner) if one.name == name]

    def _ascend(self, types: Iterable[Named]) -> None:
        """Have what some types embed, and what that embeds."""
        level = [one for one in types if one not in self._above]
        while level:
            embeddings = [e for one in level for e in self._structure.of_owner.get(one, ())]
            asked = {(e.file, e.written): partial(self._names.whole, e.file, e.written) for e in embeddings}
            meant = self._facts.settle(asked)
            self._above.update((one, []) for one in level)
            for e in embeddings:
                self._above[e.owner].append(meant[e.file, e.written])
            above = dict.fromkeys(meant.values())
            level = [one for one in above if one not in self._above]
        self._tables.clear()

    def _table(self, type_: Named, below: int = 0) -> dict[str, Provided]:
        """From where a type has each of the methods that were loaded.

        "For a value x of type T, x.f denotes the field or method at the shallowest depth in T where there is
        such an f. If there is not exactly one f with shallowest depth, the selector expression is illegal."
        """
        known = self._tables.get(type_)
        if known is not None:
            return known
        found: dict[str, Provided] = {}
        for embedded in dict.fromkeys(self._above.get(type_, ())) if below < _MAX_DEPTH else ():
            for name, (depth, owner) in self._table(embedded, below + 1).items():
                other = found.get(name)
                if other is None or depth + 1 < other.depth:
                    found[name] = Provided(depth + 1, owner)
                elif depth + 1 == other.depth and owner != other.owner:
                    found[name] = Provided(other.depth, None)
        own = self._members.get(type_, ()) if _is_here(type_) else [one.name for one in _standard(type_)]
        found.update((name, Provided(0, type_)) for name in own)
        self._tables[type_] = found
        return found

    # Interfaces

    def _declare(self, interfaces: Sequence[Named]) -> None:
        """Have the methods that interfaces name, and those that they embed."""
        self._ascend(interfaces)
        level = [one for one in interfaces if one not in self._declared]
        while level:
            definitions = [d for d in self.definitions(level) if d.kind == "interface"]
            self._generic.update(self.named(d) for d in definitions if is_generic(d.signature))
            places = {(d.file, d.ordinal) for d in definitions}
            condition, params = one_of("s.file", {file for file, _ in places} or {-1})
            rows = self._reader.read(
                f"""SELECT s.parent, {_MEMBER} FROM symbols s
                WHERE s.kind = 'method' AND s.parent >= 0 AND {condition}""",
                params,
            )
            self._declared.update((self.named(d), []) for d in definitions)
            for parent, *row in sorted(rows):
                owner, method = self._method_of(tuple(row))
                if method is not None and (row[0], parent) in places:
                    self._declared[owner].append(method)
            above = dict.fromkeys(one for type_ in level for one in self._above[type_])
            level = [one for one in above if _is_here(one) and one not in self._declared]
            level = [one for one in level if one.name not in BUILT_IN]

    def _contract(self, type_: Named, below: int = 0) -> Contract:
        """What an interface, or what it embeds, asks for. Of a constraint for type parameters that is nothing."""
        if not _is_here(type_):
            known = type_.name in METHODS.get(type_.qualifier, {})
            return Contract({one.name: one for one in _standard(type_)}, known)
        declared, above = self._declared.get(type_), self._above.get(type_, ())
        if declared is None or type_ in self._generic or below > _MAX_DEPTH:
            return Contract(whole=False)
        if any(one.name in BUILT_IN and _is_here(one) for one in above):
            return Contract(whole=False)
        methods = {method.name: method for method in declared}
        contracts = [self._contract(one, below + 1) for one in above]
        for one in contracts:
            methods = {**one.methods, **methods}
        return Contract(methods, all(one.whole for one in contracts))

    def _declaring(self, names: Collection[str]) -> list[Named]:
        """The interfaces that have one of some methods written inside of them."""
        if not names:
            return []
        condition, params = one_of("s.word", map(identity, names))
        rows = self._reader.read(
            f"""SELECT DISTINCT s.file, p.qualified_name FROM symbols s
            JOIN symbols p ON p.file = s.file AND p.ordinal = s.parent
            WHERE s.kind = 'method' AND p.kind = 'interface' AND {condition}""",
            params,
        )
        languages = self._facts.files.languages
        return sorted({Named(package_of(self._facts, r[0]), r[1]) for r in rows if languages[r[0]] == "go"})

    # Who has what

    def _rarest(self, methods: Mapping[str, Method]) -> str:
        """The name that the fewest methods have."""
        if len(methods) == 1:
            return next(iter(methods))
        words = {identity(name): name for name in methods}
        condition, params = one_of("word", words)
        rows = self._reader.read(
            f"SELECT word, count(*) FROM symbols WHERE kind = 'method' AND {condition} GROUP BY word", params
        )
        counts = {words[word]: count for word, count in rows}
        return min(methods, key=lambda name: (counts.get(name, 0), name))

    def _having(self, wanted: Method) -> list[Named]:
        """The types that have a method of their own, and those that embed them."""
        named = self._facts.ask(partial(self._facts.named, wanted.name))
        languages = self._facts.files.languages
        asked = {}
        for file, definitions in named.items():
            for d in definitions if languages[file] == "go" else ():
                owner, method = self._method_of((d.file, d.ordinal, *d[3:]))
                if method is not None and d.kind == "method":
                    asked[owner, d] = partial(self._fits, method, wanted)
        fits = self._facts.settle(asked)
        fresh = list(dict.fromkeys(owner for (owner, _), fit in fits.items() if fit is not False))
        found = dict.fromkeys(fresh)
        while fresh:
            fresh = [type_ for type_ in self._embedding(fresh) if type_ not in found]
            found.update(dict.fromkeys(fresh))
        return list(found)

    def _embedding(self, types: Sequence[Named]) -> list[Named]:
        """The types that embed one of some."""
        names = dict.fromkeys(type_.name for type_ in types)
        embeddings = [e for name in names for e in self._structure.of_name.get(name, ())]
        asked = {(e.file, e.written): partial(self._names.whole, e.file, e.written) for e in embeddings}
        meant, wanted = self._facts.settle(asked), set(types)
        found = (e.owner for e in embeddings if meant[e.file, e.written] in wanted and "." not in e.owner.name)
        return list(dict.fromkeys(found))

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
            (owner, wanted): partial(each, self._methods(owner, wanted.name), partial(self._fits, wanted=wanted))
            for owner, wanted in pairs
        }
        found = self._facts.settle(asked)
        written = {owner for owner, wanted in asked if not self._is_concrete(owner, wanted.name)}
        interfaces = {self.named(d) for d in self.definitions(written) if d.kind == "interface"}
        return {
            pair: (pair[0] not in written or pair[0] in interfaces)
            and (True if True in fits else None if None in fits else False)
            for pair, fits in found.items()
        }

    def _is_concrete(self, owner: Named, name: str) -> bool:
        """Whether a method is no interface's, nor of one that is written out as the type of a field."""
        return any(is_of_function(one.signature) or one.definition is None for one in self._methods(owner, name))

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


def _is_here(type_: Named) -> bool:
    """Whether a type is of the repository."""
    return type_.qualifier.startswith("./")


def _standard(type_: Named) -> Iterator[Method]:
    """The methods of a type of the standard library."""
    for signature in METHODS.get(type_.qualifier, {}).get(type_.name, ()):
        yield Method(signature.partition("(")[0], signature, type_.qualifier)
