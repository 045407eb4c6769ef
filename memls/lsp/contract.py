"""What the server and its clients say to each other beyond LSP: every request of ours, and what it answers.

This is the schema and no code: the clients' types are generated from it (`vscode-extension/scripts`), and
the tests hold real answers against it. Lines count from 1, both ends included; paths are relative to the
repository's root, with `/`; times are ISO 8601 in UTC, with `Z`. The events are those of `memls.events`.
"""

from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

from memls.events import Answer, Citation, Event, PageInfo


class Where(TypedDict, total=False):
    """Every request may name the repository it means, by `root` (a folder's uri) or `uri` (a file's)."""

    root: str
    uri: str


class Attachment(TypedDict):
    """A region that goes along with a question: a file, a symbol in it, or lines of it."""

    path: str
    symbol: NotRequired[str]
    start: NotRequired[int]
    end: NotRequired[int]


class AskParams(Where):
    """`start` and `end` are the lines selected in `uri`. `memls/event` carries `token` back."""

    question: str
    session: NotRequired[str]
    model: NotRequired[str]
    window: NotRequired[int]
    start: NotRequired[int]
    end: NotRequired[int]
    attachments: NotRequired[list[Attachment]]
    token: NotRequired[str]


class Turn(TypedDict):
    """One question of a conversation, as it is kept. It is being answered where it has neither end."""

    number: int
    question: str
    attachments: list[Attachment]
    time: str
    answer: Answer | None
    steps: list[Event]
    """The events of the run but tokens, citations and the end; of a very long run the first and the last."""
    failure: str
    """Why there is no answer, where there is none; `stopped` where the user stopped it."""


class SessionInfo(TypedDict):
    """A conversation. Its title is what the user called it, else its first question."""

    name: str
    title: str
    used: str
    messages: int


class NoteInfo(TypedDict):
    """A note in the archive."""

    id: int
    text: str
    session: str
    time: str


class Context(TypedDict):
    """A session's main context: what `memls/context` and all that change it answer."""

    session: str
    running: bool
    window: int
    tokens: int
    parts: dict[str, int]
    """Tokens by part: instructions, blocks, summary, queue, pages, which make `tokens`; and reserve, which
    is kept free for the reply."""
    blocks: dict[str, str]
    block_limits: dict[str, int]
    """Tokens that each block may hold."""
    summary: str
    pages: list[PageInfo]


class Hit(TypedDict):
    """One place that a search found."""

    path: str
    line: int
    end_line: int
    symbol: str
    kind: str
    score: float
    text: str


class SearchResult(TypedDict):
    """Some hits, best first, of `total`. `near` are names like one that does not exist."""

    hits: list[Hit]
    total: int
    near: list[str]


class ModelInfo(TypedDict):
    """What a question would be answered by. `window` is 0 where the endpoint has yet to be asked for it."""

    kind: Literal["endpoint", "editor", "extractive"]
    name: str
    window: int
    host: str
    """The endpoint's, without credentials, path and query."""


class Embeddings(TypedDict):
    """How many texts of the index have embeddings of a model. `problem`: why no more."""

    model: str
    done: int
    total: int
    problem: str


class Status(TypedDict):
    """What the server does, and what is indexed as soon as the index is open."""

    state: Literal["none", "opening", "indexing", "ready", "failed"]
    error: str
    done: int
    total: int
    version: NotRequired[str]
    model: NotRequired[ModelInfo]
    root: NotRequired[str]
    owner: NotRequired[bool]
    """Whether this process owns the repository, or asks the one that does."""
    files: NotRequired[int]
    symbols: NotRequired[int]
    references: NotRequired[int]
    bytes: NotRequired[int]
    generation: NotRequired[int]
    listing: NotRequired[str]
    languages: NotRequired[dict[str, int]]
    not_indexed: NotRequired[list[tuple[str, str]]]
    """Path and reason."""
    syntax_errors: NotRequired[list[tuple[str, int]]]
    """Path and number."""
    building: NotRequired[bool]
    generic: NotRequired[list[str]]
    """Languages whose symbols are found by a rule for all languages."""
    embeddings: NotRequired[Embeddings | None]
    """Where the server's environment names a model for them."""


