"""A repository as an editor has it, for hours: as its owner, or through the owner, whoever that is by now.

The state of the client (unsaved buffers) is kept here and given to each new owner, so that an owner's death
costs the time of the next one's start, and no more. What was asked of the dead one is asked again.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from memls.config import folders
from memls.errors import LostError, MachineError, MemlsError, UsageError
from memls.owner.changes import Changes
from memls.owner.link import OtherVersionError, reach
from memls.owner.loading import load_store
from memls.owner.news import News
from memls.owner.paging import PATIENCE, paged
from memls.owner.peer import Handler, Peer
from memls.owner.threads import alone, finish, unbroken

if TYPE_CHECKING:
    from memls.agent.conversation import AskOptions
    from memls.events import Event
    from memls.index.builder import Report
    from memls.owner.host import Feature
    from memls.store import Store
    from memls.workspace import Workspace

T = TypeVar("T")
State = Literal["opening", "indexing", "ready", "failed", "closed"]

_PAUSE = 0.05
_PATIENT = 3.0
"""Seconds after which the user is told what is waited for."""
_TAKE_OVER = 5.0
"""Seconds that a request waits for the next owner."""
_LOOK = 0.5
"""Seconds between looks whether the index's file is still ours."""
_SEND_AFTER = 0.05
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Buffer:
    """An unsaved text. `text` None: it was closed."""

    text: str | None
    version: int


