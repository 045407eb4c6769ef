"""What is in the repository: which files, their bytes as text, and the unsaved buffers that shadow them.

1. *Listing.* git knows best: tracked files count even where an ignore rule matches them. Where git cannot
   answer (no git, another owner, an unpacked archive inside a repository that ignores it) we walk.
2. *Names.* A name that is not UTF-8 or holds control characters is skipped with a reason: every name reaches
   a database, a terminal and a prompt.
3. *Links.* Links are never listed: what they lead to inside the repository is listed under its own name.
   Reading through one works as long as it stays inside (invariant 6).
"""

import os
import re
import stat
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from memls.errors import UsageError
from memls.source import git
from memls.source.ignore import ALWAYS, Ignore, is_virtual_environment
from memls.text import digest, visible

MAX_BYTES = 2 << 20
"""Larger files are data: parsed or indexed they would cost more than any answer out of them is worth."""

MAX_NESTED = 64
"""Repositories inside the repository (submodules) that are listed too; each costs a git process."""

MAX_ONLY = 256
"""Above this many paths a whole listing is cheaper than naming them to git one by one."""

_BINARY_PREFIX = 8 << 10
_LONG_LINE = 5_000
_LONG_AVERAGE = 250
_HUGE_LINE = 500_000
_MAX_BROKEN = 0.3
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

GONE = "no such file"


class OutsideError(UsageError):
    """A path that leads out of the repository: absolute, with `..`, or through a link."""


class Entry(NamedTuple):
    """One listed file. A tuple and not a dataclass: a listing makes a hundred thousand of them."""

    path: str
    size: int
    mtime_ns: int
    inode: int


class Skipped(NamedTuple):
    """What was left out and why, for `memls status`. `path` is safe to print."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a repository by their path from its root, with `/` and in no particular order.

    `note` says why git was not asked, when `how` is "walk".
    """

    entries: dict[str, Entry]
    skipped: list[Skipped] = field(default_factory=list)
    how: Literal["git", "walk"] = "git"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says. `text` is None where it is not for the index, and `reason` says why.

    Lines of `text` end in `\\n` only, so that they count as `text.split_lines` counts them, and it holds no
    NUL and no byte order mark. `hash` names the raw bytes ("" where they were not read). `encoding_broken`:
    some bytes were replaced by U+FFFD. `version` is the editor's, None when the text came from disk.
    """

    path: str
    text: str | None
    hash: str = ""
    size: int = 0
    mtime_ns: int = 0
    reason: str = ""
    encoding_broken: bool = False
    version: int | None = None


def find_root(start: str | os.PathLike[str]) -> Path:
    """The repository around a file or folder, else the folder itself."""
    folder = Path(start).resolve()
    if folder.is_file():
        folder = folder.parent
    return git.toplevel(folder) or folder


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


def list_files(
    root: str | os.PathLike[str], ignore: Sequence[str] = (), only: Collection[str] | None = None
) -> Listing:
    """Every file of the repository, with its size and time.

    `ignore` are further patterns in .gitignore syntax; they hide tracked files too. `only` asks about these
    paths alone: after a change, whether a new file belongs to the repository.
    """
    base = os.path.realpath(root)
    if only is not None:
        if not only:
            return Listing({})
        if len(only) > MAX_ONLY:
            return _restricted(list_files(base, ignore), only)
    found = git.ls_files(base, sorted(only or ()), [f"{name}/" for name in ALWAYS])
    if found.paths is None:
        return _walked(base, ignore, only, found.reason)
    if not found.paths and git.toplevel(base) != Path(base):
        if only is not None:
            return _restricted(list_files(base, ignore), only)
        return _walked(base, ignore, only, "git ignores this folder")
    lister = _Lister(base, ignore)
    lister.add_git(found)
    listing = Listing(lister.entries, lister.skipped)
    return listing if only is None else _restricted(listing, only)


def walk(
    root: str | os.PathLike[str], ignore: Ignore, start: str = ""
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything under `start` that no rule ignores, folders before what is in them; links are not followed.

    A folder that cannot be read yields a PermissionError nowhere: ask `os.access`.
    """
    pending = [start]
    while pending:
        folder = pending.pop()
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(f"{os.fspath(root)}/{folder}") as scan:
                children = list(scan)
        except OSError:
            continue
        names = {child.name for child in children}
        if folder and "pyvenv.cfg" in names:
            continue
        plain = not ignore.chain(folder, names) and ignore.globs is None
        for child in children:
            name = child.name
            path = prefix + name
            is_folder = child.is_dir(follow_symlinks=False)
            if name in ALWAYS if plain and is_folder else not plain and ignore.matches(path, name, is_folder):
                continue
            if is_folder:
                pending.append(path)
            yield path, child


