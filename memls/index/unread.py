"""What a build has listed and not read yet, and who waits for it: demand paging of the index.

A question that meets such a file takes a *fault*: what it knows so far may not be the answer. Where somebody
waits for the answer, `Fault` is raised, the build reads those files next, and the question is asked again;
where nobody does, or it takes too long, nothing that depends on an unread file counts as resolved.

1. What may be unread is taken before the index is: what is read in between is in both, and no harm.
2. A name that any file may define faults until the files that contain it are read. They are found by their
   bytes, once for each name.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_waits: ContextVar[bool] = ContextVar("waits", default=False)


class Fault(Exception):  # noqa: N818 (no error: the question is asked again)
    """An answer depends on files that are not read yet, or on whatever files contain some names."""

    def __init__(self, paths: frozenset[str], names: frozenset[str]) -> None:
        super().__init__()
        self.paths = paths
        self.names = names


@contextmanager
def faulting() -> Iterator[None]:
    """Inside, a question that meets what is not read raises `Fault` in the place of answering."""
    token = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(token)


@dataclass(frozen=True, slots=True, eq=False)
class Lack:
    """What the index lacks at a moment: path -> language, as its name tells. `names` are read everywhere.

    Not `listed`: nobody knows what else it lacks.
    """

    paths: Mapping[str, str | None] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    listed: bool = True

    @property
    def is_nothing(self) -> bool:
        return self.listed and not self.paths


NOTHING = Lack()
_UNKNOWN = Lack(listed=False)


class Faults:
    """What one question met that is not read yet."""

    def __init__(self, lack: Lack = NOTHING) -> None:
        self._lack = lack
        self._paths: set[str] = set()
        self._names: set[str] = set()
        self._wished: set[str] = set()

    def __bool__(self) -> bool:
        """Whether what was found may not be all there is."""
        return bool(self._paths or self._names) or not self._lack.listed

    def meet(self, paths: Iterable[str]) -> None:
        """The answer depends on these files."""
        if self._lack.paths:
            self._paths.update(path for path in paths if path in self._lack.paths)

    def meet_names(self, names: Iterable[str], *, wished: bool = False) -> None:
        """The answer depends on all files that contain a name. With `wished`, only how much it lists does."""
        if self._lack.paths:
            (self._wished if wished else self._names).update(set(names) - self._lack.names)

    def check(self) -> None:
        """At the end of a question. Raises Fault where somebody waits for what is not read.

        Files that imports lead to come first: with them the names mostly need no more looking for.
        """
        if _waits.get() and (self or self._wished):
            names = self._names | self._wished if not self._paths else ()
            raise Fault(frozenset(self._paths), frozenset(names))


@dataclass(eq=False, slots=True)
class _Waiting:
    paths: frozenset[str]
    done: Callable[[], None]


class Unread:
    """The files that a build has still to read. Safe from any thread; one thread builds.

    `ready`: what is open was read, so that questions are worth answering. An index that was left unfinished
    is not `listed` at first.
    """

    def __init__(self, *, listed: bool = True) -> None:
        self.now = NOTHING if listed else _UNKNOWN
        self.is_ready = listed
        self.wake = threading.Event()
        """Set when somebody demands something: for the builder."""
        self.is_stopped = False
        """Whether a build is over: nobody reads what is unread then."""
        self._demanded: dict[str, None] = {}
        self._waiting: list[_Waiting] = []
        self._holders: dict[str, Sequence[str]] = {}
        self._builds = 0
        self._lock = threading.Lock()

    @property
    def is_nothing(self) -> bool:
        """Whether the index has every file, as far as is known."""
        return self.is_ready and self.now.is_nothing

    # For the builder.

    def begin(self, paths: Mapping[str, str | None]) -> None:
        """A build will read these files."""
        with self._lock:
            self.now, self.is_stopped = Lack(dict(paths)), False
            self._builds += 1
            self._demanded.clear()
            self._holders.clear()

    def ready(self) -> None:
        """What is open was read: from now on questions are answered."""
        with self._lock:
            self.is_ready = True
        self._tell()

    def read(self, paths: Iterable[str]) -> None:
        """These files are in the index now."""
        with self._lock:
            gone = self.now.paths.keys() & set(paths)
            if not gone:
                return
            left = {path: language for path, language in self.now.paths.items() if path not in gone}
            for path in gone:
                self._demanded.pop(path, None)
            names = frozenset(n for n, holders in self._holders.items() if left.keys().isdisjoint(holders))
            self.now = Lack(left, names)
        self._tell()

    def end(self, *, whole: bool) -> None:
        """The build is over. One that failed leaves what it did not read, and nobody waits for that."""
        with self._lock:
            if whole:
                self.now = NOTHING
            self.is_ready = self.is_stopped = True
            self._demanded.clear()
        self._tell()

    def begin_anew(self) -> None:
        """Before a build that forgets all it had."""
        with self._lock:
            self.now, self.is_ready, self.is_stopped = _UNKNOWN, False, False

    def demanded(self) -> list[str]:
        """What somebody waits for, or waited for: the latest first."""
        with self._lock:
            return list(reversed(self._demanded))

    # For those who wait.

    def demand(self, paths: Iterable[str], done: Callable[[], None]) -> Callable[[], None]:
        """Have these read next, the first ones first; `done` is called once, from any thread, when they are.

        Also when nobody will read them. Gives what takes `done` back; they are still read early.
        """
        wanted = list(paths)
        waiting = _Waiting(frozenset(wanted), done)
        with self._lock:
            if not self.is_stopped:
                for path in reversed(wanted):
                    if path in self.now.paths:
                        self._demanded.pop(path, None)
                        self._demanded[path] = None
            self._waiting.append(waiting)
        self.wake.set()
        self._tell()

        def withdraw() -> None:
            with self._lock:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

        return withdraw

    def holders(self, name: str, find: Callable[[Lack, str], Sequence[str] | None]) -> Sequence[str] | None:
        """The unread files that contain a name: as `find` told the first time. It may decline (None)."""
        with self._lock:
            found, lack, build = self._holders.get(name), self.now, self._builds
        if found is None:
            found = find(lack, name)
            if found is None:
                return None
            with self._lock:
                if build == self._builds:
                    self._holders[name] = found
                    if self.now.paths.keys().isdisjoint(found):
                        self.now = Lack(self.now.paths, self.now.names | {name})
        return found

    def _tell(self) -> None:
        """Call those who have what they wait for, outside of the lock."""
        with self._lock:
            left = self.now.paths
            over = [
                w for w in self._waiting if self.is_stopped or (self.is_ready and w.paths.isdisjoint(left))
            ]
            for waiting in over:
                self._waiting.remove(waiting)
        for waiting in over:
            waiting.done()
