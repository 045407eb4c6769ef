"""Edits on disk arrive as changes: all of them, once, and none that did not happen."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memls.source import observers
from memls.source.files import list_files
from memls.source.watch import RESCAN, Change, Watcher


class Heard:
    """What a watcher reported, and waiting for it."""

    def __init__(self) -> None:
        self.batches: list[frozenset[Change]] = []
        self._news = threading.Condition()

    def __call__(self, changes: frozenset[Change]) -> None:
        with self._news:
            self.batches.append(changes)
            self._news.notify_all()

    def all(self) -> set[Change]:
        return set().union(*self.batches)

    def wait(self, reached: Callable[["Heard"], bool], seconds: float = 5.0) -> None:
        with self._news:
            assert self._news.wait_for(lambda: reached(self), seconds), self.all()

    def settle(self, seconds: float = 0.3) -> None:
        """Wait until nothing was heard for a while."""
        count = -1
        while count != len(self.batches):
            count = len(self.batches)
            time.sleep(seconds)


def modified(*paths: str) -> set[Change]:
    return {Change(path, "modified") for path in paths}


def deleted(*paths: str) -> set[Change]:
    return {Change(path, "deleted") for path in paths}


@contextmanager
def watching(root: Path, polling: float | None = None) -> Iterator[tuple[Watcher, Heard]]:
    heard = Heard()
    known = list_files(root).entries
    with Watcher(root, heard, lambda: known, catch_up=False, polling=polling) as watcher:
        assert watcher.wait_ready(5)
        yield watcher, heard


def write(path: Path, text: str = "new") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def save_atomically(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.swp")
    temporary.write_text("saved")
    temporary.replace(path)


def save_with_backup(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text("saved")
    path.with_name(f"{path.name}~").unlink()


def come_and_go(path: Path) -> None:
    path.write_text("x")
    path.unlink()


def become_folder(root: Path) -> None:
    (root / "src/a.py").unlink()
    write(root / "src/a.py/x.py")


def checkout(root: Path) -> None:
    (root / "src").rename(root / "old")
    write(root / "src/a.py")
    shutil.rmtree(root / "old")


CASES: list[tuple[str, Callable[[Path], object], set[Change]]] = [
    ("nothing", lambda root: None, set()),
    ("write", lambda root: write(root / "src/a.py"), modified("src/a.py")),
    ("append", lambda root: (root / "src/a.py").open("a").write("x"), modified("src/a.py")),
    ("create", lambda root: write(root / "src/new.py"), modified("src/new.py")),
    ("create empty", lambda root: (root / "new.py").touch(), modified("new.py")),
    ("create in an empty folder", lambda root: write(root / "hollow/a.py"), modified("hollow/a.py")),
    ("hard link", lambda root: os.link(root / "src/a.py", root / "b.py"), modified("b.py")),
    ("delete", lambda root: (root / "src/a.py").unlink(), deleted("src/a.py")),
    ("atomic save", lambda root: save_atomically(root / "src/a.py"), modified("src/a.py")),
    ("save with backup", lambda root: save_with_backup(root / "src/a.py"), modified("src/a.py")),
    ("temporary file", lambda root: come_and_go(root / "src/tmp"), set()),
    ("rename", lambda root: (root / "src/a.py").rename(root / "z.py"),
     deleted("src/a.py") | modified("z.py")),
    ("move out", lambda root: (root / "src/a.py").rename(root.parent / "a.py"), deleted("src/a.py")),
    ("move in", lambda root: (root.parent / "outside/o.py").rename(root / "o.py"), modified("o.py")),
    ("move a folder in", lambda root: (root.parent / "outside").rename(root / "i"),
     modified("i/o.py", "i/p/q.py")),
    ("move a folder out", lambda root: (root / "src").rename(root.parent / "x"),
     deleted("src/a.py", "src/deep/b.py", "src/deep/er/c.py")),
    ("rename a folder", lambda root: (root / "src/deep").rename(root / "src/flat"),
     deleted("src/deep/b.py", "src/deep/er/c.py") | modified("src/flat/b.py", "src/flat/er/c.py")),
    ("delete a folder", lambda root: shutil.rmtree(root / "src/deep"),
     deleted("src/deep/b.py", "src/deep/er/c.py")),
    ("folder by folder", lambda root: write(root / "n/e/w/d/e/e/p/a.py"), modified("n/e/w/d/e/e/p/a.py")),
    ("copy a tree", lambda root: shutil.copytree(root / "src", root / "copy"),
     modified("copy/a.py", "copy/deep/b.py", "copy/deep/er/c.py")),
    ("a folder for a file", become_folder, deleted("src/a.py") | modified("src/a.py/x.py")),
    ("swap folders", checkout, modified("src/a.py") | deleted("src/deep/b.py", "src/deep/er/c.py")),
    ("ignored file", lambda root: write(root / "src/x.log"), set()),
    ("ignored folder", lambda root: write(root / "build/deep/x.py"), set()),
    ("new ignored folder", lambda root: write(root / "src/node_modules/x.py"), set()),
    ("tracked though ignored", lambda root: write(root / "out/kept.py"), modified("out/kept.py")),
    ("beside tracked though ignored", lambda root: write(root / "out/other.py"), set()),
    ("git's own files", lambda root: git(root, "commit", "--allow-empty", "-qm", "x"), set()),
    ("read", lambda root: (root / "src/a.py").read_text(), set()),
    ("unsafe name", lambda root: write(root / "a\nb.py"), set()),
    ("link out", lambda root: (root / "l").symlink_to(root.parent / "outside"), modified("l")),
]  # fmt: skip


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, env=environment, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    for path in ("src/a.py", "src/deep/b.py", "src/deep/er/c.py", "build/old.py", "out/kept.py"):
        write(folder / path, "old")
    (folder / "hollow").mkdir()
    write(folder / ".gitignore", "*.log\nbuild/\n/out/\n*~\n")
    write(tmp_path / "outside/o.py")
    write(tmp_path / "outside/p/q.py")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "add", "-f", "out/kept.py")
    git(folder, "commit", "-qm", "x")
    return folder


@pytest.mark.parametrize(("name", "act", "expected"), CASES, ids=[case[0] for case in CASES])
def test_change(root: Path, name: str, act: Callable[[Path], object], expected: set[Change]) -> None:
    with watching(root) as (watcher, heard):
        assert watcher.mode == "inotify"
        act(root)
        write(root / "end.py")  # what comes before the last event has come when that one has
        heard.wait(lambda heard: modified("end.py") <= heard.all())
        assert heard.all() - modified("end.py") == expected
        assert len(heard.batches) == 1


def test_polling_hears_the_same(root: Path) -> None:
    """All cases that leave each other alone, at once."""
    apart = {
        "write", "create", "create in an empty folder", "ignored file", "ignored folder", "folder by folder",
        "tracked though ignored", "move a folder in", "new ignored folder", "delete a folder",
        "temporary file",
    }  # fmt: skip
    with watching(root, polling=0.1) as (watcher, heard):
        assert (watcher.mode, watcher.note) == ("polling", "as asked; looking for changes every 0.1 s")
        expected: set[Change] = set()
        for name, act, changes in CASES:
            if name in apart:
                act(root)
                expected |= changes
        heard.wait(lambda heard: expected <= heard.all())
        assert heard.all() == expected


def test_a_thousand_events_are_one_callback(root: Path) -> None:
    for number in range(1000):
        write(root / f"many/{number % 50}/{number}.py", "a")
    git(root, "add", ".")
    git(root, "commit", "-qm", "many")
    with watching(root) as (_, heard):
        git(root, "checkout", "-q", "HEAD~1")
        heard.wait(lambda heard: len(heard.all()) >= 1000)
        git(root, "checkout", "-q", "main")
        heard.wait(lambda heard: len(heard.all()) >= 2000)
        assert [len(batch) for batch in heard.batches] == [1000, 1000]
        assert {change.kind for change in heard.batches[0]} == {"deleted"}
        assert heard.batches[1] == modified(*(f"many/{n % 50}/{n}.py" for n in range(1000)))


def test_waits_while_git_holds_its_lock(root: Path) -> None:
    with watching(root) as (_, heard):
        (root / ".git/index.lock").touch()
        write(root / "src/a.py")
        time.sleep(0.3)
        write(root / "b.py")
        time.sleep(0.1)
        assert heard.batches == []
        (root / ".git/index.lock").unlink()
        heard.wait(lambda heard: heard.batches == [frozenset(modified("src/a.py", "b.py"))])


def test_a_lock_left_behind_holds_nothing_up(root: Path) -> None:
    (root / ".git/index.lock").touch()
    os.utime(root / ".git/index.lock", (1, 1))
    with watching(root) as (_, heard):
        write(root / "src/a.py")
        heard.wait(lambda heard: heard.all() == modified("src/a.py"), 1)


def test_noise_without_end_is_reported_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memls.source.watch.MAX_NOISE", 0.3)
    with watching(root) as (_, heard):
        began = time.monotonic()
        while time.monotonic() - began < 1:
            write(root / "src/a.py", str(time.monotonic()))
            time.sleep(0.01)
        assert len(heard.batches) >= 2


def test_rules_that_change(root: Path) -> None:
    with watching(root) as (_, heard):
        write(root / ".gitignore", "*.py\n")
        heard.wait(lambda heard: RESCAN in heard.all())
        write(root / "src/new.py")
        write(root / "src/a.py")  # tracked
        write(root / "build/x.log")  # its folder was not watched, now it is
        heard.wait(lambda heard: modified("build/x.log", "src/a.py") <= heard.all())
        heard.settle()
        assert not modified("src/new.py") & heard.all()


def test_a_virtual_environment_appears(root: Path) -> None:
    with watching(root) as (_, heard):
        (root / "env").mkdir()
        time.sleep(0.1)  # long enough to be taken for an ordinary folder
        write(root / "env/pyvenv.cfg")
        heard.wait(lambda heard: RESCAN in heard.all())
        write(root / "env/lib/module.py")
        write(root / "end.py")
        heard.wait(lambda heard: modified("end.py") <= heard.all())
        assert not modified("env/lib/module.py") & heard.all()


def test_overflow_asks_for_everything(root: Path) -> None:
    """More events than the kernel keeps: its queue runs over while watchdog's thread is held up."""
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 20_000:
        pytest.skip(f"the queue holds {limit} events, too many to fill here")
    with watching(root) as (watcher, heard):
        assert isinstance(watcher._observer, observers.Inotify)
        with watcher._observer._lock:  # its thread waits for this at the next event
            write(root / "src/a.py")
            for number in range(limit + 100):
                (root / f"src/{number % 2}").touch()
                if number % 2:
                    (root / "src/0").unlink()
                    (root / "src/1").unlink()
            write(root / "late/a.py")
        heard.wait(lambda heard: RESCAN in heard.all())
        heard.settle()
        write(root / "late/b.py")  # a folder whose creation was dropped is watched again
        heard.wait(lambda heard: modified("late/b.py") <= heard.all())


