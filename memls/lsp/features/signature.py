"""textDocument/signatureHelp: the parameters of the call around a position.

Calls are written before they are whole, when a syntax tree has errors just there. So the call is found in the
text: strings and comments are skipped, brackets are counted from the definition around on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol.types import (
    ParameterInformation,
    Position,
    SignatureHelp,
    SignatureHelpParams,
    SignatureInformation,
)

from memls.index.code import Place, View
from memls.index.edges import Edge
from memls.index.scoping import TYPE_KINDS
from memls.lsp import convert
from memls.lsp.convert import Client
from memls.lsp.features.cursor import Cursor, nearest
from memls.source.outline import Symbol
from memls.text import visible

if TYPE_CHECKING:
    from memls.workspace import Workspace

_LINES = 200
"""How far above the position a call may begin."""
_WIDEST = 20_000
_SHOWN = 10
_TOKEN = re.compile(
    r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"?|\'(?:[^\'\\\n]|\\.)*\'?|`(?:[^`\\]|\\.)*`?|//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)'
    r"|[()\[\]{},;]|=>|->",
    re.DOTALL,
)
_CALLED = re.compile(r"([\w$]+)!?\s*(?:(?:::)?<[^<>()]*>|\[[^\[\]()]*\])?\s*\Z")
_NOT_CALLED = frozenset(
    "if for while switch return catch match elif with assert and or not in function func fn def await yield"
    " class struct enum trait interface".split()
)
_SELF = re.compile(r"(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?(?:self|cls)(?:\s*:.*)?\Z", re.DOTALL)
_KEYWORD = re.compile(r"\s*([^\W\d]\w*)\s*(?:=(?!=)|:(?!:))")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(slots=True)
class Call:
    """A call whose arguments are around a position: where its name ends, and which argument it is."""

    end: int
    name: str
    argument: int
    start: int
    """Where the argument begins, as an index of the text like `end`."""
    opened: int
    """Where the bracket is."""


def signature_help(
    workspace: "Workspace", client: Client, params: SignatureHelpParams
) -> SignatureHelp | None:
    """The signatures that the call around a position can have; candidates say so in their documentation."""
    here = Cursor.of(workspace, client, params)
    if here.view is None or here.line > len(here.view.lines) or len(here.text) > _WIDEST:
        return None
    first = _first_line(here)
    text = "\n".join([*here.view.lines[first - 1 : here.line - 1], here.text[: here.index]])
    call = call_around(text, here.view.language or "")
    if call is None:
        return None
    line = first + text.count("\n", 0, call.end)
    column = call.end - (text.rfind("\n", 0, call.end) + 1)
    at = convert.position(here.view.lines[line - 1], line, max(0, column - 1), client.encoding)
    found = _signatures(workspace, client, _called(workspace, client, params, at), text[call.start :], call)
    return SignatureHelp(found, 0, found[0].active_parameter) if found else None


def call_around(text: str, language: str) -> Call | None:
    """The innermost call that is still open where the text ends."""
    open_: list[tuple[str, Call]] = []
    at = 0
    while match := _TOKEN.search(text, at):
        token, at = match.group(), match.end()
        if token in ('"""', "'''"):
            end = text.find(token, at)
            at = len(text) if end < 0 else end + 3
        elif token[0] == "#" and language not in ("python", ""):
            at = match.start() + 1
        elif token[:2] == "//" and language == "python":
            at = match.start() + 2
        elif token[0] == "'" and language == "rust" and not re.match(r"'(?:\\.|[^\\'])'", token):
            at = match.start() + 1  # a lifetime
        elif token in _OPENING:
            name = _CALLED.search(text, max(0, match.start() - 200), match.start()) if token == "(" else None
            called = name.group(1) if name and name.group(1) not in _NOT_CALLED else ""
            open_.append((token, Call(name.end(1) if name else 0, called, 0, at, match.start())))
        elif token in _CLOSING:
            if open_:
                open_.pop()
        elif token == "," and open_:
            open_[-1][1].argument += 1
            open_[-1][1].start = at
        elif token == ";" and open_ and open_[-1][0] != "{":
            open_.clear()
    return _innermost(text, open_)


def _innermost(text: str, open_: Sequence[tuple[str, Call]]) -> Call | None:
    for bracket, call in reversed(open_):
        if bracket == "(" and call.name:
            return call
        if bracket == "{" and not text[: call.opened].rstrip().endswith((",", "(", "[", ":", "=", "{")):
            return None  # a body: what is around it is no call that is being written
    return None


