"""Finding code: by exact name, literal text, regular expression, or relevance to a question.

An exact name is never replaced by a similar one: where it does not exist the result is empty, and near
names are offered as such (invariant 10).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from memls.errors import MemlsError
from memls.index import matches
from memls.index.globs import within
from memls.index.matches import FileMatches, Pattern
from memls.index.names import without_receiver
from memls.index.prefixes import beginning
from memls.index.symbols import Named, beside, named, one_of
from memls.text import ASIDE_PATH, TEST_PATH, shorten

if TYPE_CHECKING:
    from memls.database import Reader
    from memls.index.evidence import Weights
    from memls.index.vectors import Near
    from memls.source.files import Source

SearchKind = Literal["auto", "symbol", "text", "regex"]

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*")
_LINE = 200
_ASIDE = ("key", "heading")
_TESTS_LAST = f"regexp_matches({{}}, '{TEST_PATH}')"
_ASIDE_LAST = f"regexp_matches({{}}, '{ASIDE_PATH}')"


@dataclass(frozen=True, slots=True)
class Hit:
    """One place. `symbol` is the qualified name around it, "" at file level; `text` one line to show."""

    path: str
    line: int
    end_line: int
    symbol: str
    kind: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Some hits, best first, of `total` there are. `near` are names like one that does not exist."""

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    near: list[str] = field(default_factory=list)


