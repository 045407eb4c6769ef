"""The read ledger: which lines were read, at which content. What citations are checked against.

It outlives eviction: a region that was resident while answering counts as read even after its page went
out, as long as the text has not changed since.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from memls.memory.pages import Shown


@dataclass(slots=True)
class Reading:
    """The lines read of one file at one content, by number."""

    view_hash: str
    lines: dict[int, str] = field(default_factory=dict)

    def covers(self, start: int, end: int) -> bool:
        return all(number in self.lines for number in range(start, end + 1))

    def text(self, start: int, end: int) -> str:
        return "\n".join(self.lines[number] for number in range(start, end + 1))


@dataclass(frozen=True, slots=True)
class Row:
    """One line as a search shows it, without the space around it. `shown` is the row as it stands there, and
    `whole` whether all of the line stands in it.
    """

    path: str
    line: int
    text: str
    shown: str
    whole: bool = True


class Ledger:
    """Readings by path, the newest content last."""

    def __init__(self) -> None:
        self._readings: dict[str, list[Reading]] = {}
        self._rows: dict[str, dict[int, str]] = {}
        self._cut: dict[str, set[int]] = {}

    def record(self, shown: Shown) -> None:
        """Note that these lines of a page stood in main context."""
        if shown.lines:
            self.record_lines(shown.path, shown.view_hash, dict(shown.lines))

    def record_lines(self, path: str, view_hash: str, lines: Mapping[int, str]) -> None:
        """Note that these lines of a file were read, at this content."""
        self._at(path, view_hash).lines.update(lines)

    def record_row(self, row: "Row") -> None:
        """Note that one line stood in main context as a row of a search: what was cut is known as such."""
        if row.whole:
            self._rows.setdefault(row.path, {})[row.line] = row.text
        else:
            self._cut.setdefault(row.path, set()).add(row.line)

    def _at(self, path: str, view_hash: str) -> Reading:
        """The reading of a file at one content, now the newest."""
        readings = self._readings.setdefault(path, [])
        reading = next((r for r in readings if r.view_hash == view_hash), None)
        if reading is None:
            reading = Reading(view_hash)
        else:
            readings.remove(reading)
        readings.append(reading)
        return reading

    def rows(self, path: str) -> Mapping[int, str]:
        """The lines of a file that were seen as rows, without the space around them."""
        return self._rows.get(path, {})

    def cut(self, path: str) -> Collection[int]:
        """The lines of a file of which a row showed the beginning."""
        return self._cut.get(path, ())

    def readings(self, path: str) -> list[Reading]:
        """Readings of a file, newest first."""
        return list(reversed(self._readings.get(path, [])))

    def paths(self) -> list[str]:
        """Files of which anything was seen."""
        return list(dict.fromkeys((*self._readings, *self._rows)))
