"""Names that a tool imports: what Nuxt and unplugin-auto-import let code use without a line that says so.

A package whose manifest depends on one of them sees what its composables, utilities, stores and components
export (nuxt.com/docs/guide/concepts/auto-imports). Which folders a configuration adds is code, and is not
run: a folder of these names counts at any depth, and what is exported elsewhere is a candidate. What the
server has in such folders is the server's.
"""

from memls.index.facts import Definition, Facts
from memls.index.found import Found
from memls.index.manifests import Package
from memls.index.packages import above
from memls.index.scoping import scoping

_FOLDERS = frozenset(("composables", "utils", "stores", "components", "shared"))
_SERVER = "server"


def auto_imported(facts: Facts, file: int, name: str) -> Found | None:
    """What a name means that nothing in its file binds; None where no tool imports, or none is so called."""
    path = facts.files.paths[file]
    package = next(above(facts.files.layout, path.rpartition("/")[0], Package), None)
    if package is None or not package[1].auto_imports:
        return None
    root = f"{package[0]}/" * bool(package[0])
    seen = [
        (definition, facts.files.paths[definition.file])
        for found in facts.everywhere(name).values()
        for definition in found
        if definition.qualified_name == name and definition.file != file and _is_exported(facts, definition)
    ]
    inside = [(definition, folders) for definition, at in seen if (folders := _folders(at, root)) is not None]
    on_server = _SERVER in (_folders(path, root) or ())
    listed = [d for d, folders in inside if folders & _FOLDERS and (on_server or _SERVER not in folders)]
    if listed:
        return Found(tuple(listed), "auto-import")
    return Found(tuple(d for d, _ in inside), "exported", sure=False) if inside else None


def _is_exported(facts: Facts, definition: Definition) -> bool:
    if scoping(facts.files.languages[definition.file]).family != "javascript":
        return False
    return definition.kind == "component" or definition.signature.startswith("export ")


def _folders(path: str, root: str) -> frozenset[str] | None:
    """The folders of a package that a file is in; None where it is outside."""
    return frozenset(path[len(root) :].split("/")[:-1]) if path.startswith(root) else None
