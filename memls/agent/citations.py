"""Citations: found in an answer, and checked against what was read and what the code says now.

A citation is `[path:start-end]`. It is `verified` when its lines were read while answering and still say
the same, `moved` when the same text stands elsewhere now, `stale` when the text read is gone, and
`unverified` when those lines were never read (or do not exist). Never silently wrong (invariant 3).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from memls.events import Citation, CitationStatus
from memls.index.code import Code, View
from memls.memory.drift import map_lines
from memls.memory.ledger import Ledger, Reading
from memls.memory.pages import PageTable
from memls.text import digest, plural

_RANGE = r"L?(\d{1,9})(?:\s*[-–—]\s*L?(\d{1,9}))?"
_BRACKET = re.compile(r"\[([^\[\]\n]{1,500}?(?::|#)L?\d[^\[\]\n]{0,300})\]")
_BARE = re.compile(rf"(?<![\w/.\\:])((?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z]\w*)(?::|#)(?=L?\d){_RANGE}")
_ITEM = re.compile(rf"^\s*`?(?:(?P<path>.*?\S)(?::|#))?(?=L?\d){_RANGE}(?::\d{{1,5}})?`?\s*$")
_AFTER_LINES = re.compile(r"(?<=\d)`?\s*[,;]\s*|(?<=\d)`?\s(?:and|&)\s")
_CITED_PATH = re.compile(r"(?<![^\s`,;])([\w.@+/-]+)(?=(?::|#)L?\d)")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1[`~]*[ \t]*$", re.M | re.S)
_HOST = re.compile(r"[\w.-]+\.(?:com|org|net|io|dev|local)", re.I)
_LONGEST_RANGE = 2000
_SPANS = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A citation as the answer writes it, lines from 1, both included."""

    path: str
    start: int
    end: int


def mentions(answer: str) -> list[Mention]:
    """Citations of an answer, each once, in the order they stand there. Code blocks are left out.

    Inside brackets several may stand together: `[a.py:1-3, 9; b.py:4]`. Outside, `a.py:1-3` counts too.
    """
    text = _FENCE.sub("", answer)
    found: list[tuple[int, Mention]] = []
    spans = []
    for match in _BRACKET.finditer(text):
        inside = list(_bracketed(match.group(1)))
        found += [(match.start(), mention) for mention in inside]
        if inside:
            spans.append(match.span())
    for match in _BARE.finditer(text):
        inside_bracket = any(start <= match.start() < end for start, end in spans)
        if not inside_bracket and not _HOST.fullmatch(match.group(1)):
            found.append((match.start(), _mention(match.group(1), match.group(2), match.group(3))))
    return list(dict.fromkeys(mention for _, mention in sorted(found, key=lambda pair: pair[0])))


def written_out(answer: str, pages: PageTable, ledger: Ledger) -> str:
    """An answer with whole paths in the place of what its citations have for short.

    That is a page's handle (`[p3:4-9]`), or the last parts of a path that is the only one read with them
    (`[cart.ts:4]`). A path of twenty tokens after each claim is a third of an answer.
    """

    def path_of(match: re.Match[str]) -> str:
        page = pages.get(match.group(1))
        return page.region.path if page else _whole(match.group(1), ledger)

    return _BRACKET.sub(lambda inside: f"[{_CITED_PATH.sub(path_of, inside.group(1))}]", answer)


def check(answer: str, code: Code, ledger: Ledger) -> tuple[Citation, ...]:
    """Every citation of the answer with its status."""
    return tuple(_check_one(mention, code, ledger) for mention in mentions(answer))


def failures(citations: Sequence[Citation]) -> list[str]:
    """Those that the model should mend, each with the reason."""
    return [
        f"[{c.path}:{c.cited_start}-{c.cited_end}] {c.reason}"
        for c in citations
        if c.status in ("stale", "unverified")
    ]


def _bracketed(text: str) -> Iterator[Mention]:
    """Several by their separators; where that gives something else, one, whose path has such in its name."""
    items = [_ITEM.match(item) for item in re.split(r"[,;]|\s(?:and|&)\s", text)]
    if not all(items):
        items = [_ITEM.match(item) for item in _AFTER_LINES.split(text)]
    path = ""
    for match in items:
        if not match:
            return
        path = (match.group("path") or path).strip().strip("`")
        if re.search(r"[^\W\d_]", path):  # not a time or a version
            yield _mention(path, match.group(2), match.group(3))


def _mention(path: str, start: str, end: str | None) -> Mention:
    first, last = int(start), int(end or start)
    path = path if re.match(r"[A-Za-z]:\\", path) else path.replace("\\", "/")
    return Mention(path.removeprefix("./"), min(first, last), max(first, last))


