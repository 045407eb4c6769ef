"""What the owner of a repository tells everybody who has it open: that the index says something else now, or
that the repository's configuration is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from memls.index.builder import Report

MOST = 200
"""Paths that are named."""


@dataclass(frozen=True, slots=True)
class News:
    """The generation now, and the files that changed; None for too many, or where nobody knows which.

    `problem` is a line for the user.
    """

    generation: int
    paths: frozenset[str] | None
    problem: str = ""

    @classmethod
    def of_report(cls, report: "Report") -> Self:
        paths = report.changed if len(report.changed) <= MOST else None
        return cls(report.generation, paths, report.problem)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        paths = data["paths"]
        return cls(data["generation"], None if paths is None else frozenset(paths), data["problem"])

    def as_json(self) -> dict[str, Any]:
        paths = None if self.paths is None else sorted(self.paths)
        return {"generation": self.generation, "paths": paths, "problem": self.problem}
