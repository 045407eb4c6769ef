"""What is remembered, as the model sees it: one line each, and never as code that could be cited."""

from collections.abc import Sequence

from memls.agent.session import Session
from memls.memory.archive import CodeAnchor
from memls.memory.pages import anchor_hash
from memls.memory.search import Memories, Memory, Wanted, excerpt
from memls.text import visible

_NOTE, _MESSAGE = 2000, 300
"""Characters that are shown of each."""
_MOST, _LOOKED_AT = 3, 8
_WORDS, _SHARE = 2, 0.3
"""What bears on a question has so many of its words, and this part of them."""


def bearing(session: Session, question: str) -> list[str]:
    """The memories of other sessions that bear on a question: a few lines, or none."""
    wanted = Wanted(question, other_than=session.name)
    found = session.remembered.search(wanted, _LOOKED_AT)
    kept = [memory for memory in found.items if _bears(memory, found)]
    return [memory_line(session, memory, question) for memory in kept[:_MOST]]


def _bears(memory: Memory, found: Memories) -> bool:
    return memory.matched >= min(_WORDS, found.asked) and memory.matched >= _SHARE * found.asked


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
