"""Edits on disk -> `Change`, the one type for every source of edits.

1. *What happened does not matter, only where.* An event marks its path; when the storm is over we look
   whether something is there now. So a save through a temporary file, a file that was deleted and made
   again, and a temporary file that came and went all come out right.
2. *One callback a storm.* Changes are handed over after `debounce` seconds of silence, after two seconds of
   noise at the latest, and never while git holds its index lock: a branch switch is one callback.
3. *Nothing is lost.* Where we know that events were dropped (the kernel's queue ran over, an ignore rule
   changed, watching only just began) the callback gets `RESCAN`: list the files and compare.
4. Ignored folders are not watched, except those in which tracked files are known.
"""

import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from memls.config import CONFIGURATION
from memls.source import git
from memls.source.ignore import ENVIRONMENT, Ignore
from memls.source.listing import is_safe

if TYPE_CHECKING:
    from memls.source.observers import Observer

Mode = Literal["", "inotify", "native", "polling"]

MAX_NOISE = 2.0
"""Seconds after which changes are handed over although more keep coming."""

MAX_LOCK = 30.0
"""Seconds for which we wait for git to finish; an index lock older than that was left by a crash."""

RETRY = 2.0
"""Seconds after which changes come again whose callback failed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """`path` (from the root, with `/`) has new contents, or is gone.

    Kind "rescan" has an empty path and says that some changes may be unknown: compare everything with the
    disk. Renames are a deletion and a modification. A modified path may be one that a listing leaves out:
    ask `list_files(root, only=...)` before indexing a new one.
    """

    path: str
    kind: Literal["modified", "deleted", "rescan"]


RESCAN = Change("", "rescan")


class Watcher(AbstractContextManager["Watcher"]):
    """Watches a repository in threads of its own and calls `on_changes` from one of them.

    `listing` gives the paths known now (an index's, or a listing's): they are watched even where an ignore
    rule matches, and a folder that is moved away stands for those in it. `ignore` gives the configuration's
    patterns, which a callback may have changed.
    With `catch_up` the first callback is a RESCAN as soon as watching has begun, so that it does not matter
    whether the caller listed before or after. A callback that raises is logged; its changes come again
    with the next ones, or after a while. `polling` forces the fallback, for network mounts, and is its
    interval in seconds.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        on_changes: Callable[[frozenset[Change]], None],
        listing: Callable[[], Iterable[str]] = tuple,
        ignore: Callable[[], Sequence[str]] = tuple,
        *,
        debounce: float = 0.05,
        catch_up: bool = True,
        polling: float | None = None,
    ) -> None:
        self.root = os.path.realpath(root)
        self.mode: Mode = ""
        self.note = ""
        self._ignore = ignore
        self._globs = ignore()
        self.ignore = Ignore(self.root, self._globs)
        self._on_changes = on_changes
        self._listing = listing
        self._debounce = debounce
        self._catch_up = catch_up
        self._polling = polling
        self._known: set[str] = set()
        self._known_folders: set[str] = set()
        self._touched: set[str] = set()
        self._rescan = self._stopping = False
        self._failure = ""
        self._first = self._last = 0.0
        self._wake = threading.Condition()
        self._ready = threading.Event()
        self._observer: Observer | None = None
        self._thread = threading.Thread(target=self._run, name="memls-watch", daemon=True)
        directory = git.git_directory(self.root)
        self._git_lock = f"{directory or os.path.join(self.root, '.git')}/index.lock"  # noqa: PTH118

    def start(self) -> Self:
        """Begin, in the background: returns at once."""
        self._thread.start()
        return self

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Wait until every folder is watched: what changes from then on is reported."""
        return self._ready.wait(timeout)

    def stop(self) -> None:
        """End. No callback runs after this returns, unless it is called from one."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What observers tell, from their threads.

    def touched(self, path: str) -> None:
        """Something happened to the file `path`."""
        if path.rpartition("/")[2] in (".gitignore", ENVIRONMENT):
            self.ignore = Ignore(self.root, self._globs)
            self.lost()
        if not is_safe(path):
            return
        if path in self._known or path in CONFIGURATION or not self.ignore.ignored(path):
            with self._wake:
                self._touched.add(path)
                self._note_time()

    def folder_left(self, folder: str) -> None:
        """`folder` is gone from where it was, and all that was in it."""
        prefix = f"{folder}/"
        inside = [path for path in tuple(self._known) if path.startswith(prefix)]
        with self._wake:
            self._touched.update(inside)
            self._note_time()

    def wants_folder(self, folder: str) -> bool:
        """Whether files in `folder` may belong to the repository."""
        return folder in self._known_folders or not self.ignore.ignored(folder, True)

    def known_folders(self) -> Iterable[str]:
        """The folders of known files, ignored or not."""
        return tuple(self._known_folders)

    def lost(self) -> None:
        """Events were dropped or the rules changed: everything has to be looked at again."""
        with self._wake:
            self._rescan = True
            self._note_time()

    def failed(self, reason: str) -> None:
        """The observer cannot go on: poll instead."""
        with self._wake:
            self._failure = reason
            self._rescan = True
            self._note_time()

    def _note_time(self) -> None:
        self._last = time.monotonic()
        if not self._first or self._first > self._last:
            self._first = self._last
            self._wake.notify_all()

    # The thread.

    def _run(self) -> None:
        try:
            self._learn()
            self._observe()
            if self._catch_up:
                self.lost()
            self._ready.set()
            while self._wait_for_silence():
                self._deliver()
        except Exception:
            log.exception("watching %s ended", self.root)
            self.note = "watching failed: changes are seen at the next start"
        finally:
            self._ready.set()
            if self._observer is not None:
                self._observer.stop()

    def _learn(self) -> None:
        self._known.update(self._listing())
        folders = {path.rpartition("/")[0] for path in self._known}
        for folder in tuple(folders):
            while folder and (folder := folder.rpartition("/")[0]) not in folders:
                folders.add(folder)
        self._known_folders = folders

    def _observe(self) -> None:
        """Start the best observer that works here."""
        from memls.source import observers

        if self._observer is not None:
            self._observer.stop()
        reason = self._failure
        if self._polling is None and not reason:
            try:
                self._observer, self.mode = observers.best(self)
                return
            except OSError as error:
                reason = observers.explain(error)
        polling = observers.Polling(self, self._polling)
        self._observer, self.mode = polling, "polling"
        self.note = f"{reason or 'as asked'}; looking for changes every {polling.interval:.2g} s"

    def _refresh(self) -> None:
        """Watch what should be watched by now; poll when that is no longer possible."""
        self._learn()
        if self._observer is None or self.mode == "polling":
            return
        try:
            if not self._failure:
                self._observer.refresh()
                return
        except OSError as error:
            from memls.source.observers import explain

            self._failure = explain(error)
        self._observe()

    def _wait_for_silence(self) -> bool:
        """Wait for changes and for the end of them. False when it is time to stop."""
        with self._wake:
            while not self._first and not self._stopping:
                self._wake.wait()
            while not self._stopping:
                now = time.monotonic()
                left = min(self._last + self._debounce, self._first + MAX_NOISE) - now
                if left <= 0 and now - self._first < MAX_LOCK and self._git_is_busy():
                    left = self._debounce
                if left <= 0:
                    break
                self._wake.wait(left)
            return not self._stopping

    def _git_is_busy(self) -> bool:
        try:
            return time.time() - os.stat(self._git_lock).st_mtime < MAX_LOCK  # noqa: PTH116
        except OSError:
            return False

    def _deliver(self) -> None:
        with self._wake:
            touched, rescan = self._touched, self._rescan
            self._touched, self._rescan, self._first = set(), False, 0.0
        if rescan:
            self._refresh()
        changes = {change for path in touched if (change := self._change(path)) is not None}
        changes |= {RESCAN} if rescan else set()
        if not changes:
            return
        try:
            self._on_changes(frozenset(changes))
        except Exception:
            log.exception("a callback for %d changes failed; they come again", len(changes))
            self._known.update(change.path for change in changes if change.kind == "deleted")
            with self._wake:
                self._touched |= touched
                self._rescan = self._rescan or rescan
                if not self._first:
                    self._first = self._last = time.monotonic() + RETRY
        if self._globs != self._ignore():  # other folders count now, and are watched
            self._globs = self._ignore()
            self.ignore = Ignore(self.root, self._globs)
            self.lost()

    def _change(self, path: str) -> Change | None:
        """What `path` is now. A file that came and went between two looks is no change.

        A folder where a file was is the file's end. (Polling takes one for a file that was moved when it got
        the inode of a deleted one.)
        """
        try:
            is_file = not stat.S_ISDIR(os.lstat(f"{self.root}/{path}").st_mode)
        except (OSError, ValueError):
            is_file = False
        if is_file:
            self._known.add(path)
            return Change(path, "modified")
        if path in self._known or path in CONFIGURATION:
            self._known.discard(path)
            return Change(path, "deleted")
        return None
