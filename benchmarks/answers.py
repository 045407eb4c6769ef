"""How much of what a question is about the answer without a model shows, and how much it says beside that.

    python benchmarks/answers.py QUESTIONS.jsonl --repos FOLDER [--window 16384] [--only TEXT]

A line of QUESTIONS is as for `ranking.py`. Over all questions, in percent: how often a gold file, and a gold
function, is cited; how often a gold function is among the passages that are printed; how many of the
functions are cited; how many of the citations are in gold files. Beside it the first seven ranked hits, as a
person would have from `memls search`. With --only, the answers of matching questions are printed.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from memls.agent.conversation import AskOptions
from memls.agent.limits import Limits
from memls.config import Folders
from memls.events import Done
from memls.models.extractive import ExtractiveModel
from memls.tokens import count
from memls.workspace import Workspace

Lines = tuple[str, int, int]
Figures = dict[str, float]

_CITATION = re.compile(r"\[([^\[\]\s]+?):(\d+)(?:-(\d+))?\]")
_HITS, _PRINTED = 7, 3


async def answer(workspace: Workspace, question: str, window: int) -> str:
    """What the embedded default says."""
    model = ExtractiveModel()
    model.window = window
    text = ""
    async with aclosing(workspace.ask(question, AskOptions(model, limits=Limits(), watch=False))) as events:
        async for event in events:
            if isinstance(event, Done):
                text = event.result.answer
    return text


def cited(text: str) -> list[Lines]:
    """The citations in a text."""
    return [(m[1], int(m[2]), int(m[3] or m[2])) for m in _CITATION.finditer(text)]


def gold_lines(workspace: Workspace, symbols: Sequence[str]) -> list[Lines]:
    """Where some symbols are; those that the index does not have are left out."""
    found = []
    for symbol in symbols:
        path, _, name = symbol.rpartition(":")
        places = [p for p in workspace.code.find_symbols(symbol) if p.path == path and p.symbol == name]
        found += [(p.path, p.line, p.end_line) for p in places[:1]]
    return found


def meets(one: Lines, other: Lines) -> bool:
    return one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2]


def figures(
    shown: Sequence[Lines], printed: Sequence[Lines], files: Sequence[str], gold: Sequence[Lines]
) -> Figures:
    """Of one question, each between 0 and 1."""
    score = {
        "file": float(any(path in files for path, _, _ in shown)),
        "precise": sum(path in files for path, _, _ in shown) / max(1, len(shown)),
    }
    if gold:
        score["function"] = float(any(meets(a, b) for a in shown for b in gold))
        score["printed"] = float(any(meets(a, b) for a in printed for b in gold))
        score["functions"] = sum(any(meets(a, b) for a in shown) for b in gold) / len(gold)
    return score


def told(workspace: Workspace, row: dict[str, Any], window: int, *, aloud: bool) -> dict[str, Figures]:
    """The figures of one question, of ours and of the ranked hits."""
    question, files = row["question"], row["gold_files"]
    text = asyncio.run(answer(workspace, question, window))
    if aloud:
        print(f"## {question}\n{row['gold_symbols']}\n\n{text}\n")
    gold = gold_lines(workspace, row["gold_symbols"] or ())
    headed = "\n".join(line for line in text.splitlines() if line.startswith("**"))
    hits = [(hit.path, hit.line, hit.end_line) for hit in workspace.search(question, limit=_HITS).hits]
    sizes = {"tokens": float(count(text)), "citations": float(len(cited(text)))}
    return {
        "answer": figures(cited(text), cited(headed), files, gold) | sizes,
        "search": figures(hits, hits[:_PRINTED], files, gold),
    }


def measure(root: Path, rows: Sequence[dict[str, Any]], window: int, only: str) -> list[dict[str, Figures]]:
    """The figures of one repository's questions."""
    with tempfile.TemporaryDirectory(prefix="memls-answers-") as base:
        folders = Folders(*(Path(base, name) for name in ("index", "memory", "user")))
        with Workspace.open(root.resolve(), folders) as workspace:
            workspace.index()
            asked = [row for row in rows if only in row["question"]]
            return [told(workspace, row, window, aloud=bool(only)) for row in asked]


def main() -> None:
    """Measure one set of questions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--window", type=int, default=16_384)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in map(json.loads, given.questions.read_text().splitlines()):
        of[f"{row['repo'].replace('/', '__')}@{row['commit'][:12]}"].append(row)
    every = [
        one
        for name, rows in of.items()
        for one in measure(given.repos / name, rows, given.window, given.only)
    ]
    for kind in ("answer", "search"):
        for figure in dict.fromkeys(figure for one in every for figure in one[kind]):
            values = [one[kind][figure] for one in every if figure in one[kind]]
            share = 1 if figure in ("tokens", "citations") else 100
            print(f"{kind:<8}{figure:<12}{share * statistics.mean(values):>8.1f}")


if __name__ == "__main__":
    main()
