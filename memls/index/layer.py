"""One client's unsaved buffers as part of the index: what is asked through a layer sees them as if saved.

Buffers whose text differs from what is indexed have rows of their own, in tables in memory of the same shape
as the index's. Views put these in the place of the rows of the files that they shadow, so that no query
knows the difference. Setting a buffer only marks it; the next read parses what is marked.

1. A shadow's file has a negative number, kept for its path while the layer lives. (-1 stands for "none"
   elsewhere.) The index's numbers are positive.
2. A read is right for one state of the index alone: the one whose number (`commit`, in `meta`) stands in the
   layer's own `meta` as `settled`. Both are read in the read's own snapshot. Where they differ the index has
   moved on, and the buffers are compared again: one that was saved needs its shadow no more.
3. The rows for ranking are a third of the work and wanted by few: they are made when they are asked for.
   `ranked`, in `meta`, says whether all are there.
4. While no buffer is open the index is read as if there were no layer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from memls.database import Annex, Database, Row, Snapshot, Writer
from memls.errors import MachineError
from memls.index import postings
from memls.index.rows import TABLES, Batch, Job, Limits
from memls.source.files import Content, Overlays, too_large, would_list

if TYPE_CHECKING:
    from memls.index.worker import Ranked

_FIRST_ID = -2
_YES = [("yes",)]


@dataclass(frozen=True, slots=True)
class _Shadow:
    """What the layer has of one buffer: the hash of its bytes, the number of the file that it shadows, and
    within which limits it was read.
    """

    hash: str
    saved: int | None
    limits: Limits


class Layer:
    """The index with one client's buffers on it. Every method may be called from any thread."""

    def __init__(self, database: Database, root: Path, limits: Callable[[], Limits]) -> None:
        """`limits` are the configuration's, as they are by now: buffers are read as a build reads files."""
        self.overlays = Overlays()
        self._database = database
        self._root = root
        self._limits = limits
        self._annex: Annex | None = None
        self._ids: dict[str, int] = {}
        self._shadows: dict[str, _Shadow] = {}
        self._unranked: dict[str, Ranked] = {}
        self._known: dict[str, tuple[int, str] | None] = {}
        self._listed: dict[str, bool] = {}
        self._commit = ""
        self._edition = 0
        self._made: tuple[str, Mapping[str, Content]] = "0", {}
        self._settling = Lock()
        self._closed = False

    def set(self, path: str, text: str, version: int) -> Content:
        """Open or change a buffer, as `Overlays.set`."""
        return self.overlays.set(path, text, version)

    def drop(self, path: str) -> bool:
        """Close a buffer, as `Overlays.drop`."""
        return self.overlays.drop(path)

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of one query, with every buffer as it was set last."""
        if self._is_bare():
            return self._database.read(sql, params)
        with self.snapshot() as now:
            return now.read(sql, params)

    def check_pattern(self, pattern: str) -> None:
        """Raise UsageError unless `pattern` is a regular expression of RE2."""
        self._database.check_pattern(pattern)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Reads that all see one moment: the buffers as they were set last, the rest as it is indexed."""
        return self._snapshot(ranked=False)

    def ranking(self) -> AbstractContextManager[Snapshot]:
        """The same, to rank in."""
        return self._snapshot(ranked=True)

    @contextmanager
    def _snapshot(self, *, ranked: bool) -> Iterator[Snapshot]:
        if self._is_bare():
            with self._database.snapshot() as now:
                yield now
            return
        stale = False
        while True:
            # What another thread has taken up is not marked any more: it holds the lock until it is written.
            waits = stale or not self._commit or self.overlays.changed() or self._settling.locked()
            if waits or (ranked and self._unranked):
                self._settle(stale, ranked=ranked)
            with self._attached().snapshot() as now:
                stale = now.stamp["commit"] != now.stamp["settled"]
                if not stale and (
                    not ranked or now.read("SELECT value FROM meta WHERE key = 'ranked'") == _YES
                ):
                    now.ranks = None if ranked else self.ranking
                    yield now
                    return

    @contextmanager
    def moment(self) -> Iterator[tuple[Snapshot, Mapping[str, Content]]]:
        """A snapshot, and the buffers as they are in it."""
        while True:
            with self.snapshot() as now:
                edition, contents = self._made
                if "edition" not in now.stamp:
                    contents = {}
                elif now.stamp["edition"] != edition:  # another thread has just taken up newer ones
                    continue
                yield now, contents
                return

    def close(self) -> None:
        """Forget the buffers' rows. Nothing can be read afterwards."""
        with self._settling:
            self._closed = True
            if self._annex is not None:
                self._annex.close()

    def _is_bare(self) -> bool:
        """Whether there is nothing that could differ from the index."""
        return not (self._shadows or self.overlays.changed() or self.overlays.paths())

    def _attached(self) -> Annex:
        if self._closed:
            raise MachineError("these buffers were closed")
        if self._annex is None:
            raise RuntimeError("buffers are settled before they are read")
        return self._annex

    def _settle(self, stale: bool, *, ranked: bool) -> None:
        """Bring the tables up to date with the buffers that changed; with `stale`, and with the index.

        With `ranked`, those for ranking too.
        """
        with self._settling:
            if self._closed:
                return
            if self._annex is None:
                self._annex = _new_annex(self._database)
            changed = self.overlays.take_changed()
            commit = self._commit
            try:
                if stale or not commit or changed - self._known.keys():
                    changed, commit = self._compared(changed)
                self._replace(self._annex, changed, commit, ranked=ranked)
            except BaseException:
                self._commit = ""  # what was marked is compared again, with everything else
                raise
            self._commit = commit

    def _compared(self, changed: frozenset[str]) -> tuple[frozenset[str], str]:
        """What the index has at the paths that changed: at all, where it moved on. Those, and its number."""
        with self._database.snapshot() as saved:
            commit = saved.stamp["commit"]
            if commit != self._commit:
                changed = changed | self.overlays.paths() | self._shadows.keys()
                self._known.clear()
                self._listed.clear()
            asked = sorted(changed - self._known.keys())
            rows = saved.read("SELECT path, id, hash FROM files WHERE list_contains(?, path)", [asked])
        self._known.update(dict.fromkeys(asked))
        self._known.update((row[0], (row[1], row[2])) for row in rows)
        return changed, commit

    def _replace(self, annex: Annex, changed: frozenset[str], commit: str, *, ranked: bool) -> None:
        """Write what `changed` makes different. The layer's state follows when it is written."""
        shadows = dict(self._shadows)
        contents, unranked = dict(self._made[1]), dict(self._unranked)
        batch = Batch()
        replaced = []
        for path in sorted(changed):
            before = shadows.pop(path, None)
            content = self.overlays.get(path)
            contents.pop(path, None)
            if content is not None:
                contents[path] = content
            shadow = self._wanted(path, content)
            if shadow is not None:
                shadows[path] = shadow
            if before != shadow:
                unranked.pop(path, None)
                if before is not None:
                    replaced.append(self._ids[path])
                if shadow is not None and content is not None and (left := self._add(batch, content, shadow)):
                    unranked[path] = left
        if ranked and unranked:
            _rank(batch, unranked.values())
            unranked.clear()
        self._edition += bool(replaced or batch.tables["files"]["id"])
        hidden = _hidden(shadows)
        marks = {"settled": commit, "edition": str(self._edition), "ranked": "" if unranked else "yes"}
        new_views = hidden != _hidden(self._shadows)
        annex.write(lambda w: _write(w, annex, batch, replaced, hidden, marks, new_views))
        self._made = str(self._edition), contents
        self._shadows, self._unranked = shadows, unranked

    def _wanted(self, path: str, content: Content | None) -> _Shadow | None:
        """The shadow that a buffer has to have: none where the index has it, or never will."""
        if content is None:
            self._known.pop(path, None)
            self._listed.pop(path, None)
            return None
        known = self._known[path]
        if known is not None:
            return None if known[1] == content.hash else _Shadow(content.hash, known[0], self._limits())
        if path not in self._listed:
            self._listed[path] = would_list(self._root, path, self._limits().ignore)
        return _Shadow(content.hash, None, self._limits()) if self._listed[path] else None

    def _add(self, batch: Batch, content: Content, shadow: _Shadow) -> "Ranked | None":
        """The rows of a buffer, as the builder would make them of such a file; and what its others are of."""
        from memls.index import worker  # tree-sitter and the stemmer: not before a buffer is edited

        file = self._ids.setdefault(content.path, _FIRST_ID - len(self._ids))
        job = Job(file, content.path, content.size, 0)
        limit = shadow.limits.file_bytes
        if content.size > limit:
            worker.add_skipped(batch, job, 0, too_large(content.size, limit))
        elif content.text is None or content.reason:
            worker.add_skipped(batch, job, 0, content.reason, content.hash)
        else:
            make = partial(self.overlays.trees.tree, content.path)
            return worker.add_text(batch, job, 0, content.text, content.hash, shadow.limits, make)
        return None


