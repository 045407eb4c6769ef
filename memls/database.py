"""The only importer of DuckDB: one writer thread, reader cursors, snapshots, schemas and migrations.

DuckDB lets one process hold a file. Inside the process any number of threads read snapshots while a single
thread writes, which is what DuckDB does best (two writers would conflict). Results are always fetched whole:
an open result owns its connection.
"""

import itertools
import re
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Protocol, TypeVar

import duckdb
from arro3.core import Array, DataType, Table

from memls.errors import MachineError, UsageError

T = TypeVar("T")
Row = tuple[Any, ...]
Connection = duckdb.DuckDBPyConnection

_UNREADABLE = re.compile(r"not a valid DuckDB|WAL")

_STAMPS = ("commit", "settled", "edition")

_MEMORY = "1GB"
"""What DuckDB keeps of one file in memory at most. It would take four fifths of the machine's."""

_META = "CREATE TABLE IF NOT EXISTS meta (key VARCHAR, value VARCHAR)"
_ARROW: dict[str, Callable[[], DataType]] = {
    "VARCHAR": DataType.string,
    "INTEGER": DataType.int32,
    "BIGINT": DataType.int64,
    "UBIGINT": DataType.uint64,
    "USMALLINT": DataType.uint16,
    "TINYINT": DataType.int8,
    "BOOLEAN": DataType.bool,
    "DOUBLE": DataType.float64,
}


@dataclass(frozen=True, slots=True)
class Schema:
    """Scripts in `memls/schema`, run in order. A derived database of another version is rebuilt."""

    name: str
    scripts: tuple[str, ...]
    version: int
    derived: bool


INDEX = Schema("index", ("index.sql",), version=27, derived=True)
MEMORY = Schema(
    "memory",
    ("memory_1.sql", "memory_2.sql", "memory_3.sql", "memory_4.sql", "memory_5.sql"),
    version=5,
    derived=False,
)


class BusyError(MachineError):
    """Another process holds the file. `pid` is that process's, where DuckDB says it."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{path} is in use by {who}; try again when it is done")
        self.pid = pid


class _DamagedError(Exception):
    """The file is no database of ours, or of another version."""


class _Types(dict[str, Mapping[str, str]]):
    """Table -> column -> type in SQL, asked for when it is written to first: DuckDB's catalog takes 10 ms."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, table: str) -> Mapping[str, str]:
        columns = self._connection.cursor().execute(f"DESCRIBE {table}").fetchall()
        types = self[table] = {name: kind for name, kind, *_ in columns}
        return types


class Writer:
    """What a write gets to work with: one open transaction on the writer thread."""

    def __init__(self, connection: Connection, types: _Types) -> None:
        self._connection = connection
        self._types = types

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(sql, list(params)).fetchall()

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Append columns of equal length as one Arrow batch. `array.array` columns are not copied."""
        if not any(len(values) for values in columns.values()):
            return
        names = ", ".join(f'"{name}"' for name in columns)
        self.execute_on(table, columns, f"INSERT INTO {table} ({names}) SELECT {names} FROM batch")

    def execute_on(self, table: str, columns: Mapping[str, Sequence[Any]], *statements: str) -> None:
        """Run statements that read columns of a table as a table of its own, `batch`.

        DuckDB finds it as the variable of that name: to register it takes longer than to insert a file.
        """
        types = self._types[table]
        batch = Table.from_pydict({name: _column(values, types[name]) for name, values in columns.items()})
        for sql in statements:
            self._connection.execute(sql).fetchall()
        del batch


class Reader(Protocol):
    """What queries are asked of: a Database, one moment of it, or a client's layer over it."""

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of one query."""

    def check_pattern(self, pattern: str) -> None:
        """Raise UsageError unless `pattern` is a regular expression of RE2, which never backtracks."""

    def snapshot(self) -> "AbstractContextManager[Snapshot]":
        """Reads that all see one moment, inside a `with`."""

    def ranking(self) -> "AbstractContextManager[Snapshot]":
        """A snapshot to rank in: the tables `chunks`, `postings` and `spread` are to be read in no other."""


class Snapshot:
    """Reads that all see the same moment. For one thread.

    `stamp` differs between two snapshots where what they see may differ. `saved` is the schema, in SQL, with
    what is in the file, also where the tables of an Annex come before it.
    """

    def __init__(self, cursor: Connection, database: "Database") -> None:
        self.database = database
        self.saved = database.saved
        self.ranks: Callable[[], AbstractContextManager[Snapshot]] | None = None
        """Where the tables for ranking lack something: gives a snapshot of now in which nothing lacks."""
        self._cursor = cursor
        marks = self.read("SELECT key, value FROM meta")
        self.stamp: Mapping[str, str] = {key: value for key, value in marks if key in _STAMPS}

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        with _told_by(self.database.path):
            rows: list[Row] = self._cursor.execute(sql, list(params)).fetchall()
        return rows

    def check_pattern(self, pattern: str) -> None:
        self.database.check_pattern(pattern)

    @contextmanager
    def snapshot(self) -> "Iterator[Snapshot]":
        yield self

    def ranking(self) -> "AbstractContextManager[Snapshot]":
        return self.ranks() if self.ranks else self.snapshot()


class _Cursors:
    """Cursors to lend, each to one thread at a time: as many as there are reads at once."""

    def __init__(self, make: Callable[[], Connection]) -> None:
        self._make = make
        self._free: list[Connection] = []
        self._closed = False
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        with self._lock:
            cursor = self._free.pop() if self._free else self._make()
        try:
            yield cursor
        finally:
            with self._lock:
                cursor.close() if self._closed else self._free.append(cursor)

    @contextmanager
    def snapshot(self, database: "Database") -> Iterator[Snapshot]:
        with _told_by(database.path), self.lent() as cursor:
            cursor.begin()
            try:
                yield Snapshot(cursor, database)
            finally:
                with suppress(duckdb.Error):  # nothing was written
                    cursor.rollback()

    def close(self) -> None:
        """Close those that are here now, and the others when they come back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for cursor in free:
            cursor.close()


