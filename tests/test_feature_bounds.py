"""What no fixture has: places that are not there, huge and deep text, encodings, notes, plain clients."""

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from features import READERS, Asker
from lsprotocol import types as lsp
from pygls.protocol import default_converter
from repository import Repo, repository

from memls.lsp.convert import Client, Uris
from memls.lsp.features.signature import call_around, parameters
from memls.lsp.features.table import FEATURES
from memls.lsp.forwarded import METHODS
from memls.memory.archive import CodeAnchor
from memls.source.structure import folds, spans_around
from memls.text import digest

FILES = {
    "a.py": 'def größe(𐐨x, y):\n    return 1\n\n\nx = "𝄞"; y = größe(1, 2)\n',
    "windows.py": "class A:\r\n    def f(self):\r\n        return self.f()\r\n\r\n\r\nA().f()\r\n",
    "empty.py": "",
    "notes.txt": "no code\n",
    "data.bin": "\0\0\0",
}
NOWHERE = lsp.Position(4_000_000, 4_000_000)


@pytest.fixture(scope="module")
def repo() -> Iterator[Repo]:
    with repository(FILES) as repo:
        yield repo


@pytest.fixture(scope="module")
def asker(repo: Repo) -> Asker:
    return Asker(repo.workspace)


def every_request(text: lsp.TextDocumentIdentifier, at: lsp.Position, data: Any = None) -> dict[str, Any]:
    """Parameters of each method of the table, at a position."""
    span = lsp.Range(at, at)
    call = lsp.CallHierarchyItem("x", lsp.SymbolKind.Class, text.uri, span, span, data=data)
    type_ = lsp.TypeHierarchyItem("x", lsp.SymbolKind.Class, text.uri, span, span, data=data)
    return {
        lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: lsp.DocumentSymbolParams(text),
        lsp.WORKSPACE_SYMBOL: lsp.WorkspaceSymbolParams(""),
        lsp.WORKSPACE_SYMBOL_RESOLVE: lsp.WorkspaceSymbol(
            lsp.LocationUriOnly(text.uri), "x", lsp.SymbolKind.Class, data=data
        ),
        lsp.TEXT_DOCUMENT_DEFINITION: lsp.DefinitionParams(text, at),
        lsp.TEXT_DOCUMENT_DECLARATION: lsp.DeclarationParams(text, at),
        lsp.TEXT_DOCUMENT_REFERENCES: lsp.ReferenceParams(lsp.ReferenceContext(True), text, at),
        lsp.TEXT_DOCUMENT_IMPLEMENTATION: lsp.ImplementationParams(text, at),
        lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: lsp.DocumentHighlightParams(text, at),
        lsp.TEXT_DOCUMENT_HOVER: lsp.HoverParams(text, at),
        lsp.TEXT_DOCUMENT_COMPLETION: lsp.CompletionParams(text, at),
        lsp.COMPLETION_ITEM_RESOLVE: lsp.CompletionItem("x", data=data),
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP: lsp.SignatureHelpParams(text, at),
        lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: lsp.CallHierarchyPrepareParams(text, at),
        lsp.CALL_HIERARCHY_INCOMING_CALLS: lsp.CallHierarchyIncomingCallsParams(call),
        lsp.CALL_HIERARCHY_OUTGOING_CALLS: lsp.CallHierarchyOutgoingCallsParams(call),
        lsp.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY: lsp.TypeHierarchyPrepareParams(text, at),
        lsp.TYPE_HIERARCHY_SUPERTYPES: lsp.TypeHierarchySupertypesParams(type_),
        lsp.TYPE_HIERARCHY_SUBTYPES: lsp.TypeHierarchySubtypesParams(type_),
        lsp.TEXT_DOCUMENT_FOLDING_RANGE: lsp.FoldingRangeParams(text),
        lsp.TEXT_DOCUMENT_SELECTION_RANGE: lsp.SelectionRangeParams(text, [at, lsp.Position(0, 0)]),
        lsp.TEXT_DOCUMENT_DOCUMENT_LINK: lsp.DocumentLinkParams(text),
        lsp.TEXT_DOCUMENT_CODE_LENS: lsp.CodeLensParams(text),
        lsp.CODE_LENS_RESOLVE: lsp.CodeLens(span, data=data),
        lsp.TEXT_DOCUMENT_CODE_ACTION: lsp.CodeActionParams(text, span, lsp.CodeActionContext([])),
    }


