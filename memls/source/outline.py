"""What parsing one file yields: symbols, references and imports, as plain data.

Lines count from 1 and columns from 0 in UTF-8 bytes; ranges include both end lines. Indices point into
the same outline (`parent`, `scope`), -1 is the file itself.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "module", "namespace", "class", "struct", "interface", "trait", "enum", "union", "type", "function",
    "method", "constructor", "property", "field", "constant", "variable", "macro", "enum_member",
    "attribute", "heading", "key", "component",
]  # fmt: skip

Role = Literal["call", "inherit", "type", "decorator", "read", "write"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. `qualified_name` joins the enclosing symbols with dots: `Class.method`.

    `line`..`end_line` is the whole definition with its decorators or attributes; `name_line`, `name_column`
    is where its name stands. An `attribute` is a member that a method makes by assigning to it; it belongs
    to the class. A `key` is one of data, a selector or an `id`. A `component` is a whole file, and stands
    beside what is in it. `signature` is one line of source up to the body; `docstring` is the first paragraph
    of its documentation, unmarked.
    """

    name: str
    qualified_name: str
    kind: Kind
    line: int
    end_line: int
    name_line: int
    name_column: int
    signature: str
    docstring: str = ""
    parent: int = -1


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a name. `receiver` is what stands before the last dot, as written: `self`, `a.b`, `pkg`.

    `arguments` is how many a call is given, -1 where that is not known, or does not matter in the language.
    """

    name: str
    role: Role
    line: int
    column: int
    scope: int = -1
    receiver: str = ""
    arguments: int = -1


@dataclass(frozen=True, slots=True)
class Import:
    """A binding made by an import. `from a.b import c as d` is module `a.b`, name `c`, alias `d`.

    `import a.b` is module `a.b`, name "", alias `a` (the name it binds). A star import has name `*`. An
    include has the included path as module, and `using a::b::C` of C++ the namespace `a::b`. `module` keeps
    leading dots or `./` of relative imports. What a module only exports by another name (`export { a as b }`)
    has module "".
    """

    module: str
    name: str
    alias: str
    line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """Everything of one file that the index keeps beside its text. `errors` counts syntax errors."""

    language: str
    symbols: tuple[Symbol, ...] = field(default=())
    references: tuple[Reference, ...] = field(default=())
    imports: tuple[Import, ...] = field(default=())
    errors: int = 0
