"""pygls' protocol with what we need otherwise."""

from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from memls.lsp.ask import REQUESTS

if TYPE_CHECKING:
    from memls.lsp.server import Server


@attrs.define
class OwnRequest:
    """A request of ours: its parameters stay as they came (pygls makes named tuples of unknown ones)."""

    id: Any
    method: str
    jsonrpc: str
    params: Any = None


class Protocol(LanguageServerProtocol):
    """Malformed requests are answered, `exit` ends the loop, documents are ours."""

    _server: "Server"

    @property
    def was_shut_down(self) -> bool:
        """Whether the client sent `shutdown`: then leaving is a success."""
        return self._shutdown

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # not cached
        found: type[Any] | None = (
            OwnRequest if method in REQUESTS else types.METHOD_TO_TYPES.get(method, (None,))[0]
        )
        return found

    def structure_message(self, data: dict[str, Any]) -> Any:
        """pygls only logs a request that it cannot read, and the client waits for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.documents.open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.documents.change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.documents.close(params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]  # no generator
        """pygls would raise SystemExit here, with answers still unsent and the databases open."""
        self._server.leaving.set()
