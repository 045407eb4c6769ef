"""What is in the repository: its root, its files (`listing.py`), what they say (`content.py`), and the
unsaved buffers that shadow them. The rest of the house imports all of it from here.
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from memls.errors import UsageError
from memls.source import git
from memls.source.content import (
    GONE,
    MAX_BYTES,
    Content,
    OutsideError,
    decode,
    generated,
    is_binary,
    normalise,
    read,
    too_large,
)
from memls.source.listing import Entry, Listing, Skipped, entry_of, list_files, would_list
from memls.source.trees import Trees
from memls.text import digest, visible

__all__ = [
    "GONE", "MAX_BYTES", "Content", "Entry", "Listing", "OutsideError", "Overlays", "Skipped", "Source",
    "decode", "entry_of", "find_root", "is_home", "list_files", "open_root", "read", "too_large",
    "would_list",
]  # fmt: skip


def find_root(start: str | os.PathLike[str]) -> Path:
    """The repository around a file or folder, else the folder itself."""
    folder = Path(start).resolve()
    if folder.is_file():
        folder = folder.parent
    return git.toplevel(folder) or folder


def is_home(folder: Path) -> bool:
    """Whether a folder is the user's home, or holds it: nobody means all of that by one file in it."""
    try:
        home = Path.home().resolve()
    except RuntimeError:  # a user without one
        return False
    return folder == home or folder in home.parents


def open_root(path: str | os.PathLike[str]) -> Path:
    """The folder that a user named as repository, or a UsageError that says what is wrong with it."""
    shown = visible(os.fspath(path))
    try:
        root = Path(path).expanduser().resolve(strict=True)
        if not root.is_dir():
            raise UsageError(f"not a folder: {shown}")
        with os.scandir(root):
            return root
    except FileNotFoundError:
        raise UsageError(f"no such folder: {shown}") from None
    except PermissionError:
        raise UsageError(f"cannot read the folder (permission denied): {shown}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"cannot open the folder {shown}: {error}") from None


class Overlays:
    """Unsaved editor buffers, which shadow the files on disk. Every method may be called from any thread.

    A buffer with a NUL has a text, to be seen, and the reason "binary", for the index passes over such files.
    """

    def __init__(
        self, contents: Mapping[str, Content] = MappingProxyType({}), trees: Trees | None = None
    ) -> None:
        """`contents`: the buffers at the beginning; `trees`: where others have those of their syntax."""
        self.trees = trees or Trees()
        self._contents = dict(contents)
        self._changed: set[str] = set()
        self._lock = threading.Lock()

    def set(self, path: str, text: str, version: int) -> Content:
        """Open or change a buffer. A version older than the one we have came late and changes nothing."""
        raw = _encoded(text)
        if raw is None:  # half of a surrogate pair, which no file and no database can hold
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            raw = text.encode("utf-8")
        kept = normalise(text.removeprefix("\ufeff").replace("\0", "\ufffd"))
        reason = too_large(len(raw), MAX_BYTES) if len(raw) > MAX_BYTES else generated(kept)
        shown = None if reason else kept
        reason = reason or ("binary" if is_binary(raw) else "")
        content = Content(path, shown, digest(raw), len(raw), reason=reason, version=version)
        with self._lock:
            before = self._contents.get(path)
            if before is None or before.version is None or before.version <= version:
                self._contents[path] = content
                self._changed.add(path)
            return self._contents[path]

    def drop(self, path: str) -> bool:
        """Close a buffer: the disk counts again. Whether there was one."""
        with self._lock:
            self._changed.add(path)
            known = self._contents.pop(path, None) is not None
        self.trees.drop(path)
        return known

    def get(self, path: str) -> Content | None:
        """The buffer of `path`, or None."""
        return self._contents.get(path)

    def paths(self) -> frozenset[str]:
        """Every path with a buffer."""
        with self._lock:
            return frozenset(self._contents)

    def changed(self) -> bool:
        """Whether `take_changed` has something to give."""
        return bool(self._changed)

    def is_changed(self, path: str) -> bool:
        """Whether `take_changed` would give this path."""
        return path in self._changed

    def take_changed(self) -> frozenset[str]:
        """The paths whose buffers were set or dropped since this was last asked."""
        with self._lock:
            changed = frozenset(self._changed)
            self._changed.clear()
            return changed


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return None


class Source:
    """The repository as its user sees it: the buffer where there is one, else the disk."""

    def __init__(self, root: str | os.PathLike[str], overlays: Overlays | None = None) -> None:
        self.root = Path(root)
        self.overlays = overlays if overlays is not None else Overlays()

    def read(self, path: str, limit: int = MAX_BYTES) -> Content:
        """As `read`, through the overlays."""
        return self.overlays.get(path) or read(self.root, path, limit)
