"""The kernel: what a failure leaves behind, what the cache sees, and how a run ends."""

import asyncio
import re
from contextlib import aclosing
from typing import Any

import pytest
from repository import Call, Repo, calls, check_protocol, repository, script, varied

from memls.agent.conversation import AskOptions
from memls.agent.interrupts import InterruptQueue
from memls.agent.limits import Limits
from memls.errors import ModelError
from memls.events import Interrupt, PageOut, Syscall
from memls.memory.window import GOAL
from memls.models.base import Reply, Request, ToolCall
from memls.models.extractive import ExtractiveModel
from memls.models.scripted import ScriptedModel
from memls.tokens import count, count_request

PAGE = calls(("page_in", {"targets": ["small.py"]}))


def _fail(_: Request) -> Reply:
    raise ModelError("the endpoint is gone")


def _state(repo: Repo, session: str = "s") -> tuple[Any, list[tuple[str, str]]]:
    recall = repo.workspace.recall
    return recall.load_state(session), [(m.role, m.content) for m in recall.transcript(session)]


def test_a_failed_call_leaves_the_session_as_of_the_last_whole_step() -> None:
    with repository(varied(4)) as repo:
        repo.ask("first?", script(PAGE, "Yes."), session="s")
        before, transcript = _state(repo)
        with pytest.raises(ModelError, match="the endpoint is gone"):
            repo.ask("second?", script(_fail), session="s")
        after, longer = _state(repo)
        assert after == before
        assert longer == [*transcript, ("user", "second?")]

        with pytest.raises(ModelError):
            repo.ask("third?", script(calls(("page_in", {"targets": ["pkg/cjk.py"]})), _fail), session="s")
        state, all_of_it = _state(repo)
        assert [e["role"] for e in state["entries"]][-3:] == ["user", "assistant", "tool"]
        assert "pkg/cjk.py" in all_of_it[-1][1]

        run = repo.ask("fourth?", script("Still here."), session="s")
        assert run.answer.answer == "Still here."
        check_protocol(run.requests[0])
        sent = str(run.requests[0].messages)
        assert "first?" in sent and "third?" in sent and "second?" not in sent


@pytest.mark.parametrize("way", [(), (PAGE,)])
def test_an_answer_stands_where_the_call_that_is_to_mend_it_fails(way: tuple[Reply, ...]) -> None:
    with repository(varied(4)) as repo:
        answer = "Small, as said [never.py:3]."
        run = repo.ask("how large?", script(answer, *way, _fail), session="s")
        assert (run.answer.answer, run.answer.status) == (answer, "answered")
        assert [citation.status for citation in run.answer.citations] == ["unverified"]
        assert run.answer.notes == ("its citations could not be mended: the endpoint is gone",)
        assert _state(repo)[1][-1] == ("assistant", answer)
        check_protocol(repo.ask("and now?", script("As before."), session="s").requests[0])


@pytest.mark.parametrize("how", ["cancelled", "closed", "crashed"])
async def test_a_step_that_is_cut_off_leaves_the_session_as_it_was(how: str) -> None:
    with repository(varied(4)) as repo:
        await repo.ask_model("first?", ScriptedModel(script(PAGE, "Yes."), window=8192), session="s")
        before, _ = _state(repo)

        class Endless(ScriptedModel):
            async def stream(self, request: Request) -> Any:
                async for item in super().stream(request):
                    if isinstance(item, Reply):
                        if how == "crashed":
                            raise RuntimeError("a bug")
                        await asyncio.sleep(60)
                    yield item

        asked = AskOptions(Endless(script("A long reply."), window=8192), "s", Limits(), None, False)

        async def consume(stop: bool) -> None:
            async with aclosing(repo.workspace.ask("second?", asked)) as events:
                async for event in events:
                    if stop and type(event).__name__ == "Token":
                        return

        if how == "closed":
            await consume(True)
        elif how == "crashed":
            with pytest.raises(RuntimeError, match="a bug"):
                await consume(False)
        else:
            task = asyncio.create_task(consume(False))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert _state(repo)[0] == before
        again = await repo.ask_model("third?", ScriptedModel(script("Yes."), window=8192), session="s")
        assert again.answer.status == "answered"


