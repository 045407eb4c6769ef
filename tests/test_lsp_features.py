"""The features over the wire: what is offered at `initialize`, and answers of a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from editor import FILES, Editor, editing, write
from lsprotocol import types as lsp

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

BELOW = """from shop.stock import Shelf


class Cupboard(Shelf):
    def take(self, name):
        return super().take(name)
"""


PROVIDERS = (
    "document_symbol workspace_symbol definition declaration references implementation document_highlight"
    " hover completion signature_help call_hierarchy type_hierarchy folding_range selection_range"
    " document_link code_lens code_action"
).split()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    root = tmp_path_factory.mktemp("features")
    async with editing(root, write(root / "repo", {**FILES, "below.py": BELOW})) as editor:
        await editor.reach()
        yield editor


async def test_declaration_is_the_import(editor: Editor) -> None:
    at = editor.at("app.py", "= Sh|elf()")
    found = await editor.text_document_declaration_async(lsp.DeclarationParams(editor.text("app.py"), at))
    assert editor.shown(found) == ["app.py:1:23-28"]


async def test_implementations_and_both_hierarchies(editor: Editor) -> None:
    names = {editor.uri("below.py"): "below.py", editor.uri("shop/stock.py"): "shop/stock.py"}
    text, at = editor.text("shop/stock.py"), editor.at("shop/stock.py", "class Sh|elf")
    found = await editor.text_document_implementation_async(lsp.ImplementationParams(text, at))
    assert isinstance(found, list)
    assert [(names[one.uri], one.range.start.line) for one in found if isinstance(one, lsp.Location)] == [
        ("below.py", 3)
    ]
    items = await editor.text_document_prepare_type_hierarchy_async(lsp.TypeHierarchyPrepareParams(text, at))
    assert items and [item.name for item in items] == ["Shelf"]
    below = await editor.type_hierarchy_subtypes_async(lsp.TypeHierarchySubtypesParams(items[0]))
    assert below and [item.name for item in below] == ["Cupboard"]
    above = await editor.type_hierarchy_supertypes_async(lsp.TypeHierarchySupertypesParams(below[0]))
    assert above and [item.name for item in above] == ["Shelf"]


async def test_calls_both_ways(editor: Editor) -> None:
    text, at = editor.text("shop/stock.py"), editor.at("shop/stock.py", "def rest|ock")
    items = await editor.text_document_prepare_call_hierarchy_async(lsp.CallHierarchyPrepareParams(text, at))
    assert items and [item.name for item in items] == ["restock"]
    incoming = await editor.call_hierarchy_incoming_calls_async(
        lsp.CallHierarchyIncomingCallsParams(items[0])
    )
    assert incoming and [call.from_.name for call in incoming] == ["main"]
    outgoing = await editor.call_hierarchy_outgoing_calls_async(
        lsp.CallHierarchyOutgoingCallsParams(incoming[0].from_)
    )
    assert outgoing and [(call.to.name, call.to.detail) for call in outgoing] == [
        ("Shelf", "shop/stock.py"),
        ("restock", "shop/stock.py"),
        ("take", "Shelf · shop/stock.py"),
    ]


async def test_highlights(editor: Editor) -> None:
    params = lsp.DocumentHighlightParams(editor.text("app.py"), editor.at("app.py", "    rest|ock("))
    found = await editor.text_document_document_highlight_async(params)
    assert found and [one.range.start.line for one in found] == [0, 5]


async def test_the_shape_of_a_file(editor: Editor) -> None:
    text = editor.text("shop/stock.py")
    folds = await editor.text_document_folding_range_async(lsp.FoldingRangeParams(text))
    assert folds and [(one.start_line, one.end_line) for one in folds][:3] == [(3, 14), (4, 6), (9, 11)]
    params = lsp.SelectionRangeParams(text, [editor.at("shop/stock.py", "def ta|ke")])
    grown = await editor.text_document_selection_range_async(params)
    assert grown and grown[0].range == lsp.Range(lsp.Position(9, 8), lsp.Position(9, 12))
    links = await editor.text_document_document_link_async(lsp.DocumentLinkParams(editor.text("app.py")))
    assert links and [link.target for link in links] == [editor.uri("shop/stock.py")]


async def test_signature_help(editor: Editor) -> None:
    params = lsp.SignatureHelpParams(editor.text("app.py"), editor.at("app.py", "restock(she|lf)"))
    found = await editor.text_document_signature_help_async(params)
    assert found and [one.label for one in found.signatures] == ["def restock(shelf)"]
    assert found.active_parameter == 0


async def test_lenses_and_actions(editor: Editor) -> None:
    lenses = await editor.text_document_code_lens_async(lsp.CodeLensParams(editor.text("app.py")))
    assert lenses
    assert [lens.command.title if lens.command else None for lens in lenses][:2] == [None, "Ask memls"]
    counted = await editor.code_lens_resolve_async(lenses[0])
    assert counted.command == lsp.Command("0 references", "")
    at = editor.at("app.py", "    rest|ock(")
    params = lsp.CodeActionParams(editor.text("app.py"), lsp.Range(at, at), lsp.CodeActionContext([]))
    actions = await editor.text_document_code_action_async(params)
    assert actions and [one.title for one in actions] == [
        "Explain",
        "Who calls this, and why",
        "What would break if this changed",
        "Remember this",
    ]


async def test_what_is_offered(editor: Editor, tmp_path: Path) -> None:
    """Everything but completion, which is switched on like any other feature."""
    offered = editor.offered
    missing = [name for name in PROVIDERS if not getattr(offered, f"{name}_provider")]
    assert missing == ["completion"]
    assert offered.code_lens_provider and offered.code_lens_provider.resolve_provider
    options = {"features": {"completion": True, "hover": False}}
    async with editing(tmp_path, write(tmp_path / "repo"), options=options) as other:
        await other.reach()
        assert other.offered.completion_provider and other.offered.completion_provider.resolve_provider
        assert not other.offered.hover_provider
        at = other.at("app.py", "    re|stock(")
        found = await other.text_document_completion_async(lsp.CompletionParams(other.text("app.py"), at))
        assert isinstance(found, lsp.CompletionList)
        item = next(item for item in found.items if item.label == "restock")
        whole = await other.completion_item_resolve_async(item)
        assert isinstance(whole.documentation, lsp.MarkupContent)
        assert "def restock(shelf)" in whole.documentation.value


async def test_a_name_typed_but_not_saved_counts_everywhere(editor: Editor) -> None:
    """What is typed is found, resolved, counted and folded before it is saved."""
    editor.open(
        "app.py", FILES["app.py"] + "\n\ndef fresh(a, b):\n    return a\n\n\nfresh(1, 2)\nfresh(restock(3\n"
    )
    try:
        text, at = editor.text("app.py"), lsp.Position(17, 1)
        found = await editor.text_document_definition_async(lsp.DefinitionParams(text, at))
        assert editor.shown(found) == ["app.py:14:4-9"]
        marks = await editor.text_document_document_highlight_async(lsp.DocumentHighlightParams(text, at))
        assert marks and [one.range.start.line for one in marks] == [13, 17, 18]
        help_ = await editor.text_document_signature_help_async(
            lsp.SignatureHelpParams(text, lsp.Position(18, 15))
        )
        assert help_ and help_.signatures[0].label == "def restock(shelf)"
        callers = await editor.text_document_prepare_call_hierarchy_async(
            lsp.CallHierarchyPrepareParams(text, at)
        )
        assert callers and callers[0].name == "fresh"
        lenses = await editor.text_document_code_lens_async(lsp.CodeLensParams(text))
        mine = [lens for lens in lenses or () if lens.range.start.line == 13 and lens.command is None]
        assert (await editor.code_lens_resolve_async(mine[0])).command == lsp.Command("2 references", "")
    finally:
        editor.close("app.py")
