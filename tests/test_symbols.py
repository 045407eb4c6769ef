"""Symbols as they are read from the index: their names, and the names that begin with some letters."""

from collections.abc import Sequence

import pytest
from lsprotocol import types as lsp
from repository import Repo, repository

from memls.database import INDEX, Database
from memls.index import prefixes
from memls.index.symbols import names_of, symbols
from memls.text import identity

FILES = {
    "shop.py": "class Cart:\n    def total(self): pass\n    def Top(self): pass\n\ndef to_text(): pass\n",
    "große.py": "def größe(): pass\n\ndef GRÖSSER(): pass\n\ndef tor(): pass\n",
    "main.go": "package main\n\nfunc Total() {}\n\nfunc tot() {}\n",
}
STARTS = ("t", "to", "tot", "TOT", "total", "grö", "GRÖ", "c", "x", "", "to_")


@pytest.mark.parametrize(
    ("qualified_name", "name"),
    [("size", "size"), ("Cart.size", "size"), ("Cart.a.b", "a.b"), ("a.b", "a.b"), ("", ""), ("Cart.", "")],
)
def test_names(qualified_name: str, name: str) -> None:
    """Also of symbols whose own names have dots."""
    database = Database(None, INDEX)
    columns = {"file": 1, "name": name, "qualified_name": qualified_name, "word": identity(name)}
    rest = {"kind": "class", "line": 1, "end_line": 1, "name_line": 1, "name_column": 0, "parent": -1}
    texts = {"signature": "", "docstring": ""}
    for ordinal in range(2):
        row = {**columns, **rest, **texts, "ordinal": ordinal}
        database.write(lambda w, row=row: w.insert("symbols", {key: [value] for key, value in row.items()}))  # type: ignore[misc]
    key = (1, 0, qualified_name, identity(name))
    assert names_of(database, [key, (1, 1, *key[2:])]) == [name, name]
    assert [symbol.name for _, symbol in symbols(database, "s.file = ?", [1])] == [name, name]


def found(repo: Repo, start: str) -> list[str]:
    """The symbols whose names begin so, as they come."""
    if not start:
        return []
    hits = repo.workspace.search(f"{start}*", "symbol", limit=100).hits
    return [f"{hit.path}:{hit.line} {hit.symbol}" for hit in hits]


def check(repo: Repo, monkeypatch: pytest.MonkeyPatch, expected: Sequence[str]) -> None:
    """What is kept gives what looking through all symbols gives, and `expected` for `to`."""
    kept = {start: found(repo, start) for start in STARTS}
    with monkeypatch.context() as patch:
        patch.setattr(prefixes, "_MOST", -1)
        assert {start: found(repo, start) for start in STARTS} == kept
    assert kept["to"] == expected


def test_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """After changes on disk and in buffers."""
    with repository(FILES) as repo:
        saved = ["große.py:5 tor", "main.go:5 tot", "main.go:3 Total"]
        shop = ["shop.py:5 to_text", "shop.py:3 Cart.Top", "shop.py:2 Cart.total"]
        check(repo, monkeypatch, [*saved, *shop])
        repo.workspace.buffers.set("shop.py", "def today(): pass\n", 1)
        check(repo, monkeypatch, [*saved, "shop.py:1 today"])
        repo.workspace.buffers.set("shop.py", "def tomorrow(): pass\n", 2)
        check(repo, monkeypatch, [*saved, "shop.py:1 tomorrow"])
        repo.workspace.buffers.drop("shop.py")
        check(repo, monkeypatch, [*saved, *shop])
        repo.write("shop.py", "def total(): pass\n\ndef tons(): pass\n")
        repo.workspace.index()
        check(repo, monkeypatch, [*saved[:2], "shop.py:3 tons", "main.go:3 Total", "shop.py:1 total"])
        (repo.root / "main.go").unlink()
        repo.workspace.index()
        check(repo, monkeypatch, ["große.py:5 tor", "shop.py:3 tons", "shop.py:1 total"])


def test_candidates_share_their_uses() -> None:
    """Uses that are told for all candidates at once are those of each."""
    files = {f"c{n}.py": f"class C{n}:\n    def get(self): return self.get()\n" for n in range(4)}
    with repository({**files, "main.py": "a().get()\nb.get()\n"}) as repo:
        resolver = repo.workspace.resolver
        places = [edge.target for edge in resolver.definitions_at("main.py", 1, 4)]
        assert [place.path for place in places] == ["c0.py", "c1.py", "c2.py", "c3.py"]
        each = [edge for place in places for edge in resolver.references(place)]
        assert resolver.all_references(places) == each
        assert resolver.all_references(places, 2) == each[:3]
        told = [(e.path, e.line, e.column, e.status, e.target.path) for e in each[:3]]
        assert told == [
            ("c0.py", 2, 31, "resolved", "c0.py"),
            ("main.py", 1, 4, "candidate", "c0.py"),
            ("main.py", 2, 2, "candidate", "c0.py"),
        ]


def test_import_lines_that_are_long() -> None:
    """Their text is not in the index: the file is read."""
    files = {"lib/__init__.py": "", "lib/a.py": "x = 1\n"}
    for n in range(20):
        files[f"u{n:02}.py"] = f"from lib import a{' ' * (300 * (n % 2))}; y = {n}\n"
    with repository(files) as repo:
        rows = repo.workspace.buffers.read("SELECT count(*) FROM imports WHERE text = ''")
        assert rows == [(10,)]
        from features import Asker

        asker = Asker(repo.workspace)
        params = lsp.ReferenceParams(
            lsp.ReferenceContext(include_declaration=False), asker.text("u00.py"), lsp.Position(0, 16)
        )
        answer = asker.read("textDocument/references", params)
        spans = {(one.range.start.line, one.range.start.character, one.range.end.character) for one in answer}
        assert (len(answer), spans) == (20, {(0, 16, 17)})
