"""One file's bytes to its outline: the symbols it defines, the names it uses, what it imports.

1. One query with `captures` over the whole tree costs about half of parsing; `matches`, a second query or a
   walk in Python each cost as much again. So captures carry no structure: nesting comes from byte positions.
   Local names have a query of their own, which is asked where one is called like something else.
2. Nothing recurses: source nested 50,000 levels deep is input like any other. The query does not look below
   `_MAX_DEPTH` levels, because tree-sitter's query cursor is quadratic in depth there. It is so too in the
   unnamed children of one node, so a file with more than `_MAX_WIDTH` of them in an error is not queried.
   (Its own `progress_callback` crashes the interpreter in py-tree-sitter 0.26.1.)
3. A parse that takes longer than `_seconds` is given up: the outline then has no symbols and `errors` 1, as
   for a file that is one error. That is not an exception, since one bad file must not stop an index.
"""

import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from tree_sitter import Node, Parser, Point, Query, QueryCursor, Tree

from memls.source.bindings import Bindings
from memls.source.component import component_name, component_symbol
from memls.source.definitions import Definitions, Sweep, known_names
from memls.source.header import Header, Source
from memls.source.languages import Language, Markup, language_named, names_of_files, names_of_shebangs
from memls.source.outline import Import, Outline, Symbol
from memls.source.reach import outermost
from memls.source.receivers import Receivers
from memls.source.references import References

Make = Callable[[Language, bytes], Tree | None]
"""Gives the tree of a text, as `syntax_tree`."""

_MAX_DEPTH = 4000
_MAX_WIDTH = 10_000
_NO_MARKUP = Markup((), (), frozenset(), ())
_CHUNK = 4096
"""Bytes that one call of the reader gives for a node's text, which is mostly short."""
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S+\s+)*(?:\S*/)?)?([A-Za-z_]+)")
_CPP_IN_HEADER = re.compile(
    rb"^[ \t]*(?:class\s+(?:\w+\s+)?\w+\s*(?:final\s*)?(?::[^:\n]*)?(?:\{|$)"
    rb"|(?:inline\s+)?namespace(?:\s+[\w:]+)?\s*\{|template\s*<"
    rb"|using\s+(?:namespace\s+[\w:]+\s*;|[\w:]+\s*(?:;|=))|(?:public|private|protected)\s*:\s*$"
    rb"|#\s*include\s*<(?:string|vector|memory|map|iostream|functional|utility|cstdint|type_traits)>)"
    rb"|\bstd::",
    re.MULTILINE,
)
HEAD = 16_000
"""Characters of a file in which its language shows: a licence and a lot of macros can come first."""


def language_of(path: str, head: bytes = b"") -> str | None:
    """The language of a file by its name or suffix, else by the shebang in `head`; None when unknown.

    A `.h` file is C unless `head` has something that only C++ has.
    """
    name = path.replace("\\", "/").rpartition("/")[2]
    dot = name.rfind(".")
    suffix = name[dot:] if 0 < dot < len(name) - 1 else ""
    names = names_of_files()
    keys = (name, suffix, suffix.lower()) if suffix else (name.lstrip("."),)
    found = next((names[key] for key in keys if key in names), None)
    if found == "c" and suffix.lower() == ".h" and _CPP_IN_HEADER.search(head):
        return "cpp"
    if found is None and not suffix and (match := _SHEBANG.match(head)):
        return names_of_shebangs().get(match.group(1).decode())
    return found


