"""What every request passes: who may ask, from where, and how much; and what is told of it.

Plain ASGI around the application. Without the token nothing answers but `/healthz`. A Host that is not ours
is a page elsewhere whose name was made to lead here (DNS rebinding); an Origin that is not ours is one that
has a browser send what its user did not. The log has no query, no body and no name that a client chose.
"""

import asyncio
import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Count = Callable[[str, str, float], None]
"""Hears of every request: its route, its status, its seconds."""
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH = "/healthz"
LONGEST_BODY = 1 << 20
"""Bytes."""
_LONGEST_TARGET = 8192
_LONGEST_HEADERS = 32_768
_BODY_SECONDS = 20.0
"""How long a body may take to come."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ONCE = (b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type", b"origin")
"""Headers that make a request two different ones where they stand twice."""
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_CLOSED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_SIGN_IN = (
    b"<!doctype html><meta charset=utf-8><title>memls</title><p>Open the address that <code>memls serve"
    b"</code> prints on its terminal: <code>/?token=</code> and the token, which is in the file it names.</p>"
)
log = logging.getLogger("memls.http.access")


class RefusedError(Exception):
    """The answer to a request that is not let in. `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class _Watched:
    """What is known of a request for the log."""

    started: float = field(default_factory=time.monotonic)
    identity: str = field(default_factory=lambda: secrets.token_hex(6))
    status: int = 0
    sent: int = 0


class Guard:
    """Wraps an application. `port` 0: not known yet, set before the first request."""

    def __init__(self, app: App, token: str, host: str, count: Count, allowed: tuple[str, ...] = ()) -> None:
        """`allowed`: further names by which clients may reach us, such as a proxy's."""
        self._app = app
        self._token = token.encode()
        self._names = {*_LOOPBACK, host.lower(), *map(str.lower, allowed)}
        self._count = count
        self.port = 0

    @property
    def cookie(self) -> str:
        """The cookie's name: servers on other ports of the machine share a browser's cookies."""
        return f"memls-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        watched = _Watched()
        scope.setdefault("state", {})["request"] = watched.identity
        try:
            self._check(scope)
            await self._app(scope, _bounded(scope, receive), self._watching(send, watched))
        except RefusedError as refusal:
            await _refuse(scope, self._watching(send, watched), refusal)
        finally:
            self._note(scope, watched)

    def _check(self, scope: Scope) -> None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LONGEST_HEADERS:
            raise RefusedError(431, f"the headers are longer than {_LONGEST_HEADERS:,} bytes")
        if any(len(headers.get(name, ())) > 1 for name in _ONCE):
            raise RefusedError(400, "a header that stands once in a request stands in this one twice")
        if b"content-length" in headers and b"transfer-encoding" in headers:
            raise RefusedError(400, "a request has a length or is in chunks, and not both")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _LONGEST_TARGET:
            raise RefusedError(414, f"the address is longer than {_LONGEST_TARGET:,} bytes")
        if b"\0" in (scope.get("raw_path") or b"") or "\0" in scope["path"]:
            raise RefusedError(400, "the address holds a NUL")
        host = _one(headers, b"host")
        if not self._is_ours(host):
            raise RefusedError(421, "this Host is not served here (--allow-host NAME serves it)")
        origin = _one(headers, b"origin")
        if origin and not self._is_own_origin(origin, host):
            raise RefusedError(403, "requests of other origins are not answered")
        if scope["path"] == HEALTH and scope["type"] == "http":
            return
        if not self._has_token(scope, headers):
            raise RefusedError(401, "show the token: Authorization: Bearer TOKEN")
        length = _one(headers, b"content-length")
        if length.isdecimal() and int(length) > LONGEST_BODY:
            raise RefusedError(413, f"the body is larger than {LONGEST_BODY:,} bytes")

    def _is_ours(self, host: str) -> bool:
        name, port = _split(host)
        return name in self._names and (port in ("", str(self.port)) or name not in _LOOPBACK)

    def _is_own_origin(self, origin: str, host: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()

    def _has_token(self, scope: Scope, headers: dict[bytes, list[bytes]]) -> bool:
        scheme, _, shown = _one(headers, b"authorization").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(shown.strip()):
            return True
        if self._is_token(self._of_cookie(headers)):
            return True
        # a browser's first visit: the page's own handler puts it into a cookie
        first = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        return first and self._is_token(query_token(scope))

    def _is_token(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self._token)

    def _of_cookie(self, headers: dict[bytes, list[bytes]]) -> str:
        try:
            found = SimpleCookie(b"; ".join(headers.get(b"cookie", ())).decode("latin-1")).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found else ""

    def _watching(self, send: Send, watched: _Watched) -> Send:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start":
                watched.status = message["status"]
                message["headers"] = _secured(message.get("headers", ()), watched.identity)
            elif message["type"] == "http.response.body":
                watched.sent += len(message.get("body", b""))
            elif message["type"] == "websocket.accept":
                watched.status = 101
            await send(message)

        return watching

    def _note(self, scope: Scope, watched: _Watched) -> None:
        route = scope.get("state", {}).get("route", "")
        took = time.monotonic() - watched.started
        status = str(watched.status or 499)  # 499: the client was gone before an answer
        self._count(route, status, took)
        row = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "request": watched.identity,
            "method": scope.get("method", "WEBSOCKET"), "route": route, "status": int(status),
            "ms": round(1000 * took, 1), "bytes": watched.sent,
        }  # fmt: skip
        log.info(json.dumps(row))


def query_token(scope: Scope) -> str:
    """The token in the address that a browser is first opened with."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _one(headers: dict[bytes, list[bytes]], name: bytes) -> str:
    return headers.get(name, [b""])[0].decode("latin-1")


def _split(host: str) -> tuple[str, str]:
    """`name:port`, `[address]:port`."""
    name, colon, port = host.lower().rpartition(":")
    return (name, port) if colon and not host.endswith("]") else (host.lower(), "")


def _secured(headers: Any, identity: str) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    names = {name.lower() for name, _ in given}
    more = [pair for pair in (*_SECURITY, _CLOSED) if pair[0] not in names]
    return [*given, *more, (b"x-request-id", identity.encode())]


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """A body is measured as it comes, and waited for so long."""
    if scope["type"] != "http":
        return receive
    taken, is_whole = 0, False
    end = time.monotonic() + _BODY_SECONDS

    async def bounded() -> Message:
        nonlocal taken, is_whole
        try:
            async with asyncio.timeout(None if is_whole else end - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise RefusedError(408, f"the body did not come within {_BODY_SECONDS:g} seconds") from None
        taken += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if taken > LONGEST_BODY:
            raise RefusedError(413, f"the body is larger than {LONGEST_BODY:,} bytes")
        return message

    return bounded


async def _refuse(scope: Scope, send: Send, refusal: RefusedError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4000 + refusal.status})
        return
    kind, body = (
        b"application/json",
        json.dumps({"error": {"message": str(refusal), "type": "refused"}}).encode(),
    )
    if refusal.status == 401 and any(n == b"accept" and b"text/html" in v for n, v in scope["headers"]):
        kind, body = b"text/html; charset=utf-8", _SIGN_IN
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="memls"'))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
