"""Working-context blocks that users define: described, limited, some read-only; kept, replayed, moved."""

from pathlib import Path

import pytest
from command import Command
from repository import calls, check_window, repository, script

from memls.errors import UsageError
from memls.memory.blocks import Blocks, FixedBlock, Kind
from memls.tokens import count

RING = {"ring.py": "def evict(pages):\n    return pages.pop(0)\n"}


def test_what_is_defined_stands_in_every_request_and_can_be_edited() -> None:
    with repository(RING) as repo:
        w = repo.workspace
        w.define_block("decisions", "what we agreed on", text="Tabs, never spaces.")
        w.define_block("rules", "of the house", read_only=True, text="No force push.")
        steps = [
            calls(
                ("remember", {"text": "Names are nouns.", "to": "decisions"}),
                ("remember", {"text": "Force push is fine.", "to": "rules"}),
                ("remember", {"text": "x", "to": "nowhere"}),
            ),
            "Kept.",
        ]
        run = repo.ask("Keep that names are nouns.", script(*steps))
        system = run.requests[0].messages[0]["content"]
        assert "<decisions: what we agreed on>\nTabs, never spaces.\n</decisions>" in system
        assert "<rules: of the house; read-only>\nNo force push.\n</rules>" in system
        remember = next(t["function"] for t in run.requests[0].tools if t["function"]["name"] == "remember")
        choices = ["task", "project", "user", "decisions", "archive"]
        assert remember["parameters"]["properties"]["to"]["enum"] == choices
        results = [m["content"] for m in run.requests[1].messages if m["role"] == "tool"]
        assert results[0] == "remembered in decisions"
        assert all("to must be one of task, project" in result for result in results[1:])
        assert repo.replay(run.trace) == run.trace
        later = repo.ask("And now?", script("Yes."), session="later")
        assert "Tabs, never spaces.\nNames are nouns." in later.requests[0].messages[0]["content"]


def test_blocks_that_are_full_leave_room_at_the_smallest_window() -> None:
    with repository(RING) as repo:
        for number in range(6):
            repo.workspace.define_block(
                f"block-{number}", "x" * 120, tokens=4000, text="word " * 4000, read_only=number % 2 == 0
            )
        run = repo.ask(
            "What?", script(calls(("page_in", {"targets": ["ring.py"]})), "That [ring.py:1-2]."), window=4096
        )
        check_window(run.requests, 4096)
        assert run.answer.citations[0].status == "verified"


def test_how_much_a_block_holds() -> None:
    kinds = (Kind("a"), Kind("b", tokens=50), Kind("c", tokens=5000))
    blocks = Blocks({name: FixedBlock() for name in "abc"}, 300, defined=kinds)
    assert blocks.limits() == {"task": 300, "project": 300, "user": 300, "a": 100, "b": 50, "c": 100}
    dropped = [line for n in range(60) for line in blocks.append("b", f"line {n} of some length")]
    assert count(blocks.get("b")) <= 50 and "line 59" in blocks.get("b") and len(dropped) > 40
    with pytest.raises(UsageError, match="too long for the block b"):
        blocks.set("b", "word " * 200)


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("project", {}, "is there always"),
        ("archive", {}, "is there always"),
        ("Two words", {}, "names no block"),
        ("x" * 25, {}, "names no block"),
        ("</task>", {}, "names no block"),
        ("a", {"about": "x" * 121}, "one line of at most 120 characters"),
        ("a", {"about": "two\nlines"}, "one line of at most 120 characters"),
        ("a", {"tokens": 5}, "at least 40 tokens"),
    ],
)
def test_what_cannot_be_defined(name: str, more: dict[str, object], told: str) -> None:
    with repository(RING) as repo:
        with pytest.raises(UsageError) as caught:
            repo.workspace.define_block(name, **more)  # type: ignore[arg-type]
        assert told in str(caught.value) and "\n" not in str(caught.value)
        assert repo.workspace.block_kinds() == ()


def test_there_are_not_too_many() -> None:
    with repository(RING) as repo:
        for number in range(6):
            repo.workspace.define_block(f"b{number}")
        repo.workspace.define_block("b0", "changed")
        with pytest.raises(UsageError, match="there are 6 blocks already"):
            repo.workspace.define_block("b6")
        assert repo.workspace.remove_block("b1") and not repo.workspace.remove_block("b1")
        repo.workspace.define_block("b6")


def test_they_move_with_the_rest_of_memory() -> None:
    with repository(RING) as repo, repository(RING) as other:
        repo.workspace.define_block("rules", "of the house", 80, True, "No force push.")
        repo.workspace.define_block("empty")
        whole, readable = (repo.workspace.export_memory(form) for form in ("json", "markdown"))
        other.workspace.define_block("gone", text="x")
        other.workspace.import_memory(whole, "json", replace=True)
        assert other.workspace.export_memory("json") == whole
        assert other.workspace.block_kinds() == (Kind("empty"), Kind("rules", "of the house", 80, True))
        other.workspace.import_memory('{"memls": 1}', "json", replace=True)
        assert other.workspace.block_kinds() == ()
        other.workspace.import_memory(readable, "markdown")
        assert {told.kind.name: told.text for told in other.workspace.blocks()}["rules"] == "No force push."


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "ring.py").write_text(RING["ring.py"])
    memls = Command(tmp_path / "home")
    about = ["--about", "of the house", "--read-only", "--text", "No."]
    made = memls("memory", "block", "rules", *about, cwd=tmp_path)
    assert made.code == 0 and "defined rules" in made.out
    assert (
        memls("memory", "block", cwd=tmp_path).out == "project\nuser\nrules: of the house; read-only\nNo.\n"
    )
    assert memls("memory", "block", "rules", "--remove", cwd=tmp_path).code == 0
    gone = memls("memory", "block", "rules", "--remove", cwd=tmp_path)
    assert gone.code == 1 and "no block 'rules' was defined" in gone.err
    assert memls("memory", "export", "--format", "json", cwd=tmp_path).json["defined"] == []
