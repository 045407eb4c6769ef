"""Answers for people and programs: Markdown on a terminal, plain elsewhere, JSON, or an event a line.

On a terminal the citations that the text shows are not listed again: those that hold are counted.
Standard output carries the answer alone; the steps go to standard error, and only on a terminal.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from memls import events as ev
from memls.text import plural, shorten, visible

if TYPE_CHECKING:
    from rich.live import Live

_WIDEST = 400
_MARKS = {"verified": "✓", "moved": "→", "stale": "!", "unverified": "?"}


class AnswerView:
    """Renders the events of one question in one of the four formats."""

    def __init__(self, form: str, out: TextIO | None = None) -> None:
        self._form = form
        self._out = out or sys.stdout
        self._live: Live | None = None
        self._text = ""
        self._rich = form == "text" and self._out.isatty()
        self._steps = form == "text" and sys.stderr.isatty()

    def show(self, event: ev.Event) -> None:
        """Render one event."""
        if self._form == "jsonl":
            row = event.result.as_json() if isinstance(event, ev.Done) else ev.as_json(event)
            self._print(json.dumps({"type": "done", **row} if isinstance(event, ev.Done) else row))
        elif isinstance(event, ev.Done):
            self._finish(event.result)
        elif isinstance(event, ev.Token):
            self._stream(event.text)
        elif isinstance(event, ev.Retracted):
            self.stop()
        elif self._steps:
            self._step(event)

    def stop(self) -> None:
        """Take down what is only live."""
        self._text = ""
        if self._live is not None:
            self._live.update("")
            self._live.stop()
            self._live = None

    def _stream(self, text: str) -> None:
        if not self._rich:
            return
        from rich.live import Live
        from rich.markdown import Markdown

        self._text += visible(text)
        if self._live is None:
            self._live = Live(transient=True, refresh_per_second=8, vertical_overflow="visible")
            self._live.start()
        self._live.update(Markdown(self._text))

    def _step(self, event: ev.Event) -> None:
        line = _step_line(event)
        if line:
            dim, plain = ("\x1b[2m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
            width = shutil.get_terminal_size().columns
            print(f"{dim}{shorten(visible(line), width)}{plain}", file=sys.stderr, flush=True)

    def _finish(self, answer: ev.Answer) -> None:
        self.stop()
        if self._form == "json":
            self._print(json.dumps(answer.as_json(), indent=2, ensure_ascii=False))
            return
        if self._rich:
            from rich.console import Console
            from rich.markdown import Markdown

            Console(file=self._out).print(Markdown(answer.answer))
        else:
            self._print(answer.answer)
        width = shutil.get_terminal_size().columns if self._rich else _WIDEST
        footer = _brief(answer) if self._rich else _footer(answer, markdown=self._form == "markdown")
        for line in footer:
            self._print(shorten(line, width))

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)


def _step_line(event: ev.Event) -> str:
    if isinstance(event, ev.Syscall):
        arguments = ", ".join(f"{k}={_value(v)}" for k, v in event.arguments.items() if v not in ("", 0, ()))
        return f"  {event.name}({arguments}) → {event.summary}"
    if isinstance(event, ev.PageIn):
        return f"  ▸ in  {_page_line(event.page)}"
    if isinstance(event, ev.PageOut):
        return f"  ◂ out {event.page.path}:{event.page.start}-{event.page.end} ({event.reason})"
    if isinstance(event, ev.Interrupt):
        return f"  ! {event.kind}: {event.text}"
    return ""


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _page_line(page: ev.PageInfo) -> str:
    state = page.detail if page.state == "resident" else page.state
    size = f"{page.tokens:,} tokens, " if page.tokens else ""
    return f"{page.path}:{page.start}-{page.end} ({size}{state}) {page.symbol}".rstrip()


def _footer(answer: ev.Answer, *, markdown: bool) -> Iterator[str]:
    """Citations with their status, what was read, and what it cost."""
    bullet, head = ("- ", "### ") if markdown else ("  ", "")
    if answer.citations:
        yield f"\n{head}Citations"
        yield from (bullet + visible(_citation_line(citation)) for citation in answer.citations)
    if answer.pages:
        yield f"\n{head}Paged in"
        yield from (bullet + visible(_page_line(page)) for page in answer.pages)
    yield "\n" + _cost_line(answer)
    yield from (f"{bullet}{visible(note)}" for note in answer.notes)


def _brief(answer: ev.Answer) -> Iterator[str]:
    """On a terminal: the text shows what it cites, and the steps what was read. What holds is counted."""
    sound = [citation for citation in answer.citations if citation.status == "verified"]
    rest = [citation for citation in answer.citations if citation.status != "verified"]
    mark = f"{_MARKS['verified']} {plural(len(sound), 'citation')} verified" if sound else ""
    read = f"{plural(len(answer.pages), 'page')} read" if answer.pages else ""
    yield "\n" + " · ".join(filter(None, [mark if answer.citations else "nothing is cited", read]))
    yield from (visible(_citation_line(citation)) for citation in rest)
    yield _cost_line(answer)
    yield from (visible(note) for note in answer.notes)


def _citation_line(citation: ev.Citation) -> str:
    line = f"{_MARKS[citation.status]} {citation.status:<10} {citation.path}:{citation.start}-{citation.end}"
    if citation.status == "moved":
        line += f" (cited as {citation.cited_start}-{citation.cited_end})"
    return f"{line} ({citation.reason})" if citation.reason and citation.status != "moved" else line


def _cost_line(answer: ev.Answer) -> str:
    usage = answer.usage
    cost = f" · ${usage.cost:.4f}" if usage.cost else ""
    percent = round(100 * usage.peak_prompt_tokens / usage.window) if usage.window else 0
    return (
        f"Window: peak {usage.peak_prompt_tokens:,} of {usage.window:,} tokens ({percent} %), "
        f"{plural(usage.steps, 'step')}, {plural(usage.faults, 'fault')}{cost} · "
        f"model {visible(answer.model)} · session {visible(answer.session)}"
    )
