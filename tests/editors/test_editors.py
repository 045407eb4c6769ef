"""Neovim, Emacs and Vim, each as a user sets it up: the standard features, and questions that stream.

Each editor runs once, through everything (`drive.*`); the tests look at what came of it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from headless import KINDS, Sight, sight
from project import EXPECTED, PECULIAR, WHOLE

pytestmark = pytest.mark.slow

Look = Callable[[str], Sight]

COMMON = "workspaceSymbol definition implementation references hover completion codeAction".split()
EMACS = [*COMMON, "documentSymbol", "declaration", "documentHighlight", "signatureHelp"]
NEOVIM = [*EMACS, "incomingCalls", "outgoingCalls", "codeLens"]
FEATURES = {
    "nvim-0.7": NEOVIM,
    "nvim-0.11": [*NEOVIM, "typeHierarchy", "foldingRange"],
    "emacs": EMACS,
    "vim": COMMON,
}
"""What each editor can show of the protocol."""

editors = pytest.mark.parametrize("editor", KINDS)


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Drives an editor, or says what is missing; where they must be there, that fails."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    (folder := shared / "editors").mkdir(exist_ok=True)

    def looked(name: str) -> Sight:
        program = KINDS[name].find()
        if program is None:
            missing = f"{name} is not installed: {KINDS[name].install}"
            if os.environ.get("MEMLS_TEST_EDITORS") == "1":
                pytest.fail(missing)
            pytest.skip(missing)
        found = sight(name, program, folder)
        if failure := found.report.get("failure"):
            pytest.fail(f"{failure}\nthe server said: {found.said[-2000:]}")
        return found

    return looked


@editors
def test_the_server_has_nothing_to_complain_of(look: Look, editor: str) -> None:
    assert "ERROR" not in look(editor).said


@pytest.mark.parametrize(
    ("editor", "feature"), [(editor, name) for editor, names in FEATURES.items() for name in names]
)
def test_features(look: Look, editor: str, feature: str) -> None:
    seen = look(editor).report.get(feature)
    expected = PECULIAR.get((editor, feature), EXPECTED[feature])
    assert isinstance(seen, list | str), seen
    if feature in WHOLE:
        assert sorted(seen) == sorted(expected)
    elif isinstance(seen, list):
        assert set(expected) <= set(seen), seen
    else:
        assert all(part in seen for part in expected), seen


@editors
def test_the_server_is_told_of_the_repository_and_the_options(look: Look, editor: str) -> None:
    sight = look(editor)
    params = sight.requests("initialize")[0]["params"]
    assert params["rootUri"].rstrip("/") == Path(sight.repository).as_uri()
    assert params["initializationOptions"] == {"features": {"completion": True}}


@editors
def test_an_answer_comes_beside_the_code(look: Look, editor: str) -> None:
    seen = look(editor).report["ask"]
    assert seen.get("stayed") is True, seen
    assert seen["text"].startswith("## Where is `restock` defined?\n\n")
    assert "[shop/stock.py:17-19]" in seen["text"]
    assert seen["text"].rstrip().splitlines()[-1].endswith(" verified*")


@editors
def test_a_citation_opens(look: Look, editor: str) -> None:
    assert look(editor).report["citation"] == ["shop/stock.py:17"]


@editors
def test_what_the_model_takes_back_goes(look: Look, editor: str) -> None:
    """Words before a call, and an answer whose citation it was told to mend, are not in the answer."""
    assert look(editor).report["retracted"].rstrip().splitlines()[:3] == [
        "## What fills it?",
        "",
        "It is `restock` [shop/stock.py:17-19], see [app.py:900-901].",
    ]


@editors
def test_a_citation_that_does_not_hold_is_said(look: Look, editor: str) -> None:
    lines = look(editor).report["retracted"].rstrip().splitlines()
    said = [line for line in lines if line.startswith("- [app.py:900-901] unverified ")]
    assert len(said) == 1, lines


@editors
def test_one_question_after_the_other(look: Look, editor: str) -> None:
    """A conversation goes on, with a bang or a prefix a new one begins; lines are the selection's."""
    sight = look(editor)
    asked = [message["params"] for message in sight.requests("memls/ask")]
    assert [one["question"] for one in asked][:4] == [
        "Where is `restock` defined?",
        "What is Cupboard?",
        "What fills it?",
        "Tell me all.",
    ]
    sessions = [one["session"] for one in asked]
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]
    assert asked[0]["uri"] == (Path(sight.repository) / "app.py").as_uri()
    assert (asked[0]["range"]["start"], asked[0]["range"]["end"]) == (
        {"line": 5, "character": 0},
        {"line": 7, "character": 0},
    )
    assert asked[2].get("range") is None
    assert sight.report["command"].startswith("## What is Cupboard?\n\n")


@editors
def test_a_cancelled_question_stops(look: Look, editor: str) -> None:
    sight = look(editor)
    seen = sight.report["cancel"]
    assert (seen.get("grew"), seen.get("left")) == (0, True), seen
    assert "till answering" in seen["refused"]
    words = seen["text"].partition("## Tell me all.")[2].split()
    assert words[-1] == "*cancelled*" and 2 < len(words) < 400
    asked = next(m for m in sight.requests("memls/ask") if m["params"]["question"] == "Tell me all.")
    assert [m["params"]["id"] for m in sight.requests("$/cancelRequest")] == [asked["id"]]


@editors
def test_a_code_action_asks(look: Look, editor: str) -> None:
    """Where the plugin knows how, in the split; elsewhere the server answers the command."""
    seen = look(editor).report["action"]
    assert isinstance(seen, str) and "[app.py:" in seen, seen
    assert editor == "vim" or seen.startswith("## Explain `restock`")


@pytest.mark.parametrize("editor", ["nvim-0.7", "nvim-0.11", "emacs"])
def test_the_window_can_be_read(look: Look, editor: str) -> None:
    sight = look(editor)
    sent = sight.requests("workspace/textDocumentContent")[0]["params"]["uri"]
    session = sight.requests("memls/ask")[0]["params"]["session"]
    assert sent == f"memls:/context/{session}"
    assert "shop/stock.py" in sight.report["context"]


def test_emacs_asks_beside_another_server(look: Look) -> None:
    """Where eglot has something else, or nothing."""
    assert "app.py" in look("emacs").report["alone"]