def test_every_method_is_asked_here(asker: Asker) -> None:
    assert set(every_request(asker.text("a.py"), NOWHERE)) == set(READERS) == METHODS


@pytest.mark.parametrize("data", [None, 1, {"path": 2}, {"path": "../x", "symbol": "A", "line": 1}])
@pytest.mark.parametrize("uri", [*FILES, "gone.py", "../outside.py", ".", "untitled:1"])
def test_nowhere_there_is_nothing(asker: Asker, uri: str, data: Any) -> None:
    text = lsp.TextDocumentIdentifier(uri) if ":" in uri else asker.text(uri)
    converter = default_converter()
    for method, params in every_request(text, NOWHERE, data).items():
        found = asker.read(method, params)
        converter.unstructure(found)
        if method not in (lsp.CODE_LENS_RESOLVE, lsp.COMPLETION_ITEM_RESOLVE, lsp.WORKSPACE_SYMBOL_RESOLVE):
            kept = uri in ("a.py", "windows.py", "empty.py")
            assert not found or kept, (method, found)


def test_before_the_index_is_open(asker: Asker) -> None:
    requests = every_request(asker.text("a.py"), NOWHERE)
    for feature in FEATURES:
        for method in feature.methods:
            early = feature.before(method, requests[method])
            assert early in (None, []) or (early is requests[method] and method.lower().endswith("resolve"))


def test_only_completion_is_off() -> None:
    assert [feature.name for feature in FEATURES if not feature.on] == ["completion"]
    assert len({feature.name for feature in FEATURES}) == len(FEATURES) == 17


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 16), ("utf-16", 14), ("utf-32", 13)])
def test_columns_are_of_the_client(repo: Repo, encoding: str, column: int) -> None:
    """`größe` in `x = "𝄞"; y = größe(1, 2)` and all that speaks of it."""
    asker = Asker(repo.workspace, encoding)
    start = lsp.Position(4, column)
    width = len("größe".encode()) if encoding == "utf-8" else 5
    used = lsp.Range(start, lsp.Position(4, column + width))
    requests = every_request(asker.text("a.py"), start)
    marks = asker.read(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, requests[lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT])
    assert [mark.range for mark in marks] == [
        lsp.Range(lsp.Position(0, 4), lsp.Position(0, 4 + width)),
        used,
    ]
    assert asker.read(lsp.TEXT_DOCUMENT_HOVER, requests[lsp.TEXT_DOCUMENT_HOVER]).range == used
    grown = asker.read(lsp.TEXT_DOCUMENT_SELECTION_RANGE, requests[lsp.TEXT_DOCUMENT_SELECTION_RANGE])
    assert grown[0].range == used
    inside = lsp.Position(4, column + width + 4)
    help_ = asker.read(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpParams(asker.text("a.py"), inside))
    label = help_.signatures[0].label
    spans = [parameter.label for parameter in help_.signatures[0].parameters]
    assert help_.active_parameter == 1
    wide = label.encode("utf-16-le")
    assert [wide[2 * a : 2 * b].decode("utf-16-le") for a, b in spans] == ["𐐨x", "y"]


def test_windows_lines(asker: Asker) -> None:
    assert (
        asker.ask("highlight", "windows.py", 2, 20) == "text def f(self):; read return self.f(); read A().f()"
    )
    assert asker.ask("fold", "windows.py", 0, 0) == "return self.f()"
    assert asker.ask("selection", "windows.py", 2, 20).startswith("f | self.f | self.f() | return self.f()")


