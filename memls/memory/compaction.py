"""Making main context smaller, rung by rung, each deterministic, until it is small enough to be worth it.

The ladder: fold what was put off (page-outs, edits of blocks) and what is said twice → old results masked,
their best lines kept → prefetched pages out → other pages, one after another: to a tombstone, the last of
them to its outline where that is enough → the latest results masked too → the oldest groups into the
recursive summary. The newest group and the question are spared. If that is not enough (one message larger
than the window), the last rung cuts them too. Every rung can only shrink, and the last has a bound, so
compaction ends (invariant 5).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from memls.memory.eviction import victims
from memls.memory.pages import Detail, Page, Shown
from memls.memory.queue import INTERRUPT_MARK, Entry, Part
from memls.memory.remains import extend_summary, masked, said_once
from memls.memory.window import FLUSH, GOAL, MainContext
from memls.text import visible
from memls.tokens import count

_WORTH_OUTLINE = 0.7
"""An outline larger than this part of the full page frees too little; the page goes out at once."""
_WORTH_STOPPING = 0.05
"""Folding that frees this part of the limit is worth the rewriting without what the later rungs free."""
_WORTH_LOWERING = 60
"""Tokens. What frees less stays as it is: a page is hardly longer than its tombstone, and of a short result
just the rows that went would be asked for again."""
_MASK_ABOVE = 60
SUMMARY_PART = 0.12
"""Of the limit, what the recursive summary may take."""
_PASSING = tuple(
    INTERRUPT_MARK + begins for begins in ("memory pressure", "to make room these went out", "thrashing")
)
"""Interrupts that say nothing any more once they were read: of what went out the tombstones tell."""
_TO_MEND = f"{INTERRUPT_MARK}these citations failed"
"""What is wrong with an answer stands whole until there is a better one."""
_CUT_ARGUMENTS = '{"cut": "too long to keep"}'


@dataclass(slots=True)
class Compaction:
    """What one compaction did: tokens (our estimate) before and after, and pages that changed detail.

    `left` are the flushed entries as they stood before the ladder, which masks on its way; `summary` is the
    one of before.
    """

    before: int
    after: int = 0
    moved: list[tuple[str, Detail]] = field(default_factory=list)
    flushed: int = 0
    left: list[Entry] = field(default_factory=list)
    summary: str = ""


def compact(
    context: MainContext, limit: int, step: int, fold: Callable[[], str], question: Entry | None
) -> Compaction:
    """Bring `context` to GOAL of `limit` if the ladder can, and to `limit` in any case.

    What nobody gave up stays where what was given up makes enough room.
    """
    work = _Ladder(context, limit, step, question)
    context.blocks = fold()
    before = context.tokens
    work.fold()
    if before - context.tokens < limit * _WORTH_STOPPING or context.tokens > limit * FLUSH:
        for rung in (work.mask_old, work.prefetched, work.pages, work.mask, work.flush):
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
        self.stood = tuple(context.queue.entries)
        self.done = Compaction(context.tokens, summary=context.summary)

    def fold(self) -> None:
        """Pages already out lose their text; a page shown twice keeps the last showing; old pressure goes,
        and so does of old calls what stands on tombstones and in blocks.
        """
        context, queue = self.context, self.context.queue
        queue.entries = [
            entry if entry.group >= queue.newest_group else said_once(entry, context.pages, context.blocks)
            for entry in queue.entries
            if entry.group >= queue.newest_group or not entry.content.startswith(_PASSING)
        ]
        last: dict[str, Shown] = {}
        for entry in self.context.queue.entries:
            last.update({shown.page: shown for shown in entry.shown})

        def change(shown: Shown) -> Part | None:
            page = self.context.pages.get(shown.page)
            if page is None or shown is not last[shown.page]:
                return f"[{shown.page}] (shown again below)"
            if shown.detail != "tombstone" and page.state != "resident":
                return page.show("tombstone")
            noted_since = page.state == "evicted" and visible(page.note) not in shown.header
            return page.tombstone(brief=True) if shown.detail == "tombstone" and noted_since else None

        self.context.queue.replace_shown(change)

    def prefetched(self) -> None:
        for page in self._victims():
            if page.prefetched:
                self._lower(page, "tombstone")

    def pages(self) -> None:
        """What is worth least goes whole before what is worth more loses anything."""
        for page in self._victims():
            over = self.context.tokens - self.goal
            enough = (
                page.detail == "full" and self._outline_pays(page) and self._freed(page, "outline") >= over
            )
            self._lower(page, "outline" if enough else "tombstone")

    def mask_old(self) -> None:
        """The results of all calls but the latest ones that were answered: these are being worked with."""
        called = [e.group for e in self.context.queue.entries if e.role == "tool" and self._is_old(e.group)]
        self._mask(max(called, default=self.context.queue.newest_group))

    def mask(self) -> None:
        self._mask(self.context.queue.newest_group)

    def _is_old(self, group: int) -> bool:
        return group != self.question and group < self.context.queue.newest_group

    def _mask(self, before: int) -> None:
        """Results older than a group shrink to their first lines; pages that are still resident stay."""
        entries = self.context.queue.entries
        for position, entry in enumerate(entries):
            if self.context.tokens <= self.goal:
                return
            if (
                self._is_old(entry.group)
                and (entry.group < before or entry.role == "interrupt")
                and not entry.masked
                and entry.role in ("tool", "interrupt")
                and entry.tokens > _MASK_ABOVE
                and not entry.content.startswith(_TO_MEND)
                and (kept := masked(entry, self.context.pages)).tokens <= entry.tokens - _WORTH_LOWERING
            ):
                entries[position] = kept

    def flush(self) -> None:
        """The oldest groups become part of the recursive summary."""
        newest = self.context.queue.newest_group
        spared = {entry.group for entry in self.context.queue.entries if entry.group >= newest}
        self._flush(spared | {self.question}, self.goal)

    def _flush(self, spared: Collection[int], goal: int) -> None:
        context, queue = self.context, self.context.queue
        while context.tokens > goal:
            group = next((entry.group for entry in queue.entries if entry.group not in spared), None)
            if group is None:
                return
            before, summary = context.tokens, context.summary
            leaving = [entry for entry in queue.entries if entry.group == group]
            queue.entries = [entry for entry in queue.entries if entry.group != group]
            self._rehome(tuple(s for entry in leaving for s in entry.shown if self._is_pinned(s)))
            self._settle(s for entry in leaving for s in entry.shown)
            context.summary = extend_summary(
                summary, leaving, self.context.pages, int(self.limit * SUMMARY_PART)
            )
            self.done.flushed += len(leaving)
            self.done.left += [entry for entry in self.stood if entry.group == group]
            if context.tokens >= before:
                context.summary = summary

    def squeeze(self) -> None:
        """Cut even the newest group and the question down to the limit; in the end let that group go."""
        context = self.context
        for detail in ("outline", "tombstone"):
            pages = sorted(
                victims(context.pages, self.step, pinned=True), key=lambda p: (p.pinned, -count(p.text), p.id)
            )
            for page in pages:
                if context.tokens > self.limit:
                    self._lower(page, detail, everywhere=True)
        self._cut_texts({self.question})
        self._flush({self.question}, self.limit)
        self._cut_texts(set())
        if context.tokens > self.limit:
            context.summary = ""

    def _cut_texts(self, spared: Collection[int]) -> None:
        """Cut the largest entries until all fits. Each turn shrinks one, or finds that it cannot be."""
        entries = self.context.queue.entries
        smallest: set[int] = set()
        while (over := self.context.tokens - self.limit) > 0:
            candidates = [
                place
                for place, entry in enumerate(entries)
                if entry.group not in spared and entry.tokens > _MASK_ABOVE and place not in smallest
            ]
            if not candidates:
                return
            largest = max(candidates, key=lambda place: entries[place].tokens)
            whole = entries[largest]
            entries[largest] = cut = _cut(whole, max(40, whole.tokens - over - 20))
            self._settle(whole.shown)
            if cut.tokens >= whole.tokens:
                smallest.add(largest)

    def _victims(self) -> list[Page]:
        """Pages to lower, one at a time until the goal is met; those of the newest group are spared."""
        newest = {
            shown.page
            for entry in self.context.queue.entries
            if entry.group >= self.context.queue.newest_group
            for shown in entry.shown
        }
        return [page for page in victims(self.context.pages, self.step) if page.id not in newest]

    def _lower(self, page: Page, detail: Detail, *, everywhere: bool = False) -> None:
        if not everywhere and self.context.tokens <= self.goal:
            return
        if self._freed(page, detail) < (1 if everywhere else _WORTH_LOWERING):
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

    def _freed(self, page: Page, detail: Detail) -> int:
        lowered, standing = self._lowered(page, detail), self.context.queue.shown_pages().get(page.id, [])
        return sum(count(shown.text) - count(lowered.text) for shown in standing)

    def _lowered(self, page: Page, detail: Detail) -> Shown:
        """What would stand for the page."""
        state, page.state = page.state, "evicted" if detail == "tombstone" else page.state
        shown = page.show(detail)
        page.state = state
        return shown

    def _settle(self, showings: Iterable[Shown]) -> None:
        """Pages whose text has left main context are no longer resident."""
        standing = self.context.queue.shown_pages()
        for shown in showings:
            page = self.context.pages.get(shown.page)
            if page is not None and page.state == "resident" and page.id not in standing:
                page.state, page.evicted_at, page.detail = "evicted", self.step, "full"
                self.done.moved.append((page.id, "tombstone"))

    def _outline_pays(self, page: Page) -> bool:
        if not page.has_members:
            return False  # the head of a lone function looks like a page and says little
        full, outline = count(page.show("full").text), count(page.show("outline").text)
        return outline < _WORTH_OUTLINE * full

    def _is_pinned(self, shown: Shown) -> bool:
        page = self.context.pages.get(shown.page)
        return page is not None and page.pinned and page.state == "resident" and shown.detail != "tombstone"

    def _rehome(self, pinned: tuple[Shown, ...]) -> None:
        """Pinned pages of a flushed group stand with the question from now on."""
        if not pinned:
            return
        entries = self.context.queue.entries
        for position, entry in enumerate(entries):
            if entry.group == self.question:
                entries[position] = replace(entry, parts=entry.parts + pinned)
                return


def _cut(entry: Entry, tokens: int) -> Entry:
    """The entry as one text of at most about `tokens`: its head, and its tail where it is a question."""
    text = "\n".join(part if isinstance(part, str) else part.header for part in entry.parts)
    room = max(60, tokens * 3 - 60)
    encoded = text.encode("utf-8", "replace")
    if len(encoded) > room:
        tail = encoded[-(room // 3) :] if entry.role == "user" else b""
        head = encoded[: room - len(tail)].decode("utf-8", "ignore")
        note = f"[… cut: about {max(1, count(text) - tokens)} tokens …]"
        text = f"{head}\n{note}\n{tail.decode('utf-8', 'ignore')}".rstrip("\n")
    calls = tuple(replace(call, arguments=_CUT_ARGUMENTS) for call in entry.calls)
    return replace(entry, parts=(text,), calls=calls if count(str(entry.calls)) > tokens else entry.calls)
