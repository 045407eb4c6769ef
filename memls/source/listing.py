"""Which files a repository has.

1. git knows best: tracked files count even where an ignore rule matches them. Where git cannot answer (no
   git, another owner, an unpacked archive inside a repository that ignores it) we walk.
2. A name that is not UTF-8 or holds control characters is skipped with a reason: every name reaches a
   database, a terminal and a prompt.
3. Links are never listed: what they lead to inside the repository is listed under its own name, and what
   they lead to outside is none of our business (invariant 6).
"""

import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from memls.source import git
from memls.source.ignore import ALWAYS, ENVIRONMENT, Ignore
from memls.text import visible

MAX_NESTED = 64
"""Repositories inside the repository (submodules) that are listed too; each costs a git process."""

MAX_ONLY = 256
"""Above this many paths a whole listing is cheaper than naming them to git one by one."""

_MARKS = frozenset({".gitignore", ENVIRONMENT})
_REGULAR_READABLE = 0o170000 | stat.S_IROTH
_READABLE_FILE = stat.S_IFREG | stat.S_IROTH
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Entry(NamedTuple):
    """One listed file. A tuple and not a dataclass: a listing makes a hundred thousand of them."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int

    @property
    def changed_ns(self) -> int:
        """When it last changed: tools set the time of a file's text back, and not this one."""
        return max(self.mtime_ns, self.ctime_ns)

    @property
    def stamp(self) -> int:
        """Differs where another file took the place, or somebody wrote to it and set its time back."""
        return (self.ctime_ns * 1_000_003 ^ self.inode) & 0x7FFF_FFFF_FFFF_FFFF


