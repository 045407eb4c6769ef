"""The comparison of language servers runs and tells agreement from disagreement. No figure is judged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from editor import write

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "shop/__init__.py": "",
    "shop/stock.py": "def restock(shelf):\n    return shelf\n\n\ndef close(door):\n    return door\n",
    "app.py": "from shop.stock import close, restock\n\n\ndef main():\n    restock(1)\n    close(2)\n",
}


@pytest.mark.slow
def test_memls_agrees_with_itself(tmp_path: Path) -> None:
    """Every figure is measured, every position asked of both, and none of them answered differently."""
    repo = write(tmp_path / "repo", FILES)
    command = "benchmarks/servers.py --peer memls --positions 20 --starts 1 --rare 2 --json --repo".split()
    done = subprocess.run(
        [sys.executable, *command, str(repo)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [side["errors"] for side in result["servers"].values()] == [{}, {}]
    for side in result["servers"].values():
        assert {label for label, value in side["figures"].items() if value is None} == set()
        assert side["figures"]["typing: answers"] > 0
    restock = [one for one in result["positions"] if one["name"] == "restock"]
    assert [(one["path"], one["verdict"], one["ours"]) for one in restock] == [
        ("app.py", "resolved, the same", [["shop/stock.py", 0]])
    ]
    assert not [one for one in result["positions"] if one["ours"] != one["theirs"]]


@pytest.mark.parametrize(
    ("theirs", "hover", "verdict"),
    [
        ([("a.py", 3)], "`a.py:4`", "resolved, the same"),
        ([("b.py", 3)], "`a.py:4`", "resolved, different"),
        ([("a.py", 3)], "def f(candidate)\n\n`candidate a.py:4 (by name)`", "candidates, first is the same"),
        ([("c.py", 0)], "candidate a.py:4 (by name)", "candidates, the same among them"),
        ([("b.py", 3)], "candidate a.py:4 (by name)", "candidates, all different"),
        ([("/usr/lib/x.pyi", 3)], "def f(candidate)\n\n`a.py:4`", "resolved, different"),
    ],
)
def test_verdicts(
    theirs: list[tuple[str, int]],
    hover: str,
    verdict: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from comparison.answers import Given, Pair, is_sure, places
    from comparison.positions import Position

    def answered(*found: tuple[str, int]) -> object:
        return [
            {
                "uri": (tmp_path / path).as_uri(),
                "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 1}},
            }
            for path, line in found
        ]

    ours = Given(
        places(answered(("a.py", 3), ("c.py", 0)), tmp_path), sure=is_sure({"contents": {"value": hover}})
    )
    pair = Pair(Position("use.py", 0, 0, "f"), ours, Given(places(answered(*theirs), tmp_path)))
    assert pair.verdict == verdict


def test_compilations_of_a_dry_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from comparison.peers import compile_commands

    printed = "echo hello\ngcc -c -DX='\"a b\"' \\\n  -o a.o ../src/a.c\ngcc -o a a.o\ncc -c two.c one.c\n"
    assert compile_commands(printed, tmp_path) == [
        {
            "directory": str(tmp_path),
            "file": "../src/a.c",
            "arguments": ["gcc", "-c", '-DX="a b"', "-o", "a.o", "../src/a.c"],
        }
    ]


@pytest.mark.parametrize(
    ("name", "language", "source", "uses"),
    [
        ("a.py", "python", "def f(a, b=g):\n    c = a\n    return k(d=c)\n", "g a k d c"),
        ("a.c", "c", "int f(T *a) {\n  int c = g(a);\n  return c->d;\n}\n", "T g a c d"),
        ("a.go", "go", "package p\nfunc f(a T) int {\n\treturn q.G(a)\n}\n", "T int q G a"),
        ("a.tsx", "typescript", "import { A } from 'a';\nconst f = () => <A b={x.y}></A>;\n", "A A b x y A"),
    ],
)
def test_positions_are_uses(
    name: str, language: str, source: str, uses: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from comparison import positions

    (tmp_path / name).write_text(source)
    found = [one.name for one in positions.identifiers(tmp_path, name, language)]
    assert found == uses.split()
    chosen = positions.choose(tmp_path, language, [name], 20, seed=3)
    assert chosen == positions.choose(tmp_path, language, [name], 20, seed=3)
    assert {one.name for one in chosen} == set(uses.split())
