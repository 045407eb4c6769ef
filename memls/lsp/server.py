"""The language server: what it answers, and its life from `initialize` to `exit`.

1. Handlers that read are plain functions of workspace, client and parameters, run in threads (DuckDB blocks)
   of the process that owns the repository; each feature group has its file. All is sent from the event loop.
2. Nothing waits for the index but `memls/ask`: before it is open, answers are empty or null.
3. Buffers are taken in by `Protocol`, in the order in which messages come.
"""

import asyncio
import hmac
import logging
import os
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from memls import __version__
from memls.errors import MemlsError, NotFoundError
from memls.lsp import forwarded
from memls.lsp.context import context_text, document_of
from memls.lsp.convert import Client, Uris
from memls.lsp.documents import Documents
from memls.lsp.features.table import FEATURES, Feature
from memls.lsp.fields import fields, optional
from memls.lsp.lending import complete, plain
from memls.lsp.protocol import Protocol
from memls.lsp.registration import Registration
from memls.lsp.requests import COMMANDS, REQUESTS
from memls.lsp.roots import Root, Roots
from memls.lsp.settings import Settings, settings_of
from memls.owner.access import Access

if TYPE_CHECKING:
    from pygls.server import ServerErrors

_PROGRESS_PAUSE = 0.2
_CLIENT_PAUSE = 5.0
_LAST_WORDS = 0.2
"""Seconds in which a refusal reaches its client."""
_FILE_OPERATIONS = (
    types.WORKSPACE_DID_CREATE_FILES,
    types.WORKSPACE_DID_RENAME_FILES,
    types.WORKSPACE_DID_DELETE_FILES,
)
_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**"), "file")]
)
_SWITCHES = frozenset(feature.name for feature in FEATURES)
log = logging.getLogger(__name__)


