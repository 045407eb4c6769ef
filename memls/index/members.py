"""Members of classes: own ones, those of base classes in resolution order, and where they may stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from memls.index.facts import Base, Definition, Facts
from memls.index.found import Found, Inside, Memo, each, levels
from memls.index.scoping import MEMBER_KINDS, TYPE_KINDS, Scoping, scoping

_MAX_BASES = 12
_HOLDERS = TYPE_KINDS | {"constant", "variable"}
"""Kinds that can be `this`: classes, and objects written out."""


class Members:
    """Looks up members. `base_classes` resolves one base that a class names."""

    def __init__(self, facts: Facts, base_classes: Callable[[Definition, Base], list[Definition]]) -> None:
        self._facts = facts
        self._base_classes = base_classes
        self._memo = Memo(facts)

    def get(self, type_: Definition, name: str, above: bool = False) -> Found | None:
        """A member of a class or, in method resolution order, of its bases; only of these with `above`."""
        key = ("member", type_.file, type_.ordinal, name, above)
        return self._memo.get(key, lambda: self._find(type_, name, above))

    def own(self, inside: Inside, name: str) -> Found | None:
        """A member of the object around."""
        found = self.get(inside.type, name, inside.above)
        return replace(found, reason="self") if found and found.reason == "class" else found

    def own_members(self, type_: Definition, name: str) -> tuple[Definition, ...]:
        """Definitions of a name in the class itself, wherever the language lets them stand."""
        qualified = f"{type_.qualified_name}.{name}"
        found = self.definitions(type_.file, qualified)
        rules = self._scoping(type_.file)
        if rules.members == "file" or (found and not rules.extensions):
            return found
        if rules.members == "folder":
            named = self.in_package(type_.file, name)
        else:
            named = self.everywhere(type_.file, name)
        found = tuple(d for d in named if self.is_named(d, qualified))
        if rules.extensions:
            found = tuple(d for d in found if d.file == type_.file or not self._has_type(d.file, type_))
        return tuple(d for d in found if d.kind != "constructor") if name == type_.name else found

    def _has_type(self, file: int, type_: Definition) -> bool:
        """Whether another class of this name stands in a file, so that what is there is of that one."""
        return any(
            d.kind in TYPE_KINDS and d.qualified_name == type_.qualified_name
            for d in self._facts.symbols(file, type_.name)
        )

    def definitions(self, file: int, qualified_name: str) -> tuple[Definition, ...]:
        """Definitions with a qualified name in one file; a name that is defined again counts once."""
        around, _, name = qualified_name.rpartition(".")
        found = [d for d in self._facts.symbols(file, name) if self.is_named(d, qualified_name)]
        if found and around.rpartition(".")[2] == name:  # a constructor, which is used by its class's name
            found = [d for d in found if d.kind != "constructor"]
        if len(found) > 1 and not self._scoping(file).overloads:
            return (found[0] if found[0].kind == "property" else found[-1],)
        return tuple(found)

    def is_named(self, definition: Definition, qualified_name: str) -> bool:
        """Whether a definition has this name. The members of C's enums are names of the scope around, too."""
        own = definition.qualified_name
        if own == qualified_name:
            return True
        if definition.kind != "enum_member":
            return qualified_name.endswith(f".{own}") and self._is_used(definition, qualified_name)
        enum, _, name = own.rpartition(".")
        space = enum.rpartition(".")[0]
        if qualified_name != (f"{space}.{name}" if space else name):
            return False
        around = (
            self._facts.symbol(definition.file, enum) if self._scoping(definition.file).open_enums else None
        )
        return around is not None and not around.signature.startswith(("enum class", "enum struct"))

    def _is_used(self, member: Definition, qualified_name: str) -> bool:
        """Whether a member of a class that `using` brings is written without its namespace, as in C++."""
        if "." not in member.qualified_name or member.kind not in MEMBER_KINDS:
            return False
        return self._scoping(member.file).usings and qualified_name in self.by_using(
            member.file, member.qualified_name
        )

    def by_using(self, file: int, path: str) -> list[str]:
        """What a path of names can be in full where a file of C++ begins it with a name that it uses."""
        first = path.partition(".")[0]
        used = [*self._facts.bindings(file, first), *self._facts.bindings(file, "*")]
        spaces = (bound.module.replace("::", ".") for bound in used if bound.name and not bound.scope)
        return [f"{space}.{path}" for space in spaces]

    def everywhere(self, file: int, name: str) -> list[Definition]:
        """Definitions of a name in all files of the languages that belong together."""
        family = self._scoping(file).family
        key = ("everywhere", family, name)
        return self._memo.get(key, lambda: self._of_family(family, name))

    def in_package(self, file: int, name: str) -> list[Definition]:
        """Definitions of a name in the files that are one package with this one."""
        named = self._facts.named(name)
        return [d for sibling in self._facts.package(file) for d in named.get(sibling, ())]

    def _of_family(self, family: str, name: str) -> list[Definition]:
        named = self._facts.everywhere(name)
        return [d for f, found in named.items() if self._scoping(f).family == family for d in found]

    def type_named(self, file: int, qualified_name: str, scope: str) -> Definition | None:
        """The class with a qualified name, which is one of those around `scope` in a file."""
        rules = self._scoping(file)
        around = self._facts.symbol(file, qualified_name)
        if around is not None and around.kind in (_HOLDERS if rules.defaults else TYPE_KINDS):
            return around
        if around is not None or rules.members == "file" or self._is_space(file, qualified_name, scope):
            return None
        look_up = self.in_package if rules.members == "folder" else self.everywhere
        named = [d for d in look_up(file, qualified_name.rpartition(".")[2]) if d.kind in TYPE_KINDS]
        found = [d for d in named if d.qualified_name == qualified_name]
        if not found and rules.usings:
            full = self.by_using(file, qualified_name)
            found = [d for d in named if d.qualified_name in full]
        return found[0] if len(found) == 1 else None

    def _is_space(self, file: int, level: str, scope: str) -> bool:
        """Whether a scope without a symbol is a part of a namespace's name: no class holds namespaces."""
        below = (self._facts.symbol(file, one) for one in levels(scope) if len(one) > len(level))
        return any(one is not None and one.kind == "namespace" for one in below)

    def order(self, type_: Definition, below: tuple[Definition, ...] = ()) -> list[Definition | None]:
        """The class and its bases, left to right, a shared base after all that share it; None is outside."""
        if type_ in below or len(below) >= _MAX_BASES:
            return []
        return self._memo.get(("order", type_.file, type_.ordinal), lambda: self._order(type_, below))

    def bases(self, type_: Definition) -> Sequence[Base]:
        """The bases as the class names them."""
        return self._facts.bases(type_.file).get(type_.ordinal, ())

    def _order(self, type_: Definition, below: tuple[Definition, ...]) -> list[Definition | None]:
        found: list[Definition | None] = [type_]
        for above in sorted(each(self.bases(type_), lambda base: self._above(type_, base, below)), key=_rank):
            found += above
        last = {base: index for index, base in enumerate(found)}
        return [base for index, base in enumerate(found) if base is None or last[base] == index]

    def _above(self, type_: Definition, base: Base, below: tuple[Definition, ...]) -> list[Definition | None]:
        classes = self._base_classes(type_, base)
        return self.order(classes[0], (*below, type_)) if len(classes) == 1 else [None]

    def _find(self, type_: Definition, name: str, above: bool) -> Found | None:
        if not above and (own := self.own_members(type_, name)):
            return Found(own, "class")
        sure = True
        for base in self.order(type_)[1:]:
            if base is None:
                sure = False
            elif own := self.own_members(base, name):
                return Found(own, "base class" if sure else "base class, if none outside has it", sure)
        return None

    def _scoping(self, file: int) -> Scoping:
        return scoping(self._facts.files.languages[file])


def _rank(above: list[Definition | None]) -> int:
    """A trait's members come before those of a class, and what an interface declares comes last."""
    kind = above[0].kind if above and above[0] else "class"
    return {"trait": 0, "interface": 2}.get(kind, 1)
