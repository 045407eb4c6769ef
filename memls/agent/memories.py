"""What is remembered, as the model sees it: one line each, and never as code that could be cited."""

import re
from collections.abc import Sequence

from memls.agent.citations import mentions
from memls.agent.session import Session
from memls.index.terms import query_terms
from memls.memory.archive import CodeAnchor
from memls.memory.pages import anchor_hash
from memls.memory.search import Memory, Wanted, excerpt
from memls.text import shorten, visible

_LINE = re.compile(r"\n+|(?<=[.!?])\s")

_NOTE, _MESSAGE = 2000, 300
"""Characters that are shown of each."""
_MOST, _LOOKED_AT = 3, 12
_TITLE, _BEST, _PLACES = 100, 200, 2
"""Characters of an earlier question and of the line of its answer; places that stand for a longer one."""
_WORDS, _SHARE = 2, 0.5
"""What bears on a question has so many of its words, and this part of them: a note, an earlier question, or
one line of an answer. A whole answer has some of any question's words."""


def bearing(session: Session, question: str) -> list[str]:
    """What of other sessions bears on a question, a line for each, or none; recall has the rest."""
    found = session.remembered.search(Wanted(question, other_than=session.name), _LOOKED_AT)
    wanted = frozenset(query_terms(question))
    kept: dict[str, str] = {}
    for memory in found.items:
        key = f"note {memory.number}" if memory.role == "note" else memory.session
        if key not in kept and (line := _bearing_line(session, memory, question, wanted)):
            kept[key] = line
    return list(kept.values())[:_MOST]


def _bearing_line(session: Session, memory: Memory, question: str, wanted: frozenset[int]) -> str:
    """A note, or an earlier question with the line of its answer that says most; "" where neither bears."""
    if memory.role == "note":
        return memory_line(session, memory, question) if _bears(memory.text, wanted) else ""
    asked, answer = session.remembered.exchange(memory)
    lines = [" ".join(line.split()) for line in _LINE.split(answer)]
    best = max(lines, key=lambda line: len(wanted.intersection(query_terms(line))), default="")
    if not _bears(asked, wanted) and not _bears(best, wanted):
        return ""
    title = shorten(" ".join(asked.split()), _TITLE)
    gist = best if len(best) <= _BEST else ", ".join(_cited(session, best))
    if not gist and not _bears(asked, wanted):
        return ""
    said = f": {gist}" if gist else ""
    return visible(f"{memory.session} {memory.time:%Y-%m-%d}, asked {title!r}{said}")


def _cited(session: Session, line: str) -> list[str]:
    """The places that a line cites, with what stands there: half of a long line says less than these."""
    places = []
    for mention in mentions(line)[:_PLACES]:
        view = session.repository.code.try_view(mention.path)
        around = view.innermost(mention.start) if view else None
        symbol = f" {around.qualified_name}" if around else ""
        places.append(f"{mention.path}:{mention.start}-{mention.end}{symbol}")
    return places


def _bears(text: str, wanted: frozenset[int]) -> bool:
    matched = len(wanted.intersection(query_terms(text)))
    return matched >= min(_WORDS, len(wanted)) and matched >= _SHARE * len(wanted) and matched > 0


def is_long(memory: Memory) -> bool:
    """Whether a line among others shows a part of it only."""
    return len(memory.text) > _MESSAGE


def memory_line(session: Session, memory: Memory, query: str, *, at_length: bool = False) -> str:
    """One line: what it is, when it was said in another session, and what of it was asked for.

    In the session's own the time is left out: a replay happens later.
    """
    own = memory.session == session.name
    time = "" if own else f" {memory.time:%Y-%m-%d}"
    if memory.role == "note":
        text = excerpt(memory.text, query, _NOTE)
        return visible(f"note {memory.number}{time}: {text}{_staleness(session, memory.anchors)}")
    text = excerpt(memory.text, query, _NOTE if at_length else _MESSAGE)
    return visible(f"{memory.session} {memory.role}{time}: {text}")


def _staleness(session: Session, anchors: Sequence[CodeAnchor]) -> str:
    changed = [f"{a.path}:{a.symbol}".rstrip(":") for a in anchors if _now(session, a) != a.hash]
    return f" (stale: {', '.join(changed)} changed since)" if changed else ""


def _now(session: Session, anchor: CodeAnchor) -> str:
    view = session.repository.code.try_view(anchor.path)
    return anchor_hash(view, anchor.symbol) if view else ""
