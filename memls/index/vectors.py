"""Embeddings of the index's chunks, where the user names a model for them. Everything works without.

A vector is kept under the number of the text that it is of, in a database of its own: a text that comes
back, in another file or after the index was built anew, is not sent again. What has none is ranked without.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from memls.database import Database, Schema
from memls.errors import ContextOverflowError, MemlsError

if TYPE_CHECKING:
    from memls.database import Writer

log = logging.getLogger(__name__)

VECTORS = Schema("vectors", ("vectors.sql",), version=1, derived=True)

_BATCH = 64
_CHARACTERS, _LEAST = 4000, 250
"""What is sent of a chunk at most; where the model takes less, half of it, down to the second."""
_NEAREST = 100
_QUESTION_TIMEOUT = 5.0
"""Seconds that a search waits for its question's vector; then it is ranked without."""
_QUESTIONS = 64
"""Questions whose vectors are kept."""
_PATIENCE = 60.0
"""Seconds between attempts where the endpoint fails."""
_SPARE = 2
"""Vectors of texts that are gone are dropped when there are more of all than this times the chunks."""

Progress = Callable[[int, int], None]


class Embedder(Protocol):
    """What gives a vector for each text. Raises MemlsError."""

    name: str

    def embed(
        self, texts: Sequence[str], timeout: float | None = None, retries: int = 3
    ) -> list[list[float]]: ...