def _check_one(mention: Mention, code: Code, ledger: Ledger) -> Citation:
    path = _whole(mention.path, ledger)
    readings = ledger.readings(path)
    view = code.try_view(path)
    rows = ledger.rows(path)
    if view is None and not readings and " " in path:  # [see a.py:3]
        return _check_one(replace(mention, path=path.rsplit(" ", 1)[1]), code, ledger)
    if view is not None and not _missing(mention, lambda n: _is_as_seen(n, view, readings, rows)):
        return _result(mention, path, view, "verified", "")
    reading = next((r for r in readings if _reads(r, mention)), None)
    if reading is None:
        reason = _cut_short(mention, ledger.cut(path)) or _unread(mention, readings, rows, view)
        return _result(mention, path, view, "unverified", reason)
    return _compare(mention, path, reading, view, code)


def _is_as_seen(number: int, view: View, readings: Sequence[Reading], rows: Mapping[int, str]) -> bool:
    """Whether a line stood in a page, or whole in a row, as it still is."""
    if not 0 < number <= len(view.lines):
        return False
    text = view.lines[number - 1]
    return rows.get(number) == text.strip() or any(reading.lines.get(number) == text for reading in readings)


def _missing(mention: Mention, is_seen: Callable[[int], bool]) -> list[int]:
    """The lines of a citation that were not seen. Of one that is too long the last is not, by definition."""
    last = min(mention.end, mention.start + _LONGEST_RANGE)
    return [
        n for n in range(mention.start, last + 1) if n == mention.start + _LONGEST_RANGE or not is_seen(n)
    ]


def _whole(path: str, ledger: Ledger) -> str:
    """A path cited without its first folders, where only one file that was read ends so."""
    known = ledger.paths()
    matches = [] if path in known else [one for one in known if one.endswith("/" + path)]
    return matches[0] if len(matches) == 1 else path


def _reads(reading: Reading, mention: Mention) -> bool:
    return mention.end - mention.start < _LONGEST_RANGE and reading.covers(mention.start, mention.end)


def _compare(mention: Mention, path: str, reading: Reading, view: View | None, code: Code) -> Citation:
    seen = reading.text(mention.start, mention.end)
    if view is not None and view.text(mention.start, mention.end) == seen and mention.end <= len(view.lines):
        return _result(mention, path, view, "verified", "")
    for current in [view, *(code.try_view(other) for other in code.paths_with_hash(reading.view_hash))]:
        place = _find(seen, mention, current, reading) if current else None
        if current and place:
            return Citation(
                current.path, *place, digest(seen), "moved", mention.start, mention.end, "the code moved"
            )
    return _result(mention, path, view, "stale", "the code changed after it was read")


def _find(seen: str, mention: Mention, view: View, reading: Reading) -> tuple[int, int] | None:
    """Where the text that was read stands now: by diff where the old file is known, else the only match."""
    height = mention.end - mention.start + 1
    old = [reading.lines.get(number, "\0") for number in range(1, max(reading.lines) + 1)]
    mapped = map_lines(old, view.lines, mention.start, mention.end)
    if mapped and view.text(*mapped) == seen:
        return mapped
    if not seen.strip():
        return None
    first = seen.split("\n", 1)[0]
    starts = [
        n for n, line in enumerate(view.lines, 1) if line == first and view.text(n, n + height - 1) == seen
    ]
    return (starts[0], starts[0] + height - 1) if len(starts) == 1 else None


def _cut_short(mention: Mention, cut: Collection[int]) -> str:
    """Of one line that a row showed the beginning of."""
    is_cut = mention.start == mention.end and mention.start in cut
    return f"only the beginning of line {mention.start} was shown: page it in" if is_cut else ""


def _unread(mention: Mention, readings: Sequence[Reading], rows: Mapping[int, str], view: View | None) -> str:
    """Which of the lines were not seen, and which were: their reader can do with these, or read those."""
    if view is None and not readings:
        return "no such file"
    if view is not None and mention.start > len(view.lines):
        return f"the file has only {plural(len(view.lines), 'line')}"
    missing = _missing(mention, lambda n: n in rows or any(n in reading.lines for reading in readings))
    seen = sorted(set(range(mention.start, mention.end + 1)[:_LONGEST_RANGE]).difference(missing))
    if not seen:
        return "these lines were never paged in"
    if not missing:
        return "these lines were read before and after a change: page them in again"
    return f"of these lines {_spans(missing)} were never shown to you; {_spans(seen)} were"


def _spans(numbers: Sequence[int]) -> str:
    """`711-712, 716`, a few of them."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [f"{first}-{last}" if last > first else str(first) for first, last in spans]
    return ", ".join(told[:_SPANS] + ["…"] * (len(told) > _SPANS))


def _result(mention: Mention, path: str, view: View | None, status: CitationStatus, reason: str) -> Citation:
    text = view.text(mention.start, mention.end) if view else ""
    known = digest(text) if view and mention.start <= len(view.lines) else ""
    return Citation(
        path,
        mention.start,
        mention.end,
        known,
        status,
        mention.start,
        mention.end,
        reason,
    )