class Mention(TypedDict):
    """A file or symbol that `@` completes to. `detail` says where it is."""

    kind: str
    path: str
    symbol: str
    start: int
    end: int
    detail: str


class CodeLines(TypedDict):
    """Lines of a file as the client sees them, unsaved text included."""

    path: str
    start: int
    end: int
    language: str
    text: str


class Changed(TypedDict):
    """The notification `memls/changed`: the text of these files is not what it was.

    It is sent to clients that ask for it in `initializationOptions`: `{"notifications": {"changed": true}}`.
    """

    root: str
    generation: int
    paths: list[str]
    all: bool
    """Too many to name, or nobody knows which."""


class SearchParams(Where):
    query: str
    kind: NotRequired[Literal["auto", "symbol", "text", "regex"]]
    path: NotRequired[str]
    limit: NotRequired[int]
    offset: NotRequired[int]


class SessionParams(Where):
    session: str


class PageParams(SessionParams):
    """`page` is its handle, such as `p3`."""

    page: str


class PageInParams(SessionParams):
    """Targets are `path:Symbol`, `path:start-end` or `path`."""

    targets: list[str]


class BlockParams(SessionParams):
    """`text` is the whole of the block from now on."""

    name: Literal["task", "project", "user"]
    text: str


class SessionsParams(Where):
    """With `query`, only the sessions that have all its words in their title, questions and answers."""

    query: NotRequired[str]


class Sessions(TypedDict):
    """The latest first."""

    sessions: list[SessionInfo]


class Turns(TypedDict):
    turns: list[Turn]


class RenameParams(SessionParams):
    """An empty title is the first question again."""

    title: str


class ForkParams(SessionParams):
    turn: int


class Forked(TypedDict):
    session: str


class Exported(TypedDict):
    markdown: str


class Citations(TypedDict):
    citations: list[Citation]


class VerifyParams(Where):
    citations: list[Citation]


class ReadParams(Where):
    path: str
    start: int
    end: int


class MentionsParams(Where):
    query: str
    limit: NotRequired[int]


class Mentions(TypedDict):
    mentions: list[Mention]


class Suggestions(TypedDict):
    questions: list[str]


class IndexParams(Where):
    """`force`: from nothing."""

    force: NotRequired[bool]


class MemoryParams(Where):
    action: NotRequired[Literal["list", "show", "forget", "remember"]]
    what: NotRequired[str]
    text: NotRequired[str]


class Request(NamedTuple):
    """What a request takes and what it answers."""

    params: Any
    answer: Any
    about: str = ""


REQUESTS = {
    "memls/ask": Request(AskParams, Answer),
    "memls/search": Request(SearchParams, SearchResult),
    "memls/status": Request(Where, Status),
    "memls/index": Request(IndexParams, Status, "Bring the index up to date; answers when that is done."),
    "memls/context": Request(SessionParams, Context),
    "memls/pin": Request(PageParams, Context),
    "memls/unpin": Request(PageParams, Context),
    "memls/evict": Request(PageParams, Context),
    "memls/page_in": Request(
        PageInParams, Context, "A session that is not there is opened. One that runs takes them in shortly."
    ),
    "memls/block": Request(BlockParams, Context, "Refused where the text has more tokens than a block."),
    "memls/sessions": Request(SessionsParams, Sessions),
    "memls/turns": Request(SessionParams, Turns),
    "memls/rename": Request(RenameParams, Sessions),
    "memls/forget": Request(SessionParams, Sessions),
    "memls/fork": Request(
        ForkParams, Forked, "A new session that remembers the turns before `turn`. The old one stays."
    ),
    "memls/export": Request(SessionParams, Exported),
    "memls/verify": Request(VerifyParams, Citations, "The citations as they hold now, in their order."),
    "memls/read": Request(ReadParams, CodeLines),
    "memls/mentions": Request(MentionsParams, Mentions),
    "memls/suggestions": Request(Where, Suggestions),
    "memls/memory": Request(MemoryParams, dict[str, Any]),
}
"""Requests of the client by method."""

NOTIFICATIONS = {"memls/event": Event, "memls/changed": Changed}
"""Notifications of the server by method. `memls/event` has the question's `token` besides."""
