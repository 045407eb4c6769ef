"""Editors' requests about code: which repository one is for, and its answer, made ready in a thread.

Making JSON of a long answer takes as long as finding it, so that is not done on the event loop either.
"""

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from memls.lsp import forwarded
from memls.lsp.convert import Client
from memls.lsp.features.table import Feature
from memls.lsp.lending import plain
from memls.lsp.protocol import Encoded
from memls.lsp.roots import Root

if TYPE_CHECKING:
    from memls.lsp.server import Server
    from memls.workspace import Workspace


_PIECE = 32
"""Items of a list that are made JSON at once."""


async def read(server: "Server", feature: Feature, method: str, params: Any) -> Any:
    """A feature's answer: of the file's repository, of all of them where there is no file."""
    empty = feature.before(method, params)
    if not server.settings.on(feature.name, feature.on):
        return empty
    root, named = _root_of(server, params)
    roots = [root] if root else list(server.roots)
    if named and root is None:
        return await _of_a_stranger(server, method, params) or empty
    if not roots or (root is None and empty is params):
        return empty
    mark = len(server.roots) > 1
    found = await asyncio.gather(*(_answer(root, method, params, mark=mark) for root in roots))
    parts = [part for part in found if part is not None]
    if not parts:
        return empty
    if len(roots) == 1:
        return Encoded(parts[0])
    return Encoded(f"[{', '.join(inner for part in parts if (inner := part[1:-1]))}]")


async def _of_a_stranger(server: "Server", method: str, params: Any) -> Encoded | None:
    """What the text of a file tells that no repository has."""

    def work(workspace: "Workspace", client: Client) -> str:
        return _text(forwarded.read(workspace, method, client, params), "")

    found = await server.strangers.read(uri_of(params) or "", method, work)
    return Encoded(found) if found is not None else None


async def _answer(root: Root, method: str, params: Any, *, mark: bool) -> str | None:
    """The answer of one repository as JSON text; None before it is open."""

    def local(workspace: "Workspace") -> str:
        return _text(forwarded.read(workspace, method, root.client, params), str(root.path) if mark else "")

    answer = await root.access.read(local, partial(forwarded.data, method, root.client, params))
    if answer is None or isinstance(answer, str):
        return answer
    return await asyncio.to_thread(_text, answer["answer"], str(root.path) if mark else "")


def _text(answer: Any, root: str) -> str:
    """JSON, piece by piece: the encoder keeps every other thread waiting while it makes one."""
    if root:
        _mark(answer, root)
    if isinstance(answer, list):
        pieces = (json.dumps(answer[i : i + _PIECE])[1:-1] for i in range(0, len(answer), _PIECE))
        return f"[{', '.join(pieces)}]"
    return json.dumps(answer)


def _root_of(server: "Server", params: Any) -> tuple[Root | None, bool]:
    """The repository that a request is about, and whether it names a file or a repository at all."""
    data = plain(getattr(params, "data", None))
    if isinstance(data, dict) and isinstance(data.get("root"), str):
        return server.roots.at(data["root"]), True
    uri = uri_of(params)
    if uri is not None:
        found = server.roots.of(uri)
        return (found[0] if found else None), True
    if data is not None and len(server.roots) == 1:
        return next(iter(server.roots)), True
    return None, False


def uri_of(params: Any) -> str | None:
    """The uri of the file that a request is about, or None where it is about none."""
    for holder in (params, getattr(params, "item", None)):
        document = getattr(holder, "text_document", None) or getattr(holder, "location", None) or holder
        uri = getattr(document, "uri", None)
        if isinstance(uri, str):
            return uri
    return None


def _mark(answer: Any, root: str) -> None:
    """Write into what a client gives back later (`data`) which of several repositories it is of."""
    found = answer.get("items", ()) if isinstance(answer, dict) else answer or ()
    for item in found:
        data = item.get("data") if isinstance(item, dict) else None
        if isinstance(data, dict):
            data["root"] = root
