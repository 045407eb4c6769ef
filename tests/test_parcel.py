"""A file that says to be an index: what is damaged, foreign or made to do harm does none."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from memls import __version__
from memls.database import INDEX, Database
from memls.errors import UsageError
from memls.index import parcel
from memls.index.builder import Builder
from memls.index.parcel import Manifest
from memls.index.rows import Limits
from memls.source.languages import grammar_versions
from tests.test_travel import SMALL, brought, database, file, fresh, root, rows, sent, small

__all__ = ["database", "file", "root", "sent"]

Forge = Callable[[Path, Path], None]
"""Makes a file out of one that was exported."""


def forged(changes: dict[str, str] | None = None, manifest: Manifest | None = None) -> Forge:
    """A file with tables of the attacker's: table -> a query over `t`, what was there."""

    def forge(file: Path, target: Path) -> None:
        folder = target.parent / "forge"
        folder.mkdir()
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
        for table, query in (changes or {}).items():
            old, new = folder / f"{table}.parquet", folder / "new"
            duckdb.sql(f"COPY (WITH t AS (FROM '{old}') {query}) TO '{new}' (FORMAT parquet)")
            new.replace(old)
        members = sorted(folder.glob("*.parquet"))
        parcel.pack(members, manifest or own(), target)

    return forge


def own(memls: str = __version__, index: int = INDEX.version, python: str = "") -> Manifest:
    grammars = grammar_versions(["python", "markdown"])
    return Manifest(memls, index, {**grammars, "python": python or grammars["python"]})


def bytes_of(change: Callable[[bytes], bytes]) -> Forge:
    def forge(file: Path, target: Path) -> None:
        target.write_bytes(change(file.read_bytes()))

    return forge


def flipped(place: float) -> Forge:
    """A bit is another: of the byte at this place, or at this part of the file."""

    def change(data: bytes) -> bytes:
        at = int(place * (len(data) - 1)) if isinstance(place, float) else place
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return bytes_of(change)


def zipped(**members: bytes) -> Forge:
    """A zip behind a first line that fits it."""

    def forge(_: Path, target: Path) -> None:
        with target.open("w+b") as out:
            out.write(parcel._head("0" * 64))
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if "packed" in members else 0) as archive:
                for name, data in members.items():
                    archive.writestr({"manifest": "manifest.json", "out": "../out"}.get(name, name), data)
            digest = parcel._digest(out)
            out.seek(0)
            out.write(parcel._head(digest))

    return forge


def database_file(_: Path, target: Path) -> None:
    with_view = Database(target, INDEX)
    with_view.write(lambda w: w.execute("CREATE VIEW evil AS SELECT 1"))
    with_view.close()


