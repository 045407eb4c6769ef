"""How a watcher hears of events: watchdog's inotify descriptor, its native observer, or its polling one.

On Linux we add one watch a folder to watchdog's `InotifyFD`, not one `Observer.schedule` a folder, which
starts a thread for each of thousands, and not a recursive one, which would watch ignored folders too.
"""

import errno
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, Protocol

from memls.source.ignore import Ignore
from memls.source.listing import walk

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver
    from watchdog.observers.inotify_c import CallbackId, InotifyEvent, WatchDescriptor

POLLING_INTERVAL = 2.0
"""Seconds between two looks at everything, at the least, where the system cannot tell us of changes."""

POLLING_FACTOR = 60
"""And at the least so many times as long as walking takes: a look costs three walks, so 5 % of a core."""


class Sink(Protocol):
    """Who wants to know: a Watcher, which says what each of these means."""

    root: str
    ignore: Ignore

    def touched(self, path: str) -> None: ...
    def folder_left(self, folder: str) -> None: ...
    def wants_folder(self, folder: str) -> bool: ...
    def known_folders(self) -> Iterable[str]: ...
    def lost(self) -> None: ...
    def failed(self, reason: str) -> None: ...


class Observer(Protocol):
    """A running source of events."""

    def refresh(self) -> None:
        """Look for folders that should be watched and are not."""

    def stop(self) -> None:
        """End it, and the threads it started."""


def best(sink: Sink) -> tuple[Observer, Literal["inotify", "native"]]:
    """The observer for this system. Raises OSError where its limits are too low for the repository."""
    if sys.platform == "linux":
        return Inotify(sink), "inotify"
    return Native(sink), "native"


def explain(error: OSError) -> str:
    """Why watching failed, and what would help."""
    if error.errno == errno.ENOSPC:
        return "too many folders to watch (raise fs.inotify.max_user_watches)"
    if error.errno == errno.EMFILE:
        return "too many programs watch files (raise fs.inotify.max_user_instances)"
    return f"cannot watch files ({error.strerror or error})"


class Inotify:
    """One inotify watch for each folder that may hold files of the repository."""

    def __init__(self, sink: Sink) -> None:
        from watchdog.observers.inotify_c import InotifyConstants as Events
        from watchdog.observers.inotify_c import InotifyFD, Mask

        self._sink = sink
        self._mask = Mask(
            Events.IN_CLOSE_WRITE | Events.IN_CREATE | Events.IN_DELETE | Events.IN_DELETE_SELF
            | Events.IN_MOVED_FROM | Events.IN_MOVED_TO
            | Events.IN_ONLYDIR | Events.IN_DONT_FOLLOW | Events.IN_EXCL_UNLINK
        )  # fmt: skip
        self._is_folder = Events.IN_ISDIR
        self._folders: dict[WatchDescriptor, tuple[str, CallbackId]] = {}
        self._watches: dict[str, WatchDescriptor] = {}
        self._serial = 0
        self._lock = threading.RLock()
        self._descriptor = InotifyFD()
        self._descriptor.start()
        try:
            self.refresh()
        except OSError:
            self.stop()
            raise

    def refresh(self) -> None:
        for _ in walk(self._sink.root, self._sink.ignore, before=self._watch):
            pass
        for folder in self._sink.known_folders():
            if folder not in self._watches and not os.path.islink(f"{self._sink.root}/{folder}"):  # noqa: PTH114
                self._watch(folder)

    def stop(self) -> None:
        self._descriptor.stop()
        if self._descriptor.is_alive():
            self._descriptor.join()

    def _watch(self, folder: str) -> None:
        """Watch `folder`. The lock is held until it is known, so that its first event finds it."""
        from watchdog.observers.inotify_c import CallbackId

        full = os.fsencode(f"{self._sink.root}/{folder}" if folder else self._sink.root)
        with self._lock:
            if folder in self._watches or not os.access(full, os.R_OK):
                return
            self._serial += 1
            serial = CallbackId(self._serial)
            try:
                watch = self._descriptor.add_callback(full, self._mask, self, serial)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP):
                    return  # gone, or no folder any more
                raise
            before = self._folders.get(watch)
            if before is not None:  # the same folder, moved, and the news of its move still to come
                self._watches.pop(before[0], None)
                self._descriptor.remove_callbacks([(watch, before[1])])
            self._folders[watch] = folder, serial
            self._watches[folder] = watch

    # What InotifyFD calls, from its thread.

    def on_event(self, event: "InotifyEvent") -> None:
        try:
            self._on_event(event)
        except Exception as error:  # it would end watchdog's thread, and with it all watching, unheard
            self._sink.failed(f"watching failed ({error})")

    def _on_event(self, event: "InotifyEvent") -> None:
        with self._lock:
            known = self._folders.get(event.wd)
        if known is None:
            return
        if not event.name:
            if not known[0]:
                self._sink.lost()  # the root itself is gone
            return
        name = os.fsdecode(event.name)
        path = f"{known[0]}/{name}" if known[0] else name
        if not event.mask & self._is_folder:
            self._sink.touched(path)
        elif event.is_delete or event.is_moved_from:
            self._leave(path, moved=event.is_moved_from)
        elif self._sink.wants_folder(path):
            self._enter(path)

    def on_watch_deleted(self, wd: "WatchDescriptor") -> None:
        with self._lock:
            known = self._folders.pop(wd, None)
            if known is not None and self._watches.get(known[0]) == wd:
                del self._watches[known[0]]

    def on_queue_overflow(self) -> None:
        self._sink.lost()

    def _enter(self, folder: str) -> None:
        """A folder appeared: watch what is in it, and report the files that were there before the watch."""
        try:
            for found in walk(self._sink.root, self._sink.ignore, folder, before=self._watch):
                for child in found.files:
                    self._sink.touched(f"{found.path}/{child.name}")
        except OSError as error:
            self._sink.failed(explain(error))

    def _leave(self, folder: str, *, moved: bool) -> None:
        """A folder went. When it was deleted its watches and files have gone one by one before it."""
        if moved:
            prefix = f"{folder}/"
            with self._lock:
                paths = [path for path in self._watches if path == folder or path.startswith(prefix)]
                watches = [self._watches.pop(path) for path in paths]
                gone = [(watch, self._folders.pop(watch)[1]) for watch in watches if watch in self._folders]
            self._descriptor.remove_callbacks(gone)
            self._sink.folder_left(folder)


