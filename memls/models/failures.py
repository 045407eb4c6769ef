"""What can go wrong at a model endpoint, as one line for the reader.

Pure: from statuses and texts to errors, without a client. No line ever has the key in it, nor the prompt:
of a provider's own text only the message is shown, cut short.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from memls.errors import ContextOverflowError, ModelError
from memls.models.overflow import Overflow, find_overflow
from memls.text import shorten, visible

_KEY_LIKE = re.compile(r"\b(?:(?:sk|gsk|xai|hf|key)[-_][\w*.-]{8,}|Bearer \S+)")
_ECHO = re.compile(r"""['"]input['"]\s*:.*""", re.DOTALL)
_MODELS_SHOWN = 5
_DETAIL = 240


class BrokenReplyError(ModelError):
    """A reply that began and did not end well: cut, malformed or empty. The same request may succeed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the provider sent it: HTTP status (0 inside a stream), its code and type, its text."""

    status: int
    text: str
    code: str = ""
    body: object = None

    @classmethod
    def read(cls, status: int, body: object) -> "Refusal":
        """From the JSON (or text) of an error, in the shapes of OpenAI, FastAPI, llama.cpp and Ollama."""
        if isinstance(body, dict) and isinstance(body.get("error"), dict | str):
            body = body["error"]
        fields: dict[str, Any] = body if isinstance(body, dict) else {}
        code = " ".join(str(fields[name]) for name in ("code", "type") if fields.get(name))
        if isinstance(fields.get("code"), int) and not status:
            status = fields["code"]
        return cls(status, _message(body), code, body)

    def overflow(self) -> Overflow | None:
        """What it says of a too-long request, or None where it is about something else."""
        if self.status in (401, 403, 404, 429):
            return None
        found = find_overflow(f"{self.code} {self.text}", self.body)
        return Overflow() if found is None and self.status == 413 else found

    def rejects(self, parameter: str) -> bool:
        """Whether it says that `parameter` is unknown or unsupported (and not that its value is wrong)."""
        if self.status not in (400, 404, 422) or self.overflow():
            return False
        named_by = self.body.get("param") if isinstance(self.body, dict) else ""
        whole = f"{self.code} {named_by} {self.text}".lower()
        named = re.search(rf"(?<![a-z_]){parameter}(?![a-z_])", whole)
        return bool(named and _UNSUPPORTED.search(whole))

    def rejects_tools(self) -> bool:
        """Whether it says that this model, or this server, takes no function calls."""
        return self.status in (400, 404, 422, 500, 501) and bool(_NO_TOOLS.search(self.text))


