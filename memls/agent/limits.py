"""When a run ends whether or not the model is done."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may take. Tokens are prompt and completion together.

    `cost` is in dollars. 0 is no limit on seconds or cost. Seconds are held: a reply that takes longer is cut
    off where it stands. The others are known only once a step is done, so one step may go beyond.
    """

    steps: int = 24
    tokens: int = 2_000_000
    seconds: float = 0.0
    cost: float = 0.0


USUAL = Limits()


class Clock:
    """The time of a run: how much is left, and whether one more model call would fit into it."""

    _SHARE = 0.8

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._started = self._began = time.monotonic()
        self._slowest = 0.0

    def begin(self) -> None:
        """A model call begins."""
        self._began = time.monotonic()

    def left(self) -> float | None:
        """Seconds; None where there is no limit."""
        return max(0.0, self._seconds - (time.monotonic() - self._started)) if self._seconds else None

    def over(self) -> bool:
        return self.left() == 0.0

    def spare(self) -> float | None:
        """Seconds that something beside the answer may take, so that two more calls fit after it; None where
        there is no limit, 0 where it is too late for a call like those so far."""
        left = self.left()
        if left is None:
            return None
        spare = left - max(2 * self._slowest, (1 - self._SHARE) * self._seconds)
        return spare if spare > self._slowest else 0.0

    def near(self) -> bool:
        """Whether only the answer still fits, as long as the longest call so far."""
        self._slowest = max(self._slowest, time.monotonic() - self._began)
        left = self.left()
        return left is not None and (left < self._slowest or left < (1 - self._SHARE) * self._seconds)
