"""The GitHub Action, GitLab's template and the pre-commit hook: their own steps, in a clean environment."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_checks import CHECKS, PRICES, SHOP

ROOT = Path(__file__).parent.parent
SUM = "sum(price(item) for item in self.items)"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, in a folder beside which a job keeps what it likes."""
    return _checkout(tmp_path_factory.mktemp("job") / "checkout")


def _checkout(checkout: Path) -> Path:
    for path, text in (("shop/cart.py", SHOP), ("shop/prices.py", PRICES), ("memls-check.yaml", CHECKS)):
        file = checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    return checkout


def _bash(script: str, cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script. What pip installs is compiled where it is imported: half of installing is that."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MEMLS_", "OPENAI_"))}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=cwd,
        env={**clean, "PIP_COMPILE": "0", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def _action(job: Path, given: Mapping[str, str], *, installed: bool = False) -> str:
    """Run the action's own steps as a runner does; what the last printed. Raises where one fails.

    `installed`: what an earlier run installed is there still, and that step is left out.
    """
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs = {name: str(one.get("default", "")) for name, one in action["inputs"].items()} | dict(given)
    values = {**{f"inputs.{name}": value for name, value in inputs.items()}, "runner.temp": str(job.parent)}

    def filled(text: str) -> str:
        for _ in range(2):  # a default may name the runner's folder
            text = re.sub(r"\$\{\{\s*([\w.]+)\s*\}\}", lambda match: values[match.group(1)], text)
        return text

    said = ""
    for step in action["runs"]["steps"]:
        if "run" in step and not (installed and step["name"] == "Install memls"):
            assert "${{" not in step["run"]  # what others write is never part of a script
            environment = {name: filled(value) for name, value in step["env"].items()}
            environment |= {
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_STEP_SUMMARY": str(job.parent / "page.md"),
            }
            done = _bash(step["run"], job, environment)
            said = done.stdout + done.stderr
            if done.returncode:
                raise subprocess.CalledProcessError(done.returncode, step["name"], said)
    return said


def test_the_action_passes_is_cheap_again_and_fails_with_the_lines(job: Path) -> None:
    given = {"python": sys.executable, "arguments": "--junit 'out; touch here' --jobs 1"}
    first = _action(job, given | {"arguments": "--jobs 1"})
    assert "2 passed" in first and "(extractive" in first
    assert "(answered before)" in _action(job, {"python": sys.executable}, installed=True)
    cart = job / "shop" / "cart.py"
    cart.write_text(SHOP.replace("def total", "def amount"))
    with pytest.raises(subprocess.CalledProcessError) as failed:
        _action(job, {"python": sys.executable}, installed=True)
    assert (failed.value.returncode, failed.value.cmd) == (1, "memls check")
    assert "::error file=memls-check.yaml,line=3," in failed.value.output
    assert "::notice file=shop/cart.py,line=9,endLine=" in failed.value.output
    assert "| ✗ | totals |" in (job.parent / "page.md").read_text()
    with pytest.raises(subprocess.CalledProcessError):
        _action(job, given, installed=True)
    assert not (job / "here").exists()
    cart.write_text(SHOP)


def test_the_template_for_gitlab_runs(job: Path) -> None:
    template = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text())["memls-check"]
    given = {"CI_PROJECT_DIR": str(job), "MEMLS_INSTALL": str(ROOT)}
    environment = {
        name: str(value).replace("$CI_PROJECT_DIR", str(job)) for name, value in template["variables"].items()
    } | given
    done = _bash("\n".join([*template["before_script"], *template["script"]]), job, environment)
    assert done.returncode == 0, done.stderr
    assert "2 passed" in done.stdout and (job / template["artifacts"]["reports"]["junit"]).is_file()


def test_the_hook_for_pre_commit_is_the_command(job: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["pass_filenames"] is False
    command = [sys.executable, "-m", *hook["entry"].split(), *hook["args"]]
    home = str(job.parent / "hook")
    done = subprocess.run(
        command, cwd=job, env={**os.environ, "MEMLS_HOME": home}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def hooked(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs a script in a checkout whose commits pre-commit checks, by the hook of this working tree."""
    source, checkout = tmp_path / "memls", _checkout(tmp_path / "checkout")
    shutil.copytree(ROOT / "memls", source / "memls", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    who = {
        f"GIT_{role}_{what}": "ada@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    homes = {"MEMLS_HOME": str(tmp_path / "home"), "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    environment = {**who, **homes, "GIT_CONFIG_GLOBAL": os.devnull}
    made = _bash(
        "git init -q . && git add -A && git commit -qm source && git rev-parse HEAD", source, environment
    )
    config = {"repos": [{"repo": str(source), "rev": made.stdout.strip(), "hooks": [{"id": "memls-check"}]}]}
    (checkout / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    assert not (done := _bash(f"{sys.executable} -m pre_commit install", checkout, environment)).returncode, (
        done
    )
    return lambda script: _bash(script, checkout, environment)


def test_pre_commit_lets_a_commit_pass_and_stops_one_with_the_lines(
    hooked: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    done = hooked("git add -A && git commit -m first")
    assert done.returncode == 0 and "Passed" in done.stderr, done.stderr
    done = hooked("sed -i.old 's/def total/def amount/' shop/cart.py && git add shop && git commit -m second")
    assert done.returncode == 1 and "Failed" in done.stderr, done.stderr
    assert "✗ totals" in done.stderr and "memls-check.yaml:3" in done.stderr
    assert "no symbol is named Cart.total" in done.stderr
    done = hooked("git reset -q --hard && git rm -q shop/cart.py && git commit -m third")
    assert done.returncode == 1 and "memls-check.yaml:3" in done.stderr, done.stderr
    assert hooked("git log --format=%s").stdout == "first\n"