class Database:
    """One DuckDB file (or, without a path, one in memory) with its schema in place."""

    def __init__(self, path: Path | None, schema: Schema) -> None:
        """Open or create. Raises BusyError where another process holds it, MachineError where it can't be."""
        self.path = path
        self.rebuilt = False
        self._schema = schema
        self._connection = self._open()
        self._cursors = _Cursors(self._connection.cursor)
        self._types = _Types(self._connection)
        self.saved = f'"{self.read("SELECT current_database()")[0][0]}".main'
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"memls-{schema.name}-writer")
        self._closed = False

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of one query, from the last committed snapshot. Safe from any thread."""
        with _told_by(self.path), self._cursors.lent() as cursor:
            rows: list[Row] = cursor.execute(sql, list(params)).fetchall()
        return rows

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Reads that all see the last committed state of now. Safe from any thread."""
        return self._cursors.snapshot(self)

    ranking = snapshot

    def attach(self) -> "Annex":
        """New tables in memory beside this database's, empty and of the same shape."""
        return Annex(self, self._connection, self._schema.scripts, self._types)

    def check_pattern(self, pattern: str) -> None:
        """Raise UsageError unless `pattern` is a regular expression of RE2, which never backtracks."""
        try:
            self._connection.cursor().execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error as error:
            problem = _first_line(str(error)).removeprefix("Invalid Input Error: ")
            raise UsageError(f"bad regular expression {pattern!r}: {problem}") from error

    def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in one transaction on the writer thread: all of it is committed, or nothing."""
        return self._writer.submit(self._transact, work).result()

    def close(self) -> None:
        """Finish pending writes and let go of the file."""
        if self._closed:
            return
        self._closed = True
        self._writer.shutdown(wait=True)
        self._cursors.close()
        with suppress(duckdb.Error):
            self._connection.close()

    def _transact(self, work: Callable[[Writer], T]) -> T:
        def counted(writer: Writer) -> T:
            result = work(writer)
            if self._schema.derived:
                writer.execute("UPDATE meta SET value = value::BIGINT + 1 WHERE key = 'commit'")
            return result

        with _told_by(self.path):
            return _transaction(self._connection, self._types, counted)

    def _open(self) -> Connection:
        try:
            return self._prepared()
        except _DamagedError as problem:
            if not self._schema.derived or self.path is None:
                kept = f"{self.path} cannot be read ({problem}); it was left as it is"
                raise MachineError(kept) from problem
        for file in (self.path, self.path.with_name(self.path.name + ".wal")):
            file.unlink(missing_ok=True)
        self.rebuilt = True
        return self._prepared()

    def _prepared(self) -> Connection:
        is_new = self.path is None or not self.path.exists()
        connection = self._connected()
        try:
            with _told_by(self.path):
                self._migrate(connection, 0 if is_new else _version(connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        try:
            if self.path is None:
                return duckdb.connect(":memory:")
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = duckdb.connect(str(self.path), config={"memory_limit": _MEMORY})
            self.path.chmod(0o600)
        except duckdb.Error as error:
            text = str(error)
            if "Could not set lock" in text and self.path:
                pid = re.search(r"PID (\d+)", text)
                raise BusyError(self.path, int(pid.group(1)) if pid else None) from error
            if isinstance(error, duckdb.SerializationException) or _UNREADABLE.search(text):
                raise _DamagedError(_first_line(text)) from error
            raise _told(error, self.path) from error
        except OSError as error:
            raise MachineError(f"cannot open {self.path}: {error.strerror or error}") from error
        return connection

    def _migrate(self, connection: Connection, found: int) -> None:
        """Bring the schema up to date: a derived database of another version counts as damaged."""
        if found == self._schema.version:
            return
        if found > self._schema.version and not self._schema.derived:
            raise MachineError(f"{self.path} was written by a newer memls (version {found}); upgrade memls")
        if found and self._schema.derived:
            raise _DamagedError(f"version {found}")
        connection.begin()
        connection.execute(_META)
        for script in self._schema.scripts[found if not self._schema.derived else 0 :]:
            connection.execute(_script(script))
        connection.execute("DELETE FROM meta WHERE key = 'version'")
        connection.execute("INSERT INTO meta VALUES ('version', ?)", [str(self._schema.version)])
        if self._schema.derived:
            connection.execute("INSERT INTO meta VALUES ('commit', '0')")
        connection.commit()


class Annex:
    """Tables in memory beside a database's, on the same connection: one query sees both.

    They stand in the schema `own` of the catalog `name`, and that is where a write looks names up. A read
    looks them up in its schema `main`, which is for views, and then in the database. Safe from any thread.
    """

    _numbers = itertools.count(1)

    def __init__(self, database: Database, link: Connection, scripts: Sequence[str], types: _Types) -> None:
        self.name = f"annex_{next(self._numbers)}"
        self.saved = database.saved
        self._database = database
        self._connection = link
        self._types = types
        self._writing = threading.Lock()
        with _told_by(database.path):
            link.cursor().execute(f"ATTACH ':memory:' AS {self.name}")
            self._cursors = _Cursors(lambda: self._cursor(f"{self.name}.main,{self.saved}"))
            link.cursor().execute(f"CREATE SCHEMA {self.name}.own")
            self._writer = self._cursor(f"{self.name}.own")
            self._writer.execute(_META)
            for script in scripts:
                self._writer.execute(_script(script))

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Reads that all see one moment of both."""
        return self._cursors.snapshot(self._database)

    def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in one transaction, on this thread."""
        with self._writing, _told_by(self._database.path):
            return _transaction(self._writer, self._types, work)

    def close(self) -> None:
        """Forget it all."""
        with self._writing:
            self._cursors.close()
            self._writer.close()
            with suppress(duckdb.Error):  # the database may be closed already
                self._connection.cursor().execute(f"DETACH {self.name}")

    def _cursor(self, path: str) -> Connection:
        cursor = self._connection.cursor()
        cursor.execute(f"SET search_path = '{path}'")
        return cursor


def _transaction(connection: Connection, types: _Types, work: Callable[[Writer], T]) -> T:
    try:
        connection.begin()
        result = work(Writer(connection, types))
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):
            connection.rollback()
        raise
    return result


@contextmanager
def _told_by(path: Path | None) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise _told(error, path) from error


def _script(name: str) -> str:
    return resources.files("memls.schema").joinpath(name).read_text("utf-8")


def _column(values: Sequence[Any], sql_type: str) -> Array:
    if isinstance(values, array) and values:
        return Array.from_buffer(values)
    return Array(values, _ARROW[sql_type]())


def _version(connection: Connection) -> int:
    """The version of the schema, 0 where there is no table. A list of all tables takes DuckDB 10 ms."""
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        if connection.execute("SELECT 1 FROM duckdb_tables() LIMIT 1").fetchone():
            raise _DamagedError("not a memls database") from error
        return 0
    return int(row[0]) if row else 0


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "unknown error"


def _told(error: duckdb.Error, path: Path | None) -> Exception:
    """DuckDB's error as one line for the reader."""
    text = _first_line(str(error))
    if isinstance(error, duckdb.InvalidInputException) and re.search("regex|pattern", text, re.I):
        return UsageError(f"bad regular expression: {text.split(':', 1)[-1].strip()}")
    return MachineError(f"database {path or 'in memory'}: {text}")
