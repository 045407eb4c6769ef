"""Ignore rules without git: nested .gitignore files, the user's own globs, folders nobody wants indexed.

Each rule is matched against exactly one path, folder by folder from the root down, as git does; what lies
in an ignored folder is never asked about. Names, `*.ext` and paths without wildcards, which are nearly all
rules, are looked up; pathspec (60 ms to import) compiles the others.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from re import Pattern

ALWAYS = frozenset({
    ".git", ".hg", ".svn", ".bzr", ".jj", "node_modules", "bower_components", "__pycache__", "__pypackages__",
    ".venv", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".gradle",
    ".terraform", ".yarn", ".direnv", ".ipynb_checkpoints",
})  # fmt: skip
"""Folders left out wherever git does not track what is in them."""

ENVIRONMENT = "pyvenv.cfg"
"""A folder with this file was made by Python, under whatever name, to hold installed packages."""

_NOT_FOLLOWED = "its .gitignore hides everything and is not followed"
_MAX_RULES_BYTES = 1 << 20
_WILD = frozenset("*?[\\")


class Rules:
    """The rules of one .gitignore, in the order they stand: the last that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._verdicts: list[bool] = []
        self._folders_only: list[bool] = []
        self._names: dict[str, list[int]] = {}
        self._paths: dict[str, list[int]] = {}
        self._endings: dict[str, list[int]] = {}
        self._globs: list[tuple[int, Pattern[str], bool]] = []
        for line in lines:
            self._add(line)

    def __len__(self) -> int:
        return len(self._verdicts)

    def verdict(self, path: str, name: str, is_folder: bool) -> bool | None:
        """True: ignored, False: kept by a `!` rule, None: no rule matches. `path` is from their folder."""
        best = -1
        for found in (self._names.get(name), self._paths.get(path)):
            if found is not None:
                best = self._later(found, best, is_folder)
        if self._endings:
            dot = name.find(".")
            while dot >= 0:
                found = self._endings.get(name[dot:])
                if found is not None:
                    best = self._later(found, best, is_folder)
                dot = name.find(".", dot + 1)
        for index, glob, is_prefix in reversed(self._globs):
            if index <= best:
                break
            if self._folders_only[index] and not is_folder:
                continue
            if glob.match(path) if is_prefix else glob.fullmatch(path):
                best = index
                break
        return self._verdicts[best] if best >= 0 else None

    def _later(self, indices: list[int], best: int, is_folder: bool) -> int:
        for index in reversed(indices):
            if index <= best:
                return best
            if is_folder or not self._folders_only[index]:
                return index
        return best

    def _add(self, line: str) -> None:
        line = line.removesuffix("\r")
        stripped = line.rstrip(" ")
        if not stripped or line.startswith("#"):
            return
        if stripped.endswith("\\") and stripped != line:
            stripped += " "  # `\ ` at the end is an escaped space
        negated = stripped.startswith("!")
        pattern = stripped[1:] if negated else stripped
        folders_only = pattern.endswith("/") and not pattern.endswith("\\/")
        core = pattern.removesuffix("/") if folders_only else pattern
        while core.startswith("**/"):  # wherever it is: as if there were no slash, where it was the only one
            rest = core[3:]
            if "/" in rest and not rest.startswith("**/"):
                break
            core = rest
        if core.strip("/"):
            self._place(core, len(self._verdicts))
            self._verdicts.append(not negated)
            self._folders_only.append(folders_only)

    def _place(self, core: str, index: int) -> None:
        if _WILD.isdisjoint(core):
            if "/" in core:
                self._paths.setdefault(core.removeprefix("/"), []).append(index)
            else:
                self._names.setdefault(core, []).append(index)
        elif core[:2] == "*." and "/" not in core and _WILD.isdisjoint(core[1:]):
            self._endings.setdefault(core[1:], []).append(index)
        elif (glob := _compile(core)) is not None:
            self._globs.append((index, glob, core.endswith("/**")))


def _compile(core: str) -> Pattern[str] | None:
    """`core` as a pattern of whole paths, or of their beginning when it ends in `/**`; None if malformed."""
    import re
    import warnings

    if core in ("*", "**", "/**"):
        return re.compile(".+", re.DOTALL)
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # re warns of `[[`, which a glob may well contain
        try:
            # A leading `!` or `#` has been dealt with, what is left of one is literal.
            regex = GitIgnoreSpecPattern("\\" + core if core[0] in "!#" else core).regex
        except (ValueError, re.error):
            return None
    if not isinstance(regex, re.Pattern):
        return None
    # What pathspec writes for "anything" and "anything in any folder" is for searching; we match whole paths.
    return re.compile({".": ".+", "/": ".+/"}.get(regex.pattern, regex.pattern), re.DOTALL)


