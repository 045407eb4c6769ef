"""Questions that make a good start in a repository, from its index alone: always the same for the same code.

They ask for what holds the code together: where it starts, the type that most of it uses, the class that most
others extend, the function that is called from most places. What only tests, examples or vendored code use
does not count, and neither does a name that stands for several things.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memls.index.code import Code, Place

if TYPE_CHECKING:
    from memls.database import Snapshot
    from memls.index.layer import Layer
    from memls.index.resolve import Edge, Resolver

_MOST, _LONGEST = 3, 90
_FEW_MAINS = 3
_CANDIDATES, _TALL = 600, 6
_SUBCLASSES, _USERS = 3, 2
_TRIED = 6
"""Of the likeliest of a sort: so many are looked at closely."""
_ASIDE = (
    r"(^|/)(tests?|testing|testdata|__tests__|specs?|docs?|examples?|samples?|fixtures?|vendor|third_party|"
    r"staging|node_modules|benchmarks?|generated|contrib|tools?|scripts?|hack|dist|build)/|"
    r"(^|/)(test_|conftest|setup\.|zz_generated)|(_test|\.test|\.spec|\.min|\.pb|\.d)\.[a-z]+$"
)
_CALLABLE, _TYPES = ("function",), ("class", "interface", "struct", "trait", "type")
_DATA = ("interface", "struct", "type")
_COMPOUND = re.compile(r"[a-z0-9][A-Z]|[A-Za-z0-9]_[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class _Known:
    """A definition with how many files use it, and how many classes extend it."""

    name: str
    kind: str
    path: str
    height: int
    users: int
    heirs: int

    @property
    def weight(self) -> float:
        """Used in many places, and with something in it to explain."""
        return round(self.users * math.sqrt(self.height), 3)


def suggestions(layer: "Layer", code: Code, resolver: "Resolver") -> list[str]:
    """Three questions at most; none where there is nothing to ask about."""
    with layer.snapshot() as now:
        known, start, headings = _known(now), list(_start(now)), list(_headings(now))
        rest = list(_any_code(now, {one.name for one in known}))
    sure = _Sure(code, resolver)
    asked = dict.fromkeys(start)
    for question in (*_about(known, sure), *rest, *headings):
        if len(asked) == _MOST:
            break
        if len(question) < _LONGEST:
            asked[question] = None
    return list(asked)


@dataclass(frozen=True, slots=True)
class _Sure:
    """What is certainly so: a name that many files use may be another's of the same name."""

    code: Code
    resolver: "Resolver"

    def is_used(self, known: _Known) -> bool:
        """Whether most of the files that seem to use a definition do."""
        return 2 * len(self._files(known, self.resolver.references)) > known.users

    def is_extended(self, known: _Known) -> bool:
        """The same of the classes that seem to extend one."""
        return len(self._files(known, self.resolver.implementations)) >= min(_SUBCLASSES, known.heirs)

    def _files(self, known: _Known, find: "Callable[[Place], list[Edge]]") -> set[str]:
        places = self.code.find_symbols(f"{known.path}:{known.name}", 1)
        edges = find(places[0]) if places else []
        return {edge.path for edge in edges if edge.status == "resolved"} - {known.path}


def _about(known: list[_Known], sure: _Sure) -> Iterator[str]:
    types = [one for one in known if one.kind in _TYPES and one.name[:1].isupper()]
    bases = sorted(
        (one for one in types if one.heirs >= _SUBCLASSES),
        key=lambda one: (-one.heirs * math.sqrt(one.height), one.name),
    )
    types.sort(key=lambda one: (-one.weight, one.name))
    functions = [one for one in known if one.kind in _CALLABLE and _COMPOUND.search(one.name)]
    functions.sort(key=lambda one: (-one.weight, one.name))
    core = next(filter(sure.is_used, types[:_TRIED]), None)
    base = next((one for one in bases[:_TRIED] if one is not core and sure.is_extended(one)), None)
    function = next(filter(sure.is_used, functions[:_TRIED]), None)
    if core:
        yield _of_type(core)
    if base:
        yield f"What does `{base.name}` do for the classes that extend it?"
    if function:
        yield f"What does `{function.name}` do, and where is it used?"
    yield from (_of_type(one) for one in types[:_TRIED] if one not in (core, base) and sure.is_used(one))


