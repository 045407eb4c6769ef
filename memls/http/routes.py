"""The table of routes: what each takes is checked by the same schema that OpenAPI tells its readers.

A handler gets the service and a `Call`: parameters of path and query by their types, and the body.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from memls.errors import MemlsError, ModelError, NotFoundError, UsageError
from memls.http.service import CrowdedError, Service, UnreadyError
from memls.text import shorten

Schema = Mapping[str, Any]

_STATUS = (
    (CrowdedError, 429), (UnreadyError, 503), (NotFoundError, 404), (UsageError, 400), (ModelError, 502),
    (MemlsError, 503),
)  # fmt: skip
_RETRY_AFTER = "2"
_DEEPEST = 32
_LONGEST = 300
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was found right."""

    request: Request
    values: Mapping[str, Any]
    """Parameters of the path and the query. What is not given and has no default is not there."""
    body: Any = None

    @property
    def repository(self) -> str | None:
        given: str | None = self.values.get("repo") or (
            self.body.get("repo") if isinstance(self.body, dict) else None
        )
        return given


Handler = Callable[[Service, Call], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """One address. Its handler gives a response, or what is sent as JSON; None: there is nothing to send."""

    method: str
    path: str
    about: str
    handler: Handler
    query: Mapping[str, Schema] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """Parameters that have to be given."""
    body: Schema | None = None
    answer: Any = None
    """The type of the answer, for OpenAPI; None: an object."""
    open: bool = False
    """Whether it answers without the token."""

    @cached_property
    def _bodies(self) -> Draft202012Validator:
        return Draft202012Validator(self.body or {})

    async def call(self, service: Service, request: Request) -> Response:
        """Check a request, answer it, and say in one line what is wrong with it."""
        request.scope.setdefault("state", {})["route"] = f"{self.method} {self.path}"
        try:
            values = self._values(request)
            body = self._checked(await request.body(), request) if self.body is not None else None
            answer = await self.handler(service, Call(request, values, body))
        except MemlsError as error:
            return failure(error)
        if isinstance(answer, Response):
            return answer
        return JSONResponse(answer) if answer is not None else Response(status_code=204)

    def _values(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = dict(request.path_params)
        for name, text in request.query_params.multi_items():
            if name not in self.query:
                known = ", ".join(self.query) or "none"
                raise UsageError(f"unknown parameter {shorten(name, 40)!r}; known: {known}")
            if name in values:
                raise UsageError(f"{name} is given twice")
            values[name] = _typed(name, text, self.query[name])
        for name in self.needs:
            if name not in values:
                raise UsageError(f"the parameter {name} is missing")
        defaults = {name: one["default"] for name, one in self.query.items() if "default" in one}
        return defaults | values

    def _checked(self, raw: bytes, request: Request) -> Any:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise UsageError("the body has to be JSON: Content-Type: application/json")
        try:
            body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"the body is not JSON: {shorten(str(error), _LONGEST)}") from None
        if _depth(body) > _DEEPEST:
            raise UsageError("the body is nested too deeply")
        wrong = next(iter(self._bodies.iter_errors(body)), None)
        if wrong is not None:
            where = ".".join(map(str, wrong.absolute_path))
            raise UsageError(f"{f'{where}: ' if where else ''}{shorten(wrong.message, _LONGEST)}")
        return body


def failure(error: MemlsError) -> JSONResponse:
    """An error as a response, in the shape that OpenAI's clients know."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = {"Retry-After": _RETRY_AFTER} if status == 429 or isinstance(error, UnreadyError) else None
    return JSONResponse(problem(error), status, headers)


def problem(error: MemlsError) -> dict[str, Any]:
    """An error as JSON."""
    kind = type(error).__name__.removesuffix("Error").lower()
    return {"error": {"message": str(error), "type": kind, "code": None, "param": None}}


def _typed(name: str, text: str, schema: Schema) -> Any:
    value: Any = text
    if schema["type"] == "integer":
        try:
            value = int(text) if text.isascii() and len(text) < 19 else None
        except ValueError:
            value = None
        if value is None:
            raise UsageError(f"{name} is not a whole number: {shorten(text, 40)!r}")
    elif schema["type"] == "boolean":
        if text not in ("true", "false"):
            raise UsageError(f"{name} is `true` or `false`, not {shorten(text, 40)!r}")
        value = text == "true"
    error = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    if error is not None:
        raise UsageError(f"{name}: {shorten(error.message, _LONGEST)}")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _depth(value: Any) -> int:
    level, deepest = [value], 0
    while level:
        deepest += 1
        if deepest > _DEEPEST:
            return deepest
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return deepest
