"""Compaction ends, makes main context smaller, and loses nothing that was pinned or asked."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import check_protocol, examples

from memls.agent.calls import as_sent
from memls.agent.functions import SCHEMAS
from memls.agent.prompts import INSTRUCTIONS
from memls.index.code import View
from memls.memory.blocks import NAMES, Blocks, FixedBlock
from memls.memory.compaction import Compaction, compact
from memls.memory.pages import Page, Region
from memls.memory.queue import Entry
from memls.memory.remains import masked
from memls.memory.window import FLUSH, GOAL, Budget, MainContext
from memls.models.base import Request, ToolCall
from memls.text import visible
from memls.tokens import count, count_request


class Conversation:
    """A main context with a random history, built as the kernel builds it."""

    def __init__(self, seed: int, largest: int = 4000) -> None:
        self.dice = random.Random(seed)
        self.largest = largest
        self.context = MainContext(INSTRUCTIONS, SCHEMAS)
        self.question: Entry | None = None

    def text(self) -> str:
        size = self.dice.choice([0, 3, 40, 300, self.largest])
        return self.dice.choice(["x", "word ", "記憶", "line\n"]) * self.dice.randint(0, size)

    def page(self) -> Page:
        height = self.dice.choice([1, 2, 10, 100])
        lines = tuple(f"    value_{n} = {n}" for n in range(height))
        path = f"f{self.dice.randrange(99)}.py"
        page = self.context.pages.add(
            Region(path, 1, height), View(path, "h", lines), self.dice.randint(0, 9)
        )
        page.pinned, page.prefetched = self.dice.random() < 0.1, self.dice.random() < 0.2
        if self.dice.random() < 0.1:
            page.state = "evicted"  # by the model: its text leaves now
        return page

    def step(self) -> None:
        queue = self.context.queue
        made = tuple(
            ToolCall(f"c{n}", self.dice.choice(["find", "page_in"]), json.dumps({"query": self.text()}))
            for n in range(self.dice.randint(1, 5))
        )
        queue.append("assistant", self.text(), calls=as_sent(made, 7000))
        for call in made:
            parts = [self.page().show("full", 1) for _ in range(self.dice.choice([0, 0, 1, 3]))]
            queue.append("tool", self.text(), *parts, call_id=call.id)
        if self.dice.random() < 0.2:
            queue.append("interrupt", self.text())

    def ask(self) -> None:
        self.question = self.context.queue.append("user", "why? " + self.text())

    def build(self) -> None:
        for _ in range(self.dice.randint(1, 3)):
            self.ask()
            for _ in range(self.dice.randint(0, 6)):
                self.step()

    def compact(self, limit: int, fold: Callable[[], str] = str) -> Compaction:
        return compact(self.context, limit, 99, fold, self.question)

    def check(self) -> None:
        """It counts as it is sent, is a conversation, and knows which pages stand in it."""
        context = self.context
        assert context.tokens == count_request(context.messages(), list(context.tools))
        check_protocol(Request(context.messages(), [], 1))
        standing = set(context.queue.shown_pages())
        assert standing == {page.id for page in context.pages if page.state == "resident"}


@examples(60)
@given(st.integers(0, 2**32), st.integers(2600, 28_000))
def test_compaction_ends_below_the_limit_and_smaller(seed: int, limit: int) -> None:
    made = Conversation(seed)
    made.build()
    before, groups = made.context.tokens, {entry.group for entry in made.context.queue.entries}
    newest = made.context.queue.newest_group
    pinned = {page.id for page in made.context.pages if page.pinned and page.state == "resident"}
    done = made.compact(limit)
    made.check()
    after = made.context.tokens
    assert done.after == after <= max(limit, before)
    assert after <= limit
    spared = {group for group in groups if group >= newest} | {made.question.group if made.question else 0}
    if before > limit * GOAL and groups - spared:
        assert after < before
    if before <= limit:
        assert pinned <= {page.id for page in made.context.pages if page.state == "resident"}
    again = made.context.messages()
    if after <= limit * GOAL:
        made.compact(limit)
        assert made.context.messages() == again


@examples(40)
@given(st.integers(0, 2**32), st.sampled_from([3584, 7168]))
def test_a_message_larger_than_the_window_is_cut(seed: int, limit: int) -> None:
    made = Conversation(seed, largest=60_000)
    made.dice.choice([made.ask, made.step])()
    made.build()
    made.compact(limit)
    made.check()
    assert made.context.tokens <= limit
    question = next(e for e in made.context.queue.entries if made.question and e.group == made.question.group)
    assert question.content.startswith("why?")


def test_what_is_dropped_of_an_old_result_is_said() -> None:
    made = Conversation(1)
    made.ask()
    rows = [f"a.py:{n} | some line of code {n}" for n in range(60)]
    for number in range(2):
        made.context.queue.append("assistant", "", calls=(ToolCall(f"c{number}", "find", "{}"),))
        made.context.queue.append("tool", "\n".join(["60 matches", *rows]), call_id=f"c{number}")
    made.compact(made.context.tokens - 20)
    old, new = (e.content.split("\n") for e in made.context.queue.entries if e.role == "tool")
    assert old == ["60 matches", *rows[:3], "[… 57 rows dropped; the same call brings them again]"]
    assert new == ["60 matches", *rows]


def test_many_small_results_cannot_hold_the_window() -> None:
    """None of them is worth cutting; in the end the newest group itself is told in the summary."""
    made = Conversation(1)
    made.ask()
    called = tuple(ToolCall(f"c{n}", "find", "{}") for n in range(100))
    made.context.queue.append("assistant", "", calls=called)
    for call in called:
        made.context.queue.append("tool", "nothing of this name is in the index", call_id=call.id)
    made.compact(2600)
    made.check()
    assert made.context.tokens <= 2600 and made.context.summary


def test_the_ladder_takes_the_cheapest_first() -> None:
    made = Conversation(1)
    made.ask()
    for n in range(4):
        made.context.queue.append("assistant", "", calls=(ToolCall(f"c{n}", "page_in", "{}"),))
        lines = tuple(f"value_{i} = {i}" for i in range(200))
        page = made.context.pages.add(Region(f"f{n}.py", 1, 200), View(f"f{n}.py", "h", lines), n)
        page.prefetched = n == 2
        made.context.queue.append("tool", page.show("full"), call_id=f"c{n}")
    limit = int(made.context.tokens * 1.2)
    assert made.compact(limit).moved[0][0] == "p3"
    states = {page.id: page.state for page in made.context.pages}
    assert states["p4"] == "resident" and not made.context.summary


def reading(heights: Sequence[int], path: str = "f{}.py") -> Conversation:
    """A conversation in which a page of each height was read, one a step, and a last step after them."""
    made = Conversation(1)
    made.ask()
    for n, height in enumerate(heights):
        made.context.queue.append("assistant", "", calls=(ToolCall(f"c{n}", "page_in", "{}"),))
        lines = tuple(f"value_{i} = {i}" for i in range(height))
        view = View(path.format(n), "h", lines)
        page = made.context.pages.add(Region(view.path, 1, height), view, n)
        made.context.queue.append("tool", page.show("full"), call_id=f"c{n}")
    made.context.queue.append("assistant", "", calls=(ToolCall("last", "find", "{}"),))
    made.context.queue.append("tool", "nothing", call_id="last")
    return made


def test_no_page_goes_out_that_need_not() -> None:
    made = reading([100] * 9)
    limit = int(made.context.tokens / FLUSH) - 1
    done = made.compact(limit)
    page = count(made.context.pages.add(Region("f8.py", 1, 100), View("f8.py", "h", ()), 0).name) + 600
    assert len(done.moved) == 2 and done.after <= limit * GOAL < done.after + page


@pytest.mark.parametrize(("released", "out"), [(1, []), (0, ["p1", "p2"])])
def test_live_pages_stay_where_released_ones_make_room(released: int, out: list[str]) -> None:
    made = reading([100] * 9)
    limit = int(made.context.tokens / FLUSH) - 1
    for page in list(made.context.pages)[7 - released : 7]:
        page.state = "evicted"
    assert [handle for handle, _ in made.compact(limit).moved] == out


def test_a_page_hardly_longer_than_its_tombstone_stays() -> None:
    made = reading([5, 2, 100, 100, 100, 100])
    done = made.compact(int(made.context.tokens / FLUSH) - 1)
    assert [handle for handle, _ in done.moved] == ["p3", "p4"] and not made.context.summary
    made.compact(made.context.fixed_tokens + 300)
    made.check()


def test_what_leads_back_to_a_page_is_never_cut() -> None:
    """Its handle, place, state and note stay whole in old results and in the summary; the signature goes."""
    path = "packages/some/where/deep/in/the/repository/and/deeper/file_{}.ts"
    made = reading([100, 100, 100], path)
    page = next(iter(made.context.pages))
    page.state, page.note = "evicted", "line 3 " + "says a thing " * 9
    page.signature = "function propagate(" + "node: EnvironmentModuleNode, " * 4
    entry = Entry("tool", (page.show("tombstone"),), 1, call_id="c")
    whole = f"[p1] {page.name} in x (evicted; page_in p1 to read it again; note: {page.note})"
    assert masked(entry, made.context.pages).content == whole.replace(" in x", "")
    limit = made.context.fixed_tokens + 700
    made.compact(limit)
    assert f"  → read {whole.replace(' in x', '')}" in made.context.summary.split("\n")


def test_a_note_on_a_page_that_is_out_comes_to_its_tombstone() -> None:
    made = reading([100, 100, 100])
    page = next(iter(made.context.pages))
    page.state = "evicted"
    made.compact(made.context.tokens)
    page.note = "line 3 evicts"
    made.compact(made.context.tokens)
    told = [e.content for e in made.context.queue.entries if e.content.startswith("[p1]")]
    assert told == ["[p1] f0.py:1-100 (evicted; page_in p1 to read it again; note: line 3 evicts)"]


def test_the_summary_says_nothing_of_memory_at_work() -> None:
    made = reading([100, 100])
    queue = made.context.queue
    called = (ToolCall("a", "page_out", '{"pages": ["p1"]}'), ToolCall("b", "find", '{"query": "x"}'))
    queue.append("assistant", "", calls=called)
    queue.append("tool", "released, to go when room is needed: p1", call_id="a")
    queue.append("tool", "no match", call_id="b")
    queue.append("assistant", "hm " * 300)
    made.compact(made.context.fixed_tokens + 500)
    assert made.context.summary.split("\n")[-2:] == ['- you called find {"query": "x"}', "  → no match"]
    assert "page_" not in made.context.summary.replace("; page_in p", "")


def test_a_short_result_is_not_cut_for_a_row_or_two() -> None:
    made = reading([100, 100, 100])
    queue = made.context.queue
    rows = "\n".join(["5 matches", *(f"src/plugins/index.ts:{n} | one_plugin(config)," for n in range(5))])
    queue.entries[2] = replace(queue.entries[2], parts=(*queue.entries[2].parts, rows))
    made.compact(int(made.context.tokens / FLUSH) - 1)
    assert queue.entries[2].content.endswith(rows) and made.context.pages.get("p1") is not None


def test_old_interrupts_go_whole_or_stay_whole() -> None:
    made = reading([100])
    queue = made.context.queue
    news = "files changed: " + ", ".join(f"a/long/way/to/file_{n}.py" for n in range(9)) + ". Pages are new."
    for told in (
        "to make room these went out: p1 f.py:1-2" + ", p2 f.py:3-4" * 20,
        news + "\nrewritten" * 40,
    ):
        queue.append("interrupt", told)
    queue.append("assistant", "hm")
    made.compact(made.context.tokens - 80)
    kept = [e.content for e in queue.entries if e.role == "interrupt"]
    assert len(kept) == 1 and news in kept[0] and kept[0].endswith("[… 37 rows dropped]")


def test_what_stands_on_tombstones_and_in_blocks_is_not_said_in_calls_too() -> None:
    made = reading([100, 100])
    queue, note, fact = made.context.queue, "line 3 evicts " * 9, "it evicts in line 3, " * 9
    first = next(iter(made.context.pages))
    texts = (("page_out", {"pages": ["p1"], "note": note}), ("remember", {"text": fact, "to": "task"}))
    called = tuple(ToolCall(name, name, json.dumps(given)) for name, given in texts)
    unknown = ToolCall("other", "page_out", json.dumps({"pages": ["p2"], "note": "not told elsewhere " * 9}))
    queue.append("assistant", "", calls=(*called, unknown))
    for call in (*called, unknown):
        queue.append("tool", "done", call_id=call.id)
    first.state, first.note = "evicted", note.strip()
    blocks = f"<task>\n{fact.strip()}\n</task>"
    made.compact(made.context.tokens, lambda: blocks)
    assert queue.entries[-4].calls == (*called, unknown), "the newest are as they were"
    queue.append("assistant", "hm")
    made.compact(made.context.tokens, lambda: blocks)
    kept = queue.entries[-5].calls
    assert [json.loads(call.arguments) for call in kept[:2]] == [
        {"pages": ["p1"], "note": "(on the tombstone)"},
        {"text": "(in the working context)", "to": "task"},
    ]
    assert kept[2] == unknown
    made.check()


@examples(60)
@given(st.lists(st.text(max_size=400) | st.just("記" * 5000) | st.just("\x1b" * 900), max_size=6), st.data())
def test_blocks_never_take_more_than_their_part(lines: list[str], data: st.DataObject) -> None:
    limit = data.draw(st.sampled_from([60, 163, 655]))
    name: str = data.draw(st.sampled_from(NAMES))
    blocks = Blocks({name: FixedBlock()}, limit)
    for line in lines:
        dropped = blocks.append(name, line)
        kept = " ".join(line.split())
        assert not kept or kept in blocks.get(name) or kept in dropped
    smaller = Blocks({n: FixedBlock(blocks.get(name)) for n in NAMES}, 60, task=blocks.get(name))
    assert count(smaller.render()) <= 3 * 60 + 30
    assert smaller.render() == visible(smaller.render())


@given(
    st.integers(4096, 200_000), st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), max_size=9)
)
def test_a_prompt_at_the_limit_leaves_the_reserve(window: int, seen: list[tuple[int, int]]) -> None:
    budget = Budget(window)
    for estimate, counted in seen:
        budget.calibration.observe(estimate, counted)
        if counted / estimate >= budget.calibration.FLOOR:
            assert budget.tokens(estimate) >= counted
    assert budget.tokens(budget.limit) + budget.reserve <= window
    assert 512 <= budget.reserve <= 4096


def test_what_is_worth_least_goes_whole_before_the_rest_loses_anything() -> None:
    made = reading([300, 300, 300])
    before = {page.id: page.detail for page in made.context.pages}
    made.context.queue.append("assistant", "hm")
    made.compact(int(made.context.tokens / GOAL) - 200)
    states = [(page.state, page.detail == before[page.id]) for page in made.context.pages]
    assert states == [("evicted", True), ("resident", True), ("resident", True)]


def test_the_latest_results_stay_while_pages_can_go() -> None:
    made = reading([300])
    queue = made.context.queue
    for name in ("old", "new"):
        queue.append("assistant", "", calls=(ToolCall(name, "find", "{}"),))
        queue.append("tool", "\n".join(f"{name}.py:{n} | value = {n}" for n in range(60)), call_id=name)
    queue.append("assistant", "hm")
    made.compact(int((made.context.tokens - 1500) / GOAL))
    told = {entry.call_id: "rows dropped" in entry.content for entry in queue.entries if entry.role == "tool"}
    assert (told["old"], told["new"]) == (True, False)
    assert [page.state for page in made.context.pages] == ["evicted"]