def _of_type(known: _Known) -> str:
    if known.kind in _DATA:
        return f"What does `{known.name}` hold, and which code changes it?"
    return f"How does `{known.name}` work, and what relies on it?"


def _start(now: "Snapshot") -> Iterator[str]:
    """Where a program begins, if that is one place: a repository of forty programs has no such."""
    rows = now.read(
        f"""SELECT f.path FROM symbols s JOIN files f ON f.id = s.file
        WHERE s.name = 'main' AND s.kind = 'function' AND NOT regexp_matches(f.path, ?)
        ORDER BY len(string_split(f.path, '/')), s.line - s.end_line, f.path LIMIT {_FEW_MAINS + 1}""",
        [_ASIDE],
    )
    if 0 < len(rows) <= _FEW_MAINS:
        yield f"What happens when `main` in {rows[0][0]} runs, step by step?"


def _known(now: "Snapshot") -> list[_Known]:
    """Names that mean one thing, and are used by files of its language."""
    rows = now.read(
        f"""WITH code AS MATERIALIZED (
            SELECT id, path, language FROM files
            WHERE reason IS NULL AND language IS NOT NULL AND NOT regexp_matches(path, ?)
        ), one AS MATERIALIZED (
            SELECT s.name, any_value(s.kind) AS kind, any_value(s.file) AS file,
                   any_value(s.end_line - s.line + 1) AS height, any_value(code.language) AS language,
                   any_value(code.path) AS path, any_value(s.word) AS word
            FROM symbols s JOIN code ON code.id = s.file
            WHERE s.kind NOT IN ('field', 'attribute', 'variable')
            GROUP BY s.name HAVING count(*) = 1
        ), worth AS MATERIALIZED (
            SELECT * FROM one WHERE list_contains(?, kind) AND height >= {_TALL} AND length(name) > 3
              AND NOT starts_with(name, '_')
            ORDER BY height DESC, name LIMIT {_CANDIDATES}
        )
        SELECT worth.name, worth.kind, worth.path, worth.height, count(DISTINCT r.file) AS users,
               count(*) FILTER (r.role = 'inherit') AS heirs
        FROM worth JOIN refs r ON r.tag = (worth.word & 65535)::USMALLINT AND r.name = worth.name
        JOIN code ON code.id = r.file AND code.language = worth.language
        WHERE r.file <> worth.file OR r.role = 'inherit'
        GROUP BY ALL HAVING users >= {_USERS} ORDER BY worth.name""",
        [_ASIDE, [*_CALLABLE, *_TYPES]],
    )
    return [_Known(*row) for row in rows]


def _any_code(now: "Snapshot", known: set[str]) -> Iterator[str]:
    """Of a repository too small for more: its largest definitions."""
    rows = now.read(
        """SELECT s.name, s.kind FROM symbols s JOIN files f ON f.id = s.file
        WHERE s.parent = -1 AND s.name <> 'main'
          AND list_contains(?, s.kind) AND NOT regexp_matches(f.path, ?)
        ORDER BY s.line - s.end_line, f.path, s.line LIMIT ?""",
        [[*_CALLABLE, *_TYPES], _ASIDE, _MOST],
    )
    for name, kind in rows:
        if name not in known:
            yield f"What does `{name}` do?" if kind in _CALLABLE else f"What is `{name}` for?"


def _headings(now: "Snapshot") -> Iterator[str]:
    """Of a repository without code: what its README has chapters on."""
    rows = now.read(
        r"""SELECT f.path, regexp_extract_all(t.text, '(?m)^##+ +([A-Za-z][^\n#`\[<]*)', 1)
        FROM files f JOIN texts t ON t.file = f.id
        WHERE regexp_matches(f.path, '(?i)^readme\.(md|markdown)$') ORDER BY f.path LIMIT 1"""
    )
    for path, headings in rows:
        for heading in headings[:_MOST]:
            yield f"What does {path} say about {heading.strip()}?"
