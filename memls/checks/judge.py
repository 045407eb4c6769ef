"""Whether an answer is what was expected: a reason, with lines, for everything that it lacks."""

from collections.abc import Iterator, Mapping, Sequence

from memls.checks.file import Budget, Expectations
from memls.events import Answer, Citation
from memls.index.code import Place
from memls.index.rules import Finding, matcher
from memls.text import shorten

_HELD = ("verified", "moved")
_LONGEST = 120


def judge(
    answer: Answer, expect: Expectations, budget: Budget, symbols: Mapping[str, Sequence[Place] | str]
) -> Iterator[Finding]:
    """What is wrong with an answer. `symbols`: where each expected one is defined, or why it is not."""
    if answer.status != "answered":
        yield _plain(f"the answer is incomplete{f': {answer.notes[0]}' if answer.notes else ''}")
    yield from _cited(answer.citations, expect, symbols)
    yield from _said(answer.answer, expect)
    yield from _spent(answer, budget)


def _cited(
    citations: Sequence[Citation], expect: Expectations, symbols: Mapping[str, Sequence[Place] | str]
) -> Iterator[Finding]:
    held = [one for one in citations if one.status in _HELD]
    for pattern in expect.files:
        if not any(map(matcher([pattern]), [one.path for one in held])):
            yield _plain(f"cites nothing in {pattern}{_instead(held)}")
    for name in expect.symbols:
        places = symbols[name]
        if isinstance(places, str):
            yield _plain(places)
        elif not any(_covers(one, place) for one in held for place in places):
            first = places[0]
            text = f"cites no line of {name}{_instead(held)}"
            yield Finding(first.path, first.line, first.end_line, text)
    if expect.verified:
        if not citations:
            yield _plain("cites nothing")
        for one in citations:
            if one.status not in _HELD:
                why = f": {one.reason}" if one.reason else ""
                yield Finding(one.path, one.start, one.end, f"cites these lines, {one.status}{why}")


def _said(text: str, expect: Expectations) -> Iterator[Finding]:
    plain = text.casefold()
    for wanted in expect.contains:
        if wanted.casefold() not in plain:
            yield _plain(f"does not contain {wanted!r}")
    for unwanted in expect.omits:
        if unwanted.casefold() in plain:
            yield _plain(f"contains {unwanted!r}")
    for pattern in expect.matches:
        if not pattern.search(text):
            yield _plain(f"does not match {pattern.pattern!r}")
    for pattern in expect.does_not_match:
        if found := pattern.search(text):
            yield _plain(f"matches {pattern.pattern!r}: {shorten(found.group(), _LONGEST)!r}")


def _spent(answer: Answer, budget: Budget) -> Iterator[Finding]:
    """Time is held by the limit of the run itself, and an answer cut off by it is incomplete."""
    usage = answer.usage
    tokens = usage.prompt_tokens + usage.completion_tokens
    for what, spent, most in (
        ("tokens", tokens, budget.tokens),
        ("steps", usage.steps, budget.steps),
        ("dollars", usage.cost or 0, budget.money),
    ):
        if most and spent > most:
            yield _plain(f"took {spent:,} {what}, and {most:,} are allowed")


def _covers(citation: Citation, place: Place) -> bool:
    return citation.path == place.path and citation.start <= place.end_line and place.line <= citation.end


def _instead(held: Sequence[Citation]) -> str:
    cited = list(dict.fromkeys(f"{one.path}:{one.start}-{one.end}" for one in held))
    return f"; it cites {', '.join(cited[:3])}{' …' if len(cited) > 3 else ''}" if cited else ""


def _plain(message: str) -> Finding:
    return Finding("", 0, 0, message)
