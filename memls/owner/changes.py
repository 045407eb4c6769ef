"""Files that a client says have changed, on their way into the index."""

import asyncio
import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from memls.errors import MemlsError
from memls.owner.threads import alone

if TYPE_CHECKING:
    from memls.store import Store


log = logging.getLogger(__name__)


class Changes:
    """Has a store look at files, one batch after the other: what comes meanwhile is the next batch.

    An editor may tell of each of a thousand files by itself. For one event loop.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._paths: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    def add(self, paths: Iterable[str]) -> None:
        """Have these looked at soon."""
        self._paths.update(paths)
        if self._paths and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while self._paths:
            paths, self._paths = sorted(self._paths), set()
            try:
                await alone(partial(self._store.update, paths))
            except MemlsError as error:
                log.warning("changed files are not looked at: %s", error)
