"""Several repositories in one process: each opened when it is asked for, closed when nobody has for a while.

What serves HTTP and MCP clients calls. All of it is for one event loop.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memls.errors import MachineError, UsageError
from memls.owner.access import Access
from memls.owner.peer import no_calls

if TYPE_CHECKING:
    from memls.owner.host import Feature

IDLE = 900.0
"""Seconds after which a repository that nobody asks is closed."""
MOST = 8
"""Repositories open at a time; above it the one that nobody has asked for longest is closed first."""


@dataclass(slots=True)
class _Held:
    """One open repository, and who uses it."""

    access: Access
    task: "asyncio.Task[None]" = field(repr=False)
    users: int = 0
    used: float = 0.0


class Pool:
    """Use as an async context manager: at its end all are closed."""

    def __init__(
        self,
        roots: Sequence[Path],
        feature: "Feature",
        tell: Callable[[str], None],
        *,
        idle: float = IDLE,
        most: int = MOST,
    ) -> None:
        """`feature` answers editors that come while this process owns a repository; `tell` hears problems."""
        self.roots = named(roots)
        self._feature = feature
        self._tell = tell
        self._idle = idle
        self._most = most
        self._held: dict[str, _Held] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Pool":
        self._sweeping = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        for name in tuple(self._held):
            self._close(name)
        if self._closing:
            await asyncio.wait(self._closing)

    @property
    def opened(self) -> dict[str, Access]:
        """Those that are open now, by name."""
        return {name: held.access for name, held in self._held.items()}

    def name(self, given: str | None) -> str:
        """The repository that a client names; where there is one alone it need not. Raises UsageError."""
        known = ", ".join(self.roots)
        if given is None:
            if len(self.roots) == 1:
                return next(iter(self.roots))
            raise UsageError(f"name a repository: {known}")
        if given not in self.roots:
            raise UsageError(f"no repository is named {given!r}; there are: {known}")
        return given

    @asynccontextmanager
    async def use(self, given: str | None = None) -> AsyncGenerator[Access, None]:
        """A repository by its name. While it is used it stays open. Raises UsageError."""
        name = self.name(given)
        held = self._held.get(name)
        if held is None or held.task.done():
            held = self._open(name)
        held.users += 1
        try:
            yield held.access
        finally:
            held.users -= 1
            held.used = time.monotonic()

    def _open(self, name: str) -> _Held:
        root = self.roots[name]
        if not root.is_dir():
            raise MachineError(f"{root} is not there any more")
        self._make_room()
        access = Access(root, self._feature, self._tell, no_calls, lambda _: None)
        task = asyncio.create_task(access.run())
        task.add_done_callback(lambda _: access.closed())
        self._held[name] = held = _Held(access, task, used=time.monotonic())
        return held

    def _make_room(self) -> None:
        idle = sorted((held.used, name) for name, held in self._held.items() if not held.users)
        for _, name in idle[: max(0, len(self._held) + 1 - self._most)]:
            self._close(name)

    def _close(self, name: str) -> None:
        task = self._held.pop(name).task
        task.cancel()
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._idle / 10)
            late = time.monotonic() - self._idle
            for name in [n for n, held in self._held.items() if not held.users and held.used < late]:
                self._close(name)


def named(roots: Sequence[Path]) -> dict[str, Path]:
    """Repositories by the shortest end of their path that only one of them has; each once."""
    unique = list(dict.fromkeys(roots))
    names: dict[str, Path] = {}
    for root in unique:
        others = [other for other in unique if other != root]
        length = 1
        while length < len(root.parts) and any(o.parts[-length:] == root.parts[-length:] for o in others):
            length += 1
        names["/".join(part for part in root.parts[-length:] if part != root.anchor) or "root"] = root
    return names
