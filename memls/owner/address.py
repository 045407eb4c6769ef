"""Where the owner of a repository listens, as a file beside the index: `owner.json`, of mode 0600.

A Unix socket, in the index's folder or, where that path is too long for one, in a folder of the user's in the
system's temporary one. Where there are no Unix sockets it is a port on loopback. Either way a caller has to
show the token from the file.
"""

import asyncio
import json
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from memls import __version__
from memls.text import digest

_LONGEST_SOCKET = 100
"""Bytes of a Unix socket's path: 108 on Linux, 104 on BSD, with the end mark."""
STREAM_LIMIT = 1 << 20

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach an owner, and which process it is."""

    socket: str = ""
    port: int = 0
    token: str = field(default="", repr=False)
    pid: int = 0
    version: str = __version__


def find(folder: Path) -> Address | None:
    """The address in an index's folder, or None where there is none, or none that can be read."""
    try:
        return Address(**json.loads(_file(folder).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


async def listen(folder: Path, connected: Connected) -> tuple[asyncio.Server, Address]:
    """Listen, and write the address. Only for the owner: what is left of an earlier one is taken away."""
    token = secrets.token_urlsafe(32)
    if hasattr(asyncio, "start_unix_server"):
        path = _socket_path(folder)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(connected, path, limit=STREAM_LIMIT)
        path.chmod(0o600)
        address = Address(socket=str(path), token=token, pid=os.getpid())
    else:
        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=STREAM_LIMIT)
        port = server.sockets[0].getsockname()[1]
        address = Address(port=port, token=token, pid=os.getpid())
    _write(folder, address)
    return server, address


async def connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream to an owner. Raises OSError where nobody listens (any more)."""
    if address.socket:
        return await asyncio.open_unix_connection(address.socket, limit=STREAM_LIMIT)
    return await asyncio.open_connection("127.0.0.1", address.port, limit=STREAM_LIMIT)


def withdraw(folder: Path, address: Address) -> None:
    """Take away the file and the socket, where they are still ours."""
    if find(folder) == address:
        with suppress(OSError):
            _file(folder).unlink()
        if address.socket:
            with suppress(OSError):
                Path(address.socket).unlink()


def _file(folder: Path) -> Path:
    return folder / "owner.json"


def _write(folder: Path, address: Address) -> None:
    """In one step: a reader sees the whole file or none."""
    new = _file(folder).with_suffix(f".{os.getpid()}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(address), file)
    new.replace(_file(folder))


def _socket_path(folder: Path) -> Path:
    path = folder / "owner.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    own = Path(tempfile.gettempdir(), f"memls-{os.getuid()}")
    with suppress(FileExistsError):
        own.mkdir(mode=0o700)
    status = own.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or own.is_symlink():
        raise OSError(f"{own} is not a folder that belongs to you alone")
    return own / f"{digest(str(folder))[:16]}.sock"
