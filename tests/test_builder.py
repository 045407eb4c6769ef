"""Building the index: in step with the disk whatever happens, and never damaged by being killed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.code import status
from memls.index.rows import Limits

TABLES = {
    "files": "path, language, hash, lines, errors, reason, ascii",
    "texts": "text",
    "symbols": "ordinal, name, qualified_name, kind, line, end_line, signature, docstring, parent",
    "refs": 'name, role, line, "column", scope, receiver',
    "imports": "module, name, alias, line",
    "chunks": "ordinal, line, end_line, length",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


def contents(database: Database) -> dict[str, list[object]]:
    """Every row without the numbers that two builds may give differently."""
    rows: dict[str, list[object]] = {}
    for table, columns in TABLES.items():
        joined = "" if table == "files" else f", (SELECT path FROM files f WHERE f.id = {table}.file)"
        rows[table] = sorted(map(repr, database.read(f"SELECT {columns}{joined} FROM {table}")))
    rows["postings"] = sorted(
        map(
            repr,
            database.read(
                """SELECT f.path, c.line, p.term, p.frequency, p.length
                FROM postings p JOIN chunks c ON c.id = p.chunk
                JOIN files f ON f.id = c.file"""
            ),
        )
    )
    counted = "SELECT term, sum(chunks) FROM spread GROUP BY term HAVING sum(chunks) > 0"
    rows["spread"] = sorted(map(repr, database.read(counted)))
    return rows


def check_equals_fresh(root: Path, database: Database) -> None:
    fresh = Database(None, INDEX)
    Builder(root, fresh, Limits()).catch_up()
    assert contents(database) == contents(fresh)
    fresh.close()


def edits(root: Path, rng: random.Random) -> Iterator[None]:
    """Random writes, appends, renames, deletions and moved folders."""
    for number in range(12):
        files = sorted(path for path in root.rglob("*.*") if path.is_file())
        kind = rng.choice(["write", "write", "append", "rename", "delete", "folder"])
        if kind == "write" or not files:
            path = (
                root / rng.choice(["", "a/", "a/b/"]) / f"m{rng.randrange(6)}.{rng.choice(['py', 'md', 'c'])}"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                f"def f{number}(x):\n    return g{rng.randrange(3)}(x)\n\n\nclass C{number}:\n    y = 1\n"
            )
        elif kind == "append":
            with rng.choice(files).open("a") as file:
                file.write(f"\n\ndef more{number}():\n    pass\n")
        elif kind == "rename":
            files[0].rename(files[0].with_name(f"n{number}.py"))
        elif kind == "delete":
            rng.choice(files).unlink()
        elif (root / "a").exists():
            (root / "a").rename(root / f"d{number}")
        yield


def replaced(root: Path) -> None:
    (root / "v2/a.py").replace(root / "v1/a.py")


def rewritten(root: Path) -> None:
    (root / "v1/a.py").write_text("x = 3\n")
    os.utime(root / "v1/a.py", (1, 1))


def swapped(root: Path) -> None:
    for name, to in (("v1", "v3"), ("v2", "v1"), ("v3", "v2")):
        (root / name).rename(root / to)


@pytest.mark.parametrize("change", [replaced, rewritten, swapped])
def test_equal_size_and_time_hide_no_change(root: Path, change: Callable[[Path], None]) -> None:
    """Archives and some tools give all files one time."""
    for number in (1, 2):
        (root / f"v{number}").mkdir()
        (root / f"v{number}/a.py").write_text(f"x = {number}\n")
        os.utime(root / f"v{number}/a.py", (1, 1))
    time.sleep(0.2)  # past the grain within which a file is read again whatever its time
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    builder.catch_up()
    change(root)
    builder.catch_up()
    check_equals_fresh(root, database)
    database.close()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 8))])
def test_incremental_equals_fresh(root: Path, seed: int) -> None:
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    for _ in edits(root, random.Random(seed)):
        builder.catch_up()
        check_equals_fresh(root, database)
    database.close()


def test_named_paths_equal_fresh_too(root: Path) -> None:
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    before: set[str] = set()
    for _ in edits(root, random.Random(7)):
        now = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        builder.update(before | now)
        before = now
        check_equals_fresh(root, database)
    database.close()


def test_generations_grow_with_changes_alone(root: Path) -> None:
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    (root / "a.py").write_text("x = 1\n")
    assert builder.catch_up().generation == 1
    assert builder.catch_up().generation == 1
    os.utime(root / "a.py", (1, 1))
    report = builder.catch_up()
    assert (report.generation, report.changed) == (1, frozenset())
    (root / "a.py").write_text("x = 2\n")
    report = builder.catch_up()
    assert (report.generation, report.changed) == (2, {"a.py"})
    (root / "a.py").unlink()
    assert builder.catch_up().changed == {"a.py"}
    database.close()


def test_an_edit_within_the_clock_s_grain_is_seen(root: Path) -> None:
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    file = root / "a.py"
    file.write_text("x = 1\n")
    stamp = file.stat()
    builder.catch_up()
    file.write_text("x = 2\n")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert builder.catch_up().changed == {"a.py"}
    database.close()


@pytest.mark.slow
def test_killed_at_any_time_it_goes_on(tmp_path: Path) -> None:
    """kill -9 at random moments: every reopening is consistent, and the end equals a fresh build."""
    root, home = tmp_path / "repo", tmp_path / "home"
    source = Path(sys.modules["hypothesis"].__file__ or "").parent
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    rng = random.Random(3)
    command = [sys.executable, "-m", "memls", "index", "--repo", str(root)]
    for _ in range(6):
        process = subprocess.Popen(
            command,
            env={**os.environ, "MEMLS_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(rng.uniform(0.3, 1.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for file in home.rglob("index.duckdb"):
            database = Database(file, INDEX)
            orphans = database.read("SELECT count(*) FROM symbols WHERE file NOT IN (SELECT id FROM files)")
            assert orphans == [(0,)] and not database.rebuilt
            status(database)
            database.close()
    subprocess.run(
        command, env={**os.environ, "MEMLS_HOME": str(home)}, check=True, stdout=subprocess.DEVNULL
    )
    (file,) = home.rglob("index.duckdb")
    database = Database(file, INDEX)
    check_equals_fresh(root, database)
    database.close()


_WRITING = """
import random, sys
from pathlib import Path
from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.rows import Limits

