"""The files that a build has still to read, in the order in which it will."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice

from memls.index.nearby import Nearby
from memls.index.rows import Batch, Job

_TASK_BYTES, _MOST_TASK_BYTES, _TASKS = 1 << 20, 4 << 20, 16
"""What a worker reads at once: a 16th of all, within these bounds. Postings are sorted within it, and the
more are together, the faster they are asked; what somebody waits for is read here meanwhile."""
_URGENT_FILES, _URGENT_BYTES = 40, 160 * 1024
"""What is read at once for the sake of what somebody looks at: a tenth of a second."""
_IMPORTED = 80
"""Files that are read early because such a file imports them."""
_FILE_COST = 512
"""Bytes that a file costs besides its own."""


class Pending:
    """Jobs in the order given, but for those that are taken before."""

    def __init__(self, jobs: Sequence[Job], limit: int) -> None:
        """`limit`: bytes that are read of a file at most."""
        self._limit = limit
        self._jobs = {job.path: job for job in jobs}
        self._away: dict[str, Job] = {}
        self._near: dict[str, None] = {}
        self.bytes = sum(min(job.size, limit) for job in jobs)
        self._task_bytes = max(_TASK_BYTES, min(self.bytes // _TASKS, _MOST_TASK_BYTES))

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def take(self) -> list[Job]:
        """The next ones, of some megabytes, for a worker; empty when nothing is left."""
        task: list[Job] = []
        size = 0
        for job in self._jobs.values():
            task.append(job)
            size += min(job.size, self._limit) + _FILE_COST
            if size >= self._task_bytes:
                break
        self._taken(task)
        self._away.update((job.path, job) for job in task)
        return task

    def take_these(self, paths: Iterable[str]) -> list[Job]:
        """Those of some paths that nobody has read, as many as are read in a moment.

        Also what a worker will read: it has some megabytes to read before.
        """
        task: list[Job] = []
        size = 0
        for path in dict.fromkeys(paths):
            job = self._jobs.get(path) or self._away.get(path)
            if job is None:
                continue
            cost = min(job.size, self._limit)
            if task and size + cost > _URGENT_BYTES:
                continue
            size += cost
            task.append(job)
            if len(task) == _URGENT_FILES:
                break
        return self._taken(task)

    def take_near(self) -> list[Job]:
        """Of what files that somebody looked at import, as many as are read in a moment."""
        task = self.take_these(path for path in self._near if path in self._jobs)
        for job in task:
            del self._near[job.path]
        return task

    def come_back(self, batch: Batch) -> None:
        """A worker's batch is here: what was read meanwhile is not read twice."""
        paths = batch.tables["files"]["path"]
        ids = batch.tables["files"]["id"]
        done = {identity for identity, path in zip(ids, paths, strict=True) if path not in self._away}
        if done:
            batch.leave_out(done)
            batch.files -= len(done)
        for path in paths:
            self._away.pop(path, None)

    def note_imports(self, batch: Batch) -> None:
        """Have what the files of a batch probably import read soon."""
        paths = dict(zip(batch.tables["files"]["id"], batch.tables["files"]["path"], strict=True))
        rows = batch.tables["imports"]
        imports: dict[str, list[tuple[str, str]]] = {}
        for file, module, name in zip(rows["file"], rows["module"], rows["name"], strict=True):
            imports.setdefault(paths[file], []).append((module, name))
        near = (path for own in imports for path in self._nearby.imported(own, imports[own]))
        self._near.update(dict.fromkeys(islice((path for path in near if path in self._jobs), _IMPORTED)))

    @cached_property
    def _nearby(self) -> Nearby:
        return Nearby(self._jobs)

    def _taken(self, task: list[Job]) -> list[Job]:
        for job in task:
            if self._jobs.pop(job.path, None) is None:
                del self._away[job.path]
        return task
