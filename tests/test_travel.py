"""An index that travels: what is the same is not parsed, whatever happens on the way."""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from command import Command
from editor import editing, write

from memls.config import Folders
from memls.database import INDEX, Database
from memls.errors import MachineError, UsageError
from memls.index import worker
from memls.index.builder import Builder, Report
from memls.index.rows import TABLES, Limits
from memls.index.travel import arrival, export
from memls.store import Store

FIXTURES = Path(__file__).parent.parent / "fixtures"
SMALL = {
    "a.py": "import os\n\n\nclass A:\n    def one(self):\n        return os.getcwd()\n",
    "b.py": "from a import A\n\n\ndef two():\n    return A().one()\n",
    "notes.md": "# Notes\n\n## More\n\nwords\n",
    "crlf.py": "def three():\r\n    return 3\r\n",
    "empty.py": "",
    "plain.txt": "only words\n",
}
PLACES = ("id", "file", "chunk", "mtime_ns", "stamp", "seen_ns")
"""Columns that differ from build to build."""


def small(folder: Path) -> Path:
    """A small repository there."""
    folder.mkdir()
    for path, text in SMALL.items():
        (folder / path).write_text(text, newline="")
    (folder / "data.bin").write_bytes(b"\0\1\2")
    (folder / "wide.py").write_bytes("größe = 'ü'\n".encode("utf-16"))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small(tmp_path / "repo")


def rows(database: Database) -> dict[str, list[str]]:
    """All that an index says of its files, each row with its file's path in the place of numbers."""
    found = {}
    owners = {"files": "t.id", "postings": "t.chunk >> 20"}
    for table, columns in TABLES.items():
        names = ", ".join(f't."{name}"' for name in columns if name not in PLACES)
        owner = owners.get(table, "t.file")
        sql = f"SELECT f.path, {names} FROM {table} t LEFT JOIN files f ON f.id = {owner}"
        found[table] = sorted(map(repr, database.read(sql)))
    counted = "SELECT term, sum(chunks) FROM spread GROUP BY term HAVING sum(chunks) > 0"
    return {**found, "spread": sorted(map(repr, database.read(counted)))}


def fresh(root: Path) -> dict[str, list[str]]:
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    found = rows(database)
    database.close()
    return found


def exported(root: Path, file: Path) -> Path:
    """The file with the index of a repository."""
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    assert export(database, file.parent / "travel", file) == file.stat().st_size
    database.close()
    return file


def brought(root: Path, database: Database, file: Path) -> Report:
    with arrival(database, file.parent / "travel", file) as came:
        return Builder(root, database, Limits()).catch_up(arrival=came)


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database(None, INDEX)
    yield made
    made.close()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the small repository. It was made at another place: nothing in it says where."""
    folder = tmp_path_factory.mktemp("sent")
    return exported(small(folder / "repo"), folder / "index.memls")


@pytest.fixture
def file(tmp_path: Path, sent: Path) -> Path:
    return shutil.copyfile(sent, tmp_path / "index.memls")


def test_elsewhere_nothing_is_parsed_and_all_is_as_a_fresh_build_makes_it(
    tmp_path: Path, database: Database, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES, root / "fixtures")
    file = exported(root, tmp_path / "index.memls")
    moved = tmp_path / "els[e]*where's a=b"
    shutil.copytree(root, moved / "repo", copy_function=shutil.copyfile)
    file = file.replace(moved / "index.memls")
    expected = fresh(moved / "repo")
    with monkeypatch.context() as patched:
        patched.setattr(worker, "read_batch", lambda *_: pytest.fail("parsed"))
        report = brought(moved / "repo", database, file)
    assert report.brought == len(expected["texts"]) and report.parsed == 0
    assert rows(database) == expected
    assert not (moved / "travel").exists() and not list(moved.glob("*.part"))


def test_what_differs_is_parsed_and_nothing_else(root: Path, file: Path, database: Database) -> None:
    (root / "a.py").write_text(SMALL["a.py"].replace("one", "uno"))
    (root / "new.py").write_text("def new(): pass\n")
    (root / "crlf.py").rename(root / "moved.py")
    (root / "plain.txt").unlink()
    report = brought(root, database, file)
    assert (report.brought, report.parsed) == (4, 3)
    assert rows(database) == fresh(root)


def test_it_comes_over_an_index_that_is_there(root: Path, file: Path, database: Database) -> None:
    """What is up to date stays, what another branch left is replaced, and can come back from the attic."""
    (root / "a.py").write_text("def other(): pass\n")
    (root / "gone.py").write_text("gone = 1\n")
    Builder(root, database, Limits()).catch_up()
    (root / "a.py").write_text(SMALL["a.py"])
    (root / "gone.py").unlink()
    report = brought(root, database, file)
    assert (report.brought, report.parsed, report.changed) == (1, 0, {"a.py", "gone.py"})
    assert rows(database) == fresh(root)
    (root / "a.py").write_text("def other(): pass\n")
    assert Builder(root, database, Limits()).catch_up().taken_back == 1
    assert brought(root, database, file).changed == frozenset()


def test_languages_that_the_configuration_leaves_out_are_text(
    root: Path, file: Path, database: Database
) -> None:
    limits = Limits(languages=frozenset({"markdown"}))
    with arrival(database, file.parent / "travel", file) as came:
        report = Builder(root, database, limits).catch_up(arrival=came)
    assert (report.brought, report.parsed) == (2, 5)
    assert database.read("SELECT DISTINCT language FROM files ORDER BY ALL") == [("markdown",), (None,)]


@pytest.mark.parametrize(
    ("target", "kind", "said"),
    [
        ("nothing", UsageError, "no such file"),
        (".", UsageError, "is no file"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, database: Database, target: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said), arrival(database, tmp_path / "travel", tmp_path / target):
        pass


@pytest.mark.parametrize("name", ["missing/index.memls", "folder"])
def test_what_cannot_be_written_is_said_and_leaves_what_is_there(
    tmp_path: Path, database: Database, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(MachineError, match="cannot write") as error:
        export(database, tmp_path / "travel", tmp_path / name)
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


_IMPORTING = """
import sys
from pathlib import Path
from memls.database import INDEX, Database
from memls.index import travel
from memls.index.builder import Builder
from memls.index.rows import Limits

