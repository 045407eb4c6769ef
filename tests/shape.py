"""Whether JSON is what the contract says: every key that must be there, and none that is not declared."""

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from wire import Wire

from memls import events
from memls.lsp.contract import REQUESTS


def fault(value: Any, hint: Any, where: str = "$") -> str:
    """Where JSON differs from a type, and how; empty where it does not."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return ""
    if hint == events.Event:
        return _event(value, where)
    if origin is Literal:
        return "" if value in arguments else f"{where}: {value!r} is none of {arguments}"
    if origin in (Union, UnionType):
        faults = [fault(value, one, where) for one in arguments]
        return "" if "" in faults else min(faults, key=len)
    if origin in (list, tuple) and not isinstance(value, list):
        return f"{where}: {value!r} is no list"
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        return _first(fault(one, arguments[0], f"{where}[{n}]") for n, one in enumerate(value))
    if origin is tuple:
        if len(value) != len(arguments):
            return f"{where}: {len(value)} values and not {len(arguments)}"
        pairs = enumerate(zip(value, arguments, strict=True))
        return _first(fault(one, kind, f"{where}[{n}]") for n, (one, kind) in pairs)
    if origin is dict:
        if not isinstance(value, dict):
            return f"{where}: {value!r} is no object"
        return _first(fault(one, arguments[1], f"{where}.{key}") for key, one in value.items())
    if is_typeddict(hint) or is_dataclass(hint):
        return _object(value, hint, where)
    kinds = (int, float) if hint is float else hint
    right = isinstance(value, kinds) and (hint is bool or not isinstance(value, bool))
    return "" if right or (hint is NoneType and value is None) else f"{where}: {value!r} is no {hint}"


def _object(value: Any, hint: Any, where: str, besides: frozenset[str] = frozenset()) -> str:
    if not isinstance(value, dict):
        return f"{where}: {value!r} is no object"
    hints = get_type_hints(hint, include_extras=True)
    known = {field.name for field in fields(hint)} if is_dataclass(hint) else set(hints)
    optional = set() if is_dataclass(hint) else set(hint.__optional_keys__)
    if more := value.keys() - known - besides:
        return f"{where}: {sorted(more)} not in {hint.__name__}"
    if missing := known - optional - value.keys():
        return f"{where}: {sorted(missing)} of {hint.__name__} missing"
    return _first(
        fault(
            one,
            get_args(hints[key])[0] if get_origin(hints[key]) is NotRequired else hints[key],
            f"{where}.{key}",
        )
        for key, one in value.items()
        if key in known
    )


def _event(value: Any, where: str) -> str:
    kind = events.KINDS.get(value.get("type")) if isinstance(value, dict) else None
    return _object(value, kind, where, frozenset({"type"})) if kind else f"{where}: {value!r} is no event"


def _first(faults: Any) -> str:
    return next(filter(None, faults), "")


async def asked(wire: Wire, method: str, /, **params: Any) -> Any:
    """The answer to a request of ours; both must be what the contract says."""
    assert not (wrong := fault(params, REQUESTS[method].params)), wrong
    answer = await wire.ask(method, params)
    assert not (wrong := fault(answer, REQUESTS[method].answer)), wrong
    return answer
