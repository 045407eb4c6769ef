"""The features by name: what answers each, and what is answered while there is no index."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from memls.lsp import navigation, symbols


@dataclass(frozen=True, slots=True)
class Feature:
    """One switch of the settings."""

    name: str
    method: str
    reader: Callable[..., Any]
    empty: Any = None
    options: Any = None
    on: bool = True

    @property
    def methods(self) -> tuple[str, ...]:
        return (self.method,)


FEATURES = (
    Feature("documentSymbol", types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, symbols.document_symbols),
    Feature("workspaceSymbol", types.WORKSPACE_SYMBOL, symbols.workspace_symbols, []),
    Feature("definition", types.TEXT_DOCUMENT_DEFINITION, navigation.definition),
    Feature("references", types.TEXT_DOCUMENT_REFERENCES, navigation.references),
    Feature("hover", types.TEXT_DOCUMENT_HOVER, navigation.hover),
)
READERS = {feature.method: feature.reader for feature in FEATURES}
