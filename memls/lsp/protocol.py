"""pygls' protocol with what we need otherwise."""

import asyncio
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol, lsp_method

from memls.lsp.lending import COMPLETE
from memls.lsp.requests import REQUESTS

if TYPE_CHECKING:
    from memls.lsp.server import Server


@attrs.define
class OwnRequest:
    """A request of ours: its parameters stay as they came (pygls makes named tuples of unknown ones)."""

    id: Any
    method: str
    jsonrpc: str
    params: Any = None


@attrs.define
class OwnNotification:
    """A notification whose parameters stay as they came."""

    method: str
    jsonrpc: str
    params: Any = None


_AS_THEY_CAME = {
    **dict.fromkeys((*REQUESTS, COMPLETE), OwnRequest),
    types.WORKSPACE_EXECUTE_COMMAND: OwnRequest,
    types.PROGRESS: OwnNotification,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: OwnNotification,
}


class Protocol(LanguageServerProtocol):
    """Malformed requests are answered, commands cancelled, `exit` ends the loop, documents are ours."""

    _server: "Server"

    @property
    def was_shut_down(self) -> bool:
        """Whether the client sent `shutdown`: then leaving is a success."""
        return self._shutdown

    @property
    def running(self) -> set["asyncio.Future[Any]"]:
        """The requests of the client that are being answered."""
        futures: list[Any] = list(self._request_futures.values())
        return {future for future in futures if isinstance(future, asyncio.Future)}

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # not cached
        return _AS_THEY_CAME.get(method) or types.METHOD_TO_TYPES.get(method, (None,))[0]

    def structure_message(self, data: dict[str, Any]) -> Any:
        """pygls only logs a request that it cannot read, and the client waits for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """After `shutdown` a request is an error (LSP, shutdown), which pygls leaves unanswered."""
        if self._shutdown and hasattr(message, "method") and hasattr(message, "id"):
            error = JsonRpcInvalidRequest("the server is shutting down")
            self._send_response(message.id, error=error.to_response_error())
            return
        super().handle_message(message)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.documents.open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.documents.change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.documents.close(params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: Any) -> Any:  # type: ignore[override]
        """A coroutine, which cancelling ends; pygls' own runs on."""
        return await self._server.run_command(params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]  # no generator
        """pygls would raise SystemExit here, with answers still unsent and the databases open."""
        self._server.leaving.set()
