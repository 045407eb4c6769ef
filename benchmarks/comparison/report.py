"""The comparison as a short table, and as data."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from comparison.answers import RIGHT, TRUTHS, VERDICTS, Pair, Place, tally
from comparison.measure import Start, Warm


@dataclass(frozen=True)
class Side:
    """Everything that was measured of one server."""

    name: str
    version: str
    cold: list[Start]
    again: list[Start]
    """Starts with the caches that the last cold start left."""
    warm: Warm


@dataclass(frozen=True)
class Comparison:
    """Two servers on one repository."""

    repo: str
    files: int
    seed: int
    ours: Side
    theirs: Side
    pairs: list[Pair]


Row = tuple[str, float | None, float | None]


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value below which `share` of them are; None without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def rows(side: Side) -> dict[str, float | None]:
    """Every measured figure by its label, in the unit that the label names."""
    found: dict[str, float | None] = {
        "initialize, ms": _median([one.initialize * 1000 for one in [*side.cold, *side.again]]),
        "cold start to right answer, s": _median([one.answer for one in side.cold]),
        "cold start to right answer, worst, s": _worst([one.answer for one in side.cold]),
        "cold start to right answer, CPU s": _median([one.cpu for one in side.cold]),
        "later start to right answer, s": _median([one.answer for one in side.again]),
        "later start to right answer, CPU s": _median([one.cpu for one in side.again]),
        "cold start to rest, s": side.warm.settled,
        "peak memory, cold start, MB": _median([one.megabytes for one in side.cold]),
        "peak memory, whole session, MB": side.warm.megabytes,
    }
    for kind, seconds in side.warm.seconds.items():
        for label, share in (("p50", 0.5), ("p95", 0.95)):
            value = percentile(seconds, share)
            found[f"{kind} {label}, ms"] = None if value is None else value * 1000
    if typed := side.warm.typing:
        for label, share in (("p50", 0.5), ("max", 1.0)):
            for kind, values in (("answered in", typed.seconds), ("behind by", typed.behind)):
                value = percentile(values, share)
                found[f"typing: outline {kind}, {label}, ms"] = None if value is None else value * 1000
        found["typing: answers"] = len(typed.behind)
        found["typing: refused"] = typed.refused
        found["typing: catch-up after the last edit, ms"] = None if typed.lost else typed.catch_up * 1000
    return found


def table(comparison: Comparison) -> str:
    """Figures side by side; the ratio is memls to the peer, below 1 where memls needs less."""
    ours, theirs = comparison.ours, comparison.theirs
    width = max(12, len(theirs.name) + 2)
    lines = [
        f"{comparison.repo}: {comparison.files:,} files, {len(comparison.pairs)} positions, seed "
        f"{comparison.seed}; {ours.version} beside {theirs.version}",
        f"{'':<44}{ours.name:>10}{theirs.name:>{width}}{'ratio':>9}",
    ]
    right = rows(theirs)
    for label, left in rows(ours).items():
        other = right.get(label)
        ratio = f"{left / other:9.3f}" if left is not None and other else f"{'–':>9}"
        lines.append(f"{label:<44}{_number(left):>10}{_number(other):>{width}}{ratio}")
    failed = [side for side in (ours, theirs) if side.warm.errors]
    for side in failed:
        lines += [f"{count} errors of {side.name}: {what}" for what, count in side.warm.errors.most_common(5)]
    return "\n".join([*lines, "", *agreement(comparison.pairs)])


def agreement(pairs: Sequence[Pair]) -> list[str]:
    """What memls says, by where the peer leads."""
    counts = tally(pairs)
    lines = [f"{'memls says; the peer leads to':<34}" + "".join(f"{truth:>13}" for truth in TRUTHS)]
    for verdict in VERDICTS:
        numbers = [counts[verdict, truth] for truth in TRUTHS]
        lines.append(f"{verdict:<34}" + "".join(f"{number or '':>13}" for number in numbers))
    asked = sum(counts.values())
    within = {v: sum(counts[v, t] for t in ("same file", "other file")) for v in VERDICTS}
    sure = sum(number for verdict, number in within.items() if verdict.startswith("resolved"))
    right = sum(within[verdict] for verdict in RIGHT)
    lines.append(f"{len(pairs) - asked} positions are definitions themselves and do not count")
    there = sum(within.values())
    if sure:
        lines += [
            f"precision {right / sure:6.1%}: of {sure} resolved where the peer leads into it, {right} agree",
            f"recall    {right / there:6.1%}: of {there} where the peer leads into it",
        ]
    return lines


def disagreements(pairs: Sequence[Pair], repo: Path, limit: int) -> list[str]:
    """Positions where the two differ, with their line of code, for reading."""
    lines: list[str] = []
    wrong = [p for p in pairs if not p.is_definition and "same" not in p.verdict and p.theirs.places]
    inside = [pair for pair in wrong if pair.truth != "outside" or pair.verdict.startswith("resolved")]
    step = max(1, len(inside) // limit)
    for pair in inside[::step][:limit]:
        at = pair.position
        lines += [
            "",
            f"{at.path}:{at.line + 1}:{at.character + 1} {at.name}: {pair.verdict}; peer: {pair.truth}",
            f"    {_line(repo, (at.path, at.line))}",
            *(f"  memls {path}:{n + 1}: {_line(repo, (path, n))}" for path, n in pair.ours.places[:3]),
            *(f"  peer  {path}:{n + 1}: {_line(repo, (path, n))}" for path, n in pair.theirs.places[:3]),
        ]
    return lines


def data(comparison: Comparison) -> dict[str, Any]:
    """For a program: the figures, and every position with both answers."""
    counts = tally(comparison.pairs)
    return {
        "repo": comparison.repo,
        "files": comparison.files,
        "seed": comparison.seed,
        "servers": {
            side.name if place == 0 else f"{side.name} (peer)": {
                "version": side.version,
                "figures": rows(side),
                "starts": [asdict(one) for one in side.cold],
                "errors": side.warm.errors,
            }
            for place, side in enumerate((comparison.ours, comparison.theirs))
        },
        "agreement": {f"{v}; peer: {t}": counts[v, t] for v in VERDICTS for t in TRUTHS if counts[v, t]},
        "positions": [
            {
                **asdict(pair.position),
                "verdict": "definition" if pair.is_definition else pair.verdict,
                "peer": pair.truth,
                "ours": pair.ours.places,
                "theirs": pair.theirs.places,
            }
            for pair in comparison.pairs
        ],
    }


def _line(repo: Path, place: Place) -> str:
    try:
        return (repo / place[0]).read_text("utf-8", "replace").split("\n")[place[1]].strip()[:110]
    except (OSError, IndexError):
        return ""


def _median(values: Sequence[float | None]) -> float | None:
    """None as soon as one start never came to an answer."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known and len(known) == len(values) else None


def _worst(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known and len(known) == len(values) else None


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
