"""The language server: what it answers, and its life from `initialize` to `exit`.

1. Handlers that read run in threads (DuckDB blocks) and are plain functions of workspace, client and
   parameters; each feature group has its file. Everything is sent from the event loop's thread.
2. Nothing waits for the index but `memls/ask`: before it is open, answers are empty or null.
3. Buffers are taken in by `Protocol`, in the order in which messages come.
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer

from memls import __version__
from memls.errors import MemlsError
from memls.lsp import ask
from memls.lsp.convert import Client, Uris, file_path
from memls.lsp.documents import Documents
from memls.lsp.features.table import FEATURES, Reader
from memls.lsp.project import Listeners, Project
from memls.lsp.protocol import Protocol

if TYPE_CHECKING:
    from pygls.server import ServerErrors

    from memls.workspace import Workspace

_PROGRESS_PAUSE = 0.2
log = logging.getLogger(__name__)


class Server(LanguageServer):
    """One client's server. `leaving` is set when the loop that reads messages has to end."""

    protocol: Protocol

    def __init__(self, repo: Path | None = None) -> None:
        super().__init__("memls", __version__, protocol_cls=Protocol)
        self.leaving = threading.Event()
        self.project = Project(repo, Listeners(self._opened, self._tell))
        self.documents = Documents()
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, asyncio.Lock] = {}
        self._register()

    def report_server_error(self, error: Exception, source: "ServerErrors") -> None:
        """Errors that answer no request go to the log, not to the user's screen."""
        if source is not FeatureRequestError:
            log.error("%s", error)

    async def indexed(self) -> "Workspace":
        """The workspace, when its index is up to date."""
        if self.project.state == "none":
            raise MemlsError("no folder is open: there is nothing to ask about")
        return await asyncio.shield(asyncio.wrap_future(self.project.indexed))

    def session_lock(self, session: str | None) -> asyncio.Lock:
        """One question at a time in a session."""
        return self._sessions.setdefault(session, asyncio.Lock()) if session else asyncio.Lock()

    def _register(self) -> None:
        for feature in FEATURES:
            for method, reader in feature.readers.items() if feature.on else ():
                options = feature.options if method == feature.method else None
                early = partial(feature.before, method)
                self.feature(method, options)(self._answering(partial(self._read, reader, early)))
        searched = partial(self._read, ask.search, lambda _: ask.NO_HITS)
        self.feature(ask.SEARCH)(self._answering(searched))
        for method, handler in ((ask.ASK, ask.ask), (ask.STATUS, ask.status)):
            self.feature(method)(self._answering(partial(handler, self)))
        self.feature(types.INITIALIZED)(partial(self._initialized))  # pygls sets attributes
        self.feature(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))(
            partial(self.documents.save)
        )

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

    async def _read(self, reader: Reader, early: Callable[[Any], Any], params: Any) -> Any:
        workspace, client = self.project.workspace, self._client
        if workspace is None or client is None:
            return early(params)
        return await asyncio.to_thread(reader, workspace, client, params)

    def _initialized(self, params: types.InitializedParams) -> None:
        self._loop = asyncio.get_running_loop()
        self.documents.encoding = self.encoding
        self.project.start(self._folder())
        if (window := self.client_capabilities.window) and window.work_done_progress:
            task = asyncio.create_task(self._show_progress())
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    @property
    def encoding(self) -> str:
        """Of positions, as negotiated."""
        return str(types.PositionEncodingKind(self.workspace.position_encoding or "utf-16").value)

    def _folder(self) -> Path | None:
        """The client's first folder: a server answers for one repository."""
        folders = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri]
        if len(folders) > 1:
            log.warning("several folders are open: only %s is served", folders[0])
        path = file_path(folders[0]) if folders[0] else None
        return Path(path) if path else None

    def _on_loop(self, work: Callable[..., None], *arguments: Any) -> None:
        """From the project's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *arguments)

    def _opened(self, workspace: "Workspace") -> None:
        self._on_loop(self._attach, workspace)

    def _tell(self, line: str) -> None:
        params = types.ShowMessageParams(types.MessageType.Warning, f"memls: {line}")
        self._on_loop(self.window_show_message, params)

    def _attach(self, workspace: "Workspace") -> None:
        """On the loop: from here on requests are answered."""
        uris = Uris(workspace.root, self._folder())
        self._client = Client.of(uris, self.encoding, self.client_capabilities)
        self.documents.attach(workspace.overlays, uris)
        self.project.workspace = workspace

    async def _show_progress(self) -> None:
        token = str(uuid.uuid4())
        try:
            await self.work_done_progress.create_async(token)
        except JsonRpcException:
            return
        begin = types.WorkDoneProgressBegin("memls: indexing", percentage=0)
        self.work_done_progress.begin(token, begin)
        while self.project.state in ("opening", "indexing") and not self.leaving.is_set():
            await asyncio.sleep(_PROGRESS_PAUSE)
            done, total = self.project.progress
            if total:
                text = f"{done:,} of {total:,} files"
                report = types.WorkDoneProgressReport(message=text, percentage=100 * done // total)
                self.work_done_progress.report(token, report)
        self.work_done_progress.end(token, types.WorkDoneProgressEnd(message=self.project.state))
