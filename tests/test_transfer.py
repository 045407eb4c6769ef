"""Memory, taken out, mended and brought back: nothing is lost or comes twice, nothing else is changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memls.cli import cli
from memls.errors import UsageError
from memls.memory.markdown import parse_markdown
from memls.memory.transfer import parse
from memls.workspace import MemoryForm, Workspace
from tests.repository import Repo, calls, repository, script

FILES = {"till.py": "def total(items):\n    return sum(items)\n"}
ODD = "# Heading\n\n## Note 7\n> quoted\n   \n<!-- {} -->\n```\n--\u2028\x07é😀\r\n"


def talk(repo: Repo) -> None:
    repo.ask(
        "What is total?",
        script(calls(("page_in", {"targets": ["total"]})), "It sums [till.py:1-2]."),
        session="s",
    )
    made = [
        ("remember", {"text": "Prices are in cents.", "to": "archive", "code": ["till.py:total"]}),
        ("remember", {"text": "Answers in French.", "to": "user"}),
        ("remember", {"text": "The till is a toy.", "to": "project"}),
    ]
    repo.ask(ODD, script(calls(*made), ODD), session="odd")
    repo.workspace.rename("s", "Sums -- and more")


def forget_all(workspace: Workspace) -> None:
    for block in ("project", "user"):
        workspace.block("s", block, "")
    for session in workspace.sessions():
        workspace.forget(session.name)
    for note in workspace.notes():
        workspace.forget(f"note:{note.id}")


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_export_forget_import_gives_the_same_bytes(form: MemoryForm) -> None:
    with repository(FILES) as repo:
        talk(repo)
        before = repo.workspace.export_memory(form)
        sessions, notes = repo.workspace.sessions(), repo.workspace.notes()
        forget_all(repo.workspace)
        assert repo.workspace.export_memory(form) != before and not repo.workspace.notes()
        brought = repo.workspace.import_memory(before, form)
        assert (brought.sessions, brought.notes, brought.known) == (2, 1, 0)
        assert repo.workspace.export_memory(form) == before
        assert repo.workspace.notes() == notes
        assert [s.name for s in repo.workspace.sessions()] == [s.name for s in sessions]
        again = repo.workspace.import_memory(before, form)
        assert (again.sessions, again.notes, again.known) == (0, 0, 3)
        assert repo.workspace.export_memory(form) == before
        if form == "json":
            run = repo.ask("And now?", script("[till.py:1-2]"), session="s")
            assert "What is total?" in str(run.requests[0].messages)
            assert run.answer.citations[0].status == "verified"


def test_what_is_there_is_kept() -> None:
    with repository(FILES) as repo:
        talk(repo)
        exported = repo.workspace.export_memory("json")
        forget_all(repo.workspace)
        repo.ask("Something else?", script("Yes."), session="s")
        repo.workspace.remember("Another note.")
        repo.workspace.block("s", "project", "The till is real.")
        brought = repo.workspace.import_memory(exported, "json")
        assert (brought.sessions, brought.notes) == (2, 1)
        assert {s.name for s in repo.workspace.sessions()} == {"s", "s-2", "odd"}
        assert {note.id: note.text for note in repo.workspace.notes()} == {
            1: "Another note.",
            2: "Prices are in cents.",
        }
        assert repo.workspace.context("s")["blocks"]["project"] == "The till is real.\nThe till is a toy."


def test_a_person_mends_what_is_remembered() -> None:
    with repository(FILES) as repo:
        talk(repo)
        text = repo.workspace.export_memory("markdown")
        mended = text.replace("Prices are in cents.", "Prices are in euros.").replace(
            "> The till is a toy.", ">"
        )
        brought = repo.workspace.import_memory(mended, "markdown", replace=True)
        [note] = repo.workspace.notes()
        assert (note.text, note.anchors[0].symbol) == ("Prices are in euros.", "total")
        assert repo.workspace.context("s")["blocks"]["project"] == "" and brought.known == 0
        assert repo.workspace.export_memory("markdown") == mended
        found = repo.ask("Which prices?", script("Euros."), session="new").requests[0]
        assert "Prices are in euros." in str(found.messages)


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    found = {"memls": 1, "blocks": {}, "notes": [note()], "sessions": [session()]}
    change(found)
    return json.dumps(found)


def note() -> dict[str, Any]:
    return {"id": 1, "text": "x", "session": "s", "time": "2026-11-23T10:00:00.000000Z", "anchors": []}


def session() -> dict[str, Any]:
    time = "2026-11-23T10:00:00.000000Z"
    message = {"number": 1, "role": "user", "content": "x", "time": time, "detail": ""}
    return {"name": "s", "created": time, "used": time, "messages": [message], "turns": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "memls"),
        ("{}", "memls"),
        ('{"memls": 2}', "version 2"),
        (broken(lambda f: f.update(more=1)), "more"),
        (broken(lambda f: f.update(notes=3)), "notes"),
        (broken(lambda f: f["notes"][0].update(id="1")), "id"),
        (broken(lambda f: f["notes"][0].update(time="yesterday")), "time"),
        (broken(lambda f: f["notes"][0].pop("text")), "text"),
        (broken(lambda f: f["notes"].append(note())), "twice"),
        (broken(lambda f: f["sessions"].append(session())), "twice"),
        (broken(lambda f: f["sessions"][0]["messages"].append(f["sessions"][0]["messages"][0])), "twice"),
        (broken(lambda f: f["sessions"][0].update(state="{")), "no JSON"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line"),
        ("# What memls remembers\nhello", "line 2"),
        ("# What memls remembers\n### 1 user\n> x", "line 2: a message before"),
        ("# What memls remembers\n## Note x\n> x", "line 2"),
        ("# What memls remembers\n## Note 1\n<!-- {x} -->\n> x", "line 3"),
        ("# What memls remembers\n## Note 1\n> x", "session"),
    ],
)
def test_markdown_that_is_no_export_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_markdown(text)


def test_a_refused_import_changes_nothing() -> None:
    with repository(FILES) as repo:
        talk(repo)
        before = repo.workspace.export_memory("json")
        wrong = broken(lambda f: f.update(blocks={"No name": "x"}))
        with pytest.raises(UsageError, match="names no block"):
            repo.workspace.import_memory(wrong, "json", replace=True)
        assert repo.workspace.export_memory("json") == before


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMLS_HOME", str(tmp_path / "home"))
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.py").write_text("def f():\n    return 1\n")
    run = lambda *words: CliRunner().invoke(cli, [*words, "--repo", str(root)])  # noqa: E731
    assert run("ask", "what does f return?", "--model", "extractive").exit_code == 0
    for name in ("memory.md", "memory.json"):
        assert "wrote" in run("memory", "export", str(tmp_path / name)).output
    printed = run("memory", "export").output
    assert printed.startswith("# What memls remembers") and printed == (tmp_path / "memory.md").read_text()
    assert run("memory", "export", "--format", "json").output == (tmp_path / "memory.json").read_text()
    assert run("memory", "forget", "ask-1").exit_code == 0
    assert (
        "1 conversation and 0 notes came in" in run("memory", "import", str(tmp_path / "memory.json")).output
    )
    assert "1 were there" in run("memory", "import", str(tmp_path / "memory.md")).output
    (tmp_path / "x.json").write_text("{}")
    refused = run("memory", "import", str(tmp_path / "x.json"))
    assert isinstance(refused.exception, UsageError) and "x.json" in str(refused.exception)
