"""Real editors without a screen: each with a user's own configuration, driven by a script, reporting as JSON.

The configuration is the one in docs/editors: what users copy is what runs here. Between the editor and the
server stands `tee`, so that it is also known what the editor sent.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from endpoint import Body, FakeEndpoint, Turn
from project import write

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs" / "editors"
ALE = Path("/usr/share/vim-ale")

_LONGEST = 90
"""Seconds that an editor may take for all of it; each waits less for its single steps."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What came of a run: the editor's report, the messages it sent, and the server's own words."""

    report: dict[str, Any]
    sent: list[dict[str, Any]]
    said: str
    repository: str

    def requests(self, method: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message.get("method") == method]


@dataclass(frozen=True, slots=True)
class Kind:
    """An editor: how its program is found, and the command that drives it from a user's `home`."""

    find: Callable[[], str | None]
    command: Callable[[str, Path], list[str]]
    install: str


def neovims() -> Iterator[tuple[str, tuple[int, int]]]:
    """Neovims in the environment of this Python and on the PATH, with their versions."""
    for folder in (Path(sys.executable).parent, *map(Path, os.get_exec_path())):
        program = shutil.which("nvim", path=str(folder))
        shown = program and _output(program, "--version")
        if program and shown and (found := re.match(r"NVIM v(\d+)\.(\d+)", shown)):
            yield program, (int(found[1]), int(found[2]))


def _neovim(first: tuple[int, int], before: tuple[int, int]) -> Callable[[], str | None]:
    return lambda: next((program for program, version in neovims() if first <= version < before), None)


def _emacs() -> str | None:
    """An Emacs with eglot, its own or a package."""
    program = shutil.which("emacs")
    package = '(or (locate-library "eglot") (package-initialize))'
    check = f"(progn {package} (require 'eglot) (princ emacs-major-version))"
    found = program and _output(program, "--batch", "--eval", check)
    return program if found and int(found) >= 28 else None


def _vim() -> str | None:
    """A Vim with timers and channels, and ALE where Debian puts it."""
    program = shutil.which("vim")
    features = (program and _output(program, "--version")) or ""
    return program if "+channel" in features and "+timers" in features and ALE.is_dir() else None


def _output(*command: str) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return done.stdout if done.returncode == 0 else None


def _drive_neovim(program: str, home: Path) -> list[str]:
    config = home / ".config" / "nvim"
    (config / "plugin").mkdir(parents=True)
    shutil.copy(DOCS / "nvim" / "plugin" / "memls.lua", config / "plugin")
    (config / "init.lua").write_text("vim.g.memls = { features = { completion = true } }\n")
    return [program, "--headless", "-n", "app.py", "-c", f"luafile {HERE / 'drive.lua'}"]


def _drive_emacs(program: str, home: Path) -> list[str]:
    (home / ".emacs.d").mkdir()
    shutil.copy(DOCS / "emacs" / "memls.el", home / ".emacs.d")
    return [program, "--batch", "-l", str(HERE / "drive.el")]


def _drive_vim(program: str, home: Path) -> list[str]:
    (home / ".vim" / "plugin").mkdir(parents=True)
    shutil.copy(DOCS / "vim" / "memls.vim", home / ".vim" / "plugin")
    lines = [
        "set nocompatible",
        "filetype plugin indent on",
        f"set runtimepath+={ALE}",
        "let g:ale_linters = {'python': ['memls']}",
        "let g:ale_hover_to_preview = 1",
        "let g:memls_features = {'completion': v:true}",
    ]
    (home / ".vimrc").write_text("\n".join(lines) + "\n")
    script = str(HERE / "drive.vim")
    return [program, "-u", str(home / ".vimrc"), "-i", "NONE", "-n", "-es", "-S", script, "app.py"]


KINDS: Mapping[str, Kind] = {
    "nvim-0.7": Kind(_neovim((0, 7), (0, 11)), _drive_neovim, "Debian's neovim"),
    "nvim-0.11": Kind(_neovim((0, 11), (1, 0)), _drive_neovim, "the dependency group `editors`"),
    "emacs": Kind(_emacs, _drive_emacs, "Debian's emacs-nox and elpa-eglot"),
    "vim": Kind(_vim, _drive_vim, "Debian's vim and vim-ale"),
}


def sight(name: str, program: str, base: Path) -> Sight:
    """What comes of driving an editor. Done once for all the test processes that share `base`."""
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = base / f"{name}.json"
        if not outcome.exists():
            outcome.write_text(json.dumps(asdict(_drive(name, program, base / name))))
        return Sight(**json.loads(outcome.read_text()))


def _drive(name: str, program: str, base: Path) -> Sight:
    home, repository = base / "home", base / "repository"
    home.mkdir(parents=True)
    write(repository)
    command = KINDS[name].command(program, home)
    with FakeEndpoint(_policy()) as endpoint:
        environment = _environment(home, endpoint.url)
        threading.Thread(target=_show_leaving, args=(endpoint, home / "left"), daemon=True).start()
        said = _run(command, repository, environment)
    report, sent, words = home / "report.json", home / "sent", home / "said"
    seen = json.loads(report.read_text()) if report.exists() else {"failure": f"no report: {said[-2000:]}"}
    messages = list(_messages(sent)) if sent.exists() else []
    return Sight(seen, messages, words.read_text() if words.exists() else "", str(repository))


def _show_leaving(endpoint: FakeEndpoint, file: Path) -> None:
    """Make a file when the server has left the endpoint: the editor's script waits for it."""
    if endpoint.disconnected.wait(_LONGEST):
        file.touch()


def _policy() -> Callable[[Body, int], Turn]:
    """Two models: `slow` gives the time to cancel it; `hasty` speaks, reads, and cites what is not there."""
    hasty = iter(
        [
            Turn("Let me look. ", calls=[("page_in", {"targets": ["shop/stock.py:17-19"]})]),
            *[Turn("It is `restock` [shop/stock.py:17-19], see [app.py:900-901].")] * 2,
        ]
    )

    def policy(body: Body, number: int) -> Turn:
        return next(hasty) if body["model"] == "hasty" else Turn("word " * 500, pause=0.05)

    return policy


def _environment(home: Path, url: str) -> dict[str, str]:
    """A user's, with `memls` on the PATH."""
    program = home / "bin" / "memls"
    program.parent.mkdir()
    run = f'tee -a "$MEMLS_TEST_SENT" | "{sys.executable}" -m memls "$@" 2>>"$MEMLS_TEST_SAID"'
    program.write_text(f"#!/bin/sh\n{run}\n")
    program.chmod(0o755)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("MEMLS_", "OPENAI_", "XDG_"))
    }
    return {
        **kept,
        "PATH": f"{program.parent}{os.pathsep}{kept['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "MEMLS_HOME": str(home / "state"),
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "key",
        "MEMLS_TEST_REPORT": str(home / "report.json"),
        "MEMLS_TEST_SENT": str(home / "sent"),
        "MEMLS_TEST_SAID": str(home / "said"),
        "MEMLS_TEST_LEFT": str(home / "left"),
    }


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What an editor printed. Whatever it started ends with it."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=_LONGEST)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"killed after {_LONGEST} s: {process.communicate()[0].decode(errors='replace')}"


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    """The messages of a stream in the framing of LSP's base protocol."""
    rest = path.read_bytes()
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        found = re.search(rb"Content-Length: *(\d+)", head, re.I)
        assert found, head
        yield json.loads(rest[: int(found[1])])
        rest = rest[int(found[1]) :]
