"""The rules by which a name means a definition: scope, import, package, receiver, base class.

Each rule gives `Found`: the definitions or modules it leads to and its reason. Exactly one target that is
`sure` is a fact; several are candidates. No target means that the name is bound to something outside the
repository. None means that no rule applies, as for `x.f()` where nothing is known of `x`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from memls.index.facts import Base, Bound, Definition, Facts, Missing
from memls.index.modules import Module, modules, submodule
from memls.index.scoping import OPEN_KINDS, TYPE_KINDS, Scoping, scoping

T = TypeVar("T")
R = TypeVar("R")
Target = Definition | Module

_MAX_EXPORTS = 8
_MAX_BASES = 12
_SEPARATORS = re.compile(r"\.|::|->")
_IDENTIFIER = re.compile(r"[\w$\x80-\U0010ffff]+\Z")
_LITERAL = re.compile(r"[rbfuRBFU]{0,2}[\"'`]|[\[{0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to, and why. Not `sure`: it may as well be something outside the repository."""

    targets: tuple[Target, ...]
    reason: str
    sure: bool = True


OUTSIDE = Found((), "outside the repository")


@dataclass(frozen=True, slots=True)
class Site:
    """A use of a name. `scope` is the qualified name of the symbol around it, `scope_kind` its kind."""

    file: int
    name: str
    role: str
    line: int
    column: int
    receiver: str
    scope: str
    scope_kind: str

    @property
    def outer(self) -> str:
        """Where the name is looked up: decorators and bases stand outside of what they belong to."""
        outside = self.role in ("decorator", "inherit") or self.scope_kind not in OPEN_KINDS | TYPE_KINDS
        return self.scope.rpartition(".")[0] if outside else self.scope


