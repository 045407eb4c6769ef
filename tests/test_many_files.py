"""Answers from more files than are read one by one: each range is of the name, whatever stands before it."""

from collections.abc import Iterable, Iterator
from itertools import cycle

import pytest
from features import Asker
from lsprotocol import types as lsp
from repository import Repo, repository

from memls.text import split_lines

COUNT = 30
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
USES = (
    ("from lib import size\n\nx = size(1)\n", "2 size"),
    ("from lib import size as gr\n\nx = 1; y = gr(1)\n", "2 gr"),
    ("from lib import size\n\n'ä𝄞'; x = size(1)\n", "2 size"),
    ("from lib import size as größe\n\nx = größe(1)\n", "2 größe"),
    ("import lib\n\nx = (  # ä\n    lib.size)(1)\n", "3 size"),
)
CLASS = "class C{}:\n    '{}'\n    def get(self): return '{}'\n"
GETS = [f"c{n:02}.py:2 get" for n in range(COUNT)]


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    files = {"lib.py": "def size(a): pass\n", "main.py": "a().get()\n"}
    for n, (text, _) in zip(range(COUNT), cycle(USES), strict=False):
        files[f"u{n:02}.py"] = text
        files[f"c{n:02}.py"] = CLASS.format(n, "ä" * (n % 2), "𝄞" * (n % 3))
    with repository(files) as repo:
        yield repo


def told(asker: Asker, found: Iterable[tuple[str, lsp.Range]]) -> list[str]:
    """`path:line name`, sorted; the name is what the range encloses."""
    codec, width = CODECS[asker.client.encoding]
    names = []
    for uri, where in found:
        path = asker.client.uris.path(uri) or ""
        line = split_lines((asker.workspace.root / path).read_text("utf-8"))[where.start.line]
        inside = line.encode(codec)[where.start.character * width : where.end.character * width]
        names.append(f"{path}:{where.start.line} {inside.decode(codec)}")
        assert where.start.line == where.end.line
    return sorted(names)


@pytest.mark.parametrize("encoding", CODECS)
def test_references(repo: Repo, encoding: str) -> None:
    asker = Asker(repo.workspace, encoding)
    context = lsp.ReferenceContext(include_declaration=False)
    params = lsp.ReferenceParams(context, asker.text("lib.py"), lsp.Position(0, 5))
    found = asker.read("textDocument/references", params)
    uses = [f"u{n:02}.py:{use}" for n, (_, use) in zip(range(COUNT), cycle(USES), strict=False)]
    imports = [f"u{n:02}.py:0 size" for n in range(COUNT) if n % len(USES) != 4]
    assert told(asker, ((one.uri, one.range) for one in found)) == sorted(uses + imports)


@pytest.mark.parametrize("encoding", CODECS)
def test_candidates(repo: Repo, encoding: str) -> None:
    """As links too, whose ranges go to the end of a definition's last line or further."""
    params = lsp.DefinitionParams(Asker(repo.workspace).text("main.py"), lsp.Position(0, 5))
    plain = Asker(repo.workspace, encoding)
    found = plain.read("textDocument/definition", params)
    assert told(plain, ((one.uri, one.range) for one in found)) == GETS
    linked = Asker(repo.workspace, encoding, links=frozenset({"definition"}))
    links = linked.read("textDocument/definition", params)
    assert told(linked, ((one.target_uri, one.target_selection_range) for one in links)) == GETS
    for one in links:
        assert (one.target_range.start, one.target_range.end.line) == (lsp.Position(2, 0), 2)
        assert one.target_range.end.character >= len("    def get(self): return ''")


@pytest.mark.parametrize("encoding", CODECS)
def test_workspace_symbols(repo: Repo, encoding: str) -> None:
    asker = Asker(repo.workspace, encoding)
    found = asker.read("workspace/symbol", lsp.WorkspaceSymbolParams("get"))
    assert told(asker, ((one.location.uri, one.location.range) for one in found)) == GETS
