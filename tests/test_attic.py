"""Texts that left the index and come back are not parsed again, and are what they were."""

from pathlib import Path

import pytest

from memls.database import INDEX, Database
from memls.index import attic, worker
from memls.index.builder import Builder
from memls.index.rows import Limits
from tests.test_builder import contents

FILES = 12


def write(root: Path, branch: str, count: int = FILES) -> None:
    for number in range(count):
        text = f"import os\n\n\ndef on_{branch}_{number}(x):\n    return os.{branch}(x, {number})\n"
        (root / f"file_{number}.py").write_text(text)


def fresh(root: Path) -> dict[str, list[object]]:
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    return contents(database)


@pytest.fixture
def database() -> Database:
    return Database(None, INDEX)


def away(database: Database) -> int:
    return int(database.read("SELECT count(*) FROM attic.files")[0][0])


def test_another_branch_and_back_parses_nothing_twice(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = Builder(tmp_path, database, Limits())
    for branch in ("one", "two"):
        write(tmp_path, branch)
        builder.catch_up()
    monkeypatch.setattr(worker, "read_batch", lambda *_: pytest.fail("parsed"))
    for branch in ("one", "two", "one"):
        write(tmp_path, branch)
        report = builder.catch_up()
        assert (len(report.changed), report.taken_back) == (FILES, FILES)
        monkeypatch.undo()
        assert contents(database) == fresh(tmp_path)
        monkeypatch.setattr(worker, "read_batch", lambda *_: pytest.fail("parsed"))
    assert away(database) == FILES


def test_a_folder_that_is_gone_comes_back(tmp_path: Path, database: Database) -> None:
    write(tmp_path, "one")
    builder = Builder(tmp_path, database, Limits())
    builder.catch_up()
    (tmp_path / "file_3.py").rename(tmp_path / "other.py")
    assert builder.catch_up().taken_back == 0
    (tmp_path / "other.py").rename(tmp_path / "file_3.py")
    assert builder.catch_up().taken_back == 1
    assert contents(database) == fresh(tmp_path)


def test_the_attic_has_no_more_than_the_index(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attic, "_LEAST_BYTES", 0)
    builder = Builder(tmp_path, database, Limits())
    for branch in ("a1", "a2", "a3", "a4"):
        write(tmp_path, branch)
        builder.catch_up()
    assert away(database) == FILES
    for table in ("texts", "symbols", "refs", "imports", "chunks"):
        files = {row[0] for row in database.read(f"SELECT DISTINCT file FROM attic.{table}")}
        assert len(files) == FILES
    write(tmp_path, "a3")
    assert builder.catch_up().taken_back == FILES


def test_nothing_comes_back_after_a_new_beginning(tmp_path: Path, database: Database) -> None:
    builder = Builder(tmp_path, database, Limits())
    for branch in ("one", "two"):
        write(tmp_path, branch)
        builder.catch_up()
    builder.catch_up(force=True)
    assert away(database) == 0
    write(tmp_path, "one")
    assert builder.catch_up().taken_back == 0
    assert contents(database) == fresh(tmp_path)
