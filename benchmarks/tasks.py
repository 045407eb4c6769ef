"""The tasks of the MemGPT paper (arXiv:2310.08560, section 3.2) as questions about a repository.

    python benchmarks/tasks.py nested        140 pairs of UUIDs, 0 to 4 levels, 30 orderings, window 4,096
    python benchmarks/tasks.py aliases       the same in code: re-exports that rename, module by module
    python benchmarks/tasks.py documents     facts hidden in two million tokens of text, window 8,192

Without `--model` a policy answers that sees nothing but its requests: it measures the memory, not a model.
A real tokenizer counts, and refuses what is above the window, as a provider would. `--model NAME` asks the
endpoint of OPENAI_BASE_URL instead. Beside it stands what one request of the same window could answer: the
best matches of the index, as many as fit, and nothing paged.
"""

import argparse
import asyncio
import json
import random
import re
import sysconfig
import tempfile
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpe_openai

from memls.agent.conversation import AskOptions
from memls.agent.limits import Limits
from memls.config import Folders, ModelConfig, model_config
from memls.errors import ContextOverflowError
from memls.events import Answer, Done
from memls.models.base import Model, Reply, Request, TextDelta, ToolCall
from memls.models.scripted import ScriptedModel
from memls.workspace import Workspace

PAIRS, FILES, LEVELS, ORDERINGS = 140, 14, 5, 30
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAIR = re.compile(rf'(\S+\.json):(\d+) \| "({_UUID.pattern})": "({_UUID.pattern})"')
_STEPS = 24
_BYTES_PER_TOKEN = 4
"""Of text, about, in the tokenizers in use: for the size of the documents alone."""

ENCODING = bpe_openai.get_encoding("o200k_base")

Policy = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Task:
    """A question, what its answer must hold, and how hard it is (levels of nesting, passages)."""

    question: str
    answer: str
    level: int


@dataclass(frozen=True, slots=True)
class Bench:
    """Files of a repository, the questions about them, and who answers without a model."""

    files: dict[str, str]
    tasks: list[Task]
    policy: Policy


def nested(seed: int, levels: int = LEVELS) -> Bench:
    """Pairs in a random order; behind the first keys a value is a key again, up to `levels` - 1 times."""
    dice = random.Random(seed)
    keys = [_uuid(dice) for _ in range(PAIRS)]
    values = {key: _uuid(dice) for key in keys}
    free = iter(dice.sample(keys, PAIRS))
    tasks = []
    for level in range(levels):
        chain = [next(free) for _ in range(level + 1)]
        values.update(pairwise(chain))
        question = (
            f"What is the value of the key {chain[0]}? Where a value is itself a key, give the value of "
            "that key instead, until the value is no key."
        )
        tasks.append(Task(question, values[chain[-1]], level))
    shuffled = dice.sample(sorted(values.items()), PAIRS)
    size = PAIRS // FILES
    parts = [dict(shuffled[at : at + size]) for at in range(0, PAIRS, size)]
    files = {f"pairs/{number:02}.json": json.dumps(part, indent=1) for number, part in enumerate(parts)}
    return Bench(files, tasks, look_up_pairs)


def aliases(seed: int, levels: int = LEVELS) -> Bench:
    """Constants that modules import from one another under new names. Every name is in every module."""
    dice = random.Random(seed)
    names = [f"name_{letter}" for letter in "abcdefghij"]
    modules = [f"part_{number:02}" for number in range(FILES)]
    places = [(module, name) for module in modules for name in names]
    lines = {place: f'{place[1]} = "{_uuid(dice)}"' for place in places}
    free = iter(dice.sample(places, len(places)))
    tasks = []
    for level in range(levels):
        chain = [next(free) for _ in range(level + 1)]
        for (module, name), (source, known) in pairwise(chain):
            lines[module, name] = f"from shop.{source} import {known} as {name}"
        module, name = chain[0]
        held = lines[chain[-1]].split('"')[1]
        tasks.append(Task(f"Which string is `{name}` of shop/{module}.py in the end?", held, level))
    files = {
        f"shop/{module}.py": "\n".join(lines[module, name] for name in dice.sample(names, len(names))) + "\n"
        for module in modules
    }
    return Bench({"shop/__init__.py": "", **files}, tasks, follow_imports)


