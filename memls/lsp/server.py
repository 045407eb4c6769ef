"""The language server: what it answers, and its life from `initialize` to `exit`.

1. Handlers that read are plain functions of workspace, client and parameters, run in threads (DuckDB blocks)
   of the process that owns the repository; each feature group has its file. All is sent from the event loop.
2. Nothing but `memls/ask` waits for the whole index. A request about code waits for a moment until the index
   is open and has what it needs (`owner/paging`); after that its answer is what is there, which may be null.
3. Buffers are taken in by `Protocol`, in the order in which messages come.
"""

import asyncio
import hmac
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from memls import __version__
from memls.errors import MemlsError
from memls.lsp import forwarded
from memls.lsp.convert import Client, Uris
from memls.lsp.documents import Documents
from memls.lsp.features.table import FEATURES
from memls.lsp.fields import fields, optional
from memls.lsp.lending import complete, plain
from memls.lsp.news import Notices
from memls.lsp.protocol import Protocol
from memls.lsp.reading import read
from memls.lsp.registration import Registration
from memls.lsp.requests import COMMANDS, REQUESTS
from memls.lsp.roots import Root, Roots
from memls.lsp.settings import Settings, settings_of
from memls.lsp.shown import Shown
from memls.lsp.strangers import Strangers
from memls.owner.access import Access
from memls.owner.news import News
from memls.owner.threads import alone

if TYPE_CHECKING:
    from pygls.server import ServerErrors

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

    `token` is what the client has to show in `initializationOptions`, where anybody can connect, unless it
    has `shown` it. There its process may be one of another machine: only without a token its end is ours.
    """

    protocol: Protocol

    def __init__(self, repo: Path | None = None, token: str = "", *, shown: bool = False) -> None:
        super().__init__("memls", __version__, protocol_cls=Protocol)
        self.leaving = asyncio.Event()
        self.settings = Settings()
        self.documents = Documents(self._buffer)
        self._notices = Notices(self.protocol.notify)
        self.roots = Roots(self._access, self._client, self.tell, repo)
        self.strangers = Strangers(self._client)
        self.shown = Shown(self)
        self.cancellable: dict[types.ProgressToken, asyncio.Task[Any]] = {}
        self.partial_results: dict[str, Callable[[Any], None]] = {}
        self._token = "" if shown else token
        self._is_local = not token
        self._wrong: list[str] = []
        self._background: set[asyncio.Task[Any]] = set()
        self._registration = Registration(self)
        self._register()

    # What handlers use.

    @property
    def encoding(self) -> str:
        """Of positions, as negotiated."""
        return str(types.PositionEncodingKind(self.workspace.position_encoding or "utf-16").value)

    def root_for(self, given: dict[str, Any]) -> Root:
        """The repository that a request of ours means."""
        uri = optional(given, "uri", str)
        found = self.roots.of(uri) if uri else None
        root = found[0] if found else self.roots.at(optional(given, "root", str))
        if root is None:
            named = given.get("root")
            raise MemlsError(f"this folder is not open: {named}" if named else "no folder is open")
        return root

    def tell(self, line: str) -> None:
        """A line for the user."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"memls: {line}"))

    async def close(self) -> None:
        """Stop every question and let go of the repositories."""
        self._notices.close()
        tasks = {*self._background, *self.cancellable.values(), *self.protocol.running}
        for task in tasks:
            if not task.cancelling():  # a second time would cut short how it ends
                task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.roots.close_all()
        await self.strangers.close()

    def spawn(self, work: Awaitable[Any]) -> None:
        """Run beside everything; what the client refuses is no matter, and other errors are logged."""

        async def run() -> None:
            try:
                await work
            except JsonRpcException:
                pass
            except Exception as error:
                log.error("%s", error, exc_info=error)

        task = asyncio.ensure_future(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def cancel_progress(self, token: types.ProgressToken) -> None:
        """`window/workDoneProgress/cancel`."""
        if task := self.cancellable.get(token):
            task.cancel()

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
                self.feature(method, options)(self._answering(partial(read, self, feature, method)))
        for name, handler in REQUESTS.items():
            self.feature(name)(self._answering(partial(handler, self)))
        for name in COMMANDS:
            self.command(name)(_named_only)  # for the capabilities: `Protocol` runs them
        self.feature(types.INITIALIZE)(partial(self._initialize))  # pygls sets attributes
        self.feature(types.INITIALIZED)(partial(self._initialized))
        self.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(partial(self._configured))
        self.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(partial(self._folders_changed))
        self.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)(self._answering(self._content))
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

    async def _content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        return types.TextDocumentContentResult(await self.shown.document(params.uri))

    # Life.

    def _initialize(self, params: types.InitializeParams) -> None:
        """Before the capabilities are made: what is switched off is not among them."""
        self.settings, wrong = settings_of(params.initialization_options, _SWITCHES, self.settings)
        shown = self.settings.token.encode("utf-8", "replace")
        if self._token and not hmac.compare_digest(shown, self._token.encode()):
            asyncio.get_running_loop().call_later(_LAST_WORDS, self.leaving.set)
            raise JsonRpcException(
                "memls: wrong token: put the one that the server printed into initializationOptions",
                types.LSPErrorCodes.RequestFailed.value,
            )
        self._wrong = wrong
        self.protocol.tracing.value = params.trace or types.TraceValue.Off
        self.documents.encoding = self.encoding
        self._registration.begin(self.settings)
        self.protocol.accepted = True

    def _initialized(self, params: types.InitializedParams) -> None:
        for line in self._wrong:
            self.tell(f"settings: {line}")
        folders = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri]
        self._open([uri for uri in folders if uri])
        self.documents.show_all()
        self._registration.initialized()
        self.spawn(alone(forwarded.load))
        self.spawn(self._configuration())
        self.spawn(self._until_client_ends())

    def _open(self, uris: list[str]) -> None:
        for root in self.roots.open(uris):
            self.spawn(self.shown.indexing(root))

    async def _until_client_ends(self) -> None:
        """A client that is killed closes nothing (LSP, initialize: processId)."""
        process = self.process_id
        while process and process > 0 and self._is_local and not self.leaving.is_set():
            await asyncio.sleep(_CLIENT_PAUSE)
            if not is_running(process):
                self.leaving.set()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        self._open([folder.uri for folder in params.event.added])
        self.roots.close([folder.uri for folder in params.event.removed])
        self.documents.show_all()

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
            root.access.changed(paths.get(root.path, []))

    def _partial(self, params: Any) -> None:
        """`$/progress` from the client: parts of what its model replies."""
        if isinstance(params, dict) and (take := self.partial_results.get(str(params.get("token")))):
            take(params.get("value"))

    def _access(self, root: Path) -> Access:
        told = partial(self._news, root)
        return Access(root, forwarded.answer, self.tell, partial(complete, self), told)

    def _news(self, root: Path, news: News) -> None:
        """Files say something else now, in the index or in a buffer."""
        if self.settings.changed:
            self._notices.add(root, news)

    def _client(self, uris: Uris) -> Client:
        return Client.of(uris, self.encoding, self.client_capabilities)

    def _buffer(self, uri: str, text: str | None, version: int) -> None:
        """The innermost of several repositories has it, and no other; outside of all it is a stranger."""
        for root, path in self.roots.around(uri):
            root.access.buffer(path, text, version)
            self._news(root.path, News(root.access.generation, frozenset([path])))
            text = None
        self.strangers.buffer(uri, text, version)


def is_running(process: int) -> bool:
    """Whether a process of this machine still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except OSError:
        return True
    return True


def _named_only(*arguments: Any) -> None:
    """Stands for a command where only its name is wanted."""