@dataclass(frozen=True, slots=True)
class Near:
    """A text like a question: its number, and the cosine of their vectors."""

    text: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many texts of the index have a vector of the model, and what the last attempt ended with."""

    model: str
    done: int
    total: int
    problem: str


class Vectors:
    """The vectors of one model for one index. Safe from any thread; one thread at a time catches up."""

    def __init__(self, file: Path | None, index: Database, embedder: Embedder) -> None:
        """Raises BusyError where another process has the file."""
        self._database = Database(file, VECTORS)
        self._index = index
        self._embedder = embedder
        self._asked: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()
        self._stopped = False
        self._coverage: Coverage | None = None

    def catch_up(self, progress: Progress | None = None) -> Coverage:
        """Have every chunk embedded. However it ends, what was done is kept; an error is in the result."""
        model, problem = self._embedder.name, ""
        rows = self._index.read("SELECT text, any_value(id) AS id FROM chunks GROUP BY text ORDER BY id")
        have = self._have()
        missing = [row[1] for row in rows if row[0] not in have]
        done = len(rows) - len(missing)
        try:
            for start in range(0, len(missing), _BATCH):
                if self._stopped:
                    break
                batch = missing[start : start + _BATCH]
                self._add(batch)
                done += len(batch)
                self._coverage = Coverage(model, done, len(rows), "")
                if progress:
                    progress(done, len(rows))
            self._tidy({row[0] for row in rows})
        except MemlsError as error:
            problem = str(error)
        self._coverage = Coverage(model, done, len(rows), problem)
        return self._coverage

    def coverage(self) -> Coverage:
        """How far it was, when it caught up last."""
        if self._coverage is None:
            have = self._have()
            texts = [row[0] for row in self._index.read("SELECT DISTINCT text FROM chunks")]
            done = sum(text in have for text in texts)
            self._coverage = Coverage(self._embedder.name, done, len(texts), "")
        return self._coverage

    def nearest(self, question: str) -> list[Near]:
        """The texts most like a question, best first; none where its vector cannot be had in time."""
        model = self._embedder.name
        if self._database.read("SELECT 1 FROM vectors WHERE model = ? LIMIT 1", [model]) == []:
            return []
        try:
            vector = self._vector(question)
        except MemlsError as error:
            log.warning("ranked without embeddings: %s", error)
            return []
        rows = self._database.read(
            f"""SELECT text, list_cosine_similarity(vector, ?::FLOAT[]) AS similarity FROM vectors
            WHERE model = ? AND len(vector) = ? ORDER BY similarity DESC, text LIMIT {_NEAREST}""",
            [vector, model, len(vector)],
        )
        return [Near(*row) for row in rows]

    def close(self) -> None:
        """Stop after the request that runs, and let go of the file."""
        self._stopped = True
        self._database.close()

    def _have(self) -> set[int]:
        rows = self._database.read("SELECT text FROM vectors WHERE model = ?", [self._embedder.name])
        return {row[0] for row in rows}

    def _vector(self, question: str) -> list[float]:
        with self._lock:
            if (known := self._asked.get(question)) is not None:
                self._asked.move_to_end(question)
                return known
        found = self._embedder.embed([question[:_CHARACTERS]], _QUESTION_TIMEOUT, 0)[0]
        with self._lock:
            self._asked[question] = found
            while len(self._asked) > _QUESTIONS:
                self._asked.popitem(last=False)
        return found

    def _add(self, chunks: Sequence[int]) -> None:
        texts = self._texts(chunks)
        vectors = self._embedded(list(texts.values()), _CHARACTERS)
        self._database.write(lambda writer: self._write(writer, list(texts), vectors))

    def _write(self, writer: "Writer", numbers: Sequence[int], vectors: Sequence[list[float]]) -> None:
        writer.execute(
            "INSERT INTO vectors SELECT unnest(?::UBIGINT[]), ?, unnest(?::FLOAT[][])",
            [list(numbers), self._embedder.name, list(vectors)],
        )

    def _texts(self, chunks: Sequence[int]) -> dict[int, str]:
        """Number → text of some chunks, their symbol's name first."""
        with self._index.snapshot() as now:
            rows = now.read(
                """SELECT c.text, c.file, c.line, c.end_line, coalesce(s.qualified_name, '')
                FROM chunks c LEFT JOIN symbols s ON s.file = c.file AND s.ordinal = c.ordinal
                WHERE c.id IN (SELECT unnest(?::BIGINT[])) ORDER BY c.id""",
                [list(chunks)],
            )
            files = sorted({row[1] for row in rows})
            texts = now.read(
                "SELECT file, text FROM texts WHERE file IN (SELECT unnest(?::INTEGER[]))", [files]
            )
        lines = {file: text.split("\n") for file, text in texts}
        return {
            number: f"{name}\n" + "\n".join(lines.get(file, [])[first - 1 : last])
            for number, file, first, last, name in rows
        }

    def _embedded(self, texts: Sequence[str], most: int) -> list[list[float]]:
        """A vector for each text, of as much of it as the model takes; an empty one where it takes none."""
        try:
            return self._embedder.embed([text[:most] for text in texts])
        except ContextOverflowError:
            if len(texts) > 1:
                half = len(texts) // 2
                return self._embedded(texts[:half], most) + self._embedded(texts[half:], most)
            return self._embedded(texts, most // 2) if most > _LEAST else [[]]

    def _tidy(self, wanted: Iterable[int]) -> None:
        kept = list(wanted)
        count = self._database.read("SELECT count(*) FROM vectors")[0][0]
        if self._stopped or count <= _SPARE * len(kept):
            return
        self._database.write(
            lambda w: w.execute(
                "DELETE FROM vectors WHERE model <> ? OR text NOT IN (SELECT unnest(?::UBIGINT[]))",
                [self._embedder.name, kept],
            )
        )


class Follower:
    """A thread that has what is new embedded, behind everything else."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memls-embeddings", daemon=True)
        self._wake.set()
        self._thread.start()

    def wake(self, _: object = None) -> None:
        """Something changed."""
        self._wake.set()

    def stop(self) -> None:
        """No further request is made. One that is under way is not waited for."""
        self._over.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._over.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._over.is_set():
                return
            try:
                problem = self._vectors.catch_up().problem
            except MemlsError as error:  # the index is closing
                problem = str(error)
            if problem and not self._over.is_set():
                log.warning("no embeddings for now: %s", problem)
                if not self._over.wait(_PATIENCE):
                    self._wake.set()
