"""Two processes that call each other over one stream: requests with events on the way, either way round.

A message is a JSON object behind its length in four bytes. Both ends may call, notify and cancel; results of
a cancelled call are dropped. Errors made for the reader arrive as what they were.
"""

import asyncio
import json
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any

from memls import errors
from memls.errors import LostError, MemlsError

Emit = Callable[[Any], None]
Handler = Callable[[str, Any, Emit], Awaitable[Any]]
"""Answers a call: its method, its parameters, and what sends an event to the caller."""
Notified = Callable[[str, Any], None]

_LENGTH = struct.Struct(">I")
LONGEST = 1 << 30
STRANGERS_LONGEST = 1 << 16
"""Bytes of a message, of a known caller and of one who has not shown the token."""
log = logging.getLogger(__name__)


class Peer:
    """One end of a connection. `run` reads until the other end is gone; nothing arrives outside it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, notified: Notified
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._notified = notified
        self.longest = LONGEST
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._events: dict[int, Emit] = {}
        self._serving: dict[int, asyncio.Task[None]] = {}

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._writer.is_closing()

    async def run(self) -> None:
        """Read until the connection ends; calls that wait then fail with LostError, ours are cancelled."""
        try:
            while True:
                self._take(await self._read())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            log.warning("connection closed, for it brought nonsense: %s", error)
        finally:
            self.close()

    async def call(self, method: str, params: Any, on_event: Emit | None = None) -> Any:
        """The other end's answer. Raises its error, or LostError. Cancelling this cancels the work there."""
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        if on_event:
            self._events[number] = on_event
        try:
            self._send({"id": number, "method": method, "params": params})
            await self._drain()
            return await future
        except asyncio.CancelledError:
            if not self._writer.is_closing():
                self._send({"cancel": number})
            raise
        finally:
            self._waiting.pop(number, None)
            self._events.pop(number, None)

    def notify(self, method: str, params: Any) -> None:
        """Tell the other end. Told before a call, it is heard before it."""
        if not self._writer.is_closing():
            self._send({"method": method, "params": params})

    def close(self) -> None:
        """End the connection: what waits fails, what runs for the other end is cancelled."""
        self._writer.close()
        for task in tuple(self._serving.values()):
            task.cancel()
        for future in tuple(self._waiting.values()):
            if not future.done():
                future.set_exception(LostError("the process that owns the repository ended"))

    async def _read(self) -> Mapping[str, Any]:
        (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
        if length > self.longest:
            raise ValueError(f"a message of {length:,} bytes")
        message = json.loads(await self._reader.readexactly(length))
        if not isinstance(message, dict):
            raise ValueError("a message is not an object")
        return message

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._writer.is_closing():
            raise LostError("the process that owns the repository ended")
        self._writer.write(_encoded(message))

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except OSError as error:
            raise LostError(str(error)) from error

    def _take(self, message: Mapping[str, Any]) -> None:
        if "cancel" in message:
            if task := self._serving.get(message["cancel"]):
                task.cancel()
        elif "event" in message:
            if emit := self._events.get(message["id"]):
                emit(message["event"])
        elif "method" not in message:
            self._settle(message)
        elif "id" not in message:
            self._notified(message["method"], message.get("params"))
        else:
            number = message["id"]
            task = asyncio.create_task(self._serve(number, message["method"], message.get("params")))
            self._serving[number] = task
            task.add_done_callback(lambda _: self._serving.pop(number, None))

    def _settle(self, message: Mapping[str, Any]) -> None:
        future = self._waiting.get(message.get("id", 0))
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(_revived(message["error"]))
        else:
            future.set_result(message.get("result"))

    async def _serve(self, number: int, method: str, params: Any) -> None:
        def emit(event: Any) -> None:
            if not self._writer.is_closing():
                self._send({"id": number, "event": event})

        try:
            data = _encoded({"id": number, "result": await self._handler(method, params, emit)})
        except asyncio.CancelledError:
            return
        except MemlsError as error:
            data = _encoded({"id": number, "error": {"kind": type(error).__name__, "message": str(error)}})
        except Exception as error:
            log.exception("%s failed", method)
            told = {"kind": "MemlsError", "message": f"internal error: {error}"}
            data = _encoded({"id": number, "error": told})
        if not self._writer.is_closing():
            self._writer.write(data)


def _encoded(message: Mapping[str, Any]) -> bytes:
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(data)) + data


async def no_calls(method: str, params: object, emit: object) -> None:
    """The handler of one who is asked nothing."""
    raise MemlsError(f"nothing here answers {method!r}")


def no_news(method: str, params: object) -> None:
    """The listener of one who is told nothing."""


def _revived(error: Mapping[str, str]) -> MemlsError:
    """An error of the other process as the class it was there, where the class is known."""
    kind = getattr(errors, error.get("kind", ""), MemlsError)
    known = isinstance(kind, type) and issubclass(kind, MemlsError)
    return (kind if known else MemlsError)(error.get("message", "unknown error"))
