"""Answers that were given before, by question, model and the code that they rest on.

An answer holds as long as every region that it cites or had paged in has the same text, wherever that stands
by now. What it might have said of code that it never read is not seen by this: `--no-cache` asks anew.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memls import __version__
from memls.config import ModelConfig
from memls.events import Answer, Citation, answer_of
from memls.text import digest

_FORM = 1
_MOST = 5000
"""Answers in a file, those used last."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `basis`: the regions it rests on; `passed`: the citations of the last one that passed."""

    answer: Answer
    basis: tuple[Citation, ...]
    passed: tuple[Citation, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "answer": self.answer.as_json(),
            "basis": [asdict(one) for one in self.basis],
            "passed": [asdict(one) for one in self.passed],
        }


class Answers:
    """The file of them. What is damaged, or of another version, is as if it were not there."""

    def __init__(self, file: Path | None) -> None:
        """None: nothing is known, and nothing kept."""
        self._file = file
        self._kept = _load(file) if file else {}
        self._new: dict[str, Any] = {}

    def get(self, key: str) -> Kept | None:
        row = self._new.get(key) or self._kept.get(key)
        with suppress(LookupError, TypeError, ValueError):
            if row is not None:
                basis, passed = ([Citation(**one) for one in row[part]] for part in ("basis", "passed"))
                return Kept(answer_of(row["answer"]), tuple(basis), tuple(passed))
        return None

    def put(self, key: str, kept: Kept) -> None:
        """Keep an answer, or say that it was of use."""
        self._new.pop(key, None)
        self._new[key] = kept.as_json()

    def save(self) -> None:
        """Write the file, with what other processes wrote meanwhile. Raises OSError."""
        if self._file is None or not self._new:
            return
        rows = {key: row for key, row in _load(self._file).items() if key not in self._new} | self._new
        rows = dict(list(rows.items())[-_MOST:])
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._file.with_name(f"{self._file.name}.part")
        part.write_text(json.dumps({"form": _FORM, "answers": rows}), "utf-8")
        part.chmod(0o600)
        part.replace(self._file)


def key_of(question: str, model: ModelConfig, sample: int) -> str:
    """What an answer is kept under: everything that it depends on beside the code."""
    parts = [question, model.name, model.base_url, model.window, sample, __version__]
    return digest(json.dumps(parts))


def _load(file: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError, AttributeError):
        found = json.loads(file.read_text("utf-8"))
        if found.get("form") == _FORM and isinstance(found["answers"], dict):
            answers: dict[str, Any] = found["answers"]
            return answers
    return {}


def still_hold(basis: Sequence[Citation], now: Sequence[Citation]) -> bool:
    """Whether every region has its text still."""
    return bool(basis) and all(one.status in ("verified", "moved") for one in now)
