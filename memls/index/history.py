"""What changed lately: evidence for ranking, from git's log up to the commit that is checked out.

Where somebody asks, somebody worked: a file that changed lately is asked for more often than one that did not
for years. Files that change together were measured too, and say nothing that this does not
(`benchmarks/README.md`).
"""

import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memls.errors import MemlsError
from memls.source import git

if TYPE_CHECKING:
    from memls.database import Database, Writer

log = logging.getLogger(__name__)

COMMITS = 2000
_LATELY = 500
"""Commits after which a change counts 1/e of what it counts today."""
_MOST_FILES = 30
"""A commit of more files is a sweep, and says of none that somebody worked on it."""


def recency(changes: Sequence[Sequence[str]]) -> dict[str, float]:
    """Path → 0 to 1, from the files of each commit, the latest first."""
    weights: defaultdict[str, float] = defaultdict(float)
    for age, paths in enumerate(changes):
        if len(paths) <= _MOST_FILES:
            for path in paths:
                weights[path] += math.exp(-age / _LATELY)
    most = max(weights.values(), default=1.0)
    return {path: math.log1p(weight) / math.log1p(most) for path, weight in weights.items()}


def catch_up(root: Path, database: "Database") -> None:
    """Have the index tell the history of the commit that is checked out, where git can."""
    known = database.read("SELECT value FROM meta WHERE key = 'history'")
    head = git.head(root)
    if known == [(head,)]:
        return
    try:
        found = recency(git.changes(root, COMMITS)) if head else {}
    except MemlsError as error:
        log.warning("what changed lately counts nothing in ranking: %s", error)
        found = {}
    database.write(lambda writer: write(writer, head, found))


def write(writer: "Writer", head: str, found: Mapping[str, float]) -> None:
    """Put what was found at a commit in the place of what was there."""
    writer.execute("DELETE FROM history")
    writer.insert("history", {"path": list(found), "recency": list(found.values())})
    writer.execute("DELETE FROM meta WHERE key = 'history'")
    writer.execute("INSERT INTO meta VALUES ('history', ?)", [head])
