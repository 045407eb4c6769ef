"""Which types have all methods of an interface, where a language asks for no more than that (Go).

"A type implements any interface comprising any subset of its methods" (The Go Programming Language
Specification, Method sets). Methods of pointers count, and those of embedded types.

1. A method is found as the language finds it: at the least depth of embedding, where just one type has it.
2. The interface's rarest method says who can have them all: the types that define it, and what embeds these.
3. Types are the same where their signatures are, with what their names mean (`typenames`).
4. Of an interface that embeds what is not in the repository not all methods are known: then what has those
   that are is a candidate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memls.index.facts import Base, Definition, Facts
from memls.index.found import Memo, each
from memls.index.scoping import TYPE_KINDS, scoping
from memls.index.symbols import one_of
from memls.index.typenames import TypeNames
from memls.source.languages.go.signature import BUILT_IN, Named, Type, is_cut, is_generic, method_type
from memls.source.languages.go.standard import METHODS
from memls.text import identity, tag

if TYPE_CHECKING:
    from memls.database import Reader

_KINDS = TYPE_KINDS | {"type"}
_MAX_DEPTH = 12
_CONCRETE = "func "


class Method(NamedTuple):
    """A method of a type. Of the standard library's there is no definition; `package` then has it."""

    name: str
    signature: str
    package: str
    definition: Definition | None = None

    @property
    def is_exported(self) -> bool:
        return self.name[:1].isupper()


@dataclass(frozen=True, slots=True)
class Contract:
    """All methods of an interface that are seen. Not `whole`: it has others, too."""

    methods: Mapping[str, Method] = field(default_factory=dict)
    whole: bool = True


class Satisfied(NamedTuple):
    """A type that has an interface's methods; not `sure` where one is known by its name alone."""

    type: Named
    sure: bool


