"""Every route, and what it takes: requests are checked by this, and OpenAPI is made of it."""

from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from memls import __version__
from memls.events import Answer
from memls.http import asking, lookups
from memls.http.completions import Chats
from memls.http.metrics import CONTENT_TYPE
from memls.http.openapi import document
from memls.http.routes import Call, Route
from memls.http.service import Service
from memls.index.code import CodeLines
from memls.memory.recall import SessionInfo

_LONGEST_QUESTION = 32_768
_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\x00-\x1f\x7f/\\]+$"}
"""A session's: it stands in addresses."""
_PATH = {"type": "string", "minLength": 1, "maxLength": 4096, "pattern": r"^[^\x00]+$"}
_QUERY = {"type": "string", "minLength": 1, "maxLength": 4096}
_REPO = {"type": "string", "minLength": 1, "maxLength": 400}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_LINE = {"type": "integer", "minimum": 1, "maximum": 100_000_000}

_ASK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["question"],
    "properties": {
        "question": {"type": "string", "minLength": 1, "maxLength": _LONGEST_QUESTION},
        "repo": {
            "anyOf": [
                _REPO,
                {"type": "array", "items": _REPO, "minItems": 1, "maxItems": 32, "uniqueItems": True},
            ]
        },
        "session": {**_NAME, "description": "Go on with a conversation, or start one by this name."},
        "model": {"type": "string", "minLength": 1, "maxLength": 200},
        "window": {"type": "integer", "minimum": 4096, "maximum": 10_000_000},
        "max_steps": {"type": "integer", "minimum": 1, "maximum": 1000},
        "max_tokens": {"type": "integer", "minimum": 1000, "maximum": 1_000_000_000},
        "max_cost": {"type": "number", "exclusiveMinimum": 0, "maximum": 1e6, "description": "Dollars."},
        "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400, "description": "Seconds."},
        "stream": {"type": "boolean", "description": "Events as they come, the last one `done`."},
    },
}
_PART = {"type": "object", "required": ["type"], "properties": {"text": {"type": "string"}}}
_CHAT = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "maxLength": 400},
        "messages": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2000,
            "items": {
                "type": "object",
                "required": ["role"],
                "properties": {
                    "role": {"type": "string"},
                    "content": {"type": ["string", "array", "null"], "items": _PART},
                },
            },
        },
        "stream": {"type": ["boolean", "null"]},
        "stream_options": {"type": ["object", "null"]},
    },
}
_NOTE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "path": {**_PATH, "description": "The file that the note is of."},
        "symbol": {"type": "string", "maxLength": 1000},
        "repo": _REPO,
    },
}
_OF = {"repo": _REPO}


def routes(service: Service) -> tuple[Route, ...]:
    """The whole table of one service."""
    chats = Chats(service)

    async def openapi(_: Service, call: Call) -> Any:
        return JSONResponse(document(table))

    table = (
        Route("GET", "/healthz", "Whether the service is there.", _health, open=True),
        Route("GET", "/metrics", "Counters in Prometheus' text format.", _metrics),
        Route("GET", "/openapi.json", "This description.", openapi),
        Route("GET", "/api/repositories", "The repositories that are served.", lookups.repositories),
        Route(
            "POST", "/api/ask", "Answer a question from the code, citing it.", asking.ask, body=_ASK,
            answer=Answer,
        ),
        Route(
            "GET", "/api/search", "Symbols, text, patterns, or what bears on a question.", lookups.search,
            {
                **_OF, "query": _QUERY, "path": _PATH,
                "kind": {"type": "string", "enum": ["auto", "symbol", "text", "regex"], "default": "auto"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20},
                "offset": {**_COUNT, "default": 0},
            },
            ("query",),
        ),
        Route(
            "GET", "/api/refs", "Uses of `Symbol`, `path:Symbol` or `path:line:column`.", lookups.references,
            {
                **_OF, "target": _QUERY,
                "kind": {
                    "type": "string", "enum": ["references", "callers", "callees", "definition"],
                    "default": "references",
                },
            },
            ("target",),
        ),
        Route(
            "GET", "/api/read", "Lines of a file, from 1, both included.", lookups.read,
            {**_OF, "path": _PATH, "start": {**_LINE, "default": 1}, "end": _LINE}, ("path",),
            answer=CodeLines,
        ),
        Route("GET", "/api/status", "What is indexed, and what is not and why.", lookups.status, _OF),
        Route(
            "GET", "/api/sessions", "Conversations, the latest first.", lookups.sessions,
            {**_OF, "query": _QUERY}, answer=list[SessionInfo],
        ),
        Route("GET", "/api/sessions/{session}", "The turns of one.", lookups.session, _OF),
        Route("DELETE", "/api/sessions/{session}", "Delete one.", lookups.forget_session, _OF),
        Route("GET", "/api/sessions/{session}/export", "One in Markdown.", _export, _OF),
        Route(
            "GET", "/api/context", "The main context of a session.", lookups.context,
            {**_OF, "session": _NAME}, ("session",),
        ),
        Route("GET", "/api/memory", "Notes, and blocks of the working context.", lookups.memory, _OF),
        Route("POST", "/api/memory", "Keep a note.", lookups.remember, body=_NOTE),
        Route("DELETE", "/api/memory/{note:int}", "Delete a note.", lookups.forget_note, _OF),
        Route("GET", "/v1/models", "The repositories as models, in OpenAI's form.", chats.models),
        Route("POST", "/v1/chat/completions", "A question in OpenAI's form.", chats.complete, body=_CHAT),
    )  # fmt: skip
    return table


async def _health(service: Service, call: Call) -> Any:
    return {"status": "ok", "version": __version__}


async def _metrics(service: Service, call: Call) -> Any:
    return Response(service.metrics.text(service.pool), media_type=CONTENT_TYPE)


async def _export(service: Service, call: Call) -> Any:
    async with service.ready(call.repository) as access:
        text = await access.sure("export", session=call.values["session"])
    return PlainTextResponse(text, media_type="text/markdown")