class Server(LanguageServer):
    """One client's server. `leaving` is set when the loop that reads messages has to end.

    `token` is what the client has to show in `initializationOptions`, where anybody can connect.
    """

    protocol: Protocol

    def __init__(self, repo: Path | None = None, token: str = "") -> None:
        super().__init__("memls", __version__, protocol_cls=Protocol)
        self.leaving = threading.Event()
        self.settings = Settings()
        self.documents = Documents(self._buffer)
        self.roots = Roots(self._access, self._client, self.tell, repo)
        self.answers: dict[str, str] = {}
        """The last answer of each session, as the document that shows it."""
        self.cancellable: dict[types.ProgressToken, asyncio.Task[Any]] = {}
        self.partial_results: dict[types.ProgressToken, Callable[[Any], None]] = {}
        self._token = token
        self._wrong: list[str] = []
        self._leave: Callable[[], object] = self.leaving.set
        self._background: set[asyncio.Task[Any]] = set()
        self._registration = Registration(self)
        self._register()

    # What handlers use.

    @property
    def encoding(self) -> str:
        """Of positions, as negotiated."""
        return str(types.PositionEncodingKind(self.workspace.position_encoding or "utf-16").value)

    @property
    def has_documents(self) -> bool:
        """Whether the client shows documents that the server makes up."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.text_document_content)

    def root_for(self, given: dict[str, Any]) -> Root:
        """The repository that a request of ours means."""
        uri = optional(given, "uri", str)
        found = self.roots.of(uri) if uri else None
        root = found[0] if found else self.roots.at(optional(given, "root", str))
        if root is None:
            raise MemlsError("no folder is open: there is nothing to ask about")
        return root

    async def new_progress(self) -> types.ProgressToken | None:
        """A token for showing progress, or None where the client shows none."""
        window = self.client_capabilities.window
        if not (window and window.work_done_progress):
            return None
        token = str(uuid.uuid4())
        try:
            await self.work_done_progress.create_async(token)
        except JsonRpcException:
            return None
        return token

    async def document(self, uri: str) -> str:
        """The text of a document of ours. Raises NotFoundError."""
        kind, session = document_of(uri)
        if kind == "answer" and session in self.answers:
            return self.answers[session]
        if kind == "context":
            for root in self.roots:
                with suppress(NotFoundError):
                    found = await root.access.call("context", session=session)
                    if found is not None:
                        return context_text(found)
        raise NotFoundError(f"no such document: {uri}")

    def refresh_document(self, uri: str) -> None:
        """Have the client read a document of ours again, where it can."""
        if self.has_documents:
            params = types.TextDocumentContentRefreshParams(uri)
            self.spawn(self.workspace_text_document_content_refresh_async(params))

    def answer_file(self, session: str, text: str) -> str:
        """The uri of a file with an answer, outside the repository: for clients without such documents."""
        root = next(iter(self.roots))
        folder = root.access.folders.index / "answers"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in session)
        file = folder / f"{name}.md"
        file.touch(mode=0o600)
        file.write_text(text, "utf-8", errors="replace")
        return file.as_uri()

    def tell(self, line: str) -> None:
        """A line for the user."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"memls: {line}"))

    def on_leaving(self, act: Callable[[], object]) -> None:
        """Have `act` called when the server has to end by itself: its client is gone, or may not stay."""
        self._leave = act

    async def close(self) -> None:
        """Stop every question and let go of the repositories."""
        own = asyncio.current_task()
        tasks = {*self._background, *self.cancellable.values(), *self.protocol.running} - {own}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.roots.close_all()

    def spawn(self, work: Awaitable[Any]) -> None:
        """Run beside everything; what the client refuses is no matter."""

        async def run() -> None:
            with suppress(JsonRpcException):
                await work

        task = asyncio.ensure_future(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def run_command(self, params: Any) -> Any:
        """`workspace/executeCommand`."""
        given = fields(params)
        name, arguments = given.get("command"), given.get("arguments") or []
        handler = COMMANDS.get(str(name))
        if handler is None or not isinstance(arguments, list):
            raise JsonRpcInvalidParams(f"no command is named {name!r}; there are: {', '.join(COMMANDS)}")
        return await self._answering(partial(handler, self))(arguments)

    def report_server_error(self, error: Exception, source: "ServerErrors") -> None:
        """Errors that answer no request go to the log, not to the user's screen."""
        if source is not FeatureRequestError:
            log.error("%s", error)

    # Registering.

    def _register(self) -> None:
        for feature in FEATURES:
            for method in feature.methods:
                options = feature.options if method == feature.method else None
                self.feature(method, options)(self._answering(partial(self._read, feature, method)))
        for name, handler in REQUESTS.items():
            self.feature(name)(self._answering(partial(handler, self)))
        for name in COMMANDS:
            self.command(name)(_named_only)  # for the capabilities: `Protocol` runs them
        self.feature(types.INITIALIZE)(partial(self._initialize))  # pygls sets attributes
        self.feature(types.INITIALIZED)(partial(self._initialized))
        self.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(partial(self._configured))
        self.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(partial(self._folders_changed))
        self.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)(self._answering(self._content))
        self.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)(partial(self._cancel))
        self.feature(types.PROGRESS)(partial(self._partial))
        self.feature(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))(
            partial(self.documents.save)
        )
        self.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(partial(self._files_changed))
        for method in _FILE_OPERATIONS:
            self.feature(method, _ANY_FILE)(partial(self._files_moved))

    @staticmethod
    def _answering(handler: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        """A handler whose errors made for the reader become errors of the protocol."""

        async def answer(params: Any) -> Any:
            try:
                return await handler(params)
            except MemlsError as error:
                code = types.LSPErrorCodes.RequestFailed.value
                raise JsonRpcException(str(error), code) from error

        return answer

    async def _read(self, feature: Feature, method: str, params: Any) -> Any:
        """A feature's answer: of the file's repository, of all of them where there is no file."""
        empty = feature.before(method, params)
        if not self.settings.on(feature.name, feature.on):
            return empty
        root, known = self._root_of(params)
        if root is not None:
            return await self._read_at(root, method, params, empty)
        if known or empty is params:
            return empty
        parts = await asyncio.gather(*(self._read_at(root, method, params, []) for root in self.roots))
        return [item for part in parts for item in part]

    async def _read_at(self, root: Root, method: str, params: Any, empty: Any) -> Any:
        local = partial(forwarded.read, method=method, client=root.client, params=params)
        data = partial(forwarded.data, method, root.client, params)
        answer = await root.access.read(local, data)
        if answer is None:
            return empty
        if len(self.roots) > 1:
            _mark(answer, str(root.path))
        return answer

    def _root_of(self, params: Any) -> tuple[Root | None, bool]:
        """The repository that a request is about, and whether it names a file or a repository at all."""
        data = plain(getattr(params, "data", None))
        if isinstance(data, dict) and isinstance(data.get("root"), str):
            return self.roots.at(data["root"]), True
        uri = uri_of(params)
        if uri is not None:
            found = self.roots.of(uri)
            return (found[0] if found else None), True
        if data is not None and len(self.roots) == 1:
            return next(iter(self.roots)), True
        return None, False

    async def _content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        return types.TextDocumentContentResult(await self.document(params.uri))

    # Life.

    def _initialize(self, params: types.InitializeParams) -> None:
        """Before the capabilities are made: what is switched off is not among them."""
        self.settings, wrong = settings_of(params.initialization_options, _SWITCHES, self.settings)
        if self._token and not hmac.compare_digest(self.settings.token, self._token):
            asyncio.get_running_loop().call_later(_LAST_WORDS, self._leave)
            raise JsonRpcException(
                "memls: wrong token: put the one that the server printed into initializationOptions",
                types.LSPErrorCodes.RequestFailed.value,
            )
        self._wrong = wrong
        self._registration.begin(self.settings)

    def _initialized(self, params: types.InitializedParams) -> None:
        self.documents.encoding = self.encoding
        for line in self._wrong:
            self.tell(f"settings: {line}")
        folders = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri]
        self._open([uri for uri in folders if uri])
        self._registration.initialized()
        self.spawn(self._configuration())
        self.spawn(self._until_client_ends())

    def _open(self, uris: list[str]) -> None:
        for root in self.roots.open(uris):
            self.spawn(self._show_indexing(root))
        self.documents.show_all()

    async def _until_client_ends(self) -> None:
        """A client that is killed closes nothing (LSP, initialize: processId)."""
        while self.process_id and not self.leaving.is_set():
            await asyncio.sleep(_CLIENT_PAUSE)
            if not is_running(self.process_id):
                self._leave()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        removed = [folder.uri for folder in params.event.removed]
        self._open([folder.uri for folder in params.event.added])
        self.spawn(self.roots.close(removed))

    async def _configuration(self) -> None:
        """Ask the client for our section, where it answers such questions."""
        workspace = self.client_capabilities.workspace
        if workspace and workspace.configuration:
            items = [types.ConfigurationItem(section="memls")]
            values = await self.workspace_configuration_async(types.ConfigurationParams(items))
            self._take_settings(values[0] if values else None)

    def _configured(self, params: Any) -> None:
        """`workspace/didChangeConfiguration`: the values themselves, or null, which means: ask."""
        values = params.get("settings") if isinstance(params, dict) else None
        if values:
            self._take_settings(values)
        else:
            self.spawn(self._configuration())

    def _take_settings(self, values: Any) -> None:
        self.settings, wrong = settings_of(plain(values), _SWITCHES, self.settings)
        for line in wrong:
            self.tell(f"settings: {line}")
        self._registration.changed(self.settings)

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        self._changed(change.uri for change in params.changes)

    def _files_moved(self, params: Any) -> None:
        """Files that the editor created, renamed or deleted: it tells before we see it."""
        uris = [[f.old_uri, f.new_uri] if hasattr(f, "old_uri") else [f.uri] for f in params.files]
        self._changed(uri for pair in uris for uri in pair)

    def _changed(self, uris: Iterable[str]) -> None:
        paths: dict[Path, list[str]] = {}
        for uri in uris:
            if found := self.roots.of(uri):
                paths.setdefault(found[0].path, []).append(found[1])
        for root in self.roots:
            if root.path in paths:
                self.spawn(root.access.changed(paths[root.path]))

    def _cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        if task := self.cancellable.get(params.token):
            task.cancel()

    def _partial(self, params: Any) -> None:
        """`$/progress` from the client: parts of what its model replies."""
        if isinstance(params, dict) and (take := self.partial_results.get(params.get("token", ""))):
            take(params.get("value"))

    def _access(self, root: Path) -> Access:
        return Access(root, forwarded.answer, self.tell, partial(complete, self))

    def _client(self, uris: Uris) -> Client:
        return Client.of(uris, self.encoding, self.client_capabilities)

    def _buffer(self, uri: str, text: str | None, version: int) -> None:
        if found := self.roots.of(uri):
            found[0].access.buffer(found[1], text, version)

    async def _show_indexing(self, root: Root) -> None:
        access = root.access
        token = await self.new_progress()
        if token is None:
            return
        begin = types.WorkDoneProgressBegin(f"memls: indexing {root.path.name}", percentage=0)
        self.work_done_progress.begin(token, begin)
        while access.state in ("opening", "indexing") and not self.leaving.is_set():
            await asyncio.sleep(_PROGRESS_PAUSE)
            done, total = access.progress
            if total:
                text = f"{done:,} of {total:,} files"
                report = types.WorkDoneProgressReport(message=text, percentage=100 * done // total)
                self.work_done_progress.report(token, report)
        self.work_done_progress.end(token, types.WorkDoneProgressEnd(message=access.state))


def uri_of(params: Any) -> str | None:
    """The uri of the file that a request is about, or None where it is about none."""
    for holder in (params, getattr(params, "item", None)):
        document = getattr(holder, "text_document", None) or getattr(holder, "location", None) or holder
        uri = getattr(document, "uri", None)
        if isinstance(uri, str):
            return uri
    return None


def _mark(answer: Any, root: str) -> None:
    """Write into what a client gives back later (`data`) which of several repositories it is of."""
    found = answer if isinstance(answer, list) else plain_or_attribute(answer, "items") or ()
    for item in found:
        data = plain_or_attribute(item, "data")
        if isinstance(data, dict):
            data["root"] = root


def plain_or_attribute(value: Any, name: str) -> Any:
    """A field of an answer, which is JSON where another process gave it."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def is_running(process: int) -> bool:
    """Whether a process of this machine still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _named_only(*arguments: Any) -> None:
    """Stands for a command where only its name is wanted."""
