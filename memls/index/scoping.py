"""What resolving must know of each language, as data."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

TYPE_KINDS = frozenset({"class", "struct", "interface", "trait", "enum", "union"})
SPACE_KINDS = frozenset({"module", "namespace"})
OPEN_KINDS = frozenset({"function", "method", "constructor", "property"}) | SPACE_KINDS
"""Kinds in which code sees the names that are defined there."""
MEMBER_KINDS = frozenset({"method", "constructor", "property", "field", "enum_member", "attribute"})

_CALLED = frozenset(
    {"function", "method", "constructor", "class", "struct", "macro", "enum_member", "component"}
)
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
    receiver: re.Pattern[str] | None = None
    """Finds in a method's signature what it calls the object around."""
    supers: re.Pattern[str] | None = None
    """Matches receivers that are the object around as its base class sees it."""
    roots: frozenset[str] = frozenset()
    """Receivers that start a module path."""
    outside: frozenset[str] = frozenset()
    """Receivers that are never of the repository."""
    bare_members: Literal["never", "body", "always"] = "never"
    """Where members are visible without a receiver: "body" is directly in the class, not in its methods."""
    types_apart: bool = False
    """Whether a name that stands for a type means none but types, whatever else is called so nearer by."""
    package: Literal["", "folder", "everywhere", "imports", "types"] = ""
    """Where a name that nothing binds is looked up: with "types" a type in any file, with "imports"
    one in what the file sees by its imports and its folder."""
    members: Literal["file", "folder", "everywhere"] = "file"
    """Where the members of a class may stand."""
    extensions: bool = False
    """Whether a class has members elsewhere although it has some of the name in its own file."""
    binds_first: bool = False
    """Whether `import a.b` binds `a`."""
    private_underscore: bool = False
    """Whether a star import leaves out names that start with an underscore."""
    private: re.Pattern[str] | None = None
    """Finds in a signature that only its own file sees it."""
    open_enums: bool = False
    """Whether the members of an enum are names of the scope around it."""
    follows_imports: bool = True
    """Whether an import leads to a file. Where it does not, what it binds may be anything of its name."""
    overloads: bool = False
    """Whether several definitions of one name stand beside each other."""
    defaults: bool = False
    """Whether modules have a default export, and objects written out are receivers."""
    component: bool = False
    """Whether a file is a component: its default export, and seen by its name where nothing imports it."""
    file_class: bool = False
    """Whether a file is known by the class of its name."""
    spaces: re.Pattern[str] | None = None
    """Names that are looked up in the namespaces around, in all files; imports are of such names then."""
    usings: bool = False
    """Whether an import that has a name is of a namespace, which any file may have (`using a::B;`)."""
    nested_spaces: bool = False
    """Whether what is in `namespace A.B` sees the names of `A`."""
    guesses: bool = False
    """Whether a name that nothing binds can be a global of any file."""
    only_called: bool = False
    """Whether a function is hardly meant where it is not called, but a property outside of its name."""
    writes_types: bool = False
    """Whether it is JavaScript with types: of objects written out, and in signatures without a body."""
    closed_types: bool = False
    """Whether nobody gives members to a class from elsewhere: the language's own have none here."""
    unwraps: frozenset[str] = frozenset()
    """What is called of `Option<T>` and the like for the `T` in it."""
    keeps: frozenset[str] = frozenset()
    """What is called of such and of lists for another that holds the same."""
    bare_calls: bool = False
    """Whether a method is called by its name alone."""
    loose_functions: bool = False
    """Whether `x.f()` can call a function that is no member."""
    structural: bool = False
    """Whether a type is of each interface whose methods it has, without naming it: by the rules of Go."""
    manifests: tuple[str, ...] = ()
    """What the names of files end with that say what modules' paths begin with."""