@pytest.mark.parametrize(
    ("code", "says"), [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")]
)
def test_limits_of_inotify(root: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: str) -> None:
    """At the start: another observer takes over, and the user can learn why."""

    def refuse(self: observers.Inotify, folder: str) -> None:
        raise OSError(code, "limit reached")

    monkeypatch.setattr(observers, "POLLING_INTERVAL", 0.1)
    monkeypatch.setattr(observers, "POLLING_FACTOR", 0)
    monkeypatch.setattr(observers.Inotify, "_watch", refuse)
    with watching(root) as (watcher, heard):
        assert watcher.mode == "polling" and says in watcher.note
        write(root / "src/a.py", "longer")
        heard.wait(lambda heard: heard.all() == modified("src/a.py"))


def test_limit_reached_later(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observers, "POLLING_INTERVAL", 0.1)
    monkeypatch.setattr(observers, "POLLING_FACTOR", 0)
    with watching(root) as (watcher, heard):
        assert watcher.mode == "inotify"

        def refuse(self: observers.Inotify, folder: str) -> None:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

        monkeypatch.setattr(observers.Inotify, "_watch", refuse)
        write(root / "fresh/a.py")
        heard.wait(lambda heard: RESCAN in heard.all())
        assert (str(watcher.mode), "max_user_watches" in watcher.note) == ("polling", True)
        write(root / "fresh/b.py")
        heard.wait(lambda heard: modified("fresh/b.py") <= heard.all())


@pytest.mark.skipif(not Path("/proc/self/ns/user").exists(), reason="needs user namespaces")
def test_the_kernel_really_refuses(root: Path) -> None:
    """In a user namespace the limit can be lowered for one process alone."""
    script = (
        "import sys, time\nfrom memls.source.watch import Watcher\n"
        "open('/proc/sys/user/max_inotify_watches', 'w').write('2')\n"
        "with Watcher(sys.argv[1], print) as watcher:\n"
        "    watcher.wait_ready(); print(watcher.mode, watcher.note)\n"
    )
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", script, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        pytest.skip(f"no user namespaces here: {done.stderr.strip().splitlines()[-1:]}")
    assert "polling too many folders to watch" in done.stdout


def test_catch_up_comes_first(root: Path) -> None:
    heard = Heard()
    with Watcher(root, heard) as watcher:
        heard.wait(lambda heard: heard.batches == [frozenset({RESCAN})])
        assert watcher.wait_ready(0)


def test_a_callback_that_fails_loses_nothing(root: Path) -> None:
    heard = Heard()
    calls: list[int] = []

    def fails_once(changes: frozenset[Change]) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("busy")
        heard(changes)

    with Watcher(root, fails_once, catch_up=False) as watcher:
        watcher.wait_ready(5)
        write(root / "a.py")
        while not calls:
            time.sleep(0.01)
        write(root / "b.py")
        heard.wait(lambda heard: heard.all() == modified("a.py", "b.py"))


def test_a_callback_that_fails_is_called_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memls.source.watch.RETRY", 0.1)
    heard = Heard()
    calls: list[int] = []

    def fails_twice(changes: frozenset[Change]) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("busy")
        heard(changes)

    with Watcher(root, fails_twice, lambda: ["src/a.py"], catch_up=False) as watcher:
        watcher.wait_ready(5)
        (root / "src/a.py").unlink()
        heard.wait(lambda heard: heard.all() == {Change("src/a.py", "deleted")})
        assert len(calls) == 3


def test_nothing_is_lost_between_listing_and_watching(root: Path) -> None:
    """Files that appear while folders are being watched show up in a listing or as a change."""
    stop = threading.Event()
    made: list[str] = []

    def work() -> None:
        while not stop.is_set():
            path = f"busy/{len(made) // 5}/{len(made)}.py"
            write(root / path)
            made.append(path)

    worker = threading.Thread(target=work)
    worker.start()
    heard = Heard()
    with Watcher(root, heard, catch_up=False) as watcher:
        assert watcher.wait_ready(5)
        time.sleep(0.1)
        listed = set(list_files(root).entries)
        time.sleep(0.2)
        stop.set()
        worker.join()
        missing = set(made) - listed
        heard.wait(lambda heard: missing <= {change.path for change in heard.all()}, 30)


def test_stop_ends_every_thread(root: Path) -> None:
    before = threading.active_count()
    for polling in (None, 0.1):
        heard = Heard()
        with Watcher(root, heard, polling=polling) as watcher:
            watcher.wait_ready(5)
        count = len(heard.batches)
        write(root / "src/a.py")
        time.sleep(0.2)
        assert len(heard.batches) == count
    assert threading.active_count() == before
    Watcher(root, Heard()).stop()


def test_the_root_goes_away(root: Path) -> None:
    with watching(root) as (_, heard):
        shutil.rmtree(root)
        heard.wait(lambda heard: RESCAN in heard.all() and deleted("src/a.py") <= heard.all())
