"""How well a question finds its code without a model, and what each kind of evidence adds.

    python benchmarks/ranking.py QUESTIONS.jsonl --repos FOLDER [--no-tests] [--ablate] [--misses]

A line of QUESTIONS is an object with `repo` (owner/name), `commit`, `question`, `gold_files` and, where there
are any, `gold_symbols` (`path:Class.method`). FOLDER holds `owner__name@COMMIT`, the commit's
first 12 digits. With --history, what changed lately is read from git directories beside them.
In percent: hit@k (one of the gold in the first k), all@k (all of them), MRR.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.evidence import WEIGHTS, Weights
from memls.index.history import COMMITS, recency, write
from memls.index.rows import Limits
from memls.index.search import Search
from memls.source.git import CHANGES, parse_changes
from memls.text import is_test

_MOST = 50
_FIGURES = ("hit@1", "hit@5", "hit@10", "all@10", "MRR")
_EMPHASIS = WEIGHTS.emphasis
ABLATIONS = {
    "everything": WEIGHTS,
    "without the first line's weight": replace(WEIGHTS, emphasis=replace(_EMPHASIS, title=1.0)),
    "without counting repeated words": replace(WEIGHTS, emphasis=replace(_EMPHASIS, repeated=0.0)),
    "without what code calls it": replace(WEIGHTS, emphasis=replace(_EMPHASIS, called=0.0, related=0.0)),
    "without feedback": replace(WEIGHTS, feedback=0.0),
    "without the file's score": replace(WEIGHTS, file=0.0),
    "names as other words": replace(WEIGHTS, name=0.0),
    "without names": replace(WEIGHTS, named=1.0, titled=1.0),
    "without paths": replace(WEIGHTS, path=1.0),
    "tests as code": replace(WEIGHTS, test=1.0, meant_test=1.0),
    "prose as code": replace(WEIGHTS, prose=1.0),
    "examples and copies as code": replace(WEIGHTS, aside=1.0),
    "types as functions": replace(WEIGHTS, type=1.0),
    "imports as other lines": replace(WEIGHTS, imports=1.0),
    "without neighbours": replace(WEIGHTS, uses=0.0, members=0.0),
    "without what changed lately": replace(WEIGHTS, recent=0.0),
}


@dataclass(frozen=True)
class Question:
    """One question with the repository it is asked of."""

    repository: str
    text: str
    files: tuple[str, ...]
    symbols: tuple[str, ...]


def questions(path: Path) -> Iterator[Question]:
    """The questions of a file."""
    for line in path.read_text().splitlines():
        row: dict[str, Any] = json.loads(line)
        repository = f"{row['repo'].replace('/', '__')}@{row['commit'][:12]}"
        symbols = tuple(row.get("gold_symbols") or ())
        yield Question(repository, row["question"], tuple(row["gold_files"]), symbols)


def figures(gold: Sequence[str], found: Sequence[str]) -> dict[str, float]:
    """The figures of one question."""
    places = sorted(found.index(one) if one in found else len(found) + _MOST for one in gold)
    values = {f"hit@{k}": float(places[0] < k) for k in (1, 5, 10)}
    return values | {"all@10": float(places[-1] < 10), "MRR": 1 / (places[0] + 1)}


class Indexes:
    """One index for each repository, kept in a folder as long as its questions are asked."""

    def __init__(self, repositories: Path, folder: Path, history: str = "") -> None:
        self._repositories = repositories
        self._folder = folder
        self._history = history

    def build(self, name: str) -> bool:
        """Whether the repository is there; its index is, then."""
        root = self._repositories / name
        if not root.is_dir():
            print(f"no repository {name}")
            return False
        with closing(Database(self._folder / f"{name}.duckdb", INDEX)) as database:
            Builder(root, database, Limits()).catch_up()
            if self._history:
                found = recency(self._changes(name))
                database.write(lambda writer: write(writer, name, found))
        return True

    def _changes(self, name: str) -> list[list[str]]:
        """What git tells of the commits up to the one that a repository was exported at."""
        repository, _, commit = name.partition("@")
        owner, _, short = repository.partition("__")
        folder = self._history.format(owner=owner, name=short)
        command = ["git", "--git-dir", folder, "log", f"--max-count={COMMITS}", *CHANGES, commit]
        return parse_changes(subprocess.run(command, capture_output=True, check=True).stdout)

    def ask(self, asked: Sequence[Question], weights: Weights, tests: bool) -> Iterator[dict[str, Any]]:
        """Figures of files and of symbols for each question."""
        for name in sorted({question.repository for question in asked}):
            with closing(Database(self._folder / f"{name}.duckdb", INDEX)) as database:
                search = Search(database, weights)
                for question in (one for one in asked if one.repository == name):
                    yield _asked(search, question, tests)


def _asked(search: Search, question: Question, tests: bool) -> dict[str, Any]:
    hits = [h for h in search.ranked(question.text, limit=_MOST).hits if tests or not is_test(h.path)]
    files = list(dict.fromkeys(hit.path for hit in hits))
    symbols = list(dict.fromkeys(f"{hit.path}:{hit.symbol}" for hit in hits if hit.symbol))
    return {
        "question": question,
        "found": symbols,
        "files": figures(question.files, files),
        "symbols": figures(question.symbols, symbols) if question.symbols else None,
    }


def _mean(rows: Sequence[dict[str, float]]) -> str:
    return "  ".join(f"{100 * sum(row[name] for row in rows) / len(rows):5.1f}" for name in _FIGURES)


def main() -> None:
    """Ask, and print a line for each ranking."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument(
        "--indexes", type=Path, help="a folder to keep the indexes in; else they are forgotten"
    )
    parser.add_argument("--history", default="", help="the git directory of {owner} and {name}")
    parser.add_argument("--no-tests", action="store_true", help="tests are no answers to these questions")
    parser.add_argument("--ablate", action="store_true", help="again without each kind of evidence")
    parser.add_argument("--misses", action="store_true", help="questions none of whose files comes first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as forgotten:
        folder = options.indexes or Path(forgotten)
        folder.mkdir(parents=True, exist_ok=True)
        indexes = Indexes(options.repos, folder, options.history)
        asked = list(questions(options.questions))
        there = {name for name in sorted({q.repository for q in asked}) if indexes.build(name)}
        asked = [question for question in asked if question.repository in there]
        print(f"{len(asked)} questions; files, then symbols: {', '.join(_FIGURES)}")
        for name, weights in ABLATIONS.items() if options.ablate else [("everything", WEIGHTS)]:
            rows = list(indexes.ask(asked, weights, not options.no_tests))
            symbols = [row["symbols"] for row in rows if row["symbols"]]
            print(f"{_mean([row['files'] for row in rows])} | {_mean(symbols)}  {name}", flush=True)
            for row in rows if options.misses else []:
                if not row["files"]["hit@1"]:
                    print(f"  {row['question'].text[:80]!r}: {row['question'].files}, {row['found'][:3]}")


if __name__ == "__main__":
    main()