DAMAGE: dict[str, tuple[Forge | dict[str, str], str]] = {
    "empty": (bytes_of(lambda data: b""), "no index that memls exported"),
    "another file": (bytes_of(lambda data: b"PK\x03\x04" + data), "no index that memls exported"),
    "a database": (database_file, "no index that memls exported"),
    "half": (bytes_of(lambda data: data[: len(data) // 2]), "is damaged"),
    "a byte less": (bytes_of(lambda data: data[:-1]), "is damaged"),
    "a byte more": (bytes_of(lambda data: data + b"x"), "is damaged"),
    **{f"flipped at {part}": (flipped(part), "is damaged") for part in (0.05, 0.5, 0.9, 1.0)},
    "flipped in the digest": (
        bytes_of(lambda data: data[:20] + (b"1" if data[20:21] == b"0" else b"0") + data[21:]),
        "is damaged",
    ),
    "another format": (
        bytes_of(lambda data: data.replace(b"index 1 ", b"index 2 ", 1)),
        "has format 2 and this memls reads 1",
    ),
    "another memls": (forged(manifest=own(memls="0.0\x1b[31m")), r"written by memls 0.0\x1b[31m (index"),
    "another index": (forged(manifest=own(index=1)), "(index 1), and this is memls"),
    "no zip": (zipped(), "no index that memls exported"),
    "no manifest": (zipped(files=b""), "no index that memls exported"),
    "a manifest of nothing": (zipped(manifest=b"[]"), "no index that memls exported"),
    "a manifest of other types": (
        zipped(manifest=b'{"memls": 1, "index": "x", "grammars": []}'), "no index that memls exported"
    ),
    "a manifest too deep": (zipped(manifest=b"[" * 100_000), "no index that memls exported"),
    "compressed": (zipped(packed=b"", manifest=b"{}"), "is compressed"),
    "members missing": (
        zipped(manifest=json.dumps({"memls": __version__, "index": INDEX.version, "grammars": {}}).encode()),
        "no index that memls exported",
    ),
    "a column more": ({"symbols": "SELECT *, 1 AS more FROM t"}, "the table symbols has other columns"),
    "a column less": ({"refs": "SELECT * EXCLUDE (name) FROM t"}, "the table refs has other columns"),
    "another type": (
        {"chunks": "SELECT * REPLACE ('x' AS line) FROM t"}, "the table chunks has other columns"
    ),
    "another order": (
        {"files": "SELECT path, id, language, hash, errors FROM t"}, "the table files has other columns"
    ),
    "one number twice": ({"files": "SELECT * REPLACE (1::INTEGER AS id) FROM t"}, "the same number or path"),
    "one path twice": ({"files": "SELECT * REPLACE ('a.py' AS path) FROM t"}, "the same number or path"),
    "endless rows": (
        {"imports": """SELECT 1::INTEGER AS file, 'm' AS module, '' AS name, '' AS alias, 1::INTEGER AS line,
            0::INTEGER AS "column", '' AS scope, '' AS text FROM range(5000000)"""},
        "claims 5,000,000 rows",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Database]]:
    """A repository and its index of a moment ago, which every refused file has to leave as it is."""
    root, database = small(tmp_path_factory.mktemp("standing") / "repo"), Database(None, INDEX)
    (root / "a.py").write_text("x = 1\n")
    Builder(root, database, Limits()).catch_up()
    (root / "a.py").write_text(SMALL["a.py"])
    yield root, database
    database.close()


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_no_index_is_said_in_a_line_and_changes_nothing(
    kind: str, standing: tuple[Path, Database], file: Path, tmp_path: Path
) -> None:
    forge, said = DAMAGE[kind]
    root, database = standing
    before = database.read("FROM meta ORDER BY ALL"), rows(database)
    target = tmp_path / "forged.memls"
    (forge if callable(forge) else forged(forge))(file, target)
    with pytest.raises(UsageError) as error:
        brought(root, database, target)
    line = str(error.value)
    assert said in line and str(target) in line and "\n" not in line and "\x1b" not in line
    assert (database.read("FROM meta ORDER BY ALL"), rows(database)) == before
    assert not (tmp_path / "travel").exists() and not (tmp_path / "out").exists()


HOSTILE: dict[str, dict[str, str]] = {
    "a path above": {"files": "SELECT * REPLACE (replace(path, 'a.py', '../a.py') AS path) FROM t"},
    "an absolute path": {"files": "SELECT * REPLACE (replace(path, 'a.py', '/etc/passwd') AS path) FROM t"},
    "a file that is not there": {"files": "SELECT * REPLACE (replace(path, 'a.py', 'no.py') AS path) FROM t"},
    "another text": {
        "files": "SELECT * REPLACE (CASE path WHEN 'a.py' THEN repeat('0', 16) ELSE hash END AS hash) FROM t"
    },
    "another language": {
        "files": "SELECT * REPLACE (CASE path WHEN 'a.py' THEN 'c' ELSE language END AS language) FROM t"
    },
    "no hash": {"files": "SELECT * REPLACE (CASE path WHEN 'a.py' THEN NULL ELSE hash END AS hash) FROM t"},
    "a number out of range": {
        "files": "SELECT * REPLACE (CASE path WHEN 'a.py' THEN -1 ELSE id END::INTEGER AS id) FROM t"
    },
    **{
        f"{table}: {change}": {table: f"SELECT * REPLACE ({change}) FROM t"}
        for table, changes in {
            "symbols": (
                "0::INTEGER AS parent", "7::INTEGER AS end_line", "(-1)::INTEGER AS line",
                "99::INTEGER AS name_line", "'spell' AS kind", "(-5)::INTEGER AS name_column",
                "NULL::VARCHAR AS name", "3::INTEGER AS ordinal", "repeat('x', 100000) AS docstring",
            ),
            "refs": (
                "'spell' AS role", "99::INTEGER AS scope", "0::INTEGER AS line",
                '(-1)::INTEGER AS "column"', "NULL::USMALLINT AS tag",
            ),
            "chunks": (
                "99::INTEGER AS end_line", "(-2)::INTEGER AS ordinal", "7::BIGINT AS id",
                "(-1)::INTEGER AS length",
            ),
            "postings": ("0::USMALLINT AS frequency", "NULL::UBIGINT AS term"),
        }.items()
        for change in changes
    },
    "too many rows": {"refs": "FROM t UNION ALL BY NAME SELECT t.* FROM t, range(5000) WHERE file = 1"},
}  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a fresh build makes of the small repository, wherever it is."""
    return fresh(small(tmp_path_factory.mktemp("expected") / "repo"))


@pytest.mark.parametrize("kind", HOSTILE)
def test_rows_that_cannot_be_are_not_taken(
    kind: str, root: Path, file: Path, tmp_path: Path, database: Database, expected: dict[str, list[str]]
) -> None:
    target = tmp_path / "forged.memls"
    forged(HOSTILE[kind])(file, target)
    report = brought(root, database, target)
    assert report.parsed > 0 and report.parsed + report.brought == 7
    assert rows(database) == expected


def test_terms_of_no_chunk_are_left_out(root: Path, file: Path, tmp_path: Path, database: Database) -> None:
    target = tmp_path / "forged.memls"
    forged({"postings": "FROM t UNION ALL BY NAME SELECT t.* REPLACE (chunk + 1000 AS chunk) FROM t"})(
        file, target
    )
    assert brought(root, database, target).parsed == 0
    assert rows(database) == fresh(root)


def test_files_of_another_grammar_are_parsed(
    root: Path, file: Path, tmp_path: Path, database: Database
) -> None:
    target = tmp_path / "other.memls"
    forged(manifest=own(python="tree-sitter-python 0.1"))(file, target)
    report = brought(root, database, target)
    assert (report.brought, report.parsed) == (2, 5)
    assert rows(database) == fresh(root)


def test_pages_that_cannot_be_read_are_no_harm(
    root: Path, file: Path, tmp_path: Path, database: Database
) -> None:
    """The digest fits, the footer too, and what stands between them does not."""
    target = tmp_path / "forged.memls"

    def forge(source: Path, folder: Path) -> None:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
        member = folder / "symbols.parquet"
        data = bytearray(member.read_bytes())
        footer = int.from_bytes(data[-8:-4], "little") + 8
        for place in range(40, len(data) - footer, 3):
            data[place] ^= 0x55
        member.write_bytes(data)

    forge(file, tmp_path / "forge")
    parcel.pack(sorted((tmp_path / "forge").glob("*.parquet")), own(), target)
    report = brought(root, database, target)
    assert (report.brought, report.parsed) == (0, 7)
    assert rows(database) == fresh(root)
