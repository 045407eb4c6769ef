"""`memls serve`: the service in a process of its own, from its first word to its last answer."""

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memls.config import model_config
from memls.errors import MachineError, UsageError
from memls.owner.pool import Pool

if TYPE_CHECKING:
    from memls.http.guard import Guard
    from memls.http.service import Bounds, Service
    from memls.owner.host import Feature

_MORE = 5
"""Seconds over the time to drain, after which connections are cut."""
_LONGEST_HEADERS = 32_768
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Where:
    """The address, what clients may call it, and the token that they show."""

    host: str
    port: int
    token: str
    allowed: tuple[str, ...] = ()


def require_packages() -> None:
    """Raises UsageError where what it is served with is not installed."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401

        from memls.http.metrics import Metrics  # noqa: F401
    except ImportError as error:
        raise UsageError(f"memls serve needs the package {error.name}: pip install 'memls[serve]'") from None


def serve(
    roots: Sequence[Path], where: Where, bounds: "Bounds", feature: "Feature", tell: Callable[[str], None]
) -> int:
    """Serve until interrupted; the exit code. `tell` hears the address, and problems."""
    listener = listen(where)
    start_log()
    return asyncio.run(_serve(roots, where, bounds, feature, tell, listener))


async def _serve(
    roots: Sequence[Path], where: Where, bounds: "Bounds", feature: "Feature", tell: Callable[[str], None],
    listener: socket.socket,
) -> int:  # fmt: skip
    from memls.http.application import make_guard
    from memls.http.service import Service

    async with Pool(roots, feature, tell) as pool:
        service = Service(pool, model_config(), bounds)
        guard = make_guard(service, where.token, where.host, where.allowed)
        await host(guard, service, listener, tell, f"http://{where.host}:{{port}}/")
    return 0


async def host(
    guard: "Guard", service: "Service", listener: socket.socket, tell: Callable[[str], None], address: str,
    *, lifespan: Literal["on", "off"] = "off",
) -> None:  # fmt: skip
    """Run a guarded application until a signal ends it. `address` is told with its port filled in."""
    import uvicorn

    from memls.http.connection import Connection
    from memls.http.leaving import Server

    guard.port = listener.getsockname()[1]
    config = uvicorn.Config(
        guard, http=Connection, ws="websockets-sansio", lifespan=lifespan, log_config=None, access_log=False,
        server_header=False, proxy_headers=False, ws_max_size=16 << 20,
        h11_max_incomplete_event_size=_LONGEST_HEADERS, timeout_keep_alive=15,
        timeout_graceful_shutdown=round(service.bounds.drain) + _MORE,
    )  # fmt: skip
    tell(f"listening on {address.format(port=guard.port)}")
    await Server(config, service, tell).serve([listener])


def listen(where: Where) -> socket.socket:
    """A socket at an address. Raises MachineError where that is taken."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((where.host, where.port))
        listener.listen(_BACKLOG)  # who connects from now on waits, and is not refused
    except OSError as error:
        listener.close()
        address = f"{where.host}:{where.port}"
        raise MachineError(f"cannot listen on {address}: {error.strerror or error}") from error
    return listener


def start_log() -> None:
    """A line of JSON for each request, and what goes wrong, on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.getLogger("memls").setLevel(logging.WARNING)
    logging.getLogger("memls.http.access").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # a client's nonsense is an error to it
    for name in ("memls", "mcp", "uvicorn"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).propagate = False


class _Lines(logging.Formatter):
    """One line a record, whatever it holds."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "memls.http.access":
            return record.getMessage()
        row = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json.dumps(row)
