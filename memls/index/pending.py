"""The files that a build has still to read, in the order in which it will."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from memls.index.nearby import Nearby
from memls.index.rows import Batch, Job

_TASK_BYTES = 1 << 20
_URGENT_FILES, _URGENT_BYTES = 80, 600 * 1024
"""What is read at once for the sake of what somebody looks at: some tenths of a second."""
_FILE_COST = 512
"""Bytes that a file costs besides its own."""


class Pending:
    """Jobs in the order given, but for those that are taken before."""

    def __init__(self, jobs: Sequence[Job], limit: int) -> None:
        """`limit`: bytes that are read of a file at most."""
        self._limit = limit
        self._jobs = {job.path: job for job in jobs}
        self.bytes = sum(min(job.size, limit) for job in jobs)

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def take(self) -> list[Job]:
        """The next ones, of about a megabyte; empty when nothing is left."""
        task: list[Job] = []
        size = 0
        for job in self._jobs.values():
            task.append(job)
            size += min(job.size, self._limit) + _FILE_COST
            if size >= _TASK_BYTES:
                break
        return self._taken(task)

    def take_these(self, paths: Iterable[str]) -> list[Job]:
        """Those of some paths that are still there, as many as are read in a moment."""
        task: list[Job] = []
        size = 0
        for path in dict.fromkeys(paths):
            job = self._jobs.get(path)
            if job is None or size + job.size > _URGENT_BYTES:
                continue
            size += job.size
            task.append(job)
            if len(task) == _URGENT_FILES:
                break
        return self._taken(task)

    def take_imported(self, batch: Batch) -> list[Job]:
        """Those that the files of a batch probably import."""
        paths = dict(zip(batch.tables["files"]["id"], batch.tables["files"]["path"], strict=True))
        rows = batch.tables["imports"]
        imports: dict[str, list[tuple[str, str]]] = {}
        for file, module, name in zip(rows["file"], rows["module"], rows["name"], strict=True):
            imports.setdefault(paths[file], []).append((module, name))
        return self.take_these(path for own in imports for path in self._nearby.imported(own, imports[own]))

    @cached_property
    def _nearby(self) -> Nearby:
        return Nearby(self._jobs)

    def _taken(self, task: list[Job]) -> list[Job]:
        for job in task:
            del self._jobs[job.path]
        return task
