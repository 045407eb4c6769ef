"""What an import means in JavaScript and TypeScript, by the rules that TypeScript and Node document.

1. A path is beside the importer. Any other text is first one of the `paths` of the nearest tsconfig.json,
   then below its `baseUrl`, then an import of the importer's package (`#x`), then a package that it sees.
2. A package is seen by itself, in its workspace, and where a dependency names its folder. The same name
   elsewhere in the repository is another package.
3. What a package exports is mostly compiled and not in the repository. Then it is the source of it: as the
   tsconfig.json says what is compiled where, else beside it, without the folder's name (`dist/`).
"""

from collections.abc import Iterable

from memls.index.exports import LIBRARY, at, conditional, entry, kit, table, targets
from memls.index.layout import Layout, Module, join
from memls.index.manifests import Config, Package
from memls.index.packages import above, seen, split
from memls.index.tsconfig import matching, named, nearest, whole

_KIT = "$lib"


def script(layout: Layout, importer: str, module: str) -> list[Module]:
    """All that `module` can mean in the file `importer`."""
    folder = importer.rpartition("/")[0]
    if module.startswith("."):
        found = at(layout, join(folder, module))
        return [Module((found,))] if found else []
    key = (folder, module)
    known = layout.scripts.get(key)
    if known is None:
        known = layout.scripts[key] = [Module((path,)) for path in _bare(layout, folder, module)]
    return known


def known_as(layout: Layout, path: str) -> tuple[set[str], set[str]]:
    """Texts of imports that can mean a file though they have no part of its path, and beginnings of such."""
    full = {_KIT} if f"/{LIBRARY}/index." in f"/{path}" else set()
    begun: set[str] = set()
    for place, said in layout.manifests.items():
        if isinstance(said, Config) and said.paths:
            config = whole(layout, place)
            full.update(
                key for key in said.paths if "*" not in key and path in _by_paths(layout, config, key)
            )
            begun.update(key.partition("*")[0] for key in said.paths if _is_renaming(said.paths[key]))
    for _, package in above(layout, path.rpartition("/")[0], Package):
        full.add(package.name)
        for start, mapped in ((package.name, table(package.exports)), ("", table(package.imports))):
            for key in mapped:
                text = start + key.removeprefix(".")
                is_begun = _is_renaming([target for target, _ in conditional(mapped[key])])
                (begun if is_begun else full).add(text.partition("*")[0])
    return full, begun - {""}


def _is_renaming(targets: Iterable[str]) -> bool:
    """Whether what `*` stands for is not the name of the file or folder that is meant."""
    return any("/" in target.partition("*")[2] for target in targets)


def _bare(layout: Layout, folder: str, module: str) -> list[str]:
    """The files of an import that is no path."""
    if module.startswith("/") or ":" in module.partition("/")[0]:
        return []
    if found := _configured(layout, folder, module):
        return found
    if module.partition("/")[0] == _KIT:
        return _of_kit(layout, folder, module)
    if module.startswith("#"):
        own = next(above(layout, folder, Package), None)
        return _mapped(layout, *own, module) if own else []
    name, inner = split(module)
    found = [path for place in seen(layout, folder, name) for path in entry(layout, place, inner)]
    return list(dict.fromkeys(found))


def _mapped(layout: Layout, folder: str, package: Package, module: str) -> list[str]:
    """What a package says that `#x` is: a file of it, or another package."""
    imports = table(package.imports)
    key, star = matching(imports, module)
    if found := targets(layout, folder, imports.get(key), star):
        return found
    named = [text.replace("*", star) for text, _ in conditional(imports.get(key)) if text[:1] not in ".#"]
    return next((found for text in named if (found := _bare(layout, folder, text))), [])


def _of_kit(layout: Layout, folder: str, module: str) -> list[str]:
    """SvelteKit's `$lib`: it stands in a configuration that is generated, and is `src/lib` by default."""
    place: str | None = kit(layout, folder)
    found = None if place is None else at(layout, join(place, f"{LIBRARY}{module[len(_KIT) :]}"))
    return [found] if found else []


def _configured(layout: Layout, folder: str, module: str) -> list[str]:
    """What the nearest tsconfig.json makes of it, or those that it hands its files on to."""
    place = nearest(layout, folder)
    if place is None:
        return []
    config = whole(layout, place)
    configs = [config]
    if not config.paths and config.base is None:
        here = place.rpartition("/")[0]
        configs = [whole(layout, other) for path in config.references for other in named(layout, here, path)]
    found = (one for config in configs for one in _by_paths(layout, config, module))
    return list(dict.fromkeys(found))


def _by_paths(layout: Layout, config: Config, module: str) -> list[str]:
    """By the pattern that matches most of it, of whose places the first with a file counts."""
    key, inner = matching(config.paths or (), module)
    for place in (config.paths or {}).get(key, ()):
        if found := at(layout, place.replace("*", inner, 1)):
            return [found]
    found = at(layout, join(config.base, module)) if config.base is not None else None
    return [found] if found else []