def levels(scope: str) -> Iterator[str]:
    """`a.b` -> `a.b`, `a`, ``: the scopes around, innermost first."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def merge(found: Iterable[Found | None], reason: str = "") -> Found | None:
    """One of several alternatives, which is sure only where all agree."""
    known = [one for one in found if one is not None]
    if not known:
        return None
    targets = tuple(dict.fromkeys(target for one in known for target in one.targets))
    sure = all(one.sure and one.targets for one in known)
    return Found(targets, reason or next((one.reason for one in known if one.targets), OUTSIDE.reason), sure)


def each(items: Iterable[T], ask: Callable[[T], R]) -> list[R]:
    """Ask about all items before saying that something is missing, so that it is loaded in one go."""
    answers, missing = [], False
    for item in items:
        try:
            answers.append(ask(item))
        except Missing:
            missing = True
    if missing:
        raise Missing
    return answers


class Lookup:
    """The rules over the facts of one moment."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._files = facts.files
        self._bare: dict[tuple[int, str, str], Found | None] = {}
        self._exports: dict[tuple[int, str], Found | None] = {}
        self._imported: dict[Bound, Found] = {}
        self._orders: dict[Definition, list[Definition | None]] = {}
        self._members: dict[tuple[Definition, str, bool], Found | None] = {}

    def resolve_all(self, sites: Sequence[Site]) -> list[Found | None]:
        """What each name means. Sites that look the same from where they stand are one question."""
        keys = [(s.file, s.outer, s.receiver, s.name, s.scope if s.role == "inherit" else "") for s in sites]
        questions = {key: partial(self.resolve, site) for key, site in zip(keys, sites, strict=True)}
        answers = self.facts.settle(questions)
        return [answers[key] for key in keys]

    def resolve(self, site: Site) -> Found | None:
        """What the name at a site means."""
        if not site.receiver:
            found = self.bare(site.file, site.outer, site.name)
            if found and site.role == "inherit":
                kept = tuple(t for t in found.targets if not self._is(t, site.file, site.scope))
                return replace(found, targets=kept)
            return found
        if _LITERAL.match(site.receiver):
            return OUTSIDE
        owner = self.receiver(site.file, site.outer, site.receiver)
        if isinstance(owner, Inside):
            return self._own_member(owner, site.name)
        return owner and self.member(owner, site.name)

    def scoping(self, file: int) -> Scoping:
        return scoping(self._files.languages[file])

    # Names without a receiver

    def bare(self, file: int, scope: str, name: str) -> Found | None:
        """A name by lexical scope, imports, then the package."""
        key = (file, scope, name)
        if key not in self._bare:
            self._bare[key] = self._find_bare(file, scope, name)
        return self._bare[key]

    def _find_bare(self, file: int, scope: str, name: str) -> Found | None:
        rules = self.scoping(file)
        for level in levels(scope):
            found = self._at(file, level, name, ())
            if found and (not level or self._is_visible(file, level, scope, rules)):
                return found
        return None

    def _is_visible(self, file: int, level: str, scope: str, rules: Scoping) -> bool:
        around = self.facts.symbol(file, level)
        if around is not None and around.kind in OPEN_KINDS:
            return True
        return rules.bare_members == "always" or (rules.bare_members == "body" and level == scope)

    def _at(self, file: int, level: str, name: str, path: tuple[tuple[int, str], ...]) -> Found | None:
        """What is bound to a name in exactly one scope of a file; `path` is the way of exports to here."""
        qualified = f"{level}.{name}" if level else name
        defined = self.definitions(file, qualified)
        bound = [b for b in self.facts.bindings(file, name) if b.scope == level]
        found: list[Found | None] = (
            [Found(defined, "same scope" if level else "same file")] if defined else []
        )
        found += each(bound, lambda b: self.imported(b, path))
        if not found and not level:
            stars = self.facts.bindings(file, "*")
            found = [one for one in each(stars, lambda b: self._starred(b, name, path)) if one]
        return merge(found)

    def definitions(self, file: int, qualified_name: str) -> tuple[Definition, ...]:
        """Definitions with a qualified name in one file; a name that is defined again counts once."""
        name = qualified_name.rpartition(".")[2]
        found = [d for d in self.facts.symbols(file, name) if d.qualified_name == qualified_name]
        if len(found) > 1 and not self.scoping(file).overloads:
            return (found[0] if found[0].kind == "property" else found[-1],)
        return tuple(found)

    # Imports

    def imported(self, bound: Bound, path: tuple[tuple[int, str], ...] = ()) -> Found:
        """What an import binds its alias to."""
        if not path and bound in self._imported:
            return self._imported[bound]
        found = self._find_imported(bound, path)
        if not path:
            self._imported[bound] = found
        return found

    def _find_imported(self, bound: Bound, path: tuple[tuple[int, str], ...]) -> Found:
        importer = self._files.paths[bound.file]
        rules = self.scoping(bound.file)
        layout = self._files.layout
        if not bound.name:
            first = bound.module.partition(rules.separator)[0]
            text = first if rules.binds_first and bound.alias == first else bound.module
            return Found(tuple(modules(layout, importer, text)), "import")
        if bound.name == "*":
            return Found(tuple(modules(layout, importer, bound.module)), "import")
        sources = modules(layout, importer, bound.module)
        found = [one for one in each(sources, lambda m: self.export(m, bound.name, path)) if one]
        if not found:
            return Found(tuple(modules(layout, importer, self._inner(bound))), "import")
        return merge(found, "import") or OUTSIDE

    def sources(self, bound: Bound) -> list[Module]:
        """The modules that an import reads from: the one it names, and the name itself where it is one."""
        importer, layout = self._files.paths[bound.file], self._files.layout
        found = modules(layout, importer, bound.module)
        if bound.name not in ("", "*"):
            found += modules(layout, importer, self._inner(bound))
        return found

    def _inner(self, bound: Bound) -> str:
        """The module path of the imported name, were it a module."""
        separator = self.scoping(bound.file).separator
        return bound.module + separator * (not bound.module.endswith(separator)) + bound.name

    def _starred(self, bound: Bound, name: str, path: tuple[tuple[int, str], ...]) -> Found | None:
        if name.startswith("_") and self.scoping(bound.file).private_underscore:
            return None
        sources = modules(self._files.layout, self._files.paths[bound.file], bound.module)
        return merge(each(sources, lambda m: self.export(m, name, path)), "star import")

    def export(self, module: Module, name: str, path: tuple[tuple[int, str], ...] = ()) -> Found | None:
        """A name of a module as seen from outside: defined, imported or a submodule."""
        files = [self._files.ids[file] for file in module.paths if file in self._files.ids]
        found = merge(each(files, lambda file: self._export(file, name, path)))
        if found is None and files and module.folder is None:
            return None
        if found is None or not found.targets:
            language = self._files.languages[files[0]] if files else "python"
            inner = submodule(self._files.layout, module, language, name)
            return Found(tuple(inner), "import") if inner else found
        return found

    def _export(self, file: int, name: str, path: tuple[tuple[int, str], ...]) -> Found | None:
        key = (file, name)
        if key in path or len(path) >= _MAX_EXPORTS:
            return None
        if path:
            return self._at(file, "", name, (*path, key))
        if key not in self._exports:
            self._exports[key] = self._at(file, "", name, (key,))
        return self._exports[key]

    # Receivers

    def receiver(self, file: int, scope: str, text: str) -> "Found | Inside | None":
        """What stands before the last dot, where it is `self`, a module, a class or a path of these."""
        rules = self.scoping(file)
        if rules.supers and rules.supers.match(text):
            return self._inside(file, scope, above=True)
        head, *rest = (part.strip() for part in _SEPARATORS.split(text))
        if not all(_IDENTIFIER.match(part) for part in (head, *rest)):
            return None
        owner: Found | Inside | None
        owner = self._inside(file, scope) if head in rules.selves else self._head(file, scope, head, text)
        for part in rest:
            owner = (
                self._own_member(owner, part)
                if isinstance(owner, Inside)
                else owner and self.member(owner, part)
            )
            if owner is None:
                return None
        return owner

    def _head(self, file: int, scope: str, head: str, text: str) -> Found | None:
        found = self.bare(file, scope, head)
        if found is None or found.targets or "." not in text:
            return found
        # `import a.b` where `a` is no module of its own: a folder without files
        plain = [b for b in self.facts.bindings(file, head) if not b.name and b.module != head]
        inner = [b for b in plain if text == b.module or text.startswith(b.module + ".")]
        importer, layout = self._files.paths[file], self._files.layout
        first = [Module((), m.folder) for b in inner for m in modules(layout, importer, b.module)]
        return Found(tuple(first), "import") if first else found

    def _inside(self, file: int, scope: str, above: bool = False) -> "Inside | None":
        """The class around a scope."""
        for level in levels(scope):
            around = self.facts.symbol(file, level) if level else None
            if around is not None and around.kind in TYPE_KINDS:
                return Inside(around, above)
        return None

    def _own_member(self, inside: "Inside", name: str) -> Found | None:
        found = self.type_member(inside.type, name, inside.above)
        return replace(found, reason="self") if found and found.reason == "class" else found

    def member(self, owner: Found, name: str) -> Found | None:
        """A name in what a receiver is: in all of its alternatives."""
        if not owner.targets:
            return OUTSIDE
        found = merge(each(owner.targets, lambda target: self._member(target, name)))
        return replace(found, sure=found.sure and owner.sure) if found else None

    def _member(self, target: Target, name: str) -> Found | None:
        if isinstance(target, Module):
            return merge([self.export(target, name)], "import") or OUTSIDE
        if target.kind in TYPE_KINDS:
            return self.type_member(target, name)
        return None

    # Classes

    def type_member(self, type_: Definition, name: str, above: bool = False) -> Found | None:
        """A member of a class or, in method resolution order, of its bases; only of these with `above`."""
        key = (type_, name, above)
        if key not in self._members:
            self._members[key] = self._find_member(type_, name, above)
        return self._members[key]

    def _find_member(self, type_: Definition, name: str, above: bool) -> Found | None:
        if not above and (own := self.own_members(type_, name)):
            return Found(own, "class")
        sure = True
        for base in self.order(type_)[1:]:
            if base is None:
                sure = False
            elif own := self.own_members(base, name):
                return Found(own, "base class" if sure else "base class, if none outside has it", sure)
        return None

    def own_members(self, type_: Definition, name: str) -> tuple[Definition, ...]:
        """Definitions of a name in the class itself."""
        return self.definitions(type_.file, f"{type_.qualified_name}.{name}")

    def order(self, type_: Definition, below: tuple[Definition, ...] = ()) -> list[Definition | None]:
        """The class and its bases, left to right, a shared base after all that share it; None is outside."""
        if type_ in self._orders:
            return self._orders[type_]
        if type_ in below or len(below) >= _MAX_BASES:
            return []
        found: list[Definition | None] = [type_]
        for above in each(self.bases(type_), lambda base: self._above(type_, base, below)):
            found += above
        last = {base: index for index, base in enumerate(found)}
        self._orders[type_] = [
            base for index, base in enumerate(found) if base is None or last[base] == index
        ]
        return self._orders[type_]

    def _above(self, type_: Definition, base: Base, below: tuple[Definition, ...]) -> list[Definition | None]:
        classes = self.base(type_, base)
        return self.order(classes[0], (*below, type_)) if len(classes) == 1 else [None]

    def bases(self, type_: Definition) -> Sequence[Base]:
        """The bases as the class names them."""
        return self.facts.bases(type_.file).get(type_.ordinal, ())

    def base(self, type_: Definition, base: Base) -> list[Definition]:
        """The classes that one base can be; none where it is outside."""
        site = Site(type_.file, base.name, "inherit", 0, 0, base.receiver, type_.qualified_name, type_.kind)
        found = self.resolve(site)
        if found is None or not found.sure:
            return []
        return [t for t in found.targets if isinstance(t, Definition) and t.kind in TYPE_KINDS]

    def _is(self, target: Target, file: int, qualified_name: str) -> bool:
        return isinstance(target, Definition) and (target.file, target.qualified_name) == (
            file,
            qualified_name,
        )


@dataclass(frozen=True, slots=True)
class Inside:
    """The receiver is an object of the class around; with `above`, as `super()` sees it."""

    type: Definition
    above: bool