class MethodSets:
    """Method sets of the types of one moment."""

    def __init__(self, reader: "Reader", facts: Facts) -> None:
        self._reader = reader
        self._facts = facts
        self._names = TypeNames(facts)
        self._memo = Memo(facts)
        self._by_owner: dict[str, dict[Named, list[Definition]]] = {}

    def contract(self, interface: Definition) -> Contract:
        """The methods of an interface. Of a constraint for type parameters, none."""
        return self._facts.ask(partial(self._contract, interface, 0))

    def satisfying(self, interface: Definition) -> list[Satisfied]:
        """The types that have all methods of an interface, other interfaces included, in the order of paths."""
        contract = self.contract(interface)
        if not contract.methods:
            return []
        own = self.named(interface)
        rarest = self._rarest(contract.methods)
        self._facts.faults.meet_names([rarest], wished=True)
        types = self._having(contract.methods[rarest])
        asked = {type_: partial(self._verdict, type_, contract) for type_ in types if type_ != own}
        verdicts = self._facts.settle(asked)
        found = [Satisfied(type_, sure) for type_, sure in verdicts.items() if sure is not None]
        return self._of_package(found, contract)

    def satisfied(self, type_: Definition) -> list[tuple[Definition, bool]]:
        """The interfaces whose methods a type has, each with whether that is sure."""
        own = self.named(type_)
        names = self._method_names(own)
        found: dict[Definition, bool] = {}
        fresh = self._declaring(names)
        while fresh:
            contracts = self._facts.settle({one: partial(self._contract, one, 0) for one in fresh})
            asked = {
                one: partial(self._verdict, own, contract)
                for one, contract in contracts.items()
                if contract.methods and self.named(one) != own and contract.methods.keys() <= names
            }
            verdicts = self._facts.settle(asked)
            more = {one: sure for one, sure in verdicts.items() if sure is not None and one not in found}
            found.update(more)
            below = self._embedding([self.named(one) for one in more])
            fresh = [
                one
                for one in self.definitions(below)
                if one.kind == "interface" and one not in found and one not in contracts
            ]
        return list(found.items())

    def method(self, type_: Named, name: str) -> list[Definition]:
        """The definitions of a type's method, of which there is one but for what is built on one system only."""
        found = self._facts.ask(partial(self._method, type_, name))
        return [method.definition for method in found if method.definition is not None]

    def named(self, definition: Definition) -> Named:
        """The whole name of a type."""
        return Named(self._names.package(definition.file), definition.qualified_name)

    def definitions(self, types: Iterable[Named]) -> list[Definition]:
        """The definitions of some types."""
        found = self._facts.settle({type_: partial(self._types, type_) for type_ in types})
        return [one for definitions in found.values() for one in definitions]

    # Questions that settle

    def _verdict(self, type_: Named, contract: Contract) -> bool | None:
        """Whether a type surely has all methods of a contract; None where it lacks one."""
        answers = each(contract.methods.values(), lambda wanted: self._answer(type_, wanted))
        if False in answers:
            return None
        return contract.whole and None not in answers

    def _answer(self, type_: Named, wanted: Method) -> bool | None:
        """Whether a type has a method; None where it has one of that name that may be it."""
        fits = each(self._method(type_, wanted.name), lambda method: self._fits(method, wanted))
        return True if True in fits else None if None in fits else False

    def _fits(self, method: Method, wanted: Method) -> bool | None:
        if not wanted.is_exported and method.package != wanted.package:
            return False
        if is_cut(method.signature) or is_cut(wanted.signature):
            return None
        one, other = method_type(method.signature), method_type(wanted.signature)
        if one is None or other is None or self._names.differ(one, other):
            return False
        types = each((method, wanted), self._type_of)
        return self._names.same(*types)

    def _type_of(self, method: Method) -> Type:
        found = method_type(method.signature) or ()
        return found if method.definition is None else self._names.type(method.definition.file, found)

    def _method(self, type_: Named, name: str) -> list[Method]:
        return self._memo.get(("method", type_, name), lambda: self._find(type_, name))

    def _find(self, type_: Named, name: str) -> list[Method]:
        """The method at the least depth; none where two types have it there, or a field hides it."""
        level, seen = [type_], {type_}
        for _ in range(_MAX_DEPTH):
            found = [own for own in each(level, lambda one: self._own(one, name)) if own]
            if found:
                return found[0] if len(found) == 1 and found[0][0].signature else []
            above = each(level, self._above)
            level = list(dict.fromkeys(one for some in above for one in some if one not in seen))
            seen.update(level)
            if not level:
                break
        return []

    def _own(self, type_: Named, name: str) -> list[Method]:
        """A type's own method, or its field, which has no signature here."""
        if not type_.qualifier.startswith("./"):
            return [one for one in _standard(type_) if one.name == name]
        members = self._members(name).get(type_, ())
        if not members:
            return []
        kinds = {definition.kind for definition in self._types(type_)}
        return [
            Method(name, d.signature if d.kind == "method" else "", type_.qualifier, d)
            for d in members
            if d.kind != "method" or d.signature.startswith(_CONCRETE) or "interface" in kinds
        ]

    def _members(self, name: str) -> dict[Named, list[Definition]]:
        """The methods and fields of a name by their types."""
        found = self._by_owner.get(name)
        if found is None:
            found = {}
            for file, definitions in self._facts.named(name).items():
                if self._is_structural(file):
                    for d in definitions:
                        owner, _, _ = d.qualified_name.rpartition(".")
                        if owner and "." not in owner and d.kind in ("method", "field"):
                            found.setdefault(Named(self._names.package(file), owner), []).append(d)
            self._by_owner[name] = found
        return found

    def _types(self, type_: Named) -> list[Definition]:
        """The definitions of a type; several are for several systems."""
        if not type_.qualifier.startswith("./"):
            return []
        return [
            d
            for file, definitions in self._facts.named(type_.name).items()
            if self._is_structural(file) and self._names.package(file) == type_.qualifier
            for d in definitions
            if d.qualified_name == type_.name and d.kind in _KINDS
        ]

    def _above(self, type_: Named) -> list[Named]:
        """The types that a type embeds."""
        return self._memo.get(("above", type_), lambda: self._find_above(type_))

    def _find_above(self, type_: Named) -> list[Named]:
        above = each(self._types(type_), lambda d: self._bases(d))
        return list(dict.fromkeys(one for some in above for one in some))

    def _bases(self, definition: Definition) -> list[Named]:
        bases: Sequence[Base] = self._facts.bases(definition.file).get(definition.ordinal, ())
        return each(bases, lambda base: self._names.whole(definition.file, Named(base.receiver, base.name)))

    def _contract(self, interface: Definition, depth: int) -> Contract:
        declared = self._facts.declared(interface.file).get(interface.ordinal, ())
        bases = self._bases(interface)
        if is_generic(interface.signature) or any(base.name in BUILT_IN - METHODS[""].keys() for base in bases):
            return Contract(whole=False)
        package = self._names.package(interface.file)
        methods = {d.name: Method(d.name, d.signature, package, d) for d in declared}
        above = each(bases, lambda base: self._contract_of(base, depth))
        for one in above:
            methods = {**one.methods, **methods}
        return Contract(methods, all(one.whole for one in above))

    def _contract_of(self, type_: Named, depth: int) -> Contract:
        """What an embedded type asks for."""
        if not type_.qualifier.startswith("./"):
            known = METHODS.get(type_.qualifier, {}).get(type_.name) is not None
            return Contract({one.name: one for one in _standard(type_)}, known)
        found = [d for d in self._types(type_) if d.kind == "interface"]
        if not found or depth > _MAX_DEPTH:
            return Contract(whole=False)
        return self._contract(found[0], depth + 1)

    # What is asked of the index at once

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
        self._facts.ask(self._facts.aliases)
        members = self._facts.ask(partial(self._members, wanted.name))
        asked = {type_: partial(self._answer, type_, wanted) for type_ in members}
        fitting = [type_ for type_, fits in self._facts.settle(asked).items() if fits is not False]
        found = dict.fromkeys(fitting)
        fresh = fitting
        for _ in range(_MAX_DEPTH):
            fresh = [type_ for type_ in self._embedding(fresh) if type_ not in found]
            if not fresh:
                break
            found.update(dict.fromkeys(fresh))
        return list(found)

    def _embedding(self, types: Sequence[Named]) -> list[Named]:
        """The types that embed one of some."""
        names = {type_.name for type_ in types}
        if not names:
            return []
        condition, params = one_of("tag", {tag(name) for name in names})
        rows = self._reader.read(
            f"""SELECT file, scope, name, receiver FROM refs WHERE role = 'inherit' AND {condition}
            ORDER BY file, line, "column" """,
            params,
        )
        sites = [row for row in rows if row[2] in names and self._is_structural(row[0])]
        asked = {
            (row[0], row[3], row[2]): partial(self._names.whole, row[0], Named(row[3], row[2])) for row in sites
        }
        meant, wanted = self._facts.settle(asked), set(types)
        places = {row[:2] for row in sites if meant[row[0], row[3], row[2]] in wanted}
        scopes = self._facts.scopes(places)
        found = [
            Named(self._names.package(file), name)
            for (file, _), (name, kind) in sorted(scopes.items())
            if kind in _KINDS and "." not in name
        ]
        return list(dict.fromkeys(found))

    def _method_names(self, type_: Named) -> set[str]:
        """The names of all methods of a type."""
        level, seen, names = [type_], {type_}, set[str]()
        for _ in range(_MAX_DEPTH):
            names.update(one.name for above in level for one in _standard(above))
            names |= self._own_names([one for one in level if one.qualifier.startswith("./")])
            above = self._facts.settle({one: partial(self._above, one) for one in level})
            level = list(dict.fromkeys(one for some in above.values() for one in some if one not in seen))
            seen.update(level)
            if not level:
                break
        return names

    def _own_names(self, types: Sequence[Named]) -> set[str]:
        if not types:
            return set()
        files = [file for d in self.definitions(types) for file in self._facts.package(d.file)]
        condition, params = one_of("file", set(files))
        rows = self._reader.read(
            f"SELECT file, qualified_name FROM symbols WHERE kind = 'method' AND {condition}", params
        )
        wanted = set(types)
        parted = ((file, *name.rpartition(".")) for file, name in rows)
        return {name for file, owner, _, name in parted if Named(self._names.package(file), owner) in wanted}

    def _declaring(self, names: set[str]) -> list[Definition]:
        """The interfaces that have one of some methods written inside of them."""
        if not names:
            return []
        condition, params = one_of("s.word", {identity(name) for name in names})
        rows = self._reader.read(
            f"""SELECT DISTINCT s.file, p.qualified_name FROM symbols s
            JOIN symbols p ON p.file = s.file AND p.ordinal = s.parent
            WHERE s.kind = 'method' AND p.kind = 'interface' AND {condition}""",
            params,
        )
        types = {Named(self._names.package(row[0]), row[1]) for row in rows if self._is_structural(row[0])}
        return [one for one in self.definitions(sorted(types)) if one.kind == "interface"]

    def _of_package(self, found: list[Satisfied], contract: Contract) -> list[Satisfied]:
        """Without types of a test package, which has the folder and not the names of what it tests."""
        hidden = [one for one in contract.methods.values() if not one.is_exported and one.definition]
        if not hidden:
            return found
        files = {d.file for one in found for d in self.method(one.type, hidden[0].name)}
        tests = {file for file in files if self._facts.files.paths[file].endswith("_test.go")}
        condition, params = one_of("file", tests or {-1})
        rows = self._reader.read(
            rf"SELECT file FROM texts WHERE {condition} AND regexp_matches(text, '(?m)^package \w+_test\b')",
            params,
        )
        outside = {row[0] for row in rows}
        if hidden[0].definition and hidden[0].definition.file in outside:
            return found
        return [
            one for one in found if outside.isdisjoint(d.file for d in self.method(one.type, hidden[0].name))
        ]

    def _is_structural(self, file: int) -> bool:
        return scoping(self._facts.files.languages[file]).structural


def _standard(type_: Named) -> Iterator[Method]:
    """The methods of a type of the standard library."""
    for signature in METHODS.get(type_.qualifier, {}).get(type_.name, ()):
        yield Method(signature.partition("(")[0], signature, type_.qualifier)
