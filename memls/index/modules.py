"""Module path to files: what an import's text means in this repository, by each language's own rule.

Pure functions over the paths of the repository. Each rule gives all files that can be meant: one is an
answer, several are candidates, none is outside the repository.
"""

import re
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
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Path of a go.mod or Cargo.toml -> the module or crate that it names."""

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
        manifests = [(path.rpartition("/"), name) for path, name in self.manifests.items()]
        return [(folder, name) for (folder, _, file), name in manifests if file == "go.mod"]

    @cached_property
    def go_packages(self) -> "dict[str, list[Module]]":
        """The packages that Go's imports mean, which are the same wherever they stand; as they are asked."""
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
    stem = name.replace(".", "/")
    beside = _python_file(layout, join(layout.source_root(here), stem))
    if beside and beside[0].paths:
        return beside
    if name.partition(".")[0] in sys.stdlib_module_names:
        return []
    paths = layout.python.get(name)
    if not paths and (sibling := _python_file(layout, join(here, stem))):
        return sibling
    paths = paths or _python_ending(layout, name)
    kept = [path for path in paths if not path.endswith(".pyi") or path[:-1] not in paths]
    return [_python_path(layout, path) for path in kept]


def _python_ending(layout: Layout, name: str) -> list[str]:
    """Files below folders without `__init__.py`, which have no root: only where there is just one."""
    if "." not in name:
        return []
    stem = name.replace(".", "/")
    found = [path for end in (".py", "/__init__.py", ".pyi") for path in layout.ending(stem + end)]
    return found if len(found) == 1 else []


# JavaScript and TypeScript

_SCRIPTS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json")
_COMPILED = re.compile(r"\.([mc]?)js(x?)\Z")


def _javascript(layout: Layout, importer: str, module: str) -> list[Module]:
    if not module.startswith("."):
        return []
    stem = join(importer.rpartition("/")[0], module)
    source = _COMPILED.sub(r".\1ts\2", stem)
    endings = ("", *_SCRIPTS, *("/index" + ending for ending in _SCRIPTS))
    found = layout.first(stem, endings) or layout.first(source, ("",)) or layout.first(source, ("x",))
    return [Module((found,))] if found else []


# Go


def _go(layout: Layout, importer: str, module: str) -> list[Module]:
    known = layout.go_packages.get(module)
    if known is None:
        known = layout.go_packages[module] = _go_modules(layout, module)
    return known


def _go_modules(layout: Layout, module: str) -> list[Module]:
    mains = layout.go_modules
    folders = [
        join(folder, module[len(name) :].lstrip("/"))
        for folder, name in mains
        if module == name or module.startswith(name + "/")
    ]
    if not mains and "/" in module:
        folders = [folder for folder in layout.folders if folder and f"/{module}".endswith(f"/{folder}")]
    found = [_go_package(layout, folder) for folder in dict.fromkeys([*folders, f"vendor/{module}"])]
    return [package for package in found if package.paths]


def _go_package(layout: Layout, folder: str) -> Module:
    files = layout.folders.get(folder, ())
    return Module(tuple(p for p in files if p.endswith(".go") and not p.endswith("_test.go")), folder)


# Rust

_CRATE_ROOTS = ("lib.rs", "main.rs")


def _rust(layout: Layout, importer: str, module: str) -> list[Module]:
    head, *rest = module.split("::")
    if head == "crate":
        here = _crate_root(layout, importer)
    elif head == "self":
        here = Module((importer,), _rust_children(importer))
    elif head == "super":
        here = _rust_parent(layout, importer)
    else:
        here = _crate_named(layout, head)
        if here is None:
            here, rest = Module((importer,), _rust_children(importer)), [head, *rest]
    while rest and rest[0] == "super" and here and here.paths:
        here, rest = _rust_parent(layout, here.paths[0]), rest[1:]
    for part in rest:
        inner = _rust_file(layout, here.folder, part) if here and here.folder is not None else []
        here = inner[0] if inner else None
    return [here] if here else []


def _rust_children(path: str) -> str:
    """The folder with the files of a module's submodules."""
    folder, _, file = path.rpartition("/")
    return folder if file in (*_CRATE_ROOTS, "mod.rs") else join(folder, file.removesuffix(".rs"))


def _rust_file(layout: Layout, folder: str, name: str) -> list[Module]:
    found = layout.first(join(folder, name), (".rs", "/mod.rs"))
    return [Module((found,), join(folder, name))] if found else []


def _rust_parent(layout: Layout, path: str) -> Module | None:
    folder, _, file = path.rpartition("/")
    if file in _CRATE_ROOTS:
        return None
    above = folder.rpartition("/")[0] if file == "mod.rs" else folder
    own = layout.first(join(above, ""), tuple("/" + name for name in ("mod.rs", *_CRATE_ROOTS)))
    own = own or layout.first(above, (".rs",))
    return Module((own,), above) if own else None


def _crate_root(layout: Layout, path: str) -> Module | None:
    folder = path.rpartition("/")[0]
    while True:
        for name in _CRATE_ROOTS:
            if join(folder, name) in layout.paths:
                return Module((join(folder, name),), folder)
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _crate_named(layout: Layout, name: str) -> Module | None:
    for path, crate in layout.manifests.items():
        root = join(path.rpartition("/")[0], "src/lib.rs")
        if path.endswith("Cargo.toml") and crate.replace("-", "_") == name and root in layout.paths:
            return Module((root,), root.rpartition("/")[0])
    return None


# Java

_JAVA_ROOT = re.compile(
    r"(?:.*/)?src/\w+/(?:java|kotlin|scala)/|(?:.*/)?(?:src|java)/(?=(?:com|org|net|io|java|javax)/)"
)


def java_package(path: str) -> str:
    """The folder of a Java file below its source root."""
    folder = path.rpartition("/")[0] + "/"
    match = _JAVA_ROOT.match(folder)
    return folder[match.end() if match else 0 :].rstrip("/")


def _java(layout: Layout, importer: str, module: str) -> list[Module]:
    folder = module.replace(".", "/")
    packages = [folder] if folder in layout.packages else []
    packages = packages or [package for package in layout.packages if package.endswith("/" + folder)]
    if packages:
        return [Module(tuple(layout.packages[package])) for package in packages]
    return [Module((path,)) for path in layout.ending(folder + ".java")]


# C and C++


def _include(layout: Layout, importer: str, module: str) -> list[Module]:
    here = join(importer.rpartition("/")[0], module)
    paths = [here] if here in layout.paths else layout.ending(normpath(module))
    return [Module((path,)) for path in paths]


Rule = Callable[[Layout, str, str], list[Module]]

RULES: dict[str, Rule] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _include,
    "cpp": _include,
}
"""Language -> what an import's module means in a file."""

SUBMODULES: dict[str, Rule] = {
    "python": lambda layout, folder, name: _python_file(layout, join(folder, name)),
    "rust": _rust_file,
}
"""Language -> what a name means as a module inside a folder."""