if __name__ == "__main__":
    root, dice = Path(sys.argv[1]), random.Random(int(sys.argv[3]))
    builder = Builder(root, Database(Path(sys.argv[2]), INDEX), Limits())
    builder.catch_up()
    print("ready", flush=True)
    files = sorted(root.glob("*.py"))
    while True:
        some = dice.sample(files, dice.choice([1, 2, 20]))
        for file in some:
            bodies = (f"def f{dice.randrange(99)}(x):\\n    return g{n}(x)\\n" for n in range(9))
            file.write_text("".join(bodies))
        builder.update([file.name for file in some])
"""
_WHOLE = """
    SELECT (SELECT count(*) FROM symbols WHERE file NOT IN (SELECT id FROM files))
         + (SELECT count(*) FROM refs WHERE file NOT IN (SELECT id FROM files))
         + (SELECT count(*) FROM chunks WHERE file NOT IN (SELECT id FROM files))
         + (SELECT count(*) FROM postings WHERE chunk NOT IN (SELECT id FROM chunks))
         + (SELECT count(*) FROM files WHERE reason IS NULL AND id NOT IN (SELECT file FROM texts))
         + (SELECT count(*) - count(DISTINCT id) FROM files)
         + (SELECT count(*) - count(DISTINCT file) FROM texts)
"""


@pytest.mark.slow
def test_killed_while_it_writes_it_is_whole(root: Path, tmp_path: Path) -> None:
    """kill -9 in the middle of writing, `MEMLS_KILLS` times: no row is without its file, no file twice."""
    for number in range(60):
        (root / f"m{number}.py").write_text(f"def f{number}():\n    return g{number}()\n")
    dice, file = random.Random(5), tmp_path / "index.duckdb"
    for turn in range(int(os.environ.get("MEMLS_KILLS", "5"))):
        command = [sys.executable, "-c", _WRITING, str(root), str(file), str(turn)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(dice.uniform(0, 0.4))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        database = Database(file, INDEX)
        assert not database.rebuilt and database.read(_WHOLE) == [(0,)], turn
        database.close()
    database = Database(file, INDEX)
    Builder(root, database, Limits()).catch_up()
    check_equals_fresh(root, database)
    database.close()


_CALLED_OFF = """
import sys, time, multiprocessing, subprocess
from pathlib import Path
from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.rows import Limits