class _Lister:
    """One listing in the making."""

    def __init__(self, root: str, ignore: Sequence[str]) -> None:
        self.root = root
        self.entries: dict[str, Entry] = {}
        self.skipped: list[Skipped] = []
        self.ignore = Ignore(root, ignore)
        self._globs = self.ignore.globs is not None
        self._user = os.geteuid() if hasattr(os, "geteuid") else 0
        self._inside: dict[str, bool] = {"": True}

    def add_git(self, found: git.LsFiles) -> None:
        """What git lists, then what it lists in the repositories inside, each in its turn."""
        nested = self._add_paths("", found)
        for count, folder in enumerate(nested):  # grows while we go
            if count >= MAX_NESTED:
                self._skip(folder, f"repository inside the repository (only {MAX_NESTED} are listed)")
                continue
            full = f"{self.root}/{folder}"
            if git.toplevel(full) != Path(os.path.realpath(full)):
                self._skip(folder, "submodule that is not checked out")
                continue
            inner = git.ls_files(full, exclude=[f"{name}/" for name in ALWAYS])
            if inner.paths is None:
                self._skip(folder, f"repository inside the repository: {inner.reason}")
            else:
                nested += self._add_paths(f"{folder}/", inner)

    def _add_paths(self, prefix: str, found: git.LsFiles) -> list[str]:
        nested: list[str] = []
        paths = found.paths or []
        environments = tuple(path[: -len("pyvenv.cfg")] for path in paths if path.endswith("/pyvenv.cfg"))
        for path in paths:
            if environments and path.startswith(environments):
                continue
            if prefix:
                path = prefix + path
            if path[-1:] == "/":
                nested.append(path[:-1])
                continue
            folder = path.rpartition("/")[0]
            if not (self._inside[folder] if folder in self._inside else self._is_inside(folder)):
                continue
            try:
                status = os.lstat(f"{self.root}/{path}")
            except (FileNotFoundError, NotADirectoryError):
                continue  # deleted, and not yet committed so
            except OSError as error:
                self._skip(path, _why(error))
                continue
            if stat.S_ISDIR(status.st_mode):
                nested.append(path)
            else:
                self.add(path, status)
        for folder in found.unreadable:
            self._skip(f"{prefix}{folder}", "permission denied")
        return nested

    def _is_inside(self, folder: str) -> bool:
        """Whether a tracked folder is still one, not replaced by a link that may lead anywhere."""
        parent, _, name = folder.rpartition("/")
        known = self._inside.get(parent)
        inside = (self._is_inside(parent) if known is None else known) and name not in ("", ".", "..", ".git")
        inside = inside and not os.path.islink(f"{self.root}/{folder}")
        self._inside[folder] = inside
        return inside

    def add(self, path: str, status: os.stat_result) -> None:
        mode = status.st_mode
        if self._globs and self.ignore.left_out(path):
            return
        if not stat.S_ISREG(mode):
            self._skip(path, "symbolic link" if stat.S_ISLNK(mode) else "not a regular file")
        elif not path.isprintable() and _UNSAFE_NAME.search(path):
            self._skip(path, "control characters in its name or name not UTF-8")
        elif not mode & 0o004 and self._user and not os.access(f"{self.root}/{path}", os.R_OK):
            self._skip(path, "permission denied")
        else:
            self.entries[path] = Entry(path, status.st_size, status.st_mtime_ns, status.st_ino)

    def add_walk(self) -> None:
        for path, child in walk(self.root, self.ignore):
            try:
                if child.is_dir(follow_symlinks=False):
                    if self._user and not os.access(child.path, os.R_OK | os.X_OK):
                        self._skip(path, "permission denied")
                else:
                    self.add(path, child.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue
            except OSError as error:
                self._skip(path, _why(error))

    def add_only(self, only: Collection[str]) -> None:
        """Those of `only` that a walk would meet."""
        for path in only:
            folder = path.rpartition("/")[0]
            if not path or not self._is_inside_all(folder) or self.ignore.ignored(path):
                continue
            try:
                status = os.lstat(f"{self.root}/{path}")
            except (OSError, ValueError):
                continue
            if not stat.S_ISDIR(status.st_mode):
                self.add(path, status)

    def _is_inside_all(self, folder: str) -> bool:
        return self._inside[folder] if folder in self._inside else self._is_inside(folder)

    def _skip(self, path: str, reason: str) -> None:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.skipped.append(Skipped(visible(shown).replace("\n", "\\n").replace("\t", "\\t"), reason))


def _walked(base: str, ignore: Sequence[str], only: Collection[str] | None, note: str) -> Listing:
    lister = _Lister(base, ignore)
    if only is None:
        lister.add_walk()
    else:
        lister.add_only(only)
    return Listing(lister.entries, lister.skipped, "walk", note)


def _restricted(listing: Listing, only: Collection[str]) -> Listing:
    entries = {path: listing.entries[path] for path in only if path in listing.entries}
    wanted = set(only)
    return replace(
        listing, entries=entries, skipped=[skip for skip in listing.skipped if skip.path in wanted]
    )


def _why(error: OSError) -> str:
    return (
        "permission denied"
        if isinstance(error, PermissionError)
        else (error.strerror or "cannot be read").lower()
    )


def read(root: str | os.PathLike[str], path: str, limit: int = MAX_BYTES) -> Content:
    """What `path` says on disk. Raises OutsideError for a path out of the repository, and nothing else."""
    base = os.path.realpath(root)
    try:
        descriptor = os.open(_inside(base, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return Content(path, None, reason=GONE)
    except OSError as error:
        return Content(path, None, reason=_why(error))
    try:
        _check_opened(base, descriptor, path)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Content(path, None, reason="not a regular file")
        if status.st_size > limit:
            return Content(
                path, None, "", status.st_size, status.st_mtime_ns, too_large(status.st_size, limit)
            )
        raw = _read_all(descriptor, limit)
    except OSError as error:
        return Content(path, None, reason=_why(error))
    finally:
        os.close(descriptor)
    if len(raw) > limit:
        return Content(path, None, "", len(raw), status.st_mtime_ns, too_large(len(raw), limit))
    text, broken, reason = decode(raw)
    return Content(path, text, digest(raw), len(raw), status.st_mtime_ns, reason, broken)


def _inside(base: str, path: str) -> str:
    """The real path of `path`, which is inside the root."""
    shown = visible(os.fsencode(path).decode("utf-8", "backslashreplace"))
    if not path or "\0" in path or path[0] == "/" or ".." in path.split("/"):
        raise OutsideError(f"outside the repository: {shown!r}")
    real = os.path.realpath(f"{base}/{path}")
    if not real.startswith(base if base.endswith("/") else f"{base}/"):
        raise OutsideError(f"outside the repository: {shown} leads to {visible(real)}")
    return real


def _check_opened(base: str, descriptor: int, path: str) -> None:
    """Once more for what was really opened: a folder may have become a link since we looked (Linux)."""
    try:
        opened = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return
    if not opened.startswith(base if base.endswith("/") else f"{base}/"):
        raise OutsideError(f"outside the repository: {visible(path)}")


def _read_all(descriptor: int, limit: int) -> bytes:
    """At most one byte more than `limit`: the file may grow while we read it."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def too_large(size: int, limit: int) -> str:
    """The reason why a file of `size` bytes is not indexed."""
    return f"too large ({size / (1 << 20):.1f} MB, limit {limit / (1 << 20):.3g} MB)"


def decode(raw: bytes) -> tuple[str | None, bool, str]:
    """The bytes of a file as text with `\\n` line ends; whether bytes had to be replaced; why it is None."""
    broken = False
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = raw.decode("utf-32" if raw[:4] == b"\xff\xfe\0\0" else "utf-16")
        except UnicodeDecodeError:
            return None, False, "binary"
    elif b"\0" in raw[:_BINARY_PREFIX]:
        return None, False, "binary"
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("utf-8-sig", "replace")
            broken = True
            if text.count("\ufffd") > _MAX_BROKEN * len(text):
                return None, False, "binary, or text in another encoding than UTF-8 and UTF-16"
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
        broken = True
    text = normalise(text)
    reason = generated(text)
    return (None, broken, reason) if reason else (text, broken, "")


def normalise(text: str) -> str:
    """`text` with `\\n` as its only line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def generated(text: str) -> str:
    """Why `text` was not written by hand, or "". Counting lines is free, measuring each one is not."""
    average = len(text) / (text.count("\n") + 1)
    if average <= _LONG_AVERAGE and len(text) <= _HUGE_LINE:
        return ""
    longest = max(map(len, text.split("\n")))
    if longest > _HUGE_LINE or (longest > _LONG_LINE and average > _LONG_AVERAGE):
        shown = f"{longest / 1e6:.1f} MB" if longest >= 100_000 else f"{longest / 1e3:.0f} KB"
        return f"minified or generated (line of {shown})"
    return ""


class Overlays:
    """Unsaved editor buffers, which shadow the files on disk. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._contents: dict[str, Content] = {}
        self._lock = threading.Lock()

    def set(self, path: str, text: str, version: int) -> Content:
        """Open or change a buffer. A version older than the one we have came late and changes nothing."""
        raw = text.encode("utf-8", "surrogatepass")
        kept = normalise(text.removeprefix("\ufeff").replace("\0", "\ufffd"))
        reason = too_large(len(raw), MAX_BYTES) if len(raw) > MAX_BYTES else generated(kept)
        content = Content(
            path, None if reason else kept, digest(raw), len(raw), reason=reason, version=version
        )  # fmt: skip
        with self._lock:
            before = self._contents.get(path)
            if before is None or before.version is None or before.version <= version:
                self._contents[path] = content
            return self._contents[path]

    def drop(self, path: str) -> bool:
        """Close a buffer: the disk counts again. Whether there was one."""
        with self._lock:
            return self._contents.pop(path, None) is not None

    def get(self, path: str) -> Content | None:
        """The buffer of `path`, or None."""
        return self._contents.get(path)

    def paths(self) -> frozenset[str]:
        """Every path with a buffer."""
        with self._lock:
            return frozenset(self._contents)


class Source:
    """The repository as its user sees it: the buffer where there is one, else the disk."""

    def __init__(self, root: str | os.PathLike[str], overlays: Overlays | None = None) -> None:
        self.root = Path(root)
        self.overlays = overlays if overlays is not None else Overlays()

    def read(self, path: str, limit: int = MAX_BYTES) -> Content:
        """As `read`, through the overlays."""
        return self.overlays.get(path) or read(self.root, path, limit)
