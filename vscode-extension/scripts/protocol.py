"""Writes src/protocol.ts from memls/lsp/contract.py: run it when the contract has changed.

`python vscode-extension/scripts/protocol.py`, with the repository's environment.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from memls import events
from memls.lsp import contract

FILE = Path(__file__).parents[1] / "src" / "protocol.ts"
ABOUT = "What the server and its clients say to each other beyond LSP. Generated from memls/lsp/contract.py."
ALIASES = ("CitationStatus", "PageState", "PageDetail")
SHARED = (events.Citation, events.Usage, events.PageInfo, events.Answer)
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}
WIDTH = 110


def protocol() -> str:
    """The text of the file."""
    named = [value for value in vars(contract).values() if inspect.isclass(value) and _is_own(value)]
    blocks = [
        f"/** {ABOUT} */",
        "\n".join(f"export type {name} = {_literal(getattr(events, name))};" for name in ALIASES),
        *map(_interface, SHARED),
        "\n".join(["export type Event =", *_events()]) + ";",
        *map(_interface, named),
        "/** The notification `memls/event`. */\nexport type AskEvent = Event & { token: string };",
        "\n".join(["/** Requests by method: parameters and answer. */", *_requests()]),
        "\n".join(["/** Notifications of the server by method. */", *_notifications()]),
    ]
    return "\n\n".join(blocks) + "\n"


def _is_own(value: type) -> bool:
    return value.__module__ == contract.__name__ and issubclass(value, dict)


def _interface(kind: type) -> str:
    own = _own_fields(kind)
    bases = [base.id for base in _source(kind).bases if isinstance(base, ast.Name) and base.id != "TypedDict"]
    extends = f" extends {', '.join(bases)}" if bases else ""
    lines = [*_comment(_docstring(kind)), f"export interface {kind.__name__}{extends} {{"]
    for name, about in own.items():
        lines += _comment(about, "  ")
        lines.append(f"  {_field(kind, name)};")
    return "\n".join([*lines, "}"])


def _events() -> Iterator[str]:
    for name, kind in events.KINDS.items():
        fields = "; ".join([f'type: "{name}"', *(_field(kind, field) for field in _own_fields(kind))])
        yield f"  | {{ {fields} }}"


def _requests() -> Iterator[str]:
    yield "export interface Requests {"
    for method, request in contract.REQUESTS.items():
        yield from _comment(request.about, "  ")
        yield f'  "{method}": [{_type(request.params)}, {_type(request.answer)}];'
    yield "}"


def _notifications() -> Iterator[str]:
    yield "export interface Notifications {"
    for method, kind in contract.NOTIFICATIONS.items():
        yield f'  "{method}": {"AskEvent" if kind is events.Event else _type(kind)};'
    yield "}"


def _field(kind: type, name: str) -> str:
    hint = get_type_hints(kind, include_extras=True)[name]
    if get_origin(hint) in (NotRequired, Required):
        (hint,) = get_args(hint)
    optional = name in getattr(kind, "__optional_keys__", ())
    return f"{name}{'?' if optional else ''}: {_type(hint)}"


def _type(hint: Any) -> str:
    """A Python type in TypeScript. A kind that is not known here is an error, and no `any`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if hint == events.Event:
        return "Event"
    if origin is Literal:
        return next((name for name in ALIASES if getattr(events, name) == hint), _literal(hint))
    if origin in (Union, UnionType):
        return " | ".join(map(_type, arguments))
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        inner = _type(arguments[0])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(map(_type, arguments))}]"
    if origin is dict and arguments[0] is str:
        return f"Record<string, {_type(arguments[1])}>"
    if inspect.isclass(hint) and _is_named(hint):
        return hint.__name__
    raise TypeError(f"no TypeScript for {hint!r}")


def _is_named(kind: Any) -> bool:
    return kind in SHARED or (inspect.isclass(kind) and kind.__module__ == contract.__name__)


def _literal(hint: Any) -> str:
    return " | ".join(f'"{value}"' for value in get_args(hint))


def _own_fields(kind: type) -> dict[str, str]:
    """The fields that a class declares itself, each with the docstring below it."""
    found: dict[str, str] = {}
    last = ""
    for node in _source(kind).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
            found[last] = ""
        elif last and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[last] = inspect.cleandoc(str(node.value.value))
    return found


def _docstring(kind: type) -> str:
    """A class's own; dataclasses and typed dictionaries have one made up where they were given none."""
    return ast.get_docstring(_source(kind)) or ""


def _source(kind: type) -> ast.ClassDef:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    return body


def _comment(text: str, indent: str = "") -> Iterator[str]:
    if not text:
        return
    lines = [line for part in text.split("\n\n") for line in textwrap.wrap(" ".join(part.split()), WIDTH)]
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
        return
    yield f"{indent}/**"
    yield from (f"{indent} * {line}" for line in lines)
    yield f"{indent} */"


if __name__ == "__main__":
    FILE.write_text(protocol(), "utf-8", newline="\n")