def documents(seed: int, folder: Path, tokens: int, questions: int) -> Bench:
    """Facts hidden between the paragraphs of real text. Half of the questions need two that lie apart."""
    dice = random.Random(seed)
    files = dict(_texts(folder, tokens * _BYTES_PER_TOKEN))
    tasks = []
    for number in range(questions):
        device, person, town = (_name(dice, kind) for kind in ("device", "person", "town"))
        _hide(dice, files, f"It was {person} who first drew up the {device}, long before anyone built one.")
        _hide(dice, files, f"Records of the parish show that {person} was born in {town}, a twin.")
        question, answer = f"Who drew up the {device} first?", person
        if number % 2:
            question, answer = f"Where was the person born who first drew up the {device}?", town
        tasks.append(Task(question, answer, 1 + number % 2))
    return Bench(files, tasks, read_passages)


class Counting(ScriptedModel):
    """A policy at an endpoint that counts with a real tokenizer (o200k) and refuses what is too long."""

    async def stream(self, request: Request) -> AsyncGenerator[TextDelta | Reply, None]:
        size = tokens_of(request)
        assert self.window
        if size + request.max_completion_tokens > self.window:
            raise ContextOverflowError("too long", limit=self.window, counted=size)
        async for item in super().stream(request):
            yield replace(item, prompt_tokens=size) if isinstance(item, Reply) else item


def tokens_of(request: Request) -> int:
    """Tokens of all texts of a request, calls and functions as JSON, and four for each message."""
    texts = [message.get("content") or "" for message in request.messages]
    texts += [json.dumps(m["tool_calls"]) for m in request.messages if m.get("tool_calls")]
    return real_count("\n".join([*texts, json.dumps(request.tools)])) + 4 * len(request.messages)


def real_count(text: str) -> int:
    return len(ENCODING.encode(text))


def look_up_pairs(request: Request) -> Reply:
    """Find the key's line; read it and look for its value as a key, both at once; until it is none.

    What was found counts wherever it stands, in a result or in the summary of what was flushed.
    """
    key = _UUID.search(_asked(request))
    text = "\n".join(m["content"] for m in request.messages)
    made = text + json.dumps([m.get("tool_calls") for m in request.messages])
    pairs = {m[3]: (f"{m[1]}:{m[2]}-{m[2]}", m[4]) for m in re.finditer(_PAIR, text)}
    current, place = key.group() if key else "", ""
    while current in pairs:
        place, current = pairs[current]
    if re.search(rf'find[^→]*query[\\": ]+{current}', made):
        return Reply(f"{current} [{place}]")
    read = [("page_in", {"targets": [place]})] if place else []
    return _calls(*read, ("find", {"query": current, "kind": "text"}))


def follow_imports(request: Request) -> Reply:
    """Read a module, see what the name is there, and go on to the module that it comes from.

    Where it stands it writes down in its `task`, since what it read may be evicted.
    """
    said = [m["content"] + json.dumps(m.get("tool_calls") or "") for m in request.messages]
    target = re.search(r"`(\w+)` of (\S+\.py)", _asked(request))
    name, path = (target[1], target[2]) if target else ("", "")
    if noted := re.findall(r"now at (\S+\.py) (\w+)", "\n".join(said)):
        path, name = noted[-1]
    pages = _pages(request)
    lines = pages.get(path)
    if lines is None:
        return _calls(("page_in", {"targets": [path]}))
    for number, line in lines.items():
        if held := re.fullmatch(rf'{name} = "(.+)"', line):
            return Reply(f"{held[1]} [{path}:{number}-{number}]")
        if moved := re.fullmatch(rf"from shop\.(\w+) import (\w+) as {name}", line):
            path, name = f"shop/{moved[1]}.py", moved[2]
            note = ("remember", {"text": f"now at {path} {name}"})
            return _calls(note, *([] if path in pages else [("page_in", {"targets": [path]})]))
    return Reply("not found")