class _Scheduled:
    """A watchdog observer of the whole tree, whose events are filtered here."""

    def __init__(self, sink: Sink, observer: "BaseObserver") -> None:
        from watchdog.events import (
            DirCreatedEvent,
            DirDeletedEvent,
            DirMovedEvent,
            FileClosedEvent,
            FileCreatedEvent,
            FileDeletedEvent,
            FileModifiedEvent,
            FileMovedEvent,
        )

        self._sink = sink
        self._observer = observer
        kinds: list[type[FileSystemEvent]] = [
            DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
            FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
        ]  # fmt: skip
        handler: Any = self  # all that watchdog asks of a handler is `dispatch`
        observer.schedule(handler, sink.root, recursive=True, event_filter=kinds)
        observer.start()

    def refresh(self) -> None:
        """The whole tree is watched already."""

    def stop(self) -> None:
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def dispatch(self, event: "FileSystemEvent") -> None:
        """What watchdog calls, from its thread."""
        source, target = self._relative(event.src_path), self._relative(event.dest_path)
        if source == "" and event.event_type == "deleted":
            self._sink.lost()  # the root itself is gone
        if not event.is_directory:
            for path in (source, target):
                if path:
                    self._sink.touched(path)
            return
        if source and event.event_type in ("deleted", "moved"):
            self._sink.folder_left(source)
        entered = target if event.event_type == "moved" else source if event.event_type == "created" else None
        if entered and self._sink.wants_folder(entered):
            for found in walk(self._sink.root, self._sink.ignore, entered):
                for child in found.files:
                    self._sink.touched(f"{found.path}/{child.name}")

    def _relative(self, path: str | bytes) -> str | None:
        """`path` from the root, "" for the root itself, None for one outside or none at all."""
        full, root = os.fsdecode(path), self._sink.root
        if full == root:
            return ""
        return full[len(root) + 1 :].replace(os.sep, "/") if full.startswith(f"{root}{os.sep}") else None


class Native(_Scheduled):
    """FSEvents, kqueue or ReadDirectoryChangesW."""

    def __init__(self, sink: Sink) -> None:
        from watchdog.observers import Observer as NativeObserver

        super().__init__(sink, NativeObserver())


class Polling(_Scheduled):
    """watchdog's polling observer, kept out of ignored folders and off links."""

    def __init__(self, sink: Sink, interval: float | None = None) -> None:
        from watchdog.observers.polling import PollingObserverVFS

        self._polled = sink
        self.interval = self._affordable() if interval is None else interval
        super().__init__(sink, PollingObserverVFS(os.lstat, self._children, polling_interval=self.interval))

    def _affordable(self) -> float:
        began = time.perf_counter()
        for _ in walk(self._polled.root, self._polled.ignore):
            pass
        return max(POLLING_INTERVAL, POLLING_FACTOR * (time.perf_counter() - began))

    def _children(self, folder: str | None) -> "Iterator[os.DirEntry[str]]":
        with os.scandir(folder) as scan:
            children = list(scan)
        for child in children:
            is_folder = child.is_dir(follow_symlinks=False)
            if not is_folder or self._polled.wants_folder(child.path[len(self._polled.root) + 1 :]):
                yield child