def test_a_request_starts_with_the_bytes_of_the_one_before() -> None:
    steps = [
        calls(("page_in", {"targets": ["small.py:small", "small.py:other"]}), ("find", {"query": "cache"})),
        calls(("remember", {"text": "news", "to": "project"}), ("outline", {"path": "pkg"})),
        Reply(""),
        calls(("page_out", {"pages": ["p1"], "note": "done"}), ("page_in", {"targets": ["p1"]}), text="hm"),
        calls(("page_in", {"targets": ["one_line.txt"]}), ("nothing", {})),
        "[never.py:3]",
    ]
    with repository(varied(4)) as repo:
        run = repo.ask("what is `small`?", script(*steps, "Done."), window=32_768)
        assert len(run.requests) == 7
        for before, after in zip(run.requests, run.requests[1:], strict=False):
            assert after.messages[: len(before.messages)] == before.messages
            assert after.tools == before.tools
        assert run.answer.usage.cached_prefix_ratio > 0.5


def test_compaction_frees_at_least_a_tenth_of_the_window() -> None:
    targets = [f"pkg/huge.py:{n}-{n + 60}" for n in range(1, 1400, 61)]
    with repository(varied(4)) as repo:
        run = repo.ask(
            "page through it", script(*(calls(("page_in", {"targets": [t]})) for t in targets)), window=16_384
        )
        sizes = [count_request(request.messages, request.tools) for request in run.requests]
        compacted = 0
        for before, after in zip(run.requests, run.requests[1:], strict=False):
            assert after.messages[0] == before.messages[0]
            if after.messages[: len(before.messages)] != before.messages:
                compacted += 1
                page = 3000
                freed = count_request(before.messages, []) + page - count_request(after.messages, [])
                assert freed >= 16_384 / 10
                news = [m for m in after.messages[-1:] if "to make room these went out" in m["content"]]
                rest = count_request(after.messages, after.tools) - count_request(news, [])
                assert rest <= (16_384 - 2048) * GOAL  # what went out is told after it
        assert compacted >= 2 and max(sizes) <= 16_384 - 2048
        assert any(isinstance(event, PageOut) for event in run.events)


def test_user_messages_and_storms_are_taken_at_the_next_safe_point() -> None:
    with repository(varied(4)) as repo:
        interrupts = InterruptQueue()

        def say(_: Request) -> Reply:
            for n in range(3):
                interrupts.user(f"also {n}")
            return PAGE

        run = repo.ask("?", script(say, "Done."), interrupts=interrupts)
        said = [m["content"] for m in run.requests[1].messages if m["role"] == "user"]
        assert said[-3:] == ["also 0", "also 1", "also 2"]
        assert [e.text for e in run.events if isinstance(e, Interrupt)] == said[-3:]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("page_in", "{"), ("page_in", ""), ("rm -rf /", "{}"), ("", "null"), ("find", '{"query": 5, "x": 1}')],
)
def test_a_wrong_call_goes_back_in_a_form_that_every_endpoint_takes(name: str, arguments: str) -> None:
    wrong = Reply("", (ToolCall("", name, arguments), ToolCall("", name, arguments)))
    with repository({"a.py": "x = 1\n"}) as repo:
        run = repo.ask("?", script(wrong, "Done."))
        check_protocol(run.requests[1])
        assert [event.ok for event in run.events if isinstance(event, Syscall)] == [False, False]
        assert run.answer.answer == "Done."


def test_ids_that_repeat_are_told_apart() -> None:
    made = tuple(ToolCall("same", "find", f'{{"query": "{word}"}}') for word in "abc")
    with repository({"a.py": "x = 1\n"}) as repo:
        run = repo.ask("?", script(Reply("", made), "Done."))
        check_protocol(run.requests[1])
        assert len({m["tool_call_id"] for m in run.requests[1].messages if m["role"] == "tool"}) == 3


