"""Columns, edits and uris, as data."""

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from memls.lsp import convert
from memls.lsp.documents import edited


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("line", ["plain", "größe = 1", "x = '𝄞' + y", "", "𝄞𝄞"])
def test_columns_come_back(line: str, encoding: str) -> None:
    for index in range(len(line) + 1):
        units = convert.position(line, 1, index, encoding).character
        assert convert.characters(line, units, encoding) == index
        assert convert.column(line, units, encoding) == len(line[:index].encode())
    assert convert.characters(line, 1000, encoding) == len(line)


@pytest.mark.parametrize(
    ("text", "start", "end", "new", "after"),
    [
        ("a\nb\n", (1, 0), (1, 1), "B", "a\nB\n"),
        ("a\fb\nc", (1, 0), (1, 1), "C", "a\fb\nC"),
        ("a\r\nb\rc", (2, 0), (2, 1), "C", "a\r\nb\rC"),
        ("a\r\nb", (0, 99), (1, 0), "", "ab"),
        ("a", (7, 0), (9, 9), "b", "ab"),
        ("", (0, 0), (0, 0), "x", "x"),
        ("𝄞b", (0, 2), (0, 3), "c", "𝄞c"),
    ],
)
def test_edits(text: str, start: tuple[int, int], end: tuple[int, int], new: str, after: str) -> None:
    span = lsp.Range(lsp.Position(*start), lsp.Position(*end))
    assert edited(text, [lsp.TextDocumentContentChangePartial(span, new)], "utf-16") == after


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_an_edit_far_down(ends: str) -> None:
    """Line ends stand on both sides of the strides in which they are counted."""
    lines = [f"{n} {'x' * (n % 7)}" for n in range(20_000)]
    text = ends.join(lines)
    for line in (*range(0, 20_000, 331), 19_998, 19_999):
        span = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 10_000))
        after = edited(text, [lsp.TextDocumentContentChangePartial(span, "new")], "utf-16")
        assert after == ends.join([*lines[:line], "new", *lines[line + 1 :]])
    end = lsp.Position(20_000, 0)
    assert (
        edited(text, [lsp.TextDocumentContentChangePartial(lsp.Range(end, end), "!")], "utf-16") == text + "!"
    )


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file://{root}/a.py", "a.py"),
        ("file://{root}/a%20b.py", "a b.py"),
        ("file://{root}/x/../a.py", "a.py"),
        ("file://{root}/../a.py", None),
        ("file://{root}", None),
        ("file://{root}-other/a.py", None),
        ("file://{root}/out/a.py", None),
        ("untitled:Untitled-1", None),
        ("file://{root}/a%00b", None),
        ("http://[", None),
    ],
)
def test_uris(tmp_path: Path, uri: str, path: str | None) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    uris = convert.Uris((tmp_path / "root").resolve())
    assert uris.path(uri.format(root=tmp_path / "root")) == path
    if path:
        assert uris.path(uris.uri(path)) == path
