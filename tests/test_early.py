"""A symbol is found while there is no index yet, and the index is built behind it."""

import json
from pathlib import Path

import pytest

from memls.index import early, holders
from memls.index.rows import Limits
from tests.command import Command

FILLER = "".join(f"def filler_{n}(value):\n    return value + {n}\n\n\n" for n in range(2000))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Five megabytes of source; one file of fifty that have the name defines it."""
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(50):
        (folder / f"a{number:02}.py").write_text(f"{FILLER}\nprint(needle(1))\n")
    (folder / "z.py").write_text(
        FILLER + "\nclass Box:\n    def needle(self):\n        return 1\n\n\ndef needle():\n    return 2\n"
    )
    return folder


@pytest.mark.parametrize(
    ("text", "likeness"),
    [
        ("def ?():", 2), ("    async def ?():", 2), ("func (s *T) ?() {", 2), ("#define ?(x) x", 2),
        ("pub fn ?<T>()", 2),
        ("    public Guid ? { get; set; }", 2), ("\tprotected abstract Item ?(int a);", 2),
        ("    public List<?> items;", 0),
        ("    Item ?(int id);", 1), ("    private readonly ? _made;", 0), ("    public void F(? x)", 0),
        ("class A : ?", 1), ("    return ?(1);", 0), ("        var x = ?.Y();", 0), ("    ? x;", 0),
        ("export const ? = 1", 2), ("static int ?(int a)", 2), ("?(int a)", 1), ("int ?(int);", 0),
        ("  ?(1)", 0), ("x = 1; ?()", 1), ("class A: b = ?", 1),
    ],
)  # fmt: skip
def test_what_looks_like_a_definition(text: str, likeness: int) -> None:
    data = text.replace("?", "needle").encode()
    assert holders.likeness(data, data.index(b"needle")) == likeness


@pytest.mark.slow
def test_the_file_that_defines_is_read_first(repo: Path) -> None:
    found = early.find(repo, "needle", None, 20, Limits())
    assert found is not None and found.files == 51
    assert {(hit.path, hit.symbol) for hit in found.found.hits} == {
        ("z.py", "needle"),
        ("z.py", "Box.needle"),
    }
    within = early.find(repo, "Box.needle", None, 20, Limits())
    assert within is not None and [hit.symbol for hit in within.found.hits] == ["Box.needle"]
    for nothing in ("needles", "where is the needle", "need.*"):
        assert early.find(repo, nothing, None, 20, Limits()) is None


@pytest.mark.slow
def test_it_is_found_before_there_is_an_index(repo: Path, tmp_path: Path) -> None:
    memls = Command(tmp_path / "home")
    first = memls("search", "--kind", "symbol", "needle", "--json", "--repo", str(repo))
    assert first.code == 0 and {hit["path"] for hit in json.loads(first.out)} == {"z.py"}
    assert first.err.startswith("memls: partial: the index is still being built, in the background")
    assert memls("search", "--kind", "symbol", "filler_7", "--limit", "3", "--repo", str(repo)).code == 0
    built = json.loads(memls("index", "--json", "--repo", str(repo)).out)  # waits for the one behind
    assert built["files"] == 51
    last = memls("search", "--kind", "symbol", "needle", "--repo", str(repo))
    assert (last.code, last.err) == (0, "")
    assert memls("search", "--kind", "symbol", "needless", "--repo", str(repo)).code == 1
