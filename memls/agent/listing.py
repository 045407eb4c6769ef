"""Results in lines: what a model sees of many matches, and what it is told of the others.

A result takes no more than what is free, so that it pushes no page out that somebody still reads; the rest
is told by file. Tests are told in a line where code matches too: who wants them asks for them.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from memls.agent.session import Session
from memls.agent.short_names import shortened, shortened_targets
from memls.index.code import Code
from memls.index.matches import DATA, TEST, FileMatches, Pattern
from memls.index.resolve import Edge
from memls.index.search import Found, Hit, Search
from memls.memory.ledger import Row
from memls.text import is_test, plural, shorten, visible
from memls.tokens import count

ROWS = 30
"""Of a text search at once."""
NAMES = re.compile(r"[^\s,]+")
EACH = 8
"""Names of one search by name, and definitions that each has then."""
_FEWEST = 4
"""Rows that a file has at least where many files match."""
LONGEST_ROW, _LONGEST_DATA = 140, 100
_FILES_NAMED, _TESTS_NAMED = 6, 3
_OUTER = ("key", "namespace")
"""Symbols that say nothing of a line in them."""
_LARGE = 40
"""Lines of a definition of which its size is told: its reader may want a part of it."""
_ASKS_FOR_TESTS = re.compile(r"test|spec\b|mock|fixture", re.I)


@dataclass(frozen=True, slots=True)
class Matches:
    """A page of the lines that match, from row `cursor` on.

    `files` have rows, in their order, at most `per_file` each (0: all), and one where they are data beside
    code that matches; `tests` are told in a line.
    """

    hits: Sequence[Hit]
    files: Sequence[FileMatches]
    tests: Sequence[FileMatches]
    per_file: int
    cursor: int

    def rows_of(self, file: FileMatches) -> int:
        if not self.per_file:
            return file.matches
        aside = file.standing == DATA and self.files[0].standing != DATA
        return min(file.matches, 1 if aside else self.per_file)

    @property
    def rows(self) -> int:
        """All that cursors lead to."""
        return sum(self.rows_of(file) for file in self.files)

    @property
    def total(self) -> int:
        return sum(file.matches for file in (*self.files, *self.tests))


def matching(search: Search, pattern: Pattern, cursor: int) -> Matches:
    """The lines that match, a page of them. Raises UsageError where the pattern is none."""
    every = search.files_of(pattern)
    files = [file for file in every if file.standing != TEST]
    if not files or asks_for_tests(f"{pattern.query} {pattern.path or ''}"):
        files = every
    tests = [file for file in every if file.standing == TEST] if files is not every else []
    few = len(files) < 2 or sum(file.matches for file in files) <= ROWS
    among = sum(file.standing != DATA for file in files) or len(files)
    found = Matches((), files, tests, 0 if few else max(_FEWEST, ROWS // among), cursor)
    return replace(found, hits=_page(search, pattern, found))


def _page(search: Search, pattern: Pattern, found: Matches) -> list[Hit]:
    """The rows from the cursor on, of those files alone that have them."""
    wanted: dict[str, int] = {}
    start = skipped = 0
    for file in found.files:
        rows = found.rows_of(file)
        if start + rows > found.cursor and start < found.cursor + ROWS:
            skipped = skipped if wanted else found.cursor - start
            wanted[file.path] = rows
        start += rows
    if not wanted:
        return []
    most = ROWS * max(1, found.per_file) + skipped
    taken: Counter[str] = Counter()
    kept = []
    for hit in search.lines_of(pattern, list(wanted), most, found.per_file):
        taken[hit.path] += 1
        if taken[hit.path] <= wanted[hit.path]:
            kept.append(hit)
    return kept[skipped : skipped + ROWS]


def asks_for_tests(text: str) -> bool:
    return _ASKS_FOR_TESTS.search(text) is not None


def match_listing(session: Session, found: Matches, read_as: str) -> str:
    """The rows that fit, under the totals; those that show a whole line can be cited."""
    data = {file.path for file in found.files if file.standing == DATA}
    hits = shortened(session.repository.search, found.hits)
    lines = [text_line(hit, _LONGEST_DATA if hit.path in data else LONGEST_ROW) for hit in hits]
    last = found.cursor + (fitting := session.listed(lines))
    shown = lines[:fitting]
    session.rows += [
        _row(hit.path, hit.line, hit.text, line) for hit, line in zip(found.hits, shown, strict=False)
    ]
    hidden: list[FileMatches] = []
    row = 0
    for file in found.files:
        listed = min(max(0, last - row), found.rows_of(file))
        row += found.rows_of(file)
        left = file.matches - listed
        if left and listed == found.rows_of(file) and found.cursor < row <= last:
            shown[row - found.cursor - 1] += f" (+{left} in this file)"
        elif left and row > last:
            hidden.append(replace(file, matches=left))
    hidden.sort(key=lambda file: (file.standing, -file.matches))
    files = len(found.files) + len(found.tests)
    head = f"{plural(found.total, 'match')}{read_as}" + (f" in {files} files" if files > 1 else "")
    tests = {file.path: file.matches for file in found.tests}
    told = _tests_and_rest(tests, {file.path: file.matches for file in hidden})
    return "\n".join([_head(head, found.cursor, last, found.rows, fitting < len(lines)), *shown, *told])


@dataclass(frozen=True, slots=True)
class Several:
    """What was found of each of several names, in files of `path`."""

    found: Mapping[str, Found]
    path: str


def several_listing(session: Session, several: Several, nothing: Callable[[str, str, str], str]) -> str:
    """Each name answered for itself; `nothing` says that there is none, and what is near."""
    lines: list[str] = []
    for name, found in several.found.items():
        if not found.hits:
            lines.append(nothing(name, "symbol", several.path))
        more = f" (+{found.total - len(found.hits)} more)" if found.total > len(found.hits) else ""
        rows = hit_lines(session, found.hits)
        lines += [*rows[:-1], *(row + more for row in rows[-1:])]
    definitions = sum(found.total for found in several.found.values())
    head = f"{plural(len(several.found), 'name')}, {plural(definitions, 'definition')}"
    return listing(session, lines, len(lines), 0, head)


def listing(
    session: Session, lines: Sequence[str], total: int, cursor: int, head: str, beyond: Sequence[str] = ()
) -> str:
    """Lines as far as they fit, under a head that says which of `total` they are and how to get more.

    `beyond` are lines that follow, of which only the files are told in any case.
    """
    shown = lines[: session.listed(lines)]
    rest = _rest([*lines[len(shown) :], *beyond])
    little = len(shown) < len(lines)
    return "\n".join([_head(head, cursor, cursor + len(shown), total, little), *shown, *rest])


def sure_and_not(edges: Sequence[Edge], tests: Sequence[Edge]) -> str:
    """`2 resolved, 9 only candidates by name (4 in tests)`: so that the rows add up to it."""

    def counted(some: Sequence[Edge]) -> tuple[int, int]:
        sure = sum(edge.status == "resolved" for edge in some)
        return sure, len(some) - sure

    (sure, guessed), (sure_tests, guessed_tests) = counted(edges), counted(tests)
    told = f"{sure} resolved{_in_tests(sure_tests)}"
    return f"{told}, {guessed} only candidates by name{_in_tests(guessed_tests)}"


def _in_tests(number: int) -> str:
    return f" ({number} in tests)" if number else ""


def edge_listing(
    session: Session, edges: Sequence[Edge], page: tuple[int, int], head: str, *, outgoing: bool
) -> str:
    """Uses, each with its line of code, which can be cited where it is whole.

    `page` is the first row and how many at most: texts are read for these alone.
    """
    cursor, most = page
    lines, rows = [], []
    seen: set[tuple[str, int]] = set()
    shorten_names = shortened_targets if outgoing else shortened
    for edge in shorten_names(session.repository.search, edges[cursor : cursor + most]):
        line, place = edge_line(edge, outgoing), (edge.path, edge.line)
        text = "" if place in seen else _code(session.repository.code, *place)
        seen.add(place)
        lines.append(line + visible(f" | {shorten(text, LONGEST_ROW)}") if text else line)
        if text:
            rows.append(_row(*place, text, lines[-1]))
    beyond = [edge_line(edge, outgoing) for edge in edges[cursor + most :]]
    shown = listing(session, lines, len(edges), cursor, head, beyond)
    session.rows += rows
    return shown


def _row(path: str, line: int, text: str, shown: str) -> Row:
    """A row as the ledger is to know it: whole where all of the line stands in it as it is."""
    return Row(path, line, text, shown, shown == visible(shown) and f"| {text}" in shown)


def test_lines(session: Session, tests: Sequence[Edge]) -> list[str]:
    """Uses in tests by file, with the names of some: what is only a candidate by itself."""
    told = []
    edges = shortened(session.repository.search, tests)
    for status, title in (("resolved", "in tests"), ("candidate", "in tests, CANDIDATES")):
        names: dict[str, list[str]] = {}
        for edge in edges:
            if edge.status == status:
                names.setdefault(edge.path, []).append(edge.symbol)
        if names:
            files = [f"{path} ({_some(of)})" for path, of in list(names.items())[:_FILES_NAMED]]
            more = [f"{len(names) - _FILES_NAMED} more files"] if len(names) > _FILES_NAMED else []
            told.append(visible(f"{title}: {'; '.join(files + more)}"))
    return told


def _some(symbols: Sequence[str]) -> str:
    """`9: TestA, TestB, TestC, …`: how many, and who."""
    names = list(dict.fromkeys(filter(None, symbols)))
    named = names[:_TESTS_NAMED] + ["…"] * (len(names) > _TESTS_NAMED)
    return f"{len(symbols)}: {', '.join(named)}" if names else str(len(symbols))


def split_tests(edges: Sequence[Edge], symbol: str) -> tuple[list[Edge], list[Edge]]:
    """The uses to show and those in tests, which are shown too where they are all, or asked for."""
    source = [edge for edge in edges if not is_test(edge.path, edge.symbol)]
    if not source or asks_for_tests(symbol):
        return list(edges), []
    return source, [edge for edge in edges if is_test(edge.path, edge.symbol)]


def hit_lines(session: Session, hits: Sequence[Hit]) -> list[str]:
    """A line for each definition or chunk."""
    return [hit_line(session.repository.code, hit) for hit in shortened(session.repository.search, hits)]


def hit_line(code: Code, hit: Hit, lines: Sequence[int] = ()) -> str:
    """A definition or a chunk, as a target of page_in with what it is; of a large one the size.

    `lines` are those of it that bear on what is asked.
    """
    what = hit.symbol or f"| {shorten(hit.text, 100)}"
    return visible(f"{hit.path}:{hit.line}-{hit.end_line} {hit.kind} {what}{size(code, hit, lines)}")


def size(code: Code, hit: Hit, lines: Sequence[int] = ()) -> str:
    """` (~1100 tokens; lines 987, 1023)` of what is large, "" of all else."""
    if hit.end_line - hit.line < _LARGE or hit.kind == "text":
        return ""
    tokens = count("\n".join(code.lines(hit.path)[hit.line - 1 : hit.end_line]))
    see = f"; lines {', '.join(map(str, lines))}" if lines else ""
    return f" (~{max(50, round(tokens, -2))} tokens{see})"


def text_line(hit: Hit, longest: int = LONGEST_ROW) -> str:
    """A line that holds a text or matches a pattern, with the symbol around it."""
    inside = f" (in {hit.symbol})" if hit.symbol and hit.kind not in _OUTER else ""
    return visible(f"{hit.path}:{hit.line} | {shorten(hit.text, longest)}{inside}")


def edge_line(edge: Edge, outgoing: bool) -> str:
    """A use: where it stands, or what it leads to."""
    reason = edge.reason if edge.status == "resolved" else "CANDIDATE"
    if outgoing:
        what = f"{edge.target.path}:{edge.target.line} {edge.target.symbol} (line {edge.line}"
        return visible(f"{what}, {reason})")
    inside = f" in {edge.symbol}" if edge.symbol else ""
    return visible(f"{edge.path}:{edge.line}{inside} ({edge.role}, {reason})")


def _code(code: Code, path: str, line: int) -> str:
    lines = code.lines(path)
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _head(head: str, cursor: int, last: int, total: int, little: bool) -> str:
    part = f"; {cursor + 1}-{last} of {total} shown" if cursor or last < total else ""
    room = " (little room: narrow it)" if little else ""
    return f"{head}{part}{room}" + (f", for more: cursor {last}" if last < total else "")


def _tests_and_rest(tests: Mapping[str, int], rest: Mapping[str, int]) -> list[str]:
    told = ((f"in tests (path shows them): {_files(tests)}", tests), (f"not shown: {_files(rest)}", rest))
    return [visible(line) for line, files in told if files]


def _files(counts: Mapping[str, int]) -> str:
    named = [f"{path} ({number})" for path, number in list(counts.items())[:_FILES_NAMED]]
    others = list(counts.values())[_FILES_NAMED:]
    return ", ".join(named) + (f", and {sum(others)} in {plural(len(others), 'more file')}" if others else "")


def _rest(lines: Sequence[str]) -> list[str]:
    """The files of lines that are not shown, with how many each: what is not named is not there."""
    if not lines:
        return []
    files = Counter(line.strip().partition(":")[0] for line in lines if ":" in line)
    return [f"{len(lines)} more not shown" + (f", in {_files(dict(files.most_common()))}" if files else "")]
