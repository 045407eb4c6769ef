"""Whole-process cost of the main commands on some repositories, beside peers in the same run.

    python benchmarks/speed.py REPOSITORY... [--runs 3]

CPU seconds and peak memory are the kernel's own account of each process and its children (wait4). Each
command runs `--runs` times in turn with its peers; the median counts.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEMLS = [sys.executable, "-m", "memls"]


@dataclass(frozen=True)
class Cost:
    """CPU seconds, wall seconds, peak memory of the largest process in MB."""

    cpu: float
    wall: float
    memory: float


def run(command: Sequence[str], folder: Path, home: str) -> Cost:
    """The cost of one command; its output is thrown away. Exit code 1 (found nothing) is fine."""
    environment = {**os.environ, "MEMLS_HOME": home}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode > 1:
        sys.exit(f"{' '.join(command)} in {folder} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        *(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "memory"))
    )


def commands(repository: Path) -> dict[str, list[str]]:
    """What is measured, by name; peers only where they are installed."""
    repo = ["--repo", str(repository)]
    table = {
        "memls index --force": [*MEMLS, "index", "--force", *repo],
        "memls index (no change)": [*MEMLS, "index", *repo],
        "memls search --kind symbol": [*MEMLS, "search", "--kind", "symbol", "get_value", *repo],
        "memls search (question)": [*MEMLS, "search", "where is the default value computed", *repo],
    }
    peers = {
        "ctags -R": ["ctags", "-R", "--quiet", "-f", "-", "."],
        "rg get_value": ["rg", "-c", "get_value", "."],
        "git status": ["git", "status", "--porcelain"],
    }
    if shutil.which("codegraph"):
        peers["codegraph init"] = [
            "sh",
            "-c",
            "rm -rf .codegraph; codegraph init . >/dev/null; rm -rf .codegraph",
        ]
    if not (repository / ".git").exists():
        del peers["git status"]
    return table | {name: command for name, command in peers.items() if shutil.which(command[0])}


def measure(repository: Path, runs: int) -> None:
    print(f"\n{repository.name}")
    print(f"{'':<30}{'CPU s':>8}{'wall s':>8}{'MB':>7}{'CPU / ctags':>13}")
    with tempfile.TemporaryDirectory() as home:
        table = commands(repository)
        run(table["memls index --force"], repository, home)
        costs: dict[str, list[Cost]] = {name: [] for name in table}
        for _ in range(runs):
            for name, command in table.items():
                costs[name].append(run(command, repository, home))
        size = sum(file.stat().st_size for file in Path(home).rglob("index.duckdb"))
    base = median(costs["ctags -R"]).cpu if "ctags -R" in costs else None
    for name, values in costs.items():
        cost = median(values)
        ratio = f"{cost.cpu / base:>13.2f}" if base else ""
        print(f"{name:<30}{cost.cpu:>8.2f}{cost.wall:>8.2f}{cost.memory:>7.0f}{ratio}")
    print(f"index on disk: {size / 1e6:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for repository in arguments.repositories:
        measure(repository.resolve(), arguments.runs)


if __name__ == "__main__":
    main()
