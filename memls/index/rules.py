"""What must hold of the code, asked of the index and of no model: the rules of `memls check`.

A rule is a mapping with a key that says which it is (`KINDS`), as its user wrote it; what it may hold is in
`memls/checks/schema.json`. What breaks a rule for certain is a breach. What may break it, since a name is
ambiguous, is a doubt: it is shown and fails nothing, for a guess is not a fact.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from memls.errors import UsageError
from memls.index.code import Code, Place, View
from memls.index.edges import Edge
from memls.index.scoping import TYPE_KINDS
from memls.source.comments import is_documented
from memls.source.outline import Symbol
from memls.text import shorten

if TYPE_CHECKING:
    from pathspec import PathSpec

    from memls.index.resolve import Resolver
    from memls.index.search import Search

_DOCUMENTED = TYPE_KINDS | {"function", "method"}
_LONGEST = 160
_MOST = 1000
"""Findings of one rule."""

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A place, by lines from 1, and what is wrong there. `path` "": it has none."""

    path: str
    line: int
    end_line: int
    message: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a rule. It holds where there is no breach; `warnings` are why that may say little."""

    breaches: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Found:
    breaches: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding, *, sure: bool = True) -> None:
        into = self.breaches if sure else self.doubts
        if len(into) < _MOST and finding not in into:
            into.append(finding)


@dataclass(frozen=True, slots=True)
class Rules:
    """Answers rules from one state of the index."""

    code: Code
    resolver: "Resolver"
    search: "Search"
    paths: tuple[str, ...]
    """Every file that is indexed."""

    def judge(self, rule: Rule) -> Ruling:
        """Whether a rule holds. Raises UsageError where it is none."""
        kind = next((kind for kind in KINDS if kind in rule), None)
        if kind is None:
            raise UsageError(f"not a rule: {', '.join(rule) or 'nothing'}; there are {', '.join(KINDS)}")
        found = _Found()
        KINDS[kind](self, rule, found)
        spared = _listed(rule.get("except"))
        is_spared = matcher(spared)

        def kept(findings: list[Finding]) -> tuple[Finding, ...]:
            return tuple(f for f in sorted(findings, key=_by_place) if not (f.path and is_spared(f.path)))

        return Ruling(kept(found.breaches), kept(found.doubts), tuple(found.warnings))

    def no_callers_of(self, rule: Rule, found: _Found) -> None:
        """No caller of a definition outside some files."""
        inside = matcher(_listed(rule["outside"]))
        for place in self._places(rule["no_callers_of"], found):
            for edge in self.resolver.callers(place):
                if not inside(edge.path) and not _is_inside(edge, place):
                    sure = edge.status == "resolved"
                    word = "calls" if sure else "may call"
                    caller = edge.symbol or "the file"
                    text = f"{caller} {word} {place.symbol} ({edge.reason})"
                    found.add(Finding(edge.path, edge.line, edge.line, text), sure=sure)

    def subclasses_of(self, rule: Rule, found: _Found) -> None:
        """Every class below another defines some members, itself or in a class between the two."""
        wanted = _listed(rule["define"])
        spared = set(_listed(rule.get("except")))
        for base in self._places(rule["subclasses_of"], found, TYPE_KINDS):
            for place, members, sure in self._below(base):
                lacking = [name for name in wanted if name not in members]
                if lacking and place.symbol not in spared:
                    text = f"{place.symbol} extends {base.symbol} and does not define {', '.join(lacking)}"
                    found.add(Finding(place.path, place.line, place.line, text), sure=sure)

    def symbol(self, rule: Rule, found: _Found) -> None:
        """A symbol exists, or does not, and is documented."""
        name = rule["symbol"]
        places = self.code.find_symbols(name)
        if not rule.get("exists", True):
            for place in places:
                found.add(Finding(place.path, place.line, place.end_line, f"{place.symbol} exists"))
            return
        for place in self._places(name, found):
            if rule.get("documented") and not self._is_documented(place):
                text = f"{place.symbol} is not documented"
                found.add(Finding(place.path, place.line, place.line, text))

    def documented(self, rule: Rule, found: _Found) -> None:
        """Every public class, function and method of some files has a docstring."""
        spared = set(_listed(rule.get("except")))
        for view in self._views(_listed(rule["documented"]), found):
            for symbol in _public(view):
                if symbol.qualified_name not in spared and not is_documented(view.lines, symbol):
                    text = f"{symbol.qualified_name} is not documented"
                    found.add(Finding(view.path, symbol.line, symbol.line, text))

    def no_import(self, rule: Rule, found: _Found) -> None:
        """No import from some files to others, or of some modules."""
        wanted = rule["no_import"]
        from_ = self._in(_listed(wanted["from"]) or ["*"], found)
        to = self._in(_listed(wanted.get("to")), found)
        with self.resolver.moment() as moment:
            seen = set()
            for edge in moment.imports(filter(from_, self.paths)) if "to" in wanted else ():
                target = edge.target.path
                if to(target) and edge.path != target and (edge.path, edge.line) not in seen:
                    seen.add((edge.path, edge.line))
                    sure = edge.status == "resolved"
                    text = f"{edge.path} {'imports' if sure else 'may import'} {target}"
                    found.add(Finding(edge.path, edge.line, edge.line, text), sure=sure)
            for module in _listed(wanted.get("modules")):
                rows = moment.now.read(
                    """SELECT f.path, i.line, i.module FROM imports i JOIN files f ON f.id = i.file
                    WHERE i.module = ? OR starts_with(i.module, ?) OR starts_with(i.module, ?)""",
                    [module, f"{module}.", f"{module}/"],
                )
                for path, line, name in rows:
                    if from_(path):
                        found.add(Finding(path, line, line, f"{path} imports {name}"))

    def no_text(self, rule: Rule, found: _Found) -> None:
        """No line of some files matches a regular expression."""
        inside = self._in(_listed(rule.get("in")) or ["*"], found)
        offset = 0
        while True:
            page = self.search.find(rule["no_text"], "regex", None, _MOST, offset)
            for hit in page.hits:
                if inside(hit.path):
                    text = shorten(hit.text.strip(), _LONGEST)
                    found.add(Finding(hit.path, hit.line, hit.line, f"matches {rule['no_text']}: {text}"))
            offset += len(page.hits)
            if not page.hits or offset >= page.total:
                return

    def _places(self, name: str, found: _Found, kinds: Collection[str] = ()) -> list[Place]:
        """The definitions that a rule names. Where there is none, that is what is found."""
        places = [p for p in self.code.find_symbols(name) if not kinds or p.kind in kinds]
        if not places:
            near = self.search.symbol(name.rpartition(":")[2]).near
            hint = f"; near names: {', '.join(near)}" if near else ""
            found.add(Finding("", 0, 0, f"no {'type' if kinds else 'symbol'} is named {name}{hint}"))
        return places

    def _below(self, base: Place) -> Iterator[tuple[Place, frozenset[str], bool]]:
        """The classes below one, with the members that they have of themselves and of those between."""
        queue: list[tuple[Place, frozenset[str], bool]] = [(base, frozenset(), True)]
        seen = {(base.path, base.symbol)}
        for above, members, sure in queue:
            with self.resolver.moment() as moment:
                naming = moment.uses(above, ("inherit",))
            for edge in naming:
                if not edge.symbol or (edge.path, edge.symbol) in seen:
                    continue
                seen.add((edge.path, edge.symbol))
                view = self.code.try_view(edge.path)
                symbol = view.symbol(edge.symbol) if view else None
                if view is None or symbol is None:
                    continue
                own = {child.name for child in view.children(view.symbols.index(symbol))}
                heir = Place(
                    view.path, symbol.qualified_name, symbol.kind, symbol.line, symbol.end_line,
                    symbol.signature,
                )  # fmt: skip
                queue.append((heir, members | own, sure and edge.status == "resolved"))
        yield from queue[1:]

    def _is_documented(self, place: Place) -> bool:
        view = self.code.try_view(place.path)
        symbol = view.symbol(place.symbol) if view else None
        return view is not None and symbol is not None and is_documented(view.lines, symbol)

    def _in(self, patterns: Sequence[str], found: _Found) -> Callable[[str], bool]:
        """Whether a path is one of those that a rule is about. Of a pattern without a file it is told."""
        for pattern in patterns:
            if not pattern.startswith("!") and not any(map(matcher([pattern]), self.paths)):
                found.warnings.append(Finding("", 0, 0, f"no file matches {pattern}"))
        return matcher(patterns)

    def _views(self, patterns: Sequence[str], found: _Found) -> Iterator[View]:
        for path in filter(self._in(patterns, found), self.paths):
            if view := self.code.try_view(path):
                yield view


KINDS: dict[str, Callable[[Rules, Rule, _Found], None]] = {
    "no_callers_of": Rules.no_callers_of,
    "subclasses_of": Rules.subclasses_of,
    "symbol": Rules.symbol,
    "documented": Rules.documented,
    "no_import": Rules.no_import,
    "no_text": Rules.no_text,
}
"""Each kind of rule by its first key."""


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path is one of some patterns, which are written as in a .gitignore."""
    spec = _spec(tuple(patterns))
    return lambda path: spec.match_file(path)


@lru_cache(64)
def _spec(patterns: tuple[str, ...]) -> "PathSpec[Any]":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def _listed(value: Any) -> list[str]:
    """One string, several or none, as a list."""
    return [value] if isinstance(value, str) else list(value or ())


def _is_inside(edge: Edge, place: Place) -> bool:
    """Whether a use stands inside what is used: a function that calls itself."""
    return edge.path == place.path and place.line <= edge.line <= place.end_line


def _public(view: View) -> Iterator[Symbol]:
    hidden: set[int] = set()
    for ordinal, symbol in enumerate(view.symbols):
        inner = symbol.parent >= 0 and view.symbols[symbol.parent].kind not in TYPE_KINDS
        if symbol.name.startswith("_") or symbol.parent in hidden or inner:
            hidden.add(ordinal)
        elif symbol.kind in _DOCUMENTED:
            yield symbol


def _by_place(finding: Finding) -> tuple[str, int, str]:
    return finding.path, finding.line, finding.message
