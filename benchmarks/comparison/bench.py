"""One server on one repository: started with or without its caches, and given files to open."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comparison.client import Client
from comparison.peers import Server


@dataclass(frozen=True)
class Bench:
    """One server on one repository, with its cache between the starts."""

    server: Server
    repo: Path
    cache: Path

    @contextmanager
    def started(self, *, cold: bool) -> Iterator[tuple[Client, float]]:
        """A running server and the seconds of `initialize`; cold means without a cache of its own."""
        if cold:
            shutil.rmtree(self.cache, ignore_errors=True)
            self.server.forget()
        self.cache.mkdir(parents=True, exist_ok=True)
        environment = {
            name: value.replace("{cache}", str(self.cache)) for name, value in self.server.environment.items()
        }
        with Client(self.server.command, self.repo, environment) as client:
            yield client, client.initialize(self.server.options)

    def open(self, client: Client, path: str) -> None:
        language = {".tsx": "typescriptreact"}.get(Path(path).suffix, self.server.language)
        client.open(path, language, (self.repo / path).read_text("utf-8", "replace"))
