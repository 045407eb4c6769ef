"""A repository as a command has it: its own while nobody else has it open, else forwarded to who has.

The first to come opens the databases, and answers others that come while it is at work. When the owner ends
in the middle of a question, the question is asked again, by then perhaps of ourselves.
"""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from memls.config import folders
from memls.database import BusyError
from memls.errors import LostError, MachineError
from memls.index.builder import Progress, Report
from memls.index.code import Status
from memls.store import Store
from memls.text import plural
from memls.workspace import EdgeKind, Workspace

if TYPE_CHECKING:
    from memls.agent.conversation import AskOptions
    from memls.agent.upkeep import Tidied
    from memls.events import Citation, Event
    from memls.index.code import CodeLines
    from memls.index.early import Early
    from memls.index.resolve import Edge
    from memls.index.rules import Rule, Ruling
    from memls.index.search import Found, SearchKind
    from memls.index.vectors import Coverage
    from memls.memory.archive import Note
    from memls.memory.blocks import Told
    from memls.memory.recall import Message, SessionInfo
    from memls.memory.transfer import Brought
    from memls.owner.host import Feature, Host
    from memls.owner.peer import Peer
    from memls.recollection import MemoryForm

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds to wait for a process that has the repository and does not answer."""
_PAUSE = 0.05
_HOST_AFTER = 0.4
"""Seconds after which a command serves others too; most are done before."""


class Client:
    """A repository for one command. Use as a context manager."""

    def __init__(self, root: Path, feature: "Feature", tell: Callable[[str], None] | None = None) -> None:
        """`feature` answers editors that come while we are the owner; `tell` hears what is waited for."""
        self.root = root
        self.folders = folders(root)
        self._feature = feature
        self._tell = tell or (lambda _: None)
        self._workspace: Workspace | None = None
        self._host: Host | None = None
        self._serving: threading.Timer | None = None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._serving is not None:
            self._serving.cancel()
            self._serving.join()
        if self._host is not None:
            self._host.stop()
        if self._workspace is not None:
            self._workspace.close()
        self._serving = self._host = self._workspace = None

    def index(self, progress: Progress | None = None, *, force: bool = False) -> Report:
        """Bring the index up to date with the repository."""

        def told(event: Any) -> None:
            if progress:
                progress(event["done"], event["total"])

        def local(workspace: Workspace) -> Report:
            return workspace.index(progress, force=force)

        async def forwarded(peer: "Peer") -> Any:
            return await peer.call("index", {"force": force}, told)

        return self._either(local, forwarded, Report)

    def import_index(self, file: Path, progress: Progress | None = None, *, force: bool = False) -> Report:
        """As the workspace's. Another process shows no progress."""
        path = str(file.absolute())
        if self._workspace is not None:
            return self._workspace.import_index(path, progress, force=force)
        result: Report = self._call("import_index", file=path, force=force)
        return result

    def export_index(self, file: Path) -> int:
        return int(self._call("export_index", file=str(file.absolute())))

    def embed(self, progress: Progress | None = None) -> "Coverage | None":
        """As the workspace's. Another process shows no progress."""
        if self._workspace is not None:
            return self._workspace.embed(progress)
        result: Coverage | None = self._call("embed")
        return result

    def blocks(self) -> "list[Told]":
        result: list[Told] = self._call("blocks")
        return result

    def define_block(self, name: str, about: str, tokens: int, read_only: bool, text: str | None) -> None:
        self._call("define_block", name=name, about=about, tokens=tokens, read_only=read_only, text=text)

    def remove_block(self, name: str) -> bool:
        return bool(self._call("remove_block", name=name))

    def tidy(self) -> "Tidied":
        result: Tidied = self._call("tidy")
        return result

    def export_memory(self, form: "MemoryForm") -> str:
        return str(self._call("export_memory", form=form))

    def import_memory(self, text: str, form: "MemoryForm", *, replace: bool) -> "Brought":
        result: Brought = self._call("import_memory", text=text, form=form, replace=replace)
        return result

    def status(self) -> Status:
        result: Status = self._call("status")
        return result

    def search(self, query: str, kind: "SearchKind", path: str | None, limit: int) -> "Found":
        result: Found = self._call("search", query=query, kind=kind, path=path, limit=limit)
        return result

    def search_early(self, query: str, path: str | None, limit: int) -> "Early | None":
        """Definitions with a name, where the index is not whole yet; None where it is, or finds more.

        The index is built by a process of its own then, which goes on after this one.
        """
        if self._call("is_whole"):
            return None
        from memls.config import repository_config
        from memls.index import early
        from memls.index.rows import Limits
        from memls.owner.background import build

        found = early.find(self.root, query, path, limit, Limits.of(repository_config(self.root)))
        if found is not None and self._workspace is not None:
            self.__exit__()
            build(self.root)
        return found

    def references(self, target: str, kind: EdgeKind) -> "list[Edge]":
        result: list[Edge] = self._call("references", target=target, kind=kind)
        return result

    def rules(self, rules: "list[Rule]") -> "list[Ruling]":
        result: list[Ruling] = self._call("rules", rules=rules)
        return result

    def read(self, path: str, start: int, end: int) -> "CodeLines":
        result: CodeLines = self._call("read", path=path, start=start, end=end)
        return result

    def verify(self, citations: "Sequence[Citation]") -> "list[Citation]":
        result: list[Citation] = self._call("verify", citations=[asdict(one) for one in citations])
        return result

    def sessions(self) -> "list[SessionInfo]":
        result: list[SessionInfo] = self._call("sessions")
        return result

    def transcript(self, session: str) -> "list[Message]":
        result: list[Message] = self._call("transcript", session=session)
        return result

    def notes(self) -> "list[Note]":
        result: list[Note] = self._call("notes")
        return result

    def forget(self, what: str) -> bool:
        result: bool = self._call("forget", what=what)
        return result

    def replay(self, trace: str) -> str:
        """Run a recorded question again; the trace of that."""
        import asyncio

        from memls.owner.asking import answer_replay

        async def forwarded(peer: "Peer") -> Any:
            return await peer.call("replay", {"trace": trace})

        def local(workspace: Workspace) -> str:
            return asyncio.run(answer_replay(workspace, {"trace": trace}))

        return self._either(local, forwarded, str)

    async def ask(self, question: str, options: "AskOptions") -> AsyncGenerator["Event", None]:
        """Events of one question, the last one `Done`. The index should be up to date."""
        import asyncio

        from memls.events import Retracted
        from memls.owner.asking import forwarded_ask

        while True:
            try:
                async with aclosing(
                    self._workspace.ask(question, options)
                    if self._workspace is not None
                    else self._through_owner(partial(forwarded_ask, question=question, options=options))
                ) as events:
                    async for event in events:
                        yield event
                return
            except LostError:
                yield Retracted("the process that answered has ended; asking again")
                options = replace(options, again=True)
                await asyncio.to_thread(self._open)

    def _call(self, method: str, **params: Any) -> Any:
        """A method of `Workspace`, wherever it is."""

        def local(workspace: Workspace) -> Any:
            return getattr(workspace, method)(**params)

        async def forwarded(peer: "Peer") -> Any:
            return await peer.call(method, params)

        return self._either(local, forwarded, None, method)

    def _either(
        self, local: Callable[[Workspace], T], forwarded: Callable[["Peer"], Any], kind: Any, method: str = ""
    ) -> T:
        while True:
            if self._workspace is not None:
                return local(self._workspace)
            import asyncio  # not needed by who has the repository alone

            try:
                answer = asyncio.run(self._once(forwarded))
            except LostError:
                self._open()
                continue
            from memls.owner.remote import METHODS, revive

            result: T = revive(METHODS[method] if method else kind, answer)
            return result

    async def _once(self, work: Callable[["Peer"], Any]) -> Any:
        import asyncio

        from memls.owner.link import reach
        from memls.owner.peer import no_calls, no_news

        peer, reading = await reach(self.folders.index, no_calls, no_news)
        try:
            return await work(peer)
        finally:
            peer.close()
            await asyncio.wait([reading])

    async def _through_owner(
        self, work: Callable[["Peer"], AsyncGenerator["Event", None]]
    ) -> AsyncGenerator["Event", None]:
        import asyncio

        from memls.owner.link import reach
        from memls.owner.peer import no_calls, no_news

        peer, reading = await reach(self.folders.index, no_calls, no_news)
        try:
            async with aclosing(work(peer)) as events:
                async for event in events:
                    yield event
        finally:
            peer.close()
            await asyncio.wait([reading])

    def _open(self) -> None:
        """Have the repository, or know that its owner answers."""
        end = time.monotonic() + PATIENCE
        told = False
        while True:
            try:
                store = Store(self.root, self.folders)
            except BusyError as busy:
                problem = self._knock()
                if problem is None:
                    return
                if time.monotonic() >= end:
                    who = f"process {busy.pid}" if busy.pid else "another process"
                    raise MachineError(
                        f"the repository is in use by {who}, which does not answer (waited "
                        f"{plural(round(PATIENCE), 'second')}); let it finish, or stop it"
                    ) from busy
                if not told and busy.pid and time.monotonic() > end - PATIENCE + 1:
                    self._tell(f"waiting for process {busy.pid}, which uses this repository …")
                    told = True
                time.sleep(_PAUSE)
                continue
            self._workspace = Workspace(store, owns_store=True)
            self._serving = threading.Timer(_HOST_AFTER, self._serve)
            self._serving.start()
            return

    def _serve(self) -> None:
        """On the timer's thread. Imported now, for most commands are done before."""
        from memls.owner.host import Host

        assert self._workspace is not None
        self._host = Host(self._workspace.store, self._feature)
        self._host.start()

    def _knock(self) -> LostError | None:
        """None where the owner answers. Raises OtherVersionError, which waiting does not mend."""

        import asyncio

        async def nothing(peer: "Peer") -> None:
            return None

        try:
            asyncio.run(self._once(nothing))
        except LostError as error:
            return error
        return None
