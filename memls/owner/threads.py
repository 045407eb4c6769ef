"""Work that must not keep an event loop waiting, and must not be left half done when it is cancelled."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def alone(work: Callable[[], T]) -> T:
    """What `work` gives, in a thread of its own: builds take minutes, and the loop's pool is for look-ups.

    It runs on when this is cancelled.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as failure:
            error = failure
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the loop has ended
            return

    threading.Thread(target=run, name="memls-work", daemon=True).start()
    return await done


async def unbroken(work: Callable[[], T], undo: Callable[[T], None]) -> T:
    """What `work` gives. When this is cancelled meanwhile, the work is finished and undone first."""
    task = asyncio.ensure_future(alone(work))
    if await _until_done(task):
        if not task.exception():
            await finish(lambda: undo(task.result()))
        raise asyncio.CancelledError
    return task.result()


async def finish(*steps: Callable[[], None]) -> None:
    """Blocking steps in their order, to the end also when this is cancelled meanwhile."""

    def work() -> None:
        for step in steps:
            step()

    task = asyncio.ensure_future(alone(work))
    if await _until_done(task):
        raise asyncio.CancelledError
    task.result()


async def _until_done(task: "asyncio.Task[T]") -> bool:
    """Wait, however often this is cancelled. Whether it was."""
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    return cancelled
