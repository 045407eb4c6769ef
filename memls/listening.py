"""Where a server listens, and the token that its clients have to show."""

import contextlib
import os
import secrets
from pathlib import Path

from memls.errors import MachineError, UsageError


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, or a port alone, which is on loopback."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"not an address: {address!r}; it is HOST:PORT, such as 127.0.0.1:7777")
    return host.strip("[]") or "127.0.0.1", int(port)


def token_of(file: Path) -> str:
    """The token in a file, made where there is none. Raises UsageError where others can read it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as new:
                new.write(secrets.token_urlsafe(32))
        if file.stat().st_mode & 0o077 and os.name == "posix":
            raise UsageError(f"{file} can be read by others: chmod 600 it, or delete it for a new token")
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MachineError(f"cannot use the token file {file}: {error}") from error
    if len(token) < 16:
        raise UsageError(f"the token in {file} is too short; delete it for a new one")
    return token