def read_passages(request: Request) -> Reply:
    """Search for the thing, read the best matches, and search for the person where a town is asked for."""
    asked, results = _asked(request), _results(request)
    lines = [(path, number, text) for path, page in _pages(request).items() for number, text in page.items()]
    device = re.search(r"(?:up|) the (\w+ \w+)(?: first)?\?", asked)
    drew = _stated(lines, rf"It was (\w+ \w+) who first drew up the {device[1] if device else ''}")
    if drew is None:
        return _look(results, asked)
    if "Where" not in asked:
        return Reply(f"{drew[0]} {drew[1]}")
    born = _stated(lines, rf"{drew[0]} was born in (\w+ ?\w*),")
    if born is None:
        return _look(results, f"Where was {drew[0]} born?")
    return Reply(f"{born[0]} {born[1]} {drew[1]}")


def _look(results: dict[tuple[str, str], str], query: str) -> Reply:
    """Search, then read the three best matches that were not read yet."""
    found = results.get(("find", query))
    if found is None:
        return _calls(("find", {"query": query}))
    places = re.findall(r"^(\S+:\d+-\d+) ", found, re.MULTILINE)
    read = "".join(target for name, target in results if name == "page_in")
    fresh = [place for place in places if place not in read][:3]
    return _calls(("page_in", {"targets": fresh})) if fresh else Reply("not found")


def _stated(lines: Sequence[tuple[str, int, str]], pattern: str) -> tuple[str, str] | None:
    """What a passage says, and its citation."""
    for path, number, text in lines:
        if match := re.search(pattern, text):
            return match[1], f"[{path}:{number}-{number}]"
    return None


def _asked(request: Request) -> str:
    """The question as the request shows it."""
    users = [m["content"] for m in request.messages if m["role"] == "user"]
    return next((text for text in users if "?" in text.split("\n", 1)[0]), "").split("\n", 1)[0]


def _results(request: Request) -> dict[tuple[str, str], str]:
    """What calls brought, by function and what they asked for."""
    made: dict[str, Any] = {}
    found = {}
    for message in request.messages:
        made |= {call["id"]: call["function"] for call in message.get("tool_calls") or ()}
        if message["role"] == "tool":
            function = made[message["tool_call_id"]]
            arguments = json.loads(function["arguments"])
            wanted = arguments.get("query") or " ".join(arguments.get("targets", ()))
            found[function["name"], wanted] = message["content"]
    return found


def _pages(request: Request) -> dict[str, dict[int, str]]:
    """The lines that stand in a request, by path and number."""
    pages: defaultdict[str, dict[int, str]] = defaultdict(dict)
    path = ""
    for message in request.messages:
        for line in message["content"].split("\n") if message["role"] != "assistant" else ():
            if header := re.match(r"\[p\d+\] (\S+):\d+-\d+", line):
                path = header[1]
            elif path and (numbered := re.match(r"(\d+)\|(.*)", line)):
                pages[path][int(numbered[1])] = numbered[2]
    return dict(pages)


def _calls(*wanted: tuple[str, Any]) -> Reply:
    made = [ToolCall(f"c{at}", name, json.dumps(given)) for at, (name, given) in enumerate(wanted)]
    return Reply("", tuple(made))


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _name(dice: random.Random, kind: str) -> str:
    """A name that no text has, of two words."""

    def word() -> str:
        return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(3)) + "n"

    if kind == "device":
        return f"{word()} {dice.choice(('valve', 'lantern', 'gearbox', 'compass', 'pump', 'bridge'))}"
    return f"{word().title()} {word().title()}" if kind == "person" else f"{word().title()} Bay"


