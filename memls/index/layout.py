"""The paths of a repository and what its manifests say, in the forms in which modules are looked up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import normpath

from memls.index.manifests import Config, Manifest, Package

_JAVA_ROOT = re.compile(
    r"(?:.*/)?src/\w+/(?:java|kotlin|scala)/|(?:.*/)?(?:src|java)/(?=(?:com|org|net|io|java|javax)/)"
)


@dataclass(frozen=True, slots=True)
class Module:
    """What an import leads to: files that are read as one, and the folder in which submodules are."""

    paths: tuple[str, ...]
    folder: str | None = None


@dataclass(frozen=True)
class Layout:
    """The paths of a repository, with what looking up modules needs of them, computed when asked for."""

    paths: Mapping[str, str | None]
    """Path -> language."""
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    """Path of a manifest -> what it says."""

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """Folder -> its source files."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language:
                found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    @cached_property
    def _by_tail(self) -> dict[str, list[str]]:
        """Last part of a path, and last two parts -> source files with it."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language:
                folder, _, file = path.rpartition("/")
                found.setdefault(file, []).append(path)
                if folder:
                    found.setdefault(f"{folder.rpartition('/')[2]}/{file}", []).append(path)
        return found

    @cached_property
    def python(self) -> dict[str, list[str]]:
        """Dotted module name, seen from its source root -> files."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language == "python":
                found.setdefault(self.python_name(path), []).append(path)
        return found

    @cached_property
    def packages(self) -> dict[str, list[str]]:
        """Java package as a path -> its files, of all source roots."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language == "java":
                found.setdefault(java_package(path), []).append(path)
        return found

    def package(self, path: str) -> list[str]:
        """The files that are one package with this one."""
        if self.paths.get(path) == "java":
            return self.packages[java_package(path)]
        language = self.paths.get(path)
        return [file for file in self.folders[path.rpartition("/")[0]] if self.paths[file] == language]

    @cached_property
    def _roots(self) -> dict[str, str]:
        return {}

    @cached_property
    def go_modules(self) -> list[tuple[str, str]]:
        """Folders with a go.mod, and the module that it names."""
        named = [(path.rpartition("/"), said) for path, said in self.manifests.items()]
        return [
            (folder, said) for (folder, _, file), said in named if file == "go.mod" and isinstance(said, str)
        ]

    @cached_property
    def go_packages(self) -> "dict[str, list[Module]]":
        """The packages that Go's imports mean, which are the same wherever they stand; as they are asked."""
        return {}

    @cached_property
    def packages_named(self) -> dict[str, list[str]]:
        """Name of a JavaScript package -> the folders of those that are called so."""
        found: dict[str, list[str]] = {}
        for path, said in self.manifests.items():
            if isinstance(said, Package) and said.name and "node_modules/" not in path:
                found.setdefault(said.name, []).append(path.rpartition("/")[0])
        return found

    @cached_property
    def scripts(self) -> "dict[tuple[str, str], list[Module]]":
        """What JavaScript's imports that are no paths mean in a folder; as they are asked."""
        return {}

    @cached_property
    def configs(self) -> dict[str, Config]:
        """Path of a tsconfig.json -> what it says with all that it extends; as they are asked."""
        return {}

    def source_root(self, folder: str) -> str:
        """The folder above the topmost of the unbroken chain of folders with `__init__.py`."""
        known = self._roots.get(folder)
        if known is None:
            inside = folder and (
                f"{folder}/__init__.py" in self.paths or f"{folder}/__init__.pyi" in self.paths
            )
            known = self.source_root(folder.rpartition("/")[0]) if inside else folder
            self._roots[folder] = known
        return known

    def python_name(self, path: str) -> str:
        """`django.db` for `src/django/db/__init__.py` when `src` has no `__init__.py`."""
        folder, _, file = path.rpartition("/")
        root = self.source_root(folder)
        stem = file.rpartition(".")[0]
        inner = folder[len(root) :].strip("/")
        parts = [*inner.split("/"), stem] if inner else [stem]
        return ".".join(parts[:-1] if stem == "__init__" and len(parts) > 1 else parts)

    def ending(self, suffix: str) -> list[str]:
        """Source files with this path, or ending in it after a slash."""
        found = self._by_tail.get("/".join(suffix.split("/")[-2:]), ())
        return [path for path in found if path == suffix or path.endswith("/" + suffix)]

    def first(self, stem: str, endings: Iterable[str]) -> str | None:
        """The first of `stem` with each ending that is a file."""
        return next((stem + ending for ending in endings if stem + ending in self.paths), None)


def join(folder: str, name: str) -> str:
    """A path inside a folder, where "" is the root; `..` is worked out."""
    path = normpath(f"{folder}/{name}" if folder else name)
    return "" if path == "." else path


def java_package(path: str) -> str:
    """The folder of a Java file below its source root."""
    folder = path.rpartition("/")[0] + "/"
    match = _JAVA_ROOT.match(folder)
    return folder[match.end() if match else 0 :].rstrip("/")
