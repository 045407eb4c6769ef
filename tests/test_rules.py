"""Rules of the code, by the index alone: what breaks each, with its lines."""

from collections.abc import Iterator
from typing import Any

import pytest

from memls.errors import UsageError
from memls.index.rules import Ruling
from memls.workspace import Workspace

CODE = {
    "db/store.py": '''
"""Rows."""

class Store:
    """Keeps rows."""

    def save(self, row):
        """Keep one."""
        return _write(row)

def _write(row):
    return row

def connect():
    return Store()
''',
    "ui/page.py": """
from db.store import connect
import requests.sessions

def show():
    return connect().save(1)  # TODO: later

def helper(store):
    store.save(2)
""",
    "jobs/run.py": """
from db import store

def run():
    store.connect()
""",
    "jobs/base.py": """
class Job:
    def run(self): ...

class Slow(Job):
    def pause(self): ...

class Daily(Slow):
    def run(self): ...

class Weekly(Slow):
    pass

class Other:
    pass
""",
    "web/a.ts": 'import { b } from "./b";\nexport function a() { return b(); }\n',
    "web/b.ts": "/** Says two. */\nexport function b() { return 2; }\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = tmp_path_factory.mktemp("rules")
    root = home / "code"
    for path, text in CODE.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMLS_HOME", str(home / "home"))
        with Workspace.open(root) as opened:
            opened.index()
            yield opened


def _told(ruling: Ruling) -> list[str]:
    sure = [f"{one.path}:{one.line} {one.message}" for one in ruling.breaches]
    doubts = [f"? {one.path}:{one.line} {one.message}" for one in ruling.doubts]
    return [*sure, *doubts, *(f"! {one.message}" for one in ruling.warnings)]


RULES: list[tuple[dict[str, Any], list[str]]] = [
    ({"no_callers_of": "connect", "outside": ["ui/", "jobs/"]}, []),
    (
        {"no_callers_of": "connect", "outside": "ui/"},
        ["jobs/run.py:4 run calls connect (import)"],
    ),
    ({"no_callers_of": "connect", "outside": "ui/", "except": "jobs/run.py"}, []),
    (
        {"no_callers_of": "db/store.py:_write", "outside": "ui/"},
        ["db/store.py:8 Store.save calls _write (same file)"],
    ),
    ({"no_callers_of": "conect", "outside": "ui/"}, [":0 no symbol is named conect; near names: connect"]),
    (
        {"subclasses_of": "Job", "define": ["run"]},
        [
            "jobs/base.py:4 Slow extends Job and does not define run",
            "jobs/base.py:10 Weekly extends Job and does not define run",
        ],
    ),
    ({"subclasses_of": "Job", "define": "pause"}, []),
    ({"subclasses_of": "Slow", "define": "run", "except": "Weekly"}, []),
    ({"subclasses_of": "connect", "define": "run"}, [":0 no type is named connect"]),
    ({"symbol": "Store.save", "documented": True}, []),
    ({"symbol": "connect", "documented": True}, ["db/store.py:13 connect is not documented"]),
    ({"symbol": "Stores"}, [":0 no symbol is named Stores; near names: Store"]),
    ({"symbol": "connect", "exists": False}, ["db/store.py:13 connect exists"]),
    ({"symbol": "disconnect", "exists": False}, []),
    ({"documented": "db/"}, ["db/store.py:13 connect is not documented"]),
    ({"documented": ["db/", "web/"], "except": ["connect", "a.ts"]}, []),
    ({"no_import": {"from": "db/", "to": ["ui/", "jobs/"]}}, []),
    (
        {"no_import": {"from": ["ui/", "jobs/", "web/"], "to": ["db/", "b.ts"]}},
        [
            "jobs/run.py:1 jobs/run.py imports db/store.py",
            "ui/page.py:1 ui/page.py imports db/store.py",
            "web/a.ts:1 web/a.ts imports web/b.ts",
        ],
    ),
    (
        {"no_import": {"from": "*.py", "modules": ["requests", "request"]}},
        ["ui/page.py:2 ui/page.py imports requests.sessions"],
    ),
    ({"no_text": r"TODO\b"}, ["ui/page.py:5 matches TODO\\b: return connect().save(1)  # TODO: later"]),
    ({"no_text": r"TODO\b", "in": "db/"}, []),
    ({"no_text": r"TODO\b", "in": ["bd/", "db/", "!test_*"]}, ["! no file matches bd/"]),
    ({"documented": "web/b.tsx"}, ["! no file matches web/b.tsx"]),
    (
        {"no_import": {"from": "webs/", "to": ["dbs/", "db/"]}},
        ["! no file matches webs/", "! no file matches dbs/"],
    ),
    ({"no_import": {"from": "database/", "modules": "os"}}, ["! no file matches database/"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "expected"), RULES, ids=lambda one: str(one)[:60])
def test_a_rule_tells_what_breaks_it(workspace: Workspace, rule: dict[str, Any], expected: list[str]) -> None:
    (ruling,) = workspace.rules([rule])
    told = _told(ruling)
    assert len(told) == len(expected)
    assert all(line.startswith(start) for line, start in zip(told, expected, strict=True)), told


def test_what_is_ambiguous_is_a_doubt_and_no_breach(workspace: Workspace) -> None:
    (ruling,) = workspace.rules([{"no_callers_of": "Store.save", "outside": "nowhere/"}])
    assert {one.line for one in ruling.doubts} >= {8}
    assert all(one.message.split()[1] == "may" for one in ruling.doubts)


def test_what_is_no_rule_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="not a rule: nonsense"):
        workspace.rules([{"nonsense": 1}])
