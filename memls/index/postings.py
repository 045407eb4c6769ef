"""The inverted index: for each term the chunks that have it, and how many have it at all.

A write's postings are sorted by term before they go in. DuckDB keeps them in groups of rows that it passes
over where the least and the greatest value tell that none fits, and a run of equal terms takes the room of
one: unsorted, the same rows take three times the room and are slower to ask. From write to write they stay in
the order of files, so that a file's are found without looking through the table.

`spread` sums up in how many chunks a term is: a row for what each write changes of that.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memls.index.rows import CHUNK_BITS

if TYPE_CHECKING:
    from memls.database import Writer

_FEW = 8
"""Files that are told by the ranges of their chunks, which DuckDB finds without looking through the table."""

_COLUMNS = "term, chunk, frequency, length"


def of_files(files: Sequence[int]) -> str:
    """In SQL: whether a posting is of one of these files, of which there is at least one."""
    if len(files) > _FEW:
        return f"(chunk >> {CHUNK_BITS})::INTEGER IN ({', '.join(map(str, files))})"
    ranges = (f"chunk BETWEEN {f << CHUNK_BITS} AND {((f + 1) << CHUNK_BITS) - 1}" for f in files)
    return f"({' OR '.join(ranges)})"


def replace(writer: "Writer", files: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> None:
    """Write the postings of chunks that have none, in the place of those of some files."""
    if not files and not columns["term"]:
        return
    counts, deletion = "SELECT term, 1 AS n FROM batch", []
    if files:
        counts += f" UNION ALL SELECT term, -1 FROM postings WHERE {of_files(files)}"
        deletion = [f"DELETE FROM postings WHERE {of_files(files)}"]
    writer.execute_on(
        "postings",
        columns,
        f"""INSERT INTO spread SELECT term, sum(n) AS chunks FROM ({counts})
        GROUP BY term HAVING chunks <> 0 ORDER BY term""",
        *deletion,
        f"INSERT INTO postings SELECT {_COLUMNS} FROM batch ORDER BY term, chunk",
    )


def remove(writer: "Writer", files: Sequence[int]) -> None:
    """Take out the postings of some files."""
    if files:
        count(writer, "postings", of_files(files), -1)
        writer.execute(f"DELETE FROM postings WHERE {of_files(files)}")


def count(writer: "Writer", table: str, condition: str, sign: int) -> None:
    """Count some postings of a table in, where `sign` is 1, or out, where it is -1."""
    writer.execute(
        f"INSERT INTO spread SELECT term, {sign} * count(*) FROM {table} WHERE {condition} "
        "GROUP BY term ORDER BY term"
    )


def tidy(writer: "Writer") -> None:
    """Sum `spread` up, where most of its rows tell of a term that another row tells of too."""
    rows, terms = writer.execute("SELECT count(*), approx_count_distinct(term) FROM spread")[0]
    if rows > 1.5 * terms:
        writer.execute(
            """CREATE OR REPLACE TABLE spread AS
            SELECT term, sum(chunks)::INTEGER AS chunks FROM spread
            GROUP BY term HAVING sum(chunks) > 0 ORDER BY term"""
        )


def clear(writer: "Writer") -> None:
    """Take out all postings."""
    writer.execute("DELETE FROM postings")
    writer.execute("DELETE FROM spread")
