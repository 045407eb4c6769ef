"""Git is asked, and nothing that a repository configures is run."""

import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from memls.errors import MachineError, NotFoundError
from memls.source import files, git

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def run(folder: Path, *arguments: str, check: bool = True, stdin: bytes = b"") -> str:
    """Plain git, as a user would run it."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, env=PLAIN, input=stdin, capture_output=True, timeout=20)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.decode("utf-8", "replace").strip()


def commit(folder: Path, message: str, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", message)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    commit(folder, "first", a="one\n", b="def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    commit(folder, "second", a="two\n")
    return folder


@dataclass(frozen=True)
class Trap:
    """A way to make git run a program. `{marker}` writes the marker file; `control` shows that it would."""

    name: str
    config: str = ""
    attributes: str = ""
    control: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    signed: bool = False
    missing: bool = False


PARTIAL = '[core]\nrepositoryformatversion=1\n[extensions]\npartialClone=o\n[remote "o"]\npromisor=true\n'

TRAPS = [
    Trap("fsmonitor", "[core]\nfsmonitor={marker}\n", control=("status",)),
    Trap("hooks", hooks=("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"),
         control=("commit", "--allow-empty", "-qm", "x")),
    Trap("hooks path", "[core]\nhooksPath={folder}/programs\n",
         control=("commit", "--allow-empty", "-qm", "x")),
    Trap("external diff", "[diff]\nexternal={marker}\n", control=("diff", "HEAD~1")),
    Trap("external diff of a driver", '[diff "evil"]\ncommand={marker}\n', "* diff=evil\n",
         control=("log", "-p", "--ext-diff")),
    Trap("textconv", '[diff "evil"]\ntextconv={marker}\ncachetextconv=true\n', "* diff=evil\n",
         control=("log", "-p")),
    Trap("filters", '[filter "evil"]\nclean={marker}\nsmudge={marker}\nrequired=true\n', "* filter=evil\n",
         control=("add", "--renormalize", ".")),
    Trap("filter process", '[filter "evil"]\nprocess={marker}\n', "* filter=evil\n",
         control=("add", "--renormalize", ".")),
    Trap("signature", "[log]\nshowSignature=true\n[gpg]\nprogram={marker}\n", signed=True, control=("log",)),
    Trap("signature, by format", '[log]\nshowSignature=true\n[gpg "openpgp"]\nprogram={marker}\n',
         signed=True, control=("log",)),
    Trap("alias", "[alias]\nlog=!{marker}\nls-files=!{marker}\nx=!{marker}\n", control=("x",)),
    Trap("pager", "[core]\npager={marker}\n[pager]\nlog={marker}\nls-files={marker}\n"),
    Trap("remerge diff",
         '[log]\ndiffMerges=remerge\n[merge "evil"]\ndriver={marker}\n[diff]\nalgorithm=histogram\n',
         "* merge=evil\n"),
    Trap("lazy fetch, ext", PARTIAL + 'url=ext::{marker}\n[protocol "ext"]\nallow=always\n', missing=True,
         control=("log", "-p")),
    Trap("lazy fetch, upload-pack",
         PARTIAL + "url=file:///tmp\nuploadpack={marker}\n[protocol]\nallow=always\n",
         missing=True, control=("log", "-p")),
    Trap("lazy fetch, ssh", PARTIAL + "url=ssh://h.invalid/x\n[core]\nsshCommand={marker}\n",
         missing=True, control=("log", "-p")),
    Trap("lazy fetch, helper", PARTIAL + "vcs=ext\nurl={marker}\n[protocol \"ext\"]\nallow=always\n",
         missing=True),
    Trap("lazy fetch, proxy", PARTIAL + "url=git://h.invalid/x\n[core]\ngitProxy={marker}\n",
         missing=True, control=("log", "-p")),
    Trap("credentials",
         "[credential]\nhelper=!{marker}\n[core]\naskPass={marker}\nalternateRefsCommand={marker}\n"
         "editor={marker}\n"),
    Trap("include", "[include]\npath={folder}/included\n", control=("status",)),
    Trap("inherited configuration", control=("status",), environment=(
        ("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", "{marker}"))),
    Trap("inherited programs", control=("diff", "HEAD~1"), environment=(
        ("GIT_EXTERNAL_DIFF", "{marker}"), ("GIT_PAGER", "{marker}"), ("GIT_SSH_COMMAND", "{marker}"),
        ("GIT_ASKPASS", "{marker}"), ("GIT_EDITOR", "{marker}"))),
]  # fmt: skip


def set_trap(trap: Trap, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put `trap` into a repository; returns the file that its program writes."""
    folder = repository.parent
    fired, marker = folder / "fired", folder / "marker"
    marker.write_text(f"#!/bin/sh\necho fired >> {fired}\nexit 1\n")
    marker.chmod(0o755)
    hooks = folder / "programs"
    hooks.mkdir()
    for name in (
        "post-index-change",
        "reference-transaction",
        "post-commit",
        "pre-commit",
        "fsmonitor-watchman",
    ):
        (hooks / name).symlink_to(marker)
    for name in trap.hooks:
        (repository / ".git/hooks" / name).unlink(missing_ok=True)
        (repository / ".git/hooks" / name).symlink_to(marker)
    (folder / "included").write_text(f"[core]\nfsmonitor={marker}\n")
    if trap.signed:
        raw = run(repository, "cat-file", "commit", "HEAD")
        head, _, body = raw.partition("\n\n")
        signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
        signed = f"{head}\n{signature}\n\n{body}\n".encode()
        run(
            repository,
            "reset",
            "-q",
            run(repository, "hash-object", "-wt", "commit", "--stdin", stdin=signed),
        )
    if trap.missing:
        tree = run(repository, "rev-parse", "HEAD:a.py")
        (repository / ".git/objects" / tree[:2] / tree[2:]).unlink()
        tree = run(repository, "rev-parse", "HEAD~1^{tree}")
        (repository / ".git/objects" / tree[:2] / tree[2:]).unlink()
    (repository / ".gitattributes").write_text(trap.attributes)
    with (repository / ".git/config").open("a") as config:
        config.write(trap.config.format(marker=marker, folder=folder))
    for name, value in trap.environment:
        monkeypatch.setenv(name, value.format(marker=marker))
        monkeypatch.setitem(PLAIN, name, value.format(marker=marker))
    return fired


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_no_program_of_the_repository_runs(
    trap: Trap, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired = set_trap(trap, repository, monkeypatch)
    (repository / "new.py").write_text("")
    os.utime(repository / "a.py", (1, 1))  # stat information that git would want to refresh
    assert {"a.py", "b.py", "new.py"} <= set(git.ls_files(repository).paths or ())
    assert "new.py" in files.list_files(repository, only={"new.py"}).entries
    assert git.toplevel(repository) == repository
    asked = [("", None), ("a.py", None), ("b.py", (1, 2))]
    for path, lines in asked:
        try:
            assert git.log(repository, path, 10, lines)
        except MachineError:
            assert trap.missing  # what is not here is not fetched
    assert not fired.exists()
    if trap.control:
        run(repository, *trap.control, check=False)
        assert fired.exists(), "the trap itself does not work"


def test_repositories_inside_run_no_program_either(repository: Path) -> None:
    inner = repository / "inner"
    inner.mkdir()
    run(inner, "init", "-q")
    commit(inner, "inner", c="c\n")
    fired = repository.parent / "fired"
    with (inner / ".git/config").open("a") as config:
        config.write(f'[core]\nfsmonitor="touch {fired}; false"\n')
    assert "inner/c.py" in files.list_files(repository).entries
    assert not fired.exists()
    run(inner, "status")
    assert fired.exists()


def test_a_bare_repository_in_disguise_is_not_believed(tmp_path: Path) -> None:
    """Files of a bare repository, checked in as ordinary ones, with a configuration of their own."""
    fired = tmp_path / "fired"
    bare = tmp_path / "project"
    bare.mkdir()
    run(bare, "init", "-q", "--bare")
    with (bare / "config").open("a") as config:
        config.write(f'[core]\nbare=false\nworktree={bare}\nfsmonitor="touch {fired}; false"\n')
    assert git.ls_files(bare).paths is None
    assert files.list_files(bare).how == "walk"
    assert not fired.exists()
    run(bare, "status")
    assert fired.exists()


def test_a_work_tree_elsewhere_is_not_believed(repository: Path) -> None:
    secret = repository.parent / "elsewhere"
    secret.mkdir()
    (secret / "secret.txt").write_text("secret")
    run(repository, "config", "core.worktree", str(secret))
    assert run(repository, "rev-parse", "--show-toplevel") == str(secret)
    assert files.find_root(repository) == repository
    assert set(files.list_files(repository).entries) == {"a.py", "b.py"}


def test_inherited_repository_is_forgotten(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook of another repository sets these for every program it starts."""
    monkeypatch.setenv("GIT_DIR", "/nonexistent/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    assert git.ls_files(repository).paths == ["a.py", "b.py"]


def test_no_git_of_the_repository_runs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fired = repository.parent / "fired"
    (repository / "git").write_text(f"#!/bin/sh\ntouch {fired}\n")
    (repository / "git").chmod(0o755)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", f".:{os.pathsep}{os.environ['PATH']}")
    assert set(git.ls_files(repository).paths or ()) == {"a.py", "b.py", "git"}
    assert not fired.exists()


def test_listing_has_every_kind_of_file(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.log\nbuild/\n")
    (repository / "kept.log").write_text("")
    run(repository, "add", "-f", "kept.log")
    for name in ("x.log", "new line\n.py", "ünï.py", "build/out.py", "sub/deep.py"):
        path = repository / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    (repository / os.fsdecode(b"bytes\xff.py")).write_text("")
    (repository / "a.py").unlink()
    paths = git.ls_files(repository).paths
    assert paths is not None
    expected = {
        "kept.log",
        "a.py",
        "b.py",
        ".gitignore",
        "new line\n.py",
        "ünï.py",
        "bytes\udcff.py",
        "sub/deep.py",
    }
    assert set(paths) == expected
    assert git.ls_files(repository / "sub").paths == ["deep.py"]
    assert git.ls_files(repository, ["a.py", "nothing", "x.log", "*.py"]).paths == ["a.py"]


def test_reasons(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    assert git.ls_files(plain) == git.LsFiles(None, reason="not a git repository")
    index = repository / ".git/index"
    index.write_bytes(b"DIRC nonsense")
    assert "index file" in git.ls_files(repository).reason
    index.unlink()
    monkeypatch.setenv("PATH", str(plain))
    assert git.ls_files(repository).reason == "git is not installed"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_owner(repository: Path) -> None:
    """git does not trust what another user configured, and says so."""
    for path in [repository, repository / ".git"]:
        os.chown(path, 12345, 12345)
    found = git.ls_files(repository)
    assert found.paths is None
    assert "safe.directory" in found.reason
    listing = files.list_files(repository)
    assert listing.how == "walk" and listing.note == found.reason and set(listing.entries) == {"a.py", "b.py"}


def test_hanging_git_is_killed(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 60 & sleep 60\n")
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "LISTING_TIMEOUT", 0.2)
    assert git.ls_files(repository).reason == "git took longer than 0.2 s"


def test_toplevel(repository: Path, tmp_path: Path) -> None:
    deep = repository / "x/y"
    deep.mkdir(parents=True)
    assert git.toplevel(deep) == repository
    (deep / ".git").mkdir()
    assert git.toplevel(deep) == repository, "an empty .git is none"
    run(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert git.toplevel(tmp_path / "tree") == tmp_path / "tree"
    assert git.ls_files(tmp_path / "tree").paths == ["a.py", "b.py"]
    assert git.toplevel(tmp_path) is None
    os.mkfifo(tmp_path / ".git")
    assert git.toplevel(tmp_path) is None, "and does not wait for anything"


def test_log(repository: Path) -> None:
    run(repository, "mv", "b.py", "c d.py")
    run(repository, "commit", "-qm", "rename: “b”\n\nbody")
    commit(repository, "change g", **{"c d": "def f():\n    return 1\n\n\ndef g():\n    return 3\n"})

    def subjects(path: str = "", limit: int = 9, lines: tuple[int, int] | None = None) -> list[str]:
        return [found.subject for found in git.log(repository, path, limit, lines)]

    assert subjects() == ["change g", "rename: “b”", "second", "first"]
    assert subjects("", 2) == ["change g", "rename: “b”"]
    assert subjects("c d.py") == ["change g", "rename: “b”", "first"]
    assert subjects("c d.py", 9, (5, 6)) == ["change g", "first"]
    assert subjects("c d.py", 9, (1, 2)) == ["first"]
    assert subjects("absent.py") == []
    found = git.log(repository, "a.py", 1)[0]
    assert found.hash == run(repository, "rev-parse", "HEAD~2") and found.author == "Ada"
    assert found.date == run(repository, "log", "-1", "--format=%aI", "HEAD~2")


def test_log_of_nothing(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="has only"):
        git.log(repository, "a.py", 9, (100, 200))
    with pytest.raises(NotFoundError):
        git.log(repository, "absent.py", 9, (1, 2))
    with pytest.raises(NotFoundError, match="not a git repository"):
        git.log(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    run(empty, "init", "-q")
    assert git.log(empty) == []


def test_log_takes_names_literally(repository: Path) -> None:
    assert git.log(repository, ":(top)*") == []
    assert git.log(repository, "--output=x") == [] and not (repository / "x").exists()


def test_the_paths_of_each_commit(repository: Path) -> None:
    assert git.changes(repository, 9) == [["a.py"], ["a.py", "b.py"]]
    assert git.changes(repository, 1) == [["a.py"]]
    (repository / "below").mkdir()
    (repository / "below" / "é\nx.py").write_text("1\n")
    run(repository, "add", "-A")
    run(repository, "commit", "-qm", "below\x01\n\nfiles")
    assert git.changes(repository / "below", 9) == [["é\nx.py"]]
    assert git.changes(repository, 1) == [["below/é\nx.py"]]


def test_the_commit_that_is_checked_out(repository: Path, tmp_path: Path) -> None:
    assert git.head(repository) == run(repository, "rev-parse", "HEAD")
    run(tmp_path, "init", "-q", "empty")
    assert git.head(tmp_path / "empty") == git.head(tmp_path) == ""
