"""A build in a process of its own, which outlives the command that wants it."""

import subprocess
import sys
from pathlib import Path


def build(root: Path) -> None:
    """Have the index built behind us. Where no process can be started, the next command builds it."""
    try:
        subprocess.Popen(
            [sys.executable, "-m", "memls", "index", "--repo", str(root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return
