"""What is listed, by git and by a walk, and what stands in the way."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import examples

from memls.errors import UsageError
from memls.source import files, ignore, listing
from memls.source.files import list_files, would_list

GIT = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: str) -> bytes:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=GIT, check=True, capture_output=True
    ).stdout


def make(folder: Path, *paths: str) -> None:
    """Empty files under `folder`."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(params=["git", "walk"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path, how: str) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    if how == "git":
        git(folder, "init", "-q")
    return folder


def reasons(found: files.Listing) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in found.skipped}


# Listing, the same by both ways.


def test_listing_says_what_and_how(root: Path, how: str) -> None:
    write(root / "a/b.py", "12345")
    found = list_files(root)
    status = (root / "a/b.py").stat()
    assert found.entries == {
        "a/b.py": files.Entry("a/b.py", 5, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
    }
    assert found.how == how
    assert found.note == ("" if how == "git" else "not a git repository")


def test_rules_and_folders_nobody_wants(root: Path) -> None:
    write(root / ".gitignore", "*.log\n/build/\n!kept.log\n")
    write(root / "pkg/.gitignore", "gen_*.py\n!important.log\n")
    make(
        root, "a.log", "kept.log", "build/x", "pkg/build/x", "pkg/gen_a.py", "pkg/important.log", "pkg/b.log"
    )
    make(root, "node_modules/m/index.js", "pkg/__pycache__/a.pyc", ".venv/x.py", ".tox/x.py")
    make(root, "environment/pyvenv.cfg", "environment/lib/x.py", "venv/kept.py")
    assert set(list_files(root).entries) == {
        ".gitignore", "kept.log", "pkg/.gitignore", "pkg/build/x", "pkg/important.log", "venv/kept.py",
    }  # fmt: skip


def test_user_patterns(root: Path) -> None:
    make(root, "a.py", "docs/b.md", "docs/c.py", "src/vendor/d.py", "vendor.py")
    assert set(list_files(root, ["docs/*.md", "vendor/"]).entries) == {"a.py", "docs/c.py", "vendor.py"}
    assert set(list_files(root, ["*.py", "!a.py"]).entries) == {"a.py", "docs/b.md"}


def test_links_and_special_files(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "secret", "secret")
    make(root, "real/a.py")
    (root / "loop").symlink_to(root)
    (root / "real/up").symlink_to("..")
    (root / "out").symlink_to(tmp_path)
    (root / "file").symlink_to("real/a.py")
    (root / "dangling").symlink_to("nothing")
    (root / "secret").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "socket"))  # the name of a socket is short
        found = list_files(root)
    assert set(found.entries) == {"real/a.py"}
    assert {reason for path, reason in reasons(found).items() if path not in ("fifo", "socket")} == {
        "symbolic link"
    }
    assert reasons(found).get("fifo", "not a regular file") == "not a regular file"


def test_names(root: Path) -> None:
    names = [b"plain.py", "ünï 文.py".encode(), b"-x", b"a\nb.py", b"bad\xff.py", b"\x1b[31m.py", b"tab\t.py"]
    for name in names:
        (root / os.fsdecode(name)).touch()
    found = list_files(root)
    assert set(found.entries) == {"plain.py", "ünï 文.py", "-x"}
    assert set(reasons(found)) == {"a\\nb.py", "bad\\xff.py", "\\x1b[31m.py", "tab\\t.py"}
    found.skipped[0].path.encode()


def test_only(root: Path, tmp_path: Path) -> None:
    write(root / ".gitignore", "*.log\nout/\n")
    make(root, "a.py", "b.log", "out/c.py", "d/e.py", "environment/pyvenv.cfg", "environment/x.py")
    (root / "up").symlink_to(tmp_path)
    make(tmp_path, "f.py")
    asked = {"a.py", "b.log", "out/c.py", "d/e.py", "d", "gone.py", "up/f.py", "../f.py", "/etc/passwd", "",
             "environment/x.py", "a\0", "d//e.py", "./a.py", "*.py", "--help"}  # fmt: skip
    assert set(list_files(root, only=asked).entries) == {"a.py", "d/e.py"}
    assert set(list_files(root, ["d/"], only=asked).entries) == {"a.py"}
    many = {f"{n}.py" for n in range(listing.MAX_ONLY + 1)} | {"a.py"}
    assert set(list_files(root, only=many).entries) == {"a.py"}
    assert list_files(root, only=()).entries == {}


