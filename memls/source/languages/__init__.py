"""The languages that memls can parse: one folder each, found by looking.

A folder holds `definitions.scm` (a tree-sitter query with the captures listed below) and an `__init__.py`
with `LANGUAGE = Language(...)`. Nothing else names a language, so a new one is one new folder. Importing a
folder does not import its grammar: the table of suffixes must be cheap, because every command needs it.

Captures, each on a whole node; the engine works by position, so no capture needs a partner:

- `@def.<kind>`: a definition of that kind. Its name is found through its fields (`Language.name_fields`), or
  is the node itself when that is a leaf. `@def.attribute` is a member assigned to in a method
  (`Language.selves`), and only there a definition. `@def.variable` and `@def.constant` are dropped inside
  functions.
- `@declared`: a function without a body, a definition only where the file has none with one (TypeScript).
- `@outer`: a wrapper whose lines belong to the definition directly inside (`export`, `template<>`).
- `@scope`: lends its name to what is inside without being a symbol (Rust's `impl`).
- `@local`: an unnamed function; variables inside it are local.
- `@attribute`, `@comment`: left out of signatures; those above a definition belong to it or document it.
- `@import`: handed to `Language.imports`.
- `@param`: the name of a local, for `@argument`.
- `@call`, `@inherit`, `@decorator`, `@type`, `@write`, `@read`: a reference, the whole expression (`a.b.c`).
- `@invoke`: a call whose node has fields (`Language.invoke_fields`) for name and receiver and spans its
  arguments too (Java).
- `@literal`: an object written out, whose keys are fields of a type (`Language.fields`).
- Predicates compare whole words (`#any-of?`): `#match?` fails on bytes that are no UTF-8.
- `@token`: an identifier in a macro's arguments, which is a call when `(` follows (Rust).
- `@space`: a class or namespace before a member of it (`Status::ok`), a reference to it too.
- `@skip`: an identifier that is no reference: a parameter, the name of a keyword argument, what is declared.
- `@member`: `a.b` read. `@name`: a plain identifier, kept when it is imported or defined at module level.
  `@argument`: a plain identifier passed to a call, kept unless it is a local.

`locals.scm` tells of names inside functions (see `memls.source.locals`):

- `@function`, `@scope`, `@class`: what names are bound in; a class's are members, and the index has them.
- `@binding`: a name that is bound in the innermost of these; `@binding.above`: in the one around that;
  `@binding.function`: in the innermost function. `@free`: a name of the file (`global`); `@enclosing`: of a
  function around (`nonlocal`). `@outside`: what is inside does not see the innermost scope (default values).
- `@after`: what is bound inside is seen only behind it. `@assigned`: nothing is bound inside.
- `@use`: a name that may be a local, unless it is `@other` as well.

Patterns should capture the outer node rather than a late child: a pattern that waits for a late child keeps
one state for each level of nesting, which is quadratic on deeply nested source.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from memls.errors import UsageError
from memls.source.types import Typing

if TYPE_CHECKING:
    import tree_sitter

    from memls.source.outline import Import

_DEFINES = re.compile(rb"@(?:def\.\w+|declared|outer|scope|local|attribute|comment|import)\b")
"""Captures that symbols are made of."""

_BINDS = re.compile(rb"@(?:binding|scope|function|class|free|enclosing|outside|after|assigned)\b")
"""Captures that tell which names are bound where, not where they are used."""

DATA_BYTES, DATA_SYMBOLS = 256 * 1024, 1000
"""A larger file of data is a lock file, a table or an export: its keys are no outline."""

_FOLDER = Path(__file__).parent

ImportReader = Callable[["tree_sitter.Node", int], Iterable["Import"]]

LevelReader = Callable[["tree_sitter.Node"], int | None]
"""How deep a definition stands that goes on to the next of its level or above; None where its node is all."""

FieldReader = Callable[["tree_sitter.Node"], Iterable[tuple["tree_sitter.Node", "tree_sitter.Node"]]]
"""The keys of an object written out, each with the name of the type whose fields they are."""


NameReader = Callable[["tree_sitter.Node"], "tree_sitter.Node | None"]
"""The node with the name of a definition, where the grammar has no field for it everywhere."""


@dataclass(frozen=True, slots=True)
class Markup:
    """What is around the scripts of a component. Places are byte offsets, names as in Latin-1."""

    uses: tuple[tuple[int, int, str], ...]
    """Uses that the grammar does not see: where each starts and ends, and the capture that it is."""
    scripts: tuple[tuple[int, int], ...]
    bound: frozenset[str]
    """Names that the markup binds: outside of the scripts they mean nothing that has them."""
    imports: tuple[tuple[int, str], ...]
    """Where a file stands that is a script, and its path."""


@dataclass(frozen=True)
class Naming:
    """The nodes by which a language names arguments and parameters."""

    arguments: frozenset[str] = frozenset()
    """Begin with the name of an argument, where one is written."""
    labels: frozenset[str] = frozenset()
    """What may be around that name."""
    given: frozenset[str] = frozenset()
    """Hold all arguments of a call, behind what is called."""
    parameters: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    """Stand between a definition and its parameters."""
    fields: bool = False
    """Whether a class without a constructor takes its fields: dataclasses, and what is like them."""


def no_fields(literal: "tree_sitter.Node") -> Iterable[tuple["tree_sitter.Node", "tree_sitter.Node"]]:
    """The field reader of a language whose objects tell no type."""
    return ()


def no_level(node: "tree_sitter.Node") -> int | None:
    """The level reader of a language whose tree nests all there is."""
    return None


def no_imports(node: "tree_sitter.Node", line: int) -> Iterable["Import"]:
    """The import reader of a language without imports."""
    return ()


@dataclass(frozen=True)
class Language:
    """What the engine must know about a language beside its query. `grammar` is `module:function`."""

    name: str
    grammar: str
    suffixes: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    shebangs: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    """Query files relative to this package; default `<name>/definitions.scm`."""
    imports: ImportReader = no_imports
    fields: FieldReader = no_fields
    separators: tuple[str, ...] = (".",)
    """What stands between a receiver and a member."""
    name_fields: Mapping[str, str] = field(default_factory=dict)
    """Node type -> the field with its name, where that is not `name`."""
    named: NameReader | None = None
    qualifier_fields: Mapping[str, str] = field(default_factory=dict)
    """Node type -> the field with the type that a method belongs to, as in Go."""
    transparent: frozenset[str] = frozenset()
    """Declarators without a field for what they wrap: `(x)`, `&x`."""
    selves: frozenset[str] = frozenset()
    """What methods call the object around."""
    constructors: frozenset[str] = frozenset()
    class_named_constructors: bool = False
    constant_names: bool = False
    """Whether an upper-case variable is a constant."""
    ignored_qualifiers: frozenset[str] = frozenset()
    """Parts of a dotted name that qualify nothing: `prototype`, `exports`."""
    names: re.Pattern[str] | None = None
    """What a definition can be called, where that is more than a word: `empty?`, a heading."""
    reserved: frozenset[str] = frozenset()
    """What no definition can be called: a tree with errors takes `if (x) {` for a function."""
    sigil: str = ""
    """What variables begin with, which is no part of a member's name: PHP's `$`."""
    invoke_fields: tuple[str, ...] = ("name", "object")
    """The fields of `@invoke`: the name, and where a receiver can be."""
    level: LevelReader = no_level
    """For what the tree does not nest: headings, `namespace A;`."""
    is_generic: bool = False
    """Symbols by a rule for all languages (`generic`): no references, no imports."""
    text: bool = False
    """Prose or data: ranked and cut as text; its symbols are an outline, and no source of names."""
    max_bytes: int | None = None
    """Larger files have no symbols: lock files, fixtures."""
    max_symbols: int | None = None
    """Of files with more only the first level has symbols, if those are fewer: a table is no outline."""
    readable: Callable[[bytes], bytes] = bytes
    """The text with spaces for what the grammar cannot hold: as long as it was."""
    mended: "Callable[[tree_sitter.Node, bytes], bytes] | None" = None
    """The text without what has led its tree astray, which has errors."""
    markup: Callable[[bytes], Markup] | None = None
    """For files that are components: what is around the scripts, which alone are `readable`."""
    unsafe: Callable[[bytes], bool] | None = None
    """What must not be parsed: the grammar's own scanner fails on it (`memls.source.nesting`)."""
    max_depth: int | None = None
    """Levels of the tree that are looked at, where what counts is not below."""
    always_read: re.Pattern[str] | None = None
    """Names that `@name` keeps though this file neither imports nor defines them."""
    free_names: bool = False
    """Whether it keeps all names that no local of the file has."""
    outside: frozenset[str] = frozenset()
    """Of `@space`, what is never of the repository."""
    overloads: bool = False
    """Whether calls tell which of several functions of a name they mean by how many arguments they give."""
    bare_members: bool = False
    """Whether methods name the fields of their class without a receiver."""
    typing: Typing = field(default_factory=Typing)
    naming: Naming = field(default_factory=Naming)
    docstring_in_body: bool = False
    enum_bases: re.Pattern[str] | None = None
    property_marks: re.Pattern[str] | None = None
    """Found in a method's decorators: it is a property."""
    declaration_marks: re.Pattern[str] | None = None
    """Matches the start of a variable that is only declared: `extern`."""
    locals_queries: tuple[str, ...] = ()
    """Query files as `queries`; default `<name>/locals.scm`."""
    binds_at_once: bool = False
    """Whether a local is bound in all of its scope, also above its first place."""
    rebinds: bool = False
    """Whether binding a local again makes another one."""

    @cached_property
    def tree_sitter_language(self) -> "tree_sitter.Language":
        """The grammar; imports its wheel at the first use."""
        from tree_sitter import Language as Grammar

        module, _, function = self.grammar.partition(":")
        return Grammar(getattr(importlib.import_module(module), function)())

    @property
    def package(self) -> str:
        """What brings the grammar, as package indexes name it."""
        return self.grammar.partition(":")[0].replace("_", "-") or "tree-sitter-language-pack"

    @cached_property
    def query(self) -> "tree_sitter.Query":
        """The compiled query; compiling takes some milliseconds, so once a process."""
        from tree_sitter import Query

        return Query(self.tree_sitter_language, _text(self._definition_files))

    @cached_property
    def definitions(self) -> "tree_sitter.Query":
        """The query without the patterns that capture only references: all that an outline needs."""
        return self._with_patterns(self._definition_files, _DEFINES)

    @cached_property
    def locals(self) -> "tree_sitter.Query | None":
        """The query for local names; None in a language without functions."""
        from tree_sitter import Query

        files = self._locals_files
        if not all((_FOLDER / file).exists() for file in files):
            return None
        return Query(self.tree_sitter_language, _text(files))

    @cached_property
    def bindings(self) -> "tree_sitter.Query | None":
        """The query for local names without the patterns that only tell of their uses."""
        return None if self.locals is None else self._with_patterns(self._locals_files, _BINDS)

    def _with_patterns(self, files: Iterable[str], wanted: re.Pattern[bytes]) -> "tree_sitter.Query":
        """The query of some files with those of its patterns alone whose text matches."""
        from tree_sitter import Query

        text = _text(files)
        query, data = Query(self.tree_sitter_language, text), text.encode()
        for number in range(query.pattern_count):
            start, end = query.start_byte_for_pattern(number), query.end_byte_for_pattern(number)
            if not wanted.search(data[start:end]):
                query.disable_pattern(number)
        return query

    @property
    def _locals_files(self) -> tuple[str, ...]:
        return self.locals_queries or (f"{self.name}/locals.scm",)

    @property
    def _definition_files(self) -> tuple[str, ...]:
        return self.queries or (f"{self.name}/definitions.scm",)


