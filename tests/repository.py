"""A real repository in a temporary folder, asked by a scripted model; and what every request must hold.

The checks here read a request as a model would (its text) and the disk, and nothing of the program's state.
"""

import asyncio
import io
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endpoint import find_fault
from hypothesis import settings

from memls.agent.attachments import Attachment
from memls.agent.conversation import AskOptions
from memls.agent.interrupts import InterruptQueue
from memls.agent.limits import Limits
from memls.agent.trace import read_trace
from memls.config import Folders, ModelConfig
from memls.events import Answer, Done, Event
from memls.models.base import Model, Reply, Request, ToolCall
from memls.models.scripted import ScriptedModel
from memls.text import split_lines
from memls.tokens import Calibration, count_request
from memls.workspace import Workspace

Policy = Callable[[Request], Reply]
Call = tuple[str, Any]

HEADER = re.compile(r"^\[(p\d+)\] (.+?):(\d+)-(\d+)(?: (.*))?$")
NUMBERED = re.compile(r"^(\d+)\|(.*)$", re.S)
WIDEST = 1200


@dataclass
class Run:
    """What one ask did."""

    events: list[Event]
    requests: list[Request]
    trace: str

    @property
    def answer(self) -> Answer:
        assert isinstance(self.events[-1], Done)
        return self.events[-1].result


@dataclass
class Repo:
    """A repository on disk, its state folders beside it, and the workspace while it is open."""

    root: Path
    folders: Folders
    _workspace: Workspace | None = field(default=None, repr=False)

    @property
    def workspace(self) -> Workspace:
        """Open, and its index up to date when it was opened."""
        if self._workspace is None:
            self._workspace = Workspace.open(self.root, self.folders)
            self._workspace.index()
        return self._workspace

    def close(self) -> None:
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")

    def read(self, path: str) -> str | None:
        target = self.root / path
        return target.read_text("utf-8") if target.is_file() else None

    def lines(self, path: str) -> list[str]:
        return split_lines(self.read(path) or "")

    async def ask_model(
        self,
        question: str,
        model: Model | ModelConfig,
        *,
        session: str | None = None,
        steps: int = 24,
        watch: bool = False,
        interrupts: InterruptQueue | None = None,
        seen: Callable[[Event], None] = lambda _: None,
        attachments: Sequence[Attachment] = (),
    ) -> Run:
        out = io.StringIO()
        options = AskOptions(model, session, Limits(steps=steps), out, watch, attachments=tuple(attachments))
        events: list[Event] = []
        async with aclosing(self.workspace.ask(question, options, interrupts)) as stream:
            async for event in stream:
                events.append(event)
                seen(event)
        requests = model.requests if isinstance(model, ScriptedModel) else []
        return Run(events, requests, out.getvalue())

    def ask(self, question: str, policy: Policy, *, window: int = 8192, **options: Any) -> Run:
        """One question, answered by `policy`."""
        model = ScriptedModel(policy, window=window)
        return asyncio.run(self.ask_model(question, model, **options))

    def replay(self, trace: str) -> str:
        """The trace that a replay of `trace` writes."""
        file = self.folders.index.parent / "recorded.jsonl"
        file.write_text(trace, "utf-8", newline="\n")
        out = io.StringIO()
        asyncio.run(self.workspace.replay(read_trace(file), out))
        return out.getvalue()


@contextmanager
def repository(files: Mapping[str, str] | None = None) -> Iterator[Repo]:
    """A new repository with these files."""
    base = Path(tempfile.mkdtemp(prefix="memls-test-"))
    root = base / "repository"
    root.mkdir()
    repo = Repo(root, Folders(base / "index", base / "memory", base / "user"))
    try:
        for path, text in (files or {}).items():
            repo.write(path, text)
        yield repo
    finally:
        repo.close()
        shutil.rmtree(base)


