"""What a tsconfig.json says, with all that it extends."""

from collections.abc import Iterable, Mapping

from memls.index.layout import Layout, join
from memls.index.manifests import Config
from memls.index.packages import seen, split

_FILES = ("tsconfig.json", "jsconfig.json")
_MAX_EXTENDS = 8


def nearest(layout: Layout, folder: str) -> str | None:
    """The path of the one that the files of a folder are read by."""
    for file in _FILES:
        if isinstance(layout.manifests.get(path := join(folder, file)), Config):
            return path
    return nearest(layout, folder.rpartition("/")[0]) if folder else None


def whole(layout: Layout, path: str) -> Config:
    """A configuration with all that it extends; its paths are of the repository."""
    known = layout.configs.get(path)
    if known is None:
        known = layout.configs[path] = _extended(layout, path, path.rpartition("/")[0], 0)
    return known


def _extended(layout: Layout, path: str, top: str, depth: int) -> Config:
    said = layout.manifests.get(path)
    if not isinstance(said, Config) or depth > _MAX_EXTENDS:
        return Config()
    here = path.rpartition("/")[0]

    def placed(text: str, folder: str) -> str:
        inside = text.removeprefix("${configDir}")
        return join(top if inside != text else folder, inside.lstrip("/") if inside != text else text)

    paths: Mapping[str, tuple[str, ...]] | None = None
    base = root = None
    outputs: tuple[str, ...] = ()
    for text in said.extends:
        for other in named(layout, here, text):
            above = _extended(layout, other, top, depth + 1)
            paths = above.paths if above.paths is not None else paths
            base = base if above.base is None else above.base
            root = root if above.root is None else above.root
            outputs = above.outputs or outputs
    if said.base is not None:
        base = placed(said.base, here)
    if said.paths is not None:
        at = here if base is None else base
        paths = {key: tuple(placed(value, at) for value in values) for key, values in said.paths.items()}
    if said.root is not None:
        root = placed(said.root, here)
    outputs = tuple(placed(out, here) for out in said.outputs) or outputs
    return Config((), said.references, paths, base, outputs, root)


def named(layout: Layout, folder: str, text: str) -> list[str]:
    """The configuration that `extends` or a reference names: a file, a folder's, or a package's."""
    stems = [join(folder, text)]
    if not text.startswith("."):
        name, inner = split(text)
        stems += [join(place, inner) for place in seen(layout, folder, name)]
    for stem in stems:
        for path in (stem, f"{stem}.json", join(stem, "tsconfig.json")):
            if isinstance(layout.manifests.get(path), Config):
                return [path]
    return []


def matching(keys: Iterable[str], text: str) -> tuple[str, str]:
    """The key that is the text, or the pattern with the longest part before `*`; and what `*` stands for."""
    best, inner = "", ""
    for key in keys:
        before, star, after = key.partition("*")
        if key == text:
            return key, ""
        fits = star and text.startswith(before) and text.endswith(after) and len(text) >= len(key) - 1
        if fits and (not best or len(before) > len(best.partition("*")[0])):
            best, inner = key, text[len(before) : len(text) - len(after)]
    return best, inner