def progress(done, total):
    raise KeyboardInterrupt

if __name__ == "__main__":
    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    other.start()
    database = Database(Path(sys.argv[2]), INDEX)
    began = time.monotonic()
    try:
        Builder(Path(sys.argv[1]), database, Limits()).catch_up(progress)
    except KeyboardInterrupt:
        until = time.monotonic() + 10  # who is gone is noted by another thread
        while multiprocessing.active_children() != [other] and time.monotonic() < until:
            time.sleep(0.01)
        print(other.is_alive(), multiprocessing.active_children() == [other])
    other.kill()
    database.close()
"""


def test_a_build_that_is_called_off_ends_its_workers_and_no_others(root: Path, tmp_path: Path) -> None:
    for number in range(60):
        (root / f"{number}.py").write_text(f"def f{number}():\n    return {list(range(4000))}\n")
    script = tmp_path / "called_off.py"
    script.write_text(_CALLED_OFF)
    command = [sys.executable, str(script), str(root), str(tmp_path / "index.duckdb")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True True\n", done.stderr


def test_what_somebody_looks_at_is_read_first(root: Path) -> None:
    """And what it imports; also when it is opened while the build runs."""
    filler = f"x = {list(range(30_000))}\n"
    for number in range(8):
        (root / f"a{number}.py").write_text(filler)
    package = root / "z" / "deep"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "used.py").write_text("def used():\n    return 1\n")
    (package / "other.py").write_text("def other():\n    return 1\n")
    (root / "z" / "open.py").write_text("from z.deep.used import used\n")
    (root / "z" / "late.py").write_text("from .deep import other\n")
    database = Database(None, INDEX)
    builder = Builder(root, database, Limits())
    opened = ["z/open.py"]
    seen: list[set[str]] = []

    def progress(done: int, total: int) -> None:
        seen.append({row[0] for row in database.read("SELECT path FROM files")})
        opened.append("z/late.py")

    builder.urgent = lambda: opened
    assert builder.catch_up(progress).files == 13
    assert seen[0] == {"z/open.py"} and seen[1] == seen[0] | {"z/late.py"}
    assert seen[2] - seen[1] == {"z/deep/used.py", "z/deep/other.py", "z/deep/__init__.py"}
    check_equals_fresh(root, database)
    database.close()


def test_a_fault_in_one_reader_costs_one_file_its_symbols(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.py").write_text("def a(): pass\n")
    (tmp_path / "b.lua").write_text("function b() end\n")
    from memls.source import parse as parsing

    def fail(path: str, *given: object) -> object:
        if path == "b.lua":
            raise IndexError("child index out of range")
        return parse(path, *given)

    parse = parsing.parse
    monkeypatch.setattr(parsing, "parse", fail)
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    assert database.read("SELECT name FROM symbols") == [("a",)]
    assert database.read("SELECT path, errors FROM files ORDER BY 1") == [("a.py", 0), ("b.lua", 1)]
    assert "b.lua cannot be parsed as lua" in caplog.text


_POISONED = """
import multiprocessing, os, signal, sys
from pathlib import Path
from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.rows import Limits
from memls.source import parse

whole = parse.parse

