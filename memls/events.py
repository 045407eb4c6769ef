"""What happens while a question is answered, as typed events, and what comes out at the end.

`Workspace.ask` yields these; every face (terminal, JSON lines, LSP, HTTP) renders them in its own way.
`as_json` gives the wire form of the contract: a flat object with `type`. Nothing here holds a clock.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

CitationStatus = Literal["verified", "moved", "stale", "unverified"]
PageState = Literal["resident", "stale", "evicted", "gone"]
PageDetail = Literal["full", "outline", "tombstone"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A region the answer leans on. Lines count from 1, both ends included.

    `hash` is the XXH3 of the region's current text ("" where it is gone). `start` and `end` are current
    lines: for `moved` they are the new ones and `cited_start`, `cited_end` what the answer says.
    """

    path: str
    start: int
    end: int
    hash: str
    status: CitationStatus
    cited_start: int = 0
    cited_end: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Cost of an answer. Tokens are the provider's where it reports them, else our estimate."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    peak_prompt_tokens: int = 0
    cached_prefix_ratio: float = 0.0
    window: int = 0
    steps: int = 0
    faults: int = 0
    cost: float | None = None
    """Dollars; None where neither the provider nor the user says what the model costs."""
    summaries: int = 0
    """Recursive summaries that the model wrote, in calls of their own beside the steps."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One row of the page table as shown to a person."""

    id: str
    path: str
    symbol: str
    start: int
    end: int
    state: PageState
    detail: PageDetail
    tokens: int
    pinned: bool
    faults: int
    last_use: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text, as it streams."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """Text streamed so far in this step was not the answer (a syscall followed, or it is to be mended).

    `text`: what a model said on its way to a syscall, shortened; "" where it is to be said again.
    """

    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PageIn:
    page: PageInfo


@dataclass(frozen=True, slots=True)
class PageOut:
    page: PageInfo
    reason: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A system, user or timer interrupt that the kernel took at a safe point."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Syscall:
    """A function that the model called, and the first line of what came back."""

    name: str
    arguments: dict[str, Any]
    ok: bool
    summary: str


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Before each model call: what the request uses of the window, by part (our estimate, calibrated)."""

    step: int
    prompt_tokens: int
    window: int
    parts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Cited:
    citation: Citation


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of `memls ask`, in the field names of the JSON contract."""

    answer: str
    status: Literal["answered", "incomplete"]
    citations: tuple[Citation, ...]
    usage: Usage
    pages: tuple[PageInfo, ...]
    model: str
    session: str
    generation: int
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Done:
    result: Answer


Event = Token | Retracted | PageIn | PageOut | Interrupt | Syscall | UsageReport | Cited | Done

_NAMES: dict[type, str] = {
    Token: "token",
    Retracted: "retracted",
    PageIn: "page_in",
    PageOut: "page_out",
    Interrupt: "interrupt",
    Syscall: "syscall",
    UsageReport: "usage",
    Cited: "citation",
    Done: "done",
}
KINDS: dict[str, Any] = {name: kind for kind, name in _NAMES.items()}
"""The events by the name that their wire form has as `type`."""


def as_json(event: Event) -> dict[str, Any]:
    """The wire form: `{"type": "page_in", "page": {...}}`."""
    return {"type": _NAMES[type(event)], **asdict(event)}


def from_json(data: Mapping[str, Any]) -> Event:
    """The event of a wire form, as `as_json` gave it in another process of the same version."""
    fields = {name: value for name, value in data.items() if name != "type"}
    kind = KINDS[data["type"]]
    if kind in (PageIn, PageOut):
        fields["page"] = PageInfo(**fields["page"])
    elif kind is Cited:
        fields["citation"] = Citation(**fields["citation"])
    elif kind is Done:
        fields["result"] = answer_of(fields["result"])
    event: Event = kind(**fields)
    return event


def answer_of(data: Mapping[str, Any]) -> Answer:
    """The answer of its JSON, as `as_json` gave it."""
    made = {
        "citations": tuple(Citation(**citation) for citation in data["citations"]),
        "usage": Usage(**data["usage"]),
        "pages": tuple(PageInfo(**page) for page in data["pages"]),
        "notes": tuple(data["notes"]),
    }
    return Answer(**{**data, **made})
