"""What stands before the last dot: the object or class around, a module, a class, or an object of a class.

An object is of the class that source writes of it (`memls.source.types`): the declaration of a local, the
signature of a field or function, the call that a value comes from. Nothing is inferred beyond that: what `x`
is of `x = a[0]` is not known, and `x.f()` has candidates.
"""

from collections.abc import Hashable
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from memls.index.facts import Definition
from memls.index.found import (
    OUTSIDE,
    Found,
    Inside,
    Listed,
    Memo,
    Target,
    each,
    levels,
    merge,
    of_types,
    parts_of,
)
from memls.index.layout import Module
from memls.index.modules import modules
from memls.index.scoping import FITTING, SPACE_KINDS, TYPE_KINDS, Scoping
from memls.source.languages import language_named
from memls.source.signatures import declared, parameter
from memls.source.types import ELEMENT, LITERAL, listed_in, suffixes_of, tried, untyped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memls.index.lookup import Lookup

_TYPE = "declared type"
_FOREIGN = Found((), _TYPE)
"""An object of a class from outside the repository: it has no members here, but may hold what has some."""
Owner = Found | Inside | Listed
_HOLDING = frozenset({"field", "attribute", "variable", "constant", "property", "type"})
_FUNCTIONS = frozenset({"function", "method"})
_SELVES = frozenset({"Self", "self", "static", "this"})
"""What types are called that are the class around."""


