"""Queries in a process that has the index open, one file's change, and the event loop during a build.

    python benchmarks/warm.py REPOSITORY [--samples 100]

The repository is copied first, since files are changed in it. Times are wall milliseconds, p50 / p95 / most;
a regular expression is searched beside `rg --count` in the same run, where that is installed. Names,
questions (first sentences of docstrings) and files are drawn from the index with a fixed seed.
"""

import argparse
import asyncio
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from memls.config import Folders
from memls.errors import MemlsError
from memls.store import Store
from memls.workspace import Workspace

_TICK = 0.001
_LONGEST = 200_000
"""Bytes of the files that are changed, at most."""


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that some work takes."""
    began = time.perf_counter()
    with suppress(MemlsError):
        work()
    return 1000 * (time.perf_counter() - began)


def report(name: str, times: Iterable[float]) -> None:
    """One line: how often, p50, p95, most."""
    ordered = sorted(times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"{name:<34}{len(ordered):>6}{statistics.median(ordered):>9.1f}{p95:>9.1f}{ordered[-1]:>9.1f}",
        flush=True,
    )


async def build_beside_a_ticker(store: Store) -> list[float]:
    """Build the index in a thread, as a server does; how late the event loop was at each tick, in ms."""
    gaps: list[float] = []
    building = asyncio.create_task(asyncio.to_thread(store.build))
    while not building.done():
        began = time.perf_counter()
        await asyncio.sleep(_TICK)
        gaps.append(1000 * (time.perf_counter() - began - _TICK))
    await building
    return gaps


def questions(docstrings: Sequence[str], samples: int) -> list[str]:
    """First sentences of some words."""
    found = (re.split(r"(?<=[.!?])\s|\n\n", text.strip())[0] for text in docstrings)
    return [text for text in found if len(text.split()) >= 5][:samples]


def measure(root: Path, home: Path, samples: int) -> None:
    """Print all figures of one repository."""
    dice = random.Random(7)
    with Workspace(Store(root, Folders(home / "i", home / "m", home / "u")), owns_store=True) as workspace:
        gaps = asyncio.run(build_beside_a_ticker(workspace.store))
        read = workspace.store.index.read
        counts = read(
            "SELECT (SELECT count(*) FROM symbols), (SELECT count(*) FROM refs), count(*) FROM chunks"
        )
        size = (home / "i" / "index.duckdb").stat().st_size
        source = read("SELECT sum(size) FROM files WHERE reason IS NULL")[0][0]
        print("{:,} symbols, {:,} references, {:,} chunks".format(*counts[0]), end="; ")
        print(f"index {size / 1e6:.0f} MB of {source / 1e6:.0f} MB of source")
        print(f"{'':<34}{'times':>6}{'p50':>9}{'p95':>9}{'most':>9}")
        report("event loop late, while indexing", gaps)
        print(f"{'':<34}p99 {sorted(gaps)[int(0.99 * (len(gaps) - 1))]:.1f}")
        names = [
            row[0] for row in read("SELECT DISTINCT name FROM symbols WHERE kind <> 'key' ORDER BY name")
        ]
        texts = [
            row[0] for row in read("SELECT docstring FROM symbols WHERE length(docstring) > 40 ORDER BY 1")
        ]
        paths = [
            row[0]
            for row in read(
                f"SELECT path FROM files WHERE language IS NOT NULL AND size < {_LONGEST} ORDER BY path"
            )
        ]
        for drawn in (names, texts, paths):
            dice.shuffle(drawn)
        names = names[:samples]
        report("exact symbol", [timed(lambda n=n: workspace.search(n, "symbol", near=False)) for n in names])  # type: ignore[misc]
        report("references of a name", [timed(lambda n=n: workspace.references(n)) for n in names])  # type: ignore[misc]
        asked = questions(texts, samples)
        report("ranked search", [timed(lambda q=q: workspace.search(q)) for q in asked])  # type: ignore[misc]
        patterns = [rf"{re.escape(name[:4])}\w+_\w+\(" for name in names[: samples // 5]]
        report("regular expression", [timed(lambda p=p: workspace.search(p, "regex")) for p in patterns])  # type: ignore[misc]
        if shutil.which("rg"):
            report("rg --count", [timed(lambda p=p: _rg(p, root)) for p in patterns])  # type: ignore[misc]
        report("one file changed, to answerable", _changes(workspace.store, root, paths[: samples // 2]))


def _rg(pattern: str, root: Path) -> None:
    subprocess.run(["rg", "--count", pattern, "."], cwd=root, capture_output=True, check=False)


def _changes(store: Store, root: Path, paths: Sequence[str]) -> list[float]:
    """Milliseconds from a change on disk until the index has it, without the wait for the event."""
    times = []
    for path in paths:
        data = (root / path).read_bytes()
        for text in (data + b"\n\n", data):
            (root / path).write_bytes(text)
            times.append(timed(lambda: store.update([path])))  # noqa: B023 (called at once)
    return times


def main() -> None:
    """Measure one repository."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--samples", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, options.repository.resolve().name)
        shutil.copytree(options.repository, root, symlinks=True)
        measure(root, Path(folder, "home"), options.samples)


if __name__ == "__main__":
    main()
