"""What files and buffers say, and how reading stays inside the repository."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memls.errors import MemlsError
from memls.source import files
from memls.source.files import Content, Overlays, Source, read


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


BINARY = "binary, or text in another encoding than UTF-8 and UTF-16"
READ: list[tuple[str, bytes, str | None, bool, str]] = [
    ("empty", b"", "", False, ""),
    ("plain", b"a\nb\n", "a\nb\n", False, ""),
    ("line ends", b"a\r\nb\rc\n", "a\nb\nc\n", False, ""),
    ("utf-8", "ü文".encode(), "ü文", False, ""),
    ("utf-8 with a mark", b"\xef\xbb\xbfx", "x", False, ""),
    ("utf-16 little", "\ufeffxü\r\n".encode("utf-16-le"), "xü\n", False, ""),
    ("utf-16 big", "\ufeffxü".encode("utf-16-be"), "xü", False, ""),
    ("utf-32", "\ufeffxü".encode("utf-32-le"), "xü", False, ""),
    ("latin-1", b"caf\xe9 au lait", "caf\ufffd au lait", True, ""),
    ("NUL at the start", b"a\0b", None, False, "binary"),
    ("NUL late", b"a\n" * 5000 + b"\0", "a\n" * 5000 + "\ufffd", True, ""),
    ("odd utf-16", b"\xff\xfe\x00\xd8\x41", None, False, "binary"),
    ("compressed", bytes(range(128, 256)) * 9, None, False, BINARY),
    ("long line among short", b"x = 1\n" * 900 + b"y" * 20_000, "x = 1\n" * 900 + "y" * 20_000, False, ""),
    ("minified", b"a;" * 60_000, None, False, "minified or generated (line of 0.1 MB)"),
    ("too large", b"x" * 1000 + b"\n" * (2 << 20), None, False, "too large (2.0 MB, limit 2 MB)"),
]


@pytest.mark.parametrize(("name", "raw", "text", "broken", "reason"), READ, ids=[case[0] for case in READ])
def test_read(tmp_path: Path, name: str, raw: bytes, text: str | None, broken: bool, reason: str) -> None:
    (tmp_path / "f").write_bytes(raw)
    content = read(tmp_path, "f")
    assert (content.text, content.encoding_broken, content.reason) == (text, broken, reason)
    assert content.size == len(raw)
    assert content.mtime_ns == (tmp_path / "f").stat().st_mtime_ns
    assert (content.hash == "") == (name == "too large")


@given(st.binary(max_size=300))
def test_text_is_storable_whatever_the_bytes(raw: bytes) -> None:
    text, _, reason = files.decode(raw)
    assert (text is None) == bool(reason)
    if text is not None:
        assert "\0" not in text and "\r" not in text
        text.encode()


def test_read_of_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    write(tmp_path / "file", "x")
    found = {path: read(tmp_path, path).reason for path in ("folder", "fifo", "absent", "file/x", "folder/x")}
    assert found == {
        "folder": "not a regular file",
        "fifo": "not a regular file",
        "absent": files.GONE,
        "file/x": files.GONE,
        "folder/x": files.GONE,
    }


def test_read_stays_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "a.py", "inside")
    write(tmp_path / "root-secret/s.txt", "secret")
    (root / "link.py").symlink_to("a.py")
    (root / "out.txt").symlink_to(tmp_path / "root-secret/s.txt")
    (root / "folder").symlink_to(tmp_path / "root-secret")
    (root / "around").symlink_to(root)
    (root / "loop").symlink_to("loop")
    assert read(root, "link.py").text == "inside"
    assert read(root, "around/a.py").text == "inside"
    assert read(root, "loop").text is None
    for path in ("../root-secret/s.txt", "x/../../root-secret/s.txt", "/etc/passwd", "out.txt",
                 "folder/s.txt", "a\0.py", "", "..", str(root / "a.py")):  # fmt: skip
        with pytest.raises(MemlsError, match="outside the repository"):
            read(root, path)


def test_a_folder_that_becomes_a_link_while_we_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    write(root / "d/s.txt", "inside")
    write(tmp_path / "out/s.txt", "secret")
    real_open = os.open

    def swap_then_open(path: str, flags: int) -> int:
        (root / "d").rename(root / "e")
        (root / "d").symlink_to(tmp_path / "out")
        return real_open(path, flags)

    monkeypatch.setattr(os, "open", swap_then_open)
    with pytest.raises(MemlsError, match="outside the repository"):
        read(root, "d/s.txt")


def test_overlays_shadow_the_disk(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "disk\n")
    source = Source(tmp_path)
    disk = source.read("a.py")
    assert (disk.text, disk.version) == ("disk\n", None)
    source.overlays.set("a.py", "buffer\r\n", 2)
    assert (source.read("a.py").text, source.read("a.py").version) == ("buffer\n", 2)
    assert source.overlays.set("a.py", "late", 1).text == "buffer\n"
    source.overlays.set("a.py", "disk\n", 3)
    assert source.read("a.py").hash == disk.hash, "an unchanged buffer is the same content"
    source.overlays.set("new.py", "x", 1)
    assert source.overlays.paths() == {"a.py", "new.py"}
    assert source.overlays.drop("a.py") and not source.overlays.drop("a.py")
    assert source.read("a.py") == disk
    assert source.read("new.py").text == "x"


def test_overlays_are_judged_like_files() -> None:
    overlays = Overlays()
    cases: dict[str, tuple[str | None, str]] = {
        "\ufeffa\0b": ("a\ufffdb", "binary"),
        "": ("", ""),
        "a;" * 60_000: (None, "minified or generated (line of 0.1 MB)"),
        "x\n" * (2 << 20): (None, "too large (4.0 MB, limit 2 MB)"),
    }
    for version, (text, (kept, reason)) in enumerate(cases.items()):
        content: Content = overlays.set("a.py", text, version)
        assert (content.text, content.reason) == (kept, reason)
