"""Languages without a folder: symbols by one rule, where the pack of grammars is installed."""

from pathlib import Path

import pytest

from memls.config import Folders
from memls.database import INDEX, Database
from memls.errors import UsageError
from memls.index import commits
from memls.index.builder import Builder
from memls.index.code import status
from memls.index.rows import Limits
from memls.source import languages
from memls.source.languages import generic, language_named, names_of_files
from memls.source.parse import language_of, parse
from memls.workspace import Workspace

SOURCES = [
    ("a.dart", "class A {\n  int f(int x) => x;\n}\nenum E { a, b }\n", ["A class", "E enum"]),
    ("a.sol", "contract C { function f(uint a) public {} struct S { uint x; } }\n",
     ["C class", "C.f method", "C.S struct"]),
    ("a.proto", 'syntax = "proto3";\nmessage M { string a = 1; }\nservice S { rpc Get (M) returns (M); }\n',
     ["M struct", "S interface", "S.Get method"]),
    ("a.jl", "module M\nstruct P\n  x\nend\nend\n", ["M module", "M.P struct"]),
    ("a.ps1", "function F($a) { 1 }\nclass C { [int] M() { return 1 } }\n",
     ["F function", "C class", "C.M method"]),
    ("a.nim", "proc f(x: int): int = x\ntype T = object\n  a: int\n", ["f function", "T type"]),
    ("a.graphql", "type Q { a: Int }\ninterface I { a: Int }\n", ["Q class", "I interface"]),
    ("a.tcl", "proc f {a} { return 1 }\n", ["f function"]),
    ("a.wgsl", "fn f(a: i32) -> i32 { return a; }\n", ["f function"]),
    ("a.bsl", "Procedure F(A)\nEndProcedure\n", ["F function"]),
    ("a.ispc", "export void f(uniform int a) { }\n", ["f function"]),
    ("a.R", "f <- function(x) { x }\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("path", "source", "expected"), SOURCES, ids=[row[0] for row in SOURCES])
def test_symbols_of(path: str, source: str, expected: list[str]) -> None:
    language = language_of(path)
    assert language is not None
    outline = parse(path, source.encode(), language)
    assert [f"{symbol.qualified_name} {symbol.kind}" for symbol in outline.symbols] == expected
    assert outline.references == outline.imports == ()


@pytest.mark.slow
def test_every_query_compiles_and_nothing_is_too_much_for_it() -> None:
    hostile = (b"", b"\xff\xfe\0", b"((((" * 500, b"{[" * 500, b"class function def " * 200, b"a: " * 300)
    for name, language in generic.generic_languages().items():
        assert language.query.pattern_count >= 0
        for data in hostile:
            assert parse("a", data, name).language == name


def test_own_languages_keep_their_files() -> None:
    own = {key for one in languages.languages().values() for key in one.suffixes + one.filenames}
    assert not {key for key in own if names_of_files()[key] in generic.generic_languages()}


def test_a_file_is_read_again_when_the_pack_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.dart").write_text("class A {}\n")
    (tmp_path / "b.py").write_text("class B: pass\n")
    database = Database(None, INDEX)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(generic, "is_installed", lambda: False)
            generic.generic_languages.cache_clear()
            names_of_files.cache_clear()
            Builder(tmp_path, database, Limits()).catch_up()
            assert status(database).languages == {"python": 1, "text": 1}
            with pytest.raises(UsageError, match="no parser for language 'dart'"):
                language_named("dart")
    finally:
        generic.generic_languages.cache_clear()
        names_of_files.cache_clear()
    report = Builder(tmp_path, database, Limits()).catch_up()
    assert report.changed == {"a.dart"}
    assert (status(database).languages, status(database).generic) == ({"dart": 1, "python": 1}, ["dart"])
    assert not Builder(tmp_path, database, Limits()).catch_up().changed


def test_a_file_is_read_again_when_its_language_gets_rules(tmp_path: Path) -> None:
    (tmp_path / "a.vue").write_text("<script>const a = 1</script>\n")
    (tmp_path / "b.py").write_text("class B: pass\n")
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    ((read,),) = database.read("SELECT value FROM meta WHERE key = 'reading'")
    database.write(lambda writer: commits.set_meta(writer, reading=read.replace(",vue", "")))
    assert Builder(tmp_path, database, Limits()).catch_up().changed == {"a.vue"}
    assert not Builder(tmp_path, database, Limits()).catch_up().changed


def test_a_name_with_a_hash_in_it_is_found(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "ui.vim").write_text("function! coc#ui#signs(a) abort\n  return 1\nendfunction\n")
    folders = Folders(*(tmp_path / name for name in ("index", "memory", "user")))
    with Workspace.open(root, folders) as workspace:
        workspace.index()
        for name in ("coc#ui#signs", "ui.vim:coc#ui#signs"):
            assert [place.symbol for place in workspace.code.find_symbols(name)] == ["coc#ui#signs"]