def _rank(batch: Batch, unranked: "Iterable[Ranked]") -> None:
    """The rows for ranking."""
    from memls.index.worker import add_ranking

    for one in unranked:
        add_ranking(batch, one)


def _new_annex(database: Database) -> Annex:
    annex = database.attach()
    marks = {"settled": "", "edition": "0", "ranked": "yes"}
    annex.write(lambda w: _write(w, annex, Batch(), [], [], marks, True))
    return annex


def _hidden(shadows: dict[str, _Shadow]) -> list[int]:
    """The files of the index that shadows stand for."""
    return sorted(shadow.saved for shadow in shadows.values() if shadow.saved is not None)


def _write(
    writer: Writer,
    annex: Annex,
    batch: Batch,
    replaced: list[int],
    hidden: Sequence[int],
    marks: dict[str, str],
    new_views: bool,
) -> None:
    """Put a batch in the place of some files' rows. `hidden`: the files that views have to leave out."""
    for file in replaced:
        for table in TABLES:
            if condition := _of_files(table, [file], inside=True):
                writer.execute(f"DELETE FROM {table} WHERE {condition}")
    for table, columns in batch.tables.items():
        writer.insert(table, columns)
    if marks["ranked"]:
        _count(writer, annex, hidden)
    if new_views:
        for table, columns in (TABLES | {"spread": {"term": "", "chunks": ""}}).items():
            names = ", ".join(f'"{name}"' for name in columns)
            condition = _of_files(table, hidden, inside=False)
            writer.execute(
                f"""CREATE OR REPLACE VIEW {annex.name}.main.{table} AS
                SELECT {names} FROM {annex.saved}.{table} {condition and "WHERE " + condition}
                UNION ALL SELECT {names} FROM {annex.name}.own.{table}"""
            )
        writer.execute(
            f"""CREATE OR REPLACE VIEW {annex.name}.main.meta AS
            SELECT * FROM {annex.saved}.meta UNION ALL SELECT * FROM {annex.name}.own.meta"""
        )
    keys, values = list(marks), list(marks.values())
    writer.execute("DELETE FROM meta WHERE list_contains(?, key)", [keys])
    writer.execute("INSERT INTO meta SELECT unnest(?), unnest(?)", [keys, values])


def _count(writer: Writer, annex: Annex, hidden: Sequence[int]) -> None:
    """In how many chunks a term is: more by the buffers', fewer by those of the files that they hide."""
    writer.execute("DELETE FROM spread")
    postings.count(writer, "postings", "true", 1)
    if hidden:
        postings.count(writer, f"{annex.saved}.postings", postings.of_files(hidden), -1)


def _of_files(table: str, files: Sequence[int], *, inside: bool) -> str:
    """In SQL: whether a row belongs, or does not belong, to one of these files. "" where all rows do not."""
    if not files or table == "spread":
        return ""
    if table == "postings":
        return postings.of_files(files) if inside else f"NOT {postings.of_files(files)}"
    column = "id" if table == "files" else "file"
    return f"{column} {'IN' if inside else 'NOT IN'} ({', '.join(map(str, files))})"
