"""What the names in Go's signatures mean, so that types of different packages can be compared.

A package is told by where it is: `./` and its folder in the repository, else the path of its imports. An
alias is what it stands for.
"""

from memls.index.facts import Facts
from memls.index.found import Memo, each
from memls.index.modules import modules
from memls.index.structural.hierarchy import package_of, structure
from memls.source.languages.go.signature import Named, Type, type_in
from memls.source.languages.go.standard import METHODS

_MAX_ALIASES = 8
_UNKNOWN = "?"
"""Before a package's name that no import binds: where the last part of the path is not what it is called."""


class TypeNames:
    """Names of types as seen from the files where they stand. Questions can raise `Missing`."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._memo = Memo(facts)
        self._aliases = structure(facts).aliases
        self._alias_names = {name.name for name in self._aliases}

    def whole(self, file: int, name: Named) -> Named:
        """A name with its package, and what it stands for where it is an alias of a name."""
        [first, *more] = self._meant(file, name, 0)
        return first if isinstance(first, Named) and not more else self._written(file, name)

    def type(self, file: int, type_: Type) -> Type:
        """A type with whole names, without aliases."""
        if not any(isinstance(token, Named) for token in type_):
            return type_
        return self._memo.get((file, type_), lambda: self._type(file, type_, 0))

    def differ(self, one: Type, other: Type) -> bool:
        """Whether two types cannot be the same, whatever packages their names are of."""
        if len(one) == len(other) and all(map(_alike, one, other)):
            return False
        names = {token.name for token in (*one, *other) if isinstance(token, Named)}
        return names.isdisjoint(self._alias_names)

    def same(self, one: Type, other: Type) -> bool | None:
        """Whether two types with whole names are the same, None where that depends on unknown packages."""
        if one == other:
            return True
        unknown = len(one) == len(other) and all(
            a == b or (_alike(a, b) and (_is_unknown(a) or _is_unknown(b)))
            for a, b in zip(one, other, strict=True)
        )
        return None if unknown else False

    def _type(self, file: int, type_: Type, depth: int) -> Type:
        parts = each(
            type_, lambda token: self._meant(file, token, depth) if isinstance(token, Named) else (token,)
        )
        return tuple(token for part in parts for token in part)

    def _meant(self, file: int, name: Named, depth: int) -> Type:
        whole = self._written(file, name)
        at, text = self._aliases.get(whole, (-1, ""))
        found = type_in(text) if text and depth < _MAX_ALIASES else None
        return self._type(at, found[0], depth + 1) if found else (whole,)

    def _written(self, file: int, name: Named) -> Named:
        if not name.qualifier:
            return name if name.name in METHODS[""] else Named(package_of(self._facts, file), name.name)
        key = (file, name.qualifier)
        return Named(self._memo.get(key, lambda: self._imported(*key)), name.name)

    def _imported(self, file: int, qualifier: str) -> str:
        bound = next((b for b in self._facts.bindings(file, qualifier) if not b.name), None)
        if bound is None:
            return _UNKNOWN + qualifier
        found = modules(self._facts.files.layout, self._facts.files.paths[file], bound.module)
        return f"./{found[0].folder}" if found and found[0].folder is not None else bound.module


def _alike(one: str | Named, other: str | Named) -> bool:
    if isinstance(one, Named):
        return isinstance(other, Named) and one.name == other.name
    return one == other


def _is_unknown(token: str | Named) -> bool:
    return isinstance(token, Named) and token.qualifier.startswith(_UNKNOWN)
