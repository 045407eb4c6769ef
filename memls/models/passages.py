"""Pages as requests show them, and what of one to show a person: its gist, its most telling lines."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from memls.index.terms import term_ids
from memls.source.header import unmarked
from memls.text import shorten

HEADER = re.compile(
    r"^\[(p\d+)\] (\S.*?):(\d+)-(\d+)(?: in \S.*?| with \S.*?| (\w+) (\S.*?))?"
    r"( \((?:outline|only its head);.*\))?$"
)
_OF_TEXT = frozenset(("heading", "key"))
"""Kinds of symbols that are no definitions: a section is prose. Their names have spaces."""
LINE = re.compile(r"^(\d+)\|(.*)$")
_PASSAGE, _WHOLE = 14, 22
_DOC_WITHIN, _GIST = 12, 180
_DOC = re.compile(r"""^\s*[rRbBuU]{0,2}(?P<quote>\"{3}|'{3})(?P<text>.*)$""")
_INNER = re.compile(
    r"^\s*(?:async |public |private |protected |static |export )*(?:def|class|function|fn|func|void)\b"
)
_COMMENT = re.compile(r"\s*(?://|/?\*|--|#(?!\[|!))")
_DECORATOR = re.compile(r"\s*(?:@\w|#\[)")
_SENTENCE = re.compile(r"(?<=[.!?])\s")


@dataclass(slots=True)
class Page:
    """A page as the requests show it."""

    id: str
    path: str
    kind: str
    symbol: str
    lines: dict[int, str] = field(default_factory=dict)

    @property
    def is_prose(self) -> bool:
        return not self.symbol and self.kind != "code"

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.symbol or self.path


def pages_of(messages: Sequence[Mapping[str, Any]]) -> dict[str, Page]:
    """Every page with its lines, as far as messages show them."""
    pages: dict[str, Page] = {}
    current: Page | None = None
    for message in messages:
        for line in (message.get("content") or "").split("\n") if message["role"] != "assistant" else ():
            if match := HEADER.match(line):
                handle, path, _, _, kind, symbol, _ = match.groups()
                kind, symbol = ("", "") if not kind or kind in _OF_TEXT else (kind, symbol)
                current = pages.setdefault(handle, Page(handle, path, kind, symbol))
            elif current and (match := LINE.match(line)):
                current.lines[int(match.group(1))] = match.group(2)
            elif line != "…":
                current = None
    return pages


def gist(page: Page) -> tuple[str, int]:
    """The first sentence that documents a page, and the line where it ends; "" where there is none.

    That is a comment above it or a docstring. A comment in a body is no such thing: it says what the next
    lines are for.
    """
    numbers = list(_run(page.lines, min(page.lines), _DOC_WITHIN))
    if page.symbol and (above := _above(page, numbers)):
        return above
    decorators = takewhile(lambda number: _DECORATOR.match(page.lines[number]), numbers)
    numbers = numbers[len(list(decorators)) :] or numbers
    for place, number in enumerate(numbers):
        text = page.lines[number]
        if place and _INNER.match(text):
            break  # what follows is of a member
        if match := _DOC.match(text):
            return _sentence(page, numbers[place:], match["text"], match["quote"])
    return "", numbers[0]


def _above(page: Page, numbers: Sequence[int]) -> tuple[str, int] | None:
    """What the comment says that a page begins with."""
    comment: list[str] = []
    for number in takewhile(lambda n: _COMMENT.match(page.lines[n]), numbers):
        comment.append(page.lines[number])
        if _SENTENCE.search(unmarked(comment) + " "):
            break
    said = unmarked(comment)
    return (_joined([said]), numbers[len(comment) - 1]) if said else None


def head_line(page: Page) -> int:
    """Where the code of a definition begins, below what documents and decorates it; else its first line."""
    numbers = sorted(page.lines)
    above = takewhile(lambda n: _COMMENT.match(page.lines[n]) or _DECORATOR.match(page.lines[n]), numbers)
    place = len(list(above)) if page.symbol else 0
    return numbers[place] if place < len(numbers) else numbers[0]


