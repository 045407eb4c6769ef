"""The protocol under random use: a state machine whose rules are messages, right and wrong, to a real server.

Every now and then, and at the end, each request must have been answered once and the server's text of every
document must be the model's; then it must leave promptly, with nothing on stderr that looks like a fault.
`MEMLS_FUZZ_STEPS` sets how many steps are taken in all (1,000), `MEMLS_FUZZ_SEED` where they start. What
fails is shrunk to the shortest sequence of messages that fails.
"""

import asyncio
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from wire import Refused, Wire, serving

from memls.lsp.features.table import FEATURES
from memls.lsp.requests import REQUESTS
from memls.source.content import generated
from memls.text import shorten

pytestmark = pytest.mark.slow

STEPS = int(os.environ.get("MEMLS_FUZZ_STEPS", "1000"))
SEED = int(os.environ.get("MEMLS_FUZZ_SEED", "1"))
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
PATHS = ("app.py", "shop/stock.py", "new file.py", "größe.py", "shop/other.js")
FRAGMENTS = (
    "def f(x):\n    return g(x)\n", "class A:\n    def m(self): pass\n", "f(1)", "𝄞", "größe", "\r\n", "\n",
    "\r", "\f", "\u2028", "x = ", '"', "'''", "(", ")", "\t", "    ", "A().m()", "import shop.stock\n", "#",
    "\\", "function h(a) { return h(a) }\n", "e\u0301", "\u200d", "\ufeff", "`",
)  # fmt: skip
METHODS = tuple(method for feature in FEATURES for method in feature.methods)
OWN = tuple(REQUESTS)
ACTIONS = (
    "edit", "edit", "edit", "edit", "request", "request", "request", "request", "open", "close", "save",
    "own", "command", "cancel", "configure", "move_folder", "malformed", "unknown", "wrong_params", "touch",
)  # fmt: skip
"""What a step may be; what is here more than once is chosen more often."""
ROUND = settings(
    max_examples=5, stateful_step_count=100, deadline=None, database=None, print_blob=False,
    phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
dices = st.randoms(use_true_random=True)
_LINE_END = re.compile("\r\n|\n|\r")


class Fuzzer:
    """One connection, the model of its documents, and the dice that the next step is thrown with."""

    dice: random.Random

    def __init__(self, wire: Wire, root: Path, encoding: str) -> None:
        self.wire, self.root, self.encoding = wire, root, encoding
        self.texts: dict[str, str] = {}
        self.versions: Counter[str] = Counter()
        self.open_requests: dict[Any, asyncio.Future[Any]] = {}
        self.expected: Counter[Any] = Counter()
        self.kept: list[Any] = []
        self.number = 1_000_000  # the connection counts its own from 1
        self.nameless = 0
        self.folders = {"repo"}
        self.codes: Counter[int] = Counter()

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    # Documents.

    def open(self) -> None:
        path = self.dice.choice(PATHS)
        text = "".join(self.dice.choices(FRAGMENTS, k=self.dice.randrange(30)))
        self.versions[path] = self.dice.randrange(-3, 3)
        self.texts[path] = text
        document = {"uri": self.uri(path), "languageId": "x", "version": self.versions[path], "text": text}
        self.wire.notify("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        path = self.dice.choice(PATHS)
        self.texts.pop(path, None)
        self.wire.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def save(self) -> None:
        path = self.dice.choice(PATHS)
        params: dict[str, Any] = {"textDocument": {"uri": self.uri(path)}}
        if path in self.texts and self.dice.random() < 0.5:
            params["text"] = self.texts[path]
        self.wire.notify("textDocument/didSave", params)

    def edit(self) -> None:
        """One to three changes, with ranges in and out of the text."""
        if not self.texts:
            self.open()
        path = self.dice.choice(sorted(self.texts))
        self.versions[path] += self.dice.choice((1, 1, 1, 5))
        changes = []
        for _ in range(self.dice.choice((1, 1, 1, 2, 3))):
            new = "".join(self.dice.choices(FRAGMENTS, k=self.dice.randrange(4)))
            if self.dice.random() < 0.05:
                changes.append({"text": new})
                self.texts[path] = new
                continue
            start, end = self.position(path), self.position(path)
            order = (start["line"], start["character"]) <= (end["line"], end["character"])
            if not order and self.dice.random() < 0.5:
                start, end = end, start
            changes.append({"range": {"start": start, "end": end}, "text": new})
            self.texts[path] = self.applied(self.texts[path], start, end, new)
        document = {"uri": self.uri(path), "version": self.versions[path]}
        self.wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def position(self, path: str) -> dict[str, int]:
        text = self.texts.get(path, "")
        lines = _LINE_END.split(text)
        if self.dice.random() < 0.1:
            far = (0, 1, 7, 10_000, 2**31 - 1)
            return {"line": self.dice.choice(far), "character": self.dice.choice(far)}
        line = self.dice.randrange(len(lines))
        index = self.dice.randrange(len(lines[line]) + 1)
        units = len(lines[line][:index].encode(ENCODINGS[self.encoding])) // WIDTHS[self.encoding]
        return {"line": line, "character": units}

    def applied(self, text: str, start: dict[str, int], end: dict[str, int], new: str) -> str:
        first, last = self.offset(text, start), self.offset(text, end)
        return text[:first] + new + text[max(first, last) :]

    def offset(self, text: str, position: dict[str, int]) -> int:
        """By counting: another way than the server's."""
        ends = [0, *(found.end() for found in _LINE_END.finditer(text))]
        if position["line"] >= len(ends):
            return len(text)
        start = ends[position["line"]]
        line = _LINE_END.split(text)[position["line"]]
        data = line.encode(ENCODINGS[self.encoding])[: position["character"] * WIDTHS[self.encoding]]
        return start + len(data.decode(ENCODINGS[self.encoding], "ignore"))

    # Requests.

    def begin(self, method: str, params: Any) -> None:
        self.number += 1
        number: Any = self.dice.choice((self.number, f"text-{self.number}"))
        self.expected[number] += 1
        self.open_requests[number] = self.wire.begin(method, params, number)

    def request(self) -> None:
        method = self.dice.choice(METHODS)
        self.begin(method, self.params(method))
        if self.dice.random() < 0.2:  # while it is being answered
            self.wire.notify("$/cancelRequest", {"id": next(reversed(self.open_requests))})

    def params(self, method: str) -> Any:
        path = self.dice.choice((*PATHS, "gone.py", "../outside.py", "."))
        spot = self.position(path)
        params: dict[str, Any] = {"textDocument": {"uri": self.uri(path)}, "position": spot}
        whole = {"start": spot, "end": self.position(path)}
        if method == "workspace/symbol":
            return {
                "query": self.dice.choice(("", "f", "A", "m", "größe", "*", "a.b", "%", "\0", "x" * 5000))
            }
        if method.endswith("esolve") or method.startswith(("callHierarchy/", "typeHierarchy/")):
            item = self.dice.choice(self.kept) if self.kept and self.dice.random() < 0.8 else {
                "name": "f", "label": "f", "kind": 12, "uri": self.uri(path), "range": whole,
                "selectionRange": whole, "location": {"uri": self.uri(path)}, "data": self.junk(),
            }  # fmt: skip
            return {"item": item} if "ierarchy" in method else item
        if method == "textDocument/references":
            params["context"] = {"includeDeclaration": self.dice.random() < 0.5}
        if method == "textDocument/selectionRange":
            params["positions"] = [self.position(path) for _ in range(self.dice.randrange(4))]
        if method == "textDocument/codeAction":
            params |= {"range": whole, "context": {"diagnostics": []}}
        return params

    def own(self) -> None:
        method = self.dice.choice(OWN)
        names = ("question", "session", "query", "kind", "uri", "root", "range", "page", "action", "what",
                 "text", "token", "limit", "offset", "window", "model", "workDoneToken")  # fmt: skip
        params: Any = {name: self.junk() for name in self.dice.sample(names, self.dice.randrange(6))}
        if method == "memls/ask" and self.dice.random() < 0.5:
            params = {
                "question": "What is `f`?",
                "session": self.dice.choice("ab"),
                "token": 1,
                "window": 8192,
            }
        if method == "memls/memory" and self.dice.random() < 0.5:
            params["action"] = self.dice.choice(("list", "show", "forget", "remember"))
        self.begin(method, self.dice.choice((params, params, params, None, [], 7)))

    def command(self) -> None:
        name = self.dice.choice(("memls.ask", "memls.remember", "memls.context", "memls.none", 3))
        arguments = self.dice.choice(([], None, [self.junk()], [{"question": "Where is f?", "symbol": "f"}]))
        self.begin("workspace/executeCommand", {"command": name, "arguments": arguments})

    def cancel(self) -> None:
        numbers = [*self.open_requests, 987654321, "none"]
        self.wire.notify("$/cancelRequest", {"id": self.dice.choice(numbers)})

    def wrong_params(self) -> None:
        self.begin(self.dice.choice((*METHODS, "initialize", "workspace/executeCommand")), self.junk())

    def unknown(self) -> None:
        name = self.dice.choice(("foo/bar", "$/foo", "", "memls/", "textDocument/", "window/showMessage"))
        if self.dice.random() < 0.5:
            self.begin(name, self.junk())
        else:
            self.wire.notify(name or "x", self.junk())

    # The surroundings.

    def configure(self) -> None:
        name = self.dice.choice([feature.name for feature in FEATURES])
        values = self.dice.choice((
            {"features": {name: self.dice.random() < 0.5}}, {"memls": {"features": {name: True}}}, None,
            self.junk(), {"features": {"nothing": 1}, "model": 3, "window": "x", "complete": 0},
            {"features": {feature.name: True for feature in FEATURES}},
        ))  # fmt: skip
        self.wire.notify("workspace/didChangeConfiguration", {"settings": values})

    def move_folder(self) -> None:
        other = self.root.parent / "second"
        folder = {"uri": other.as_uri(), "name": "second"}
        come = "second" not in self.folders
        (self.folders.add if come else self.folders.discard)("second")
        event = {"added": [folder] if come else [], "removed": [] if come else [folder]}
        self.wire.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    def touch(self) -> None:
        path = self.dice.choice(PATHS)
        (self.root / path).write_text(f"def disk_{self.number}(): pass\n")
        changes = [{"uri": self.uri(path), "type": self.dice.choice((1, 2, 3))}]
        self.wire.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        self.wire.notify("workspace/didCreateFiles", {"files": [{"uri": self.uri(path)}]})

    def malformed(self) -> None:
        """Bodies that are no messages. Some are answered by an error without the id of a request."""
        body, answers = self.dice.choice((
            (b"{", 1), (b"[]", 1), (b"null", 1), (b"\xff\xfe\xfa", 1), (b'"\\ud800"', 1),
            (b"[" * 100_000, 1), (b'{"a":' * 50_000, 1), (b"{}", 1), (b'{"jsonrpc":"2.0"}', 1),
            (b'{"jsonrpc":"2.0","id":null}', 1), (b'{"jsonrpc":"2.0","id":[1],"method":"shutdown"}', 1),
            (b'{"jsonrpc":"2.0","id":5,"result":7}', 0),
            (b'{"jsonrpc":"2.0","id":"z","error":7}', 0), (b'{"jsonrpc":"1.0","method":"exit2"}', 0),
            (b'{"id":{},"result":1}', 0), (b'{"jsonrpc":"2.0","method":"$/cancelRequest"}', 0),
            (b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"jsonrpc":"2.0","id":1}}', 0),
        ))  # fmt: skip
        self.nameless += answers
        if self.dice.random() < 0.3:
            head = self.dice.choice((
                b"content-length:%d\r\n\r\n", b"CONTENT-LENGTH:   %d  \r\nX: y\r\n\r\n",
                b"Content-Length: %d\n\n",
                b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
                b"\r\nnonsense\r\nContent-Length: %d\r\n\r\n",
            ))  # fmt: skip
            self.wire.send_bytes(head % len(body) + body)
        else:
            self.wire.send_body(body)

    def junk(self) -> Any:
        return self.dice.choice((
            None, True, -1, 0, 2**70, 1.5, "", "x", "\ud800", [], {}, [[]], {"a": {"b": [1]}},
            {"root": "/nowhere"}, {"root": 3}, {"path": "app.py", "symbol": "f", "line": 1}, "f", "a", "find",
            {"start": {"line": 0, "character": 0}, "end": {"line": -1, "character": 0}}, self.uri("app.py"),
            {"range": 1, "uri": "untitled:x", "question": "What?"}, {"textDocument": {"uri": 7}},
            {"textDocument": {"uri": self.uri("app.py")}, "position": {"line": -1, "character": 2**80}},
        ))  # fmt: skip

    # What must hold.

    async def settle(self) -> None:
        """Every request is answered once; what comes back is kept, to be given to others."""
        for number, future in list(self.open_requests.items()):
            try:
                self.keep(await asyncio.wait_for(future, 30))
            except Refused as error:
                self.codes[error.code] += 1
                assert error.code in (-32600, -32601, -32602, -32800, -32803), (number, str(error))
            del self.open_requests[number]
        self.kept = self.kept[-50:]

    def keep(self, answer: Any) -> None:
        if isinstance(answer, dict) and isinstance(answer.get("items"), list):
            answer = answer["items"]
        if isinstance(answer, list):
            found = (
                item.get("from") or item.get("to") or item for item in answer[:3] if isinstance(item, dict)
            )
            self.kept += [item for item in found if "name" in item or "label" in item]

    async def compare(self) -> None:
        """The server's texts are the model's, as a search for every line shows them."""
        await self.settle()
        answers = Counter({number: n for number, n in self.wire.answers.items() if number is not None})
        for path, text in sorted(self.texts.items()):
            if not generated(text):
                assert await self.lines_at_server(path) == shown_lines(text)[:1000], (path, text)
        assert all(n == 1 for n in answers.values()), answers
        await self.wire.wait_for(lambda: len(self.wire.refusals) >= self.nameless)
        assert len(self.wire.refusals) == self.nameless

    async def lines_at_server(self, path: str) -> list[str]:
        found = await self.wire.ask(
            "memls/search",
            {"query": "^", "kind": "regex", "path": path, "limit": 1000, "root": str(self.root)},
        )
        return [hit["text"] for hit in found["hits"] if hit["path"] == path]


def shown_lines(text: str) -> list[str]:
    """Lines as `memls/search` shows them."""
    return [shorten(line.strip(), 200) for line in _LINE_END.split(text.removeprefix("\ufeff"))]


class Session(RuleBasedStateMachine):
    """One server process from `initialize` to `exit`, and what its client does in between."""

    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]] = Counter()

    @initialize(dice=dices, encoding=st.sampled_from(sorted(ENCODINGS)))
    def start(self, dice: random.Random, encoding: str) -> None:
        self.runner = asyncio.Runner()
        self.open_things = AsyncExitStack()
        self.folder = Path(self.open_things.enter_context(tempfile.TemporaryDirectory()))
        self.runner.run(self.begin(dice, encoding))

    async def begin(self, dice: random.Random, encoding: str) -> None:
        root, second = self.folder / "repo", self.folder / "second"
        for folder in (root / "shop", second):
            folder.mkdir(parents=True)
            (folder / "stock.py").write_text("class A:\n    def m(self):\n        return f(1)\n")
        (root / "app.py").write_text("from shop.stock import A\n\ndef f(x):\n    return A().m()\n")
        wire = await self.open_things.enter_async_context(serving(root))
        wire.respond["workspace/configuration"] = lambda _: [{"features": {"hover": True}}]
        workspace = {"configuration": dice.random() < 0.5}
        wide = {"general": {"positionEncodings": [encoding]}, "workspace": workspace}
        await wire.initialize(root, options={"features": {"completion": True}}, capabilities=wide)
        await wire.ready()
        self.fuzzer = Fuzzer(wire, root, encoding)

    async def take(self, step: Callable[[], None]) -> None:
        step()
        await asyncio.sleep(0)

    def teardown(self) -> None:
        if hasattr(self, "fuzzer"):
            Session.done.update({f"error {code}": n for code, n in self.fuzzer.codes.items()})
            self.runner.run(self.leave())
            self.runner.close()

    async def leave(self) -> None:
        async with self.open_things:
            await self.fuzzer.compare()
            wire = self.fuzzer.wire
            unanswered = wire.begin("memls/ask", {"question": "Where is f?"})
            assert await wire.leave() == 0
            with suppress(Refused, ConnectionError):
                await asyncio.wait_for(unanswered, 1)

    @rule()
    def compare(self) -> None:
        self.runner.run(self.fuzzer.compare())


def _as_rule(name: str) -> Any:
    def act(self: Session, dice: random.Random) -> None:
        Session.done[name] += 1
        Session.steps += 1
        self.fuzzer.dice = dice
        self.runner.run(self.take(getattr(self.fuzzer, name)))

    act.__name__ = name
    return rule(dice=dices)(act)


for place, action in enumerate(ACTIONS):
    setattr(Session, f"step_{place}_{action}", _as_rule(action))


def test_whatever_comes() -> None:
    """Rounds of sessions until as many steps were taken as asked for."""
    Session.steps, Session.done = 0, Counter()
    began, rounds = time.monotonic(), 0
    while Session.steps < STEPS:
        machine = seed(SEED + rounds)(Session)
        run_state_machine_as_test(machine, settings=ROUND)  # type: ignore[no-untyped-call]
        rounds += 1
    print(f"{Session.steps} steps in {time.monotonic() - began:.1f} s: {dict(Session.done)}")
