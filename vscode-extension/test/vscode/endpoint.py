"""The tests' endpoint (tests/endpoint.py) as a process that is told, by lines of JSON, what to answer.

In: a list of `Turn`'s fields, which replaces the script, or the key without which nothing is answered.
Out: one line for each request that came (`request`, with its model and its last words), and one when a
client hung up before its answer was sent (`left`).
"""

import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))

from endpoint import Body, FakeEndpoint, Turn


def tell(**line: object) -> None:
    print(json.dumps(line), flush=True)


class Script:
    """Turns in order, whatever is asked; more can follow at any time."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    def __call__(self, body: Body, number: int) -> Turn:
        tell(event="request", model=body["model"], messages=body["messages"])
        if self.turns:
            return self.turns.pop(0)
        return Turn(status=400, message="the script is at its end", code="script_exhausted")


def watch(endpoint: FakeEndpoint) -> None:
    while endpoint.disconnected.wait():
        endpoint.disconnected.clear()
        tell(event="left")


def main() -> None:
    script = Script()
    with FakeEndpoint(script, port=int(sys.argv[1]), limit=32768) as endpoint:
        threading.Thread(target=watch, args=(endpoint,), daemon=True).start()
        tell(event="ready", url=endpoint.url)
        for line in sys.stdin:
            told = json.loads(line)
            if isinstance(told, str):
                endpoint.key = told
            else:
                script.turns = [Turn(**turn) for turn in told]
            tell(event="told")


if __name__ == "__main__":
    main()
