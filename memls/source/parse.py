"""One file's bytes to its outline: the symbols it defines, the names it uses, what it imports.

1. One query with `captures` over the whole tree costs about half of parsing; `matches`, a second query or a
   walk in Python each cost as much again. So captures carry no structure: nesting comes from byte positions.
2. Nothing recurses: source nested 50,000 levels deep is input like any other. The query does not look below
   `_MAX_DEPTH` levels, because tree-sitter's query cursor is quadratic in depth there.
3. A parse that takes longer than `_seconds` is given up: the outline then has no symbols and `errors` 1, as
   for a file that is one error. That is not an exception, since one bad file must not stop an index.
"""

import re
import time
from pathlib import PurePosixPath

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from memls.errors import UsageError
from memls.source.definitions import Sweep, known_names
from memls.source.header import Header, Source
from memls.source.languages import Language, languages, names_of_files, names_of_shebangs
from memls.source.outline import Import, Outline
from memls.source.references import References

_MAX_DEPTH = 4000
_SMALL = 65_536
"""Bytes below which a parse is not watched: even the slowest seen takes 0.4 s."""
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S+\s+)*(?:\S*/)?)?([A-Za-z_]+)")
_CPP_IN_HEADER = re.compile(
    rb"^\s*(?:class\s+\w+\s*[^;*()]*$|namespace\b|template\s*<|using\s+\w|(?:public|private|protected)\s*:"
    rb"|#\s*include\s*<(?:string|vector|memory|map|iostream|functional|utility|cstdint|type_traits)>)|\bstd::",
    re.MULTILINE,
)


def language_of(path: str, head: bytes = b"") -> str | None:
    """The language of a file by its name or suffix, else by the shebang in `head`; None when unknown.

    A `.h` file is C unless `head` has something that only C++ has.
    """
    pure = PurePosixPath(path.replace("\\", "/"))
    names = names_of_files()
    found = names.get(pure.name) or names.get(pure.suffix) or names.get(pure.suffix.lower())
    if found == "c" and pure.suffix.lower() == ".h" and _CPP_IN_HEADER.search(head):
        return "cpp"
    if found is None and not pure.suffix and (match := _SHEBANG.match(head)):
        return names_of_shebangs().get(match.group(1).decode())
    return found


def parse(path: str, data: bytes, language: str) -> Outline:
    """The outline of `data`. Never raises for what `data` is; UsageError when `language` is not supported."""
    rules = languages().get(language)
    if rules is None:
        supported = ", ".join(languages())
        raise UsageError(f"{path}: no parser for language {language!r}; known are {supported}")
    if not data.strip():
        return Outline(language)
    tree = _tree(rules, data)
    if tree is None:
        return Outline(language, errors=1)
    cursor = QueryCursor(rules.query)
    cursor.set_max_start_depth(_MAX_DEPTH)
    captures = cursor.captures(tree.root_node)
    source = Source(data)
    import_nodes = captures.get("import", [])
    imports = _imports(rules, source, import_nodes)
    header = Header(rules, source, captures.get("comment", ()), captures.get("attribute", ()))
    found = Sweep(rules, source, header).run(captures)
    known = known_names(found.symbols)
    known.update(item.alias for item in imports)
    found.locals.update(source.latin[slice(*node.byte_range)] for node in captures.get("param", ()))
    references = References(rules, source, found.names)
    references.collect(captures, known, found.locals - known)
    placed = references.placed(found.spans, [node.byte_range for node in import_nodes])
    return Outline(language, tuple(found.symbols), tuple(placed), tuple(imports), _errors(rules, tree))


def _tree(rules: Language, data: bytes) -> Tree | None:
    """The syntax tree, or None when parsing took too long.

    tree-sitter ignores `progress_callback` when it is given bytes, so large data goes in by a callback.
    """
    parser = Parser(rules.tree_sitter_language)
    if len(data) <= _SMALL:
        return parser.parse(data)
    until = time.monotonic() + _seconds(len(data))
    try:
        return parser.parse(
            lambda offset, _: data[offset : offset + _SMALL],
            progress_callback=lambda _offset, _error: time.monotonic() > until,
        )
    except ValueError:
        return None


def _seconds(size: int) -> float:
    """The time limit for `size` bytes: ten times what ordinary source takes, at least two seconds."""
    return 2.0 + size / 500_000


def _imports(rules: Language, source: Source, nodes: list[Node]) -> list[Import]:
    found: list[Import] = []
    for node in nodes:
        found.extend(rules.imports(node, source.position(node.start_byte)[0]))
    found.sort(key=lambda item: item.line)
    return found


def _errors(rules: Language, tree: Tree) -> int:
    """How many ERROR and MISSING nodes there are; a second query, but only for files that have any."""
    if not tree.root_node.has_error:
        return 0
    cursor = QueryCursor(Query(rules.tree_sitter_language, "(ERROR) @error (MISSING) @missing"))
    cursor.set_max_start_depth(_MAX_DEPTH)
    return max(1, sum(map(len, cursor.captures(tree.root_node).values())))
