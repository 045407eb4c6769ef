"""Editors' requests between processes: what a guest sends the owner, and what answers there."""

from functools import cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import default_converter

from memls.errors import UsageError
from memls.lsp.convert import Client
from memls.lsp.features.table import FEATURES

if TYPE_CHECKING:
    from cattrs import Converter

    from memls.workspace import Workspace

METHODS = frozenset(method for feature in FEATURES for method in feature.methods)

_OF_ONE_TEXT = frozenset(
    (
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
        types.TEXT_DOCUMENT_FOLDING_RANGE,
        types.TEXT_DOCUMENT_SELECTION_RANGE,
        types.TEXT_DOCUMENT_CODE_LENS,
    )
)
"""What these tell of a file stands in its text alone, so that its rows need not be made."""


def load() -> None:
    """Import what answers, before somebody waits for it."""
    import memls.lsp.features.readers  # noqa: F401

    _converter()


def read(workspace: "Workspace", method: str, client: Client, params: Any) -> Any:
    """A feature's answer as JSON, in the process that owns the repository."""
    from memls.lsp.features.readers import READERS

    if method in _OF_ONE_TEXT:
        return _converter().unstructure(READERS[method](workspace, client, params))
    with workspace.still() as still:
        return _converter().unstructure(READERS[method](still, client, params))


def data(method: str, client: Client, params: Any) -> dict[str, Any]:
    """The same request as JSON, for the owner."""
    return {"method": method, "client": client.as_json(), "params": _converter().unstructure(params)}


def answer(workspace: "Workspace", data: Any) -> dict[str, Any]:
    """At the owner: `answer` is what the guest passes on, which may be null."""
    method = data["method"]
    if method not in METHODS:
        raise UsageError(f"the owner of the repository does not answer {method}")
    params = _converter().structure(data["params"], _params_type(method))
    return {"answer": read(workspace, method, Client.from_json(workspace.root, data["client"]), params)}


@cache
def _params_type(method: str) -> Any:
    """The type of a method's parameters."""
    request: Any = types.METHOD_TO_TYPES[method][0]
    return next(field.type for field in request.__attrs_attrs__ if field.name == "params")


@cache
def _converter() -> "Converter":
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    return made
