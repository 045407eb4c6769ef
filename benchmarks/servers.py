"""memls's language server beside another one: the same positions of the same repository, in the same run.

    python benchmarks/servers.py --repo PATH --peer pyright [--peers FOLDER] [--positions 200] [--json]

Both servers answer for the whole repository, each alone on the machine, first from a cold start until they
are at rest, to compare their definitions and their times. Positions on whose definition both agree then tell
a right answer from an early one: cold starts end with the first right answer, the two servers in turn.
Figures of different machines do not compare; ratios of one run do.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from comparison import peers, positions
from comparison.answers import Given, Pair
from comparison.bench import Bench
from comparison.client import RequestError
from comparison.measure import Known, Start, Warm, start, warm
from comparison.report import Comparison, Side, data, disagreements, table

EDITED_LINES = 5000


def compare(arguments: argparse.Namespace, setting: peers.Setting) -> Comparison:
    """Run everything. Raises MissingError where the peer is not installed."""
    theirs = peers.peer(arguments.peer, setting, arguments.compile_commands)
    ours = peers.memls(theirs.language)
    names = positions.files(setting.repo, theirs.language, theirs.built)
    if not names:
        raise peers.MissingError(f"{setting.repo} has no {theirs.language} files")
    chosen = positions.choose(setting.repo, theirs.language, names, arguments.positions, arguments.seed)
    edited = "" if arguments.no_typing else _nearest(setting.repo, names)
    benches = [
        Bench(server, setting.repo, setting.work / f"cache-{place}")
        for place, server in enumerate((ours, theirs))
    ]
    sessions: list[Warm] = []
    for bench in benches:
        _say(f"{bench.server.name}: one session, {len(chosen)} positions")
        sessions.append(warm(bench, chosen, edited, arguments.rare, arguments.limit))
    nothing = Given(())
    pairs = [Pair(one, *(session.given.get(one, nothing) for session in sessions)) for one in chosen]
    cold, again = _starts(benches, _known(pairs), arguments.starts, arguments.limit)
    sides = [
        Side(bench.server.name, _version(bench.server), cold[place], again[place], sessions[place])
        for place, bench in enumerate(benches)
    ]
    return Comparison(setting.repo.name, len(names), arguments.seed, sides[0], sides[1], pairs)


def _starts(
    benches: list[Bench], known: list[Known], count: int, limit: float
) -> tuple[list[list[Start]], list[list[Start]]]:
    """Cold and later starts of each server, in turn; every round asks for another definition."""
    cold: list[list[Start]] = [[] for _ in benches]
    again: list[list[Start]] = [[] for _ in benches]
    for turn, one in enumerate(known[:count]):
        for place, bench in enumerate(benches):
            _say(f"{bench.server.name}: start {turn + 1} of {count}")
            cold[place].append(start(bench, one, cold=True, limit=limit))
            again[place].append(start(bench, one, cold=False, limit=limit))
    return cold, again


def _known(pairs: Iterable[Pair]) -> list[Known]:
    """Definitions in another file that both gave, memls without doubt; each in a file of its own."""
    found: dict[str, Known] = {}
    for pair in pairs:
        if pair.verdict == "resolved, the same" and pair.truth == "other file":
            found.setdefault(pair.position.path, Known(pair.position, pair.ours.places[0]))
    return list(found.values())


def _nearest(repo: Path, names: Iterable[str]) -> str:
    """The file whose length is nearest to `EDITED_LINES`."""
    return min(names, key=lambda name: abs((repo / name).read_bytes().count(b"\n") - EDITED_LINES))


def _version(server: peers.Server) -> str:
    """As the server's program tells it, with one line at most."""
    if server.name == "memls":
        command = [sys.executable, "-m", "memls", "--version"]
    elif server.name == "pyright":
        package = Path(server.command[0]).resolve().parent / "package.json"
        return f"pyright {json.loads(package.read_text())['version']}"
    else:
        command = [server.command[0], "version" if server.name == "gopls" else "--version"]
    told = subprocess.run(command, capture_output=True, text=True).stdout.strip().split("\n")[0]
    name = server.name.split("-")[0]
    return told if name in told else f"{server.name} {told}"


def _say(line: str) -> None:
    print(f"{line} …", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repo", type=Path, required=True)
    parser.add_argument("--peer", choices=peers.PEERS, required=True)
    parser.add_argument("--peers", type=Path, help="folder whose bin/ and node_modules/.bin/ have the peers")
    parser.add_argument("--work", type=Path, help="folder for builds, kept; default: one that is removed")
    parser.add_argument("--compile-commands", type=Path, help="clangd: folder with compile_commands.json")
    parser.add_argument("--positions", type=int, default=200)
    parser.add_argument("--rare", type=int, default=20, help="positions for references and workspace/symbol")
    parser.add_argument("--starts", type=int, default=3, help="cold starts of each server; the median counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=600, help="seconds to wait for a server to be ready")
    parser.add_argument("--no-typing", action="store_true", help="leave out the edits")
    parser.add_argument(
        "--show", type=int, default=0, metavar="N", help="print N disagreements with their code"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    repo = arguments.repo.resolve()
    with tempfile.TemporaryDirectory(prefix="memls-bench-") as temporary:
        work = (arguments.work or Path(temporary)).resolve()
        found = arguments.peers.resolve() if arguments.peers else None
        try:
            comparison = compare(arguments, peers.Setting(repo, work, found))
        except (peers.MissingError, RequestError) as error:
            sys.exit(f"servers.py: {error}")
    if arguments.json:
        print(json.dumps(data(comparison), indent=1))
    else:
        print(table(comparison))
        print("\n".join(disagreements(comparison.pairs, repo, arguments.show)) if arguments.show else "")


if __name__ == "__main__":
    main()
