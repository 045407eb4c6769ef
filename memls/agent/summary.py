"""The recursive summary, by the model: what compaction flushed, and the summary before it, made one anew.

Compaction itself writes extractive lines, which need no model and cannot fail. They stand until the model's
text takes their place, and for good where it does not: no failure here reaches the question. Asked is in a
request of its own, without functions, at the safe point, before the request that room was made for; it holds
the window as every request does, and what it costs is counted.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence

from memls.agent import prompts
from memls.agent.limits import Clock, Limits
from memls.agent.replies import Replies
from memls.agent.session import Session
from memls.agent.tally import Tally
from memls.agent.trace import Tracer
from memls.errors import ContextOverflowError, MemlsError, ModelError
from memls.memory.compaction import SUMMARY_PART, Compaction
from memls.memory.pages import SEE
from memls.memory.queue import Entry, Part
from memls.memory.refresh import current_view
from memls.memory.remains import AT_WORK, SILENT
from memls.memory.window import GOAL
from memls.models.base import Model, Reply, Request
from memls.models.textual import with_calls
from memls.text import shorten, visible
from memls.tokens import BYTES_PER_TOKEN, MESSAGE_OVERHEAD, count, count_request

log = logging.getLogger(__name__)

_PATIENCE = 120.0
"""Seconds for one summary. An answer is waiting for it."""
_FAILURES = 2
"""After so many a run asks for no more: the model cannot do it, or its endpoint is ill."""
_AIM = 0.6
"""The part of its room that the model is to fill; the lines of what leaves before the next one go into the
rest, and its own are not pushed out by them."""
_WORTH = 2
"""Rooms of a summary that what left has to fill. Less is not told much shorter; it waits for more, and lines
that need no model stand for it."""
_WORDS = 0.45
"""Words in a token by our count, names and paths among them."""
_QUESTION, _LEAST = 600, 200
"""Characters that are shown of the question; tokens of what leaves, below which nothing is summed up."""
_SMALLEST = 24
"""Tokens that are left of an entry that is cut."""
_HANDLES = 0.25
"""The part of the room that handles may take which the model forgot."""
_LONG_LINE = 240
_NEAR = 0.8
"""The part of a limit on tokens or money that a summary may not go beyond; the answer comes first."""

_HANDLE = re.compile(r"\bp\d+\b")
_BULLET = re.compile(r"^(?:[-*•]\s+|\d+[.)]\s+)?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Summaries:
    """The summaries of one run: what left since the last one, and whether it is worth a call."""

    def __init__(
        self, session: Session, model: Model, tracer: Tracer, clock: Clock, limits: Limits, tally: Tally
    ) -> None:
        self._session = session
        self._model = model
        self._replies = Replies(model, tracer, clock)
        self._tracer = tracer
        self._clock = clock
        self._limits = limits
        self._tally = tally
        self._left: list[Entry] = []
        self._before = ""
        """The summary before the first of what left."""
        self._highest = 0
        """What main context was before the last compaction that flushed: it stays below."""
        self._flushed = False
        self._failures = 0

    def flushed(self, done: Compaction) -> None:
        """Take note of what a compaction flushed."""
        if not done.left:
            return
        if not self._left:
            self._before = done.summary
        self._highest = done.before
        self._left += done.left
        self._flushed = True

    def request(self) -> Request | None:
        """The request for a summary, where one is worth asking for; at most one after a compaction."""
        fresh, self._flushed = self._flushed, False
        if not fresh or self._failures >= _FAILURES or not self._model.summarises:
            return None
        if sum(map(count, self._told())) < self._room * _WORTH or self._clock.spare() == 0.0:
            return None
        request = self._rendered()
        return request if request is not None and self._affordable(request) else None

    async def ask(self, request: Request) -> Reply:
        """Send it, and put what comes in the summary's place. Never fails: then the reply is an empty one.

        Nothing is learned of how the provider counts: a request without functions says little of one with
        them, and a count that is wide of the mark would take the window from the question.
        """
        estimate = count_request(request.messages, request.tools)
        spare = self._clock.spare()
        self._tracer.summary(request, estimate)
        try:
            reply = await self._replies.whole(request, _PATIENCE if spare is None else min(_PATIENCE, spare))
        except ContextOverflowError as error:
            self._tracer.overflow(error)
            return self._failed()
        except MemlsError as error:
            self._tracer.failed(error)
            return self._failed()
        except Exception as error:
            log.warning("no summary: %s", error, exc_info=True)
            self._tracer.failed(ModelError(f"internal error: {shorten(visible(str(error)), 200)}"))
            return self._failed()
        self._tally.spend(reply.prompt_tokens or self._session.budget.tokens(estimate), reply)
        if not self._take(reply):
            self._failed()
        return reply

    @property
    def _room(self) -> int:
        return int(self._session.budget.limit * SUMMARY_PART)

    @property
    def _most(self) -> int:
        """Tokens that main context may have with the summary, so that no compaction has to follow."""
        goal = int(self._session.budget.limit * GOAL)
        return max(self._session.context.tokens, min(self._highest - 1, goal))

    @property
    def _free(self) -> int:
        """Tokens that the summary may have: its room, as far as what stands beside it leaves any."""
        context = self._session.context
        return min(self._room, count(context.summary) + self._most - context.tokens)

    def _failed(self) -> Reply:
        self._failures += 1
        return Reply("", cut=True)

    def _affordable(self, request: Request) -> bool:
        """Whether the answer still fits into the limits after it, as far as can be told."""
        tally, budget = self._tally, self._session.budget
        takes = budget.tokens(count_request(request.messages, [])) + request.max_completion_tokens
        if tally.tokens + takes > self._limits.tokens * _NEAR:
            return False
        spent = tally.cost or 0.0
        dollars = spent * takes / tally.tokens if tally.tokens else 0.0
        return not self._limits.cost or spent + dollars <= self._limits.cost * _NEAR

    def _rendered(self) -> Request | None:
        """The request, what leaves cut to the room that is left; None where there is none to speak of."""
        budget = self._session.budget
        words = max(20, int(self._free * _AIM * _WORDS) // 10 * 10)
        asked = visible(shorten(self._session.asked, _QUESTION))
        head = f"{prompts.SUMMARISED}\n{asked}\n\n{prompts.NOTES}\n{self._before or '(none)'}\n\n"
        if stays := self._session.context.blocks:
            head += f"{prompts.STAYS}\n{stays}\n\n"
        head += f"{prompts.LEAVES}\n"
        tail = f"\n\n{prompts.SHORTLY.format(words=words)}"
        fixed = count(prompts.SUMMARY) + count(head) + count(tail) + 2 * MESSAGE_OVERHEAD + 2
        room = budget.limit - fixed
        if room < _LEAST:
            return None
        text = "\n".join(fitting(self._told(), room))
        messages = [
            {"role": "system", "content": prompts.SUMMARY},
            {"role": "user", "content": head + text + tail},
        ]
        return Request(messages, [], budget.reserve)

    def _told(self) -> list[str]:
        """What left as it was shown, and who said it, but for what is only memory at work."""
        names: dict[str, str] = {}
        told: list[str] = []
        for entry in self._left:
            names.update((call.id, call.name) for call in entry.calls)
            if entry.role == "assistant":
                said = [f"you said: {entry.content}"] if entry.content.strip() else []
                made = [f"you called {c.name} {c.arguments}" for c in entry.calls if c.name not in AT_WORK]
                told.append("\n".join([*said, *made]))
            elif names.get(entry.call_id) not in SILENT:
                text = "\n".join(filter(None, map(self._part, entry.parts)))
                begins = {"user": "the user: ", "tool": "result:\n"}.get(entry.role, "")
                told.append(begins + text if text else "")
        return told

    def _part(self, part: Part) -> str:
        """A page's text only where it is still the file's: it left main context, where it was kept true. Of a
        tombstone only a note is worth telling; its handle is kept in any case.
        """
        if isinstance(part, str):
            return part
        page = self._session.context.pages.get(part.page)
        if not part.lines:
            return part.text if page and page.note and not page.note.startswith(SEE) else ""
        view = current_view(self._session.repository.code, page) if page else None
        if view is None or (view.path, view.hash) != (part.path, part.view_hash):
            return f"{part.header} {prompts.CHANGED}"
        return part.text

    def _take(self, reply: Reply) -> bool:
        """Put the model's summary in the place of the extractive one, where it is one and has room."""
        if reply.cut or with_calls(reply).calls:
            return False
        context, extractive = self._session.context, self._session.context.summary
        most, room = self._most, self._free
        lines = notes(reply.text)
        before = f"{self._before}\n{extractive}"  # of the latter the oldest lines may be gone
        forgotten = self._forgotten(before, "\n".join(lines), int(room * _HANDLES))
        kept = whole_lines(lines, room - (count(forgotten) + 1 if forgotten else 0))
        if not kept:
            return False
        context.summary = "\n".join([*kept, forgotten] if forgotten else kept)
        if context.tokens > most:
            context.summary = extractive
            return False
        self._left, self._before = [], ""
        self._tally.summaries += 1
        return True

    def _forgotten(self, before: str, now: str, room: int) -> str:
        """One line with the pages that the summaries before name and the model's does not, the last used
        first: as many as there is room for, and then their names. Pages that still stand need none."""
        context = self._session.context
        known, standing = set(_HANDLE.findall(now)), context.queue.shown_pages()
        missing = [
            page
            for handle in dict.fromkeys(_HANDLE.findall(before))
            if handle not in known and handle not in standing and (page := context.pages.get(handle))
            if page.state != "gone"
        ]
        missing.sort(key=lambda page: -page.last_use)
        told: dict[str, str] = {}
        for page in missing:
            if count(_read_before({**told, page.id: page.id})) > room:
                break
            told[page.id] = page.id
        for page in missing[: len(told)]:
            where = f"{page.region.path}:{page.region.symbol}" if page.region.symbol else page.name
            named = {**told, page.id: f"{page.id} {visible(where)}"}
            told = named if count(_read_before(named)) <= room else told
        return _read_before(told) if told else ""