def test_rules_that_leave_nothing_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "folder/b.py", "folder/c.log", ".hidden", "node_modules/d.js")
    write(tmp_path / ".gitignore", "/*\n!.gitignore\n")
    write(tmp_path / "folder/.gitignore", "*.log\n")
    listing = list_files(tmp_path)
    assert set(listing.entries) == {"a.py", "folder/b.py", ".hidden", ".gitignore", "folder/.gitignore"}
    assert "hides everything" in listing.note
    assert set(list_files(tmp_path, only=["a.py", "folder/c.log"]).entries) == {"a.py"}
    assert would_list(tmp_path, "new.py") and not would_list(tmp_path, "folder/new.log")
    write(tmp_path / ".gitignore", "/*\n!folder/\n")
    assert set(list_files(tmp_path).entries) == {"folder/b.py", "folder/.gitignore"}


# Listing with git.


def test_tracked_counts_though_ignored_and_deleted_does_not(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "x.log", "node_modules/a.js", "gone.py", "folder/b.py", "left/c.py")
    git(tmp_path, "add", "-f", ".")
    write(tmp_path / ".gitignore", "/*\n")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "left").rename(tmp_path / "moved")
    (tmp_path / "left").symlink_to("/etc")  # a tracked folder, replaced by a way out
    assert set(list_files(tmp_path).entries) == {"x.log", "node_modules/a.js", "folder/b.py"}
    assert set(list_files(tmp_path, ["*.log"]).entries) == {"node_modules/a.js", "folder/b.py"}


def test_conflicts_are_listed_once(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path / "a", "x")
    blob = git(tmp_path, "hash-object", "-w", "a").decode().strip()
    subprocess.run(
        ["git", "update-index", "--index-info"], cwd=tmp_path, env=GIT, check=True,
        input="".join(f"100644 {blob} {stage}\ta\n" for stage in (1, 2, 3)).encode(),
    )  # fmt: skip
    assert set(list_files(tmp_path).entries) == {"a"}


def test_submodules_and_repositories_inside(tmp_path: Path) -> None:
    library, project = tmp_path / "library", tmp_path / "project"
    for folder in (library, project, project / "nested"):
        folder.mkdir()
        git(folder, "init", "-q")
        make(folder, "a.py", "b.log")
        write(folder / ".gitignore", "*.log\n")
    git(library, "add", ".")
    git(library, "commit", "-qm", "x")
    git(project, "submodule", "--quiet", "add", str(library), "sub")
    git(project, "submodule", "--quiet", "add", str(library), "absent")
    git(project, "submodule", "--quiet", "deinit", "-f", "absent")
    found = list_files(project)
    assert {path for path in found.entries if path.endswith(".py")} == {"a.py", "sub/a.py", "nested/a.py"}
    assert reasons(found) == {"absent": "submodule that is not checked out"}
    assert set(list_files(project, only={"sub/a.py", "nested/a.py", "sub/b.log"}).entries) == {
        "sub/a.py",
        "nested/a.py",
    }


def test_unpacked_inside_a_repository_that_ignores_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path / ".gitignore", "deps/\n")
    make(tmp_path, "deps/lib/a.py", "deps/lib/sub/b.py", "other/c.py")
    found = list_files(tmp_path / "deps/lib")
    assert (set(found.entries), found.how, found.note) == (
        {"a.py", "sub/b.py"},
        "walk",
        "git ignores this folder",
    )
    assert set(list_files(tmp_path / "deps/lib", only={"a.py", "x"}).entries) == {"a.py"}
    inside = list_files(tmp_path / "other")
    assert (set(inside.entries), inside.how) == ({"c.py"}, "git")


# The walk agrees with git.

