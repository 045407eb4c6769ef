"""What the owner of a repository tells everybody who has it open: that the index says something else now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from memls.index.builder import Report

MOST = 200
"""Paths that are named."""


@dataclass(frozen=True, slots=True)
class News:
    """The generation now, and the files that changed; None for too many, or where nobody knows which."""

    generation: int
    paths: frozenset[str] | None

    @classmethod
    def of_report(cls, report: "Report") -> Self:
        return cls(report.generation, report.changed if len(report.changed) <= MOST else None)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        paths = data["paths"]
        return cls(data["generation"], None if paths is None else frozenset(paths))

    def as_json(self) -> dict[str, Any]:
        return {"generation": self.generation, "paths": None if self.paths is None else sorted(self.paths)}