class Access:
    """One repository. `run` holds it until it is cancelled; the rest is for the same event loop.

    `tell` hears lines for the user, `lent` answers calls for the editor's model, `news` is called when what
    is indexed has changed.
    """

    def __init__(
        self,
        root: Path,
        feature: "Feature",
        tell: Callable[[str], None],
        lent: Handler,
        news: Callable[[News], None],
    ) -> None:
        self.root = root
        self.folders = folders(root)
        self._state: State = "opening"
        self.error = ""
        self.progress = (0, 0)
        self.indexed = asyncio.Event()
        self._feature = feature
        self._tell = tell
        self._lent = lent
        self._news = news
        self.generation = 0
        self._indexing = 0
        self._buffers: dict[str, Buffer] = {}
        self._unsent: set[str] = set()
        self._sending: asyncio.TimerHandle | None = None
        self._changes: Changes | None = None
        self._workspace: Workspace | None = None
        self._peer: Peer | None = None
        self._open = asyncio.Event()
        self._was_open = False
        self._tried = asyncio.Event()
        """Set when it was opened, or when that takes long or fails and the user was told why."""

    @property
    def state(self) -> State:
        """What it is at; also `indexing` while that is asked for."""
        return "indexing" if self._state == "ready" and self._indexing else self._state

    @property
    def owner(self) -> bool:
        """Whether this process is the owner."""
        return self._workspace is not None

    async def run(self) -> None:
        """Hold the repository. Ends by cancellation, or when it cannot be opened at all."""
        await alone(load_store)
        from memls.database import BusyError
        from memls.store import Store

        waited = 0.0
        try:
            while True:
                try:
                    store = await unbroken(partial(Store, self.root), Store.close)
                except BusyError as busy:
                    if await self._forward(busy, waited):
                        waited = 0.0
                    waited += _PAUSE
                    await asyncio.sleep(_PAUSE)
                    continue
                except UsageError as wrong:  # what the repository says of itself, until somebody mends it
                    self._failed(wrong)
                    await asyncio.sleep(_LOOK)
                    continue
                waited = 0.0
                await self._own(store)
        except MemlsError as error:
            self._failed(error)
        except Exception as error:
            log.exception("opening the repository failed")
            self._failed(error)

    def closed(self) -> None:
        """`run` is over, or was cancelled before it began."""
        self._tried.set()
        if self.state != "failed":
            self._state = "closed"

    def buffer(self, path: str, text: str | None, version: int = 0) -> None:
        """The client's unsaved text of a file; None when it closed it."""
        if text is None:
            if self._buffers.pop(path, None) is None:
                return
        else:
            self._buffers[path] = Buffer(text, version)
        if self._workspace is not None:
            _show(self._workspace, path, Buffer(text, version))
        elif self._peer is not None:
            self._unsent.add(path)
            if self._sending is None:
                self._sending = asyncio.get_running_loop().call_later(_SEND_AFTER, self._send)

    def changed(self, paths: list[str]) -> None:
        """The client says that files were written, made, moved or deleted: look at them."""
        if self._peer is not None:
            self._peer.notify("changed", {"paths": paths})
        elif self._changes is not None and self.indexed.is_set():  # else the first build sees them
            self._changes.add(paths)

    async def until_open(self) -> None:
        """Wait for the first opening. Raises MachineError where there is none to be."""
        while not self._was_open:
            if self.state == "failed":
                raise MachineError(self.error)
            await asyncio.sleep(_PAUSE)

    async def index(self, *, force: bool = False) -> None:
        """Bring the index up to date; over when that is done."""
        from memls.owner.remote import INDEX, revive

        async def work(workspace: "Workspace | None", peer: Peer | None) -> "Report":
            if workspace is not None:
                return await alone(partial(workspace.index, self._on_progress, force=force))
            assert peer is not None
            found: Report = revive(INDEX, await peer.call("index", {"force": force}, self._on_event))
            return found

        await self.until_open()
        self._indexing += 1
        try:
            await self._anywhere(work)
        finally:
            self._indexing -= 1

    async def call(self, method: str, **params: Any) -> Any:
        """A method of `Workspace` (see `remote.METHODS`), wherever it is. None before the first opening."""
        from memls.owner.remote import METHODS, revive

        async def work(workspace: "Workspace | None", peer: Peer | None) -> Any:
            if workspace is not None:
                return await asyncio.to_thread(getattr(workspace, method), **params)
            assert peer is not None
            return revive(METHODS[method], await peer.call(method, params))

        return await self._anywhere(work)

    async def sure(self, method: str, **params: Any) -> Any:
        """The same, waiting for the first opening."""
        await self.until_open()
        return await self.call(method, **params)

    async def read(self, local: Callable[["Workspace"], Any], data: Callable[[], Any]) -> Any:
        """An editor's request: `local` where this is the owner, else `data()` for the owner's `feature`.

        Waits a moment for the first opening, and for files that it needs and nobody has read yet.
        None where the repository is still not open then.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._tried.wait()

        async def work(workspace: "Workspace | None", peer: Peer | None) -> Any:
            if workspace is not None:
                return await paged(workspace.store, partial(local, workspace))
            assert peer is not None
            return await peer.call("feature", data())

        return await self._anywhere(work)

    async def ask(self, question: str, options: "AskOptions") -> AsyncGenerator["Event", None]:
        """Events of one question, the last one `Done`. Waits for the index."""
        from memls.events import Retracted
        from memls.owner.asking import forwarded_ask

        while True:
            await self._until_indexed()
            workspace, peer = self._workspace, self._peer
            if workspace is None and peer is None:
                continue
            try:
                if workspace is not None:
                    events = workspace.ask(question, replace(options, watch=False))
                else:
                    assert peer is not None
                    self._send()
                    events = forwarded_ask(peer, question, options)
                async with aclosing(events) as stream:
                    async for event in stream:
                        yield event
                return
            except MachineError:
                if workspace is self._workspace and peer is self._peer and not _is_closed(peer):
                    raise
                yield Retracted("the process that answered has ended; asking again")
                options = replace(options, again=True)

    async def _until_indexed(self) -> None:
        while not self.indexed.is_set() or not self._open.is_set():
            if self.state == "failed":
                raise MachineError(self.error)
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await (self._open.wait() if self.indexed.is_set() else self.indexed.wait())

    async def _anywhere(self, work: "Callable[[Workspace | None, Peer | None], Awaitable[T]]") -> T | None:
        """Work at the owner; at the next owner when that one ends meanwhile."""
        if not self._was_open:
            return None
        while True:
            try:
                async with asyncio.timeout(_TAKE_OVER):
                    await self._open.wait()
            except TimeoutError:
                raise MachineError(self.error or "the repository is not open") from None
            workspace, peer = self._workspace, self._peer
            if workspace is None and peer is None:
                continue
            self._send()
            try:
                return await work(workspace, peer)
            except MachineError:
                if workspace is self._workspace and peer is self._peer and not _is_closed(peer):
                    raise
                await asyncio.sleep(0)

    async def _forward(self, busy: MachineError, waited: float) -> bool:
        """Be the owner's guest until it ends. False where it does not answer (yet)."""
        try:
            peer, reading = await reach(self.folders.index, self._lent, self._told)
        except OtherVersionError as error:
            self._tell_once(str(error))
            return False
        except LostError:
            if waited > _PATIENT:
                self._tell_once(str(busy))
            return False
        try:
            self._peer, self.error, self._state = peer, "", "ready"
            self._unsent = set(self._buffers)
            self._send()
            self._opened()
            self.indexed.set()  # a question waits at the owner
            await reading
        finally:
            self._open.clear()
            self._peer = None
            peer.close()
            self._state = "opening"
        return True

    async def _own(self, store: "Store") -> None:
        """Be the owner, until cancelled or until the index's file is not ours any more."""
        from memls.owner.host import Host
        from memls.workspace import Workspace

        host = Host(store, self._feature)
        workspace = Workspace(store)
        building: asyncio.Task[None] | None = None
        stop: Callable[[], None] | None = None
        try:
            for path, buffer in self._buffers.items():
                _show(workspace, path, buffer)
            host.start()
            stop = store.listen(partial(self._built, asyncio.get_running_loop()))
            self._changes = Changes(store)
            self._workspace, self.error, self._state = workspace, "", "indexing"
            self._opened()
            store.put_first(lambda: tuple(self._buffers))
            building = asyncio.create_task(self._keep_fresh(store))
            while not await asyncio.to_thread(store.is_replaced):  # noqa: ASYNC110  # files tell nobody
                await asyncio.sleep(_LOOK)
            self._tell("the index was removed or exchanged: opening it anew")
        finally:
            self._open.clear()
            self._workspace = self._changes = None
            self._state = "opening"
            if building is not None:
                building.cancel()
            if stop is not None:
                stop()
            await finish(host.stop, workspace.close, store.close)
            if building is not None:
                await asyncio.wait([building])

    async def _keep_fresh(self, store: "Store") -> None:
        """The first build, then watching. A second look finds what changed in between."""
        try:
            report = await alone(partial(store.build, self._on_progress))
            self.generation = report.generation
            self._state = "ready"
            self.indexed.set()
            watcher = store.watch().start()
            embedded = await alone(store.keep_embedded)
            tidied = await alone(self._workspace.keep_tidy) if self._workspace else lambda: None
            try:
                await asyncio.Event().wait()
            finally:
                await finish(embedded, tidied, watcher.stop)
        except MemlsError as error:
            if self._workspace is not None:
                self._failed(error)
        except Exception as error:
            log.exception("indexing failed")
            self._failed(error)

    def _send(self) -> None:
        """Send what the owner does not have yet of our buffers: before each call, and soon after an edit."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        unsent, self._unsent = self._unsent, set()
        if self._peer is not None:
            for path in sorted(unsent):
                buffer = self._buffers.get(path, Buffer(None, 0))
                self._peer.notify("buffer", {"path": path, "text": buffer.text, "version": buffer.version})

    def _opened(self) -> None:
        """From the second time on, something may have changed that nobody told of."""
        if self._was_open:
            self._hear(News(self.generation, None))
        self._was_open = True
        self._open.set()
        self._tried.set()

    def _told(self, method: str, params: Any) -> None:
        """The owner tells something."""
        if method == "news":
            self._hear(News.of(params))

    def _built(self, loop: asyncio.AbstractEventLoop, report: "Report") -> None:
        """From the builder's thread."""
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._hear, News.of_report(report))

    def _hear(self, news: News) -> None:
        self.generation = max(self.generation, news.generation)
        if news.problem:
            self._tell(news.problem)
        self._news(news)

    def _on_event(self, event: Any) -> None:
        self._on_progress(event["done"], event["total"])

    def _on_progress(self, done: int, total: int) -> None:
        self.progress = done, total

    def _failed(self, error: Exception) -> None:
        self._state = "failed"
        self._tell_once(str(error))

    def _tell_once(self, line: str) -> None:
        self._tried.set()
        if line != self.error:
            self.error = line
            self._tell(line)


def _show(workspace: "Workspace", path: str, buffer: Buffer) -> None:
    if buffer.text is None:
        workspace.buffers.drop(path)
    else:
        workspace.buffers.set(path, buffer.text, buffer.version)


def _is_closed(peer: Peer | None) -> bool:
    return peer is not None and peer.closed