def parse(path: str, data: bytes, language: str, make: Make | None = None) -> Outline:
    """The outline of `data`. Never raises for what `data` is; UsageError when `language` is not supported.

    `make` gives its tree, where that is not to be parsed from nothing.
    """
    rules = language_named(language)
    if not data.strip() or (rules.max_bytes is not None and len(data) > rules.max_bytes):
        return Outline(language)
    tree, errors, wide = _best_tree(rules, data, make)
    if tree is None or wide:
        return Outline(language, errors=errors)
    source, nodes = Source(data), captures(rules.query, tree.root_node, rules.max_depth)
    markup = rules.markup(data) if rules.markup else _NO_MARKUP
    imports, import_nodes = _imports(rules, source, nodes.get("import", []))
    imports += [Import(text, "", "", source.position(at)[0]) for at, text in markup.imports]
    imports.sort(key=lambda item: item.line)
    found = _sweep(rules, source, nodes, path)
    known = known_names(found.symbols, bare_members=rules.bare_members)
    known.update(item.alias for item in imports if item.module)
    known = {Source.encode(name) for name in known}
    found.locals.update(source.latin[slice(*node.byte_range)] for node in nodes.get("param", ()))
    named = frozenset(found.names)
    references = References(rules, source, found.names)
    references.collect(nodes, known, found.locals - known, markup.uses)
    if rules.bindings is not None:
        bindings = Bindings(rules, source, captures(rules.bindings, tree.root_node))
        receivers = references.receivers()
        heads = references.heads(known, receivers)
        local = _local_places(rules, source, tree, heads, named, import_nodes, bindings)
        foreign = _bound(markup, {**heads, **receivers}) if markup.bound else set()
        types = Receivers(rules, source, bindings).types(receivers)
        references.leave_out(local | foreign, {at: types[at] for at in types.keys() - foreign})
    placed = references.placed(found.spans, [node.byte_range for node in import_nodes])
    return Outline(language, tuple(found.symbols), tuple(placed), tuple(imports), errors)


def symbols(path: str, data: bytes, language: str, make: Make | None = None) -> tuple[Symbol, ...]:
    """The symbols of `parse` alone, in about two thirds of its time: for an outline while somebody types."""
    rules = language_named(language)
    if not data.strip() or (rules.max_bytes is not None and len(data) > rules.max_bytes):
        return ()
    tree, _, wide = _best_tree(rules, data, make)
    if tree is None or wide:
        return ()
    return tuple(
        _sweep(
            rules, Source(data), captures(rules.definitions, tree.root_node, rules.max_depth), path
        ).symbols
    )


def _best_tree(rules: Language, data: bytes, make: Make | None) -> tuple[Tree | None, int, bool]:
    """The tree with how many errors it has, and whether one is too wide to query.

    It is that of a mended text, where this has fewer.
    """
    text = rules.readable(data)
    tree = make(rules, data) if make else readable_tree(rules, text)
    if tree is None:
        return None, 1, False
    errors, wide = _errors(tree)
    if errors and rules.mended is not None:
        mended = rules.mended(tree.root_node, text)
        other = readable_tree(rules, mended) if mended != text else None
        if other is not None and (found := _errors(other))[0] < errors:
            return other, *found
    return tree, errors, wide


def captures(query: Query, inside: Node, depth: int | None = None) -> Mapping[str, list[Node]]:
    """The nodes that a query captures, by name, down to a depth."""
    cursor = QueryCursor(query)
    cursor.set_max_start_depth(_MAX_DEPTH if depth is None else depth)
    return cursor.captures(inside)


def _sweep(rules: Language, source: Source, nodes: Mapping[str, list[Node]], path: str) -> Definitions:
    header = Header(rules, source, nodes.get("comment", ()), nodes.get("attribute", ()))
    sweep = Sweep(rules, source, header)
    if rules.markup and (name := component_name(path, rules.suffixes)):
        sweep.found.symbols.append(component_symbol(name, source))
        sweep.found.spans.append((0, len(source.latin), 0))
    found = sweep.run(nodes)
    if rules.max_symbols is not None and len(found.symbols) > rules.max_symbols:
        first = [symbol for symbol in found.symbols if symbol.parent < 0]
        found.symbols = first if len(first) <= rules.max_symbols else []
    return found


def syntax_tree(rules: Language, data: bytes) -> Tree | None:
    """The syntax tree; None when parsing took too long, or would not be safe."""
    return readable_tree(rules, rules.readable(data))


def readable_tree(rules: Language, data: bytes, before: Tree | None = None) -> Tree | None:
    """As `syntax_tree`, of what is readable already. `before` is an earlier text's.

    tree-sitter ignores `progress_callback` when it is given bytes, so data goes in by a callback. Short data
    is watched too: 3 KB of nonsense kept the grammar of TSX busy for minutes.
    """
    if rules.unsafe is not None and rules.unsafe(data):
        return None
    parser = Parser(rules.tree_sitter_language)
    old: dict[str, Any] = {} if before is None else {"old_tree": before}
    until = time.monotonic() + _seconds(len(data))
    reading = _Reading(data)
    try:
        return parser.parse(
            reading, **old, progress_callback=lambda _offset, _error: time.monotonic() > until
        )
    except ValueError:
        return None
    finally:
        reading.parsed()


