"""What memory does when nobody asks: the timer interrupts of MemGPT, at rest between questions.

Anchors of notes follow code that moved, notes that say the same are found as one, and what was said in
conversations long over is summed up. No source is ever changed or deleted: an anchor moves only to the very
text it had, a merged note stays with its own words, a summary stands beside what it sums up.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from memls.errors import MemlsError
from memls.index.terms import query_terms
from memls.memory.archive import Archive, CodeAnchor, Note
from memls.memory.pages import anchor_hash
from memls.memory.recall import Recall, now
from memls.text import plural, shorten

if TYPE_CHECKING:
    from memls.agent.live import Live
    from memls.database import Database
    from memls.index.code import Code

_ALIKE = 0.9
"""The part of all their words that two notes must share to say the same."""
_OVER = timedelta(hours=12)
"""A conversation that nobody went on with for so long is summed up."""
_FEWEST = 4
"""Messages that are worth a summary."""
_ASKED, _SAID, _LONGEST = 160, 240, 4000
_IDLE, _EVERY = 60.0, 600.0
"""Seconds without a question before memory is tidied, and between two times."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done."""

    anchored: int = 0
    merged: int = 0
    summarised: int = 0

    def __bool__(self) -> bool:
        return bool(self.anchored or self.merged or self.summarised)

    def __str__(self) -> str:
        return (
            f"{plural(self.anchored, 'anchor')} followed moved code, {plural(self.merged, 'note')} merged, "
            f"{plural(self.summarised, 'conversation')} summed up"
        )


def tidy(memory: "Database", code: "Code") -> Tidied:
    """Do all of it now. Idempotent."""
    archive = Archive(memory)
    notes = archive.all(limit=100_000)
    return Tidied(_follow(archive, notes, code), _merge(archive, notes), _sum_up(memory))


def _follow(archive: Archive, notes: Sequence[Note], code: "Code") -> int:
    """Let anchors go where the text they had is now, where that is one place."""
    followed = 0
    for note in notes:
        anchors = tuple(_followed(anchor, code) for anchor in note.anchors)
        if anchors != note.anchors:
            archive.anchor(note.id, anchors)
            followed += sum(a != b for a, b in zip(anchors, note.anchors, strict=True))
    return followed


def _followed(anchor: CodeAnchor, code: "Code") -> CodeAnchor:
    if not anchor.symbol or _hash(code, anchor.path, anchor.symbol) == anchor.hash:
        return anchor
    bare = anchor.symbol.rpartition(".")[2]
    places = {(place.path, place.symbol) for place in code.find_symbols(bare, limit=50)}
    found = [place for place in sorted(places) if _hash(code, *place) == anchor.hash]
    return replace(anchor, path=found[0][0], symbol=found[0][1]) if len(found) == 1 else anchor


def _hash(code: "Code", path: str, symbol: str) -> str:
    view = code.try_view(path)
    return anchor_hash(view, symbol) if view else ""


def _merge(archive: Archive, notes: Sequence[Note]) -> int:
    """Find notes as the earliest that says the same of the same code."""
    kept: list[tuple[Note, frozenset[int]]] = []
    merged: list[tuple[int, int]] = []
    known = archive.merged()
    for note in sorted(notes, key=lambda one: one.id):
        if note.id in known:
            continue
        words = frozenset(query_terms(note.text))
        same = next((first for first, said in kept if _alike(note, words, first, said)), None)
        if same is None:
            kept.append((note, words))
        else:
            merged.append((note.id, same.id))
    archive.merge(merged)
    return len(merged)


def _alike(note: Note, words: frozenset[int], other: Note, said: frozenset[int]) -> bool:
    if not words or {(a.path, a.symbol) for a in note.anchors} != {(a.path, a.symbol) for a in other.anchors}:
        return False
    return len(words & said) >= _ALIKE * len(words | said) and _numbers(note.text) == _numbers(other.text)


def _numbers(text: str) -> list[str]:
    """The digits of a text: "port 80" and "port 81" are not the same."""
    return "".join(c if c.isdigit() else " " for c in text).split()


def _sum_up(memory: "Database") -> int:
    """Add a summary to each conversation that is over and has none of what was said last."""
    recall = Recall(memory)
    rows = memory.read(
        """SELECT session FROM messages GROUP BY session HAVING max(time) < ?
        AND count(*) FILTER (role IN ('user', 'assistant')
            AND number > coalesce((SELECT max(number) FROM messages m
                WHERE m.session = messages.session AND m.role = 'summary'), 0)) >= ?
        ORDER BY session""",
        [now() - _OVER, _FEWEST],
    )
    for (session,) in rows:
        recall.append(session, [("summary", _summary(recall, session), {})])
    return len(rows)


def _summary(recall: Recall, session: str) -> str:
    """What was asked, and how the answers began, since the last summary."""
    messages = recall.transcript(session)
    start = max((place for place, one in enumerate(messages, 1) if one.role == "summary"), default=0)
    lines: list[str] = []
    answer = ""
    for message in messages[start:]:
        text = " ".join(message.content.split())
        if message.role == "user":
            lines += [f"answered: {shorten(answer, _SAID)}"] if answer else []
            lines.append(f"asked: {shorten(text, _ASKED)}")
            answer = ""
        elif message.role == "assistant" and text:
            answer = text
    lines += [f"answered: {shorten(answer, _SAID)}"] if answer else []
    return shorten("\n".join(lines), _LONGEST)


class Timer:
    """A thread that tidies when nobody has asked anything for a while."""

    def __init__(
        self, live: "Live", work: Callable[[], Tidied], idle: float = _IDLE, every: float = _EVERY
    ) -> None:
        self._live, self._work = live, work
        self._idle, self._every = idle, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memls-upkeep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Do nothing any more. What is under way is waited for."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        quiet, done = time.monotonic(), 0.0
        while not self._over.wait(min(1.0, self._idle)):
            moment = time.monotonic()
            if self._live.names():
                quiet = moment
            elif moment - quiet >= self._idle and (not done or moment - done >= self._every):
                done = moment
                try:
                    if tidied := self._work():
                        log.info("memory: %s", tidied)
                except (MemlsError, RuntimeError) as error:  # the store is closing
                    log.debug("memory was not tidied: %s", error)
