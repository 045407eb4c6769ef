"""Parameters of our own requests: written by hand in editors' configurations, so checked one by one."""

from typing import Any, TypeVar

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


def lines_of(given: dict[str, Any]) -> tuple[int, int]:
    """The lines of a `range`, from 1, both included; (0, 0) where there is none, or an empty one."""
    value = given.get("range")
    if value is None:
        return 0, 0
    try:
        start, end = value["start"], value["end"]
        first, last = int(start["line"]) + 1, int(end["line"]) + 1
        empty = (start["line"], start["character"]) == (end["line"], end["character"])
        if last > first and int(end["character"]) == 0:
            last -= 1
    except (KeyError, TypeError, ValueError):
        raise JsonRpcInvalidParams("`range` is no range") from None
    return (0, 0) if empty or first < 1 else (first, last)
