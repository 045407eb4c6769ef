"""What a few letters may mean: files and symbols for completion after `@`.

A name that begins with the letters comes first, then one whose parts do (`gqs` and `get_que` are
`get_queryset`, `QS` is `QuerySet`), then one that has them anywhere, or a path that does.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memls.database import Reader, Row
    from memls.index.layer import Layer

_LONGEST_PARTS = 16
_LOOKED_AT = 400
"""Symbols that are put in order, the shortest of those that match best: nobody types `a` for a long name."""
_SHORT = 1
"""Letters: fewer find enough among the names that begin with them."""
_NAME = re.compile(r"[\w$]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A file (`kind` "file", no symbol) or a symbol, with its lines. `detail` says where it is."""

    kind: str
    path: str
    symbol: str
    start: int
    end: int
    detail: str


def mentions(layer: "Layer", query: str, limit: int) -> list[Mention]:
    """The likeliest first: how well it matches, code before tests, types before fields, the shortest name."""
    query = query.strip().removeprefix("./").replace("::", ".").replace("#", ".")
    if not query:
        return _recent(layer, limit)
    with layer.snapshot() as now:
        rows = _matching(now, query, _BEGINS, limit) if len(query) <= _SHORT else []
        if len(rows) < limit:
            rows = _matching(now, query, _HOLDS, limit)
    return [_mention(row) for row in rows[:limit]]


def _matching(now: "Reader", query: str, condition: str, limit: int) -> "list[Row]":
    """Rows of files and symbols whose name meets the condition, in order."""
    around, _, name = query.rpartition(".")
    rows = now.read(_FILES.format(condition=condition), [*_letters(query), limit])
    if _NAME.fullmatch(query.replace(".", "")) and not query.startswith("."):
        rows += now.read(_SYMBOLS.format(condition=condition), [*_letters(name), limit, around.lower()])
    return sorted(rows, key=lambda row: row[5:])


def _letters(query: str) -> list[str]:
    """What was typed, in lower case; the same with anything in between (LIKE); as the parts of a name."""
    low = query.lower()
    return [low, f"%{'%'.join(low.replace('%', '').replace('_', ''))}%", _parts(query)]


def _recent(layer: "Layer", limit: int) -> list[Mention]:
    """The files that are open, what was edited last first; then what changed last on disk."""
    buffers = {path: layer.overlays.get(path) for path in layer.overlays.paths()}
    versions = {path: content.version or 0 for path, content in buffers.items() if content}
    rows = layer.read(
        "SELECT path, lines FROM files WHERE reason IS NULL ORDER BY mtime_ns DESC, path LIMIT ?",
        [limit + len(versions)],
    )
    opened = layer.read("SELECT path, lines FROM files WHERE list_contains(?, path)", [sorted(versions)])
    opened.sort(key=lambda row: (-versions[row[0]], row[0]))
    found = dict([*opened, *(row for row in rows if row[0] not in versions)])
    return [_mention(("file", path, "", 1, lines)) for path, lines in found.items()][:limit]


def _parts(query: str) -> str:
    """The pattern (RE2) of names in which every letter goes on with a part, or begins the next one."""
    if not _NAME.fullmatch(query) or len(query) > _LONGEST_PARTS:
        return "^$"
    first, others = query[0], query[1:]
    pattern = f"(?:(?:^|[_.-]){_either(first)}|[^A-Z]{re.escape(first.upper())})"
    return pattern + "".join(
        f"(?:{_either(c)}|[^/]*[_.-]{_either(c)}|[^/]*[^A-Z]{re.escape(c.upper())})" for c in others
    )


def _either(letter: str) -> str:
    return f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else re.escape(letter)


def _mention(row: tuple[Any, ...]) -> Mention:
    kind, path, symbol, start, end = row[:5]
    return Mention(kind, path, symbol, start, max(start, end), path if symbol else path.rpartition("/")[0])


_TIER = """CASE WHEN low = $1 OR stem = $1 THEN 0 WHEN starts_with(low, $1) THEN 1
    WHEN regexp_matches(written, $3) THEN 2 WHEN contains(whole, $1) THEN 3 END AS tier"""
_BEGINS, _HOLDS = "starts_with(low, $1)", "whole LIKE $2"
"""The second has all of the first, and is asked where that finds too little: most names have an `e`."""
_ASIDE = r"""regexp_matches({},
    '(^|/)(tests?|vendor|node_modules|third_party)/|(^|/)test_|(_test|\.test|\.spec)\.')"""
_FILES = f"""SELECT 'file', path, '', 1, lines, tier, {_ASIDE.format("path")} AS aside, false,
        length(written) AS length, path FROM (
        SELECT path, lines, written, {_TIER} FROM (
            SELECT path, lines, parse_filename(path) AS written, lower(parse_filename(path)) AS low,
                   lower(path) AS whole, split_part(lower(parse_filename(path)), '.', 1) AS stem
            FROM files WHERE reason IS NULL
        ) WHERE {{condition}} AND ($2 <> '' AND $3 <> '')
    ) WHERE tier IS NOT NULL ORDER BY tier, aside, length, path LIMIT $4"""
_SYMBOLS = f"""WITH named AS (
        SELECT file, kind, qualified_name, line, end_line, {_TIER},
               kind IN ('field', 'attribute', 'variable', 'constant', 'enum_member', 'key') AS minor,
               length(qualified_name) AS length
        FROM (
            SELECT *, name AS written, lower(name) AS low, lower(name) AS whole, lower(name) AS stem
            FROM symbols WHERE $5 = '' OR contains(lower(qualified_name), $5 || '.')
        ) WHERE {{condition}} AND ($2 <> '' AND $3 <> '')
        ORDER BY tier, minor, length, qualified_name, file, line LIMIT {_LOOKED_AT}
    )
    SELECT s.kind, f.path, s.qualified_name, s.line, s.end_line, tier, {_ASIDE.format("f.path")} AS aside,
           minor, length, f.path
    FROM named s JOIN files f ON f.id = s.file WHERE tier IS NOT NULL
    ORDER BY tier, aside, minor, length, f.path, s.line LIMIT $4"""