_NO_TOOLS = re.compile(
    r"support (?:\w+ ){0,2}(?:tools?\b|function.?call)"  # Ollama, OpenRouter
    r"|tool choice requires|tool.call.parser"  # vLLM
    r"|tools? param requires"  # llama.cpp without its template engine
    r"|(?:tools?|function calling|tool calling|tool use) (?:is|are) not (?:supported|enabled|available)",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(
    r"un(?:supported|recognized|recognised|known|expected)"
    r"|not (?:supported|permitted|allowed|recognized|known)"
    r"|(?:doesn't|does not|no) support|extra_forbidden|extra (?:inputs|fields)|additional propert"
    r"|invalid (?:parameter|argument|field)|is deprecated"
)


def _message(body: object) -> str:
    """The human part of an error's JSON. Pydantic's details echo the input, so only place and message."""
    if isinstance(body, str):
        return "" if body.lstrip().startswith("<") else body
    if not isinstance(body, dict):
        return ""
    detail = body.get("detail")
    if isinstance(detail, list):
        places = [item for item in detail if isinstance(item, dict)]
        return "; ".join(
            f"{'.'.join(map(str, item.get('loc', ())))}: {item.get('msg', '')}" for item in places
        )
    for value in (body.get("message"), detail, body.get("error")):
        if value:
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, for error lines. `key` is only here so that it can be taken out of them."""

    url: str
    model: str
    key: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """The address without user, password and query, which can hold secrets."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")

    def clean(self, text: str) -> str:
        """A foreign text made fit for an error line: short, no key, no echo, no control characters."""
        if self.key:
            text = text.replace(self.key, "***")
        text = _ECHO.sub("…", _KEY_LIKE.sub("***", text))
        return shorten(visible(" ".join(text.split())), _DETAIL).rstrip(". ")

    def unreachable(self, reason: str) -> ModelError:
        """No connection: refused, unknown host, TLS, a proxy."""
        return ModelError(
            f"cannot reach the model endpoint {self.place}: {self.clean(reason)};"
            " is it running? check OPENAI_BASE_URL",
            retryable=True,
        )

    def slow(self, seconds: float, what: str) -> ModelError:
        """A timeout. `what` did not happen within `seconds`."""
        return ModelError(
            f'the model endpoint {self.place} {what} within {seconds:g} s (model "{self._name}");'
            " ask again, allow more time or choose a faster model",
            retryable=True,
        )

    def broken(self, what: str, *, retryable: bool = True) -> ModelError:
        """A reply that cannot be used. `what` completes "the model endpoint …"."""
        line = f'the model endpoint {self.place} {self.clean(what)} (model "{self._name}")'
        return BrokenReplyError(f"{line}; ask again") if retryable else ModelError(line)

    def overflow(self, found: Overflow) -> ContextOverflowError:
        """The provider counted more than it takes."""
        counted = f"{found.counted:,} tokens" if found.counted else "too many tokens"
        limit = f"; its limit is {found.limit:,}" if found.limit else ""
        return ContextOverflowError(
            f'the model endpoint {self.place} counted {counted} for model "{self._name}"{limit};'
            " ask with a smaller --window",
            limit=found.limit,
            counted=found.counted,
        )

    def refused(
        self, refusal: Refusal, *, retries: int = 0, models: Sequence[str] | None = None
    ) -> ModelError:
        """Any other error that the provider answered. `models` are those it knows, None if it did not say."""
        if found := refusal.overflow():
            return self.overflow(found)
        status, place = refusal.status, f"the model endpoint {self.place}"
        detail = f": {text}" if (text := self.clean(refusal.text)) else ""
        http = f"HTTP {status}" if status else "an error in the stream"
        if status in (401, 403) or "insufficient_quota" in refusal.code:
            return self._not_allowed(refusal, http, detail)
        if (status == 404 or "model_not_found" in refusal.code) and self.model not in (models or ()):
            return self._unknown(detail, models)
        times = f" after {retries + 1} tries" if retries and (status == 429 or status >= 500) else ""
        if status == 429:
            return ModelError(
                f'{place} limits the rate of model "{self._name}" ({http}{times}){detail};'
                " wait and ask again",
                retryable=True,
            )
        if status >= 500 or status in (0, 408, 409):
            return ModelError(
                f'{place} failed on model "{self._name}" ({http}{times}){detail};'
                " ask again, or look at the server's log",
                retryable=True,
            )
        return ModelError(
            f'{place} refused the request for model "{self._name}" ({http}){detail};'
            " check the model and the server's options"
        )

    def _not_allowed(self, refusal: Refusal, http: str, detail: str) -> ModelError:
        """About the key. OpenAI's text for a wrong one shows its ends, so that text is left out."""
        place = f"the model endpoint {self.place}"
        if refusal.status == 401:
            advice = "set OPENAI_API_KEY to a valid one" if self.key else "set OPENAI_API_KEY"
            said = "rejected the API key" if self.key else "wants an API key"
            return ModelError(f"{place} {said} ({http}); {advice}")
        if refusal.status == 403:
            return ModelError(
                f'{place} does not allow this key to use model "{self._name}" ({http}){detail};'
                " check the key's permissions, or choose another model"
            )
        return ModelError(f"{place} has no quota left for this key ({http}); check its plan and billing")

    def _unknown(self, detail: str, models: Sequence[str] | None) -> ModelError:
        if models is None:
            return ModelError(
                f'the model endpoint {self.place} answers 404 for model "{self._name}"{detail};'
                " check the address (most end in /v1) and the model's name"
            )
        shown = ", ".join(self.clean(model) for model in models[:_MODELS_SHOWN]) or "none"
        more = f" and {len(models) - _MODELS_SHOWN} more" if len(models) > _MODELS_SHOWN else ""
        return ModelError(
            f'the model endpoint {self.place} has no model "{self._name}"; it has {shown}{more};'
            " choose one with --model or MEMLS_MODEL"
        )

    @property
    def _name(self) -> str:
        return shorten(visible(self.model), 80)
