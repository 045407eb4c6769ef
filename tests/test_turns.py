"""Conversations as they are kept: turns, titles, attachments, orders to a session that runs, suggestions."""

import json
from pathlib import Path

import pytest
from repository import Repo, calls, check_pages, repository, script

from memls.agent.attachments import Attachment
from memls.agent.record import Record
from memls.database import MEMORY, Database, Schema
from memls.errors import ModelError, NotFoundError, UsageError
from memls.events import Interrupt, PageIn, PageInfo, Syscall, Token
from memls.memory.recall import Recall, now
from memls.memory.search import Remembered, Wanted
from memls.memory.turns import INTERRUPTED, Turns
from memls.models.base import Reply, Request

FILES = {
    "till.py": "class Till:\n    def open(self):\n        return 1\n\n\ndef refund(till):\n    till.open()\n",
    "notes.md": "# Notes\n\nNothing.\n",
}


def _written_by_the_first_version(path: Path) -> None:
    database = Database(path, Schema("memory", ("memory_1.sql",), 1, derived=False))
    messages = [
        ("user", "What is  it?", ""), ("assistant", "", '{"calls": []}'), ("tool", "text", "{}"),
        ("assistant", "It is [till.py:1-3].", ""), ("user", "And lost?", ""),
        ("assistant", "looking", '{"calls": []}'), ("user", "Once more?", ""), ("assistant", "bad", ""),
        ("assistant", "Mended.", ""),
    ]  # fmt: skip
    rows = [["old", number, *row, now()] for number, row in enumerate(messages, 1)]
    database.write(
        lambda w: [w.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", row) for row in rows]
    )
    state = {"format": 1, "task": "kept", "summary": "", "entries": [], "pages": []}
    kept = ["old", now(), now(), json.dumps(state)]
    database.write(lambda w: w.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", kept))
    database.close()


def test_sessions_of_the_first_version_are_shown_and_gone_on_with() -> None:
    with repository(FILES) as repo:
        repo.folders.memory.mkdir()
        _written_by_the_first_version(repo.folders.memory / "memory.duckdb")
        workspace = repo.workspace
        (info,) = workspace.sessions()
        assert (info.name, info.title, info.messages) == ("old", "What is it?", 9)
        assert [s.name for s in workspace.sessions("mended lost")] == ["old"] and not workspace.sessions(
            "tool"
        )
        turns = workspace.turns("old")
        shown = [(t.question, t.answer and t.answer["answer"], t.failure) for t in turns]
        assert shown == [
            ("What is  it?", "It is [till.py:1-3].", ""), ("And lost?", None, INTERRUPTED),
            ("Once more?", "Mended.", ""),
        ]  # fmt: skip
        assert turns[0].answer
        (cited,) = turns[0].answer["citations"]
        assert (cited["path"], cited["start"], cited["status"]) == ("till.py", 1, "unverified")
        assert workspace.context("old")["blocks"]["task"] == "kept"
        assert workspace.context("old", 9000)["window"] == 9000
        repo.ask("Still there?", script("Yes."), session="old")
        assert [t.number for t in workspace.turns("old")] == [1, 2, 3, 4]
        assert workspace.turns("old")[:3] == turns
        assert workspace.context("old", 9000)["window"] == 8192
        branch = workspace.fork("old", 4)
        assert [t.question for t in workspace.turns(branch)] == [t.question for t in turns]
        assert workspace.export(branch).count("\n## ") == 3
        assert [m.content for m in workspace.transcript(branch)][:2] == [
            "What is  it?",
            "It is [till.py:1-3].",
        ]


def found(remembered: Remembered, words: str) -> list[str]:
    return [memory.role for memory in remembered.search(Wanted(words)).items]


def test_what_is_kept_of_turns_is_not_what_the_model_recalls() -> None:
    with repository(FILES) as repo:
        failing = script(lambda request: (_ for _ in ()).throw(ModelError("purple failure")))
        with pytest.raises(ModelError):
            repo.ask("What is teal?", failing, session="s")
        repo.ask("Well?", script("Orange."), session="s")
        recall = Recall(repo.workspace.store.memory)
        before = recall.extent()
        remembered = Remembered(repo.workspace.store.memory)
        assert found(remembered, "purple") == [] and found(remembered, "teal") == ["user"]
        assert [t.failure for t in repo.workspace.turns("s")] == ["purple failure", ""]
        assert [m.role for m in repo.workspace.transcript("s")] == ["user", "user", "assistant"]
        repo.workspace.rename("s", "Violet")
        repo.workspace.fork("s", 2)
        assert recall.extent() == before and found(remembered, "violet") == []
        assert [s.name for s in repo.workspace.sessions("violet orange")] == ["s"]
        with pytest.raises(NotFoundError):
            repo.workspace.rename("t", "x")


def test_a_question_that_is_asked_again_is_kept_once() -> None:
    database = Database(None, MEMORY)
    turns = Turns(database)
    assert turns.begin("s", "What?", []) == 1
    assert turns.begin("s", "What?", [{"path": "a.py"}], again=True) == 1
    assert turns.begin("s", "Else?", [], again=True) == 2
    assert turns.begin("s", "Else?", []) == 3
    assert [(t.number, t.question, t.attachments) for t in turns.of("s")] == [
        (1, "What?", [{"path": "a.py"}]), (2, "Else?", []), (3, "Else?", []),
    ]  # fmt: skip
    assert Recall(database).forget("s") and turns.of("s") == [] and turns.sessions() == []
    turns.end("s", 3, None, [], "late")
    assert turns.of("s") == []
    database.close()


def test_the_steps_of_a_long_run_are_bounded() -> None:
    database = Database(None, MEMORY)
    record = Record(Turns(database), "s")
    record.begin("What?", [], again=False)
    page = PageInfo("p1", "a.py", "", 1, 2, "resident", "full", 3, False, 0, 0)
    record.see(PageIn(page))
    record.see(Token("never"))
    for number in range(2000):
        record.see(Syscall("find", {"query": "x" * 5000, "many": [number] * 500}, True, "ok"))
    record.see(Interrupt("limit", "the end"))
    record.end(None)
    (turn,) = Turns(database).of("s")
    assert turn.failure == "stopped" and len(turn.steps) == 500
    assert turn.steps[0]["page"]["id"] == "p1" and turn.steps[-1]["text"] == "the end"
    assert max(len(json.dumps(step)) for step in turn.steps) < 1000
    database.close()


def _ordering(repo: Repo, replies: list[Reply | str], do: list[object]) -> list[Request]:
    """Ask, doing one thing to the session at each of the model's turns; the requests."""
    waiting = list(replies)

    def policy(request: Request) -> Reply:
        for action in (do.pop(0),) if do else ():
            action()  # type: ignore[operator]
        reply = waiting.pop(0)
        return Reply(reply) if isinstance(reply, str) else reply

    return repo.ask("What does `refund` do?", policy, session="s").requests


def test_a_session_that_runs_takes_orders_at_its_next_safe_point() -> None:
    with repository(FILES) as repo:
        w = repo.workspace
        find = calls(("find", {"query": "till"}))
        requests = _ordering(
            repo,
            [find, find, find, "Refunds [till.py:6-7]."],
            [
                lambda: w.page_in("s", ["till.py:Till", "notes.md", "nowhere.py"]),
                lambda: w.block("s", "task", "Mind the till."),
                lambda: w.block("other", "project", "Shared."),
            ],
        )
        second, third, fourth = (request.messages for request in requests[1:])
        brought, news = str(second[-1]["content"]), str(third[-1]["content"])
        assert (
            brought.startswith("[system interrupt] the user paged these in:")
            and "2|    def open(self):" in brought
        )
        assert "3|Nothing." in brought and "no file or symbol is named nowhere.py" in brought
        assert (
            news == "[system interrupt] the user edited the working context; task says now:\nMind the till."
        )
        assert "project says now:\nShared." in str(fourth[-1]["content"])
        for before, after in ((requests[0].messages, second), (second, third), (third, fourth)):
            assert after[: len(before)] == before, "the prefix stays"
        assert all(check_pages(request, repo) for request in requests[1:])
        assert w.context("s")["blocks"] == {"task": "Mind the till.", "project": "Shared.", "user": ""}
        (turn,) = w.turns("s")
        assert turn.answer and turn.answer["citations"][0]["status"] == "verified"
        with pytest.raises(UsageError, match="too long"):
            w.block("s", "task", "x" * 2000)


def test_what_is_attached_replays() -> None:
    files = {**FILES, "long.py": "\n".join(f"def part_{n}():\n    return {n}\n" for n in range(3000))}
    attached = (
        Attachment("till.py", symbol="refund"),
        Attachment("long.py"),
        Attachment("notes.md", start=1, end=1),
    )
    with repository(files) as repo:
        run = repo.ask("How?", script("So [till.py:6-7]."), session="s", attachments=attached)
        text = str(run.requests[0].messages[-1]["content"])
        assert text.index("6|def refund") < text.index("1|def part_0") < text.index("1|# Notes")
        assert check_pages(run.requests[0], repo) > 10
        assert any(isinstance(e, Interrupt) and "long.py" in e.text for e in run.events)
        assert run.answer.citations[0].status == "verified"
        assert repo.replay(run.trace) == run.trace
        assert json.loads(run.trace.splitlines()[0])["attachments"][0] == {
            "path": "till.py",
            "symbol": "refund",
        }


def test_a_trace_of_an_earlier_version_replays() -> None:
    """Its header has no attachments, and no window in the state."""
    with repository(FILES) as repo:
        repo.ask("What is `Till`?", script("So."), session="s")
        trace = repo.ask("And `refund`?", script("So [till.py:6-7]."), session="s").trace
        head, rest = trace.split("\n", 1)
        header = json.loads(head)
        assert "attachments" not in header and header["state"].pop("window") == 8192
        old = json.dumps(header, separators=(",", ":")) + "\n" + rest
        assert repo.replay(old) == old


CODE = {
    "app/main.py": "from app.core import Engine, load_engine\n\n\ndef main():\n    Engine().run()\n",
    "app/core.py": "class Engine:\n" + "    def run(self, x):\n        return x\n\n" * 5
    + "\ndef load_engine():\n" + "    print(1)\n" * 8 + "\n\ndef split():\n" + "    print(1)\n" * 30,
    **{
        f"app/part_{n}.py": f"from app.core import Engine, load_engine, split\n\n\n"
        f"class Part{n}(Engine):\n    x = load_engine(), split()\n"
        for n in range(4)
    },
    "tests/test_app.py": "class Helper:\n" + "    x = 1\n" * 90,
}  # fmt: skip
SUGGESTED: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({}, []),
    ({"notes.txt": "nothing"}, []),
    ({"README.md": "# Title\n\n## Parts of it\n\ntext\n"}, ["What does README.md say about Parts of it?"]),
    ({"a.py": "def greet(name):\n    return name\n"}, ["What does `greet` do?"]),
    (CODE, [
        "What happens when `main` in app/main.py runs, step by step?",
        "How does `Engine` work, and what relies on it?",
        "What does `load_engine` do, and where is it used?",
    ]),
)  # fmt: skip


@pytest.mark.parametrize(("files", "wanted"), SUGGESTED)
def test_suggestions(files: dict[str, str], wanted: list[str]) -> None:
    with repository(files) as repo:
        assert repo.workspace.suggestions() == wanted == repo.workspace.suggestions()
