"""Which features there are, and how they are announced. What answers them is in `readers`."""

from dataclasses import dataclass
from typing import Any

from lsprotocol import types

TRIGGERS = (".", "/", '"', "'", ":", ">")
"""Characters that complete what stands before them."""
ASK, REMEMBER = "memls.ask", "memls.remember"
"""Kinds of code actions, and commands: of our own, so that no client takes them for fixes or runs them on
save."""


@dataclass(frozen=True)
class Feature:
    """A switch, and the methods behind it. The first method is the one that is registered, with `options`.

    `empty` is the answer while there is no index; a `resolve` method gives back what it was given.
    """

    name: str
    methods: tuple[str, ...]
    empty: Any = None
    options: Any = None
    on: bool = True

    @property
    def method(self) -> str:
        """What a client knows the feature by."""
        return self.methods[0]

    def before(self, method: str, params: Any) -> Any:
        """The answer to a request before the index is open."""
        return params if method.lower().endswith("/resolve") else self.empty


FEATURES: tuple[Feature, ...] = (
    Feature("documentSymbol", (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,)),
    Feature(
        "workspaceSymbol",
        (
            types.WORKSPACE_SYMBOL,
            types.WORKSPACE_SYMBOL_RESOLVE,
        ),
        empty=[],
        options=types.WorkspaceSymbolOptions(resolve_provider=True),
    ),
    Feature("definition", (types.TEXT_DOCUMENT_DEFINITION,)),
    Feature("declaration", (types.TEXT_DOCUMENT_DECLARATION,)),
    Feature("references", (types.TEXT_DOCUMENT_REFERENCES,)),
    Feature("implementation", (types.TEXT_DOCUMENT_IMPLEMENTATION,)),
    Feature("documentHighlight", (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,)),
    Feature("hover", (types.TEXT_DOCUMENT_HOVER,)),
    Feature(
        "completion",
        (
            types.TEXT_DOCUMENT_COMPLETION,
            types.COMPLETION_ITEM_RESOLVE,
        ),
        options=types.CompletionOptions(trigger_characters=list(TRIGGERS), resolve_provider=True),
        on=False,
    ),
    Feature(
        "signatureHelp",
        (types.TEXT_DOCUMENT_SIGNATURE_HELP,),
        options=types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")"]),
    ),
    Feature(
        "callHierarchy",
        (
            types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
            types.CALL_HIERARCHY_INCOMING_CALLS,
            types.CALL_HIERARCHY_OUTGOING_CALLS,
        ),
    ),
    Feature(
        "typeHierarchy",
        (
            types.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY,
            types.TYPE_HIERARCHY_SUPERTYPES,
            types.TYPE_HIERARCHY_SUBTYPES,
        ),
    ),
    Feature("foldingRange", (types.TEXT_DOCUMENT_FOLDING_RANGE,)),
    Feature("selectionRange", (types.TEXT_DOCUMENT_SELECTION_RANGE,)),
    Feature(
        "documentLink",
        (types.TEXT_DOCUMENT_DOCUMENT_LINK,),
        options=types.DocumentLinkOptions(),
    ),
    Feature(
        "codeLens",
        (types.TEXT_DOCUMENT_CODE_LENS, types.CODE_LENS_RESOLVE),
        options=types.CodeLensOptions(resolve_provider=True),
    ),
    Feature(
        "codeAction",
        (types.TEXT_DOCUMENT_CODE_ACTION,),
        options=types.CodeActionOptions(code_action_kinds=[ASK, REMEMBER]),
    ),
)
