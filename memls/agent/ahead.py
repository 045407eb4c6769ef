"""What the calls of one reply look up, side by side, before their results are put together in order.

Only what reads and changes nothing of the session is done ahead, so that results, which depend on the room
that those before them leave, come out the same however long each took (invariant 11).
"""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
Lookup = tuple[Hashable, Callable[[], Any]]
"""What is looked up, and how."""

_THREADS = 4


class Ahead:
    """Answers that are on their way."""

    def __init__(self) -> None:
        self._on_the_way: dict[Hashable, Future[Any]] = {}

    def begin(self, lookups: Sequence[Lookup]) -> None:
        """Look up all of these at once. One alone is left to whoever needs it."""
        self._on_the_way = {}
        if len(lookups) < 2:
            return
        pool = ThreadPoolExecutor(min(_THREADS, len(lookups)), thread_name_prefix="syscall")
        for key, work in lookups:
            if key not in self._on_the_way:
                self._on_the_way[key] = pool.submit(work)
        pool.shutdown(wait=False)

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """The answer; what `work` raised ahead is raised here."""
        future = self._on_the_way.pop(key, None)
        return future.result() if future else work()

    def end(self) -> None:
        """Wait for what nobody asked for: nothing goes on behind anyone's back."""
        for future in self._on_the_way.values():
            future.exception()
        self._on_the_way = {}
