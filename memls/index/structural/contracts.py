"""What interfaces of Go ask for: their methods, with those of the interfaces that they embed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from memls.index.facts import Definition, Facts
from memls.index.scoping import TYPE_KINDS
from memls.index.structural.embedded import Embedded
from memls.index.structural.hierarchy import package_of
from memls.index.symbols import one_of
from memls.source.languages.go.signature import BUILT_IN, Named, is_generic
from memls.source.languages.go.standard import METHODS
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader, Row

MEMBER = "s.file, s.ordinal, s.qualified_name, s.kind, s.line, s.end_line, s.signature"
"""What `method_of` reads."""
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True, eq=False)
class Method:
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


class Contracts:
    """The contracts of interfaces, once they were declared."""

    def __init__(self, reader: "Reader", facts: Facts, embedded: Embedded) -> None:
        self._reader = reader
        self._facts = facts
        self._embedded = embedded
        self._declared: dict[Named, list[Method]] = {}
        self._generic: set[Named] = set()

    def declare(self, interfaces: Sequence[Named]) -> None:
        """Have the methods that interfaces name, and those that they embed."""
        self._embedded.ascend(interfaces)
        level, seen = [one for one in interfaces if one not in self._declared], set[Named]()
        while level:
            seen.update(level)
            definitions = [d for d in definitions_of(self._facts, level) if d.kind == "interface"]
            self._generic.update(named(self._facts, d) for d in definitions if is_generic(d.signature))
            places = {(d.file, d.ordinal) for d in definitions}
            condition, params = one_of("s.file", {file for file, _ in places} or {-1})
            rows = self._reader.read(
                f"""SELECT s.parent, {MEMBER} FROM symbols s
                WHERE s.kind = 'method' AND s.parent >= 0 AND {condition}""",
                params,
            )
            self._declared.update((named(self._facts, d), []) for d in definitions)
            for parent, *row in sorted(rows):
                owner, method = method_of(self._facts, tuple(row))
                if method is not None and (row[0], parent) in places:
                    self._declared[owner].append(method)
            above = dict.fromkeys(one for type_ in level for one in self._embedded.above[type_])
            level = [one for one in above if one not in seen and one not in self._declared and is_here(one)]

    def of(self, type_: Named, below: int = 0) -> Contract:
        """What an interface, or what it embeds, asks for: nothing, of a constraint for type parameters."""
        if not is_here(type_):
            known = type_.name in METHODS.get(type_.qualifier, {})
            return Contract({one.name: one for one in standard(type_)}, known)
        declared, above = self._declared.get(type_), self._embedded.above.get(type_, ())
        if declared is None or type_ in self._generic or below > _MAX_DEPTH:
            return Contract(whole=False)
        if any(one.name in BUILT_IN and is_here(one) for one in above):
            return Contract(whole=False)
        methods = {method.name: method for method in declared}
        contracts = [self.of(one, below + 1) for one in above]
        for one in contracts:
            methods = {**one.methods, **methods}
        return Contract(methods, all(one.whole for one in contracts))

    def declaring(self, names: Collection[str]) -> list[Named]:
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

    def rarest(self, methods: Mapping[str, Method]) -> str:
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


def method_of(facts: Facts, row: "Row") -> tuple[Named, Method | None]:
    """A member with its owner; None where that is no type of a package."""
    file, ordinal, qualified_name, kind, *rest = row
    owner, _, name = qualified_name.rpartition(".")
    package = package_of(facts, file)
    if not owner or "." in owner:
        return Named(package, owner), None
    definition = Definition(file, ordinal, name, qualified_name, kind, *rest)
    signature = definition.signature if kind == "method" else ""
    return Named(package, owner), Method(name, signature, package, definition)


def named(facts: Facts, definition: Definition) -> Named:
    """The whole name of a type."""
    return Named(package_of(facts, definition.file), definition.qualified_name)


def definitions_of(facts: Facts, types: Iterable[Named]) -> list[Definition]:
    """The definitions of some types; several of one are for several systems."""
    wanted = set(types)
    names = {type_.name for type_ in wanted if is_here(type_)}
    found = facts.settle({name: partial(facts.named, name) for name in names})
    return [
        d
        for name in sorted(names)
        for definitions in found[name].values()
        for d in definitions
        if d.kind in TYPE_KINDS or d.kind == "type"
        if named(facts, d) in wanted and facts.files.languages[d.file] == "go"
    ]


def is_here(type_: Named) -> bool:
    """Whether a type is of the repository."""
    return type_.qualifier.startswith("./")


def standard(type_: Named) -> Iterator[Method]:
    """The methods of a type of the standard library."""
    for signature in METHODS.get(type_.qualifier, {}).get(type_.name, ()):
        yield Method(signature.partition("(")[0], signature, type_.qualifier)
