"""Asking from an editor: `memls/ask` with its `memls/event`s, and the command `memls.ask` for plain editors.

`memls/ask` is a request of its own, so that cancelling it stops the work. Its events carry the client's
`token`. A plain editor sees the same through `$/progress`, and the answer as a document or a message.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from memls.errors import MemlsError
from memls.events import Done, Event, PageIn, PageOut, Retracted, Syscall, Token, as_json
from memls.lsp.context import answer_uri, context_uri
from memls.lsp.fields import fields, lines_of, optional, required, rows
from memls.lsp.lending import lent_model
from memls.lsp.settings import Lent
from memls.lsp.shown import answer_file
from memls.owner.loading import load_agent
from memls.owner.threads import alone
from memls.text import shorten

if TYPE_CHECKING:
    from memls.lsp.server import Server

ASK = "memls/ask"
ASK_COMMAND = "memls.ask"
EVENT = "memls/event"

_REFRESH = 0.5
"""Seconds between refreshes of the page table's document while a question runs."""
_SHOWN = 80


async def ask(server: "Server", params: object) -> dict[str, Any]:
    """The answer, as `memls ask --format json` prints it. Waits for the index: cancel it to stop waiting."""
    given = fields(params)
    token = given.get("token")

    def seen(event: Event) -> None:
        server.protocol.notify(EVENT, {**as_json(event), "token": token})

    return await _answer(server, given, optional_token(given), seen)


async def ask_command(server: "Server", arguments: list[Any]) -> dict[str, Any]:
    """The same for `workspace/executeCommand`: progress while it runs, and the answer shown at its end."""
    given = fields(arguments[0] if arguments else None)
    required(given, "question")
    progress = await server.shown.new_progress()
    task = asyncio.create_task(_answer(server, given, progress, lambda _: None))
    if progress is not None:
        server.cancellable[progress] = task
    try:
        result = await task
    except asyncio.CancelledError:
        if asyncio.current_task() and not asyncio.current_task().cancelling():  # type: ignore[union-attr]
            raise JsonRpcException("cancelled", types.LSPErrorCodes.RequestCancelled.value) from None
        task.cancel()
        raise
    finally:
        server.cancellable.pop(progress or "", None)
    await _show(server, given, result)
    return result


def optional_token(given: dict[str, Any]) -> types.ProgressToken | None:
    """The client's `workDoneToken`."""
    token = given.get("workDoneToken")
    return token if isinstance(token, str | int) else None


async def _answer(
    server: "Server",
    given: dict[str, Any],
    progress: types.ProgressToken | None,
    seen: Callable[[Event], None],
) -> dict[str, Any]:
    question = required(given, "question")
    uri = optional(given, "uri", str)
    found = server.roots.of(uri) if uri else None
    root = found[0] if found else server.root_for(given)
    await alone(load_agent)
    from memls.agent.attachments import Attachment
    from memls.agent.conversation import AskOptions
    from memls.agent.lookup import Hint

    chosen = server.settings.chosen_model(optional(given, "model", str), optional(given, "window", int))
    model = lent_model(server, chosen) if isinstance(chosen, Lent) else chosen
    attachments = tuple(Attachment(**one) for one in rows(given, "attachments", Attachment))
    first, last = lines_of(given)
    session = optional(given, "session", str) or f"chat-{uuid.uuid4().hex[:8]}"
    hint = Hint(found[1], first, last) if found else None
    options = AskOptions(model, session, hint=hint, attachments=attachments)
    shown = _Progress(server, progress, session)
    shown.begin(question)
    try:
        async with aclosing(root.access.ask(question, options)) as events:
            async for event in events:
                seen(event)
                shown.report(event)
                if isinstance(event, Done):
                    server.shown.keep(session, event.result.answer)
                    return event.result.as_json()
    finally:
        shown.end()
    raise MemlsError("the question ended without an answer")


class _Progress:
    """A question's work-done progress, and the freshness of its documents."""

    def __init__(self, server: "Server", token: types.ProgressToken | None, session: str) -> None:
        self._server = server
        self._token = token
        self._session = session
        self._text = ""
        self._refreshed = 0.0

    def begin(self, question: str) -> None:
        if self._token is not None:
            title = f"memls: {shorten(question, _SHOWN)}"
            self._server.work_done_progress.begin(
                self._token, types.WorkDoneProgressBegin(title, cancellable=True)
            )

    def report(self, event: Event) -> None:
        if isinstance(event, PageIn | PageOut):
            self._refresh()
        message = self._message(event)
        if self._token is not None and message:
            self._server.work_done_progress.report(
                self._token, types.WorkDoneProgressReport(message=shorten(message, _SHOWN))
            )

    def end(self) -> None:
        self._refreshed = 0.0
        self._refresh()
        if self._token is not None:
            self._server.shown.end_progress(self._token)

    def _message(self, event: Event) -> str:
        """What happens, or the last line of the answer so far."""
        if isinstance(event, Token):
            self._text += event.text
            return self._text.rstrip().rpartition("\n")[2]
        if isinstance(event, Retracted):
            self._text = ""
        if isinstance(event, PageIn):
            return f"reading {event.page.path}:{event.page.start}-{event.page.end}"
        return f"{event.name}: {event.summary}" if isinstance(event, Syscall) else ""

    def _refresh(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._refreshed > _REFRESH:
            self._refreshed = now
            self._server.shown.refresh(context_uri(self._session))


async def _show(server: "Server", given: dict[str, Any], result: dict[str, Any]) -> None:
    """The answer where the user looks: a document where the client can show one, else a message."""
    session, shown = str(result["session"]), server.shown
    text = answer_text(required(given, "question"), result)
    shown.keep(session, text)
    if shown.shows_documents and shown.has_documents:
        await shown.open(answer_uri(session))
        return
    folder = server.root_for(given).access.folders.index
    file = await asyncio.to_thread(answer_file, folder, session, text)
    if shown.shows_documents:
        await shown.open(file)
    else:  # many editors show only the beginning of a message
        named = f"The answer is in {file}\n\n{text}"
        server.window_show_message(types.ShowMessageParams(types.MessageType.Info, named))


def answer_text(question: str, result: dict[str, Any]) -> str:
    """An answer as a Markdown document, with how far its citations hold."""
    lines = [f"# {question.strip()}", "", result["answer"], ""]
    for citation in result["citations"]:
        place = f"{citation['path']}:{citation['start']}-{citation['end']}"
        lines.append(f"- {place} {citation['status']}{': ' * bool(citation['reason'])}{citation['reason']}")
    lines += ["", f"{result['status']} by {result['model']}, session {result['session']}"]
    return "\n".join([*lines, *result["notes"]]) + "\n"
