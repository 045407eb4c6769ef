"""What people see beside an answer: warnings, progress, tables.

Standard output carries results alone, standard error what happens meanwhile, and that only on a terminal.
Everything from names, code and models is made harmless to the terminal before it gets here or here.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memls.text import shorten, visible

if TYPE_CHECKING:
    from memls.index.builder import Progress


_WIDEST_COLUMN = 60


def warn(line: str) -> None:
    """One line for the reader on standard error."""
    print(f"memls: {visible(line)}", file=sys.stderr, flush=True)


@contextmanager
def indexing(what: str = "indexing", of: str = "files") -> Iterator["Progress | None"]:
    """A progress bar on a terminal, nothing elsewhere. It appears with the first file."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(of),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield progress


def show_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Rows on standard output: whole, or as wide as the terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for line in _table(rows):
        print(shorten(visible(line), width), flush=True)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows in columns of equal width, the last one free; a cell that is very long moves its own row alone."""
    columns = range(len(rows[0]) - 1) if rows else ()
    widths = [max(min(len(row[i]), _WIDEST_COLUMN) for row in rows) for i in columns]
    for row in rows:
        yield "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