def test_a_model_that_repeats_itself_or_never_ends_is_ended() -> None:
    find: Call = ("find", {"query": "cache"})
    with repository(varied(4)) as repo:
        stuck = repo.ask("?", lambda _: calls(find))
        assert len(stuck.requests) == 4 and stuck.answer.status == "incomplete"
        endless = iter(range(100))
        run = repo.ask("?", lambda _: calls(("find", {"query": f"cache {next(endless)}"})), steps=6)
        assert run.answer.usage.steps == 6 and run.answer.status == "incomplete"
        silent = repo.ask("?", lambda _: Reply(""))
        assert silent.answer.status == "incomplete" and silent.answer.notes


def test_the_index_can_be_deleted_between_two_questions() -> None:
    with repository(varied(4)) as repo:
        made = [("remember", {"text": "kept", "to": to}) for to in ("task", "project", "user", "archive")]
        repo.ask("first?", script(PAGE, calls(*made), "Yes."), session="s")
        repo.close()
        for file in repo.folders.index.iterdir():
            file.unlink()
        run = repo.ask("second?", script("[small.py:1-2]"), session="s")
        sent = str(run.requests[0].messages)
        assert "first?" in sent and all(f"<{name}>" in sent for name in ("task", "project", "user"))
        assert run.answer.citations[0].status == "verified"
        assert [note.text for note in repo.workspace.archive.all()] == ["kept"]
        assert repo.workspace.status().files == len(varied(4))


def test_a_second_question_is_answered_from_what_is_resident() -> None:
    """Without a model: what the first question read is not read again, and counts all the same."""
    with repository(varied(3)) as repo:
        for question in ("Where is `small` defined?", "Where is `small` defined?", "What does small do?"):
            run = asyncio.run(repo.ask_model(question, ExtractiveModel(), session="s"))
            cited = [(c.path, c.status) for c in run.answer.citations]
            assert ("small.py", "verified") in cited, question


def test_what_was_cited_before_can_be_cited_again_while_it_says_the_same() -> None:
    """In the same conversation, also where the page has left main context; and only the lines themselves."""
    pages = [calls(("page_in", {"targets": [f"pkg/huge.py:{n * 40 + 1}-{n * 40 + 35}"]})) for n in range(16)]
    with repository(varied(4)) as repo:
        repo.ask("first?", script(PAGE, *pages, "Small adds [small.py:1-2]."), session="s", window=4096)
        again = script(
            "As said [small.py:1-2], and this [small.py:4].", "As said [small.py:1-2][small.py:4]."
        )
        second = repo.ask("and the other?", again, session="s", window=4096)
        assert "1|def small" not in str(second.requests), "it is no page any more"
        assert [c.status for c in second.answer.citations] == ["verified", "unverified"]
        assert repo.replay(second.trace) == second.trace
        repo.write("small.py", "# changed\n" + "".join(f"{line}\n" for line in repo.lines("small.py")[1:]))
        third = repo.ask("and now?", script("As said [small.py:1-2]."), session="s", window=4096)
        assert [c.status for c in third.answer.citations] != ["verified"]


def test_a_short_question_is_looked_up_with_the_one_before() -> None:
    files = {
        **{
            f"shop/{name}.py": f"def {name}(amount):\n    return amount\n"
            for name in ("pay", "refund", "ship")
        },
        "shop/zsh.py": 'def load_history(file):\n    """Import the history of zsh, line by line."""\n',
        "shop/fish.py": 'def load_history(file):\n    """Import the history of fish, line by line."""\n',
    }
    with repository(files) as repo:
        repo.ask("How is the history of zsh imported?", script("By lines."), session="s")
        run = repo.ask("And fish?", script("Too."), session="s")
        asked = str(run.requests[0].messages[-1]["content"])
        assert "shop/fish.py" in asked and "shop/zsh.py" in asked
        alone = repo.ask("And fish?", script("Which?"), session="other")
        assert "shop/zsh.py" not in str(alone.requests[0].messages[-1]["content"])


