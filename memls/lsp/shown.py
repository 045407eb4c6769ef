"""What the server shows by itself: documents of its own, and progress.

A client with `workspace/textDocumentContent` reads `memls:` documents; for others an answer is a file.
"""

import asyncio
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from memls.errors import MachineError, NotFoundError
from memls.lsp.context import context_text, document_of

if TYPE_CHECKING:
    from memls.lsp.roots import Root
    from memls.lsp.server import Server

_KEPT = 200
"""Answers that can still be shown."""
_PATIENCE = 2.0
"""Seconds for a client to take a progress token. Without one the work goes on unseen."""
_PAUSE = 0.2


class Shown:
    """One client's documents and progress."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._answers: dict[str, str] = {}

    @property
    def has_documents(self) -> bool:
        """Whether the client shows documents that the server makes up."""
        workspace = self._server.client_capabilities.workspace
        return bool(workspace and workspace.text_document_content)

    @property
    def shows_documents(self) -> bool:
        """Whether the client opens a document when it is told to."""
        window = self._server.client_capabilities.window
        return bool(window and window.show_document and window.show_document.support)

    @property
    def last_session(self) -> str:
        """The session that answered last, or an empty text."""
        return next(reversed(self._answers), "")

    def keep(self, session: str, text: str) -> None:
        """The last answer of a session, as the document that shows it."""
        self._answers.pop(session, None)
        self._answers[session] = text
        if len(self._answers) > _KEPT:
            del self._answers[next(iter(self._answers))]

    async def document(self, uri: str) -> str:
        """The text of a document of ours. Raises NotFoundError."""
        kind, session = document_of(uri)
        if kind == "answer" and session in self._answers:
            return self._answers[session]
        if kind == "context":
            for root in self._server.roots:
                with suppress(NotFoundError):
                    found = await root.access.call("context", session=session)
                    if found is not None:
                        return context_text(found)
        raise NotFoundError(f"no such document: {uri}")

    def refresh(self, uri: str) -> None:
        """Have the client read a document of ours again, where it can."""
        if self.has_documents:
            params = types.TextDocumentContentRefreshParams(uri)
            self._server.spawn(self._server.workspace_text_document_content_refresh_async(params))

    async def open(self, uri: str) -> None:
        """Have the client show a document. It need not take it."""
        with suppress(JsonRpcException):
            await self._server.window_show_document_async(types.ShowDocumentParams(uri, take_focus=False))

    async def new_progress(self) -> types.ProgressToken | None:
        """A token for showing progress, or None where the client shows none."""
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return None
        token = str(uuid.uuid4())
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._server.work_done_progress.create_async(token)
        except (JsonRpcException, TimeoutError):
            return None
        return token

    def end_progress(self, token: types.ProgressToken, message: str | None = None) -> None:
        """The work is over, however it went."""
        self._server.work_done_progress.end(token, types.WorkDoneProgressEnd(message=message))
        self._server.work_done_progress.tokens.pop(token, None)  # pygls would keep it

    async def indexing(self, root: "Root") -> None:
        """Show how far the first build of a repository is, until it is over or the repository closed."""
        access = root.access
        token = await self.new_progress()
        if token is None:
            return
        begin = types.WorkDoneProgressBegin(f"memls: indexing {root.path.name}", percentage=0)
        self._server.work_done_progress.begin(token, begin)
        try:
            while access.state in ("opening", "indexing"):
                await asyncio.sleep(_PAUSE)
                done, total = access.progress
                if total:
                    text = f"{done:,} of {total:,} files"
                    report = types.WorkDoneProgressReport(message=text, percentage=100 * done // total)
                    self._server.work_done_progress.report(token, report)
        finally:
            self.end_progress(token, access.state)


def answer_file(folder: Path, session: str, text: str) -> str:
    """The uri of a file with an answer, in the state's folder: for clients without such documents."""
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in session)[:100]
    file = folder / "answers" / f"{name}.md"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(text, "utf-8", errors="replace")
    except OSError as error:
        raise MachineError(f"cannot write the answer to {file}: {error.strerror or error}") from error
    return file.as_uri()
