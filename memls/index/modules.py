"""Module path to files: what an import's text means in this repository, by each language's own rule.

Pure functions over the paths of the repository. Each rule gives all files that can be meant: one is an
answer, several are candidates, none is outside the repository.
"""

import sys
from collections.abc import Callable
from posixpath import normpath

from memls.index.layout import Layout, Module, join
from memls.index.scripts import script


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
        is_named = isinstance(crate, str) and crate.replace("-", "_") == name
        if path.endswith("Cargo.toml") and is_named and root in layout.paths:
            return Module((root,), root.rpartition("/")[0])
    return None


# Java


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


# Ruby and PHP


def _ruby(layout: Layout, importer: str, module: str) -> list[Module]:
    path = module.removesuffix(".rb") + ".rb"
    if module.startswith("."):
        here = join(importer.rpartition("/")[0], path)
        return [Module((here,))] if here in layout.paths else []
    return [Module((found,)) for found in layout.ending(f"lib/{path}")]


def _php(layout: Layout, importer: str, module: str) -> list[Module]:
    """`__DIR__ . '/a.php'` and a plain path, which is looked for beside the file alone."""
    here = join(importer.rpartition("/")[0], module.lstrip("/"))
    return [Module((here,))] if here in layout.paths else []


Rule = Callable[[Layout, str, str], list[Module]]

RULES: dict[str, Rule] = {
    "python": _python,
    "javascript": script,
    "typescript": script,
    "tsx": script,
    "vue": script,
    "svelte": script,
    "astro": script,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "ruby": _ruby,
    "php": _php,
    "c": _include,
    "cpp": _include,
}
"""Language -> what an import's module means in a file."""

SUBMODULES: dict[str, Rule] = {
    "python": lambda layout, folder, name: _python_file(layout, join(folder, name)),
    "rust": _rust_file,
}
"""Language -> what a name means as a module inside a folder."""