class Receivers:
    """The rules for receivers, beside those of `Lookup` for names alone."""

    def __init__(self, lookup: "Lookup") -> None:
        self._lookup = lookup
        self._facts = lookup.facts
        self._files = lookup.facts.files
        self._members = lookup.members
        self._memo = Memo(lookup.facts)
        self._open: set[Hashable] = set()

    def get(self, file: int, scope: str, text: str) -> Owner | None:
        """What a receiver is, None where that is not known."""
        key = ("receiver", file, scope, text)
        return self._memo.get(key, lambda: self._find(file, scope, text))

    def member(self, owner: Owner, name: str) -> Found | None:
        """A name in what a receiver is: in all of its alternatives."""
        if isinstance(owner, Listed):
            return self.member(owner.type, name) if owner.type else None
        if isinstance(owner, Inside):
            return self._members.own(owner, name)
        if not owner.targets:
            return OUTSIDE
        found = merge(each(owner.targets, lambda target: self._member(target, name)))
        if found is None:
            return None
        reason = _TYPE if owner.reason == _TYPE and found.sure and found.targets else found.reason
        return replace(found, sure=found.sure and owner.sure, reason=reason)

    def is_self(self, file: int, scope: str, head: str, rules: Scoping) -> bool:
        """What has a receiver is a member, and so has a dotted name."""
        if head in rules.selves:
            return True
        if rules.receiver is None or "." not in scope:
            return False
        return self._memo.get(("self", file, scope), lambda: self._called_self(file, scope, rules)) == head

    def _called_self(self, file: int, scope: str, rules: Scoping) -> str:
        """What a method's signature calls the object around, "" where it does not."""
        around = self._facts.symbol(file, scope)
        named = around and rules.receiver and rules.receiver.match(around.signature)
        return str(named.group(1)) if named else ""

    def _find(self, file: int, scope: str, text: str) -> Owner | None:
        rules = self._lookup.scoping(file)
        if rules.supers and rules.supers.match(text):
            return self._inside(file, scope, above=True)
        text = tried(text) if rules.unwraps else text
        type_, rest = untyped(text)
        if type_:
            parts = parts_of(rest) if rest else ()
            return self._along(rules, self._of_type(file, scope, type_), parts) if parts or not rest else None
        parts = parts_of(text)
        return self._along(rules, self._first(file, scope, parts[0], text), parts[1:]) if parts else None

    def _first(self, file: int, scope: str, part: str, text: str) -> Owner | None:
        name, follows = suffixes_of(part)
        rules = self._lookup.scoping(file)
        owner: Owner | None = None
        if self.is_self(file, scope, part, rules):
            owner = self._inside(file, scope)
        owner = owner or self._head(file, scope, name, text)
        if name == part:
            return owner
        is_class = rules.types_apart and rules.closed_types and name[:1].isupper()
        if is_class and isinstance(owner, Found) and not owner.targets:  # `new HashMap()`
            return _FOREIGN
        return self._after(owner, follows)

    def _along(self, rules: Scoping, owner: Owner | None, parts: tuple[str, ...]) -> Owner | None:
        for part in parts:
            name, follows = suffixes_of(part)
            through = name in rules.unwraps or name in rules.keeps
            if through and (listed := self._listed(owner)):
                owner = self._after(listed.element if name in rules.unwraps else listed, follows[1:])
                continue
            if owner == _FOREIGN:  # `list.first` can be of the repository, whoever wrote `List`
                return None
            owner = self._after(owner and self.member(owner, name), follows)
        return owner

    def _after(self, owner: Owner | None, follows: tuple[str, ...]) -> Owner | None:
        """What is left of a receiver when it is called, or one of its elements taken."""
        for one in follows:
            owner = self._element(owner) if one == ELEMENT else self._called(owner)
        return owner

    def _element(self, owner: Owner | None) -> Owner | None:
        listed = self._listed(owner)
        return listed.element if listed is not None else None

    def _listed(self, owner: Owner | None) -> Listed | None:
        """The list that something is, or that a field holds; None of a list that the repository defines."""
        if isinstance(owner, Found) and len(owner.targets) == 1:
            target = owner.targets[0]
            is_value = isinstance(target, Definition) and target.kind in _HOLDING
            owner = self._held(target) if is_value and isinstance(target, Definition) else None
        return owner if isinstance(owner, Listed) and not _is_own(owner) else None

    def _head(self, file: int, scope: str, head: str, text: str) -> Found | None:
        rules = self._lookup.scoping(file)
        if head in rules.outside:
            return OUTSIDE
        importer, layout = self._files.paths[file], self._files.layout
        if head in rules.roots:
            return Found(tuple(modules(layout, importer, head)), "import")
        found = self._lookup.bare(file, scope, head)
        if found is None or found.targets or not rules.binds_first or "." not in text:
            return found
        # `import a.b` where `a` is no module of its own: a folder without files
        plain = [b for b in self._facts.bindings(file, head) if not b.name and b.module != head]
        first = [m for b in plain for m in modules(layout, importer, b.module)]
        folders = {m.paths[0].rpartition("/")[0] for m in first if m.paths}
        depth = max((b.module.count(".") for b in plain), default=0)
        if len(folders) != 1 or depth != 1:
            return found
        return Found((Module((), folders.pop()),), "import")

    def _inside(self, file: int, scope: str, above: bool = False) -> Inside | None:
        """The class around a scope."""
        for level in levels(scope):
            around = self._members.type_named(file, level, scope) if level else None
            if around is not None:
                return Inside(around, above)
        return None

    def _member(self, target: Target, name: str) -> Found | None:
        if isinstance(target, Module):
            return self._memo.get(("in", target, name), lambda: self._of_module(target, name))
        if target.kind in TYPE_KINDS:
            return self._members.get(target, name)
        own = self._members.own_members(target, name)
        if own:
            return Found(own, "namespace" if target.kind in SPACE_KINDS else "object")
        holds = target.kind in _HOLDING or (
            target.kind in _FUNCTIONS and self._lookup.scoping(target.file).bare_calls
        )
        key = ("of what it holds", target.file, target.ordinal, name)
        if not holds or key in self._open:  # an alias can lead to another of its name, and that back
            return None
        with self._opened(key):
            held = self._held(target)
            return self.member(held, name) if held else None

    def _of_module(self, module: Module, name: str) -> Found | None:
        found = merge([self._lookup.export(module, name)], "import")
        if found is not None and found.targets:
            return found
        default = self._lookup.default(module)
        return self.member(default, name) if default and default.targets else OUTSIDE

    # Objects

    def _called(self, owner: Owner | None) -> Found | Listed | None:
        """What calling something gives: an object of a class, or what a function's signature says."""
        if not isinstance(owner, Found):
            return None
        given = each(owner.targets, self._given)
        if len(given) == 1 and isinstance(given[0], Listed):
            return given[0] if owner.sure else None
        found = [one for one in given if isinstance(one, Found)]
        merged = merge(found) if found and len(found) == len(given) else None
        return replace(merged, sure=merged.sure and owner.sure) if merged else None

    def _given(self, target: Target) -> Found | Listed | None:
        if isinstance(target, Module):
            return None
        if target.kind in TYPE_KINDS or target.kind == "type":
            return Found((target,), _TYPE)
        return self._held(target) if target.kind in _FUNCTIONS else None

    def _held(self, definition: Definition) -> Found | Listed | None:
        """The class of what a definition holds or gives, None where it does not say so."""
        key = ("held", definition.file, definition.ordinal)
        if key in self._open:  # `type A = B; type B = A`
            return None
        with self._opened(key):
            return self._memo.get(key, lambda: self._find_held(definition))

    @contextmanager
    def _opened(self, key: Hashable) -> "Iterator[None]":
        self._open.add(key)
        try:
            yield
        finally:
            self._open.discard(key)

    def _find_held(self, d: Definition) -> Found | Listed | None:
        scope = d.qualified_name.rpartition(".")[0]
        typing = language_named(self._files.languages[d.file]).typing
        path = declared(d.signature, d.name, d.kind, typing)
        if d.kind == "attribute" and path.isidentifier():
            return self._of_parameter(d, scope, path)
        return self._of_type(d.file, scope, path) if path else None

    def _of_parameter(self, attribute: Definition, scope: str, name: str) -> Found | Listed | None:
        """`self.db = db` in the method whose parameter `db` is declared."""
        for method in ("__init__", "__new__", "constructor", "initialize"):
            found = self._facts.symbol(attribute.file, f"{scope}.{method}")
            if found and found.line <= attribute.line <= found.end_line:
                type_ = parameter(found.signature, name)
                return self._of_type(attribute.file, scope, type_) if type_ else None
        return None

    def _of_type(self, file: int, scope: str, path: str) -> Found | Listed | None:
        """An object of the class that a path names; else of what the path leads to, as a value or a call."""
        if listed := listed_in(path):
            return self._list(file, scope, *listed)
        if path.startswith(LITERAL):
            return _FOREIGN if path == LITERAL else None
        owner: Owner | None = self._type_named(file, scope, path)
        owner = owner or self.get(file, scope, path)
        if isinstance(owner, Inside):
            return Found((owner.type,), _TYPE)
        if owner is None and self._is_outside(file, path):
            return _FOREIGN
        return owner if owner is None or isinstance(owner, Listed) else replace(owner, reason=_TYPE)

    def _list(self, file: int, scope: str, class_: str, element: str) -> Found | Listed | None:
        own = _FOREIGN if self._lookup.scoping(file).closed_types else None
        type_ = self._of_type(file, scope, class_) if class_ else own
        held = self._of_type(file, scope, element)
        if held is None or isinstance(type_, Listed):
            return type_
        return Listed(type_, held)

    def _type_named(self, file: int, scope: str, path: str) -> Found | None:
        around, _, name = path.rpartition(".")
        if suffixes_of(name)[1]:
            return None
        if not around and (path in _SELVES or path in self._lookup.scoping(file).selves):
            inside = self._inside(file, scope)
            return Found((inside.type,), _TYPE) if inside else None
        if not around:
            return self._lookup.bare(file, scope, name, of_type=True)
        owner = self.get(file, scope, around)
        found = self.member(owner, name) if owner else None
        return of_types(found) if found and found.targets else found

    def _is_outside(self, file: int, path: str) -> bool:
        """Whether a type is the language's own: nothing of the repository is called so."""
        rules = self._lookup.scoping(file)
        if not rules.closed_types or not path.isidentifier():
            return False
        found = self._facts.named(path)
        kinds = FITTING["type"]
        return not any(
            d.kind in kinds and self._lookup.scoping(number).family == rules.family
            for number, definitions in found.items()
            for d in definitions
        )


def _is_own(listed: Listed) -> bool:
    """Whether the list is of a class of the repository, which may hold what it likes. An alias is of none."""
    targets = listed.type.targets if listed.type is not None else ()
    return any(not isinstance(target, Definition) or target.kind != "type" for target in targets)
