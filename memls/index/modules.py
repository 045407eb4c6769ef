"""Module path to files: what an import's text means in this repository, by each language's own rule.

Pure functions over the paths of the repository. Each rule gives all files that can be meant: one is an
answer, several are candidates, none is outside the repository.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import normpath


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
    mains: Mapping[str, str] = field(default_factory=dict)
    """Folder of a go.mod -> the module path in it."""

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """Folder -> its source files."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language:
                found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Last part of a path -> source files with it."""
        found: dict[str, list[str]] = {}
        for path, language in self.paths.items():
            if language:
                found.setdefault(path.rpartition("/")[2], []).append(path)
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
    def _roots(self) -> dict[str, str]:
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
        found = self.by_name.get(suffix.rpartition("/")[2], ())
        return [path for path in found if path == suffix or path.endswith("/" + suffix)]

    def first(self, stem: str, endings: Iterable[str]) -> str | None:
        """The first of `stem` with each ending that is a file."""
        return next((stem + ending for ending in endings if stem + ending in self.paths), None)


def join(folder: str, name: str) -> str:
    """A path inside a folder, where "" is the root; `..` is worked out."""
    path = normpath(f"{folder}/{name}" if folder else name)
    return "" if path == "." else path


def modules(layout: Layout, importer: str, module: str) -> list[Module]:
    """All that `module` can mean in the file `importer`."""
    rule = RULES.get(layout.paths.get(importer) or "")
    return rule(layout, importer, module) if rule else []


def submodule(layout: Layout, module: Module, language: str, name: str) -> list[Module]:
    """What `name` means as a module inside `module`."""
    if module.folder is None or language not in SUBMODULES:
        return []
    return SUBMODULES[language](layout, module.folder, name)


# Python

_PYTHON = (".py", ".pyi")


def _python_file(layout: Layout, stem: str) -> list[Module]:
    """The module whose file is `stem`: a package wins over a file, a file over its stub."""
    if package := layout.first(stem, ("/__init__.py", "/__init__.pyi") if stem else ("__init__.py",)):
        return [Module((package,), stem)]
    if file := layout.first(stem, _PYTHON):
        return [Module((file,))]
    return [Module((), stem)] if stem in layout.folders else []


def _python_path(layout: Layout, path: str) -> Module:
    folder, _, file = path.rpartition("/")
    return Module((path,), folder if file.startswith("__init__.") else None)


def _python(layout: Layout, importer: str, module: str) -> list[Module]:
    here = importer.rpartition("/")[0]
    name = module.lstrip(".")
    if dots := len(module) - len(name):
        for _ in range(dots - 1):
            if not here:
                return []
            here = here.rpartition("/")[0]
        return _python_file(layout, join(here, name.replace(".", "/")))
    for root in dict.fromkeys((layout.source_root(here), here)):
        found = _python_file(layout, join(root, name.replace(".", "/")))
        if found and found[0].paths:
            return found
    if name.partition(".")[0] in sys.stdlib_module_names:
        return []
    paths = layout.python.get(name) or _python_ending(layout, name)
    kept = [path for path in paths if not path.endswith(".pyi") or path[:-1] not in paths]
    return [_python_path(layout, path) for path in kept]


def _python_ending(layout: Layout, name: str) -> list[str]:
    """Files below folders without `__init__.py`, which have no root: only where there is just one."""
    if "." not in name:
        return []
    stem = name.replace(".", "/")
    found = [path for end in (".py", "/__init__.py", ".pyi") for path in layout.ending(stem + end)]
    return found if len(found) == 1 else []


RULES: dict[str, Callable[[Layout, str, str], list[Module]]] = {
    "python": _python,
}

SUBMODULES: dict[str, Callable[[Layout, str, str], list[Module]]] = {
    "python": lambda layout, folder, name: _python_file(layout, join(folder, name)),
}
