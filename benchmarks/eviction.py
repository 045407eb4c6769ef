"""Which pages to evict: policies on traces of what was needed when, beside farthest-next-use.

    python benchmarks/eviction.py --git REPOSITORY… --asks TRACE.jsonl… --agents FOLDER… [--together]
        [--room 4000 9000 20000]

A trace is a sequence of needs. `--git`: the files of each commit in turn, oldest first; a large file
counts as its largest page. `--asks`: what recorded questions (`memls ask --trace`) paged in and cited, one
after another, as one long conversation. `--agents`: what a model looked at and changed while it worked on a
task, in blocks of 60 lines, from the recordings of SWE-agent (`*.traj`, as in SWE-bench's leaderboard), each
alone or, `--together`, the tasks of a repository one after another, as questions of one conversation.
The first need of a page is no policy's fault and is not counted.
Farthest-next-use knows the future (Belady, 1966); for pages of many sizes the better of its two orders
counts, by next use alone and for the room as well. "closed" is how much of the distance to it is gone.
"""

import argparse
import json
import math
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from memls.memory.eviction import activation

_LARGEST, _SMALLEST = 1500, 30
"""Tokens of a page: what a window of 8,192 shows of a file at once, and the least."""
_BYTES_PER_TOKEN = 3
_MOST_FILES = 12
"""Commits that touch more are no work on anything."""
_NEVER = 10**9

_BLOCK = 60
"""Lines of a page of an agent's file."""
_TOKEN = 3.5
"""Characters."""


class Need(NamedTuple):
    """A page of a file that is needed now, for the question of that number.

    `names` are what it defines; `said` are the names that were spoken since the need before it, and `pointed`
    the pages that results showed lines of meanwhile.
    """

    page: str
    tokens: int
    file: str
    question: int = 0
    names: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    pointed: frozenset[str] = frozenset()


Trace = Sequence[Need]


class Policy(Protocol):
    """Sees every need, and says what each resident page is worth. The least goes."""

    def use(self, now: int, need: Need) -> None: ...
    def worth(self, page: str, now: int) -> float: ...
    def evicted(self, page: str) -> None: ...


class Uses:
    """What most policies look at."""

    def __init__(self, trace: Trace) -> None:
        self.uses: defaultdict[str, list[int]] = defaultdict(list)
        self.tokens: dict[str, int] = {}

    def use(self, now: int, need: Need) -> None:
        self.uses[need.page].append(now)
        self.tokens[need.page] = need.tokens

    def evicted(self, page: str) -> None: ...


class LRU(Uses):
    def worth(self, page: str, now: int) -> float:
        return self.uses[page][-1]


class LRUPerToken(Uses):
    """Age times size, as SIZE-adjusted LRU."""

    def worth(self, page: str, now: int) -> float:
        return -(now - self.uses[page][-1] + 1) * self.tokens[page]


class GDSF(Uses):
    """Greedy dual size frequency (Cherkasova, 1998): uses for the size; what went out last ages the rest."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.clock = 0.0
        self.value: dict[str, float] = {}

    def use(self, now: int, need: Need) -> None:
        super().use(now, need)
        self.value[need.page] = self.clock + len(self.uses[need.page]) / need.tokens

    def worth(self, page: str, now: int) -> float:
        return self.value[page]

    def evicted(self, page: str) -> None:
        self.clock = self.value[page]


class Hyperbolic(Uses):
    """Uses for the time since the first, for the size (Blankstein, Sen and Freedman, 2017)."""

    def worth(self, page: str, now: int) -> float:
        uses = self.uses[page]
        return len(uses) / (now - uses[0] + 1) / self.tokens[page]


class Ours(Uses):
    """What `memls` does."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.asked: list[int] = []
        self.question = -1
        self.file: dict[str, str] = {}
        self.of_file: defaultdict[str, list[int]] = defaultdict(list)
        self.names: defaultdict[str, set[str]] = defaultdict(set)
        """What each page is called by: what it defines, and its file."""
        self.mentioned: defaultdict[str, int] = defaultdict(lambda: -1)

    def use(self, now: int, need: Need) -> None:
        if need.question != self.question:
            self.question = need.question
            self.asked.append(now)
        if need.said or need.pointed:
            self.hear(now, need)
        super().use(now, need)
        self.file[need.page] = need.file
        self.of_file[need.file].append(now)
        self.names[need.page] |= {*need.names, need.file.rpartition("/")[2]}

    def hear(self, now: int, need: Need) -> None:
        for page, names in self.names.items():
            if page in need.pointed or not names.isdisjoint(need.said):
                self.mentioned[page] = now

    def worth(self, page: str, now: int) -> float:
        of_file = self.of_file[self.file[page]]
        return activation(self.uses[page], of_file, now, self.tokens[page], self.asked, self.mentioned[page])


