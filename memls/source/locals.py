"""Local names of one file: parameters and variables inside functions, which the index does not keep.

Scopes nest by byte position, as in the editors' `locals.scm` queries (nvim-treesitter). Which capture means
what is told in `languages`. Three things differ between languages, and are in `Language`:

1. `binds_at_once`: a name is bound in the whole of its scope (Python, JavaScript), or from its place on.
2. `rebinds`: `let x` twice in a block makes two variables (Rust), else it is one and the first place counts.
3. A class is a scope whose names are members: the index has them, and functions inside do not see them.

A name is local to something that stands in the file, so of a text only what is asked about is read: while
somebody types, there is a new text with each letter.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from memls.source.header import Source
from memls.source.languages import Language
from memls.source.parse import Make, captures, syntax_tree

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A name at a line (from 1) and column (from 0, in bytes). `binds`: it is given a value here."""

    line: int
    column: int
    binds: bool


@dataclass(frozen=True, slots=True)
class _Scope:
    start: int
    end: int
    above: int
    is_function: bool
    is_class: bool


@dataclass(frozen=True, slots=True)
class _Binding:
    """One place that binds a name; it is seen from byte `seen` on."""

    start: int
    end: int
    seen: int
    scope: int


class Locals:
    """The local names of one text. Safe from any thread."""

    def __init__(self, language: Language, data: bytes, make: Make | None = None) -> None:
        """`make` gives the syntax tree, where that is not to be parsed from nothing."""
        self._language = language
        self._source = Source(data)
        self._tree = (make or syntax_tree)(language, data) if data.strip() else None
        self._parts: dict[int, _Part] = {}

    def at(self, line: int, column: int) -> tuple[Place, ...]:
        """All places of the local that is named at a position, in order; empty where there is none.

        The first that binds it is its definition.
        """
        starts = self._source.starts
        query = self._language.locals
        if self._tree is None or query is None or not 1 <= line <= len(starts):
            return ()
        offset = starts[line - 1] + column
        cursor = self._tree.walk()
        node = cursor.node if cursor.goto_first_child_for_byte(offset) is not None else None
        if node is None:
            return ()
        part = self._parts.get(node.start_byte)
        if part is None:
            part = _Part(self._language, self._source, captures(query, node))
            self._parts[node.start_byte] = part
        return part.at(offset)


class _Part:
    """The local names of one thing that stands in a file."""

    def __init__(self, language: Language, source: Source, found: Mapping[str, Sequence[Node]]) -> None:
        self._language = language
        self._source = source
        self._scopes: list[_Scope] = []
        self._starts: list[int] = []
        self._bound: dict[tuple[int, str], list[_Binding]] = {}
        self._free: set[tuple[int, str]] = set()
        self._enclosing: set[tuple[int, str]] = set()
        self._outside: list[Span] = []
        self._uses: dict[int, str] = {}
        self._read(found)

    def at(self, start: int) -> tuple[Place, ...]:
        """All places of the local that is named at an offset."""
        name = self._uses.get(start)
        binding = self._resolved(start, name) if name is not None else None
        if name is None or binding is None:
            return ()
        scope = self._scopes[binding.scope]
        same = [
            at
            for at, other in self._uses.items()
            if other == name and scope.start <= at < scope.end and self._resolved(at, name) == binding
        ]
        bound = {one.start for one in self._bound[binding.scope, name]}
        return tuple(self._place(at, at in bound) for at in sorted({*same, binding.start}))

    def _place(self, start: int, binds: bool) -> Place:
        return Place(*self._source.position(start), binds)

    # Reading the captures.

    def _read(self, found: Mapping[str, Sequence[Node]]) -> None:
        self._make_scopes(found)
        others = {node.start_byte for node in found.get("other", ())}
        assigned = _spans(found.get("assigned", ()))
        after = _spans(found.get("after", ()))
        for label in ("use", "binding", "binding.above", "binding.function"):
            for node in found.get(label, ()):
                start, end = node.byte_range
                if start not in others and start < end:
                    self._uses[start] = self._source.latin[start:end]
        for label, names in (("free", self._free), ("enclosing", self._enclosing)):
            for node in found.get(label, ()):
                scope = self._function(self._innermost(node.start_byte))
                names.add((scope, self._source.latin[slice(*node.byte_range)]))
        self._outside = _spans(found.get("outside", ()))
        for label in ("binding", "binding.above", "binding.function"):
            for node in found.get(label, ()):
                self._bind(label, *node.byte_range, assigned, after)
        for bindings in self._bound.values():
            bindings.sort(key=lambda one: one.start)

    def _make_scopes(self, found: Mapping[str, Sequence[Node]]) -> None:
        kinds = ("scope", "function", "class")
        spans = {(*node.byte_range, label) for label in kinds for node in found.get(label, ())}
        stack: list[int] = []
        for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
            while stack and self._scopes[stack[-1]].end <= start:
                stack.pop()
            above = stack[-1] if stack else -1
            stack.append(len(self._scopes))
            self._scopes.append(_Scope(start, end, above, label == "function", label == "class"))
            self._starts.append(start)

    def _bind(self, label: str, start: int, end: int, assigned: list[Span], after: list[Span]) -> None:
        scope = self._innermost(start)
        if label == "binding.above" and scope >= 0:
            scope = self._scopes[scope].above
        elif label == "binding.function":
            scope = self._function(scope)
        name = self._source.latin[start:end]
        if scope < 0 or start == end or _around(assigned, start):
            return
        if (scope, name) in self._free or (scope, name) in self._enclosing:
            return
        if self._scopes[scope].is_class:
            self._uses.pop(start, None)
            return
        declared = [span for span in _around(after, start) if span[0] >= self._scopes[scope].start]
        seen = min((span[1] for span in declared), default=start)
        self._bound.setdefault((scope, name), []).append(_Binding(start, end, seen, scope))

    # Looking up.

    def _resolved(self, start: int, name: str) -> _Binding | None:
        scope = self._innermost(start)
        past = {self._innermost(span[0]) for span in _around(self._outside, start)}
        while scope >= 0:
            bindings = self._bound.get((scope, name), ())
            if scope not in past and (binding := self._chosen(bindings, start)):
                return binding
            if (scope, name) in self._free:
                return None
            scope = self._scopes[scope].above
        return None

    def _chosen(self, bindings: Sequence[_Binding], start: int) -> _Binding | None:
        own = next((one for one in bindings if one.start == start), None)
        if self._language.rebinds:
            return own or next((one for one in reversed(bindings) if one.seen <= start), None)
        if not bindings or own or self._language.binds_at_once:
            return bindings[0] if bindings else None
        return bindings[0] if bindings[0].seen <= start else None

    def _innermost(self, offset: int) -> int:
        scope = bisect_right(self._starts, offset) - 1
        while scope >= 0 and self._scopes[scope].end <= offset:
            scope = self._scopes[scope].above
        return scope

    def _function(self, scope: int) -> int:
        while scope >= 0 and not self._scopes[scope].is_function:
            scope = self._scopes[scope].above
        return scope


def _spans(nodes: Iterable[Node]) -> list[Span]:
    return sorted(node.byte_range for node in nodes)


def _around(spans: list[Span], offset: int) -> list[Span]:
    """The spans that an offset is in. They nest, and few do so deeply."""
    found = []
    place = bisect_right(spans, (offset, 1 << 62)) - 1
    for start, end in reversed(spans[max(0, place - 200) : place + 1]):
        if start <= offset < end:
            found.append((start, end))
    return found