def test_notes_stand_in_hovers(repo: Repo, asker: Asker) -> None:
    archive = asker.workspace.archive
    view = asker.workspace.code.view("windows.py")
    symbol = view.symbol("A.f")
    assert symbol
    fresh = CodeAnchor("windows.py", "A.f", digest(view.text(symbol.line, symbol.end_line)))
    numbers = [
        archive.add("s", "Calls itself for ever.", [fresh]),
        archive.add("s", "Was short.", [CodeAnchor("windows.py", "A.f", "0" * 16)]),
        archive.add("s", "Of another.", [CodeAnchor("windows.py", "A", "0" * 16)]),
        archive.add("s", "A.f windows.py", []),
    ]
    try:
        text = asker.ask("hover", "windows.py", 2, 20)
        assert "Remembered:\n\n```text\nCalls itself for ever.\n```" in text
        assert "Remembered, and the code has changed since:\n\n```text\nWas short.\n```" in text
        assert "Of another." not in text and text.count("Remembered") == 2
    finally:
        for number in numbers:
            archive.forget(number)


def test_text_of_the_repository_stays_in_its_fence() -> None:
    source = 'def f(a="```"):\n    """```\\n# Title ``` \u202e"""\n\n\nf()\n'
    with repository({"a.py": source}) as repo:
        text = Asker(repo.workspace).ask("hover", "a.py", 4, 0)
    assert "````python\ndef f(a=" in text and "\u202e" not in text


def test_plain_clients() -> None:
    """No Markdown, no literals, no offsets: what every client understands."""
    files = {"a.py": "def f(a, b):\n    return f(a, b)\n"}
    with repository(files) as repo:
        plain = Client.of(Uris(repo.workspace.root), "utf-16", lsp.ClientCapabilities())
        asker = Asker(repo.workspace)
        asker.client = plain
        requests = every_request(asker.text("a.py"), lsp.Position(1, 14))
        hovered = asker.read(lsp.TEXT_DOCUMENT_HOVER, requests[lsp.TEXT_DOCUMENT_HOVER])
        assert hovered.contents.value == "def f(a, b):\n\na.py:1 (local)"
        requests = every_request(asker.text("a.py"), lsp.Position(1, 11))
        hovered = asker.read(lsp.TEXT_DOCUMENT_HOVER, requests[lsp.TEXT_DOCUMENT_HOVER])
        assert hovered.contents == lsp.MarkupContent(
            lsp.MarkupKind.PlainText, "def f(a, b)\n\na.py:1 (same file)"
        )
        actions = asker.read(lsp.TEXT_DOCUMENT_CODE_ACTION, requests[lsp.TEXT_DOCUMENT_CODE_ACTION])
        assert {type(action) for action in actions} == {lsp.Command}
        shown = asker.read(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, requests[lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL])
        assert isinstance(shown[0], lsp.SymbolInformation)
        params = lsp.SignatureHelpParams(asker.text("a.py"), lsp.Position(1, 13))
        help_ = asker.read(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, params)
        assert [one.label for one in help_.signatures[0].parameters] == ["a", "b"]


def test_what_clients_can_show_is_taken_from_what_they_say(repo: Repo) -> None:
    said = default_converter().structure(
        {
            "textDocument": {
                "hover": {"contentFormat": ["markdown"]},
                "definition": {"linkSupport": True},
                "implementation": {"linkSupport": False},
                "signatureHelp": {
                    "signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}
                },
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
                "foldingRange": {"rangeLimit": 7},
            },
            "workspace": {"symbol": {"resolveSupport": {"properties": ["location.range"]}}},
            "experimental": {"commands": {"commands": ["editor.action.showReferences"]}},
        },
        lsp.ClientCapabilities,
    )
    client = Client.of(Uris(repo.root), "utf-8", said)
    assert client.links == {"definition"}
    assert client.markdown and client.lazy_symbols and client.label_offsets and client.action_literals
    assert client.show_references and client.fold_limit == 7 and not client.hierarchical


