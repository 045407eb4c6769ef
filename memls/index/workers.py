"""The processes that read files for a build, and what is done when one dies.

They are spawned, not forked: threads run here, and DuckDB's do not survive a fork.

A worker can be killed (the machine has no memory left), and a grammar's C code can fail on a file. Then
nobody knows on which: all that was being read is read again, by one worker alone and in halves where it dies
again, until a single file is left. That one is kept as text, and never parsed in this build.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import active_children, get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from memls.errors import MachineError
from memls.index.rows import Batch, Job, Limits
from memls.index.worker import read_batch, start_worker

log = logging.getLogger(__name__)

Task = list[Job]

_DEATHS = 20
"""In a row, without a batch between them: more than it takes to halve a task down to one file."""


class Workers:
    """Some processes, inside a `with`: what is left by an exception ends them at once."""

    def __init__(
        self,
        root: Path,
        limits: Limits,
        count: int,
        wake: Callable[[], None],
        may_go_on: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake` is called, from another thread, when a batch may be there; `may_go_on` before new processes
        are started for those that died, and raises where they were ended on purpose."""
        self._root = root
        self._limits = limits
        self._count = count
        self._wake = wake
        self._may_go_on = may_go_on
        self._others = active_children()
        self._reading: dict[Future[Batch], Task] = {}
        self._suspects: deque[Task] = deque()
        """What was being read when a worker died."""
        self._alone = False
        """Whether suspects are read, one task at a time."""
        self._deaths = 0

    def __enter__(self) -> Self:
        self._pool = self._new_pool()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:  # called off: nobody wants what they still do
            for child in set(active_children()).difference(self._others):
                child.kill()
                child.join(15)
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def __bool__(self) -> bool:
        """Whether something is still being read."""
        return bool(self._reading or self._suspects)

    @property
    def want_more(self) -> bool:
        """Whether another task would keep a worker from being idle."""
        return not self._alone and len(self._reading) <= self._count

    def read(self, task: Task) -> None:
        """Have a worker read these files."""
        try:
            future = self._pool.submit(read_batch, self._root, task, self._limits)
        except BrokenProcessPool:  # it died between two tasks
            self._after([task])
            return
        self._reading[future] = task
        future.add_done_callback(lambda _: self._wake())

    def finished(self) -> Iterator[Batch]:
        """The batches that have come since the last time."""
        died: list[Task] = []
        for future in [future for future in self._reading if future.done()]:
            task = self._reading.pop(future)
            try:
                batch = future.result()
            except BrokenProcessPool:
                died.append(task)
            else:
                self._deaths = 0
                yield batch
        if died:
            self._after(died)
        elif self._alone and not self._reading:
            self._next()

    def _after(self, died: list[Task]) -> None:
        """Go on after a death: with new processes, and one suspect after the other."""
        died += self._reading.values()
        self._reading.clear()
        self._may_go_on()
        self._deaths += 1
        if self._deaths > _DEATHS:
            raise _too_many(died[0])
        if self._deaths == 1:
            log.warning("a process that read files died; what it read is read again")
        self._suspects.extendleft(reversed(_parts(died[0]) if len(died) == 1 else died))
        self._pool.shutdown(wait=True)
        self._pool = self._new_pool()
        self._alone = True
        self._next()

    def _next(self) -> None:
        if self._suspects:
            self.read(self._suspects.popleft())
        else:
            self._alone = False

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, mp_context=get_context("spawn"), initializer=start_worker)


def _parts(task: Task) -> list[Task]:
    """What to read instead of a task that a process died of, when it read nothing else."""
    if len(task) > 1:
        middle = len(task) // 2
        return [task[:middle], task[middle:]]
    (job,) = task
    if job.plain:
        raise _too_many(task)
    log.warning("%s ends the process that parses it; it is searched as text", job.path)
    return [[replace(job, plain=True)]]


def _too_many(task: Task) -> MachineError:
    return MachineError(
        f"the processes that read files die, the last one at {task[0].path}: is there too little memory?"
    )
