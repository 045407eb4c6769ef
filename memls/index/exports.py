"""The file that a path or a package of Node means.

What a package exports is mostly compiled and not in the repository. Then it is the source of it: as the
tsconfig.json says what is compiled where, else beside it, without the folder's name (`dist/`).
"""

import re
from collections.abc import Iterator
from typing import Any

from memls.index.layout import Layout, join
from memls.index.manifests import Config, Package
from memls.index.tsconfig import matching, nearest, whole

_CODE = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_SCRIPTS = (*_CODE, ".json", ".vue")
LIBRARY = "src/lib"
"""Where SvelteKit and `svelte-package` have what a package is made of."""
_COMPILED = re.compile(r"\.([mc]?)js(x?)\Z")
_ENDING = re.compile(r"(\.d)?\.[mc]?[jt]sx?\Z")
_CONDITIONS = frozenset(("types", "import", "module", "module-sync", "node", "require", "default"))
_PLATFORMS = frozenset(
    "browser deno bun worker workerd edge-light react-native react-server electron production "
    "development".split()
)
"""Conditions of other programs: what they lead to is not the source of what the rest does."""
_OUTPUTS = frozenset(
    "dist lib build out output es esm esm5 esm2015 cjs umd module commonjs types typings prod production dev "
    "development node browser bundle".split()
)
"""What folders of what is compiled are called."""


def at(layout: Layout, stem: str) -> str | None:
    """The file that a path means; what a folder's package.json names goes before its index."""
    if found := layout.first(stem, ("", *_SCRIPTS)) or _typed(layout, stem):
        return found
    package = layout.manifests.get(join(stem, "package.json"))
    if isinstance(package, Package) and package.entries:
        inside = _entries(layout, stem, package)
        return inside[0] if len(inside) == 1 else None
    return layout.first(join(stem, "index"), _SCRIPTS)


def _typed(layout: Layout, path: str) -> str | None:
    """The TypeScript of a path that ends as JavaScript does."""
    match = _COMPILED.search(path)
    stem = path[: match.start()] if match else ""
    endings = (f".{match[1]}ts{match[2]}", f".{match[1]}tsx", f".d.{match[1]}ts") if match else ()
    return layout.first(stem, endings)


def entry(layout: Layout, folder: str, inner: str) -> list[str]:
    """The files that a package, or a path inside it, means."""
    package = layout.manifests[join(folder, "package.json")]
    if not isinstance(package, Package):
        return []
    if package.exports is not None:
        is_map = any(key.startswith(".") for key in table(package.exports))
        exports = package.exports if is_map else {".": package.exports}
        key, star = matching(exports, f"./{inner}" if inner else ".")
        if found := targets(layout, folder, exports.get(key), star):
            return found
    if not inner:
        return _entries(layout, folder, package)
    file = at(layout, join(folder, inner))
    return [file] if file else _sources(layout, folder, join(folder, inner))


def _entries(layout: Layout, folder: str, package: Package) -> list[str]:
    """What a package without `exports` is known by."""
    places = [join(folder, text) for text in package.entries]
    for place in places:
        if found := _file(layout, place):
            return [found]
    for place in places:
        if inside := _sources(layout, folder, place):
            return inside
    return _alternatives(layout, folder, "index")


def table(value: Any) -> dict[str, Any]:
    """A value where it is an object of JSON, else an empty one."""
    return value if isinstance(value, dict) else {}


def conditional(value: Any, is_met: bool = True) -> Iterator[tuple[str, bool]]:
    """The targets in their order, each with whether its conditions are those of any program.

    What only other platforms have is left out.
    """
    if isinstance(value, str):
        yield value, is_met
    elif isinstance(value, list):
        for item in value:
            yield from conditional(item, is_met)
    else:
        for key, inner in table(value).items():
            known = key in _CONDITIONS or key.startswith("types@")
            if key not in _PLATFORMS:
                yield from conditional(inner, is_met and known)


def targets(layout: Layout, folder: str, value: Any, star: str) -> list[str]:
    """The file of the first target whose conditions are met, or its source.

    What only some condition of the repository's own leads to (`source`) is the source too.
    """
    written = [
        (join(folder, text.replace("*", star)), met) for text, met in conditional(value) if text[:2] == "./"
    ]
    own = [found for path, met in written if not met and (found := _file(layout, path))][:1]
    for path, met in written:
        if found := _file(layout, path) if met else None:
            return [found]
        if met and (sources := _sources(layout, folder, path)):
            return own or sources
    return own


def _file(layout: Layout, path: str) -> str | None:
    """A file by its path; of JavaScript its types, where they stand beside it."""
    return _typed(layout, path) or at(layout, path)


def _sources(layout: Layout, folder: str, target: str) -> list[str]:
    """What a file of a package is compiled from: several where it can be more than one."""
    path = _ENDING.sub("", target)
    place = nearest(layout, folder)
    config = whole(layout, place) if place else Config()
    for out in config.outputs if config.root is not None else ():
        inside = join(config.root or "", path[len(out) + 1 :])
        if path.startswith(out + "/") and (found := layout.first(inside, _CODE)):
            return [found]
    if folder and not path.startswith(folder + "/"):
        return []
    parts = path[len(folder) :].lstrip("/").split("/")
    most = next((n for n, part in enumerate(parts[:-1]) if part not in _OUTPUTS), len(parts) - 1)
    tried = (_alternatives(layout, folder, "/".join(parts[count:])) for count in range(most + 1))
    return next(filter(None, tried), [])


def _alternatives(layout: Layout, folder: str, stem: str) -> list[str]:
    """The code that is called so in a package, with `src/` or without, else where Svelte packages have it."""
    found = [layout.first(join(folder, place), _CODE) for place in (f"src/{stem}", stem)]
    if not any(found) and kit(layout, folder) == folder:
        found = [layout.first(join(folder, f"{LIBRARY}/{stem}"), _CODE)]
    return [path for path in found if path]


def kit(layout: Layout, folder: str) -> str | None:
    """The innermost folder around that has a configuration of Svelte's."""
    while not layout.first(join(folder, "svelte.config"), (".js", ".ts", ".mjs")):
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder
