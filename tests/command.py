"""The `memls` command as a real process, with its state in a folder of the test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OWN = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MEMLS_MODEL", "MEMLS_WINDOW", "MEMLS_HOME")


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """Runs `memls` with MEMLS_HOME in `home`.

    `unprivileged`: when root runs the tests, without root's right to read what permissions forbid.
    """

    home: Path
    unprivileged: bool = False

    def __call__(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Outcome:
        done = subprocess.run(
            [*self.program, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=cwd,
            env=self.environment(environment),
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in _OWN}
        return {**clean, "MEMLS_HOME": str(self.home), **more}

    @property
    def program(self) -> list[str]:
        program = [sys.executable, "-m", "memls"]
        if self.unprivileged and os.geteuid() == 0:
            return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *program]
        return program
