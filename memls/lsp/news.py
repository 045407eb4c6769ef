"""The notification `memls/changed`: which files say something else now, to clients that want to hear it.

A branch switch or fast typing makes many changes; they are told of together, a few times a second at most.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from memls.owner.news import MOST, News

CHANGED = "memls/changed"
_PAUSE = 0.2
"""Seconds between two notifications."""
_SOON = 0.03
"""Seconds in which what belongs together arrives."""


class Notices:
    """Changes that wait to be told, by repository. For one event loop."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send
        self._waiting: dict[Path, News] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sent = 0.0

    def add(self, root: Path, news: News) -> None:
        """Tell of this soon."""
        if news.paths is not None and not news.paths:
            return
        self._waiting[root] = _both(self._waiting.get(root), news)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(_SOON, self._sent + _PAUSE - loop.time()), self._flush)

    def close(self) -> None:
        """Tell no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        self._timer = None
        self._sent = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, {}
        for root, news in waiting.items():
            paths = sorted(news.paths or ())
            many = news.paths is None or len(paths) > MOST
            told = {"generation": news.generation, "paths": [] if many else paths, "all": many}
            self._send(CHANGED, {"root": str(root), **told})


def _both(before: News | None, news: News) -> News:
    if before is None:
        return news
    paths = None if before.paths is None or news.paths is None else before.paths | news.paths
    return News(max(before.generation, news.generation), paths)
