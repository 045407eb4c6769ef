"""What a server answered about one position, and where two servers agree."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from comparison.positions import Position

Place = tuple[str, int]
"""Path and line from 0. Below the repository the path is relative, with symbolic links followed."""

Truth = Literal["same file", "other file", "outside", "no answer"]
"""Where the peer leads: within the file of the use, elsewhere in the repository, out of it, nowhere."""

Verdict = Literal[
    "resolved, the same",
    "resolved, declared there",
    "resolved, behind its import",
    "resolved, different",
    "candidates, first is the same",
    "candidates, the same among them",
    "candidates, all different",
    "no answer",
]

TRUTHS: Sequence[Truth] = ("same file", "other file", "outside", "no answer")
VERDICTS: Sequence[Verdict] = (
    "resolved, the same",
    "resolved, declared there",
    "resolved, behind its import",
    "resolved, different",
    "candidates, first is the same",
    "candidates, the same among them",
    "candidates, all different",
    "no answer",
)

RIGHT: Sequence[Verdict] = ("resolved, the same", "resolved, declared there", "resolved, behind its import")

_CANDIDATE = re.compile(r"^`?candidate ", re.M)


@dataclass(frozen=True)
class Given:
    """What a server says of a position. `sure` is False where its hover speaks of candidates."""

    places: tuple[Place, ...]
    declared: tuple[Place, ...] = ()
    behind: frozenset[str] = frozenset()
    """Where the answer is an import of the same file: the files that the server leads to from there."""
    sure: bool = True
    error: str = ""


@dataclass(frozen=True)
class Pair:
    """Both servers' word on one position."""

    position: Position
    ours: Given
    theirs: Given

    @property
    def is_definition(self) -> bool:
        """Whether a server says that the name is defined where it stands: then there is nothing to find."""
        here = (self.position.path, self.position.line)
        return here in self.theirs.places or (not self.theirs.places and here in self.ours.places)

    @property
    def truth(self) -> Truth:
        places = self.theirs.places
        if not places:
            return "no answer"
        inside = [path for path, _ in places if not path.startswith("/")]
        if not inside:
            return "outside"
        return "same file" if self.position.path in inside else "other file"

    @property
    def verdict(self) -> Verdict:
        ours, theirs = self.ours.places, set(self.theirs.places)
        if not ours:
            return "no answer"
        if self.ours.sure:
            if ours[0] in theirs:
                return "resolved, the same"
            if ours[0] in self.theirs.declared:
                return "resolved, declared there"
            return (
                "resolved, behind its import" if ours[0][0] in self.theirs.behind else "resolved, different"
            )
        if ours[0] in theirs:
            return "candidates, first is the same"
        same = theirs.intersection(ours)
        return "candidates, the same among them" if same else "candidates, all different"


def tally(pairs: Iterable[Pair]) -> Counter[tuple[Verdict, Truth]]:
    """How often each verdict came with each place that the peer leads to."""
    return Counter((pair.verdict, pair.truth) for pair in pairs if not pair.is_definition)


def places(result: Any, root: Path) -> tuple[Place, ...]:
    """The locations of a definition's answer, in its order; links and single locations are taken too."""
    found: dict[Place, None] = {}
    for one in result if isinstance(result, list) else [result] if result else []:
        uri = one.get("uri") or one["targetUri"]
        span = one.get("range") or one["targetSelectionRange"]
        found[_relative(uri, root), span["start"]["line"]] = None
    return tuple(found)


def is_sure(hover: Any) -> bool:
    """Whether a hover leaves no doubt. Only memls marks what it has not resolved as `candidate`."""
    contents = (hover or {}).get("contents")
    text = contents.get("value", "") if isinstance(contents, dict) else str(contents)
    return not _CANDIDATE.search(text)


def _relative(uri: str, root: Path) -> str:
    path = Path(os.path.realpath(unquote(urlsplit(uri).path)))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
