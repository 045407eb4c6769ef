"""The servers that are compared, each in its normal configuration: commands, caches, preparation."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Setting:
    """Where a server runs: the repository, a folder that outlives all of its starts, and --peers."""

    repo: Path
    work: Path
    peers: Path | None


@dataclass(frozen=True)
class Server:
    """How to start a server; `{cache}` in `environment` is a folder that a cold start finds empty."""

    name: str
    language: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    options: Mapping[str, Any] | None = None
    built: frozenset[str] | None = None
    """The files that it was told how to build; None where it finds all of them by itself."""
    forget: Callable[[], None] = lambda: None
    """Removes the caches that cannot be put elsewhere."""


class MissingError(Exception):
    """A peer, or what it needs, is not installed."""


def memls(language: str) -> Server:
    return Server("memls", language, (sys.executable, "-m", "memls", "lsp"), {"MEMLS_HOME": "{cache}"})


def peer(name: str, setting: Setting, compile_commands: Path | None = None) -> Server:
    """Raises MissingError where it is not installed."""
    if name == "clangd":
        return _clangd(setting, compile_commands)
    if name == "memls":
        return memls("python")
    return {"pyright": _pyright, "gopls": _gopls, "typescript-language-server": _typescript}[name](setting)


PEERS = ("pyright", "gopls", "typescript-language-server", "clangd", "memls")


def _path(setting: Setting) -> str:
    """PATH with the folders of --peers in front."""
    own = [setting.peers / "bin", setting.peers / "node_modules" / ".bin"] if setting.peers else []
    return os.pathsep.join([*(str(folder) for folder in own), os.environ.get("PATH", "")])


def _program(name: str, setting: Setting) -> str:
    found = shutil.which(name, path=_path(setting))
    if found is None:
        where = f" nor in {setting.peers}/bin" if setting.peers else ""
        raise MissingError(f"{name} is neither on PATH{where}: see CONTRIBUTING.md, benchmarks")
    return found


def _pyright(setting: Setting) -> Server:
    command = (_program("pyright-langserver", setting), "--stdio")
    return Server("pyright", "python", command, {"PATH": _path(setting)})


def _gopls(setting: Setting) -> Server:
    """GOPLSCACHE is gopls's own cache; the build cache of `go` is left as a developer has it."""
    _program("go", setting)
    environment = {"PATH": _path(setting), "GOPLSCACHE": "{cache}"}
    return Server("gopls", "go", (_program("gopls", setting),), environment)


def _typescript(setting: Setting) -> Server:
    """It needs a `typescript`: the repository's own, else the one that is installed beside the server."""
    server = Path(_program("typescript-language-server", setting))
    options = {}
    if not (setting.repo / "node_modules" / "typescript").is_dir():
        found = [p / "node_modules/typescript/lib" for p in [*server.parents, *server.resolve().parents]]
        libraries = [folder for folder in found if folder.is_dir()]
        if not libraries:
            raise MissingError("no typescript beside typescript-language-server: npm install typescript")
        options = {"tsserver": {"path": str(libraries[0])}}
    environment = {"PATH": _path(setting)}
    return Server("typescript-language-server", "typescript", (str(server), "--stdio"), environment, options)


def _clangd(setting: Setting, compile_commands: Path | None) -> Server:
    folder = compile_commands or _configured(setting)
    built = frozenset(_built(folder / "compile_commands.json", setting.repo))
    if not built:
        raise MissingError(f"{folder}/compile_commands.json has no file of {setting.repo}")

    def forget() -> None:
        for place in (folder, setting.repo):
            shutil.rmtree(place / ".cache" / "clangd", ignore_errors=True)

    command = (_program("clangd", setting), f"--compile-commands-dir={folder}")
    environment = {"XDG_CACHE_HOME": "{cache}"}
    in_c = sum(path.endswith(".c") for path in built)
    language = "c" if 2 * in_c > len(built) else "cpp"
    return Server("clangd", language, command, environment, built=built, forget=forget)


def _built(database: Path, repo: Path) -> Iterable[str]:
    for entry in json.loads(database.read_text()):
        file = Path(os.path.normpath(Path(entry["directory"], entry["file"])))
        if file.is_relative_to(repo) and file.is_file():
            yield file.relative_to(repo).as_posix()


def _configured(setting: Setting) -> Path:
    """A folder with compile_commands.json: `configure` outside of the tree, and what `make -n` would run."""
    folder = setting.work / "build"
    database = folder / "compile_commands.json"
    if database.exists():
        return folder
    if not (setting.repo / "configure").exists():
        raise MissingError(f"{setting.repo} has no `configure`: give --compile-commands FOLDER")
    folder.mkdir(parents=True, exist_ok=True)
    _run([str(setting.repo / "configure")], folder)
    commands = _run(["make", "-n", "-k", "all"], folder, may_fail=True)
    database.write_text(json.dumps(compile_commands(commands, folder), indent=1))
    return folder


def compile_commands(dry_run: str, folder: Path) -> list[dict[str, Any]]:
    """The compilations that `make -n` prints, in clangd's form. Commands with shell syntax are left out."""
    entries = {}
    for line in dry_run.replace("\\\n", " ").splitlines():
        if not re.match(r"\s*(\S*/)?(gcc|cc|clang|g\+\+|c\+\+)(-\d+)?\s", line) or " -c " not in line:
            continue
        try:
            arguments = shlex.split(line)
        except ValueError:
            continue
        sources = [word for word in arguments if re.search(r"\.(c|cc|cpp|cxx)$", word)]
        if len(sources) == 1:
            entries[sources[0]] = {"directory": str(folder), "file": sources[0], "arguments": arguments}
    return list(entries.values())


def _run(command: Sequence[str], folder: Path, *, may_fail: bool = False) -> str:
    print(f"{shlex.join(command)} in {folder} …", file=sys.stderr)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode and not may_fail:
        raise MissingError(f"{shlex.join(command)} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
