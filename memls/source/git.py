"""The only caller of git, which it runs with everything switched off that a repository could make it run.

A repository's own configuration may name programs: a file system monitor, hooks, text converters, external
diffs, a pager, a signature checker, transports for objects that a partial clone lacks. Opening a folder
must not run any of them (invariant 6), so:

- `_OFF` overrides each such setting on the command line, which beats every configuration file;
- the environment is rebuilt without the `GIT_*` variables of whoever started us (a hook, an alias);
- no transport is allowed, so a partial clone fails where it would have fetched;
- the work tree is given, because `core.worktree` could point it at the whole disk;
- a bare repository hidden in a folder is refused (`safe.bareRepository`).

The user's own configuration is read as usual: their `safe.directory` and global excludes count.
"""

import functools
import hashlib
import os
import re
import shutil
import signal
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memls.errors import MachineError, NotFoundError, UsageError
from memls.text import visible

LISTING_TIMEOUT = 60.0
"""Seconds for a listing. A cold 400,000-file tree takes a few; a hanging network mount takes for ever."""

LOG_TIMEOUT = 20.0
"""Seconds for a log. `-L` over a long history is slow, and a syscall must come back."""

_PROTOCOLS = ("ext", "file", "ftp", "ftps", "git", "http", "https", "ssh")
_PROGRAMS = ("gpg.program", "gpg.openpgp.program", "gpg.ssh.program", "gpg.x509.program",
             "core.sshCommand", "core.alternateRefsCommand", "core.gitProxy", "core.editor")  # fmt: skip
