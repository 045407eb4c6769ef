"""What editors are answered about a local variable: its definition, its uses, and the line that binds it.

A local shadows what the index knows by its name, so it is looked for first.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol.types import (
    DocumentHighlight,
    DocumentHighlightKind,
    Location,
    LocationLink,
    Range,
)

from memls.lsp import convert
from memls.lsp.convert import Client
from memls.text import visible

if TYPE_CHECKING:
    from memls.lsp.features.cursor import Cursor
    from memls.source.locals import Place


def places(cursor: "Cursor") -> "Sequence[Place]":
    """Every place of the local that is named at a cursor; none where the name is of something else.

    What is defined inside a function and has a name of its own in the index is left to that.
    """
    view = cursor.view
    if view is None or view.language is None or cursor.word is None:
        return ()
    found = cursor.workspace.code.locals(view).at(cursor.line, cursor.column)
    named = {(symbol.name_line, symbol.name_column) for symbol in view.symbols}
    return () if any((one.line, one.column) in named for one in found if one.binds) else found


def definition(
    cursor: "Cursor", client: Client, found: "Sequence[Place]", feature: str
) -> list[Location] | list[LocationLink]:
    """Where it is bound first."""
    uri, where = client.uris.uri(cursor.path), _range(cursor, client, _first(found))
    if feature in client.links:
        return [LocationLink(uri, where, where, cursor.word)]
    return [Location(uri, where)]


def references(cursor: "Cursor", client: Client, found: "Sequence[Place]", *, all_: bool) -> list[Location]:
    """All its places, or all but the one that is its definition."""
    uri, first = client.uris.uri(cursor.path), _first(found)
    return [Location(uri, _range(cursor, client, one)) for one in found if all_ or one != first]


def highlights(cursor: "Cursor", client: Client, found: "Sequence[Place]") -> list[DocumentHighlight]:
    """All its places, told apart by whether they give it a value."""
    kinds = {True: DocumentHighlightKind.Write, False: DocumentHighlightKind.Read}
    return [DocumentHighlight(_range(cursor, client, one), kinds[one.binds]) for one in found]


def described(cursor: "Cursor", found: "Sequence[Place]") -> tuple[str, str]:
    """The line that binds it first, and where that is."""
    line = _first(found).line
    text = cursor.view.lines[line - 1].strip() if cursor.view else ""
    return visible(text), visible(f"{cursor.path}:{line}")


def _first(found: "Sequence[Place]") -> "Place":
    return next(one for one in found if one.binds)


def _range(cursor: "Cursor", client: Client, one: "Place") -> Range:
    text = cursor.view.lines[one.line - 1] if cursor.view else ""
    return convert.word_range(text, one.line, one.column, cursor.name, client.encoding)