def examples(number: int) -> settings:
    """So many examples in `make test`, and in the other profiles in proportion."""
    return settings(max_examples=max(1, number * settings().max_examples // 25))


def calls(*wanted: Call, text: str = "", prompt_tokens: int | None = None) -> Reply:
    """A reply that calls functions; arguments are an object, or a text sent as it is."""
    made = tuple(
        ToolCall(f"c{place}", name, arguments if isinstance(arguments, str) else json.dumps(arguments))
        for place, (name, arguments) in enumerate(wanted)
    )
    return Reply(text, made, prompt_tokens=prompt_tokens)


def script(*replies: Reply | str | Callable[[Request], Reply]) -> Policy:
    """The policy that gives these replies in order, and "Done." after them."""
    waiting = list(replies)

    def policy(request: Request) -> Reply:
        reply = waiting.pop(0) if waiting else "Done."
        if isinstance(reply, str):
            return Reply(reply)
        return reply if isinstance(reply, Reply) else reply(request)

    return policy


@dataclass(frozen=True)
class Part:
    """A page as a request shows it: its header's words and its numbered lines."""

    page: str
    path: str
    start: int
    end: int
    label: str
    lines: tuple[tuple[int, str], ...]

    @property
    def marked(self) -> bool:
        return "(stale" in self.label or "(gone" in self.label


def pages_in(messages: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Every page header in what the program says, with its lines. A numbered line without one is a fault."""
    found: list[Part] = []
    for message in messages:
        if message["role"] not in ("tool", "user"):
            continue
        header: re.Match[str] | None = None
        for line in (message["content"] or "").split("\n"):
            if match := HEADER.match(line):
                header = match
                page, path, start, end, label = match.groups()
                found.append(Part(page, path, int(start), int(end), label or "", ()))
            elif match := NUMBERED.match(line):
                assert header is not None, f"a numbered line under no page header: {line[:80]!r}"
                last = found.pop()
                numbered = (int(match.group(1)), match.group(2))
                found.append(
                    Part(last.page, last.path, last.start, last.end, last.label, (*last.lines, numbered))
                )
            elif line != "…":
                header = None
    return found


def check_pages(request: Request, repo: Repo) -> int:
    """Every page's lines are the file's current ones, or the page is marked. How many lines were checked."""
    checked = 0
    for part in pages_in(request.messages):
        if part.marked or not part.lines:
            continue
        lines = repo.lines(part.path)
        for number, text in part.lines:
            assert number <= len(lines), f"{part.page} {part.path} shows line {number} of {len(lines)}"
            assert same_line(text, lines[number - 1]), (part, number, lines[number - 1])
            assert part.start <= number <= part.end, part
            checked += 1
    return checked


def same_line(shown: str, line: str) -> bool:
    """Whether a request shows this line: whole, or the start of a long one."""
    return shown == line or (len(line) > WIDEST and shown == line[: WIDEST - 1] + "…")


def check_protocol(request: Request) -> None:
    assert (fault := find_fault(request.messages)) is None, fault
    for message in request.messages:
        for call in message.get("tool_calls") or ():
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", call["function"]["name"]), call
            assert isinstance(json.loads(call["function"]["arguments"]), dict)
            assert call["id"]


def check_window(requests: Sequence[Request], window: int, replies: Sequence[Reply | None] = ()) -> None:
    """No request is above the budget, at what the replies so far told of the provider's count."""
    calibration = Calibration()
    for place, request in enumerate(requests):
        size = count_request(request.messages, request.tools)
        limit = calibration.estimate(window - request.max_completion_tokens)
        assert size <= limit, f"request {place}: {size} of {limit} in a window of {window}"
        check_protocol(request)
        reply = replies[place] if place < len(replies) else None
        if reply is not None and reply.prompt_tokens:
            calibration.observe(size, reply.prompt_tokens)


_WORDS = "cache page window fault evict index token reader writer queue parser symbol".split()
_CJK = "記憶体管理頁面置換索引檢索程式碼問題回答視窗"


def varied(seed: int) -> dict[str, str]:
    """Files of every kind that is hard to page: huge functions, long lines, CJK, many members, nothing."""
    dice = random.Random(seed)

    def line(width: int = 6) -> str:
        return " ".join(dice.choice(_WORDS) for _ in range(dice.randint(1, width)))

    def function(name: str, height: int, indent: str = "") -> str:
        body = [f"{indent}    {dice.choice(_WORDS)}_{n} = '{line()}'" for n in range(height)]
        return "\n".join([f"{indent}def {name}(a, b):", f'{indent}    """{line()}."""', *body, ""])

    members = "\n".join(function(f"method_{n}", dice.randint(1, 30), "    ") for n in range(60))
    return {
        "small.py": function("small", 2) + "\n\n" + function("other", 3),
        "pkg/huge.py": function("huge", dice.randint(1500, 3000)),
        "pkg/wide.py": f'WIDE = "{"x" * 3000}"\n\ndef wide():\n    return "{line(2) * 90}"\n',
        "pkg/members.py": f"class Members:\n{members}\n",
        "pkg/cjk.py": "\n".join(
            f"def 函數_{n}():\n    # {''.join(dice.choices(_CJK, k=dice.randint(20, 390)))}\n    return {n}\n"
            for n in range(40)
        ),
        "docs/notes.md": "\n\n".join(f"# {line()}\n\n{line(80)}" for _ in range(30)),
        "empty.py": "",
        "one_line.txt": "just one line",
        "tests/test_small.py": "from small import small\n\n\ndef test_small():\n    assert small(1, 2)\n",
    }
