"""Which package a name means: the packages of Node that code in a folder sees.

A package is seen by itself, in its workspace, and where a dependency names its folder. The same name
elsewhere in the repository, as of a test's data, is another package.
"""

import re
from collections.abc import Iterator
from typing import Any

from memls.index.layout import Layout, join
from memls.index.manifests import Package, Workspace


def above(layout: Layout, folder: str, kind: type[Any], *files: str) -> Iterator[tuple[str, Any]]:
    """Manifests of a kind in a folder and those around it, innermost first, each with its folder."""
    while True:
        for file in files or ("package.json",):
            said = layout.manifests.get(join(folder, file))
            if isinstance(said, kind):
                yield folder, said
        if not folder:
            return
        folder = folder.rpartition("/")[0]


def seen(layout: Layout, folder: str, name: str) -> list[str]:
    """The folders of the package with this name as code in a folder sees it."""
    for number, (place, own) in enumerate(above(layout, folder, Package)):
        if own.name == name and not number:
            return [place]
        if name in own.linked and (linked := _linked(layout, place, name, own.linked[name])):
            return linked
        if isinstance(layout.manifests.get(join(place, f"node_modules/{name}/package.json")), Package):
            return [join(place, f"node_modules/{name}")]
    return _members(layout, folder, name)


def _members(layout: Layout, folder: str, name: str) -> list[str]:
    """The packages of the innermost workspace around that are called so."""
    for root, said in above(layout, folder, Workspace, "package.json", "pnpm-workspace.yaml", "lerna.json"):
        named = layout.packages_named.get(name, ()) if said.members else ()
        if inside := [place for place in named if _is_member(place, root, said)]:
            return inside
    return []


def split(module: str) -> tuple[str, str]:
    """The package that an import begins with, and the path inside of it."""
    parts = module.split("/")
    count = 2 if module.startswith("@") else 1
    return "/".join(parts[:count]), "/".join(parts[count:])


def _linked(layout: Layout, folder: str, name: str, text: str) -> list[str]:
    """Where a dependency lies whose place is written: `file:../other`, `workspace:*`."""
    how, _, place = text.partition(":")
    if how != "workspace" or place.startswith("."):
        inside = join(folder, place.partition("::")[0].removeprefix("//"))
        return [inside] if isinstance(layout.manifests.get(join(inside, "package.json")), Package) else []
    name = place.rpartition("@")[0] or name
    return _members(layout, folder, name) or layout.packages_named.get(name, [])


def _is_member(place: str, root: str, said: Workspace) -> bool:
    if place == root:
        return True
    if root and not place.startswith(root + "/"):
        return False
    inside = place[len(root) :].lstrip("/")
    is_in = False
    for glob in said.members:
        if _glob(glob.removeprefix("!")).fullmatch(inside):
            is_in = not glob.startswith("!")
    return is_in


def _glob(text: str) -> re.Pattern[str]:
    """`packages/*` as npm, yarn and pnpm mean it: `*` is one folder, `**` any number."""
    parts = re.split(r"(\*\*/?|\*|\{[^{}]*\})", text.removeprefix("./").rstrip("/"))
    known = {"*": "[^/]*", "**": ".*", "**/": "(?:.*/)?"}
    return re.compile("".join(known.get(part) or _alternatives(part) for part in parts))


def _alternatives(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
