"""A file of questions and rules, read and validated: what it says wrong is told with its line.

YAML by PyYAML, the rules of the file by `schema.json` (JSON Schema 2020-12), which editors can use too.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memls.errors import MachineError, UsageError
from memls.text import shorten

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_LARGEST = 1 << 20
"""Bytes of a file."""
_MOST_VALUES = 100_000
"""Values in a file, each time that an alias names one: nine lines of aliases can make a billion."""
_DEEPEST = 50
_LONGEST = 200
_SHARED = ("model", "window", "budget", "samples", "agreement")
"""What a file may say once for all of its questions."""

Spot = tuple[str | int, ...]
"""A value by the keys and places that lead to it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a question may take; 0: no limit of its own."""

    tokens: int = 0
    steps: int = 0
    seconds: float = 0.0
    money: float = 0.0


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected of an answer. Patterns are compiled, texts as they were written."""

    files: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    matches: tuple[re.Pattern[str], ...] = ()
    does_not_match: tuple[re.Pattern[str], ...] = ()
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `line` is where it stands in its file."""

    name: str
    line: int
    ask: str
    expect: Expectations
    model: str | None = None
    window: int | None = None
    budget: Budget = field(default_factory=Budget)
    samples: int = 1
    agreement: float = 1.0


@dataclass(frozen=True, slots=True)
class NamedRule:
    """One rule, as `memls.index.rules` takes it."""

    name: str
    line: int
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckFile:
    path: str
    questions: tuple[Question, ...]
    rules: tuple[NamedRule, ...]


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of these files."""
    text = resources.files("memls.checks").joinpath("schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def read(path: Path) -> CheckFile:
    """Raises UsageError with `file:line` and what is wrong there, for the first mistake."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than a megabyte: split it")
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path}") from error
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror or error}") from error
    return parse(text, str(path))


def parse(text: str, path: str) -> CheckFile:
    """The same of a text."""
    value, lines = _loaded(text, path)
    _validate(value, lines, path)
    shared = {
        key: value[key] for key in ("model", "window", "budget", "samples", "agreement") if key in value
    }
    questions = [
        _question({**shared, **one}, lines, ("questions", place), path)
        for place, one in enumerate(value.get("questions", ()))
    ]
    rules = [
        NamedRule(one.get("name") or _told(one), lines["rules", place], one)
        for place, one in enumerate(value.get("rules", ()))
    ]
    for rule in rules:
        if "no_text" in rule.rule:
            _pattern(rule.rule["no_text"], f"{path}:{rule.line}")
    _unique([*questions, *rules], path)
    return CheckFile(path, tuple(questions), tuple(rules))


def _loaded(text: str, path: str) -> tuple[Any, dict[Spot, int]]:
    """The file's value, and the line of every value in it."""
    import yaml

    try:
        node = yaml.compose(text, yaml.SafeLoader)
        if node is None:
            raise UsageError(f"{path}:1: the file is empty; it has `questions` or `rules`")
        reader = _Reader(yaml.SafeLoader(""), path)
        return reader.value(node, ()), reader.lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UsageError(f"{path}:{line}: {error.problem or error.context or 'not YAML'}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise UsageError(f"{path}: nested too deeply") from error


class _Reader:
    """Makes values of YAML's nodes, and keeps their lines."""

    def __init__(self, loader: Any, path: str) -> None:
        self.lines: dict[Spot, int] = {}
        self._loader = loader
        self._path = path
        self._values = 0

    def value(self, node: Any, spot: Spot) -> Any:
        import yaml

        line = node.start_mark.line + 1
        self.lines[spot] = line
        self._values += 1
        if self._values > _MOST_VALUES or len(spot) > _DEEPEST:
            raise UsageError(f"{self._path}:{line}: too much in one file")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*spot, place)) for place, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self._loader.construct_object(node)
        found: dict[str, Any] = {}
        for key_node, item in node.value:
            key = str(key_node.value)
            at = key_node.start_mark.line + 1
            if key in found:
                raise UsageError(f"{self._path}:{at}: {key!r} stands here twice")
            found[key] = self.value(item, (*spot, key))
            self.lines[(*spot, key)] = at
        return found


