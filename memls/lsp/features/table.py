"""Which features there are, what answers them, and how they are announced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from memls.lsp.convert import Client
from memls.lsp.features import (
    actions,
    call_hierarchy,
    completion,
    folding,
    highlight,
    hover,
    lenses,
    links,
    navigation,
    signature,
    symbols,
    type_hierarchy,
)

if TYPE_CHECKING:
    from memls.workspace import Workspace

Reader = Callable[["Workspace", Client, Any], Any]


@dataclass(frozen=True)
class Feature:
    """A switch, and the methods behind it. The first method is the one that is registered, with `options`.

    `empty` is the answer while there is no index; a `resolve` method gives back what it was given.
    """

    name: str
    readers: Mapping[str, Reader]
    empty: Any = None
    options: Any = None
    on: bool = True

    @property
    def method(self) -> str:
        """What a client knows the feature by."""
        return next(iter(self.readers))

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.readers)

    def before(self, method: str, params: Any) -> Any:
        """The answer to a request before the index is open."""
        return params if method.lower().endswith("/resolve") else self.empty


FEATURES: tuple[Feature, ...] = (
    Feature("documentSymbol", {types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: symbols.document_symbols}),
    Feature(
        "workspaceSymbol",
        {
            types.WORKSPACE_SYMBOL: symbols.workspace_symbols,
            types.WORKSPACE_SYMBOL_RESOLVE: symbols.resolve_symbol,
        },
        empty=[],
        options=types.WorkspaceSymbolOptions(resolve_provider=True),
    ),
    Feature("definition", {types.TEXT_DOCUMENT_DEFINITION: navigation.definition}),
    Feature("declaration", {types.TEXT_DOCUMENT_DECLARATION: navigation.declaration}),
    Feature("references", {types.TEXT_DOCUMENT_REFERENCES: navigation.references}),
    Feature("implementation", {types.TEXT_DOCUMENT_IMPLEMENTATION: navigation.implementation}),
    Feature("documentHighlight", {types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: highlight.highlights}),
    Feature("hover", {types.TEXT_DOCUMENT_HOVER: hover.hover}),
    Feature(
        "completion",
        {
            types.TEXT_DOCUMENT_COMPLETION: completion.complete,
            types.COMPLETION_ITEM_RESOLVE: completion.resolve_item,
        },
        options=types.CompletionOptions(trigger_characters=list(completion.TRIGGERS), resolve_provider=True),
        on=False,
    ),
    Feature(
        "signatureHelp",
        {types.TEXT_DOCUMENT_SIGNATURE_HELP: signature.signature_help},
        options=types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")"]),
    ),
    Feature(
        "callHierarchy",
        {
            types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: call_hierarchy.prepare_calls,
            types.CALL_HIERARCHY_INCOMING_CALLS: call_hierarchy.incoming_calls,
            types.CALL_HIERARCHY_OUTGOING_CALLS: call_hierarchy.outgoing_calls,
        },
    ),
    Feature(
        "typeHierarchy",
        {
            types.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY: type_hierarchy.prepare_types,
            types.TYPE_HIERARCHY_SUPERTYPES: type_hierarchy.supertypes,
            types.TYPE_HIERARCHY_SUBTYPES: type_hierarchy.subtypes,
        },
    ),
    Feature("foldingRange", {types.TEXT_DOCUMENT_FOLDING_RANGE: folding.folding_ranges}),
    Feature("selectionRange", {types.TEXT_DOCUMENT_SELECTION_RANGE: folding.selection_ranges}),
    Feature(
        "documentLink",
        {types.TEXT_DOCUMENT_DOCUMENT_LINK: links.document_links},
        options=types.DocumentLinkOptions(),
    ),
    Feature(
        "codeLens",
        {types.TEXT_DOCUMENT_CODE_LENS: lenses.lenses, types.CODE_LENS_RESOLVE: lenses.resolve_lens},
        options=types.CodeLensOptions(resolve_provider=True),
    ),
    Feature(
        "codeAction",
        {types.TEXT_DOCUMENT_CODE_ACTION: actions.actions},
        options=types.CodeActionOptions(code_action_kinds=list(actions.KINDS)),
    ),
)

READERS: Mapping[str, Reader] = {
    method: read for feature in FEATURES for method, read in feature.readers.items()
}
"""What answers each method."""
