"""Lines that hold a text or match a pattern: in which order, and how many in which file.

Code comes first, then prose and what is beside the matter, then tests, then data and what is generated: a
word of the code stands in a lock file or a fixture a hundred times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from memls.index.globs import within
from memls.text import ASIDE_PATH, GENERATED_PATH, TEST_PATH

if TYPE_CHECKING:
    from memls.database import Reader

CODE, PROSE, TEST, DATA = range(4)
"""Where files stand among others that match."""

_DATA_PATH = r"\.(json[5lc]?|ya?ml|toml|lock|svg|csv|tsv|xml|map|snap|ipynb|po|plist|sum)$|" + GENERATED_PATH
_EXTENT = "(s.end_line - s.line)::BIGINT << 32 | s.ordinal"
"""The smallest symbol around a line is the least; of two that are as large, the first."""

_CONDITIONS = {"text": "contains({column}, ?)", "regex": "regexp_matches({column}, ?)"}


@dataclass(frozen=True, slots=True)
class FileMatches:
    """How many lines of a file match, and where it stands: CODE, PROSE, TEST or DATA."""

    path: str
    standing: int
    matches: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """What lines are looked for, and in which files (`globs`)."""

    kind: Literal["text", "regex"]
    query: str
    path: str | None = None


def lines(
    reader: "Reader",
    pattern: Pattern,
    limit: int,
    offset: int = 0,
    files: Sequence[str] | None = None,
    per_file: int = 0,
) -> list[tuple[Any, ...]]:
    """Rows of path, line, text, total, symbol and kind around; files that cannot match are left out first.

    With `files` only of those, with `per_file` only so many of each.
    """
    found, params = _found(pattern, files)
    some = f"QUALIFY row_number() OVER (PARTITION BY id ORDER BY line) <= {int(per_file)}" if per_file else ""
    sql = f"""
        {found}, page AS (
            SELECT * FROM found {some} ORDER BY standing, path, line LIMIT ? OFFSET ?
        )
        SELECT page.path, page.line, page.text, (SELECT count(*) FROM found),
               coalesce(arg_min(s.qualified_name, {_EXTENT}), ''),
               coalesce(arg_min(s.kind, {_EXTENT}), ''), page.standing
        FROM page LEFT JOIN symbols s
          ON s.file = page.id AND s.line <= page.line AND s.end_line >= page.line
          AND s.kind <> 'attribute'
        GROUP BY ALL ORDER BY page.standing, page.path, page.line"""
    return reader.read(sql, [*params, limit, offset])


def by_file(reader: "Reader", pattern: Pattern) -> list[FileMatches]:
    """Every file that has such lines, in the order of `lines`."""
    found, params = _found(pattern, None)
    rows = reader.read(
        f"{found} SELECT path, standing, count(*) FROM found GROUP BY ALL ORDER BY standing, path", params
    )
    return [FileMatches(*row) for row in rows]


def _found(pattern: Pattern, files: Sequence[str] | None) -> tuple[str, list[Any]]:
    """The lines that match, as the tables `hit`, `cut` and `found` of a query, and the parameters."""
    condition = _CONDITIONS[pattern.kind]
    query = f"(?m){pattern.query}" if pattern.kind == "regex" else pattern.query
    glob, params = within(pattern.path)
    only = "" if files is None else "AND f.path IN (SELECT unnest(?::VARCHAR[]))"
    sql = f"""
        WITH hit AS MATERIALIZED (
            SELECT f.id, f.path, t.text, {_standing()} AS standing FROM texts t JOIN files f ON f.id = t.file
            WHERE {condition.format(column="t.text")} {glob} {only}
        ), cut AS (
            SELECT id, path, standing, unnest(string_split(text, chr(10))) AS text,
                   generate_subscripts(string_split(text, chr(10)), 1) AS line FROM hit
        ), found AS MATERIALIZED (
            SELECT id, path, standing, line, text FROM cut WHERE {condition.format(column="text")}
        )"""
    return sql, [query, *params, *([] if files is None else [list(files)]), query]


@cache
def _standing() -> str:
    from memls.source.languages import languages

    text = {name: language for name, language in languages().items() if language.text}
    data = ", ".join(f"'{name}'" for name, language in sorted(text.items()) if language.max_symbols)
    prose = ", ".join(f"'{name}'" for name, language in sorted(text.items()) if not language.max_symbols)
    return f"""CASE WHEN f.language IN ({data}) OR regexp_matches(f.path, '{_DATA_PATH}') THEN {DATA}
        WHEN regexp_matches(f.path, '{TEST_PATH}') THEN {TEST}
        WHEN f.language IS NULL OR f.language IN ({prose}) OR regexp_matches(f.path, '{ASIDE_PATH}')
        THEN {PROSE} ELSE {CODE} END"""