if __name__ == "__main__":
    root, index, file = map(Path, sys.argv[1:])
    travel._BATCH_BYTES = 1
    database = Database(index, INDEX)
    with travel.arrival(database, index.parent / "travel", file) as came:
        Builder(root, database, Limits()).catch_up(lambda done, _: print(done, flush=True), arrival=came)
    print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 4, 7])
def test_killed_in_the_middle_it_goes_on(root: Path, file: Path, tmp_path: Path, batches: int) -> None:
    index = tmp_path / "state" / "index.duckdb"
    command = [sys.executable, "-c", _IMPORTING, str(root), str(index), str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(batches):
        assert process.stdout.readline().strip().isdigit()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    database = Database(index, INDEX)
    assert not database.rebuilt
    assert database.read("SELECT count(*) FROM files")[0][0] >= batches
    with arrival(database, tmp_path / "state" / "travel", file) as came:  # the folder of last time is there
        report = Builder(root, database, Limits()).catch_up(arrival=came)
    assert report.parsed == 0 and rows(database) == fresh(root)
    database.close()


@pytest.mark.slow
def test_commands_write_it_and_take_it(root: Path, tmp_path: Path) -> None:
    here, there = Command(tmp_path / "here"), Command(tmp_path / "there")
    done = here("index", "--repo", str(root), "--export", "../index.memls", cwd=root)
    assert (done.code, done.err) == (0, "") and "wrote ../index.memls (0.0 MB)" in done.out
    (root / "b.py").write_text("changed = 1\n")
    done = there("index", "--import", str(tmp_path / "index.memls"), "--json", cwd=root)
    assert (done.code, done.json["taken"], done.json["parsed"], done.json["changed"]) == (0, 6, 1, 8)
    done = there("index", "--import", "../index.memls", "--export", "../index.memls", cwd=root)
    assert "0 files taken from ../index.memls, 0 parsed" in done.out, done
    done = Command(tmp_path / "more")("index", "--import", "../index.memls", cwd=root)
    assert "7 files taken from ../index.memls, 0 parsed" in done.out, done


@pytest.mark.slow
def test_permission_denied_is_said(root: Path, file: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    file.chmod(0)
    memls = Command(tmp_path / "home", unprivileged=True)
    for option, name, said in (
        ("--export", closed / "index.memls", f"cannot write {closed}/index.memls: Permission denied"),
        ("--import", file, f"cannot read {file}: Permission denied"),
    ):
        done = memls("index", option, str(name), cwd=root)
        assert (done.code, done.err) == (3, f"memls: {said}\n"), done


@pytest.mark.slow
async def test_another_process_that_owns_the_repository_does_it(tmp_path: Path) -> None:
    folder, memls = write(tmp_path / "repo"), Command(tmp_path / "home")
    index = partial(asyncio.to_thread, memls, "index", "--repo", str(folder), cwd=tmp_path)
    async with editing(tmp_path, folder) as editor:
        await editor.reach()
        done = await index("--export", "index.memls")
        assert (done.code, done.err) == (0, ""), done
        (folder / "new.py").write_text("def brand_new(): return 1\n")
        done = await index("--force", "--import", "index.memls", "--json")
        assert (done.code, done.json["taken"], done.json["parsed"]) == (0, 4, 1), done
        done = await asyncio.to_thread(memls, "search", "brand_new", "--repo", str(folder))
        assert "new.py:1" in done.out
        (tmp_path / "bad").write_text("bad")
        done = await index("--import", "bad")
        assert (done.code, done.err.count("\n")) == (2, 1) and "no index that memls exported" in done.err
        assert editor.messages == []


def test_a_store_that_is_open_tells_of_it(root: Path, file: Path, tmp_path: Path) -> None:
    store = Store(root, Folders(tmp_path / "index", tmp_path / "memory", tmp_path / "user"))
    heard: list[Report] = []
    store.listen(heard.append)
    seen: list[tuple[int, int]] = []
    report = store.import_index(file, lambda done, total: seen.append((done, total)))
    assert heard == [report] and report.brought == 7 and store.built.is_set()
    assert seen[-1] == (8, 8)
    assert store.export_index(tmp_path / "again") == (tmp_path / "again").stat().st_size
    store.close()