class Search:
    """Queries on one index. Safe from any thread."""

    def __init__(
        self,
        reader: "Reader",
        weights: "Weights | None" = None,
        source: "Source | None" = None,
        nearest: "Callable[[str], Sequence[Near]] | None" = None,
    ) -> None:
        """`source` is where the lines to show are read: unpacking one text of the index takes 10 ms.

        `nearest` gives the texts that are like a question, by their embeddings.
        """
        self._reader = reader
        self._weights = weights
        self._source = source
        self._nearest = nearest

    def find(
        self,
        query: str,
        kind: SearchKind = "auto",
        path: str | None = None,
        limit: int = 20,
        offset: int = 0,
        *,
        near: bool = True,
    ) -> Found:
        """Hits of one kind; `auto` takes a lone identifier for a symbol, and anything else for a question."""
        if kind == "symbol":
            return self.symbol(query, path, limit, offset, near=near)
        if kind in ("text", "regex"):
            return self.lines(Pattern(kind, query, path), limit, offset)
        if IDENTIFIER.fullmatch(query.strip()):
            exact = self.symbol(query.strip(), path, limit, offset, near=False)
            if exact.hits:
                return exact
        return self.ranked(query, path, limit, offset)

    def symbol(
        self, name: str, path: str | None = None, limit: int = 20, offset: int = 0, *, near: bool = True
    ) -> Found:
        """Definitions named exactly so, or with this dotted suffix; a trailing `*` asks for a prefix.

        Near names are looked for where there are none, unless nobody wants them: that takes longer.
        """
        name = without_receiver(name.strip()).replace("::", ".").replace("#", ".")
        if name.endswith("*"):
            return self._beginning(name[:-1].lower(), path, limit, offset)
        last = name.rpartition(".")[2]
        found = named(self._reader, last, path)
        if "." in name:
            found = [one for one in found if f".{one.name}".endswith(f".{name}")]
        if not found:
            return Found(near=self._near(last) if near else [])
        found.sort(key=_rank)
        hits = [
            Hit(s.path, s.line, s.end_line, s.name, s.kind, 1.0, shorten(s.signature, _LINE))
            for s in found[offset : offset + limit]
        ]
        return Found(hits, len(found))

    def lines(self, pattern: Pattern, limit: int = 20, offset: int = 0) -> Found:
        """Lines that hold a text or match an RE2 pattern: those of code first (`matches`)."""
        rows = matches.lines(self._reader, self._checked(pattern), limit, offset)
        return Found(_line_hits(rows), rows[0][3] if rows else 0)

    def lines_of(self, pattern: Pattern, files: Sequence[str], limit: int, per_file: int = 0) -> list[Hit]:
        """The lines of some files, in the order of `lines`; with `per_file` the first of each."""
        return _line_hits(matches.lines(self._reader, pattern, limit, 0, files, per_file))

    def files_of(self, pattern: Pattern) -> list[FileMatches]:
        """How many lines of which file match, in the order of `lines`. Raises UsageError."""
        return matches.by_file(self._reader, self._checked(pattern))

    def _checked(self, pattern: Pattern) -> Pattern:
        if pattern.kind == "regex":
            self._reader.check_pattern(pattern.query)
        return pattern

    def methods_of(self, path: str, symbol: str, end_line: int) -> list[tuple[str, str, int]]:
        """Path, name and line of a type's methods that stand outside of it, in the files of its folder."""
        rows = self._reader.read(
            f"""SELECT f.path, s.qualified_name, s.line FROM symbols s JOIN files f ON f.id = s.file
            WHERE starts_with(f.path, $1) AND NOT contains(substr(f.path, length($1) + 1), '/')
              AND starts_with(s.qualified_name, $2) AND s.kind IN ('method', 'constructor', 'function')
              AND NOT contains(substr(s.qualified_name, length($2) + 1), '.')
              AND NOT (f.path = $3 AND s.line <= $4 AND EXISTS (
                SELECT 1 FROM symbols t WHERE t.file = s.file AND t.qualified_name = $5
                  AND s.line BETWEEN t.line AND t.end_line))
              AND NOT {_TESTS_LAST.format("f.path")}
            ORDER BY f.path <> $3, f.path, s.line""",
            [path.rpartition("/")[0] + "/" * ("/" in path), symbol + ".", path, end_line, symbol],
        )
        return [(row[0], row[1].rpartition(".")[2], row[2]) for row in rows]

    def namespaces_of(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """The qualified names of the namespaces that files have, of those that have any."""
        rows = self._reader.read(
            """SELECT f.path, s.qualified_name FROM symbols s JOIN files f ON f.id = s.file
            WHERE s.kind = 'namespace' AND f.path IN (SELECT unnest(?::VARCHAR[]))
            ORDER BY f.path, s.ordinal""",
            [sorted(paths)],
        )
        found: dict[str, list[str]] = {}
        for path, name in rows:
            found.setdefault(path, []).append(name)
        return found

    def is_in(self, path: str) -> bool:
        """Whether any file is what `path` says (`globs`)."""
        glob, params = within(path)
        return bool(self._reader.read(f"SELECT 1 FROM files f WHERE true {glob} LIMIT 1", params))

    def ranked(self, question: str, path: str | None = None, limit: int = 20, offset: int = 0) -> Found:
        """The chunks that bear most on a question; names written as code in it count first."""
        from memls.index.evidence import WEIGHTS
        from memls.index.ranking import rank  # the stemmer: not for a look-up

        glob, params = within(path)
        near = self._nearest(question) if self._nearest else ()
        with self._reader.ranking() as now:
            ranked = rank(now, question, glob, params, self._weights or WEIGHTS, near)
        page = ranked[offset : offset + limit]
        hits = [
            Hit(r.path, r.line, r.end_line, r.symbol, r.kind, r.score, shorten(r.signature, _LINE))
            for r in page
        ]
        bare = {r.file for r in page if not r.signature}
        return Found(self._with_text(hits, bare, question), len(ranked))

    def _beginning(self, start: str, path: str | None, limit: int, offset: int) -> Found:
        glob, more = within(path)
        with self._reader.snapshot() as now:
            words = beginning(now, start)
            if words is None:
                condition, params = "starts_with(lower(s.name), ?)", [start]
            else:
                condition, params = one_of("s.word", words)
            rows = now.read(  # in the order of `_rank`: they can be all symbols there are
                f"""SELECT f.path, s.line, s.end_line, s.qualified_name, s.kind, s.signature,
                    count(*) OVER ()
                FROM symbols s JOIN files f ON f.id = s.file WHERE {condition} {glob}
                ORDER BY s.kind IN {_ASIDE}, {_TESTS_LAST.format("f.path")}, {_ASIDE_LAST.format("f.path")},
                    length(s.qualified_name), f.path, s.line, s.ordinal
                LIMIT ? OFFSET ?""",
                [*params, *more, limit, offset],
            )
        hits = [Hit(r[0], r[1], r[2], r[3], r[4], 1.0, shorten(r[5], _LINE)) for r in rows]
        return Found(hits, rows[0][6] if rows else 0)

    def _near(self, name: str) -> list[str]:
        """Names most like one that does not exist (Jaro-Winkler), for the reader to choose from."""
        rows = self._reader.read(
            """SELECT name FROM (SELECT DISTINCT name FROM symbols WHERE abs(length(name) - length(?)) <= 8)
            WHERE jaro_winkler_similarity(lower(name), lower(?)) > 0.86
            ORDER BY jaro_winkler_similarity(lower(name), lower(?)) DESC, name LIMIT 5""",
            [name, name, name],
        )
        return [row[0] for row in rows]

    def _with_text(self, hits: list[Hit], files: set[int], question: str) -> list[Hit]:
        """The hits at file level with the line of theirs that says most of the question."""
        if not files:
            return hits
        texts = self._texts({hit.path for hit in hits if not hit.text}, files)
        from memls.index.question import weighted_terms
        from memls.index.terms import query_terms

        weights = weighted_terms(question)

        def best(hit: Hit, lines: Sequence[str]) -> Hit:
            inside = lines[hit.line - 1 : hit.end_line]
            worth = [sum(weights.get(term, 0.0) for term in set(query_terms(line))) for line in inside]
            text = inside[worth.index(max(worth))] if worth else ""
            return replace(hit, text=shorten(text.strip(), _LINE) or hit.path)

        return [hit if hit.text else best(hit, texts.get(hit.path, [])) for hit in hits]

    def _texts(self, paths: set[str], files: set[int]) -> dict[str, list[str]]:
        """The lines of some files, told by path and by number."""
        if self._source is not None:
            texts = {}
            for path in paths:
                with suppress(MemlsError):  # gone, and said by who checks what is shown
                    texts[path] = (self._source.read(path).text or "").split("\n")
            return texts
        condition, params = one_of("t.file", files)
        rows = self._reader.read(
            f"SELECT f.path, t.text FROM files f JOIN texts t ON t.file = f.id WHERE {condition}", params
        )
        return {path: text.split("\n") for path, text in rows}


def _rank(symbol: Named) -> tuple[Any, ...]:
    """Code before keys and headings, examples and tests last, the shortest name first."""
    aside = symbol.kind in _ASIDE
    return aside, *beside(symbol.path), len(symbol.name), symbol.path, symbol.line, symbol.ordinal


def _line_hits(rows: Sequence[tuple[Any, ...]]) -> list[Hit]:
    return [Hit(r[0], r[1], r[1], r[4], r[5] or "text", 1.0, shorten(r[2].strip(), _LINE)) for r in rows]