def deadly(path, data, language, make=None):
    if "bad" in path and multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    if "once" in path and multiprocessing.parent_process() and not Path(sys.argv[3]).exists():
        Path(sys.argv[3]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(path, data, language, make)

parse.parse = deadly

if __name__ == "__main__":
    database = Database(Path(sys.argv[2]), INDEX)
    builder = Builder(Path(sys.argv[1]), database, Limits())
    print(len(builder.catch_up().changed), len(builder.catch_up().changed))
    database.close()
elif sys.argv[3] == "":
    sys.exit("no worker ever starts")
"""


def test_a_file_that_kills_its_reader_costs_only_its_symbols(root: Path, tmp_path: Path) -> None:
    """And a reader that was killed from outside costs nothing."""
    names = [*(f"{number}.py" for number in range(40)), "bad.py", "worse_bad.py", "once.py"]
    for number, name in enumerate(names):
        lines = "".join(f"    x{line} = {line}\n" for line in range(1500))
        (root / name).write_text(f"def f{number}():\n{lines}")
    script = tmp_path / "poisoned.py"
    script.write_text(_POISONED)
    index = tmp_path / "index.duckdb"
    command = [sys.executable, str(script), str(root), str(index), str(tmp_path / "killed")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    files = len(list(root.rglob("*.py")))
    assert done.stdout == f"{files} 0\n", done.stderr
    database = Database(index, INDEX)
    bare = "SELECT path FROM files WHERE errors > 0 AND id NOT IN (SELECT file FROM symbols) ORDER BY path"
    assert database.read(bare) == [("bad.py",), ("worse_bad.py",)]
    assert database.read("SELECT count(*) FROM texts") == [(files,)]
    assert database.read("SELECT count(*) FROM files") == [(files,)]
    database.close()


@pytest.mark.slow
def test_readers_that_never_start_end_the_build_with_one_line(root: Path, tmp_path: Path) -> None:
    for number in range(40):
        (root / f"{number}.py").write_text("".join(f"x{line} = {line}\n" for line in range(1500)))
    script = tmp_path / "poisoned.py"
    script.write_text(_POISONED)
    command = [sys.executable, str(script), str(root), str(tmp_path / "index.duckdb"), ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "MachineError: the processes that read files die, the last one at " in done.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are told by /proc")
def test_readers_do_not_outlive_who_started_them(root: Path, tmp_path: Path) -> None:
    for number in range(60):
        (root / f"{number}.py").write_text("".join(f"x{line} = {line}\n" for line in range(4000)))
    command = [sys.executable, "-m", "memls", "index", "--repo", str(root)]
    environment = {**os.environ, "MEMLS_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 30
    while not (readers := _readers(listed)) and time.monotonic() < until:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert readers
    while any(Path(f"/proc/{reader}").exists() for reader in readers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [reader for reader in readers if Path(f"/proc/{reader}").exists()]


def _readers(listed: Path) -> list[str]:
    """The children of a process that were spawned to read, as soon as they run."""
    try:
        children = listed.read_text().split()
        return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


def test_a_header_is_what_it_says_below_its_licence(tmp_path: Path) -> None:
    licence = "// All of this may be used by all.\n" * 40
    (tmp_path / "a.h").write_text(licence + "namespace a {\nclass B {};\n}\n")
    (tmp_path / "c.h").write_text(licence + "struct c { int class; };\n")
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    assert database.read("SELECT path, language, errors FROM files ORDER BY path") == [
        ("a.h", "cpp", 0),
        ("c.h", "c", 0),
    ]


@pytest.mark.parametrize(
    ("limits", "languages"),
    [
        (Limits(file_bytes=20), {"long.py": None, "short.py": "python", "a.go": "go"}),
        (Limits(languages=frozenset({"go"})), {"long.py": None, "short.py": None, "a.go": "go"}),
    ],
)
def test_other_limits_are_for_what_is_indexed_too(
    tmp_path: Path, limits: Limits, languages: dict[str, str | None]
) -> None:
    texts = {"long.py": "def long(): return 'x' * 40\n", "short.py": "def f(): 1\n", "a.go": "package a\n"}
    for path, text in texts.items():
        (tmp_path / path).write_text(text)
    database = Database(None, INDEX)

    def read() -> dict[str, str | None]:
        return dict(database.read("SELECT path, language FROM files"))

    Builder(tmp_path, database, Limits()).catch_up()
    before = read()
    Builder(tmp_path, database, limits).catch_up()
    assert read() == languages
    assert Builder(tmp_path, database, limits).catch_up().parsed == 0
    Builder(tmp_path, database, Limits()).catch_up()
    assert read() == before == {"long.py": "python", "short.py": "python", "a.go": "go"}