def test_lenses_can_be_clicked_where_the_client_says_so(repo: Repo) -> None:
    for able in (False, True):
        asker = Asker(repo.workspace, show_references=able)
        lenses = asker.read(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensParams(asker.text("windows.py")))
        first, question = lenses[0], lenses[1].command
        command = asker.read(lsp.CODE_LENS_RESOLVE, first).command
        assert command.title == "1 reference"
        assert command.command == ("editor.action.showReferences" if able else "")
        assert (command.arguments is not None) == able
        if able:
            uri, position, places = command.arguments
            assert (uri, position) == (asker.text("windows.py").uri, {"line": 0, "character": 6})
            assert [place["range"]["start"]["line"] for place in places] == [5]
        assert question and (question.title, question.command) == ("Ask memls", "memls.ask")
        assert set(question.arguments[0]) == {"question", "uri", "range"}
        assert "`A` (windows.py:1)" in question.arguments[0]["question"]


def test_actions(repo: Repo) -> None:
    asker = Asker(repo.workspace, action_literals=True)

    def ask(start: lsp.Position, end: lsp.Position, only: list[Any] | None = None) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext([], only=only)
        params = lsp.CodeActionParams(asker.text("windows.py"), lsp.Range(start, end), context)
        return asker.read(lsp.TEXT_DOCUMENT_CODE_ACTION, params) or []

    at = lsp.Position(5, 0)
    found = ask(at, at)
    assert [one.title for one in found] == [
        "Explain",
        "Who calls this, and why",
        "What would break if this changed",
        "Remember this",
    ]
    assert all(one.command and "`A` (windows.py:1)" in str(one.command.arguments) for one in found[:3])
    kept = found[3].command
    assert kept and kept.command == "memls.remember" and kept.arguments
    assert kept.arguments[0]["symbol"] == "A" and kept.arguments[0]["range"]["start"] == {
        "line": 0,
        "character": 6,
    }
    lines = ask(lsp.Position(1, 0), lsp.Position(3, 0))
    assert [one.title for one in lines] == ["Explain", "What would break if this changed", "Remember this"]
    assert "windows.py:2-3 (in `A.f`)" in str(lines[0].command)
    assert [one.title for one in ask(at, at, ["memls.remember"])] == ["Remember this"]
    assert ask(at, at, ["quickfix"]) == []
    assert len(ask(at, at, [""])) == 4


