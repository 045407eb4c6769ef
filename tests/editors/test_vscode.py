"""The extension in real VS Code: its own tests (vscode-extension/test/vscode), as one.

They need Node with npm, Chromium, and once the registries, from which the rest is fetched into a cache. They
take minutes, so they run where `MEMLS_TEST_VSCODE=1` asks for them; `make test-extension` does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.vscode]

PACKAGE = Path(__file__).parents[2] / "vscode-extension"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_LONGEST = 1500
"""Seconds. On a quiet machine with two cores it takes four minutes, and some more the first time."""


def test_the_extension_in_vscode() -> None:
    if os.environ.get("MEMLS_TEST_VSCODE") != "1":
        pytest.skip("MEMLS_TEST_VSCODE=1 asks for it")
    environment = _environment()
    missing = _missing(environment["PATH"])
    if missing:
        pytest.fail(missing)
    if not (PACKAGE / "node_modules" / "vitest").is_dir():
        _run(["npm", "ci"], environment)
    _run(["node", str(PACKAGE / "test" / "vscode" / "run.mjs")], environment)


def _environment() -> dict[str, str]:
    """With the programs of this Python's environment first: Node may be one of them."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return {**os.environ, "PATH": path, "MEMLS_TEST_PYTHON": sys.executable, "NO_COLOR": "1"}


def _missing(path: str) -> str:
    lacks = [name for name in ("node", "npm", "git") if not shutil.which(name, path=path)]
    found = any(shutil.which(name, path=path) for name in BROWSERS)
    if "MEMLS_TEST_CHROMIUM" not in os.environ and not found:
        lacks.append("chromium")
    return f"VS Code's tests need {', '.join(lacks)}" if lacks else ""


def _run(command: list[str], environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        command, cwd=PACKAGE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said, _ = process.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired:
        process.terminate()  # it ends what it has started
        said, _ = process.communicate(timeout=60)
        pytest.fail(f"not done after {_LONGEST} s:\n{said[-8000:]}")
    assert process.returncode == 0, said[-8000:]