def _first_line(here: Cursor) -> int:
    """The first line of the definition around, where it is not too far above."""
    around = here.around()
    return max(1, here.line - _LINES, around.line if around else 1)


def _called(workspace: "Workspace", client: Client, params: SignatureHelpParams, at: Position) -> list[Edge]:
    """What the called name means; where it is written but not known as a use, all definitions named so."""
    cursor = Cursor(workspace, client, params.text_document.uri, at)
    if edges := cursor.definitions():
        return edges
    places = workspace.code.find_symbols(cursor.name, _SHOWN) if cursor.name else []
    reason = "by name"
    return [
        Edge(cursor.path, cursor.line, cursor.column, "", "call", "candidate", reason, place)
        for place in places
    ]


def _signatures(
    workspace: "Workspace", client: Client, edges: Sequence[Edge], argument: str, call: Call
) -> list[SignatureInformation]:
    found: list[SignatureInformation] = []
    for edge in edges[:_SHOWN]:
        view = workspace.code.try_view(edge.target.path)
        symbol = nearest(view, edge.target.symbol, edge.target.line) if view else None
        if view is not None and symbol is not None:
            made = (_information(client, one, edge, argument, call) for one in _constructors(view, symbol))
            found += [one for one in made if one]
    return found


def _constructors(view: View, symbol: Symbol) -> list[Symbol]:
    """What is called where a class is: its constructors, where it has some."""
    if symbol.kind not in TYPE_KINDS:
        return [symbol]
    ordinal = view.symbols.index(symbol)
    own = [one for one in view.symbols if one.kind == "constructor" and one.parent == ordinal]
    return own or [symbol]


def _information(
    client: Client, symbol: Symbol, edge: Edge, argument: str, call: Call
) -> SignatureInformation | None:
    label = visible(symbol.signature)
    spans = parameters(label, symbol.name)
    if spans is None:
        return None
    if spans and _SELF.match(label[slice(*spans[0])]) and symbol.kind != "function":
        spans = spans[1:]
    texts = [label[slice(*span)] for span in spans]
    shown = [
        ParameterInformation(_offsets(label, span) if client.label_offsets else text)
        for span, text in zip(spans, texts, strict=True)
    ]
    note = "" if edge.status == "resolved" else f"candidate {_where(edge.target)} ({visible(edge.reason)})"
    documentation = "\n\n".join(filter(None, (note, visible(symbol.docstring))))
    active = _active(texts, call.argument, argument)
    return SignatureInformation(label, documentation or None, shown, active)


def _active(texts: Sequence[str], argument: int, written: str) -> int | None:
    """Which parameter is being written: the one that is named, else by position."""
    keyword = _KEYWORD.match(written)
    if keyword:
        for number, text in enumerate(texts):
            if re.match(rf"\**{re.escape(keyword.group(1))}\b", text):
                return number
    positional = [n for n, text in enumerate(texts) if text not in ("*", "/")]
    if argument < len(positional):
        return positional[argument]
    rest = [n for n in positional if texts[n].startswith("*") or "..." in texts[n]]
    return rest[0] if rest else None


def parameters(label: str, name: str) -> list[tuple[int, int]] | None:
    """Where each parameter stands in a signature; None where it has no parentheses."""
    named = re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", label)
    depth, start, opened = 0, 0, False
    found: list[tuple[int, int]] = []
    for at in range(named.end() if named else 0, len(label)):
        char = label[at]
        if char in "([{<":
            depth += 1
            if depth == 1 and char == "(" and not opened:
                opened, start = True, at + 1
        elif char in ")]}" or (char == ">" and label[at - 1] not in "-="):
            depth -= 1
            if opened and depth == 0:
                return [*found, *_trimmed(label, start, at)]
        elif char == "," and opened and depth == 1:
            found += _trimmed(label, start, at)
            start = at + 1
    return [*found, *_trimmed(label, start, len(label))] if opened else None


def _trimmed(label: str, start: int, end: int) -> list[tuple[int, int]]:
    text = label[start:end]
    left = start + len(text) - len(text.lstrip())
    return [(left, left + len(text.strip()))] if text.strip() else []


def _offsets(label: str, span: tuple[int, int]) -> tuple[int, int]:
    """In UTF-16 code units, whatever positions are counted in."""
    start, end = (len(label[:at].encode("utf-16-le", "replace")) // 2 for at in span)
    return start, end


def _where(place: Place) -> str:
    return visible(f"{place.path}:{place.line}")
