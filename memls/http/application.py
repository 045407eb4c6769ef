"""The application: the table's routes, the page and the editor's socket, behind the guard."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as StarletteRoute

from memls.http import page
from memls.http.asking import GoneError
from memls.http.editor import Editors
from memls.http.guard import Guard, RefusedError
from memls.http.routes import Route
from memls.http.service import Service
from memls.http.table import routes

log = logging.getLogger(__name__)


def make_guard(service: Service, token: str, host: str, allowed: tuple[str, ...] = ()) -> Guard:
    """The whole application, guarded."""
    editors = Editors(service)
    served: list[BaseRoute] = [
        StarletteRoute(route.path, _endpoint(service, route), methods=[route.method])
        for route in routes(service)
    ]
    served.append(WebSocketRoute("/lsp", editors.serve))
    application = Starlette(routes=served, exception_handlers=_HANDLERS)
    guard = Guard(application, token, host, service.metrics.count, allowed)

    async def index(request: Request) -> Response:
        request.state.route = "GET /"
        return page.index(request, guard)

    async def asset(request: Request) -> Response:
        request.state.route = "GET /assets"
        found = page.asset(request.path_params["name"])
        return found or _problem(404, "there is nothing at this address")

    application.router.routes.append(StarletteRoute("/", index, methods=["GET"]))
    application.router.routes.append(StarletteRoute("/assets/{name}", asset, methods=["GET"]))
    return guard


def _endpoint(service: Service, route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await route.call(service, request)

    return endpoint


def _problem(status: int, message: str) -> Response:
    error = {"message": message, "type": "refused", "code": None, "param": None}
    return JSONResponse({"error": error}, status)


async def _told(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: "there is nothing at this address", 405: "this address has no such method"}
    answer = _problem(status, words.get(status, "the request is wrong"))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    return _problem(error.status if isinstance(error, RefusedError) else 400, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    log.error("internal error, please report it: %s", type(error).__name__, exc_info=error)
    return _problem(500, "internal error; the server's log has it under this request's id")


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)


_HANDLERS: dict[Any, Any] = {
    HTTPException: _told,
    RefusedError: _refused,
    GoneError: _gone,
    ClientDisconnect: _gone,
    Exception: _failed,
}