Chain = tuple[tuple[int, Rules], ...]
"""The rules that count in a folder, nearest first, each with the length of the path before its own folder."""


class Ignore:
    """All rules of a tree. `globs` are the user's, in .gitignore syntax from the root; they come first.

    Rules are read when first needed and kept: make a new one when a .gitignore changes. Thread-safe in the
    way dictionaries are: two threads may read the same file twice.
    """

    def __init__(self, root: str | os.PathLike[str], globs: Sequence[str] = ()) -> None:
        self.root = os.fspath(root)
        self.globs = Rules(globs) if globs else None
        self._chains: dict[str, Chain] = {}
        self._folders: dict[str, bool] = {}
        self.note = ""
        """What to tell of the rules, once they were read."""

    def extended(self, above: Chain, folder: str) -> Chain:
        """The rules that count in `folder`: those `above` it and its own .gitignore."""
        prefix = f"{folder}/" if folder else ""
        rules = _read(f"{self.root}/{prefix}.gitignore")
        if rules and not folder and self._hides_everything(rules):
            self.note = _NOT_FOLLOWED
            return above
        return ((len(prefix), rules), *above) if rules else above

    def _hides_everything(self, rules: Rules) -> bool:
        """Whether the root's rules leave nothing: they are for those who track with git, and add by force.

        Linux and folders that hold a home directory's files have such; unpacked without git, nothing would
        be left of them.
        """
        try:
            with os.scandir(self.root) as scan:
                children = [child for child in scan if child.name[0] != "." and child.name not in ALWAYS]
        except OSError:
            return False
        return bool(children) and all(
            rules.verdict(child.name, child.name, child.is_dir(follow_symlinks=False)) for child in children
        )

    def outermost(self) -> Chain:
        """The rules that count before any .gitignore: the repository's private ones."""
        rules = _read(f"{self.root}/.git/info/exclude")
        return ((0, rules),) if rules else ()

    def chain(self, folder: str) -> Chain:
        """The rules that count in `folder`, looked up along its path and kept."""
        known = self._chains.get(folder)
        if known is None:
            above = self.chain(folder.rpartition("/")[0]) if folder else self.outermost()
            known = self._chains[folder] = self.extended(above, folder)
        return known

    def matches(self, chain: Chain, path: str, name: str, is_folder: bool) -> bool:
        """Whether a rule ignores `path` itself, which is in a folder where the rules of `chain` count."""
        if is_folder and name in ALWAYS:
            return True
        if self.globs is not None and self.globs.verdict(path, name, is_folder):
            return True
        for start, rules in chain:
            verdict = rules.verdict(path[start:], name, is_folder)
            if verdict is not None:
                return verdict
        return False

    def ignored(self, path: str, is_folder: bool = False) -> bool:
        """Whether `path` or a folder around it is ignored."""
        if is_folder:
            return bool(path) and self._ignored_folder(path)
        folder, _, name = path.rpartition("/")
        return bool(folder and self._ignored_folder(folder)) or self.matches(
            self.chain(folder), path, name, False
        )

    def _ignored_folder(self, folder: str) -> bool:
        known = self._folders.get(folder)
        if known is None:
            above, _, name = folder.rpartition("/")
            known = (
                bool(above and self._ignored_folder(above))
                or self.matches(self.chain(above), folder, name, True)
                or os.path.lexists(f"{self.root}/{folder}/{ENVIRONMENT}")
            )
            self._folders[folder] = known
        return known

    def left_out(self, path: str) -> bool:
        """Whether the user's globs match `path` or a folder around it: all that counts for a tracked file."""
        if self.globs is None:
            return False
        slash = path.find("/")
        while slash >= 0:
            above = path[:slash]
            if self.globs.verdict(above, above.rpartition("/")[2], True):
                return True
            slash = path.find("/", slash + 1)
        return bool(self.globs.verdict(path, path.rpartition("/")[2], False))


def _read(path: str) -> Rules | None:
    """The rules of a file, None when it has none. A link is not followed (git does not either)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        raw = os.read(descriptor, _MAX_RULES_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    rules = Rules(raw.decode("utf-8-sig", "surrogateescape").split("\n"))
    return rules if len(rules) else None
