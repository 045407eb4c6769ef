"""A file as chunks of a size worth ranking: one for each function and type, the rest by paragraphs.

Each line belongs to the innermost function or type around it (functions inside functions stay whole), so
a class is its own lines without its methods'. What no symbol owns (module code, prose, configuration)
is cut at blank lines.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from memls.index.terms import WORD
from memls.source.languages import texts
from memls.source.outline import Outline, Symbol
from memls.text import identity

_TYPES = ("class", "struct", "interface", "trait", "enum", "union", "component")
_OWNERS = frozenset(("function", "method", "constructor", "macro", *_TYPES))
_FUNCTIONS = frozenset(("function", "method", "constructor"))
_COMMENT = ("#", "//", "/*", "*", "--", "///")
_SOFT, _SOFT_PROSE, _HARD = 30, 12, 60
"""Unowned lines are cut at headings, at the first blank line after _SOFT lines, at _HARD in any case."""
_BODY = 2
_PART = 120
"""A longer function is ranked by parts of this many lines."""

_NAME, _CONTAINER, _DOCSTRING, _FILE_NAME, _FOLDER, _HEADING = 5, 3, 1, 3, 1, 2
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+.])\1{2,}\s*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines from 1, both ends included. `ordinal` is the symbol's in the outline, -1 for unowned lines.

    `words` counts the words of the text; those of its name, path and documentation count more. `text` is
    the number of its symbol's name and its lines.
    """

    ordinal: int
    line: int
    end_line: int
    words: dict[str, int]
    text: int


def chunk(path: str, outline: Outline, lines: Sequence[str]) -> Iterator[Chunk]:
    """All chunks of a file that have any words."""
    around = _path_words(path)
    is_code = outline.language and outline.language not in texts()
    headings = {} if is_code else _headings(lines)
    soft = _SOFT if is_code else _SOFT_PROSE
    owner = _owners(outline.symbols, lines)
    owned: dict[int, list[int]] = {}
    for number, ordinal in enumerate(owner):
        owned.setdefault(ordinal, []).append(number)
    for ordinal, numbers in owned.items():
        pieces = _pieces(numbers, lines, soft, headings) if ordinal < 0 else _parts(numbers)
        for piece in pieces:
            text = "\n".join(
                lines[piece[0] : piece[-1] + 1] if _whole(piece) else [lines[number] for number in piece]
            )
            counts = Counter(WORD.findall(text))
            if not counts:
                continue
            name = outline.symbols[ordinal].qualified_name if ordinal >= 0 else ""
            for word, weight in around:
                counts[word] += weight
            for word in WORD.findall(_heading_of(headings, piece[0])):
                counts[word] += _HEADING
            if ordinal >= 0:
                _add_symbol(counts, outline.symbols, ordinal)
            yield Chunk(ordinal, piece[0] + 1, piece[-1] + 1, counts, identity(f"{name}\n{text}"))


def _whole(piece: Sequence[int]) -> bool:
    return piece[-1] - piece[0] + 1 == len(piece)


def _path_words(path: str) -> list[tuple[str, int]]:
    folder, _, name = path.rpartition("/")
    words = [(word, _FILE_NAME) for word in WORD.findall(name.rsplit(".", 1)[0])]
    return words + [(word, _FOLDER) for word in WORD.findall(folder)]


def _add_symbol(counts: Counter[str], symbols: Sequence[Symbol], ordinal: int) -> None:
    symbol = symbols[ordinal]
    container = symbol.qualified_name.rpartition(".")[0]
    for text, weight in ((symbol.name, _NAME), (container, _CONTAINER), (symbol.docstring, _DOCSTRING)):
        for word in WORD.findall(text):
            counts[word] += weight


def _owners(symbols: Sequence[Symbol], lines: Sequence[str]) -> list[int]:
    """For each line the ordinal of the symbol whose chunk it belongs to, or -1."""
    owner = [-1] * len(lines)
    inside_function = [False] * len(symbols)
    for ordinal, symbol in enumerate(symbols):
        above = symbol.parent
        inside = above >= 0 and (inside_function[above] or symbols[above].kind in _FUNCTIONS)
        inside_function[ordinal] = inside
        if inside or not (symbol.kind in _OWNERS or _is_computed(symbol)):
            continue
        first = _with_comments(symbol.line - 1, owner, lines)
        last = min(symbol.end_line, len(lines))
        owner[first:last] = [ordinal] * max(0, last - first)
    return owner


def _is_computed(symbol: Symbol) -> bool:
    """Whether a property has a body of its own."""
    return symbol.kind == "property" and symbol.end_line - symbol.line >= _BODY


def _with_comments(first: int, owner: Sequence[int], lines: Sequence[str]) -> int:
    """The first line of the comment that stands directly above line `first`."""
    outer = owner[first] if first < len(owner) else -1
    while first > 0 and owner[first - 1] == outer and lines[first - 1].lstrip().startswith(_COMMENT):
        first -= 1
    return first


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _PART):
        yield numbers[start : start + _PART]


def _headings(lines: Sequence[str]) -> dict[int, str]:
    """The headings of prose by line (from 0): `# …`, or underlined."""
    found: dict[int, str] = {}
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        underlined = bool(line.strip()) and bool(_UNDERLINE.fullmatch(following))
        if line.startswith("#") or (underlined and not _UNDERLINE.fullmatch(line)):
            found[number] = line.strip("# \t")
    return found


def _heading_of(headings: Mapping[int, str], number: int) -> str:
    """The heading that a line stands under."""
    return headings[max(above)] if (above := [n for n in headings if n <= number]) else ""


def _pieces(
    numbers: list[int], lines: Sequence[str], soft: int, headings: Mapping[int, str]
) -> Iterator[list[int]]:
    """Unowned lines cut where they are interrupted, at headings and at blank lines."""
    piece: list[int] = []
    for number in numbers:
        blank = not lines[number].strip()
        broken = bool(piece) and (number != piece[-1] + 1 or number in headings)
        if piece and (broken or len(piece) >= _HARD or (blank and len(piece) >= soft)):
            yield piece
            piece = []
        if piece or not blank:
            piece.append(number)
    if piece:
        yield piece
