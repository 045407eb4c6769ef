"""One process owns a repository's databases: opening them, and waiting for whoever has them.

DuckDB lets a single process hold a file. A command that finds it held waits for the other to finish, for a
while, and then says which process it is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memls.config import Folders
from memls.database import INDEX, MEMORY, BusyError, Database
from memls.errors import MachineError
from memls.text import plural

PATIENCE = 30.0
"""Seconds to wait for another process. Commands but `ask` hold the databases for a second or less."""
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Databases:
    """The open databases of one repository. `memory` is None for a command that needs none."""

    index: Database
    memory: Database | None

    def close(self) -> None:
        self.index.close()
        if self.memory is not None:
            self.memory.close()


def open_databases(
    folders: Folders,
    *,
    with_memory: bool,
    patience: float = PATIENCE,
    tell: Callable[[str], None] | None = None,
) -> Databases:
    """Open the index and, where asked for, the memory. Raises MachineError when they stay in use.

    `tell` is called once with a line for the reader when there is something to wait for.
    """
    index = _open(folders.index / "index.duckdb", patience, tell, derived=True)
    if not with_memory:
        return Databases(index, None)
    try:
        memory = _open(folders.memory / "memory.duckdb", patience, tell, derived=False)
    except BaseException:
        index.close()
        raise
    return Databases(index, memory)


def open_user_memory(folders: Folders, patience: float = 5.0) -> Database:
    """The memory shared by all repositories. Held briefly: other repositories' sessions want it too."""
    return _open(folders.user / "memory.duckdb", patience, None, derived=False)


def _open(path: Path, patience: float, tell: Callable[[str], None] | None, *, derived: bool) -> Database:
    end = time.monotonic() + patience
    told = False
    while True:
        try:
            return Database(path, INDEX if derived else MEMORY)
        except BusyError as error:
            if time.monotonic() >= end:
                who = f"process {error.pid}" if error.pid else "another process"
                raise MachineError(
                    f"the repository is in use by {who} (waited {plural(round(patience), 'second')}); "
                    "let it finish, or stop it"
                ) from error
            if tell and not told and error.pid:
                tell(f"waiting for process {error.pid}, which uses this repository …")
                told = True
            time.sleep(_PAUSE)
