"""Vectors of texts from any OpenAI-compatible endpoint (`/v1/embeddings`)."""

import importlib
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memls.models.failures import Endpoint, Refusal
from memls.models.openai import DEFAULT_URL, NO_KEY, cause

if TYPE_CHECKING:
    import openai

Vector = list[float]

_CONNECT_TIMEOUT = 5.0


class OpenAIEmbeddings:
    """The embedding model `name` at `base_url`. Blocks; safe from any thread.

    `timeout` is for one request, in seconds; `retries` is how often one is sent again.
    """

    def __init__(
        self, name: str, base_url: str | None = None, api_key: str | None = None, timeout: float = 60.0
    ) -> None:
        url = (base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL).strip()
        self.name, self.timeout = name, timeout
        self._key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip()
        self._endpoint = Endpoint(url, name, self._key)
        self._client: openai.OpenAI | None = None

    def embed(self, texts: Sequence[str], timeout: float | None = None, retries: int = 3) -> list[Vector]:
        """One vector for each text, in their order. Raises ModelError or ContextOverflowError."""
        module = importlib.import_module("openai")
        patience = timeout or self.timeout
        client = self._connected(module).with_options(
            max_retries=retries, timeout=module.Timeout(patience, connect=min(_CONNECT_TIMEOUT, patience))
        )
        try:
            answer = client.embeddings.create(model=self.name, input=list(texts), encoding_format="float")
        except module.APIStatusError as error:
            refusal = Refusal.read(error.status_code, error.body or error.response.text)
            raise self._endpoint.refused(refusal, retries=retries) from None
        except module.APITimeoutError:
            raise self._endpoint.slow(patience, "did not answer") from None
        except module.APIConnectionError as error:
            raise self._endpoint.unreachable(cause(error)) from None
        except (module.OpenAIError, ValueError) as error:  # a body that is no JSON
            raise self._endpoint.broken(f"sent no embeddings: {error}") from None
        return self._vectors(answer, len(texts))

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _vectors(self, answer: Any, wanted: int) -> list[Vector]:
        try:
            rows = sorted(answer.data, key=lambda row: int(row.index))
            vectors = [[float(number) for number in row.embedding] for row in rows]
        except (AttributeError, TypeError, ValueError):
            raise self._endpoint.broken("sent no embeddings") from None
        if len(vectors) != wanted:
            raise self._endpoint.broken(f"sent {len(vectors)} embeddings for {wanted} texts")
        if len({len(vector) for vector in vectors}) > 1 or not all(map(_is_vector, vectors)):
            raise self._endpoint.broken("sent embeddings that are no vectors of one length")
        return vectors

    def _connected(self, module: Any) -> "openai.OpenAI":
        if self._client is None:
            self._client = module.OpenAI(base_url=self._endpoint.url, api_key=self._key or NO_KEY)
        return self._client


def _is_vector(vector: Vector) -> bool:
    return any(vector) and all(map(math.isfinite, vector))
