"""The README's commands in a fresh clone, and questions about real code that nobody here wrote."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from command import Command

ROOT = Path(__file__).resolve().parent.parent
SITE = Path(sysconfig.get_paths()["purelib"])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of four installed packages: some 25,000 lines by others."""
    folder = tmp_path_factory.mktemp("library")
    for package in ("rich", "click", "openai", "watchdog"):
        shutil.copytree(SITE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def memls(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("home"))


QUESTIONS = [
    ("How does Console find out the size of the terminal?", "rich/console.py"),
    ("Where are environment variables read for an option's value?", "click/core.py"),
    ("Which exception is raised for a 429 response?", "openai/"),
    ("What does InotifyObserver do?", "watchdog/observers/inotify.py"),
]


@pytest.mark.parametrize("window", [4096, 16384])
@pytest.mark.parametrize(("question", "path"), QUESTIONS, ids=[path for _, path in QUESTIONS])
def test_answers_cite_the_code_that_does_it(
    memls: Command, library: Path, question: str, path: str, window: int
) -> None:
    outcome = memls("ask", question, "--repo", str(library), "--window", str(window), "--format", "json")
    assert outcome.code == 0, outcome.err
    result = outcome.json
    assert {citation["status"] for citation in result["citations"]} == {"verified"}
    assert any(citation["path"].startswith(path) for citation in result["citations"]), result["citations"]
    assert 0 < result["usage"]["peak_prompt_tokens"] <= window - 512


def test_make_ask_sets_up_and_answers_in_a_fresh_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    environment = Command(tmp_path / "home").environment({"PYTHON": sys.executable, "PIP_COMPILE": "0"})
    command = ["make", "-s", "ask", "Q=Where is a page's tombstone written?"]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "verified" in done.stdout and "memls/memory/" in done.stdout
    assert "Window: peak" in done.stdout
    hostile = ["make", "-s", "ask", "Q=what is \"`touch owned` $(shell touch owned)\" 'for'?"]
    subprocess.run(hostile, cwd=clone, env=environment, capture_output=True, text=True, timeout=60)
    assert not (clone / "owned").exists()
    unasked = subprocess.run(
        ["make", "-s", "ask"], cwd=clone, env=environment, capture_output=True, text=True, timeout=60
    )
    assert unasked.returncode != 0 and "usage: make ask" in unasked.stderr
    missing = subprocess.run(
        [*command, "REPO=nowhere"], cwd=clone, env=environment, capture_output=True, text=True, timeout=60
    )
    assert missing.returncode != 0 and "no such folder" in missing.stderr
