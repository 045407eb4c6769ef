"""The commands that lenses and actions name, and the questions that they ask.

A question names the symbol as code and its place, so that looking it up is done before the model is called.
"""

from typing import Any

from lsprotocol.types import Command, Range

from memls.text import visible

ASK = "memls.ask"
REMEMBER = "memls.remember"


def ask(title: str, question: str, uri: str, where: Range) -> Command:
    """Ask in the client's own way; the answer's place is its matter."""
    return Command(title, ASK, arguments=[{"question": question, "uri": uri, "range": _plain(where)}])


def remember(title: str, uri: str, where: Range, symbol: str) -> Command:
    return Command(title, REMEMBER, arguments=[{"uri": uri, "range": _plain(where), "symbol": symbol}])


def named(symbol: str, path: str, line: int) -> str:
    """A symbol with its place, as questions name it."""
    return visible(f"`{symbol}` ({path}:{line})")


def explain(what: str) -> str:
    return f"Explain {what}: what it is for, how it works, and what it relies on."


def who_calls(what: str) -> str:
    return f"Who calls {what}, directly or through others, and why?"


def what_breaks(what: str) -> str:
    return f"What would break if {what} changed? Name the callers, tests and subclasses that rely on it."


def _plain(where: Range) -> dict[str, Any]:
    """A range as JSON: arguments are not converted on their way out."""
    return {
        "start": {"line": where.start.line, "character": where.start.character},
        "end": {"line": where.end.line, "character": where.end.character},
    }
