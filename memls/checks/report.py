"""What came of a file of checks, as data; every report is made of this."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from memls.events import Answer
from memls.index.rules import Finding

Status = Literal["passed", "failed", "error", "skipped"]
"""`error`: the model or the machine failed, so nobody knows. `skipped`: no change can touch it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question or rule. `line` is where it stands in its file."""

    name: str
    kind: Literal["question", "rule"]
    line: int
    status: Status
    failures: tuple[Finding, ...] = ()
    """Why it failed, with the lines where there are any."""
    notes: tuple[Finding, ...] = ()
    """What is worth a look and fails nothing: what may break a rule, which cited lines are others now."""
    warnings: tuple[Finding, ...] = ()
    """Why it may say less than it seems to."""
    answer: Answer | None = None
    """Of several samples one that failed, else the first."""
    passes: int = 0
    samples: int = 0
    kept: int = 0
    """How many of the samples were answered before, and still hold."""
    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All of a file, in its order: questions, then rules."""

    file: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    def count(self, status: Status) -> int:
        return sum(one.status == status for one in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0: all holds, 1: something does not, 3: the model or the machine failed."""
        return 3 if self.count("error") else 1 if self.count("failed") else 0

    @property
    def tokens(self) -> int:
        return sum(one.tokens for one in self.outcomes)

    @property
    def cost(self) -> float:
        return sum(one.cost for one in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        counts = {status: self.count(status) for status in ("passed", "failed", "error", "skipped")}
        return {
            "file": self.file, **counts, "tokens": self.tokens, "cost": self.cost,
            "seconds": round(self.seconds, 3), "outcomes": [asdict(one) for one in self.outcomes],
        }  # fmt: skip


def summary(report: Report) -> str:
    """The report in a line."""
    words = [f"{report.count(status)} {status}" for status in ("passed", "failed", "error", "skipped")]
    kept = sum(one.kept for one in report.outcomes)
    parts = [", ".join(word for word in words if not word.startswith("0 ")) or "nothing to check"]
    parts += [f"{kept} answered before"] if kept else []
    parts += [f"{report.tokens:,} tokens"] if report.tokens else []
    parts += [f"${report.cost:.4f}"] if report.cost else []
    return " · ".join([*parts, f"{report.seconds:.1f} s"])


def headline(outcome: Outcome) -> str:
    """What a question or rule came to, beside its name."""
    parts = []
    if outcome.samples > 1:
        parts.append(f"{outcome.passes} of {outcome.samples} samples pass")
    if outcome.samples and outcome.kept == outcome.samples:
        parts.append("answered before")
    elif outcome.answer:
        parts += [outcome.answer.model, f"{outcome.seconds:.1f} s"]
        parts += [f"{outcome.tokens:,} tokens"] if outcome.tokens else []
    return ", ".join(parts)


def place(finding: Finding) -> str:
    """`path:line`, or `path:start-end`; "" where it has none."""
    if not finding.path:
        return ""
    lines = f"{finding.line}-{finding.end_line}" if finding.end_line > finding.line else f"{finding.line}"
    return f"{finding.path}:{lines}" if finding.line else finding.path