def _texts(folder: Path, size: int) -> Iterator[tuple[str, str]]:
    """Text files, until there is `size` of them, in bytes."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".rst", ".txt", ".md", ".py") or not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        if 1_000 < len(text) < 200_000 and size > 0:
            size -= len(text)
            name = str(path.relative_to(folder)).replace("/", "-")
            yield f"documents/{name}{'' if path.suffix != '.py' else '.txt'}", text


def _hide(dice: random.Random, files: dict[str, str], passage: str) -> None:
    path = dice.choice(sorted(files))
    paragraphs = files[path].split("\n\n")
    paragraphs.insert(dice.randint(0, len(paragraphs)), passage)
    files[path] = "\n\n".join(paragraphs)


@dataclass(slots=True)
class Score:
    """Of one level."""

    asked: int = 0
    right: int = 0
    cited: int = 0
    one_request: int = 0
    steps: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    peak: int = 0


def run(bench: Bench, window: int, config: ModelConfig | None, scores: dict[int, Score]) -> None:
    """Ask every question of one repository, each in a session of its own."""
    with tempfile.TemporaryDirectory(prefix="memls-tasks-") as base:
        root = Path(base, "repository")
        for path, text in bench.files.items():
            Path(root, path).parent.mkdir(parents=True, exist_ok=True)
            Path(root, path).write_text(text, "utf-8")
        with Workspace.open(root, Folders(*(Path(base, name) for name in ("index", "memory", "user")))) as w:
            w.index()
            for task in bench.tasks:
                model: Any = config or Counting(bench.policy, window=window)
                answer = asyncio.run(_ask(w, task.question, model))
                score = scores.setdefault(task.level, Score())
                score.asked += 1
                right = task.answer in answer.answer
                score.right += right
                cited = answer.citations and all(c.status == "verified" for c in answer.citations)
                score.cited += bool(right and cited)
                score.one_request += task.answer in _best_matches(w, task.question, window)
                score.steps.append(answer.usage.steps)
                score.tokens.append(answer.usage.prompt_tokens)
                score.peak = max(score.peak, answer.usage.peak_prompt_tokens)


async def _ask(workspace: Workspace, question: str, model: Model | ModelConfig) -> Answer:
    options = AskOptions(model, limits=Limits(steps=_STEPS), watch=False)
    async with aclosing(workspace.ask(question, options)) as events:
        async for event in events:
            if isinstance(event, Done):
                return event.result
    raise AssertionError("an ask ends with Done")


def _best_matches(workspace: Workspace, question: str, window: int) -> str:
    """The text that one request would hold: the best matches, as many as fit beside a reply's reserve."""
    room, texts = window - max(512, window // 8) - 200, []
    for hit in workspace.search(question, "auto", limit=60).hits:
        lines = Path(workspace.root, hit.path).read_text("utf-8", "replace").split("\n")
        text = "\n".join(lines[hit.line - 1 : hit.end_line])
        room -= real_count(text)
        if room < 0:
            break
        texts.append(text)
    return "\n".join(texts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=("nested", "aliases", "documents"))
    parser.add_argument("--window", type=int, default=0, help="tokens; 4096, and 8192 for documents")
    parser.add_argument("--orderings", type=int, default=ORDERINGS)
    parser.add_argument("--levels", type=int, default=LEVELS)
    parser.add_argument("--documents", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--tokens", type=int, default=2_000_000, help="of documents")
    parser.add_argument("--questions", type=int, default=100, help="about the documents")
    parser.add_argument("--model", help="ask this model at OPENAI_BASE_URL")
    given = parser.parse_args()
    window = given.window or (8192 if given.task == "documents" else 4096)
    config = model_config(given.model, window) if given.model else None
    scores: dict[int, Score] = {}
    if given.task == "documents":
        run(documents(0, given.documents, given.tokens, given.questions), window, config, scores)
    else:
        make = nested if given.task == "nested" else aliases
        for seed in range(given.orderings):
            run(make(seed, given.levels), window, config, scores)
    _print(given.task, window, scores)


def _print(task: str, window: int, scores: dict[int, Score]) -> None:
    unit = "passages" if task == "documents" else "level"
    print(f"{task}, window {window:,}")
    print(
        f"{unit:>8} {'right':>9} {'and cited':>9} {'one request':>12} {'steps':>6} {'tokens':>7} {'peak':>6}"
    )
    for level, s in sorted(scores.items()):
        steps, tokens = sum(s.steps) / s.asked, sum(s.tokens) / s.asked
        right, cited, one = (f"{n}/{s.asked}" for n in (s.right, s.cited, s.one_request))
        print(f"{level:>8} {right:>9} {cited:>9} {one:>12} {steps:>6.1f} {tokens:>7,.0f} {s.peak:>6,}")


if __name__ == "__main__":
    main()
