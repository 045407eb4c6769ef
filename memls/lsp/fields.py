"""Parameters of our own requests: written by hand in editors' configurations, so checked one by one."""

from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from typing import Any, TypeVar, get_args, get_type_hints

from pygls.exceptions import JsonRpcInvalidParams

T = TypeVar("T", str, int)


def fields(params: object) -> dict[str, Any]:
    """The parameters as an object; none at all is an empty one."""
    if params is None or params == []:  # an empty table of Lua's may be either
        return {}
    if not isinstance(params, dict):
        raise JsonRpcInvalidParams("the parameters must be an object")
    return params


def optional(given: dict[str, Any], name: str, kind: type[T]) -> T | None:
    """One value, or None where it is not there. Raises JsonRpcInvalidParams for another type."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise JsonRpcInvalidParams(f"`{name}` must be a {'number' if kind is int else 'string'}")
    return value


def required(given: dict[str, Any], name: str) -> str:
    """A text that must be there and say something."""
    value = optional(given, name, str)
    if value is None or not value.strip():
        raise JsonRpcInvalidParams(f"`{name}` is missing or empty")
    return value


def flag(given: dict[str, Any], name: str) -> bool:
    """True or false; false where it is not there."""
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise JsonRpcInvalidParams(f"`{name}` must be true or false")
    return bool(value)


def texts(given: dict[str, Any], name: str) -> list[str]:
    """A list of texts that say something, at least one."""
    value = given.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
        raise JsonRpcInvalidParams(f"`{name}` must be a list of strings")
    return value


def rows(given: dict[str, Any], name: str, kind: Any) -> list[dict[str, Any]]:
    """A list of objects with the fields of a dataclass, those without a default at least; no others stay."""
    value = given.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise JsonRpcInvalidParams(f"`{name}` must be a list")
    return [_row(one, f"{name}[{place}]", kind) for place, one in enumerate(value)]


def _row(value: Any, where: str, kind: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise JsonRpcInvalidParams(f"`{where}` must be an object")
    found: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for one in dataclass_fields(kind):
        hint, given = hints[one.name], value.get(one.name)
        if given is None and one.default is not MISSING:
            continue
        choices = get_args(hint)
        right = given in choices if choices else isinstance(given, hint) and not isinstance(given, bool)
        if not right:
            wanted = f"one of {', '.join(choices)}" if choices else "a number" if hint is int else "a string"
            raise JsonRpcInvalidParams(f"`{where}.{one.name}` must be {wanted}")
        found[one.name] = given
    return found


def lines_of(given: dict[str, Any]) -> tuple[int, int]:
    """The lines of a `range`, or from `start` to `end`; from 1, both included.

    (0, 0) where there is none, or an empty one.
    """
    value = given.get("range")
    if value is None:
        first = optional(given, "start", int) or 0
        return (first, max(first, optional(given, "end", int) or 0)) if first > 0 else (0, 0)
    try:
        start, end = value["start"], value["end"]
        first, last = int(start["line"]) + 1, int(end["line"]) + 1
        empty = (start["line"], start["character"]) == (end["line"], end["character"])
        if last > first and int(end["character"]) == 0:
            last -= 1
    except (KeyError, TypeError, ValueError):
        raise JsonRpcInvalidParams("`range` is no range") from None
    return (0, 0) if empty or first < 1 else (first, last)
