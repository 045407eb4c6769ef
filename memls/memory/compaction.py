"""Making main context smaller, rung by rung, each deterministic, until it is small enough to be worth it.

The ladder: fold what was put off (page-outs, edits of blocks) → prefetched pages out → full to outline →
outline to tombstone → old results masked → the oldest groups into the recursive summary. The newest group
and the question are spared. If that is not enough (one message larger than the window), the last rung cuts
them too. Every rung can only shrink, and the last has a bound, so compaction ends (invariant 5).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from memls.memory.eviction import victims
from memls.memory.pages import Detail, Page, Shown
from memls.memory.queue import INTERRUPT_MARK, Entry, Part
from memls.memory.window import GOAL, MainContext
from memls.text import shorten
from memls.tokens import count

_WORTH_OUTLINE = 0.7
"""An outline larger than this part of the full page frees too little; the page goes out at once."""
_MASK_ABOVE = 60
_SUMMARY_PART = 0.12
_CUT_ARGUMENTS = '{"cut": "too long to keep"}'


@dataclass(slots=True)
class Compaction:
    """What one compaction did: tokens (our estimate) before and after, and pages that changed detail."""

    before: int
    after: int = 0
    moved: list[tuple[str, Detail]] = field(default_factory=list)
    flushed: int = 0


def compact(
    context: MainContext, limit: int, step: int, fold: Callable[[], str], question: Entry | None
) -> Compaction:
    """Bring `context` to GOAL of `limit` if the ladder can, and to `limit` in any case."""
    work = _Ladder(context, limit, step, question)
    context.blocks = fold()
    for rung in (work.fold, work.prefetched, work.outlines, work.tombstones, work.mask, work.flush):
        if rung is not work.fold and context.tokens <= work.goal:
            break
        rung()
    if context.tokens > limit:
        work.squeeze()
    work.done.after = context.tokens
    return work.done


class _Ladder:
    def __init__(self, context: MainContext, limit: int, step: int, question: Entry | None) -> None:
        self.context = context
        self.limit = limit
        self.goal = int(limit * GOAL)
        self.step = step
        self.question = question.group if question else -1
        self.done = Compaction(context.tokens)

    def fold(self) -> None:
        """Pages already out lose their text; a page shown twice keeps the last showing."""
        last: dict[str, Shown] = {}
        for entry in self.context.queue.entries:
            last.update({shown.page: shown for shown in entry.shown})

        def change(shown: Shown) -> Part | None:
            page = self.context.pages.get(shown.page)
            if page is None or shown is not last[shown.page]:
                return f"[{shown.page}] (shown again below)"
            if shown.detail != "tombstone" and page.state != "resident":
                return page.show("tombstone")
            return None

        self.context.queue.replace_shown(change)

    def prefetched(self) -> None:
        for page in self._victims():
            if page.prefetched:
                self._lower(page, "tombstone")

    def outlines(self) -> None:
        for page in self._victims():
            if page.detail == "full" and self._outline_pays(page):
                self._lower(page, "outline")

    def tombstones(self) -> None:
        for page in self._victims():
            self._lower(page, "tombstone")

    def mask(self) -> None:
        """Old results shrink to their first line; pages that are still resident stay."""
        entries = self.context.queue.entries
        for position, entry in enumerate(entries):
            if self.context.tokens <= self.goal:
                return
            old = entry.group not in (self.question, self.context.queue.last_group)
            if (
                old
                and not entry.masked
                and entry.role in ("tool", "interrupt")
                and entry.tokens > _MASK_ABOVE
            ):
                entries[position] = _masked(entry)

    def flush(self) -> None:
        """The oldest groups become part of the recursive summary."""
        queue = self.context.queue
        spared = (self.question, queue.last_group)
        while self.context.tokens > self.goal:
            group = next((entry.group for entry in queue.entries if entry.group not in spared), None)
            if group is None:
                return
            leaving = [entry for entry in queue.entries if entry.group == group]
            pinned = tuple(s for entry in leaving for s in entry.shown if self._is_pinned(s))
            queue.entries = [entry for entry in queue.entries if entry.group != group]
            if pinned:
                self._rehome(pinned)
            before = self.context.tokens
            self.context.summary = extend_summary(
                self.context.summary, leaving, int(self.limit * _SUMMARY_PART)
            )
            self.done.flushed += len(leaving)
            if self.context.tokens > before + sum(entry.tokens for entry in leaving):
                self.context.summary = shorten(self.context.summary, 200)

    def squeeze(self) -> None:
        """Cut even the newest group and the question, largest first, down to the limit."""
        context = self.context
        for detail in ("outline", "tombstone"):
            pages = sorted(
                victims(context.pages, pinned=True), key=lambda p: (p.pinned, -count(p.text), p.id)
            )
            for page in pages:
                if context.tokens > self.limit:
                    self._lower(page, detail, everywhere=True)
        for spared in ({self.question}, set[int]()):
            self._cut_texts(spared)

    def _cut_texts(self, spared: set[int]) -> None:
        entries = self.context.queue.entries
        for _ in range(4 * len(entries) + 4):
            over = self.context.tokens - self.limit
            candidates = [
                i for i, e in enumerate(entries) if e.group not in spared and e.tokens > _MASK_ABOVE
            ]
            if over <= 0 or not candidates:
                return
            largest = max(candidates, key=lambda i: entries[i].tokens)
            entries[largest] = _cut(entries[largest], max(40, entries[largest].tokens - over - 20))

    def _victims(self) -> list[Page]:
        """Pages to lower, one at a time until the goal is met; those of the newest group are spared."""
        newest = {
            shown.page
            for entry in self.context.queue.entries
            if entry.group == self.context.queue.last_group
            for shown in entry.shown
        }
        return [page for page in victims(self.context.pages) if page.id not in newest]

    def _lower(self, page: Page, detail: Detail, *, everywhere: bool = False) -> None:
        if not everywhere and self.context.tokens <= self.goal:
            return
        page.detail = "full" if detail == "tombstone" else detail
        if detail == "tombstone":
            page.state, page.evicted_at = "evicted", self.step

        def change(shown: Shown) -> Part | None:
            if shown.page != page.id or shown.detail in (detail, "tombstone"):
                return None
            return page.show(detail)

        self.context.queue.replace_shown(change)
        self.done.moved.append((page.id, detail))

    def _outline_pays(self, page: Page) -> bool:
        full, outline = count(page.show("full").text), count(page.show("outline").text)
        return outline < _WORTH_OUTLINE * full

    def _is_pinned(self, shown: Shown) -> bool:
        page = self.context.pages.get(shown.page)
        return page is not None and page.pinned and page.state == "resident" and shown.detail != "tombstone"

    def _rehome(self, pinned: tuple[Shown, ...]) -> None:
        """Pinned pages of a flushed group stand with the question from now on."""
        entries = self.context.queue.entries
        for position, entry in enumerate(entries):
            if entry.group == self.question:
                entries[position] = replace(entry, parts=entry.parts + pinned)
                return


def extend_summary(summary: str, leaving: list[Entry], limit: int) -> str:
    """The summary with one line for each entry that leaves; its oldest lines go when it is full.

    Extractive: it says which calls were made, what came back first, and what the assistant wrote. It needs
    no model, so it cannot fail.
    """
    lines = summary.split("\n") if summary else []
    for entry in leaving:
        lines += _summary_lines(entry)
    while lines and count("\n".join(lines)) > limit:
        lines.pop(0)
    return "\n".join(lines)


def _summary_lines(entry: Entry) -> list[str]:
    if entry.role == "assistant":
        calls = ", ".join(f"{call.name} {shorten(call.arguments, 80)}" for call in entry.calls)
        said = shorten(" ".join(entry.content.split()), 200)
        return [
            line
            for line in (f"- you said: {said}" if said else "", f"- you called {calls}" if calls else "")
            if line
        ]
    first = entry.content.strip().split("\n", 1)[0]
    label = {"user": "- the user asked: ", "interrupt": "- ", "tool": "  → ", "summary": "- "}[entry.role]
    return [label + shorten(first, 240 if entry.role == "user" else 120)] if first else []


def _masked(entry: Entry) -> Entry:
    """The entry with its texts cut to their first lines; resident pages in it stay whole."""
    parts: list[Part] = []
    for part in entry.parts:
        if isinstance(part, Shown):
            parts.append(part if part.detail != "tombstone" else shorten(part.header, 90))
        else:
            first, _, rest = part.partition("\n")
            parts.append(f"{shorten(first, 120)} […]" if rest or len(first) > 120 else first)
    return replace(entry, parts=tuple(parts), masked=True)


def _cut(entry: Entry, tokens: int) -> Entry:
    """The entry as one text of at most about `tokens`: its head, and its tail where it is a question."""
    text = entry.content.removeprefix(INTERRUPT_MARK)
    room = max(60, tokens * 3 - 60)
    encoded = text.encode("utf-8", "replace")
    if len(encoded) > room:
        tail = encoded[-(room // 3) :] if entry.role == "user" else b""
        head = encoded[: room - len(tail)].decode("utf-8", "ignore")
        note = f"[… cut: about {max(1, count(text) - tokens)} tokens …]"
        text = f"{head}\n{note}\n{tail.decode('utf-8', 'ignore')}".rstrip("\n")
    calls = tuple(replace(call, arguments=_CUT_ARGUMENTS) for call in entry.calls)
    return replace(entry, parts=(text,), calls=calls if count(str(entry.calls)) > tokens else entry.calls)