def test_no_pressure_is_told_while_what_was_released_makes_room() -> None:
    pages = [{"targets": [f"pkg/huge.py:{n * 150 + 1}-{n * 150 + 125}"]} for n in range(3)]
    release = calls(("page_out", {"pages": ["p1"], "note": "lines 1-80: nothing"}))
    with repository(varied(4)) as repo:
        first = [calls(("page_in", one)) for one in pages]
        told = repo.ask("how?", script(first[0], first[1], "Done."), window=8192)
        assert "[system interrupt] memory pressure" in str(told.requests[-1].messages)
        quiet = repo.ask("how?", script(first[0], release, first[1], "Done."), window=8192)
        assert "[system interrupt] memory pressure" not in str(quiet.requests[-1].messages)


def test_what_is_said_to_be_free_can_be_read_without_an_eviction() -> None:
    line, free = "value = 'some bytes of one line'", [0]

    def fill(request: Request) -> Reply:
        told = re.search(r"memory pressure: about (\d+) tokens are free", str(request.messages))
        assert told
        free[0] = int(told.group(1))
        lines = (free[0] - 150) // count(f"1234|{line}\n")
        return calls(("page_in", {"targets": [f"big.py:900-{900 + lines}"]}))

    first = calls(("page_in", {"targets": [f"big.py:{n}00-{n}75" for n in (1, 3, 5, 7)]}))
    with repository({"big.py": f"{line}\n" * 2000}) as repo:
        run = repo.ask("how?", script(first, fill, "Done."), window=8192)
    assert free[0] > 300 and "900|value" in str(run.requests[-1].messages)
    assert all(page.state == "resident" for page in run.answer.pages)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It is so [p1:1-2].", "It is so [small.py:1-2]."),
        ("It is so [p1:1-2, 4; p2:3].", "It is so [small.py:1-2, 4; pkg/wide.py:3]."),
        (
            "p1 says so [p1:L1]; not x.p1:3, [p9:1] or `p1:1`.",
            "p1 says so [small.py:L1]; not x.p1:3, [p9:1] or `p1:1`.",
        ),
    ],
)
def test_a_handle_in_a_citation_is_its_path(said: str, shown: str) -> None:
    with repository(varied(4)) as repo:
        both = calls(("page_in", {"targets": ["small.py", "pkg/wide.py"]}))
        run = repo.ask("how?", script(both, said, said), session="s")
        assert run.answer.answer == shown
        assert {c.status for c in run.answer.citations if c.path.endswith(".py")} == {"verified"}
        assert repo.replay(run.trace) == run.trace
        kept = [message.content for message in repo.workspace.recall.transcript("s")]
        assert shown in kept and said not in kept


def test_of_an_empty_folder_everything_was_looked_at() -> None:
    with repository({}) as repo:
        assert repo.ask("what is here?", script("Nothing.")).answer.notes == ()
        repo.write("new.py", "new = 1\n")
        assert repo.workspace.index().changed


def _parts(*names: str) -> dict[str, str]:
    """A file of some 500 tokens for each name, which its function has."""
    return {
        f"{name[:1]}.py": f"def {name}():\n" + "".join(f"    value_{n} = {n}\n" for n in range(70))
        for name in names
    }


SPOKEN = {
    "nothing": ("", ("find", {"query": "nowhere", "kind": "text"}), "a.py"),
    "a name": ("Next I follow `alpha`.", ("find", {"query": "nowhere", "kind": "text"}), "b.py"),
    "a name in a call": ("", ("references", {"symbol": "alpha"}), "b.py"),
    "a hit": ("", ("find", {"query": "def alpha", "kind": "text"}), "b.py"),
}


@pytest.mark.parametrize("case", SPOKEN)
def test_a_page_that_was_spoken_of_stays_longer(case: str) -> None:
    text, call, first = SPOKEN[case]
    names = ("alpha", "beta_", "gamma", "delta", "epsilon", "zeta")
    with repository(_parts(*names)) as repo:
        steps = [calls(("page_in", {"targets": [f"{name[:1]}.py"]})) for name in names]
        run = repo.ask("what?", script(*steps[:2], calls(call, text=text), *steps[2:]), window=4096)
        out = [event.page.path for event in run.events if isinstance(event, PageOut)]
        assert out[:1] == [first]