class FarthestNextUse(Uses):
    def __init__(self, trace: Trace, power: float = 0.0) -> None:
        super().__init__(trace)
        self.power = power
        self.after, later = [_NEVER] * len(trace), dict[str, int]()
        for now in range(len(trace) - 1, -1, -1):
            self.after[now] = later.get(trace[now].page, _NEVER)
            later[trace[now].page] = now

    def worth(self, page: str, now: int) -> float:
        return -(self.after[self.uses[page][-1]] - now) * math.pow(self.tokens[page], self.power)


@dataclass(slots=True)
class Outcome:
    """Pages and tokens that were read again, of all needs after the first of each page."""

    faults: int = 0
    tokens: int = 0
    needs: int = 0

    def add(self, other: "Outcome") -> None:
        self.faults += other.faults
        self.tokens += other.tokens
        self.needs += other.needs


def run(trace: Trace, policy: Policy, room: int) -> Outcome:
    """Evict one page at a time, the least worth, until the needed one fits."""
    outcome, resident, known = Outcome(), dict[str, int](), set[str]()
    for now, need in enumerate(trace):
        page, tokens = need.page, need.tokens
        missing = page not in resident
        _count(outcome, page in known, missing, tokens)
        known.add(page)
        policy.use(now, need)
        while missing and resident and sum(resident.values()) + tokens > room:
            victim = min(resident, key=lambda one: (policy.worth(one, now), one))
            del resident[victim]
            policy.evicted(victim)
        resident[page] = tokens
    return outcome


def run_half_flushed(trace: Trace, room: int) -> Outcome:
    """The paper's queue: in order of arrival, and half of it flushed when it is full."""
    outcome, queue, known = Outcome(), dict[str, int](), set[str]()
    for page, tokens, *_ in trace:
        missing = page not in queue
        _count(outcome, page in known, missing, tokens)
        known.add(page)
        if missing and sum(queue.values()) + tokens > room:
            while queue and sum(queue.values()) > min(room / 2, room - tokens):
                del queue[next(iter(queue))]
        queue.setdefault(page, tokens)
    return outcome


def _count(outcome: Outcome, known: bool, missing: bool, tokens: int) -> None:
    outcome.needs += known
    if known and missing:
        outcome.faults += 1
        outcome.tokens += tokens


POLICIES: dict[str, Callable[[Trace], Policy]] = {
    "LRU": LRU,
    "LRU by size": LRUPerToken,
    "GDSF": GDSF,
    "hyperbolic": Hyperbolic,
    "ours": Ours,
    "farthest next use": FarthestNextUse,
    "the same by size": lambda trace: FarthestNextUse(trace, 1.0),
}