class _Reading:
    """Gives a parser its data piece by piece, and the tree afterwards the text of its nodes.

    py-tree-sitter 0.26.1 never lets go of what a parser was given, so that is views, which let go of the
    data: a file that is parsed at every keystroke would else stay in memory as often. For a node's text it
    takes nothing but bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._views: list[memoryview] | None = []

    def __call__(self, offset: int, _: Point) -> bytes | memoryview:
        if self._views is None:
            return self._data[offset : offset + _CHUNK]
        self._views.append(memoryview(self._data)[offset:])
        return self._views[-1]

    def parsed(self) -> None:
        """The parser has ended, however it did."""
        for view in self._views or ():
            view.release()
        self._views = None


def _seconds(size: int) -> float:
    """The time limit for `size` bytes: ten times what ordinary source takes, at least two seconds."""
    return 2.0 + size / 500_000


def _imports(rules: Language, source: Source, nodes: list[Node]) -> tuple[list[Import], list[Node]]:
    """The imports, and the nodes that are some: what `import(f(x))` imports is not known, it uses `f`."""
    found: list[Import] = []
    telling: list[Node] = []
    for node in nodes:
        count = len(found)
        found.extend(rules.imports(node, source.position(node.start_byte)[0]))
        if len(found) > count:
            telling.append(node)
    return found, telling


def _local_places(
    rules: Language,
    source: Source,
    tree: Tree,
    heads: Mapping[int, str],
    named: Collection[int],
    imports: Sequence[Node],
    bindings: Bindings,
) -> set[int]:
    """Those of the names by where they stand that are locals, whatever else has the same name.

    What is a symbol (its name ends at one of `named`) or imported is none, though a function has it. Most
    texts have no local that is called like something else, and then are not looked through.
    """
    if rules.locals is None:
        return set()
    places = sorted(
        at for at, name in heads.items() if name in bindings.places and bindings.seen_from(at, name)
    )
    outer = outermost(imports)
    found: set[int] = set()
    for node, inside in _by_part(tree, places):
        part = Bindings(rules, source, captures(rules.locals, node))
        for at in inside:
            spans = part.binding(at)
            if spans and not any(span[1] in named or _is_inside(span[0], outer) for span in spans):
                found.add(at)
    return found


def _bound(markup: Markup, heads: Mapping[int, str]) -> set[int]:
    """Those of the names by where they stand that markup binds itself."""
    return {at for at, name in heads.items() if name in markup.bound and not _is_inside(at, markup.scripts)}


def _is_inside(place: int, outer: Sequence[tuple[int, int]]) -> bool:
    """Whether it is in one of some spans, which are in order."""
    before = bisect_right(outer, place, key=itemgetter(0)) - 1
    return before >= 0 and place < outer[before][1]


def _by_part(tree: Tree, places: Sequence[int]) -> Iterator[tuple[Node, Sequence[int]]]:
    """What stands in a file at some offsets, in order, each with those that are in it."""
    cursor, first = tree.walk(), 0
    more = cursor.goto_first_child()
    while more and first < len(places) and (node := cursor.node):
        last = bisect_left(places, node.end_byte, first)
        if last > first:
            yield node, places[first:last]
        first = last
        more = cursor.goto_next_sibling()


def _errors(tree: Tree) -> tuple[int, bool]:
    """How many ERROR and MISSING nodes there are, and whether one is too wide to query."""
    count, wide = 0, False
    pending = [tree.root_node] if tree.root_node.has_error else []
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        wide = wide or (node.is_error and node.child_count - node.named_child_count > _MAX_WIDTH)
        # A byte that begins no token is an ERROR leaf without `has_error`.
        pending.extend(child for child in node.children if child.has_error or child.is_error)
    return (max(count, 1) if tree.root_node.has_error else count), wide
