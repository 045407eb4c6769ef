"""The editor's model, lent to the server: `memls/complete`, a request from server to client.

It carries `messages`, `tools` and `max_completion_tokens` as an OpenAI-compatible endpoint gets them, and a
`partialResultToken`. The client may stream `{"text": …}` by `$/progress` with that token, and answers with
the whole reply: `text`, `calls` ({id, name, arguments}), and token counts where it knows them.
`$/cancelRequest` tells it that nobody waits any more.
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from memls.errors import MemlsError, ModelError
from memls.lsp.settings import Lent
from memls.models.choice import summarises
from memls.models.lent import METHOD, LentModel

if TYPE_CHECKING:
    from memls.lsp.server import Server

COMPLETE = "memls/complete"


def lent_model(server: "Server", lent: Lent) -> LentModel:
    """The editor's model as a model of ours."""

    async def call(method: str, params: Any, on_event: Callable[[Any], None]) -> Any:
        return await complete(server, method, params, on_event)

    return LentModel(lent.name, lent.window, call, summarises=summarises(lent.name))


async def complete(server: "Server", method: str, params: Any, on_event: Callable[[Any], None]) -> Any:
    """Have the client's model reply. Also what answers the owner of a repository that is not ours."""
    if method != METHOD:
        raise MemlsError(f"nothing here answers {method!r}")
    token, number = str(uuid.uuid4()), str(uuid.uuid4())

    def delta(value: Any) -> None:
        if isinstance(value, dict):
            on_event({"text": str(value.get("text", ""))})

    server.partial_results[token] = delta
    sent = server.protocol.send_request(COMPLETE, {**params, "partialResultToken": token}, msg_id=number)
    try:
        return plain(await asyncio.wrap_future(sent))
    except asyncio.CancelledError:
        server.protocol.notify(types.CANCEL_REQUEST, types.CancelParams(number))
        raise
    except JsonRpcException as error:
        raise ModelError(f"the editor's model failed: {error.message}") from error
    finally:
        server.partial_results.pop(token, None)


def plain(value: Any) -> Any:
    """JSON as pygls gave it to us, named tuples and objects among it, as JSON again."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    return value
