"""The rules by which a name means a definition: scope, import, package, receiver, base class.

Each rule gives `Found`: the definitions or modules it leads to and its reason. Exactly one target that is
`sure` is a fact; several are candidates. No target means that the name is bound to something outside the
repository. None means that no rule applies, as for `x.f()` where nothing is known of `x`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from memls.index.autoimports import auto_imported
from memls.index.facts import Base, Bound, Definition, Facts
from memls.index.found import (
    LITERAL,
    OUTSIDE,
    Found,
    Memo,
    Site,
    Target,
    each,
    has_own_name,
    is_function,
    levels,
    merge,
    of_types,
)
from memls.index.layout import Module, join
from memls.index.members import Members
from memls.index.modules import modules, submodule
from memls.index.namesakes import only_type
from memls.index.overloads import taking
from memls.index.receivers import Receivers
from memls.index.scoping import FITTING, OPEN_KINDS, TYPE_KINDS, Scoping, scoping
from memls.index.spaces import in_space, of_space

Way = tuple[tuple[int, str], ...]
"""The exports that were followed to here, as (file, name)."""

_MAX_EXPORTS = 8


class Lookup:
    """The rules over the facts of one moment."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.members = Members(facts, self._base)
        self.receivers = Receivers(self)
        self._files = facts.files
        self._memo = Memo(facts)

    def resolve_all(self, sites: Sequence[Site]) -> list[Found | None]:
        """What each name means. Sites that look the same from where they stand are one question."""
        heads = {(site.file, site.head): None for site in sites if site.head}
        self.facts.settle({head: partial(self._is_of_file, *head) for head in heads})
        seen = self.facts.settle({site: partial(self._seen, site) for site in sites})
        answers = self.facts.settle({one: partial(self.resolve, one) for one in seen.values()})
        return [self._nearest(site, answers[seen[site]]) for site in sites]

    def _seen(self, site: Site) -> Site:
        """The site without what its meaning does not depend on, which mostly is all but its file."""
        if site.role in ("decorator", "inherit"):  # these must not mean what they belong to
            return site._replace(line=0, column=0)
        scope = site.outer
        if scope and not self._depends_on_scope(site, scope):
            scope = ""
        role = site.role if site.role in FITTING else "read"
        return Site(site.file, site.name, role, 0, 0, site.receiver, scope, "module", site.arguments)

    def _depends_on_scope(self, site: Site, scope: str) -> bool:
        head = site.head
        if site.receiver:
            rules = self.scoping(site.file)
            if rules.supers and rules.supers.match(site.receiver):
                return True
            if not head:
                return False
            if self.receivers.is_self(site.file, scope, head, rules):
                return True
        return not self._is_of_file(site.file, head)

    def _nearest(self, site: Site, found: Found | None) -> Found | None:
        """In a function that defines a name several times, the definition before the site."""
        if found is None or found.reason != "same scope" or len(found.targets) != 1:
            return found
        target = found.targets[0]
        if not isinstance(target, Definition) or self.scoping(site.file).overloads:
            return found
        same = [
            d
            for d in self.facts.symbols(site.file, site.name)
            if d.qualified_name == target.qualified_name and d.line <= site.line
        ]
        return replace(found, targets=(same[-1],)) if same else found

    def is_fact(self, found: Found) -> bool:
        """Whether it is one definition without doubt: none where it could be another in what is not read."""
        return found.sure and len(found.targets) == 1 and not self.facts.faults

    def resolve(self, site: Site) -> Found | None:
        """What the name at a site means."""
        found = self._resolve(site)
        if found is None or not found.targets:
            return found
        targets = tuple(self._called(target, site.role) for target in found.targets)
        if site.role in ("inherit", "decorator") and any(_is(t, site.file, site.scope) for t in targets):
            targets = tuple(t for t in targets if not _is(t, site.file, site.scope))
            if not targets and not site.receiver and site.outer:
                return self.bare(site.file, site.outer.rpartition(".")[0], site.name)
        kinds = FITTING.get(site.role)
        if len(targets) > 1 and kinds:
            targets = tuple(t for t in targets if isinstance(t, Definition) and t.kind in kinds) or targets
        if len(targets) > 1 and site.arguments >= 0:
            targets = taking(targets, site.arguments)
        doubt = site.role == "read" and not site.receiver and self.scoping(site.file).only_called
        sure = found.sure and not (doubt and any(is_function(target) for target in targets))
        return replace(found, targets=targets, sure=sure)

    def scoping(self, file: int) -> Scoping:
        """The rules of a file's language."""
        return scoping(self._files.languages[file])

    def _resolve(self, site: Site) -> Found | None:
        if not site.receiver:
            of_type = site.role in ("type", "inherit") and self.scoping(site.file).types_apart
            return self.bare(site.file, site.outer, site.name, of_type)
        if LITERAL.match(site.receiver):
            return OUTSIDE
        owner = self.receivers.get(site.file, site.outer, site.receiver)
        return self.receivers.member(owner, site.name) if owner else None

    def _called(self, target: Target, role: str) -> Target:
        """A module that is called or inherited from is its default export, where it has one."""
        if isinstance(target, Module) and role in FITTING:
            found = self.default(target)
            if found and len(found.targets) == 1:
                return found.targets[0]
        return target

    # Names without a receiver

    def bare(self, file: int, scope: str, name: str, of_type: bool = False) -> Found | None:
        """A name by lexical scope, imports, then the package; `of_type`: what else has it is passed over."""
        if scope and self._is_of_file(file, name):
            scope = ""
        key = ("bare", file, scope, name, of_type)
        return self._memo.get(key, lambda: self._find_bare(file, scope, name, of_type))

    def _is_of_file(self, file: int, name: str) -> bool:
        """Whether no scope inside of a file tells a name apart: then its uses there are one question."""
        return self._memo.get(("of file", file, name), lambda: self._find_of_file(file, name))

    def _find_of_file(self, file: int, name: str) -> bool:
        rules = self.scoping(file)
        if rules.bare_members == "always" or rules.package == "everywhere" or rules.spaces:
            return False
        facts = self.facts
        return all(d.qualified_name == name for d in facts.symbols(file, name)) and not any(
            bound.scope for key in (name, "*") for bound in facts.bindings(file, key)
        )

    def _find_bare(self, file: int, scope: str, name: str, of_type: bool) -> Found | None:
        rules = self.scoping(file)
        for level in levels(scope):
            found = self._in_scope(file, level, scope, name)
            if of_type and found and found.targets:
                found = of_types(found)
            elif found and rules.types_apart and any(has_own_name(t) for t in found.targets):
                types = self.bare(file, level, name, of_type=True)
                return found if types is None or not types.targets else merge((found, types))
            if found:
                return found
        if rules.package == "folder":
            return self._in_package(file, name)
        if rules.package in ("imports", "types"):
            return only_type(self.facts, file, name) if name[:1].isupper() else None
        if rules.defaults:
            self._meet_manifests(file, name)
            return auto_imported(self.facts, file, name)
        return self._external(file, scope, name) if rules.package == "everywhere" else None

    def _in_scope(self, file: int, level: str, scope: str, name: str) -> Found | None:
        """A name in one of the scopes around, its namespace and its base classes."""
        rules = self.scoping(file)
        found = self._at(file, level, name, ())
        if found and (not level or self._is_visible(file, level, scope, rules)):
            return found
        if rules.spaces and (spread := in_space(self.facts, self.members, file, level, name)):
            return spread
        around = (
            self.members.type_named(file, level, scope) if level and rules.bare_members == "always" else None
        )
        if around is not None:
            inherited = self.members.get(around, name)
            if inherited and inherited.targets:
                return replace(inherited, reason="same class") if inherited.reason == "class" else inherited
        return None

    def _is_visible(self, file: int, level: str, scope: str, rules: Scoping) -> bool:
        around = self.facts.symbol(file, level)
        if around is not None and around.kind in OPEN_KINDS:
            return True
        return rules.bare_members == "always" or (rules.bare_members == "body" and level == scope)

    def _at(self, file: int, level: str, name: str, way: Way, *, outward: bool = False) -> Found | None:
        """What is bound to a name in exactly one scope of a file; `outward`: as others see it."""
        defined = self.members.definitions(file, f"{level}.{name}" if level else name)
        if defined and self.scoping(file).component:  # what the file is, is no name in it
            defined = tuple(d for d in defined if d.kind != "component")
        bound = [b for b in self._bindings(file, name) if b.scope == level and (b.module or outward)]
        found: list[Found | None] = (
            [Found(defined, "same scope" if level else "same file")] if defined else []
        )
        found += each(bound, lambda b: self.imported(b, way))
        if not found:
            stars = [b for b in self._bindings(file, "*") if b.scope == level]
            found = [one for one in each(stars, lambda b: self._starred(b, name, way)) if one]
        return merge(found)

    def _bindings(self, file: int, name: str) -> Sequence[Bound]:
        rules = self.scoping(file)
        return self.facts.bindings(file, name) if rules.follows_imports and not rules.usings else ()

    def _in_package(self, file: int, name: str) -> Found | None:
        """A top-level name of the files that are one package with this one."""
        found = [d for d in self.members.in_package(file, name) if d.qualified_name == name]
        return Found(tuple(found), "same package") if found else None

    def _external(self, file: int, scope: str, name: str, space: str = "") -> Found | None:
        """A C or C++ name with external linkage: of the namespaces around, innermost first.

        In a class its own name is the class, and no constructor. Of `space`, which one of them has.
        """
        named = [d for d in self.members.everywhere(file, name) if d.kind != "constructor"]
        seen = [d for d in named if self._files.is_header(d.file) or not d.is_internal]
        usings = not space and self.scoping(file).usings
        for level in levels(scope):
            if usings and (bound := [b for b in self.facts.bindings(file, name) if b.scope == level]):
                return merge(each(bound, self.imported))
            qualified = ".".join(filter(None, (level, space, name)))
            if found := self._shown(tuple(d for d in seen if self.members.is_named(d, qualified))):
                return Found(found, "only external definition" if len(found) == 1 else "external definition")
            stars = [b for b in self.facts.bindings(file, "*") if b.scope == level] if usings else []
            if used := merge(each(stars, lambda b: self.of_namespace(b, b.module, name))):
                return used
        return None

    def _shown(self, found: tuple[Definition, ...]) -> tuple[Definition, ...]:
        """Of types those in headers, where there are some: what a source file has of the name is its own."""
        if len(found) < 2 or any(d.kind not in TYPE_KINDS for d in found):
            return found
        return tuple(d for d in found if self._files.is_header(d.file)) or found

    def of_namespace(self, bound: Bound, space: str, name: str) -> Found | None:
        """A name of a namespace, as the scope of a `using` sees it."""
        found = self._external(bound.file, bound.scope, name, space.replace("::", "."))
        return replace(found, reason="using") if found else None

    # Imports

    def imported(self, bound: Bound, way: Way = ()) -> Found:
        """What an import binds its alias to."""
        if way:
            return self._find_imported(bound, way)
        return self._memo.get(("import", bound), lambda: self._find_imported(bound, ()))

    def _find_imported(self, bound: Bound, way: Way) -> Found:
        rules = self.scoping(bound.file)
        if not bound.module and rules.defaults:  # `export { a as b }`
            return self._at(bound.file, bound.scope, bound.name, way) or OUTSIDE
        if not bound.name:
            first = bound.module.partition(rules.separator)[0]
            text = first if rules.binds_first and bound.alias == first else bound.module
            return Found(tuple(self.modules(bound, text)), "import")
        if rules.spaces:
            return of_space(self.facts, self.members, bound, bound.name) or OUTSIDE
        if rules.usings:
            return self.of_namespace(bound, bound.module, bound.name) or OUTSIDE
        sources = self.modules(bound, bound.module)
        found = [one for one in each(sources, lambda m: self.export(m, bound.name, way)) if one]
        if not found:
            return Found(tuple(self._inner(bound)), "import")
        return merge(found, "import") or OUTSIDE

    def sources(self, bound: Bound) -> list[Module]:
        """The modules that an import reads from: the one it names, and the name itself where it is one."""
        found = self.modules(bound, bound.module)
        if bound.name not in ("", "*"):
            found = [*found, *self._inner(bound)]
        return found

    def modules(self, bound: Bound, text: str) -> list[Module]:
        """What a module path means where an import stands."""
        if bound.name and self.scoping(bound.file).usings:
            return []
        importer = self._files.paths[bound.file]
        self._meet_manifests(bound.file, text)
        if bound.scope and text.startswith("super") and self.scoping(bound.file).family == "rust":
            spaces = [self.facts.symbol(bound.file, level) for level in levels(bound.scope) if level]
            for _ in [s for s in spaces if s is not None and s.kind == "module"]:
                text = text.removeprefix("super").removeprefix("::") or "self"
                text = text if text.startswith(("super", "self")) else f"self::{text}"
        return modules(self._files.layout, importer, text)

    def _meet_manifests(self, file: int, text: str) -> None:
        """What a module's path means depends on them, in some languages."""
        lacking = self._files.lacking_manifests
        rules = self.scoping(file)
        if not lacking or not rules.manifests:
            return
        needed = [path for path in lacking if path.endswith(rules.manifests)]
        if rules.defaults and text.startswith("."):
            folder = join(self._files.paths[file].rpartition("/")[0], text)
            needed = [path for path in needed if path == join(folder, "package.json")]
        self.facts.faults.meet(needed)

    def _inner(self, bound: Bound) -> list[Module]:
        """The module that the imported name is, in languages where a module has others inside."""
        rules = self.scoping(bound.file)
        if rules.defaults:
            return []
        separator = rules.separator * (not bound.module.endswith(rules.separator))
        return self.modules(bound, bound.module + separator + bound.name)

    def _starred(self, bound: Bound, name: str, way: Way) -> Found | None:
        if name.startswith("_") and self.scoping(bound.file).private_underscore:
            return None
        if self.scoping(bound.file).spaces:
            spread = of_space(self.facts, self.members, bound, name)
            return replace(spread, reason="star import") if spread else None
        sources = self.modules(bound, bound.module)
        return merge(each(sources, lambda m: self.export(m, name, way)), "star import")

    def export(self, module: Module, name: str, way: Way = ()) -> Found | None:
        """A name of a module as seen from outside: defined, imported or a submodule."""
        files = self.facts.read_of(module.paths)
        found = merge(each(files, lambda file: self._export(file, name, way)))
        if found is not None and found.targets:
            return found
        language = self._files.languages[files[0]] if files else ""
        inner = submodule(self._files.layout, module, language or "python", name)
        return Found(tuple(inner), "import") if inner else found

    def _export(self, file: int, name: str, way: Way) -> Found | None:
        key = (file, name)
        if key in way or len(way) >= _MAX_EXPORTS:
            return None
        if way:
            return self._find_export(file, name, (*way, key))
        return self._memo.get(("export", *key), lambda: self._find_export(file, name, (key,)))

    def _find_export(self, file: int, name: str, way: Way) -> Found | None:
        rules = self.scoping(file)
        if name == "default" and rules.component:
            return Found((self._component(file),), "import")
        found = self._at(file, "", name, way, outward=True)
        if found is None and name == "default" and rules.defaults and (real := self.facts.default(file)):
            return self._at(file, "", real, way)
        if found is None and rules.file_class and (main := self._main_class(file)):
            return self.members.get(main, name)
        return found

    def default(self, module: Module) -> Found | None:
        files = self.facts.read_of(module.paths)
        return self.export(module, "default") if files and self.scoping(files[0]).defaults else None

    def _component(self, file: int) -> Target:
        """The component that a file is; the file, where that has no name."""
        path = self._files.paths[file]
        own = self.facts.symbol(file, path.rpartition("/")[2].partition(".")[0])
        return own if own is not None and own.kind == "component" else Module((path,))

    def _main_class(self, file: int) -> Definition | None:
        """The class that has the name of its file."""
        return self.facts.symbol(file, self._files.paths[file].rpartition("/")[2].partition(".")[0])

    def _base(self, type_: Definition, base: Base) -> list[Definition]:
        """The classes that one base can be; none where it is outside."""
        site = Site(type_.file, base.name, "inherit", 0, 0, base.receiver, type_.qualified_name, type_.kind)
        found = self.resolve(site)
        if found is None or not found.sure:
            return []
        return [t for t in found.targets if isinstance(t, Definition) and t.kind in TYPE_KINDS]


def _is(target: Target, file: int, qualified_name: str) -> bool:
    return isinstance(target, Definition) and (target.file, target.qualified_name) == (file, qualified_name)
