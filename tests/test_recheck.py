"""A query looks at the files that it is about to show: nothing of a text that is gone is ever shown."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memls.config import Folders
from memls.errors import NotFoundError
from memls.store import Store
from memls.workspace import Workspace

GIVEN = "def frobnicate(x):\n    return x\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An index that nobody keeps fresh."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text(GIVEN)
    (root / "b.py").write_text("from a import frobnicate\n\n\ndef g():\n    return frobnicate(1)\n")
    homes = Folders(tmp_path / "index", tmp_path / "memory", tmp_path / "user")
    with Workspace(Store(root, homes), owns_store=True) as opened:
        opened.index()
        yield opened


def delete(file: Path) -> None:
    file.unlink()


def rewrite(file: Path) -> None:
    file.write_text("# nothing\n\n\nhello = 1\n")


def move_down(file: Path) -> None:
    file.write_text("\n\n\n" + GIVEN)


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def set_back(file: Path) -> None:
    """Another text of the same size and time."""
    status = file.stat()
    file.write_text(GIVEN.replace("frobnicate", "frobnicatE"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def make_binary(file: Path) -> None:
    file.write_bytes(b"\0\1\2" * 100)


CHANGES: list[tuple[Callable[[Path], None], list[int]]] = [
    (delete, []), (rewrite, []), (move_down, [4]), (make_folder, []), (set_back, []), (make_binary, []),
]  # fmt: skip


@pytest.mark.parametrize(("change", "lines"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_queries_show_what_is_there(
    workspace: Workspace, change: Callable[[Path], None], lines: list[int]
) -> None:
    change(workspace.root / "a.py")
    for query, kind in (
        ("frobnicate", "symbol"),
        (r"def frobnicate\b", "regex"),
        ("def frobnicate(", "text"),
    ):
        found = workspace.search(query, kind)  # type: ignore[arg-type]
        assert [hit.line for hit in found.hits if hit.path == "a.py"] == lines
        assert found.total == len(found.hits)
    hits = workspace.search("where is frobnicate defined").hits
    assert all(hit.line in lines for hit in hits if hit.path == "a.py" and hit.symbol == "frobnicate")


@pytest.mark.parametrize(("change", "lines"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_references_lead_to_what_is_there(
    workspace: Workspace, change: Callable[[Path], None], lines: list[int]
) -> None:
    change(workspace.root / "a.py")
    if lines:
        assert [edge.target.line for edge in workspace.references("frobnicate", "definition")] == lines
        assert {edge.target.line for edge in workspace.references("frobnicate")} == set(lines)
        return
    with pytest.raises(NotFoundError):
        workspace.references("frobnicate")


def test_a_buffer_counts_and_not_the_file_below_it(workspace: Workspace) -> None:
    workspace.buffers.overlays.set("a.py", "\n\n" + GIVEN, 1)
    (workspace.root / "a.py").unlink()
    assert [hit.line for hit in workspace.search("frobnicate", "symbol").hits] == [3]


def test_a_build_that_runs_is_not_waited_for(workspace: Workspace) -> None:
    (workspace.root / "a.py").unlink()
    with workspace.store._building:
        assert workspace.search("frobnicate", "symbol").hits == []
        assert [hit.path for hit in workspace.search("frobnicate", "text").hits] == ["b.py", "b.py"]
    assert workspace.search("frobnicate", "symbol").hits == []
