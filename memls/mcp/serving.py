"""`memls mcp` over standard input and output, and over streamable HTTP behind the guard of `memls serve`."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memls.config import model_config
from memls.errors import UsageError
from memls.owner.pool import Pool

if TYPE_CHECKING:
    from memls.http.serving import Where
    from memls.owner.host import Feature

_PATH = "/mcp"
_SESSIONS = 64


def serve(
    roots: Sequence[Path], where: "Where | None", feature: "Feature", tell: Callable[[str], None]
) -> int:
    """Serve until the client leaves, or a signal; the exit code. `where` None: standard input and output."""
    require_packages()
    if where is not None:
        return asyncio.run(_over_http(roots, where, feature, tell))
    asyncio.run(_over_stdio(roots, feature, tell))
    # A thread may still wait for a line of input, which nobody can take from it.
    sys.stdout.flush()
    os._exit(0)


def require_packages() -> None:
    """Raises UsageError where the SDK, or what it needs, is not installed."""
    try:
        import mcp  # noqa: F401

        from memls.http.metrics import Metrics  # noqa: F401
    except ImportError as error:
        raise UsageError(f"memls mcp needs the package {error.name}: pip install 'memls[mcp]'") from None


async def _over_stdio(roots: Sequence[Path], feature: "Feature", tell: Callable[[str], None]) -> None:
    from memls.http.service import Service
    from memls.http.serving import start_log
    from memls.mcp.server import make_server

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Pool(roots, feature, tell) as pool:
        server = make_server(Service(pool, model_config()))
        start_log()
        running = asyncio.create_task(server.run_stdio_async())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        running.cancel()
        await asyncio.wait((running,), timeout=2.0)


async def _over_http(
    roots: Sequence[Path], where: "Where", feature: "Feature", tell: Callable[[str], None]
) -> int:
    from mcp.server.transport_security import TransportSecuritySettings

    from memls.http import serving
    from memls.http.guard import Guard
    from memls.http.service import Bounds, Service
    from memls.mcp.server import make_server

    listener = serving.listen(where)
    serving.start_log()
    async with Pool(roots, feature, tell) as pool:
        service = Service(pool, model_config(), Bounds(drain=5.0))
        application = make_server(service).streamable_http_app(
            streamable_http_path=_PATH,
            max_sessions=_SESSIONS,
            # the guard has seen Host and Origin
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        guard = Guard(application, where.token, where.host, service.metrics.count, where.allowed)
        address = f"http://{where.host}:{{port}}{_PATH}"
        await serving.host(guard, service, listener, tell, address, lifespan="on")
    return 0
