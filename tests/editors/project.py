"""The small repository that editors are given, and what each must see of it whichever editor it is."""

from pathlib import Path
from typing import Any

FILES = {
    "shop/__init__.py": "",
    "shop/stock.py": '''"""What is on the shelf."""


class Shelf:
    """Things in a row."""

    def take(self, name):
        """Take one thing."""
        return name


class Cupboard(Shelf):
    def take(self, name):
        return name.upper()


def restock(shelf):
    """Fill `shelf` again."""
    return Shelf()
''',
    "app.py": """from shop.stock import Shelf, restock


def main():
    shelf = Shelf()
    restock(shelf)
    return shelf.take("bread")
""",
}

EXPECTED: dict[str, list[Any]] = {
    "documentSymbol": ["Shelf", "take", "Cupboard", "take", "restock"],
    "workspaceSymbol": ["shop/stock.py:17"],
    "definition": ["shop/stock.py:17"],
    "declaration": ["app.py:1"],
    "implementation": ["shop/stock.py:12"],
    "references": ["app.py:1", "app.py:6", "shop/stock.py:17"],
    "hover": ["def restock(shelf)", "Fill `shelf` again.", "shop/stock.py:17"],
    "documentHighlight": ["app.py:1", "app.py:6"],
    "signatureHelp": ["restock(shelf)"],
    "completion": ["restock"],
    "incomingCalls": ["main"],
    "outgoingCalls": ["Shelf", "restock", "take"],
    "typeHierarchy": ["Cupboard"],
    "foldingRange": [4, 7],
    "codeLens": ["4 references", "Ask memls"],
    "codeAction": ["Explain"],
}
"""Of each standard feature: places as `path:line`, names, lines, or parts of a text."""

PECULIAR: dict[tuple[str, str], list[Any]] = {
    ("emacs", "documentSymbol"): ["Shelf", "take", "Cupboard", "restock"],  # versions repeat differently
    ("vim", "references"): ["app.py:1", "app.py:6"],  # ALE asks for uses alone
}
"""What an editor has otherwise."""

WHOLE = frozenset({"documentSymbol", "workspaceSymbol", "definition", "references", "documentHighlight"})
"""Features of which nothing else may be seen."""


def write(root: Path) -> Path:
    """The repository on disk; its `.git` is what editors look for."""
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir()
    return root