def entry_of(path: str, status: os.stat_result) -> Entry:
    """A file by its status."""
    return Entry(path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


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


def list_files(
    root: str | os.PathLike[str], ignore: Sequence[str] = (), only: Collection[str] | None = None
) -> Listing:
    """Every file of the repository, with its size and time.

    `ignore` are further patterns in .gitignore syntax; they hide tracked files too. `only` asks about these
    paths alone: after a change, whether a new file belongs to the repository.
    """
    base = os.path.realpath(root)
    if only is not None:
        only = {path for path in only if _is_plain(path)}
        if not only:
            return Listing({})
        if len(only) > MAX_ONLY or _in_nested(base, only):
            return _restricted(list_files(base, ignore), only)
    found = git.ls_files(base, sorted(only or ()), [f"{name}/" for name in ALWAYS])
    if found.paths is None:
        return _walked(base, ignore, only, found.reason)
    if not found.paths and git.toplevel(base) != Path(base):
        if only is not None:
            return _restricted(list_files(base, ignore), only)
        return _walked(base, ignore, only, "git ignores this folder")
    lister = _Lister(base, ignore, alone=only is not None)
    lister.add_git(found)
    listing = Listing(lister.entries, lister.skipped)
    return listing if only is None else _restricted(listing, only)


def would_list(root: str | os.PathLike[str], path: str, ignore: Sequence[str] = ()) -> bool:
    """Whether `path` is listed or, where there is no such file yet, would be once it is written."""
    base = os.path.realpath(root)
    if not _is_plain(path) or not is_safe(path):
        return False
    if os.path.lexists(f"{base}/{path}"):
        return path in list_files(base, ignore, only=[path]).entries
    lister = _Lister(base, ignore, alone=True)
    return lister.is_inside(path.rpartition("/")[0]) and not lister.ignore.ignored(path)


class Folder(NamedTuple):
    """One folder of a walk: its path ("" is the root), what is in it but folders, why it cannot be read."""

    path: str
    files: list[os.DirEntry[str]]
    reason: str = ""


def walk(
    root: str | os.PathLike[str],
    ignore: Ignore,
    start: str = "",
    before: Callable[[str], object] | None = None,
) -> Iterator[Folder]:
    """The folders from `start` down that no rule ignores. Links are not followed, so this ends.

    `before` hears of each folder before it is read: who watches it from then on misses nothing.
    """
    base = os.fspath(root)
    above = ignore.chain(start.rpartition("/")[0]) if start else ignore.outermost()
    pending = [(start, above)]
    while pending:
        path, chain = pending.pop()
        if before is not None:
            before(path)
        folders: list[str] = []
        files: list[os.DirEntry[str]] = []
        marks: list[str] = []
        try:
            with os.scandir(f"{base}/{path}") as scan:
                for child in scan:
                    if child.is_dir(follow_symlinks=False):
                        folders.append(child.name)
                        continue
                    files.append(child)
                    if child.name in _MARKS:
                        marks.append(child.name)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                yield Folder(path, [], _why(error))
            continue
        if path and ENVIRONMENT in marks:
            continue
        if ".gitignore" in marks:
            chain = ignore.extended(chain, path)
        prefix = f"{path}/" if path else ""
        if chain or ignore.globs is not None:
            matches = ignore.matches
            files = [child for child in files if not matches(chain, prefix + child.name, child.name, False)]
            pending += [
                (prefix + name, chain) for name in folders if not matches(chain, prefix + name, name, True)
            ]
        else:
            pending += [(prefix + name, chain) for name in folders if name not in ALWAYS]
        yield Folder(path, files)


class _Lister:
    """One listing in the making."""

    def __init__(self, root: str, ignore: Sequence[str], *, alone: bool = False) -> None:
        self.root = root
        self.entries: dict[str, Entry] = {}
        self.skipped: list[Skipped] = []
        self.ignore = Ignore(root, ignore)
        self._alone = alone  # asked for single paths: a virtual environment does not show in the list
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
        environments = tuple(path[: -len(ENVIRONMENT)] for path in paths if path.endswith(f"/{ENVIRONMENT}"))
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
            elif not self._globs or not self.ignore.left_out(path):
                self.add(path, status)
        for folder in found.unreadable:
            self._skip(f"{prefix}{folder}", "permission denied")
        return nested

    def _is_inside(self, folder: str) -> bool:
        """Whether a tracked folder is still one, not replaced by a link that may lead anywhere."""
        parent, _, name = folder.rpartition("/")
        known = self._inside.get(parent)
        inside = (self._is_inside(parent) if known is None else known) and name not in ("", ".", "..", ".git")
        inside = inside and not os.path.islink(f"{self.root}/{folder}")  # noqa: PTH114
        inside = inside and not (self._alone and os.path.lexists(f"{self.root}/{folder}/{ENVIRONMENT}"))
        self._inside[folder] = inside
        return inside

    def add(self, path: str, status: os.stat_result) -> None:
        """List `path`, or skip it with a reason. The first branch is nearly every file."""
        mode = status.st_mode
        if mode & _REGULAR_READABLE == _READABLE_FILE and path.isprintable():
            self.entries[path] = entry_of(path, status)
        elif not stat.S_ISREG(mode):
            self._skip(path, "symbolic link" if stat.S_ISLNK(mode) else "not a regular file")
        elif not is_safe(path):
            self._skip(path, "control characters in its name or name not UTF-8")
        elif not mode & stat.S_IROTH and self._user and not os.access(f"{self.root}/{path}", os.R_OK):
            self._skip(path, "permission denied")
        else:
            self.entries[path] = entry_of(path, status)

    def add_walk(self) -> None:
        add = self.add
        for folder in walk(self.root, self.ignore):
            if folder.reason:
                self._skip(folder.path, folder.reason)
            prefix = f"{folder.path}/" if folder.path else ""
            for child in folder.files:
                try:
                    add(prefix + child.name, child.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self._skip(prefix + child.name, _why(error))

    def add_only(self, only: Collection[str]) -> None:
        """Those of `only` that a walk would meet."""
        for path in only:
            folder = path.rpartition("/")[0]
            if not path or not self.is_inside(folder) or self.ignore.ignored(path):
                continue
            try:
                status = os.lstat(f"{self.root}/{path}")
            except (OSError, ValueError):
                continue
            if not stat.S_ISDIR(status.st_mode):
                self.add(path, status)

    def is_inside(self, folder: str) -> bool:
        """Whether no link leads out on the way to `folder`, and it is not for installed packages."""
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
    told = [text for text in (note, lister.ignore.note) if text]
    return Listing(lister.entries, lister.skipped, "walk", "; ".join(told))


def _restricted(listing: Listing, only: Collection[str]) -> Listing:
    entries = {path: listing.entries[path] for path in only if path in listing.entries}
    wanted = set(only)
    return replace(
        listing, entries=entries, skipped=[skip for skip in listing.skipped if skip.path in wanted]
    )


def is_safe(path: str) -> bool:
    """Whether `path` can go to a database, a terminal and a prompt as it is."""
    return path.isprintable() or _UNSAFE_NAME.search(path) is None


def _is_plain(path: str) -> bool:
    """Whether `path` is one as a listing has them: relative, and written in the one shortest way."""
    return "\0" not in path and not {"", ".", ".."}.intersection(path.split("/"))


def _in_nested(base: str, paths: Collection[str]) -> bool:
    """Whether one of `paths` is in a repository inside this one, where this one's git will not look."""
    folders = {path[:end] for path in paths for end in range(len(path)) if path[end] == "/"}
    return any(os.path.lexists(f"{base}/{folder}/.git") for folder in folders)


def _why(error: OSError) -> str:
    return (
        "permission denied"
        if isinstance(error, PermissionError)
        else (error.strerror or "cannot be read").lower()
    )
