"""The owner's side: a store served to other processes over a private local socket, in a thread of its own.

Every connection is one client: it has a workspace of its own over the store, with the client's unsaved
buffers. A caller that does not show the token from the owner's file gets no answer.
"""

import asyncio
import contextlib
import hmac
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from memls import __version__
from memls.errors import MachineError, MemlsError, UsageError
from memls.index.builder import Report
from memls.owner import address
from memls.owner.changes import Changes
from memls.owner.loading import load_agent
from memls.owner.news import News
from memls.owner.paging import paged
from memls.owner.peer import LONGEST, STRANGERS_LONGEST, Emit, Peer
from memls.owner.remote import INDEX, METHODS, converter, perform
from memls.owner.threads import alone
from memls.store import Store
from memls.workspace import Workspace

Feature = Callable[[Workspace, Any], Any]
"""Answers an editor's request from data: what `memls.lsp` gives the host, which knows no LSP."""

_GREETING = 10.0
"""Seconds in which a caller has to show the token."""
_LEAVING = 1.0
log = logging.getLogger(__name__)


class Host:
    """Serves a store until `stop`. Use as a context manager."""

    def __init__(self, store: Store, feature: Feature) -> None:
        self._store = store
        self._feature = feature
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = threading.Event()
        self._stop: asyncio.Event | None = None
        self._guests: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="memls-host", daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection and give the address up. The store stays open."""
        self._leaving.set()
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> "Host":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            log.warning("other processes cannot reach this repository meanwhile: %s", error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server, own = await address.listen(self._store.folders.index, self._welcome)
        try:
            if not self._leaving.is_set():
                await self._stop.wait()
        finally:
            address.withdraw(self._store.folders.index, own)
            server.close()
            for guest in tuple(self._guests):
                guest.cancel()
            if self._guests:
                await asyncio.wait(tuple(self._guests), timeout=_LEAVING)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._guests.add(task)
        try:
            await _Guest(self._store, self._feature, reader, writer).run()
        except asyncio.CancelledError:
            pass
        finally:
            self._guests.discard(task)
            writer.close()


class _Guest:
    """One client of another process."""

    def __init__(
        self, store: Store, feature: Feature, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._store = store
        self._feature = feature
        self._workspace: Workspace | None = None
        self._changes = Changes(store)
        self.peer = Peer(reader, writer, self._answer, self._told)
        self.peer.longest = STRANGERS_LONGEST

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        greeting = loop.call_later(_GREETING, self._dismiss)
        stop = self._store.listen(partial(self._built, loop))
        try:
            await self.peer.run()
        finally:
            greeting.cancel()
            stop()
            if self._workspace is not None:
                self._workspace.close()

    def _dismiss(self) -> None:
        if self._workspace is None:
            self.peer.close()

    def _built(self, loop: asyncio.AbstractEventLoop, report: Report) -> None:
        """From the builder's thread: whoever shows something may have to show it anew."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._tell, News.of_report(report))

    def _tell(self, news: News) -> None:
        if self._workspace is not None:
            self.peer.notify("news", news.as_json())

    def _told(self, method: str, params: Any) -> None:
        if self._workspace is None:
            return
        if method == "buffer":
            path, text = params["path"], params["text"]
            if text is None:
                self._workspace.buffers.drop(path)
            else:
                self._workspace.buffers.set(path, text, params["version"])
        elif method == "changed":
            self._changes.add(params["paths"])

    async def _answer(self, method: str, params: Any, emit: Emit) -> Any:
        if method == "hello":
            return self._hello(params)
        workspace = self._workspace
        if workspace is None:
            raise UsageError("say hello first")
        if method in ("ask", "replay"):
            await alone(load_agent)
            from memls.owner import asking

            if method == "ask":
                return await asking.answer_ask(workspace, params, emit, self.peer)
            return await asking.answer_replay(workspace, params)
        if method == "index":
            return await self._index(workspace, params, emit)
        if method == "feature":
            return await paged(self._store, partial(self._feature, workspace, params))
        if method in METHODS:
            return await asyncio.to_thread(perform, workspace, method, params)
        raise UsageError(f"the owner of the repository knows no {method!r}")

    def _hello(self, params: Any) -> dict[str, Any]:
        own = address.find(self._store.folders.index)
        given = params if isinstance(params, dict) else {}
        shown = str(given.get("token", "")).encode("utf-8", "replace")
        if own is None or not hmac.compare_digest(shown, own.token.encode()):
            raise MachineError("wrong token")
        if given.get("version") != __version__:
            raise MemlsError(f"this is memls {__version__}")
        self._workspace = Workspace(self._store)
        self.peer.longest = LONGEST
        self._tell(News(self._workspace.code.generation(), frozenset()))
        return {"version": __version__}

    async def _index(self, workspace: Workspace, params: Any, emit: Emit) -> Any:
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(emit, {"done": done, "total": total})

        report = await alone(partial(workspace.index, progress, force=bool(params.get("force"))))
        return converter().unstructure(report, INDEX)