_OFF = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.askPass=",
    "core.pager=cat",
    "credential.helper=",
    "diff.external=",
    "diff.trustExitCode=false",
    "fetch.recurseSubmodules=false",
    "log.diffMerges=off",
    "log.showSignature=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    *(f"protocol.{name}.allow=never" for name in _PROTOCOLS),
    *(f"{name}=false" for name in _PROGRAMS),  # `false` is the program that does nothing
)
_MARK = "\x01"
CHANGES = (
    "-z", "--format=tformat:%x01", "--name-only", "--no-merges", "--no-renames", "--relative", "--no-color",
    "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-mailmap",
)  # fmt: skip
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_UNREADABLE = re.compile(r"^warning: could not open directory '(.*?)/?': Permission denied$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What one git process left. `reason` is one line for the reader when `output` is None."""

    output: bytes | None
    errors: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LsFiles:
    """Paths as git lists them, relative to the folder asked about, or None and the `reason` why not.

    A path that ends in `/` is an untracked repository inside this one. Undecodable bytes of names are
    surrogate escapes. `unreadable` are folders that git could not open.
    """

    paths: list[str] | None
    unreadable: list[str] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a log; `date` is the author's, in ISO 8601 with its offset."""

    hash: str
    date: str
    author: str
    subject: str


def toplevel(path: str | os.PathLike[str]) -> Path | None:
    """The nearest folder at or above `path` whose `.git` is a repository; None when there is none.

    Found without running git: `git rev-parse --show-toplevel` believes `core.worktree`, with which an
    unpacked archive could move the root of what we index and show to a model to `/`.
    """
    start = os.path.realpath(path)
    for folder in (start, *map(str, Path(start).parents)):
        if _is_repository(os.path.join(folder, ".git")):  # noqa: PTH118 - no pathlib in what every start runs
            return Path(folder)
    return None


def git_directory(top: str | os.PathLike[str]) -> Path | None:
    """Where the repository of the work tree `top` keeps its state: `top/.git`, or where that file points."""
    dot_git = Path(top, ".git")
    if dot_git.is_dir():
        return dot_git
    try:
        first = dot_git.read_text("utf-8", "surrogateescape").partition("\n")[0] if dot_git.is_file() else ""
    except (OSError, ValueError):
        return None
    return Path(top, first.removeprefix("gitdir:").strip()) if first.startswith("gitdir:") else None


def ls_files(root: str | os.PathLike[str], only: Sequence[str] = (), exclude: Sequence[str] = ()) -> LsFiles:
    """Tracked files of `root` and untracked ones that no ignore rule matches; deleted ones may be among them.

    `only` restricts the listing to these literal paths. `exclude` are further ignore patterns, which count
    for untracked files alone, as ignore rules do.
    """
    excludes = [f"--exclude={pattern}" for pattern in exclude]
    arguments = ["ls-files", "-z", "--cached", "--others", "--deduplicate", "--exclude-standard", *excludes]
    run = _git(root, [*arguments, "--", *only], LISTING_TIMEOUT)
    if run.output is None:
        return LsFiles(None, reason=run.reason)
    paths = run.output.decode("utf-8", "surrogateescape").split("\0")
    paths.pop()
    return LsFiles(paths, _UNREADABLE.findall(run.errors))


def log(
    root: str | os.PathLike[str],
    path: str = "",
    limit: int = 20,
    lines: tuple[int, int] | None = None,
) -> list[Commit]:
    """The last `limit` commits, newest first, that changed `path` (all of `root` when empty).

    A file is followed through renames. `lines` (from 1, both ends included, as in the last commit) narrows
    the log to a symbol. Raises NotFoundError where there is no repository or no such lines, MachineError
    when git fails or takes longer than `LOG_TIMEOUT`.
    """
    arguments = [
        "log", f"--max-count={limit}", "--format=tformat:%H%x00%aI%x00%an%x00%s", "--encoding=UTF-8",
        "--no-color", "--no-patch", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes",
        "--no-mailmap",
    ]  # fmt: skip
    if lines is not None:
        arguments += [f"-L{lines[0]},{lines[1]}:{path}"]
    else:
        arguments += ["--follow"] if path and not Path(root, path).is_dir() else []
        arguments += ["--", path or "."]
    run = _git(root, arguments, LOG_TIMEOUT)
    if run.output is not None:
        rows = run.output.decode("utf-8", "replace").splitlines()
        return [Commit(*row.split("\0", 3)) for row in rows if row.count("\0") == 3]
    if "does not have any commits" in run.reason:
        return []
    absent = ("not a git repository", "has only", "There is no path", "no such path")
    if any(text in run.reason for text in absent):
        raise NotFoundError(f"no history: {run.reason}")
    raise MachineError(f"git log failed: {run.reason}")


def head(root: str | os.PathLike[str]) -> str:
    """The commit that is checked out; "" where there is none, or no repository."""
    run = _git(root, ["rev-parse", "--verify", "--quiet", "HEAD"], LOG_TIMEOUT)
    return run.output.decode("ascii", "replace").strip() if run.output else ""


def changed_since(root: str | os.PathLike[str], revision: str) -> list[str]:
    """Paths below `root` whose bytes differ from a commit's, or are not in it. Raises as `log` does.

    The files are read here, for `git diff` runs whatever filters a repository's configuration names. What
    such a filter would make equal counts as changed.
    """
    spec = f"{revision}^{{commit}}"
    known = _git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", spec], LOG_TIMEOUT)
    if not known.output:
        why = known.reason if "not a git repository" in known.reason else "git knows no such commit"
        raise UsageError(f"cannot tell what changed since {revision!r}: {why}")
    commit = known.output.decode("ascii").strip()
    listed = _git(root, ["ls-tree", "-r", "-z", commit, "--", "."], LISTING_TIMEOUT)
    present = ls_files(root).paths
    if listed.output is None or present is None:
        raise MachineError(f"git failed: {listed.reason}")
    blobs = {}
    for row in listed.output.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        head, _, path = row.partition("\t")
        mode, _, name = head.split()
        if mode.startswith("100"):  # links and submodules are not read
            blobs[path] = name
    paths = {path for path in (*present, *blobs) if path in blobs or Path(root, path).is_file()}
    return sorted(path for path in paths if not _has_blob(Path(root, path), blobs.get(path, "")))


def _has_blob(file: Path, name: str) -> bool:
    """Whether a file is the blob of that name, which is a SHA-1 or, in newer repositories, a SHA-256."""
    if not name:
        return False
    try:
        data = b"" if file.is_symlink() else file.read_bytes()
    except OSError:
        return False
    made = hashlib.new("sha1" if len(name) == 40 else "sha256", usedforsecurity=False)
    made.update(b"blob %d\0" % len(data))
    made.update(data)
    return made.hexdigest() == name


def changes(root: str | os.PathLike[str], limit: int) -> list[list[str]]:
    """The paths below `root` that each of the last `limit` commits changed, the latest first.

    Merges are left out: they repeat. Raises MachineError when git fails or takes longer than `LOG_TIMEOUT`.
    """
    run = _git(root, ["log", f"--max-count={limit}", *CHANGES, "HEAD", "--", "."], LOG_TIMEOUT)
    if run.output is None:
        raise MachineError(f"git log failed: {run.reason}")
    return parse_changes(run.output)


def parse_changes(output: bytes) -> list[list[str]]:
    """What `git log` with `CHANGES` wrote, as `changes` gives it."""
    commits = output.decode("utf-8", "replace").split(_MARK)[1:]
    return [[path for path in commit.strip("\n\0").split("\0") if path] for commit in commits]


def _is_repository(dot_git: str) -> bool:
    """Whether a `.git` is one. Git itself passes over an empty or broken one and looks further up."""
    try:
        return stat.S_ISREG(os.stat(f"{dot_git}/HEAD").st_mode)  # noqa: PTH116
    except NotADirectoryError:
        return git_directory(dot_git[: -len("/.git")]) is not None
    except OSError:
        return False


@functools.cache
def _program(search_path: str) -> str | None:
    """Where git is. A relative entry of PATH could find a `git` that the repository brought along."""
    folders = [folder for folder in search_path.split(os.pathsep) if folder.startswith("/")]
    return shutil.which("git", path=os.pathsep.join(folders))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name[:4] != "GIT_" or name in _KEPT}
    return kept | {
        "GIT_ALLOW_PROTOCOL": "none",  # beats every `protocol.<name>.allow`
        "GIT_ASKPASS": "false",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "SSH_ASKPASS": "false",
    }


