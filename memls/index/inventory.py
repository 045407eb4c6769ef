"""The files of the index, kept in memory from one question to the next.

Reading twenty thousand rows takes longer than answering. So the files that are saved are read once for all
clients, and again when their number, names or languages change; a layer's own few are laid over them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from memls.index.layout import Layout
from memls.index.manifests import ENDINGS, PATTERN, Manifest, is_manifest, said
from memls.index.unread import NOTHING, Lack
from memls.source.languages import code_language

if TYPE_CHECKING:
    from memls.database import Database, Row, Snapshot

_ENDING = " OR ".join(f"ends_with(path, '{ending}')" for ending in ENDINGS)
_MANIFEST = f"(({_ENDING}) AND regexp_matches(path, '{PATTERN}'))"


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """The files that are indexed. Nobody changes it: a change makes a new one."""

    paths: dict[int, str]
    languages: dict[int, str]
    lines: dict[int, int]
    ids: dict[str, int]
    ascii: frozenset[int]
    """Those whose text is ASCII alone."""
    layout: Layout
    lack: Lack = NOTHING
    """What is listed and not read. `layout` has it: where a module is does not wait for what it says."""
    lacking_manifests: tuple[str, ...] = ()

    def is_header(self, file: int) -> bool:
        """Whether other C or C++ files include it."""
        return self.paths[file].rpartition(".")[2] not in ("c", "cc", "cpp", "cxx", "c++", "C", "cu")


@dataclass(frozen=True, slots=True)
class _Saved:
    """Files with what they were read at: the index's number, and a fingerprint of what they were read from.

    `manifests` has path and hash of a manifest -> what it says, since reading texts is slow.
    """

    commit: str
    fingerprint: "Row"
    files: Files
    manifests: Mapping[tuple[str, str], Manifest | None] = field(default_factory=dict)


_saved: "WeakKeyDictionary[Database, _Saved]" = WeakKeyDictionary()
_reading = Lock()


class Inventory:
    """The files as one client sees them. Safe from any thread."""

    def __init__(self) -> None:
        self._seen: tuple[object, Lack, Files] | None = None

    def files(self, now: "Snapshot", lack: Lack = NOTHING) -> Files:
        """The files at a moment, of which those that `lack` has may be read by now."""
        seen = self._seen
        if seen is not None and seen[0] == now.stamp and seen[1] is lack:
            return seen[2]
        with _reading:
            saved = _saved_files(now, _saved.get(now.database))
            _saved[now.database] = saved
        own = now.read(
            f"""SELECT id, path, language, lines, reason, {_MANIFEST}, ascii FROM files
            WHERE id < 0 ORDER BY path"""
        )
        before = seen and seen[2].layout
        whole = lack.is_nothing
        files = _overlaid(now, saved.files, own, before if whole else None) if own else saved.files
        if not whole:
            files = _lacking(files, lack, before)
        self._seen = now.stamp, lack, files
        return files


def _saved_files(now: "Snapshot", before: _Saved | None) -> _Saved:
    commit = now.stamp["commit"]
    if before is not None and before.commit == commit:
        return before
    table = f"{now.saved}.files"
    fingerprint = now.read(
        f"""SELECT count(*), bit_xor(hash(id, path, language, CASE WHEN {_MANIFEST} THEN hash END))
        FROM {table} WHERE reason IS NULL"""
    )[0]
    if before is not None and before.fingerprint == fingerprint:
        counts = now.read(f"SELECT id, lines, ascii FROM {table} WHERE reason IS NULL")
        files = replace(before.files, lines={row[0]: row[1] for row in counts}, ascii=_ascii(counts))
        return replace(before, commit=commit, files=files)
    rows = now.read(
        f"SELECT id, path, language, lines, ascii FROM {table} WHERE reason IS NULL ORDER BY path"
    )
    found = now.read(f"SELECT id, path, hash FROM {table} WHERE reason IS NULL AND {_MANIFEST} ORDER BY path")
    named = dict(before.manifests) if before else {}
    fresh = {row[0]: row[1:] for row in found if row[1:] not in named}
    read = _manifests(now, f"{now.saved}.texts", {file: key[0] for file, key in fresh.items()})
    named = {row[1:]: read.get(row[0]) if row[0] in fresh else named[row[1:]] for row in found}
    files = Files(
        paths={row[0]: row[1] for row in rows},
        languages={row[0]: row[2] or "" for row in rows},
        lines={row[0]: row[3] for row in rows},
        ids={row[1]: row[0] for row in rows},
        ascii=_ascii(rows),
        layout=Layout(
            {row[1]: code_language(row[2]) for row in rows},
            {path: one for (path, _), one in named.items() if one},
        ),
    )
    return _Saved(commit, fingerprint, files, named)


def _ascii(rows: "Iterable[Row]") -> frozenset[int]:
    return frozenset(row[0] for row in rows if row[-1])


def _lacking(files: Files, lack: Lack, before: Layout | None) -> Files:
    """The files with those that are not read. `before` is the layout of last time, which mostly stays."""
    unread = {path: language for path, language in lack.paths.items() if path not in files.ids}
    paths = {**unread, **files.layout.paths}
    if before is not None and (before.paths, before.manifests) == (paths, files.layout.manifests):
        layout = before
    else:
        layout = Layout(dict(sorted(paths.items())), files.layout.manifests)
    manifests = tuple(filter(is_manifest, unread))
    return replace(files, layout=layout, lack=replace(lack, paths=unread), lacking_manifests=manifests)


def _manifests(now: "Snapshot", table: str, paths: Mapping[int, str]) -> dict[int, Manifest]:
    """What manifests say, by the numbers of their files."""
    if not paths:
        return {}
    rows = now.read(
        f"SELECT file, text FROM {table} WHERE file IN (SELECT unnest(?::INTEGER[]))", [sorted(paths)]
    )
    found = ((row[0], said(paths[row[0]], row[1] or "")) for row in rows)
    return {file: one for file, one in found if one}


def _overlaid(now: "Snapshot", saved: Files, own: "list[Row]", before: Layout | None) -> Files:
    """The saved files with a layer's own in the place of those with the same path.

    `before` is the layout of last time, which stays while edits change neither paths nor manifests.
    """
    paths, languages = dict(saved.paths), dict(saved.languages)
    lines, ids = dict(saved.lines), dict(saved.ids)
    known = dict(saved.layout.paths)
    manifests = dict(saved.layout.manifests)
    read = _manifests(now, "texts", {row[0]: row[1] for row in own if row[5] and row[4] is None})
    for file, path, language, count, reason, *_ in own:
        old = ids.pop(path, None)
        if old is not None:
            del paths[old], languages[old], lines[old]
        manifests.pop(path, None)
        if reason is not None:
            known.pop(path, None)
            continue
        paths[file], languages[file], lines[file], ids[path] = path, language or "", count, file
        known[path] = code_language(language)
        if file in read:
            manifests[path] = read[file]
    layout = Layout(dict(sorted(known.items())), dict(sorted(manifests.items())))
    for other in (saved.layout, before):
        if other is not None and (other.paths, other.manifests) == (layout.paths, layout.manifests):
            layout = other
            break
    return Files(paths, languages, lines, ids, saved.ascii | _ascii(own), layout)
