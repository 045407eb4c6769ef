"""Edges between references and definitions, on small repositories written out here.

An edge is written `site role -> target status reason`.
"""

from pathlib import Path
from textwrap import dedent

import pytest

from memls.database import INDEX, Database
from memls.index.batch import Limits
from memls.index.builder import Builder
from memls.index.code import Place
from memls.index.resolve import Edge, Resolver

Repository = dict[str, str]


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
    path, _, symbol = name.partition(":")
    if not symbol:
        return Place(path, "", "file", 1, 1, "")
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


def check(root: Path, repository: Repository, question: str, expected: str) -> None:
    """`question` is `references a.py:f`, `callees …`, or `at a.py:3:4`."""
    resolver, database = build(root, repository)
    verb, _, what = question.partition(" ")
    if verb == "at":
        path, line, column = what.split(":")
        edges = resolver.definitions_at(path, int(line), int(column))
    elif verb == "importers":
        edges = resolver.importers(what)
    else:
        edges = getattr(resolver, verb)(place_of(database, what))
    assert [written(edge) for edge in edges] == dedent(expected).strip().splitlines()


PYTHON: dict[str, tuple[Repository, str, str]] = {
    "same file, and a nested function before it": (
        {
            "a.py": """
                def f(): pass
                def g():
                    f()
                def h():
                    def f(): pass
                    f()
                """
        },
        "references a.py:f",
        "a.py:3 call -> a.py:f resolved same file",
    ),
    "import, alias and re-export": (
        {
            "pkg/__init__.py": "from .core import work as run\n",
            "pkg/core.py": "def work(): pass\n",
            "one.py": "from pkg import run\nrun()\n",
            "two.py": "import pkg.core as c\nc.work()\n",
            "three.py": "import pkg.core\npkg.core.work()\npkg.run()\n",
            "four.py": "from pkg.core import work as w\ndef f():\n    w()\n",
        },
        "references pkg/core.py:work",
        """
        four.py:1 import -> pkg/core.py:work resolved import
        four.py:3 call -> pkg/core.py:work resolved import
        one.py:1 import -> pkg/core.py:work resolved import
        one.py:2 call -> pkg/core.py:work resolved import
        pkg/__init__.py:1 import -> pkg/core.py:work resolved import
        three.py:2 call -> pkg/core.py:work resolved import
        three.py:3 call -> pkg/core.py:work resolved import
        two.py:2 call -> pkg/core.py:work resolved import
        """,
    ),
}


@pytest.mark.parametrize("name", PYTHON)
def test_python(name: str, tmp_path: Path) -> None:
    check(tmp_path, *PYTHON[name])
