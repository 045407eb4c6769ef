"""What resolving must know of each language, as data."""

import re
from dataclasses import dataclass
from typing import Literal

TYPE_KINDS = frozenset({"class", "struct", "interface", "trait", "enum", "union"})
OPEN_KINDS = frozenset({"function", "method", "constructor", "property", "module", "namespace"})
"""Kinds in which code sees the names that are defined there."""
MEMBER_KINDS = frozenset({"method", "constructor", "property", "field", "enum_member"})

_CALLED = frozenset({"function", "method", "constructor", "class", "struct", "macro"})
FITTING = {
    "call": _CALLED,
    "decorator": _CALLED,
    "inherit": TYPE_KINDS | {"type"},
    "type": TYPE_KINDS | {"type"},
}
"""Role -> the kinds that a candidate can have. Other roles take any kind."""


@dataclass(frozen=True)
class Scoping:
    """How names find their definitions in one language."""

    family: str = ""
    """Languages of one family can refer to each other."""
    separator: str = "."
    """Between the parts of a module path."""
    selves: frozenset[str] = frozenset()
    """Receivers that are the object or class around."""
    supers: re.Pattern[str] | None = None
    """Matches receivers that are the object around as its base class sees it."""
    bare_members: Literal["never", "body", "always"] = "never"
    """Where members are visible without a receiver: "body" is directly in the class, not in its methods."""
    binds_first: bool = False
    """Whether `import a.b` binds `a`."""
    private_underscore: bool = False
    """Whether a star import leaves out names that start with an underscore."""
    overloads: bool = False
    """Whether several definitions of one name stand beside each other."""
    guesses: bool = False
    """Whether a name that nothing binds can be a global of any file."""
    loose_functions: bool = False
    """Whether `x.f()` can call a function that is no member."""


_SCOPING = {
    "python": Scoping(
        "python",
        selves=frozenset({"self", "cls"}),
        supers=re.compile(r"super\(.*\)\Z"),
        bare_members="body",
        binds_first=True,
        private_underscore=True,
    ),
}
_NONE = Scoping()


def scoping(language: str) -> Scoping:
    """The rules of a language; empty ones where there are none."""
    return _SCOPING.get(language, _NONE)
