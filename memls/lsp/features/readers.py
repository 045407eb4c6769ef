"""What answers each method. Imported when the first code is asked about, for it takes a while to load."""

from collections.abc import Callable, Mapping
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

READERS: Mapping[str, Reader] = {
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: symbols.document_symbols,
    types.WORKSPACE_SYMBOL: symbols.workspace_symbols,
    types.WORKSPACE_SYMBOL_RESOLVE: symbols.resolve_symbol,
    types.TEXT_DOCUMENT_DEFINITION: navigation.definition,
    types.TEXT_DOCUMENT_DECLARATION: navigation.declaration,
    types.TEXT_DOCUMENT_REFERENCES: navigation.references,
    types.TEXT_DOCUMENT_IMPLEMENTATION: navigation.implementation,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: highlight.highlights,
    types.TEXT_DOCUMENT_HOVER: hover.hover,
    types.TEXT_DOCUMENT_COMPLETION: completion.complete,
    types.COMPLETION_ITEM_RESOLVE: completion.resolve_item,
    types.TEXT_DOCUMENT_SIGNATURE_HELP: signature.signature_help,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: call_hierarchy.prepare_calls,
    types.CALL_HIERARCHY_INCOMING_CALLS: call_hierarchy.incoming_calls,
    types.CALL_HIERARCHY_OUTGOING_CALLS: call_hierarchy.outgoing_calls,
    types.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY: type_hierarchy.prepare_types,
    types.TYPE_HIERARCHY_SUPERTYPES: type_hierarchy.supertypes,
    types.TYPE_HIERARCHY_SUBTYPES: type_hierarchy.subtypes,
    types.TEXT_DOCUMENT_FOLDING_RANGE: folding.folding_ranges,
    types.TEXT_DOCUMENT_SELECTION_RANGE: folding.selection_ranges,
    types.TEXT_DOCUMENT_DOCUMENT_LINK: links.document_links,
    types.TEXT_DOCUMENT_CODE_LENS: lenses.lenses,
    types.CODE_LENS_RESOLVE: lenses.resolve_lens,
    types.TEXT_DOCUMENT_CODE_ACTION: actions.actions,
}
"""For every method of every feature in the table."""
