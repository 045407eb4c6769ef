"""pygls' protocol with what we need otherwise: how messages are taken in, and how they are answered.

1. Every request is answered once, with a result or an error of the protocol, whatever is wrong with it.
2. Before `initialize` has succeeded nothing else is taken: where a token is wanted, nobody gets past it.
3. Buffers are ours (`documents.py`), taken in synchronously, in the order in which messages come.
4. An answer may be `Encoded` already, by the thread that made it.
"""

import asyncio
import concurrent.futures
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from memls.lsp.lending import COMPLETE
from memls.lsp.requests import REQUESTS
from memls.lsp.tracing import Tracing

if TYPE_CHECKING:
    from memls.lsp.server import Server

_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
log = logging.getLogger(__name__)


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


@attrs.frozen
class Encoded:
    """A result that is JSON text already."""

    text: str


_AS_THEY_CAME = {
    **dict.fromkeys((*REQUESTS, COMPLETE), OwnRequest),
    types.WORKSPACE_EXECUTE_COMMAND: OwnRequest,
    types.PROGRESS: OwnNotification,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: OwnNotification,
}
_NO_NOTEBOOKS = (
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_SAVE,
)


class Protocol(LanguageServerProtocol):
    """One client's messages, in and out."""

    _server: "Server"
    accepted = False
    """Whether `initialize` has succeeded."""

    def __init__(self, server: "Server", converter: Any) -> None:
        super().__init__(server, converter)
        self.tracing = Tracing(self.notify)
        for method in _NO_NOTEBOOKS:  # pygls' copies of them are read by nobody
            self.fm.builtin_features.pop(method, None)

    @property
    def was_shut_down(self) -> bool:
        """Whether the client sent `shutdown`: then leaving is a success."""
        return self._shutdown

    @property
    def running(self) -> set["asyncio.Task[Any]"]:
        """The requests of the client that are being answered."""
        futures: list[Any] = list(self._request_futures.values())
        return {future for future in futures if isinstance(future, asyncio.Task)}

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # not cached
        return _AS_THEY_CAME.get(method) or types.METHOD_TO_TYPES.get(method, (None,))[0]

    # In.

    def receive(self, body: bytes | str) -> None:
        """Take one message in, as it came."""
        try:
            data = json.loads(body)
            if _ESCAPED.search(body if isinstance(body, bytes) else body.encode("utf-8", "replace")):
                data = _whole(data)
        except (ValueError, RecursionError) as error:
            self._refuse(None, JsonRpcParseError(f"this is no JSON: {error}"))
            return
        if not isinstance(data, dict):
            self._refuse(None, JsonRpcInvalidRequest("a message must be an object"))
            return
        number, method = data.get("id"), data.get("method")
        asked = "id" in data
        if method is None and (asked and ("result" in data or "error" in data)):
            self._take_response(number, data)
        elif isinstance(method, str) and not asked:
            self._take_notification(method, data)
        elif not isinstance(number, int | str) or isinstance(number, bool):
            self._refuse(None, JsonRpcInvalidRequest("`id` must be a number or a string"))
        elif not isinstance(method, str):
            self._refuse(number, JsonRpcInvalidRequest("`method` must be a string"))
        else:
            self._take_request(number, method, data)

    def _take_request(self, number: int | str, method: str, data: dict[str, Any]) -> None:
        try:
            self._admit(number, method, data)
            message = self._structured(method, data)
        except JsonRpcException as error:
            self._refuse(number, error)
            return
        self.tracing.asked(number, method)
        self.handle_message(message)

    def _admit(self, number: int | str, method: str, data: dict[str, Any]) -> None:
        """Raises the error of a request that may not be answered."""
        if data.get("jsonrpc") != self.VERSION:
            raise JsonRpcInvalidRequest(f"`jsonrpc` must be {self.VERSION!r}")
        if self._shutdown:
            raise JsonRpcInvalidRequest("the server is shutting down")
        if self.accepted == (method == types.INITIALIZE):
            if self.accepted:
                raise JsonRpcInvalidRequest("the server is initialized already")
            raise JsonRpcServerNotInitialized("the server is not initialized: send `initialize` first")
        if number in self._request_futures:
            raise JsonRpcInvalidRequest(f"a request with the id {number!r} is being answered already")
        if method not in self.fm.builtin_features and method not in self.fm.features:
            raise JsonRpcMethodNotFound.of(method)

    def _take_notification(self, method: str, data: dict[str, Any]) -> None:
        """What cannot be understood is skipped: a notification has no answer."""
        if method == types.EXIT:
            self._server.leaving.set()
            return
        known = method in self.fm.builtin_features or method in self.fm.features
        if self._shutdown or not self.accepted or data.get("jsonrpc") != self.VERSION:
            return
        if known or method == types.CANCEL_REQUEST:
            self.tracing.told(method)
            try:
                self.handle_message(self._structured(method, data))
            except JsonRpcException as error:
                log.warning("%s: %s", method, error)

    def _structured(self, method: str, data: dict[str, Any]) -> Any:
        """Raises JsonRpcInvalidParams, which names the first thing that is wrong."""
        try:
            return self._converter.structure(data, self.get_message_type(method) or OwnRequest)
        except Exception as error:  # lsprotocol's hooks raise what they stumble over
            from cattrs import transform_error

            try:
                reason = transform_error(error)[0].partition(" @ ")
            except Exception:
                reason = (type(error).__name__, "", "")
            place = reason[2].removeprefix("$.")
            raise JsonRpcInvalidParams(f"{place or 'parameters'}: {reason[0]}") from error

    def _take_response(self, number: Any, data: dict[str, Any]) -> None:
        """An answer of the client's. Nobody may wait for it any more."""
        if not isinstance(number, int | str):
            return
        future: Any = self._request_futures.get(number)
        if not isinstance(future, concurrent.futures.Future):
            return
        del self._request_futures[number]
        kind = self._result_types.pop(number, None)
        if not future.set_running_or_notify_cancel():
            return
        if "error" in data:
            future.set_exception(_client_error(data["error"]))
            return
        try:
            result = self._converter.structure(data, kind).result if kind else data["result"]
        except Exception as error:
            future.set_exception(JsonRpcException(f"the client's answer is malformed: {error}"))
        else:
            future.set_result(result)

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Most come too late, and are no matter. Our own requests are not the client's to cancel."""
        future: Any = self._request_futures.get(msg_id)
        if isinstance(future, asyncio.Future):
            future.cancel()

    # Out.

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, JsonRpcRequestCancelled("cancelled"))
        elif (error := future.exception()) is None:
            self._send_response(msg_id, result=future.result())
        elif isinstance(error, JsonRpcException):
            self._refuse(msg_id, error)
        else:
            log.error("a request failed", exc_info=error)
            self._refuse(msg_id, JsonRpcInternalError(f"internal error: {type(error).__name__}: {error}"))

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if error is not None:
            self._refuse(msg_id, JsonRpcException(error.message, error.code, error.data))
        elif isinstance(result, Encoded):
            head = json.dumps({"jsonrpc": self.VERSION, "id": msg_id})
            self._send_text(f'{head[:-1]}, "result": {result.text}}}')
            self.tracing.answered(msg_id, len(result.text))
        else:
            try:
                text = self._text({"jsonrpc": self.VERSION, "id": msg_id, "result": result})
            except (TypeError, ValueError, RecursionError, AttributeError) as failure:
                log.error("an answer cannot be sent", exc_info=failure)
                self._refuse(msg_id, JsonRpcInternalError(f"the answer cannot be sent: {failure}"))
            else:
                self._send_text(text)
                self.tracing.answered(msg_id, len(text))

    def _refuse(self, msg_id: int | str | None, error: JsonRpcException) -> None:
        told: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.data is not None:
            told["data"] = error.data
        self._send_text(self._text({"jsonrpc": self.VERSION, "id": msg_id, "error": told}))
        self.tracing.answered(msg_id, 0, error.message)

    def _send_data(self, data: Any) -> None:
        self._send_text(self._text(data))

    def _text(self, data: Any) -> str:
        return json.dumps(data, default=self._serialize_message)

    def _send_text(self, text: str) -> None:
        """Never waits: the writers keep what the client does not take yet."""
        if self.writer is not None:
            body = text.encode("ascii")
            head = b"Content-Length: %d\r\n\r\n" % len(body) if self._include_headers else b""
            self.writer.write(head + body)

    # What pygls does of its own, and we otherwise.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.documents.open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.documents.change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.documents.close(params)

    @lsp_method(types.SET_TRACE)
    def lsp_set_trace(self, params: types.SetTraceParams) -> None:  # type: ignore[override]  # no generator
        self.tracing.value = params.value

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        self._server.cancel_progress(params.token)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: Any) -> Any:  # type: ignore[override]
        """A coroutine, which cancelling ends; pygls' own runs on."""
        return await self._server.run_command(params)


def _whole(value: Any) -> Any:
    """JSON without halves of characters, which `\\ud800` escapes can make and no file or database takes.

    Each becomes U+FFFD, which is as long in UTF-16, so that columns stay right.
    """
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def _client_error(error: Any) -> JsonRpcException:
    given = error if isinstance(error, dict) else {}
    code = given.get("code")
    return JsonRpcException(
        str(given.get("message") or "refused"),
        code if isinstance(code, int) else None,
        given.get("data"),
    )
