"""Which files an import probably means, before anything is indexed: what to read first.

A guess by the last two names, good enough for an order. What an import really means is `modules`' matter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

_PACKAGES = ("__init__", "index", "mod", "lib", "main")
_EXTENSION = re.compile(r"\.(h|hh|hpp|hxx|js|jsx|ts|tsx|mjs|cjs|vue|svelte|astro)$")
_MOST = 8
"""Files for one import: a package of many is no more use than its first."""


class Nearby:
    """Paths by the last two names of the modules that they can be."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: Mapping[str, list[str]] = defaultdict(list)
        for path in paths:
            for key in _keys(path):
                self._paths[key].append(path)

    def imported(self, path: str, imports: Iterable[tuple[str, str]]) -> list[str]:
        """The files that imports of `path`, as (module, name), may lead to; the likeliest first."""
        found: dict[str, None] = {}
        folder = path.rpartition("/")[0].rpartition("/")[2]
        for module, name in imports:
            parts = [part for part in re.split(r"[./\\:]+", _EXTENSION.sub("", module)) if part]
            for wanted in ([*parts, name] if name not in ("", "*") else [], parts):
                last = wanted[-2:] if len(wanted) > 1 else [folder, *wanted]
                found.update(dict.fromkeys(self._paths.get("/".join(last), ())[:_MOST]))
        return list(found)


def _keys(path: str) -> set[str]:
    parts = path.rpartition(".")[0].split("/")
    names = parts[:-1] if parts[-1] in _PACKAGES and len(parts) > 1 else parts
    keys = {"/".join(["", *names][-2:])}
    return keys | {"/".join(["", *parts[:-1]][-2:])} if path.endswith((".go", ".java")) else keys
