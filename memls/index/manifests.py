"""What manifests say of the names under which files are imported: plain data, read once for each content.

`go.mod` and `Cargo.toml` name one module. The files of Node and TypeScript are read by the rules that these
document (nodejs.org/api/packages.html, typescriptlang.org/tsconfig); what is malformed says nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PATTERN = (
    r"(^|/)(go\.mod|Cargo\.toml|package\.json|pnpm-workspace\.yaml|lerna\.json)$"
    r"|[tj]sconfig[^/]*(/[^/]*)?\.json$"
)
"""The paths of manifests. What a tsconfig.json extends is one where its name or its folder's has the word."""

_MANIFEST = re.compile(PATTERN)
ENDINGS = (".json", "go.mod", "Cargo.toml", "pnpm-workspace.yaml")
"""What they all end with: that is quicker to see than the pattern."""
_NAMED = re.compile(r'^(?:module\s+"?|name\s*=\s*")([^\s"]+)', re.MULTILINE)
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_LISTED = re.compile(r"""\s*-\s+(?:"([^"]*)"|'([^']*)'|([^\s#]+))""")
_ENTRIES = ("types", "typings", "module", "main")
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_AUTO_IMPORTING = frozenset(("nuxt", "nuxt-nightly", "nuxt-edge", "@nuxt/bridge", "unplugin-auto-import"))
_LINKED = ("workspace:", "file:", "link:", "portal:")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder whose packages see each other; `members` are globs below it, `!` takes back."""

    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package(Workspace):
    """A package.json. `exports` and `imports` are as they are written."""

    name: str = ""
    entries: tuple[str, ...] = ()
    """The files it is known by where it has no `exports`; types first."""
    exports: Any = None
    imports: Any = None
    linked: Mapping[str, str] = field(default_factory=dict)
    """Name -> where a dependency lies that is no package of a registry, as it is written."""
    auto_imports: bool = False
    """Whether it depends on a tool that imports names where they are used."""


@dataclass(frozen=True, slots=True)
class Config:
    """A tsconfig.json or jsconfig.json. None is what it does not say itself."""

    extends: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    paths: Mapping[str, tuple[str, ...]] | None = None
    base: str | None = None
    outputs: tuple[str, ...] = ()
    """Where what is compiled goes."""
    root: str | None = None
    """The folder of what is compiled."""


Manifest = str | Workspace | Package | Config


def is_manifest(path: str) -> bool:
    """Whether a file is one, by its path."""
    return path.endswith(ENDINGS) and _MANIFEST.search(path) is not None


def said(path: str, text: str) -> Manifest | None:
    """What a manifest says; None where it is nothing that matters here."""
    file = path.rpartition("/")[2]
    if file in ("go.mod", "Cargo.toml"):
        named = _NAMED.search(text)
        return named.group(1) if named else None
    if file == "pnpm-workspace.yaml":
        return Workspace(_pnpm(text))
    found = jsonc(text)
    if not isinstance(found, dict):
        return None
    if file == "package.json":
        return _package(found)
    return Workspace(_strings(found.get("packages"))) if file == "lerna.json" else _config(found)


def jsonc(text: str) -> Any:
    """JSON as TypeScript reads it, with comments and trailing commas; None where it is none."""
    try:
        plain = _COMMENT.sub(lambda match: match.group(1) or " ", text.removeprefix("\ufeff"))
        return json.loads(_TRAILING.sub(lambda match: match.group(1) or "", plain), strict=False)
    except (ValueError, RecursionError):
        return None


def _strings(value: object) -> tuple[str, ...]:
    """The strings of a list, or of one that is written without it."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _package(found: dict[str, Any]) -> Package:
    members = found.get("workspaces")
    linked = {
        name: place
        for kind in _DEPENDENCIES
        for name, place in _mapping(found.get(kind)).items()
        if isinstance(place, str) and place.startswith(_LINKED)
    }
    return Package(
        members=_strings(_mapping(members).get("packages", members)),
        name="".join(_strings(found.get("name"))[:1]),
        entries=tuple(entry for key in _ENTRIES for entry in _strings(found.get(key))),
        exports=found.get("exports"),
        imports=found.get("imports"),
        linked=linked,
        auto_imports=any(not _AUTO_IMPORTING.isdisjoint(_mapping(found.get(kind))) for kind in _DEPENDENCIES),
    )


def _config(found: dict[str, Any]) -> Config:
    options = _mapping(found.get("compilerOptions"))
    paths = options.get("paths")
    references = found.get("references")
    return Config(
        extends=_strings(found.get("extends")),
        references=tuple(
            path
            for item in (references if isinstance(references, list) else ())
            for path in _strings(_mapping(item).get("path"))
        ),
        paths={key: _strings(value) for key, value in paths.items()} if isinstance(paths, dict) else None,
        base=next(iter(_strings(options.get("baseUrl"))), None),
        outputs=tuple(out for key in ("declarationDir", "outDir") for out in _strings(options.get(key))),
        root=next(iter(_strings(options.get("rootDir"))), None),
    )


def _pnpm(text: str) -> tuple[str, ...]:
    """The list below `packages:`, which is all of YAML that such files use of it."""
    members: list[str] = []
    inside = False
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _LISTED.match(line) if inside else None
        if item:
            members.append(item.group(1) or item.group(2) or item.group(3) or "")
        else:
            inside = re.match(r"packages\s*:\s*(#.*)?\Z", line) is not None
    return tuple(filter(None, members))
