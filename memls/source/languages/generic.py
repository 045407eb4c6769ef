"""Languages without a folder of their own: symbols by one rule, where `memls[all-languages]` is installed.

The grammars are those of tree-sitter-language-pack 0.13, the last that brings them along; Pygments says what
their files are called. The rule: a node whose type says that it defines a function, a class and so on
(`function_definition`, `class_statement`), with a name. No references, no imports.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from memls.source.languages import Language, languages

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Query

_KINDS = {
    word: kind
    for kind, words in {
        "method": "method",
        "constructor": "constructor",
        "function": "function func procedure subroutine subprogram defun fun proc fn macro rpc",
        "class": "class object contract actor",
        "struct": "struct structure record message",
        "interface": "interface protocol service",
        "trait": "trait typeclass mixin role",
        "enum": "enum enumeration",
        "union": "union",
        "module": "module package namespace library",
        "type": "type typedef",
    }.items()
    for word in words.split()
}
_DEFINES = frozenset("definition declaration decl def defn item specification statement binding".split())
_NOT = frozenset(
    "access annotation anonymous argument arguments attribute block body call clause end export expression "
    "field forward header identifier import inherits instantiation left list literal modifier modifiers "
    "name operator or parameter parameters path pattern phaser property qualifier reference renaming return "
    "signature specifier symbol use value values".split()
)
_NAMES = re.compile(r"(?:.*_)?(?:identifier|name|symbol|word|atom|title|id)\Z")
_NO_NAMES = re.compile(
    r"(?:.*_)?(?:types?(?:_literal|_spec|_list|_ref)?|parameters?|arguments?|body|block|modifiers?"
    r"|annotations?|list|expression|statement)\Z"
)
_DEEP = 3

_SUFFIXES = {
    "prisma": ".prisma", "bicep": ".bicep", "commonlisp": ".lisp .lsp .cl",
    "kdl": ".kdl", "hack": ".hack", "gn": ".gn .gni", "ninja": ".ninja", "cairo": ".cairo", "ron": ".ron",
    "heex": ".heex", "mermaid": ".mmd", "apex": ".cls .trigger", "squirrel": ".nut",
    "fsharp_signature": ".fsi", "ocaml_interface": ".mli", "qmljs": ".qml", "linkerscript": ".ld",
    "clarity": ".clar", "magik": ".magik", "objc": ".m .mm", "verilog": ".v .vh .sv .svh", "terraform": ".tf",
    "asm": ".s .S .asm", "bsl": ".bsl .os", "ispc": ".ispc", "netlinx": ".axs .axi", "nqc": ".nqc",
}  # fmt: skip
"""What Pygments does not say, or says of two languages."""
_UNSAFE = frozenset("agda cobol perl typst".split())
"""Their scanners end the process, or never end themselves, on a page of nonsense."""
_DATA = frozenset("po pem csv tsv psv properties ini xml dtd rst bibtex".split())
"""Of these the rule finds nothing."""


@dataclass(frozen=True)
class Generic(Language):
    """A language of the pack."""

    @cached_property
    def tree_sitter_language(self) -> "Grammar":
        """The grammar, from the pack."""
        from tree_sitter_language_pack import get_language

        return get_language(self.name)  # type: ignore[arg-type]

    @cached_property
    def query(self) -> "Query":
        """A query for the node types that the rule takes."""
        from tree_sitter import Query

        return Query(self.tree_sitter_language, "\n".join(self._patterns()))

    @cached_property
    def definitions(self) -> "Query":
        """There is nothing else in the query."""
        return self.query

    @cached_property
    def locals(self) -> None:
        """No rule tells of names inside functions."""

    def _patterns(self) -> Iterator[str]:
        grammar = self.tree_sitter_language
        kinds = range(grammar.node_kind_count)
        seen = [i for i in kinds if grammar.node_kind_is_named(i) and grammar.node_kind_is_visible(i)]
        for node_type in sorted({name for i in seen if (name := grammar.node_kind_for_id(i))}):
            if node_type in ("comment", "line_comment", "block_comment"):
                yield f"({node_type}) @comment"
            elif kind := kind_of(node_type):
                pattern = f"({node_type} . (_)) @def.{kind}"
                if _is_possible(grammar, pattern):
                    yield pattern


def _is_possible(grammar: "Grammar", pattern: str) -> bool:
    """Whether a node of this type can have parts: a keyword cannot."""
    from tree_sitter import Query, QueryError

    try:
        Query(grammar, pattern)
    except QueryError:
        return False
    return True


def kind_of(node_type: str) -> str | None:
    """What a node of this type defines: `class` for `class_declaration`, None for `class_body`."""
    words = node_type.split("_")
    kinds = [_KINDS[word] for word in words if word in _KINDS]
    if not kinds or words[-1] == "type" or _NOT.intersection(words):
        return None
    if len(words) > 1 and not _DEFINES.intersection(words):
        return None
    return kinds[0] if kinds[-1] == "type" else kinds[-1]


def named(node: "Node", deep: int = _DEEP) -> "Node | None":
    """The first part of a definition that is called a name, not in its types, parameters or body."""
    own = node.child_by_field_name("name")
    if own is not None and own.is_named:
        return own
    if "_" not in node.type:  # `function` may be one, or the type of one
        return next((child for child in node.named_children if child.type == f"{node.type}_name"), None)
    for child in node.named_children:
        if _NAMES.match(child.type):
            return child
        if not deep or _NO_NAMES.match(child.type):
            continue
        if found := named(child, deep - 1):
            return found
    return None


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("tree_sitter_language_pack") is not None


@cache
def generic_languages() -> Mapping[str, Language]:
    """The pack's languages that have no folder, by name, with the suffixes and names of their files."""
    if not is_installed():
        return {}
    from typing import get_args

    from tree_sitter_language_pack import SupportedLanguage

    own = frozenset(languages())
    taken = {key for language in languages().values() for key in language.suffixes + language.filenames}
    found: dict[str, Language] = {}
    files = _files()
    for name in sorted(
        set(get_args(SupportedLanguage)) - own - _DATA - _UNSAFE, key=lambda n: (n not in _SUFFIXES, n)
    ):
        said = [*_SUFFIXES.get(name, "").split(), *files.get(name, ())]
        lower = [key.lower() for key in said if key.startswith(".")]
        keys = [key for key in dict.fromkeys([*said, *lower]) if key not in taken]
        if keys:
            taken.update(keys)
            found[name] = _language(name, tuple(keys))
    return found


def _language(name: str, keys: tuple[str, ...]) -> Language:
    return Generic(
        name=name,
        grammar="",
        suffixes=tuple(key for key in keys if key.startswith(".")),
        filenames=tuple(key for key in keys if not key.startswith(".")),
        separators=(),
        names=re.compile(r"[\"'`:]?([^\s(){}\[\];,\"'`]+)"),
        named=named,
        is_generic=True,
    )


def _files() -> dict[str, list[str]]:
    """Suffixes and file names by the names that Pygments has for a language."""
    from pygments.lexers import get_all_lexers

    found: dict[str, list[str]] = {}
    for title, aliases, patterns, _ in get_all_lexers(plugins=False):
        keys = [p.removeprefix("*") for p in patterns if not re.search(r"[*?\[]", p.removeprefix("*"))]
        for name in (*aliases, title.lower()):
            found.setdefault(name.replace("-", "_"), []).extend(keys)
    return found
