"""OpenAPI 3.1 of the table of routes. Answers are described by their types."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memls import __version__

if TYPE_CHECKING:
    from memls.http.routes import Route

_CONVERTED = re.compile(r"\{(\w+)(?::(\w+))?\}")
_KINDS = {"": "string", "int": "integer"}
_ABOUT = "Questions about code, answered with checked citations."
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type"],
            "properties": {"message": {"type": "string"}, "type": {"type": "string"}},
        }
    },
}


def document(routes: "Sequence[Route]") -> dict[str, Any]:
    """The whole description."""
    schemas: dict[str, Any] = {"Error": _ERROR}
    paths: dict[str, Any] = {}
    for route in routes:
        path = _CONVERTED.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "memls", "version": __version__,  "summary": _ABOUT},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _operation(route: "Route", schemas: dict[str, Any]) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": _KINDS[kind]}}
        for name, kind in _CONVERTED.findall(route.path)
    ]  # fmt: skip
    in_query = [
        {"name": name, "in": "query", "required": name in route.needs, "schema": schema}
        for name, schema in route.query.items()
    ]
    plain = _CONVERTED.sub(r"\1", route.path)
    name = "_".join(re.findall(r"\w+", f"{route.method.lower()} {plain}"))
    found: dict[str, Any] = {
        "operationId": name,
        "summary": route.about,
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {"application/json": {"schema": _answer(route, schemas)}},
            },
            "default": {
                "description": "What is wrong.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }  # fmt: skip
    if route.open:
        found["security"] = []
    if in_path or in_query:
        found["parameters"] = [*in_path, *in_query]
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": route.body}}}
    return found


def _answer(route: "Route", schemas: dict[str, Any]) -> dict[str, Any]:
    if route.answer is None:
        return {}
    from pydantic import TypeAdapter

    made = TypeAdapter(route.answer).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(made.pop("$defs", {}))
    return made
