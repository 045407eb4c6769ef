"""What a build writes: functions that each do their part of one transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memls.index import attic, postings
from memls.index.rows import Batch

if TYPE_CHECKING:
    from memls.database import Writer
    from memls.index.travel import Arrival, Match

FEW = 8
"""Files that are taken out one by one."""
_BY_FILE = ("texts", "symbols", "refs", "imports", "chunks")


def remove(writer: "Writer", ids: list[int]) -> None:
    """Take out the rows of some files."""
    postings.remove(writer, ids)
    _remove_but_postings(writer, ids)


def _remove_but_postings(writer: "Writer", ids: list[int]) -> None:
    if not ids:
        return
    if len(ids) <= FEW:
        for number in ids:
            _remove_one(writer, number)
        return
    for table in _BY_FILE:
        writer.execute(f"DELETE FROM {table} WHERE list_contains(?, file)", [ids])
    writer.execute("DELETE FROM files WHERE list_contains(?, id)", [ids])


def _remove_one(writer: "Writer", number: int) -> None:
    """By a range, which DuckDB finds without looking through the table: rows of a file stand together."""
    for table in _BY_FILE:
        writer.execute(f"DELETE FROM {table} WHERE file = ?", [number])
    writer.execute("DELETE FROM files WHERE id = ?", [number])


def begin(writer: "Writer", gone: list[int]) -> None:
    """Say that a build began, and take out what is gone."""
    set_meta(writer, building="1")
    attic.put_away(writer, gone)
    remove(writer, gone)


def replace_rows(writer: "Writer", batch: Batch, replaced: list[int]) -> None:
    """As `commit`; what is replaced goes to the attic."""
    attic.put_away(writer, replaced)
    commit(writer, batch, replaced)


def take(writer: "Writer", arrival: "Arrival", matches: "Sequence[Match]", replaced: list[int]) -> None:
    """Write what came from elsewhere, in the place of the files with the numbers `replaced`."""
    if matches:
        attic.put_away(writer, replaced)
        remove(writer, replaced)
        arrival.take(writer, matches)


def commit(writer: "Writer", batch: Batch, replaced: list[int]) -> None:
    """Write what was read, in the place of the files with the numbers `replaced`."""
    _remove_but_postings(writer, replaced)
    for table, columns in batch.tables.items():
        if table != "postings":
            writer.insert(table, columns)
    postings.replace(writer, replaced, batch.tables["postings"])
    for identity, size, mtime_ns, stamp, seen_ns in batch.unchanged:
        writer.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, stamp = ?, seen_ns = ? WHERE id = ?",
            [size, mtime_ns, stamp, seen_ns, identity],
        )


def clear(writer: "Writer") -> None:
    """Take out everything."""
    for table in (*_BY_FILE, "files", "skipped"):
        writer.execute(f"DELETE FROM {table}")
    postings.clear(writer)
    attic.empty(writer)


def write_skipped(writer: "Writer", rows: list[tuple[str, str]], note: str) -> None:
    """Write what could not be listed, and how the listing was made."""
    writer.execute("DELETE FROM skipped")
    if rows:
        writer.insert("skipped", {"path": [row[0] for row in rows], "reason": [row[1] for row in rows]})
    set_meta(writer, listing=note)


def set_meta(writer: "Writer", **values: str) -> None:
    """Put values in the place of those with the same keys."""
    for key, value in values.items():
        writer.execute("DELETE FROM meta WHERE key = ?", [key])
        writer.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