def _validate(value: Any, lines: Mapping[Spot, int], path: str) -> None:
    from jsonschema import Draft202012Validator

    errors = list(Draft202012Validator(schema()).iter_errors(value))
    if errors:
        first = min((_deepest(error) for error in errors), key=lambda e: lines[tuple(e.absolute_path)])
        where = ".".join(map(str, first.absolute_path))
        line = lines[tuple(first.absolute_path)]
        extra = _unknown(first)
        if extra:
            line = min((lines.get((*first.absolute_path, key), line) for key in extra), default=line)
        raise UsageError(f"{path}:{line}: {f'{where}: ' if where else ''}{_said(first, extra)}")


def _deepest(error: "ValidationError") -> "ValidationError":
    """Of alternatives the one that was meant: a rule's by its first key, a text's by its type."""
    while error.context:
        named = [one for one in error.context if not _misses_its_kind(one)]
        if not named or all(one.validator == "required" for one in error.context):
            break
        error = max(named or error.context, key=lambda one: (len(one.absolute_path), one.validator != "type"))
    return error


def _misses_its_kind(error: "ValidationError") -> bool:
    """Whether an alternative is another kind of rule than the one that was written."""
    branch = error.parent
    written = branch.instance if branch is not None and branch.validator == "oneOf" else None
    if branch is None or not isinstance(written, Mapping):
        return False
    alternatives: Any = branch.validator_value
    return alternatives[error.schema_path[0]]["$ref"].rpartition("/")[2] not in written


def _unknown(error: "ValidationError") -> list[str]:
    if error.validator != "additionalProperties" or not isinstance(error.instance, Mapping):
        return []
    return [key for key in error.instance if key not in _properties(error)]


def _properties(error: "ValidationError") -> Mapping[str, Any]:
    schema: Any = error.schema
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties


def _said(error: "ValidationError", unknown: Sequence[str]) -> str:
    if unknown:
        return f"unknown key {unknown[0]!r}; known: {', '.join(_properties(error))}"
    alternatives: Any = error.validator_value
    if error.validator in ("oneOf", "anyOf") and isinstance(error.instance, Mapping):
        kinds = [one.get("$ref", "").rpartition("/")[2] or one["required"][0] for one in alternatives]
        return f"needs one of {', '.join(kinds)}"
    return shorten(error.message, _LONGEST)


def _question(one: Mapping[str, Any], lines: Mapping[Spot, int], spot: Spot, path: str) -> Question:
    expect = one.get("expect", {})
    cites = expect.get("cites", {})

    def patterns(key: str) -> tuple[re.Pattern[str], ...]:
        where = f"{path}:{lines.get((*spot, 'expect', key), lines[spot])}"
        return tuple(_pattern(text, where) for text in listed(expect.get(key)))

    return Question(
        name=one.get("name") or shorten(" ".join(one["ask"].split()), 80),
        line=lines[spot],
        ask=one["ask"],
        expect=Expectations(
            tuple(listed(cites.get("files"))), tuple(listed(cites.get("symbols"))),
            tuple(listed(expect.get("contains"))), tuple(listed(expect.get("omits"))),
            patterns("matches"), patterns("does_not_match"), expect.get("verified", True),
        ),
        model=one.get("model"), window=one.get("window"), budget=Budget(**one.get("budget", {})),
        samples=one.get("samples", 1), agreement=one.get("agreement", 1.0),
    )  # fmt: skip


def _pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.MULTILINE)
    except re.error as error:
        raise UsageError(f"{where}: not a regular expression: {text!r}: {error}") from error


def _told(rule: Mapping[str, Any]) -> str:
    """A rule without a name by what it says."""
    kind, value = next(iter(rule.items()))
    words = " ".join(f"{key} {', '.join(listed(one))}" for key, one in value.items()) if isinstance(
        value, Mapping
    ) else ", ".join(listed(value))  # fmt: skip
    return shorten(f"{kind.replace('_', ' ')} {words}", 80)


def _unique(named: Iterable[Question | NamedRule], path: str) -> None:
    seen: dict[str, int] = {}
    for one in named:
        if one.name in seen:
            raise UsageError(
                f"{path}:{one.line}: {one.name!r} is the name of another, in line {seen[one.name]}: "
                "give one of them another `name`"
            )
        seen[one.name] = one.line


def listed(value: Any) -> list[str]:
    """One text, several or none, as a list."""
    return [value] if isinstance(value, str) else list(value or ())
