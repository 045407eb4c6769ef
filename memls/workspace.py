"""A repository as one client has it open: index, search, references, ask, status, memory, unsaved buffers.

What every face calls. Methods block and are safe from any thread, except `ask` and `replay`, which are async.
The agent is imported when it is asked: a look-up must be over before that would be.
"""

import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from memls.config import DEFAULT_WINDOW, Folders
from memls.errors import NotFoundError, UsageError
from memls.index import code
from memls.index.builder import Progress, Report
from memls.index.code import Code, CodeLines, Place, Status
from memls.index.layer import Layer
from memls.index.search import Found, Search, SearchKind
from memls.recollection import MemoryForm, Recollection
from memls.source.files import Overlays, Source
from memls.store import Store

if TYPE_CHECKING:
    from memls.agent.contexts import Contexts
    from memls.agent.conversation import AskOptions, Conversations
    from memls.agent.interrupts import InterruptQueue
    from memls.agent.sessions import Sessions
    from memls.agent.trace import Trace
    from memls.agent.upkeep import Tidied
    from memls.events import Citation, Event
    from memls.index.mentions import Mention
    from memls.index.outlines import Outline
    from memls.index.resolve import Edge, Moment, Resolver
    from memls.index.rules import Rule, Ruling
    from memls.index.vectors import Coverage
    from memls.memory.archive import Archive, Note
    from memls.memory.blocks import Kind, Told
    from memls.memory.pages import PageAction
    from memls.memory.recall import Message, Recall, SessionInfo
    from memls.memory.search import Memory
    from memls.memory.transfer import Brought
    from memls.memory.turns import Turn

_WHOLE = 1_000_000
"""More lines than a file has."""
MOST_NAMESAKES = 50
"""Definitions of one name whose uses are looked for at once."""
_CHECKS = 3
"""How often a query is asked while the files that it finds go on changing."""

EdgeKind = Literal["references", "callers", "callees", "definition"]


