"""Which names are local, by the captures of one text: parameters and variables inside functions.

Scopes nest by byte position, as in the editors' `locals.scm` queries (nvim-treesitter). Which capture means
what is told in `languages`. Three things differ between languages, and are in `Language`:

1. `binds_at_once`: a name is bound in the whole of its scope (Python, JavaScript), or from its place on.
2. `rebinds`: `let x` twice in a block makes two variables (Rust), else it is one and the first place counts.
3. A class is a scope whose names are members: the index has them, and functions inside do not see them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from memls.source.header import Source
from memls.source.languages import Language

Span = tuple[int, int]

BINDING = ("binding", "binding.above", "binding.function")
"""The captures that bind a name."""


class _Scope(NamedTuple):
    start: int
    end: int
    above: int
    is_function: bool
    is_class: bool


class Binding(NamedTuple):
    """One place that binds a name; it is seen from byte `seen` on."""

    start: int
    end: int
    seen: int
    scope: int


class Bindings:
    """The local names of a part of a text, by what its language's query for them captures there."""

    def __init__(self, language: Language, source: Source, found: Mapping[str, Sequence[Node]]) -> None:
        self._language = language
        self._source = source
        self._scopes: list[_Scope] = []
        self._starts: list[int] = []
        self._bound: dict[tuple[int, str], list[Binding]] = {}
        self._free: set[tuple[int, str]] = set()
        self._enclosing: set[tuple[int, str]] = set()
        self._outside: list[Span] = []
        self._assigned: list[Span] = []
        self._after: list[Span] = []
        self.places: dict[str, list[Node]] = {}
        """What binds a name, anywhere in the text."""
        self._labels: dict[int, str] = {}
        self._ready: set[str] = set()
        self._uses: dict[int, str] = {}
        self._read(found)

    def at(self, start: int) -> list[tuple[int, bool]]:
        """The offsets of the local that is named at an offset, in order, each with whether it binds it."""
        name, binding = self._used(start)
        if binding is None:
            return []
        scope = self._scopes[binding.scope]
        same = [
            at
            for at, other in self._uses.items()
            if other == name and scope.start <= at < scope.end and self._resolved(at, name) == binding
        ]
        bound = {one.start for one in self._bound[binding.scope, name]}
        return [(at, at in bound) for at in sorted({*same, binding.start})]

    def binding(self, start: int) -> Sequence[Span]:
        """What binds the local that is named at an offset, in its scope; empty where there is none."""
        name, binding = self._used(start)
        return [(one.start, one.end) for one in self._bound[binding.scope, name]] if binding else ()

    def _used(self, start: int) -> tuple[str, Binding | None]:
        """The name that is used at an offset, and what it means."""
        self._bind_all(self._uses.get(start, ""))
        name = self._uses.get(start, "")  # the members of classes are none any more
        return name, self._resolved(start, name) if name else None

    def seen_from(self, start: int, name: str) -> Sequence[Binding]:
        """What binds the local that a name means at an offset; empty where that is none."""
        binding = self._resolved(start, name)
        if binding is None:
            return ()
        return (binding,) if self._language.rebinds else self._bound[binding.scope, name]

    # Reading the captures.

    def _read(self, found: Mapping[str, Sequence[Node]]) -> None:
        self._make_scopes(found)
        others = {node.start_byte for node in found.get("other", ())}
        self._assigned = _spans(found.get("assigned", ()))
        self._after = _spans(found.get("after", ()))
        self._outside = _spans(found.get("outside", ()))
        latin, places = self._source.latin, self.places
        for label in BINDING:
            for node in found.get(label, ()):
                start, end = node.byte_range
                if start < end:
                    places.setdefault(latin[start:end], []).append(node)
                    if label != BINDING[0]:
                        self._labels[start] = label
        uses = (
            [node for label in ("use", *BINDING) for node in found.get(label, ())] if "use" in found else ()
        )
        for node in uses:
            start, end = node.byte_range
            if start < end and start not in others:
                self._uses[start] = latin[start:end]
        for label, names in (("free", self._free), ("enclosing", self._enclosing)):
            for node in found.get(label, ()):
                scope = self._function(self._innermost(node.start_byte))
                names.add((scope, latin[slice(*node.byte_range)]))

    def _bind_all(self, name: str) -> None:
        """Bind a name, when it is asked for: most never are."""
        if name in self._ready:
            return
        self._ready.add(name)
        bound = set()
        for node in self.places.get(name, ()):
            label = self._labels.get(node.start_byte, BINDING[0])
            if (binding := self._bind(label, name, *node.byte_range)) is not None:
                self._bound.setdefault((binding.scope, name), []).append(binding)
                bound.add((binding.scope, name))
        for key in bound:
            self._bound[key].sort(key=lambda one: one.start)

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

    def _bind(self, label: str, name: str, start: int, end: int) -> Binding | None:
        scope = self._innermost(start)
        if label == "binding.above" and scope >= 0:
            scope = self._scopes[scope].above
        elif label == "binding.function":
            scope = self._function(scope)
        if scope < 0 or (self._assigned and _around(self._assigned, start)):
            return None
        if (scope, name) in self._free or (scope, name) in self._enclosing:
            return None
        if self._scopes[scope].is_class:
            self._uses.pop(start, None)
            return None
        declared = [span for span in _around(self._after, start) if span[0] >= self._scopes[scope].start]
        return Binding(start, end, min((span[1] for span in declared), default=start), scope)

    # Looking up.

    def _resolved(self, start: int, name: str) -> Binding | None:
        if name not in self._ready:
            self._bind_all(name)
        scope = self._innermost(start)
        past = {self._innermost(span[0]) for span in _around(self._outside, start)} if self._outside else ()
        while scope >= 0:
            bindings = self._bound.get((scope, name), ())
            if scope not in past and (binding := self._chosen(bindings, start)):
                return binding
            if (scope, name) in self._free:
                return None
            scope = self._scopes[scope].above
        return None

    def _chosen(self, bindings: Sequence[Binding], start: int) -> Binding | None:
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
    found: list[Span] = []
    if not spans:
        return found
    place = bisect_right(spans, (offset, 1 << 62)) - 1
    for start, end in reversed(spans[max(0, place - 200) : place + 1]):
        if start <= offset < end:
            found.append((start, end))
    return found
