"""What is known of a model by its name: window, prices, whether it calls functions. Data, not code.

Shipped in `profiles.toml`; the user's own `models.toml` comes first, entry by entry and field by field.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from memls.errors import UsageError

_MILLION = 1_000_000
EXTRACTIVE = "extractive"
SUMMARIES = ("model", EXTRACTIVE)
"""Who writes the recursive summary: the model, or rules where it is too slow or too weak for that."""
_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "window": (int,),
    "tools": (bool,),
    "prompt": (str,),
    "instructions": (str,),
    "summary": (str,),
    "input": (int, float),
    "cached": (int, float),
    "output": (int, float),
}
_WANTED = {
    "tools": "true or false",
    "prompt": "a text",
    "instructions": "a text",
    "summary": " or ".join(f'"{one}"' for one in SUMMARIES),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million tokens. `cached` is for those of a prompt that the provider had seen before."""

    input: float
    output: float
    cached: float

    def cost(self, prompt: int, cached: int, completion: int) -> float:
        """Dollars for one call; `cached` is a part of `prompt`."""
        fresh = max(0, prompt - cached)
        return (fresh * self.input + cached * self.cached + completion * self.output) / _MILLION


@dataclass(frozen=True, slots=True)
class Profile:
    """One model. None: not known."""

    window: int | None = None
    tools: bool | None = None
    prompt: str | None = None
    instructions: str | None = None
    summary: str | None = None
    input: float | None = None
    cached: float | None = None
    output: float | None = None

    @property
    def prices(self) -> Prices | None:
        """What it costs, where both directions are known."""
        if self.input is None or self.output is None:
            return None
        return Prices(self.input, self.output, self.input if self.cached is None else self.cached)


UNKNOWN = Profile()
"""Of a model that nobody knows anything of."""


def profile_of(name: str, own: Path | None = None) -> Profile:
    """What is known of the model `name`; `own` is the user's file, which may be missing.

    Raises UsageError with the file and what is wrong in it.
    """
    profile = _match(name, _entries(own)) if own is not None and own.is_file() else UNKNOWN
    shipped = tomllib.loads(resources.files("memls.models").joinpath("profiles.toml").read_text("utf-8"))
    known = _match(name, shipped["model"])
    missing = {f.name: getattr(known, f.name) for f in fields(Profile) if getattr(profile, f.name) is None}
    return replace(profile, **missing)


def _match(name: str, entries: list[Mapping[str, Any]]) -> Profile:
    """The first entry for the name, with or without what stands before it (`openai/gpt-4o`)."""
    names = (name.lower(), name.lower().rpartition("/")[2])
    for entry in entries:
        if any(fnmatchcase(one, entry["name"].lower()) for one in names):
            return Profile(**{key: value for key, value in entry.items() if key != "name"})
    return UNKNOWN


def _entries(path: Path) -> list[Mapping[str, Any]]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path}: {error}") from error
    entries = data.get("model", [])
    if not isinstance(entries, list) or set(data) - {"model"}:
        raise UsageError(f"{path}: it holds [[model]] entries and nothing else")
    for entry in entries:
        _check(path, entry)
    return entries


def _check(path: Path, entry: Any) -> None:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise UsageError(f'{path}: each [[model]] needs a name, as in name = "gpt-4o*"')
    for key, value in entry.items():
        if key not in _TYPES:
            raise UsageError(f"{path}: {entry['name']}: unknown key {key!r}; known: {', '.join(_TYPES)}")
        wrong = not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and key != "tools")
        if wrong or (isinstance(value, int | float) and value < 0):
            raise UsageError(f"{path}: {entry['name']}: {key} must be {_WANTED.get(key, 'a number')}")
        if key == "summary" and value not in SUMMARIES:
            raise UsageError(f"{path}: {entry['name']}: {key} must be {_WANTED[key]}")
