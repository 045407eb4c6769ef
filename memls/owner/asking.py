"""Questions forwarded between processes: the options as JSON, the events on the way, and a lent model.

The model's endpoint and key are the asking process's own: they come with the question, over the private
socket, and are kept nowhere.
"""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memls.agent.attachments import Attachment
from memls.agent.conversation import AskOptions
from memls.agent.limits import Limits
from memls.agent.lookup import Hint
from memls.config import ModelConfig
from memls.errors import MemlsError, UsageError
from memls.events import Done, Event, as_json, from_json
from memls.owner.peer import Emit, Peer
from memls.owner.threads import alone

if TYPE_CHECKING:
    from memls.workspace import Workspace


def ask_params(question: str, options: AskOptions) -> dict[str, Any]:
    """What a forwarded question is sent as."""
    given = options.model
    model = asdict(given) if isinstance(given, ModelConfig) else {"lent": given.name, "window": given.window}
    return {
        "question": question, "session": options.session, "model": model, "limits": asdict(options.limits),
        "trace": options.trace is not None, "hint": asdict(options.hint) if options.hint else None,
        "attachments": [one.as_json() for one in options.attachments], "again": options.again,
        "private": options.private,
    }  # fmt: skip


async def answer_ask(workspace: "Workspace", params: dict[str, Any], emit: Emit, peer: Peer) -> None:
    """At the owner: send every event as it comes, and the lines of a trace where one is wanted."""
    if not workspace.store.built.is_set():
        await alone(workspace.index)
    model = dict(params["model"])
    if "lent" in model:
        from memls.models.choice import summarises
        from memls.models.lent import LentModel

        lent = model["lent"]
        chosen: Any = LentModel(lent, model["window"], peer.call, summarises=summarises(lent))
    else:
        chosen = ModelConfig(**model)
    trace: Any = _TraceLines(emit) if params.get("trace") else None
    hint = Hint(**params["hint"]) if params["hint"] else None
    options = AskOptions(
        chosen, params["session"], Limits(**params["limits"]), trace, hint=hint, again=params["again"],
        private=params["private"],
        attachments=tuple(Attachment(**one) for one in params["attachments"]),
    )  # fmt: skip
    async with aclosing(workspace.ask(params["question"], options)) as events:
        async for event in events:
            emit(as_json(event))


async def forwarded_ask(peer: Peer, question: str, options: AskOptions) -> AsyncGenerator[Event, None]:
    """At the other process: the events as they come. Raises LostError when the owner ends."""
    queue: asyncio.Queue[Any] = asyncio.Queue()
    call = asyncio.create_task(peer.call("ask", ask_params(question, options), queue.put_nowait))
    call.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (event := await queue.get()) is not None:
            if "trace" in event:
                assert options.trace is not None
                options.trace.write(event["trace"])
                continue
            revived = from_json(event)
            yield revived
            if isinstance(revived, Done):
                return
        await call
        raise MemlsError("the question ended without an answer")
    finally:
        call.cancel()


async def answer_replay(workspace: "Workspace", params: dict[str, Any]) -> str:
    """At the owner: run a recorded question again; the trace of that."""
    from memls.agent.trace import parse_trace

    out = io.StringIO()
    try:
        await workspace.replay(parse_trace(params["trace"], Path("trace")), out)
    except UsageError:
        raise
    except MemlsError:
        pass  # it parts from the recording: the traces tell where
    return out.getvalue()


class _TraceLines(io.TextIOBase):
    """Takes a trace line by line and sends it on."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit

    def write(self, text: str) -> int:
        self._emit({"trace": text})
        return len(text)
