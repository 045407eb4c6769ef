"""Edges between references and definitions, on small repositories written out in the tests.

An edge is written `site role -> target status reason`.
"""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from memls.database import INDEX, Database
from memls.index import facts
from memls.index.builder import Builder
from memls.index.code import Place
from memls.index.resolve import Edge, Resolver
from memls.index.rows import Limits

Repository = dict[str, str]
Case = tuple[Repository, str, str]
Asked = tuple[Resolver, Database, str, str]


def build(root: Path, repository: Repository) -> tuple[Resolver, Database]:
    """An index of the repository, in memory."""
    for path, text in repository.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), "utf-8")
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    return Resolver(database), database


def place_of(database: Database, name: str) -> Place:
    """A definition as `path:symbol`, or a file as `path`."""
    path, _, symbol = name.partition(":")
    if not symbol:
        return Place(path, "", "file", 1, 1000, "")
    rows = database.read(
        """SELECT f.path, s.qualified_name, s.kind, s.line, s.end_line, s.signature
        FROM symbols s JOIN files f ON f.id = s.file
        WHERE f.path = ? AND s.qualified_name = ? ORDER BY s.ordinal""",
        [path, symbol],
    )
    assert rows, f"no symbol {name}"
    return Place(*rows[0])


def written(edge: Edge) -> str:
    target = f"{edge.target.path}:{edge.target.symbol}".rstrip(":")
    return f"{edge.path}:{edge.line} {edge.role} -> {target} {edge.status} {edge.reason}"


def check(resolver: Resolver, database: Database, question: str, expected: str) -> None:
    """`question` is `references a.py:f`, `callees …`, or `at a.py:3:4`."""
    verb, _, what = question.partition(" ")
    if verb == "at":
        path, line, column = what.split(":")
        edges = resolver.definitions_at(path, int(line), int(column))
    elif verb == "importers":
        edges = resolver.importers(what)
    else:
        edges = getattr(resolver, verb)(place_of(database, what))
    assert [written(edge) for edge in edges] == dedent(expected).strip().splitlines()


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """An index of a case's repository, the question and what is expected; both ways of reading share it."""
    repository, question, expected = request.param
    resolver, database = build(tmp_path_factory.mktemp("case"), repository)
    yield resolver, database, question, expected
    database.close()


@pytest.fixture(params=["few files", "many files"])
def facts_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are loaded by file where these are few, else by name: the answers are the same."""
    if request.param == "many files":
        monkeypatch.setattr(facts, "_MANY", 0)
        monkeypatch.setattr(facts, "_WHOLE_LINES", -1)