def _read_before(told: Mapping[str, str]) -> str:
    return prompts.READ_BEFORE + ", ".join(told.values())


def notes(text: str) -> list[str]:
    """A model's notes as lines that each begin with a dash: none looks like a page or an interrupt."""
    lines: list[str] = []
    for line in visible(text).split("\n"):
        plain = _BULLET.sub("", line.strip())
        if plain and not plain.startswith("```"):
            lines += _SENTENCE.split(plain) if len(plain) > _LONG_LINE else [plain]
    return [f"- {line}" for line in lines]


def whole_lines(lines: Iterable[str], room: int) -> list[str]:
    """The first of `lines` that are within `room` tokens together, none of them cut."""
    kept: list[str] = []
    left = int(room * BYTES_PER_TOKEN) + 1  # no newline after the last
    for line in lines:
        left -= len(line.encode("utf-8", "surrogatepass")) + 1
        if left < 0:
            break
        kept.append(line)
    return kept


def fitting(texts: Sequence[str], room: int) -> list[str]:
    """The texts within `room` tokens together: the longest are cut first, all to one height, at whole lines;
    where even that is too much the oldest go."""
    texts = [text for text in texts if text]
    while len(texts) * (_SMALLEST + 1) > room:
        texts = texts[1:]
    left, height = room, room
    for place, size in enumerate(sorted(count(text) + 1 for text in texts)):
        height = left // (len(texts) - place)
        if size > height:
            break
        left -= size
    return [_cut(text, height - 1) for text in texts]


def _cut(text: str, room: int) -> str:
    if count(text) <= room:
        return text
    note = "[… cut …]"
    left = room - count(note) - 1
    kept = whole_lines(text.split("\n"), left)
    head = text.encode("utf-8", "replace")[: left * 3].decode("utf-8", "ignore")
    return "\n".join([*(kept or [head]), note])
