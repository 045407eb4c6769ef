"""Opening a database: of what is not ours only what is derived is replaced."""

from pathlib import Path

import duckdb
import pytest

from memls.database import INDEX, MEMORY, Database, Schema
from memls.errors import MachineError


def foreign(file: Path) -> Path:
    """Somebody else's, who has a table of that name as well."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE files (name VARCHAR)")
    return file


def tables(file: Path) -> set[str]:
    with duckdb.connect(str(file)) as connection:
        return {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_an_index_that_is_not_ours_is_made_anew(tmp_path: Path) -> None:
    database = Database(foreign(tmp_path / "index.duckdb"), INDEX)
    assert database.rebuilt and database.read("SELECT count(*) FROM texts") == [(0,)]
    database.close()


def test_memory_that_is_not_ours_is_left_as_it_is(tmp_path: Path) -> None:
    file = foreign(tmp_path / "memory.duckdb")
    with pytest.raises(MachineError, match=r"not a memls database.*; it was left as it is"):
        Database(file, MEMORY)
    assert tables(file) == {"files"}


@pytest.mark.parametrize("schema", [INDEX, MEMORY], ids=lambda schema: schema.name)
def test_an_empty_file_becomes_one_and_is_opened_again(tmp_path: Path, schema: Schema) -> None:
    file = tmp_path / "new.duckdb"
    duckdb.connect(str(file)).close()
    for _ in range(2):
        database = Database(file, schema)
        assert not database.rebuilt
        database.write(lambda writer: writer.execute("INSERT INTO meta VALUES ('kept', 'yes')"))
        database.close()
    again = Database(file, schema)
    assert again.read("SELECT count(*) FROM meta WHERE key = 'kept'") == [(2,)]
    again.close()