def _git(root: str | os.PathLike[str], arguments: Sequence[str], timeout: float) -> Run:
    """Run git in `root`, with nothing to type into and everything switched off."""
    program = _program(os.environ.get("PATH", os.defpath))
    if program is None:
        return Run(None, reason="git is not installed")
    top = toplevel(root)
    if top is None:
        return Run(None, reason="not a git repository")
    switches = [word for setting in _OFF for word in ("-c", setting)]
    command = [program, "--no-pager", *switches, f"--work-tree={top}", *arguments]
    return _finish(command, os.path.realpath(root), timeout)


def _finish(command: list[str], folder: str, timeout: float) -> Run:
    import subprocess

    try:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        return Run(None, reason=f"git cannot run: {error.strerror}")
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        # The whole session, so that a grandchild that holds the pipe does not hold us.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Run(None, reason=f"git took longer than {timeout:g} s")
    said = errors.decode("utf-8", "surrogateescape")
    if process.returncode:
        return Run(None, said, _reason(said, process.returncode))
    return Run(output, said)


def _reason(said: str, code: int) -> str:
    """One line of what git complained about, with what to do where we know."""
    if "dubious ownership" in said:
        return "git refuses a repository that another user owns (allow it with git's safe.directory)"
    lines = [line for line in said.splitlines() if line.startswith(("fatal: ", "error: "))]
    text = lines[-1].partition(": ")[2] if lines else f"git ended with code {code}"
    return visible(text.encode("utf-8", "replace").decode("utf-8"))
