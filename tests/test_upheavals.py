"""Incremental equals fresh when much changes at once: branches, stashes, ignore rules, restarts."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.rows import Limits
from tests.test_builder import contents

SEEDS = range(int(os.environ.get("MEMLS_UPHEAVALS", "2")))
STEPS = 20
FOLDERS = ("", "a/", "a/b/", "c/")
IGNORED = ("*.md\n", "b/\n", "m1.*\n!m1.py\n", "/a/\n", "# nothing\n", "m[0-3].py\n")
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


class Repository:
    """A git repository, and random upheavals of it. Nothing depends on the clock or on the disk's order."""

    def __init__(self, root: Path, dice: random.Random) -> None:
        self.root = root
        self.dice = dice
        self.branches = ["first"]
        self.count = 0
        self.git("init", "-q", "-b", "first")
        for _ in range(4):
            self.write()
        self.commit()

    def git(self, *words: str) -> bool:
        """Whether git did it: it refuses some, such as a checkout over changes, and that is a step too."""
        command = ["git", *WHO, "-C", str(self.root), *words]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def files(self) -> list[Path]:
        found = (path for path in self.root.rglob("*.*") if path.is_file())
        return sorted(path for path in found if ".git" not in path.relative_to(self.root).parts)

    def write(self) -> None:
        suffix = self.dice.choice(["py", "md", "c"])
        path = self.root / self.dice.choice(FOLDERS) / f"m{self.dice.randrange(6)}.{suffix}"
        if path.is_dir() or any(parent.is_file() for parent in path.parents):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self.count += 1
        path.write_text(f"import m{self.dice.randrange(6)}\n\n\ndef f{self.count}(x):\n    return g(x)\n")

    def append(self) -> None:
        if files := self.files():
            self.count += 1
            with self.dice.choice(files).open("a") as file:
                file.write(f"\n\n# more\ndef more{self.count}():\n    pass\n")

    def delete(self) -> None:
        if files := self.files():
            self.dice.choice(files).unlink()

    def swap(self) -> None:
        """Two files change places: both names stay, and so may both sizes."""
        if len(files := self.files()) > 1:
            one, other = self.dice.sample(files, 2)
            aside = self.root / "aside"
            one.rename(aside)
            other.rename(one)
            aside.rename(other)

    def move_folder(self) -> None:
        folders = sorted(
            path for path in self.root.rglob("*") if path.is_dir() and path.name in {"a", "b", "c"}
        )
        if folders := [path for path in folders if ".git" not in path.parts]:
            folder = self.dice.choice(folders)
            target = folder.with_name(self.dice.choice("abc"))
            if not target.exists():
                folder.rename(target)

    def file_to_folder(self) -> None:
        if files := self.files():
            path = self.dice.choice(files)
            text = path.read_text()
            path.unlink()
            path.mkdir()
            (path / "inner.py").write_text(text)

    def ignore(self) -> None:
        folder = self.root / self.dice.choice(FOLDERS)
        if not folder.is_dir() or (folder / ".gitignore").is_dir():
            return
        (folder / ".gitignore").write_text(self.dice.choice(IGNORED))

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "A step")

    def branch(self) -> None:
        name = f"branch{len(self.branches)}"
        if self.git("checkout", "-q", "-b", name):
            self.branches.append(name)
            self.write()
            self.append()
            self.commit()

    def checkout(self) -> None:
        self.git("checkout", "-q", "-f", self.dice.choice(self.branches))

    def revert(self) -> None:
        self.git("checkout", "-q", "--", ".")

    def stash(self) -> None:
        self.git("stash", "-q", "-u")

    def unstash(self) -> None:
        self.git("stash", "pop", "-q")

    def forget_git(self) -> None:
        """The listing is made without git from here on."""
        if self.dice.random() < 0.2:
            shutil.rmtree(self.root / ".git", ignore_errors=True)

    def step(self) -> str:
        steps: list[Callable[[], None]] = [
            self.write, self.append, self.delete, self.swap, self.move_folder, self.file_to_folder,
            self.ignore, self.commit, self.branch, self.checkout, self.checkout, self.revert, self.stash,
            self.unstash, self.forget_git,
        ]  # fmt: skip
        chosen = self.dice.choice(steps)
        chosen()
        return chosen.__name__


def state(database: Database) -> dict[str, list[object]]:
    """All that an index says of a repository, how it was listed included."""
    rows = contents(database)
    rows["skipped"] = list(database.read("SELECT path, reason FROM skipped ORDER BY path"))
    rows["listing"] = list(database.read("SELECT value FROM meta WHERE key = 'listing'"))
    return rows


def fresh(root: Path) -> Iterator[tuple[str, list[object]]]:
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    yield from state(database).items()
    database.close()


@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.slow) if n else n for n in SEEDS])
def test_upheavals_leave_what_a_fresh_build_makes(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    dice = random.Random(seed)
    repository = Repository(root, dice)
    database = Database(tmp_path / "index.duckdb", INDEX)
    done: list[str] = []
    for _ in range(STEPS):
        done += [repository.step() for _ in range(dice.randrange(1, 4))]
        if dice.random() < 0.2:
            database.close()
            database = Database(tmp_path / "index.duckdb", INDEX)
            assert not database.rebuilt
            done.append("restart")
        Builder(root, database, Limits()).catch_up()
        have = state(database)
        for table, expected in fresh(root):
            assert have[table] == expected, (table, done)
    database.close()