_SUPER = re.compile(r"super\Z")
_PRIVATE = re.compile(r"^[^(={]*(?<!protected )\b(?:file)?private\b(?!\[|\(| \(| protected| constructor)")
"""Not Scala's `private[a]` nor C#'s `private protected`, which others see, nor the constructor of a class."""
_C = Scoping(
    "c",
    separator="/",
    open_enums=True,
    overloads=True,
    package="everywhere",
    members="everywhere",
    closed_types=True,
)
_JAVASCRIPT = Scoping(
    "javascript",
    closed_types=True,
    separator="/",
    selves=frozenset({"this"}),
    supers=_SUPER,
    defaults=True,
    guesses=True,
    loose_functions=True,
    manifests=(".json", "pnpm-workspace.yaml"),
)
_TYPESCRIPT = replace(_JAVASCRIPT, guesses=False, private=_PRIVATE, writes_types=True)
_CLASSES = Scoping(
    private=_PRIVATE,
    selves=frozenset({"this"}),
    supers=re.compile(r"(?:base|super)\Z"),
    bare_members="always",
    types_apart=True,
    overloads=True,
    follows_imports=False,
)
"""Classes with members, in files that see each other by rules that are not followed here."""
_SCOPING = {
    "python": Scoping(
        "python",
        closed_types=True,
        selves=frozenset({"self", "cls"}),
        supers=re.compile(r"super\([^()]*\)\Z"),
        bare_members="body",
        binds_first=True,
        private_underscore=True,
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "vue": replace(_TYPESCRIPT, component=True),
    "svelte": replace(_TYPESCRIPT, component=True),
    "astro": replace(_TYPESCRIPT, component=True),
    "go": Scoping(
        "go",
        closed_types=True,
        separator="/",
        receiver=re.compile(r"func \((\w+) "),
        manifests=("go.mod",),
        package="folder",
        members="folder",
        overloads=True,
        structural=True,
    ),
    "rust": Scoping(
        "rust",
        separator="::",
        selves=frozenset({"self", "Self"}),
        roots=frozenset({"crate", "self", "super"}),
        outside=frozenset({"std", "core", "alloc"}),
        manifests=("Cargo.toml",),
        members="everywhere",
        overloads=True,
        unwraps=frozenset("unwrap expect unwrap_or unwrap_or_else unwrap_or_default".split()),
        keeps=frozenset(
            "as_ref as_mut as_deref as_deref_mut clone cloned copied ok ok_or ok_or_else map_err or or_else "
            "context with_context iter iter_mut into_iter".split()
        ),
    ),
    "java": Scoping(
        "java",
        closed_types=True,
        private=_PRIVATE,
        selves=frozenset({"this"}),
        supers=_SUPER,
        bare_members="always",
        types_apart=True,
        package="folder",
        overloads=True,
        file_class=True,
    ),
    "csharp": Scoping(
        "csharp",
        private=_PRIVATE,
        selves=frozenset({"this"}),
        supers=re.compile(r"base\Z"),
        bare_members="always",
        types_apart=True,
        members="everywhere",
        spaces=re.compile(""),
        nested_spaces=True,
        overloads=True,
    ),
    "ruby": Scoping(
        "ruby",
        separator="/",
        selves=frozenset({"self"}),
        bare_members="always",
        members="everywhere",
        spaces=re.compile("[A-Z]"),
        overloads=True,
        guesses=True,
    ),
    "php": Scoping(
        "php",
        closed_types=True,
        private=_PRIVATE,
        separator="\\",
        selves=frozenset({"$this", "self", "static"}),
        supers=re.compile(r"parent\Z"),
        spaces=re.compile(""),
        guesses=True,
    ),
    "c": _C,
    "kotlin": replace(_CLASSES, family="kotlin", package="imports", only_called=True),
    "scala": replace(_CLASSES, family="scala", package="imports", bare_calls=True),
    "swift": replace(
        _CLASSES,
        family="swift",
        package="types",
        members="everywhere",
        extensions=True,
        selves=frozenset({"self", "Self"}),
    ),
    "lua": Scoping("lua", selves=frozenset({"self"}), follows_imports=False),
    "bash": Scoping("bash", follows_imports=False),
    "cpp": replace(
        _C,
        selves=frozenset({"this", "(*this)"}),
        outside=frozenset({"std"}),
        bare_members="always",
        usings=True,
    ),
}


def scoping(language: str) -> Scoping:
    """The rules of a language; empty ones where there are none: it is a family of its own."""
    return _SCOPING.get(language) or _alone(language)


@cache
def _alone(language: str) -> Scoping:
    return Scoping(language, guesses=True)