@pytest.mark.parametrize(
    ("language", "deep"),
    [
        ("python", "x = " + "(\n" * 20_000 + ")\n" * 20_000),
        ("python", "(\n" * 20_000),
        ("javascript", "[\n" * 20_000 + "]\n" * 20_000),
        ("c", "int f(void) " + "{\n" * 20_000 + "}\n" * 20_000),
        ("java", "class A {\n" * 10_000 + "}\n" * 10_000),
        ("rust", "x!(\n" * 20_000),
    ],
)
def test_deep_nesting(language: str, deep: str) -> None:
    started = time.process_time()
    lines = deep.split("\n")
    assert len(folds(lines, language)) <= len(lines)
    around = spans_around(lines, language, [0, len(deep) // 2, len(deep)])
    assert all(len(spans) <= 64 for spans in around)
    assert time.process_time() - started < 4


def test_a_large_file(repo: Repo) -> None:
    """10 MB in a buffer: answered at once, with nothing where it is too large to be parsed."""
    asker = Asker(repo.workspace)
    asker.workspace.buffers.set("huge.py", "def f(a):\n    return f(a)\n\n\n" * 360_000, 1)
    asker.workspace.buffers.set("line.js", "f(a, " * 400_000, 1)
    try:
        for path in ("huge.py", "line.js"):
            requests = every_request(asker.text(path), lsp.Position(0, 400))
            for method, params in requests.items():
                started = time.process_time()
                default_converter().unstructure(asker.read(method, params))
                assert time.process_time() - started < 1.5, method
    finally:
        asker.workspace.buffers.drop("huge.py")
        asker.workspace.buffers.drop("line.js")


def test_a_name_that_can_mean_many_things_is_asked_once() -> None:
    """Each candidate has all uses by name: asking every one of them would take as often as long."""
    body = "class C:\n    def get(self): pass\n\n\ndef f(a):\n" + "    a.get()\n" * 60
    with repository({f"m{n}.py": body for n in range(40)}) as repo:
        asker = Asker(repo.workspace)
        asker.ask("references", "m0.py", 5, 6)
        started = time.process_time()
        found = asker.ask("references", "m0.py", 5, 6).split("; ")
        assert len(found) == 2400
        assert time.process_time() - started < 1.2


def test_a_file_of_five_thousand_lines_is_quick() -> None:
    body = "".join(
        f"""class C{n}:
    def f(self, a, b=[
        1,
    ]):
        if a:
            return g(a, [
                {n},
            ])
        return self.f(b)

"""
        for n in range(500)
    )
    lines = body.split("\n")
    assert len(lines) == 5001
    spent = []
    for _ in range(3):
        started = time.process_time()
        assert len(folds(lines, "python")) == 500 * 5
        spent.append(time.process_time() - started)
    assert min(spent) < 0.1


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("python", "f(a, b", ("f", 1)),
        ("python", "f(a, g(b), ", ("f", 2)),
        ("python", "f(a, g(b, c", ("g", 1)),
        ("python", "f('(', \"a,b\", ", ("f", 2)),
        ("python", "f(  # one, two(\n  a, ", ("f", 1)),
        ("python", 'f("""a,\n(b""", ', ("f", 1)),
        ("python", "f([a, b], {c: d, e", ("f", 1)),
        ("python", "f(a)", None),
        ("python", "x = (a, ", None),
        ("python", "if (a, ", None),
        ("python", "", None),
        ("python", "a // b(c, ", ("b", 1)),
        ("c", "f(a, /* ,( */ b, ", ("f", 2)),
        ("c", "f(a, 'x', ", ("f", 2)),
        ("javascript", "f(a, () => {\n  const x = 1, y", None),
        ("javascript", "f({ a, b: `${c}(`, d", ("f", 0)),
        ("rust", "f::<'a>(&'a x, ", ("f", 1)),
        ("rust", "vec!(a, ", ("vec", 1)),
        ("java", "new Map<String, Integer>(a, ", ("Map", 1)),
    ],
)
def test_the_call_around(language: str, text: str, found: tuple[str, int] | None) -> None:
    call = call_around(text, language)
    assert (call and (call.name, call.argument)) == found


@pytest.mark.parametrize(
    ("label", "name", "found"),
    [
        ("def f(a, b: dict[str, int] = {}, *c)", "f", ["a", "b: dict[str, int] = {}", "*c"]),
        ("def f()", "f", []),
        ("func (s *Store[T]) Get(key string, n int) (Value, error)", "Get", ["key string", "n int"]),
        ("const sleep = (ms, f = (a, b) => a)", "sleep", ["ms", "f = (a, b) => a"]),
        ("fn f<T: Fn(u8)>(a: Vec<T, A>, b: T) -> T", "f", ["a: Vec<T, A>", "b: T"]),
        ("class A", "A", None),
        ("def f(a, b, cut of…", "f", ["a", "b", "cut of…"]),
    ],
)
def test_parameters(label: str, name: str, found: list[str] | None) -> None:
    spans = parameters(label, name)
    assert (spans if spans is None else [label[slice(*span)] for span in spans]) == found


def test_any_position_of_any_fixture_is_answered() -> None:
    """Random positions, in and out of lines, of all methods: an answer or nothing, never an error."""
    from features import FIXTURES, sources

    dice = random.Random(7)
    converter = default_converter()
    for language in ("python", "cpp", "typescript", "rust"):
        assert (FIXTURES / language).exists()
        with repository(sources(language)[0]) as repo:
            asker = Asker(repo.workspace, dice.choice(["utf-8", "utf-16", "utf-32"]))
            for path in sources(language)[0]:
                for _ in range(12):
                    at = lsp.Position(dice.randrange(40), dice.randrange(90))
                    for method, params in every_request(asker.text(path), at).items():
                        converter.unstructure(asker.read(method, params))
