"""Demand paging: a question that meets what is not read yet waits until it is, for a moment.

As with an operating system's page fault, what is missing is brought in and the question begins anew. A first
build takes minutes, one file of it hundredths of a second.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar

from memls.index.unread import Fault, faulting

if TYPE_CHECKING:
    from memls.store import Store

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds that an editor's request waits; then it is answered from what is there."""


async def paged(store: "Store", work: Callable[[], T], patience: float = PATIENCE) -> T:
    """What `work` gives, run in a thread; it runs again after each fault."""

    def attempt() -> T:
        with faulting():
            return work()

    if store.unread.is_nothing:
        return await asyncio.to_thread(work)
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await _read(store, ())
            while True:
                try:
                    return await asyncio.to_thread(attempt)
                except Fault as fault:
                    wanted = await asyncio.to_thread(_files, store, fault)
                if wanted is None or store.unread.is_stopped:
                    break
                await _read(store, wanted)
    return await asyncio.to_thread(work)


def _files(store: "Store", fault: Fault) -> list[str] | None:
    """What a fault needs, what it needs most first; None where too many would have to be looked through."""
    found: list[Sequence[str]] = [sorted(fault.paths)]
    for name in sorted(fault.names):
        holders = store.holders(name)
        if holders is None:
            return None
        found.append(holders)
    return list(dict.fromkeys(path for row in zip_longest(*found) for path in row if path is not None))


async def _read(store: "Store", paths: Sequence[str]) -> None:
    """Wait until these files are in the index, or nobody will read them."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(done.set)

    withdraw = store.unread.demand(paths, tell)
    try:
        await done.wait()
    finally:
        withdraw()