class Workspace:
    """A repository, and the client's unsaved buffers over it. Use as a context manager, or call `close`."""

    def __init__(self, store: Store, *, owns_store: bool = False) -> None:
        """Over a store that others may read too. With `owns_store`, closing closes it."""
        self.store = store
        self.root = store.root
        self.folders = store.folders
        self.buffers = Layer(store.index, store.root, lambda: store.limits)
        source = Source(self.root, self.buffers.overlays)
        self.code = Code(self.buffers, source)
        self._search = Search(self.buffers, source=source, nearest=store.nearest)
        self._recollection = Recollection(store)
        self._owns_store = owns_store
        self._suggested: tuple[int, list[str]] | None = None

    @classmethod
    def open(cls, root: Path, state_folders: Folders | None = None) -> Self:
        """With a store of its own. Raises BusyError while another process holds the repository."""
        return cls(Store(root, state_folders), owns_store=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the buffers, and of the store where it is ours."""
        self.buffers.close()
        if self._owns_store:
            self.store.close()

    @cached_property
    def resolver(self) -> "Resolver":
        from memls.index.resolve import Resolver

        return Resolver(self.buffers, self.store.unread)

    @contextmanager
    def still(self) -> Iterator[Self]:
        """The workspace as it is at this moment, for one thread to ask several things.

        While somebody types, the buffers of two questions differ, and each would have to be made ready.
        """
        lack = self.store.unread.now
        with self.buffers.moment() as (now, contents):
            still = copy(self)
            overlays = Overlays(contents, self.buffers.overlays.trees)
            still.code = self.code.at(now, overlays)
            still.resolver = self.resolver.at(now, lack)
            still._search = Search(now, source=Source(self.root, overlays), nearest=self.store.nearest)
            yield still

    @property
    def recall(self) -> "Recall":
        from memls.memory.recall import Recall

        return Recall(self.store.memory)

    @property
    def archive(self) -> "Archive":
        from memls.memory.archive import Archive

        return Archive(self.store.memory)

    def index(self, progress: Progress | None = None, *, force: bool = False) -> Report:
        """Bring the index up to date with the repository."""
        return self.store.build(progress, force=force)

    def import_index(self, file: str, progress: Progress | None = None, *, force: bool = False) -> Report:
        """Bring the index up to date; what the index in a file has of the same texts is not parsed.

        Raises UsageError for a file that is damaged, of other versions or no such file.
        """
        return self.store.import_index(Path(file), progress, force=force)

    def export_index(self, file: str) -> int:
        """Write the index, brought up to date, to a file that can be imported elsewhere; its bytes."""
        return self.store.export_index(Path(file))

    def embed(self, progress: Progress | None = None) -> "Coverage | None":
        """Have every chunk embedded, where the environment names a model for that; else None."""
        vectors = self.store.vectors
        return vectors.catch_up(progress) if vectors else None

    def status(self) -> Status:
        """What is indexed, and what is not and why."""
        vectors = self.store.vectors
        return replace(code.status(self.store.index), embeddings=vectors.coverage() if vectors else None)

    def is_whole(self) -> bool:
        """Whether the index has every file that it should, but for what changed since."""
        return code.is_whole(self.store.index)

    def search(
        self,
        query: str,
        kind: SearchKind = "auto",
        path: str | None = None,
        limit: int = 20,
        offset: int = 0,
        *,
        near: bool = True,
    ) -> Found:
        """Hits of a query, best first; without `near`, no names like one that does not exist."""
        if not query.strip():
            raise UsageError("the query is empty")
        for _ in range(_CHECKS):
            found = self._search.find(query, kind, path, limit, offset, near=near)
            gone, read_again = self._refresh({hit.path for hit in found.hits})
            if not read_again:
                break
        hits = [hit for hit in found.hits if hit.path not in gone]
        return replace(found, hits=hits, total=found.total - len(found.hits) + len(hits))

    def references(self, target: str, kind: EdgeKind = "references") -> "list[Edge]":
        """Edges of a definition named `Symbol`, `path:Symbol` or `path:line:column` (both from 1).

        Of more than MOST_NAMESAKES definitions only these have their uses told, each use once.
        Raises NotFoundError where there is no such definition, with near names.
        """
        for _ in range(_CHECKS):
            edges = self._references(target, kind)
            shown = {edge.path for edge in edges} | {edge.target.path for edge in edges}
            gone, read_again = self._refresh(shown)
            if not read_again:
                break
        return [edge for edge in edges if gone.isdisjoint((edge.path, edge.target.path))]

    def _refresh(self, shown: set[str]) -> tuple[frozenset[str], bool]:
        """Of the files that are to be shown those that changed on disk, and whether to ask again.

        What a client has open counts as it has it.
        """
        return self.store.refresh(shown - self.buffers.overlays.paths())

    def _references(self, target: str, kind: EdgeKind) -> "list[Edge]":
        with self.resolver.moment() as at:
            places = self._definitions(at, target, sys.maxsize if kind == "definition" else MOST_NAMESAKES)
            sure = [edge.target for edge in places if edge.status == "resolved"]
            wanted = dict.fromkeys(sure or [edge.target for edge in places])
            find = {"references": at.references, "callers": at.callers, "callees": at.callees}
            edges = (
                places if kind == "definition" else [edge for place in wanted for edge in find[kind](place)]
            )
        if not places:
            raise self._unknown(target)
        return edges if kind in ("definition", "callees") else _once(edges)

    async def ask(
        self, question: str, options: "AskOptions", interrupts: "InterruptQueue | None" = None
    ) -> "AsyncGenerator[Event, None]":
        """Events of one question, the last one `Done`. The index should be up to date.

        Closing the iterator, or cancelling the task, leaves memory as of the last whole step.
        """
        import asyncio  # a look-up has no time for this

        conversations = await asyncio.to_thread(self._conversations)
        async with aclosing(conversations.ask(question, options, interrupts)) as events:
            async for event in events:
                yield event

    async def replay(self, trace: "Trace", out: IO[str]) -> None:
        """Run a recorded question again with the recorded replies, writing a new trace to `out`.

        Nothing is written to memory. The traces are equal byte for byte when the repository is the same.
        """
        await self._conversations().replay(trace, out)

    def sessions(self, query: str = "") -> "list[SessionInfo]":
        """Conversations, the latest first; with `query` those in which all its words stand."""
        return self._sessions().all(query)

    def transcript(self, session: str) -> "list[Message]":
        """Every message of a conversation, in order."""
        return self._sessions().transcript(session)

    def turns(self, session: str) -> "list[Turn]":
        """What was asked in a conversation, and what came of it. Raises NotFoundError."""
        return self._sessions().turns(session)

    def rename(self, session: str, title: str) -> "list[SessionInfo]":
        """Give a conversation a title; all conversations then. Raises NotFoundError."""
        return self._sessions().rename(session, title)

    def fork(self, session: str, turn: int) -> str:
        """A new session that remembers the turns before `turn`; its name. Raises NotFoundError."""
        return self._sessions().fork(session, turn)

    def export(self, session: str) -> str:
        """A conversation in Markdown, with its citations as they hold now. Raises NotFoundError."""
        return self._sessions().export(session)

    def read(self, path: str, start: int, end: int) -> CodeLines:
        """Lines of a file that is indexed, or open. Raises NotFoundError."""
        return self.code.excerpt(path, start, end)

    def region(self, target: str) -> CodeLines:
        """The lines that `path`, `path:10-60`, `path:Symbol` or `Symbol` names. Raises NotFoundError.

        Of a name that several definitions have none is shown: they are told, each with its lines.
        """
        path, _, lines = target.rpartition(":")
        first, _, last = lines.partition("-")
        if path and first.isdecimal() and (not last or last.isdecimal()):
            found = self.read(path, int(first), int(last or first))
            if found.start > found.end:
                raise NotFoundError(f"{path} has no lines {lines}")
            return found
        if target in self.code.find_paths(target):
            return self.read(target, 1, _WHOLE)
        from memls.agent.namesakes import meant

        places = meant([edge.target for edge in self._references(target, "definition")], target)
        if len(places) > 1:
            told = [f"{one.path}:{one.line}-{one.end_line} {one.symbol}" for one in places[:MOST_NAMESAKES]]
            raise UsageError(f"{target} names {len(places)} definitions, read one: {'; '.join(told)}")
        return self.read(places[0].path, places[0].line, places[0].end_line)

    def outline(self, path: str) -> "Outline":
        """What is in a folder, or in a file. Raises NotFoundError."""
        from memls.index.outlines import outline

        return outline(self.code, path)

    def recalled(self, query: str, limit: int) -> "list[Memory]":
        """Notes and messages that bear on some words, best first; the latest where there are none."""
        from memls.memory.search import Remembered, Wanted

        return list(Remembered(self.store.memory).search(Wanted(query), limit).items)

    def mentions(self, query: str, limit: int) -> "list[Mention]":
        """Files and symbols that a few letters may mean, the likeliest first."""
        from memls.index.mentions import mentions

        return mentions(self.buffers, query, limit)

    def rules(self, rules: "Sequence[Rule]") -> "list[Ruling]":
        """Whether each rule holds of the code as it is indexed. Raises UsageError where one is none."""
        from memls.index.rules import Rules

        with self.still() as still:
            rows = still.resolver.reader.read("SELECT path FROM files WHERE reason IS NULL ORDER BY path")
            judge = Rules(still.code, still.resolver, still._search, tuple(row[0] for row in rows))
            return [judge.judge(rule) for rule in rules]

    def suggestions(self) -> list[str]:
        """Questions that make a good start in this repository."""
        from memls.index.suggestions import suggestions

        generation = self.code.generation()
        if self._suggested is None or self._suggested[0] != generation:
            self._suggested = generation, suggestions(self.buffers, self.code, self.resolver)
        return self._suggested[1]

    def verify(self, citations: Sequence[Mapping[str, Any]]) -> "list[Citation]":
        """Citations of earlier answers, each as its JSON, as they hold now."""
        from memls.agent.recheck import recheck
        from memls.events import Citation

        return list(recheck([Citation(**one) for one in citations], self.code))

    def notes(self) -> "list[Note]":
        """The notes in the archive, the latest first."""
        return self.archive.all()

    def forget(self, what: str, *, session: bool = False) -> bool:
        """Delete a conversation by name, or a note as `note:ID`; whether there was one.

        With `session`, it is a conversation whatever its name.
        """
        if not session and what.startswith("note:") and what[5:].isdigit():
            return self.archive.forget(int(what[5:]))
        return self._sessions().forget(what)

    def export_memory(self, form: MemoryForm) -> str:
        """Everything that is remembered of the repository, and the user's block."""
        return self._recollection.export(form)

    def import_memory(self, text: str, form: MemoryForm, *, replace: bool = False) -> "Brought":
        """Bring in what an export wrote; with `replace`, forget everything else. All of it, or nothing.

        Raises UsageError where the text is no export, or a question is being answered.
        """
        return self._recollection.bring(text, form, replace=replace)

    def block_kinds(self) -> "tuple[Kind, ...]":
        """The working-context blocks that the user defined for this repository."""
        return self._recollection.kinds()

    def blocks(self) -> "list[Told]":
        """The working-context blocks that outlive sessions, with their texts."""
        return self._recollection.told()

    def define_block(
        self, name: str, about: str = "", tokens: int = 0, read_only: bool = False, text: str | None = None
    ) -> bool:
        """Add a working-context block or change what one is, and its text where one is given.

        Sessions know of it from their next question on. True. Raises UsageError.
        """
        from memls.memory.blocks import Kind

        self._recollection.define(Kind(name, about.strip(), tokens, read_only), text)
        return True

    def remove_block(self, name: str) -> bool:
        """Delete a block that was defined, with its text; whether there was one."""
        return self._recollection.remove(name)

    def tidy(self) -> "Tidied":
        """Let memory follow the code, find what is said twice as one, sum up what is over; delete nothing."""
        from memls.agent.upkeep import tidy

        return tidy(self.store.memory, self.code)

    def keep_tidy(self) -> Callable[[], None]:
        """Do that from now on, when nobody asks anything. Gives what ends it."""
        from memls.agent.upkeep import Timer

        return Timer(self.store.live, self.tidy).stop

    def remember(self, text: str, path: str = "", symbol: str = "") -> int:
        """Keep a note of the user's in the archive, anchored to a file or to a symbol in it; its number."""
        from memls.memory.archive import CodeAnchor
        from memls.memory.pages import anchor_hash

        if not text.strip():
            raise UsageError("there is nothing to remember: the note is empty")
        anchors = [CodeAnchor(path, symbol, anchor_hash(self.code.view(path), symbol))] if path else []
        return self.archive.add("user", " ".join(text.split()), anchors)

    def context(self, session: str, window: int = DEFAULT_WINDOW) -> dict[str, Any]:
        """The main context of a session: its pages, blocks, summary and size. Raises NotFoundError.

        `window` is taken for that of a session that never ran.
        """
        return self._contexts(window).show(session)

    def page(self, session: str, action: "PageAction", handle: str) -> dict[str, Any]:
        """Pin, unpin or evict a page of a session; its context then."""
        return self._contexts().page(session, action, handle)

    def page_in(self, session: str, targets: Sequence[str], window: int = DEFAULT_WINDOW) -> dict[str, Any]:
        """Page in what targets (`path:Symbol`, `path:10-60`, `path`) name; the session's context then."""
        return self._contexts(window).page_in(session, targets)

    def block(self, session: str, name: str, text: str, window: int = DEFAULT_WINDOW) -> dict[str, Any]:
        """Put a text in the place of a working-context block; the session's context then."""
        return self._contexts(window).block(session, name, text)

    def _definitions(self, at: "Moment", target: str, limit: int) -> "list[Edge]":
        """The definitions that a target names, each as an edge with why it is one."""
        path, line, column = _position(target)
        if path:
            return at.definitions_at(path, line, column)
        return [_named(place) for place in at.find_symbols(target.removesuffix("()"), limit)]

    def _unknown(self, target: str) -> NotFoundError:
        """What is said of a target that names no definition."""
        if _position(target)[0]:
            return NotFoundError(f"no definition or reference at {target}")
        near = self._search.symbol(target.rpartition(":")[2]).near
        hint = f"; near names: {', '.join(near)}" if near else ""
        return NotFoundError(f"no symbol is named {target}{hint}")

    def _conversations(self) -> "Conversations":
        from memls.agent.conversation import Conversations

        contexts = self._contexts()
        return Conversations(contexts.repository, contexts.memory, self.store.watch, self.store.live)

    def _sessions(self) -> "Sessions":
        from memls.agent.sessions import Sessions

        return Sessions(self._contexts())

    def _contexts(self, window: int = DEFAULT_WINDOW) -> "Contexts":
        from memls.agent.contexts import Contexts
        from memls.agent.session import Memory, Repository

        repository = Repository(self.root, self.code, self._search, self.resolver)
        blocks = self._recollection
        memory = Memory(self.store.memory, blocks.blocks(), blocks.kinds())
        return Contexts(repository, memory, self.store.live, window)


def _position(target: str) -> tuple[str, int, int]:
    """`path:line:column`, columns from 1 as editors show them, given back from 0; else an empty path."""
    parts = target.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0].removeprefix("./"), int(parts[1]), max(0, int(parts[2]) - 1)
    return "", 0, 0


def partial_note(target: str, definitions: int) -> str:
    """What to say of the uses of a name that so many definitions have; "" where they are of all."""
    if definitions <= MOST_NAMESAKES:
        return ""
    return f"{target} has {definitions:,} definitions: this is of {MOST_NAMESAKES}; path:Symbol names one"


def _once(edges: "list[Edge]") -> "list[Edge]":
    """Each use once, as what it is likeliest: of many definitions of a name it is a candidate of all."""
    from memls.index.edges import in_order

    told: dict[tuple[str, int, int, str], Edge] = {}
    for edge in in_order(edges):
        told.setdefault((edge.path, edge.line, edge.column, edge.role), edge)
    return list(told.values())


def _named(place: Place) -> "Edge":
    from memls.index.resolve import Edge

    return Edge(
        path=place.path, line=place.line, column=0, symbol=place.symbol, role="definition",
        status="resolved", reason="exact name", target=place,
    )  # fmt: skip