def commits(repository: Path, most: int) -> Iterator[Need]:
    """The files of each commit in turn, those that are still there."""
    listed = _git(repository, "ls-tree", "-r", "-l", "-z", "HEAD").split("\0")
    rows = [row.split("\t", 1) for row in listed if "\t" in row]
    sizes = {path: int(size) for head, path in rows if (size := head.split()[3]).isdigit()}
    changed = _git(
        repository, "log", "--no-merges", "--no-renames", "--reverse", "--format=%x01", "--name-only"
    )
    given = 0
    for commit in changed.split("\x01"):
        paths = [path for path in commit.split("\n") if path in sizes]
        if not 0 < len(paths) <= _MOST_FILES or given > most:
            continue
        given += len(paths)
        for path in paths:
            yield Need(path, max(_SMALLEST, min(_LARGEST, sizes[path] // _BYTES_PER_TOKEN)), path)


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")


def asked(traces: Sequence[Path]) -> Iterator[Need]:
    """What recorded questions paged in, and the pages that their answers cited."""
    for number, trace in enumerate(traces):
        pages: dict[str, Need] = {}
        for line in trace.read_text("utf-8").splitlines():
            event = json.loads(line).get("event") or {}
            if event.get("type") == "page_in":
                page = event["page"]
                name = page["symbol"] or f"{page['start']}-{page['end']}"
                tokens = max(_SMALLEST, page["tokens"])
                pages[page["path"]] = Need(f"{page['path']}:{name}", tokens, page["path"], number)
                yield pages[page["path"]]
            elif event.get("type") == "citation" and event["citation"]["path"] in pages:
                yield pages[event["citation"]["path"]]


_LOOKED = re.compile(r"str_replace_editor (view|str_replace|insert) (\S+)")
_LINE = re.compile(r"^\s*(\d+)\t(.*)$", re.MULTILINE)
_DEFINED = re.compile(r"^\s*(?:async\s+def|def|class)\s+(\w{4,})", re.MULTILINE)
_ROOT = "/testbed"
"""Where the agents' repositories lie."""
_NAME = re.compile(r"[\w-]+\.\w+|\w{4,}")
_POINTED = re.compile(r'File "([^"]+)", line (\d+)|^([\w./-]+/[\w./-]+):(\d+):', re.MULTILINE)


def worked(recording: Path) -> list[Need]:
    """What an agent's calls of its editor showed it, those of a change too, block by block."""
    needs: list[Need] = []
    sizes: defaultdict[str, int] = defaultdict(int)
    said: set[str] = set()
    pointed: set[str] = set()
    for step in json.loads(recording.read_text("utf-8"))["trajectory"]:
        action, result = step["action"].strip(), step["observation"].replace("\r", "")
        said.update(_NAME.findall(step.get("thought") or ""))
        if not (call := _LOOKED.match(action)):
            said.update(_NAME.findall(action))
            pointed.update(_blocks(result))
            continue
        shown: defaultdict[str, list[str]] = defaultdict(list)
        for number, text in _LINE.findall(result):
            shown[f"{call[2]}:{int(number) // _BLOCK}"].append(text)
        for page, lines in shown.items():
            text = "\n".join(lines)
            sizes[page] = max(sizes[page], len(text) + 1)
            defined = frozenset(_DEFINED.findall(text))
            needs.append(Need(page, 0, call[2], 0, defined, frozenset(said), frozenset(pointed)))
            said, pointed = set(), set()
    return [need._replace(tokens=max(_SMALLEST, int(sizes[need.page] / _TOKEN))) for need in needs]


def _blocks(result: str) -> Iterator[str]:
    """The pages of the lines that a traceback or the hits of a search name, by their whole paths."""
    for traced, at, found, line in _POINTED.findall(result):
        path = Path(_ROOT, traced or found)
        yield f"{path}:{int(at or line) // _BLOCK}"


def agents(folders: Sequence[Path], *, together: bool) -> Iterator[tuple[str, list[Need]]]:
    """Names and traces of all recordings, of each task or of each repository."""
    traces: defaultdict[str, list[Need]] = defaultdict(list)
    recordings = sorted(path for folder in folders for path in folder.rglob("*.traj"))
    for number, recording in enumerate(recordings):
        repository, _, task = recording.stem.partition("__")
        name = f"{recording.parent}: {repository if together else task}"
        traces[name] += [need._replace(question=number) for need in worked(recording)]
    yield from traces.items()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--git", nargs="+", type=Path, default=[])
    parser.add_argument("--asks", nargs="+", type=Path, default=[])
    parser.add_argument("--agents", nargs="+", type=Path, default=[])
    parser.add_argument("--together", action="store_true", help="tasks of a repository as one conversation")
    parser.add_argument("--room", nargs="+", type=int, default=[4000, 9000, 20_000], help="tokens for pages")
    parser.add_argument("--most", type=int, default=4000, help="needs of one repository")
    given = parser.parse_args()
    traces = {str(one): list(commits(one, given.most)) for one in given.git}
    if given.asks:
        traces["asks"] = list(asked(given.asks))
    for name, trace in traces.items():
        print(f"{name}: {len(trace)} needs of {len({need.page for need in trace})} pages")
    traces |= dict(agents(given.agents, together=given.together))
    for room in given.room:
        _compare(list(traces.values()), room)


def _compare(traces: Sequence[Trace], room: int) -> None:
    totals = {"FIFO, half flushed": Outcome(), **{name: Outcome() for name in POLICIES}}
    for trace in traces:
        totals["FIFO, half flushed"].add(run_half_flushed(trace, room))
        for name, policy in POLICIES.items():
            totals[name].add(run(trace, policy(trace), room))
    base, best = totals["LRU"], [totals["farthest next use"], totals["the same by size"]]
    print(f"\nroom {room:,}: {base.needs:,} needs of what was read before")
    print(f"{'':<20}{'fault rate':>11}{'closed':>8}{'tokens again':>14}{'closed':>8}")
    for name, outcome in totals.items():
        faults = _closed(base.faults, outcome.faults, min(one.faults for one in best))
        tokens = _closed(base.tokens, outcome.tokens, min(one.tokens for one in best))
        rate = outcome.faults / max(1, outcome.needs)
        print(f"{name:<20}{rate:>10.1%}{faults:>9}{outcome.tokens:>14,}{tokens:>8}")


def _closed(base: int, value: int, best: int) -> str:
    return f"{(base - value) / (base - best):.0%}" if base > best else "-"


if __name__ == "__main__":
    main()
