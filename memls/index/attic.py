"""Rows of texts that left the index, for when they come back: another branch and back parses nothing twice.

The tables of the schema `attic` are those of the index, under numbers of their own that grow: the smallest
left first. Rows go there and come back by copying inside the database, in the transaction that replaces them.
What a file's rows are depends on its path and its text, so both must be the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memls.index import postings
from memls.index.rows import CHUNK_BITS, Job

if TYPE_CHECKING:
    from memls.database import Reader, Writer

_POSITION = (1 << CHUNK_BITS) - 1
_PLAIN = ("texts", "symbols", "refs", "imports")
_LEAST_BYTES = 64 * 1024 * 1024
"""Source that is kept in any case; beyond, as much as the index itself has."""

_MOVED = "(SELECT unnest(?::INTEGER[]) AS old, unnest(?::INTEGER[]) AS new) m"
_FILE_COLUMNS = "language, hash, lines, errors, reason, ascii"


@dataclass(frozen=True, slots=True)
class Kept:
    """A text in the attic, by its number there."""

    id: int
    hash: str


def kept(reader: "Reader", paths: Sequence[str]) -> Mapping[str, list[Kept]]:
    """The texts that the attic has of some files."""
    found: dict[str, list[Kept]] = {}
    rows = reader.read(
        "SELECT path, id, hash FROM attic.files WHERE list_contains(?, path) ORDER BY id DESC", [paths]
    )
    for path, number, text_hash in rows:
        found.setdefault(path, []).append(Kept(number, text_hash))
    return found


def put_away(writer: "Writer", files: Sequence[int]) -> None:
    """Copy the rows of some files; they are about to be replaced."""
    if not files:
        return
    listed = writer.execute(
        "SELECT id FROM files WHERE list_contains(?, id) AND reason IS NULL ORDER BY id", [files]
    )
    old = [row[0] for row in listed]
    first = writer.execute("SELECT coalesce(max(id), 0) + 1 FROM attic.files")[0][0]
    _copy(writer, "main", "attic", old, range(first, first + len(old)))
    writer.execute(
        f"""INSERT INTO attic.files BY NAME
        SELECT m.new AS id, path, size, 0 AS mtime_ns, 0 AS stamp, 0 AS seen_ns, {_FILE_COLUMNS}
        FROM files JOIN {_MOVED} ON id = m.old""",
        [old, list(range(first, first + len(old)))],
    )


def take_back(writer: "Writer", jobs: Sequence[Job], numbers: Sequence[int], seen: Sequence[int]) -> None:
    """Put the texts with these numbers where the files of `jobs` have no rows now; `seen`: when, in ns."""
    _copy(writer, "attic", "main", numbers, [job.id for job in jobs])
    postings.count(writer, "attic.postings", postings.of_files(numbers), 1)
    writer.execute(
        f"""INSERT INTO files BY NAME
        SELECT m.new AS id, path, m.size, m.mtime_ns, m.stamp, m.seen_ns, {_FILE_COLUMNS}
        FROM attic.files a JOIN (
            SELECT unnest(?::INTEGER[]) AS old, unnest(?::INTEGER[]) AS new, unnest(?::BIGINT[]) AS size,
                   unnest(?::BIGINT[]) AS mtime_ns, unnest(?::BIGINT[]) AS stamp,
                   unnest(?::BIGINT[]) AS seen_ns
        ) m ON a.id = m.old""",
        [
            list(numbers), [job.id for job in jobs], [job.size for job in jobs],
            [job.mtime_ns for job in jobs], [job.stamp for job in jobs], list(seen),
        ],
    )  # fmt: skip
    _drop(writer, numbers)


def tidy(writer: "Writer") -> None:
    """Drop what left first, where the attic has more than the index."""
    rows = writer.execute(
        """SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id DESC) AS total FROM attic.files)
        WHERE total > greatest(?, (SELECT sum(size) FROM files))""",
        [_LEAST_BYTES],
    )
    _drop(writer, [row[0] for row in rows])


def empty(writer: "Writer") -> None:
    """Drop everything: other grammars would read other rows."""
    for table in (*_PLAIN, "chunks", "postings", "files"):
        writer.execute(f"DELETE FROM attic.{table}")


def _copy(writer: "Writer", source: str, target: str, old: Sequence[int], new: Sequence[int]) -> None:
    numbers = [list(old), list(new)]
    moved = f"((m.new::BIGINT << {CHUNK_BITS}) | ({{}} & {_POSITION}))"
    for table in _PLAIN:
        writer.execute(
            f"INSERT INTO {target}.{table} SELECT t.* REPLACE (m.new AS file) "
            f"FROM {source}.{table} t JOIN {_MOVED} ON t.file = m.old ORDER BY t.rowid",
            numbers,
        )
    writer.execute(
        f"INSERT INTO {target}.chunks SELECT t.* REPLACE ({moved.format('t.id')} AS id, m.new AS file) "
        f"FROM {source}.chunks t JOIN {_MOVED} ON t.file = m.old ORDER BY t.rowid",
        numbers,
    )
    writer.execute(
        f"INSERT INTO {target}.postings SELECT t.* REPLACE ({moved.format('t.chunk')} AS chunk) "
        f"FROM {source}.postings t JOIN {_MOVED} ON (t.chunk >> {CHUNK_BITS}) = m.old ORDER BY term, t.chunk",
        numbers,
    )


def _drop(writer: "Writer", numbers: Sequence[int]) -> None:
    if not numbers:
        return
    for table in (*_PLAIN, "chunks"):
        writer.execute(f"DELETE FROM attic.{table} WHERE list_contains(?, file)", [list(numbers)])
    writer.execute("DELETE FROM attic.files WHERE list_contains(?, id)", [list(numbers)])
    writer.execute(f"DELETE FROM attic.postings WHERE {postings.of_files(numbers)}")
