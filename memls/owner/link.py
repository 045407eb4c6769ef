"""Reaching the owner of a repository from another process."""

import asyncio
from pathlib import Path

from memls import __version__
from memls.errors import LostError, MachineError, MemlsError
from memls.owner import address
from memls.owner.peer import Handler, Notified, Peer

_PATIENCE = 5.0
"""Seconds for an owner to answer: it has a thread for that alone."""


class OtherVersionError(MachineError):
    """The owner runs another memls: the two do not talk to each other."""


async def reach(folder: Path, handler: Handler, notified: Notified) -> tuple[Peer, "asyncio.Task[None]"]:
    """A connection to the owner whose index is in `folder`, and the task that reads it.

    Raises LostError where no owner listens, OtherVersionError with both versions.
    """
    found = address.find(folder)
    if found is None:
        raise LostError("no owner listens")
    if found.version != __version__:
        raise OtherVersionError(
            f"process {found.pid} has this repository open with memls {found.version}, and this is memls "
            f"{__version__}: end or update that one"
        )
    try:
        reader, writer = await address.connect(found)
    except OSError as error:
        raise LostError(f"the owner's socket is dead: {error}") from error
    peer = Peer(reader, writer, handler, notified)
    reading = asyncio.create_task(peer.run())
    try:
        async with asyncio.timeout(_PATIENCE):
            await peer.call("hello", {"token": found.token, "version": __version__})
    except TimeoutError:
        reading.cancel()
        peer.close()
        raise LostError(f"process {found.pid} owns the repository and does not answer") from None
    except BaseException as error:
        reading.cancel()
        peer.close()
        if isinstance(error, MemlsError) and not isinstance(error, LostError):
            raise LostError(str(error)) from error  # the file is of another owner by now
        raise
    return peer, reading
