"""Edges against the truth: calls of names that a Python module imports, as the `ast` module reads them.

    python benchmarks/imports.py REPOSITORY [--most 5000] [--show 20]

Only calls of a bare name count that one `from … import` at module level binds and nothing else in the file
does; re-exports are followed, and what leads out of the repository is left out. Precision is of what memls
says is resolved, recall of all such calls.
"""

import argparse
import ast
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memls.config import Folders
from memls.errors import NotFoundError
from memls.source.files import list_files
from memls.workspace import Workspace

_DEPTH = 12
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Call:
    """A call of a name at a line and column from 1, and the line that defines it."""

    path: str
    line: int
    column: int
    name: str
    target: tuple[str, int]


class Modules:
    """The Python files of a repository, as `ast` reads them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = {path for path in list_files(root).entries if path.endswith(".py")}
        self.tree = cache(self._tree)
        self.bound = cache(self._bound)

    def _tree(self, path: str) -> ast.Module | None:
        try:
            return ast.parse((self.root / path).read_bytes())
        except (SyntaxError, ValueError):
            return None

    def file(self, module: str) -> str | None:
        """The file of an absolute module name."""
        base = module.replace(".", "/")
        return next((path for path in (f"{base}.py", f"{base}/__init__.py") if path in self.paths), None)

    def source(self, importer: str, node: ast.ImportFrom) -> str | None:
        """The file that a `from … import` reads from."""
        package = importer.split("/")[:-1]
        if node.level > len(package):
            return None
        above = package[: len(package) - node.level + 1] if node.level else []
        return self.file(".".join([*above, *filter(None, [node.module])]))

    def definition(self, path: str, name: str, depth: int = 0) -> tuple[str, int] | None:
        """Where a name is defined, through the modules that hand it on; None where that is not plain."""
        if depth > _DEPTH:
            return None
        bound = self.bound(path).get(name, ())
        if len(bound) != 1:
            return None
        line, source, original = bound[0]
        return self.definition(source, original, depth + 1) if source else (path, line) if line else None

    def _bound(self, path: str) -> dict[str, list[tuple[int, str, str]]]:
        """Name at module level -> line of its definition (0: no plain one), or whose file and name."""
        found: dict[str, list[tuple[int, str, str]]] = {}
        tree = self.tree(path)
        for node in tree.body if tree else ():
            if isinstance(node, _DEFINES):
                found.setdefault(node.name, []).append((node.lineno, "", ""))
            elif isinstance(node, ast.ImportFrom) and (source := self.source(path, node)):
                for alias in node.names:
                    found.setdefault(alias.asname or alias.name, []).append((0, source, alias.name))
            else:
                for name in {name for inner in ast.walk(node) for name in _names(inner)}:
                    found.setdefault(name, []).append((0, "", ""))
        return found


def calls(modules: Modules, path: str) -> Iterator[Call]:
    """The calls of one file whose target is plain."""
    tree = modules.tree(path)
    if tree is None:
        return
    sources = {
        alias.asname or alias.name: (source, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (source := modules.source(path, node))
        for alias in node.names
    }
    bound = Counter(name for node in ast.walk(tree) for name in _names(node))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in sources):
            continue
        name = node.func.id
        if bound[name] == 1 and (target := modules.definition(*sources[name])):
            yield Call(path, node.func.lineno, node.func.col_offset + 1, name, target)


def _names(node: ast.AST) -> list[str]:
    """The names that one node binds."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, _DEFINES):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return []


def measure(root: Path, most: int, show: int) -> None:
    modules = Modules(root)
    every = [call for path in sorted(modules.paths) for call in calls(modules, path)]
    chosen = random.Random(1).sample(every, min(most, len(every)))
    resolved = right = 0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        folders = Folders(*(Path(home) / name for name in ("index", "memory", "user")))
        with Workspace.open(root, folders) as workspace:
            workspace.index()
            for call in chosen:
                try:
                    edges = workspace.references(f"{call.path}:{call.line}:{call.column}", "definition")
                except NotFoundError:
                    edges = []
                sure = [edge for edge in edges if edge.status == "resolved"]
                inside = sure and (sure[0].target.path, call.target[0])
                hit = (
                    bool(sure)
                    and sure[0].target.path == call.target[0]
                    and (sure[0].target.line <= call.target[1] <= sure[0].target.end_line)
                )
                resolved += bool(sure)
                right += hit
                if not hit:
                    wrong.append(f"{call}: {inside or edges[:2] or 'nothing'}")
    print(f"{root.name}: {len(every):,} calls of imported names, {len(chosen):,} asked")
    print(f"precision {right / max(1, resolved):.2%} of {resolved:,} resolved")
    print(f"recall    {right / max(1, len(chosen)):.2%}")
    print("\n".join(wrong[:show]), end="\n" if show and wrong else "")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--most", type=int, default=5000, help="calls to ask about, drawn at random")
    parser.add_argument("--show", type=int, default=0, help="print so many that are not right")
    arguments = parser.parse_args()
    measure(arguments.repository.resolve(), arguments.most, arguments.show)


if __name__ == "__main__":
    sys.exit(main())