def _sentence(page: Page, numbers: Sequence[int], first: str, quote: str) -> tuple[str, int]:
    """The first sentence of a docstring, over the lines that it takes."""
    words: list[str] = []
    for number in numbers:
        text = (first if number == numbers[0] else page.lines[number]).strip()
        end = quote in text
        text = text.partition(quote)[0].strip()
        if not text and words:
            return _joined(words), number - 1
        words += [text] if text else []
        if end or _SENTENCE.search(" ".join(words) + " "):
            return _joined(words), number
    return _joined(words), numbers[-1]


def _joined(words: Sequence[str]) -> str:
    text = " ".join(" ".join(words).split())
    return shorten(_SENTENCE.split(text + " ", maxsplit=1)[0].strip(), _GIST)


def passage(page: Page, weights: Mapping[int, float], around: Sequence[int] = ()) -> tuple[int, int]:
    """The run of neighbouring lines that speaks most of what is weighed; all of a short page.

    It has one of the lines `around` in it, where the page has. Of an outline it is the head.
    """
    numbers = sorted(page.lines)
    is_outline = numbers[-1] - numbers[0] >= len(numbers)
    if len(numbers) <= _WHOLE and not is_outline:
        return numbers[0], numbers[-1]
    if is_outline:
        head = list(_run(page.lines, numbers[0], _PASSAGE))
        return _trimmed(page.lines, head[0], head[-1])
    terms = {n: [t for t in terms_in(page.lines[n]) if t in weights] for n in numbers}
    best, best_score = (numbers[0], numbers[0]), -1.0
    wanted = set(around).intersection(numbers)
    for first in numbers:
        run = list(_run(page.lines, first, _PASSAGE))
        if wanted and not wanted.intersection(run):
            continue
        found = {term for n in run for term in terms[n]}
        score = sum(weights[term] for term in found) + 0.05 * sum(len(terms[n]) for n in run)
        score += 0.5 if first == numbers[0] else 0
        if score > best_score:
            best, best_score = (run[0], run[-1]), score
    return _trimmed(page.lines, *best)


def with_prose(ranked: Sequence[Page], shown: int) -> list[Page]:
    """With the best prose among the first, which are shown: reasons stand there more than in code."""
    best = next((page for page in ranked[shown:] if page.is_prose), None)
    if best is None or any(page.is_prose for page in ranked[:shown]):
        return list(ranked)
    rest = [page for page in ranked if page is not best]
    return [*rest[: shown - 1], best, *rest[shown - 1 :]]


def without_copies(pages: Sequence[Page]) -> list[Page]:
    """The pages, of those that say the same only the first: what is built or copied beside its source."""
    texts: dict[tuple[str, tuple[str, ...]], Page] = {}
    for page in pages:
        texts.setdefault((page.symbol, tuple(line.strip() for line in page.lines.values())), page)
    return list(texts.values())


def terms_in(text: str) -> list[int]:
    return term_ids(re.findall(r"\w\w+", text))


def fenced(path: str, body: str) -> str:
    """Code as Markdown."""
    fence = "```"
    while fence in body:
        fence += "`"
    name = path.rsplit("/", 1)[-1]
    return f"{fence}{name.rsplit('.', 1)[-1] if '.' in name else ''}\n{body}\n{fence}"


def ticked(code: str) -> str:
    """Code as Markdown, within a line."""
    return f"`` {code} ``" if "`" in code else f"`{code}`"


def _run(lines: Mapping[int, str], first: int, most: int) -> Iterator[int]:
    for number in range(first, first + most):
        if number not in lines:
            return
        yield number


def _trimmed(lines: Mapping[int, str], start: int, end: int) -> tuple[int, int]:
    """Without blank lines at the ends."""
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end].strip():
        end -= 1
    return start, end