def _text(files: Iterable[str]) -> str:
    return "\n".join((_FOLDER / file).read_text("utf-8") for file in files)


@cache
def languages() -> Mapping[str, Language]:
    """Every language by name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    found = (importlib.import_module(f"{__name__}.{name}").LANGUAGE for name in names)
    return {language.name: language for language in found}


def language_named(name: str) -> Language:
    """A language by name, also one without a folder; UsageError where no grammar for it is installed."""
    found = languages().get(name)
    if found is None:
        from memls.source.languages.generic import generic_languages

        found = generic_languages().get(name)
    if found is None:
        raise UsageError(f"no parser for language {name!r}; {_known(name)}")
    return found


def _known(name: str) -> str:
    """The languages that are meant by a name which none has, else all of them."""
    from difflib import get_close_matches

    from memls.source.languages.generic import generic_languages, is_installed

    near = get_close_matches(name.lower(), [*languages(), *generic_languages()])
    told = f"near names: {', '.join(near)}" if near else f"there are: {', '.join(languages())}"
    return told if is_installed() else f"{told} (memls[all-languages] has more)"


def grammars() -> str:
    """Differs where other files can be parsed."""
    from memls.source.languages.generic import is_installed

    return ",".join([*languages(), *(["all"] if is_installed() else [])])


def grammar_versions(names: Iterable[str]) -> dict[str, str]:
    """Language -> package and version of its grammar, of those that are installed."""
    from importlib.metadata import PackageNotFoundError, version

    from memls.source.languages.generic import generic_languages

    known = {**generic_languages(), **languages()}
    found = {}
    for name in names:
        if name in known:
            with suppress(PackageNotFoundError):
                found[name] = f"{known[name].package} {version(known[name].package)}"
    return found


@cache
def texts() -> frozenset[str]:
    """The languages that are prose or data."""
    return frozenset(language.name for language in languages().values() if language.text)


def code_language(name: str | None) -> str | None:
    """The language of what can define or use names for other files; None for prose and data."""
    return None if name in texts() else name


@cache
def names_of_files() -> Mapping[str, str]:
    """Suffix (`.py`) or file name (`SConstruct`) -> language name."""
    from memls.source.languages.generic import generic_languages

    return {
        key: language.name
        for language in (*generic_languages().values(), *languages().values())
        for key in language.suffixes + language.filenames
    }


@cache
def names_of_shebangs() -> Mapping[str, str]:
    """Interpreter without its version (`python`) -> language name."""
    return {shebang: language.name for language in languages().values() for shebang in language.shebangs}