NAME = st.sampled_from(["a", "b", "c.py", "d.log", "e.tar.gz", "A", "f x"])
TREE = st.sets(st.lists(NAME, min_size=1, max_size=4).map("/".join), min_size=1, max_size=14)
GLOB = st.sampled_from(
    ["a", "b", "*", "?", "*.py", "*.log", "[ab]", "[!a]", "**", "c.*", "*.gz", "*.tar.gz", "f x"]
)
PATTERN = st.builds(
    lambda negated, lead, globs, end: ("!" if negated else "") + lead + "/".join(globs) + end,
    st.booleans(), st.sampled_from(["", "/", "**/"]), st.lists(GLOB, min_size=1, max_size=3),
    st.sampled_from(["", "/", " ", "/**", "\r"]),
)  # fmt: skip
RULES = st.lists(
    st.one_of(PATTERN, st.sampled_from(["", "# a", "\\#", "\\!a", "a\\ ", "/", "!"])), max_size=5
)
IGNORES = st.dictionaries(st.lists(NAME, max_size=2).map("/".join), RULES, max_size=3)


@examples(80)
@given(tree=TREE, rules=IGNORES)
def test_walk_agrees_with_git(tree: set[str], rules: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        git(root, "init", "-q")
        for path in sorted(tree):
            if not any((root / parent).is_file() for parent in Path(path).parents):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                if not (root / path).is_dir():
                    (root / path).touch()
        for folder, lines in rules.items():
            if (root / folder).is_dir():
                (root / folder / ".gitignore").write_bytes("\n".join(lines).encode())
        listed = git(root, "ls-files", "-co", "--exclude-standard", "-z").decode().split("\0")[:-1]
        walked = listing._walked(str(root), (), None, "").entries
        assert set(walked) == set(listed)
        rule = ignore.Ignore(root)
        everything = {
            str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and ".git" not in p.parts
        }
        assert {path for path in everything if not rule.ignored(path)} == set(listed)


# Permissions, which root does not feel: another process under another user looks.

LOOK = """
    import json, os, sys
    from memls.source import files
    def look():
        found = files.list_files(sys.argv[1])
        try: files.open_root(sys.argv[1] + "/closed"); opened = ""
        except files.UsageError as error: opened = str(error)
        return [sorted(found.entries), sorted(found.skipped), found.how,
                files.read(sys.argv[1], "secret.py").reason, opened]
    if os.geteuid() == 0:
        look()  # everything is imported while we still may read it
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    print(json.dumps(look()))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("how", ["git", "walk"])
def test_permissions(open_folder: Path, how: str) -> None:
    root = open_folder / "root"
    make(root, "a.py", "secret.py", "closed/b.py", "listed/c.py")
    if how == "git":
        git(root, "init", "-q")
    for path in (root, root / ".git"):
        if os.geteuid() == 0 and path.exists():
            os.chown(path, 65534, 65534)
    (root / "secret.py").chmod(0)
    (root / "closed").chmod(0)
    try:
        command = [sys.executable, "-c", textwrap.dedent(LOOK), str(root)]
        looked = subprocess.run(command, env=GIT, check=True, capture_output=True, text=True).stdout
    finally:
        (root / "closed").chmod(0o700)
    entries, skipped, listed, reason, opened = json.loads(looked)
    assert entries == ["a.py", "listed/c.py"]
    assert skipped == [["closed", "permission denied"], ["secret.py", "permission denied"]]
    assert (listed, reason) == (how, "permission denied")
    assert opened == f"cannot read the folder (permission denied): {root}/closed"


# Roots.


def test_roots(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a/b/c.py")
    for start in (tmp_path, tmp_path / "a/b", tmp_path / "a/b/c.py", tmp_path / "a/../a"):
        assert files.find_root(start) == tmp_path
    (tmp_path / ".git").rename(tmp_path / "git")
    assert files.find_root(tmp_path / "a/b") == tmp_path / "a/b"
    assert files.open_root(tmp_path / "a/../a") == tmp_path / "a"


@pytest.mark.parametrize(
    ("path", "says"),
    [("absent", "no such folder: "), ("file", "not a folder: "), ("file/x", "cannot open the folder "),
     ("a\0b", "cannot open the folder "), ("loop", "cannot open the folder "), ("\x1b[31m", "\\x1b")],
)  # fmt: skip
def test_roots_that_are_none(tmp_path: Path, path: str, says: str) -> None:
    make(tmp_path, "file")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError) as raised:
        files.open_root(f"{tmp_path}/{path}")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value) and "\x1b" not in str(raised.value)
