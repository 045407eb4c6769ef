"""Which positions are asked about: identifiers in use, over many files, the same each time.

Identifiers are found with tree-sitter's grammars, not with either server, so that neither one's idea of what
can be asked decides what is. Names where they are defined are left out as far as the grammar tells; the
comparison drops those that a server says are definitions.
"""

import random
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_c
import tree_sitter_cpp
import tree_sitter_go
import tree_sitter_python
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

SKIPPED = frozenset({"node_modules", "vendor", "third_party", "dist", "build", "_vendor"})
"""Folders with code that is not the repository's own."""

PER_FILE = 5
_MOST_BYTES = 1_000_000
_DEFINING = frozenset({"name", "declarator", "parameters", "pattern", "left", "alias", "parameter"})
"""Fields of a node in which a name is given."""
_USING = frozenset(
    "keyword_argument import_specifier export_specifier generic_type qualified_type nested_type_identifier "
    "jsx_opening_element jsx_self_closing_element jsx_closing_element".split()
)
"""Nodes whose field `name` is a use all the same."""


@dataclass(frozen=True)
class Grammar:
    """How identifiers of a language are found, and how one writes a new function with a given name."""

    identifiers: frozenset[str]
    suffixes: Mapping[str, Language]
    function: str

    @staticmethod
    def of(language: str) -> "Grammar":
        return GRAMMARS[language]


_C = Language(tree_sitter_c.language())
_CPP = Language(tree_sitter_cpp.language())
_GO = Language(tree_sitter_go.language())
_PYTHON = Language(tree_sitter_python.language())
_TS = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())

GRAMMARS: Mapping[str, Grammar] = {
    "python": Grammar(frozenset({"identifier"}), {".py": _PYTHON}, "def {}():\n    return 1\n\n\n"),
    "c": Grammar(
        frozenset({"identifier", "type_identifier", "field_identifier"}),
        {".c": _C},
        "int {}(void) {{ return 1; }}\n\n",
    ),
    "cpp": Grammar(
        frozenset({"identifier", "type_identifier", "field_identifier", "namespace_identifier"}),
        dict.fromkeys((".cc", ".cpp", ".cxx"), _CPP),
        "int {}() {{ return 1; }}\n\n",
    ),
    "go": Grammar(
        frozenset({"identifier", "type_identifier", "field_identifier", "package_identifier"}),
        {".go": _GO},
        "func {}() int {{ return 1 }}\n\n",
    ),
    "typescript": Grammar(
        frozenset({"identifier", "type_identifier", "property_identifier", "shorthand_property_identifier"}),
        {".ts": _TS, ".tsx": _TSX},
        "function {}() {{ return 1; }}\n\n",
    ),
}


@dataclass(frozen=True)
class Position:
    """A use of a name; line and character from 0, the character in UTF-16 units."""

    path: str
    line: int
    character: int
    name: str


def files(repo: Path, language: str, built: Collection[str] | None = None) -> list[str]:
    """The language's files that are the repository's own, sorted."""
    suffixes = tuple(Grammar.of(language).suffixes)
    listed = subprocess.run(
        ["git", "-C", str(repo), "ls-files", "-z", "-co", "--exclude-standard"], capture_output=True
    )
    if listed.returncode == 0:
        names = listed.stdout.decode("utf-8", "replace").split("\0")
    else:
        names = [file.relative_to(repo).as_posix() for file in repo.rglob("*")]
    return sorted(
        name
        for name in set(names)
        if name.endswith(suffixes)
        and SKIPPED.isdisjoint(name.split("/"))
        and (built is None or name in built)
        and (repo / name).is_file()
        and not (repo / name).is_symlink()
    )


def choose(repo: Path, language: str, names: list[str], count: int, seed: int) -> list[Position]:
    """`count` uses of names in files drawn at random, `PER_FILE` different names in each or more."""
    dice = random.Random(seed)
    shuffled = dice.sample(names, len(names))
    chosen: list[Position] = []
    each = max(PER_FILE, -(-count // max(1, len(names))))
    for name in shuffled:
        if len(chosen) >= count:
            break
        if (repo / name).stat().st_size > _MOST_BYTES:
            continue
        uses = list(identifiers(repo, name, language))
        dice.shuffle(uses)
        different = list({use.name: use for use in uses}.values())
        if len(different) >= PER_FILE or len(names) * PER_FILE <= count:
            chosen += sorted(different[:each], key=lambda use: (use.line, use.character))
    return chosen[:count]


def identifiers(repo: Path, path: str, language: str) -> Iterator[Position]:
    """Every identifier of a file that the grammar does not show as a definition."""
    grammar = Grammar.of(language)
    source = (repo / path).read_bytes()
    if b"\0" in source or not _builds_here(path, source, language):
        return
    lines = source.split(b"\n")
    cursor = [Parser(grammar.suffixes[Path(path).suffix]).parse(source).root_node]
    while cursor:
        node = cursor.pop()
        if node.type in grammar.identifiers and not _defines(node):
            row, column = node.start_point
            before = lines[row][:column].decode("utf-8", "replace")
            yield Position(path, row, len(before.encode("utf-16-le")) // 2, source_of(node))
        cursor.extend(reversed(node.children))


def source_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def middle(source: bytes, suffix: str, language: str) -> tuple[int, int]:
    """Line and character before the first function or class past the middle of a file, at the top level."""
    root = Parser(Grammar.of(language).suffixes[suffix]).parse(source).root_node
    for node in root.children:
        wanted = ("function", "class", "method", "decorated", "export")
        if node.start_byte > len(source) // 2 and node.type.startswith(wanted) and node.start_point[1] == 0:
            return node.start_point[0], 0
    return source.count(b"\n"), 0


def _defines(node: Node) -> bool:
    """Whether the name is one that is being given, by the field that it is in its parent."""
    parent = node.parent
    if parent is None or parent.type in _USING:
        return False
    if parent.type in ("parameters", "lambda_parameters", "formal_parameters", "package_clause"):
        return True
    return any(
        parent.field_name_for_child(n) in _DEFINING for n, c in enumerate(parent.children) if c == node
    )


def _builds_here(path: str, source: bytes, language: str) -> bool:
    """Go files for other machines are in no package of this one."""
    if language != "go":
        return True
    stem = Path(path).stem.removesuffix("_test").rpartition("_")[2]
    other = {"windows", "darwin", "freebsd", "openbsd", "netbsd", "solaris", "arm", "arm64", "s390x", "386"}
    return stem not in other and b"+build" not in source[:3000] and b"//go:build" not in source[:3000]
