"""A trace: every request, reply and event of one run as JSON lines, and how to run it again without a model.

It holds no clock and no duration, so that the same repository, question, memory and replies give the same
bytes (invariant 11). A request is written as what it adds to the one before it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from memls.errors import ContextOverflowError, MachineError, MemlsError, ModelError, UsageError
from memls.events import Answer, Event, UsageReport, as_json
from memls.models.base import Reply, Request, ToolCall
from memls.text import digest, shorten

FORMAT = 1


class Tracer:
    """Writes a trace, or nothing when it has no file."""

    def __init__(self, file: IO[str] | None = None) -> None:
        self._file = file
        self._last: list[dict[str, Any]] = []

    def header(self, values: Mapping[str, Any]) -> None:
        """What the run was started with: all that a replay needs."""
        self._write({"type": "header", "format": FORMAT, **values})

    def request(self, request: Request, estimate: int) -> None:
        """A request as the number of messages it shares with the last one, and the rest in full."""
        same = 0
        for before, after in zip(self._last, request.messages, strict=False):
            if before != after:
                break
            same += 1
        row = {"type": "request", "estimate": estimate, "same": same, "messages": request.messages[same:]}
        self._write({**row, "hash": digest(json.dumps([request.messages, request.tools]))})
        self._last = list(request.messages)

    def summary(self, request: Request, estimate: int) -> None:
        """A request for a summary: in full, and none that the next one adds to."""
        row = {"type": "request", "for": "summary", "estimate": estimate, "same": 0}
        hashed = digest(json.dumps([request.messages, request.tools]))
        self._write({**row, "messages": request.messages, "hash": hashed})

    def reply(self, deltas: Sequence[str], reply: Reply) -> None:
        self._write({"type": "reply", "deltas": list(deltas), "reply": asdict(reply)})

    def overflow(self, error: ContextOverflowError) -> None:
        """The provider refused the request as too long."""
        row = {"message": str(error), "limit": error.limit, "counted": error.counted}
        self._write({"type": "overflow", **row})

    def failed(self, error: MemlsError) -> None:
        """There is no reply, and the run goes on without."""
        self._write({"type": "failed", "message": str(error)})

    def event(self, event: Event) -> None:
        if not isinstance(event, UsageReport):
            self._write({"type": "event", "event": as_json(event)})

    def result(self, answer: Answer) -> None:
        self._write({"type": "result", "result": answer.as_json()})

    def _write(self, row: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
            self._file.flush()


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace read back. `summaries` are the places of those among the replies that a summary was to be."""

    header: dict[str, Any]
    replies: list[tuple[list[str], Reply | ModelError]] = field(default_factory=list)
    summaries: frozenset[int] = frozenset()
    rows: list[dict[str, Any]] = field(default_factory=list)


def read_trace(path: Path) -> Trace:
    """Parse a trace file. Raises UsageError where it is none, with the line at fault."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a trace (not UTF-8)") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    return parse_trace(text, path)


def parse_trace(text: str, path: Path) -> Trace:
    """The same from a trace's text; `path` is what errors name."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            rows.append(json.loads(line))
        except ValueError:
            raise UsageError(f"{path}, line {number}: not a trace line") from None
    if not rows or not isinstance(rows[0], dict) or rows[0].get("type") != "header":
        raise UsageError(f"{path} is not a trace: its first line is no header")
    if rows[0].get("format") != FORMAT:
        raise UsageError(f"{path} has trace format {rows[0].get('format')}, this memls reads {FORMAT}")
    replies: list[tuple[list[str], Reply | ModelError]] = []
    summaries, asked = set(), ""
    for row in rows:
        if row.get("type") == "request":
            asked = row.get("for", "")
        elif row.get("type") in ("reply", "overflow", "failed"):
            summaries |= {len(replies)} if asked == "summary" else set()
            replies.append(_reply(row))
    return Trace(rows[0], replies, frozenset(summaries), rows)


def open_trace(path: Path) -> IO[str]:
    """Open a trace file for writing, readable by its owner alone."""
    try:
        file = path.open("w", encoding="utf-8", newline="\n")
        path.chmod(0o600)
    except OSError as error:
        raise MachineError(f"cannot write the trace to {path}: {error.strerror}") from error
    return file


def _reply(row: Mapping[str, Any]) -> tuple[list[str], Reply | ModelError]:
    if row["type"] == "failed":
        return [], ModelError(row["message"])
    if row["type"] == "overflow":
        return [], ContextOverflowError(row["message"], limit=row["limit"], counted=row["counted"])
    fields = dict(row["reply"])
    fields["calls"] = tuple(ToolCall(**call) for call in fields["calls"])
    return list(row["deltas"]), Reply(**fields)


def difference(recorded: str, replayed: str) -> str:
    """Where two traces part, in words for the reader; empty where they are the same bytes."""
    if recorded == replayed:
        return ""
    before, after = recorded.splitlines(), replayed.splitlines()
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if one != other:
            return (
                f"line {number} ({json.loads(one).get('type', '?')}): the repository, memory or memls changed"
            )
    return f"line {min(len(before), len(after)) + 1}: one of them ends here"


def readable(trace: Trace) -> Iterator[str]:
    """A trace for people: the question, each request's size, each call, and the answer."""
    header = trace.header
    yield f"question: {header['question']}"
    yield f"model {header['model']}, window {header['window']}, session {header['session']}"
    for row in trace.rows[1:]:
        if row["type"] == "request":
            what = f"request for a {row['for']}" if "for" in row else "request"
            yield f"→ {what}: about {row['estimate']} tokens, {row['same']} messages as before"
            yield from (f"    {m['role']}: {shorten(m.get('content') or '', 400)}" for m in row["messages"])
        elif row["type"] == "reply":
            reply = row["reply"]
            yield from (f"← {call['name']} {call['arguments']}" for call in reply["calls"])
            yield from ([f"← {reply['text']}"] if reply["text"] else [])
        elif row["type"] == "failed":
            yield f"← failed: {row['message']}"
        elif row["type"] == "overflow":
            yield f"← refused: {row['message']}"
        elif row["type"] == "event" and row["event"]["type"] in ("interrupt", "page_out"):
            yield f"  {json.dumps(row['event'], ensure_ascii=False)}"
        elif row["type"] == "result":
            yield f"result: {row['result']['status']}, {len(row['result']['citations'])} citations"
