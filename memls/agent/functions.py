"""The syscalls as the model sees them: names, flat arguments, schema; and the check of what it sends.

Few and flat, since small models get nested or many functions wrong. The whole schema stays under 1,500
tokens. A value of the wrong type is mended where its meaning is plain ("5" for 5, one string for a list of
one); anything else goes back as one short line that says what would be right.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from memls.memory.blocks import ARCHIVE
from memls.text import shorten

_LARGEST = 1_000_000_000

ParameterType = Literal["string", "integer", "strings"]


class ArgumentError(Exception):
    """A call that cannot be run, with one line for the model."""


@dataclass(frozen=True, slots=True)
class Parameter:
    type: ParameterType
    description: str = ""
    choices: tuple[str, ...] = ()
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    description: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def schema(self) -> dict[str, Any]:
        """The function in the chat-completions tool format."""
        required = [name for name, p in self.parameters.items() if p.required]
        properties = {name: _property(p) for name, p in self.parameters.items()}
        parameters = {"type": "object", "properties": properties, "required": required}
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": parameters},
        }


FUNCTIONS = (
    Function(
        "find",
        "Search the repository. Gives places, not text: page_in what you want to read.",
        {
            "query": Parameter("string", required=True),
            "kind": Parameter(
                "string",
                "ranked: question or keywords; symbol: exact names of definitions; text: literal; regex: RE2",
                ("ranked", "symbol", "text", "regex"),
                "ranked",
            ),
            "path": Parameter(
                "string", "only here: folders or globs, as 'web {index,search}/*.go !*_test.go'", default=""
            ),
            "cursor": Parameter("integer", "from a previous result, for more", default=0),
        },
    ),
    Function(
        "page_in",
        "Read code. Targets: path:Symbol.name, Symbol.name, path:10-60, path:10 (what is around it), path, "
        "or a page handle (p3).",
        {
            "targets": Parameter("strings", required=True),
            "detail": Parameter("string", "outline shows definitions only", ("full", "outline"), "full"),
        },
    ),
    Function(
        "page_out",
        'Evict pages you are done with. A note for several says which: "p3: …; p4: …".',
        {
            "pages": Parameter("strings", "handles", required=True),
            "note": Parameter("string", "what they told you", default=""),
        },
    ),
    Function(
        "references",
        "Who uses a definition, or what it uses. Each is resolved, or a candidate by name only.",
        {
            "symbol": Parameter("string", "Symbol.name or path:Symbol.name", required=True),
            "kind": Parameter(
                "string",
                choices=("callers", "callees", "references", "implementations", "importers"),
                default="callers",
            ),
            "cursor": Parameter("integer", default=0),
        },
    ),
    Function(
        "outline",
        "Definitions of a file, or the files of a folder.",
        {
            "path": Parameter("string", '"." is the root', default="."),
            "cursor": Parameter("integer", default=0),
        },
    ),
    Function(
        "remember",
        "Write to memory. task: this conversation; kept: project: about this repository, user: about the "
        "person; archive: a searchable note.",
        {
            "text": Parameter("string", required=True),
            "to": Parameter("string", choices=("task", "project", "user", "archive"), default="task"),
            "code": Parameter("strings", "path:Symbol it is about (archive)", default=()),
        },
    ),
    Function(
        "recall",
        "Search memory: notes in the archive and earlier conversations.",
        {
            "query": Parameter("string", "words; empty: the latest", default=""),
            "source": Parameter("string", choices=("both", "archive", "conversations"), default="both"),
            "when": Parameter("string", "2026-11, 2026-11-20 or FROM..TO", default=""),
            "role": Parameter("string", choices=("user", "assistant", "tool", "interrupt"), default=""),
            "session": Parameter("string", "only this conversation, at length", default=""),
            "cursor": Parameter("string", default=""),
        },
    ),
    Function(
        "history",
        "Commits that changed a file or symbol, newest first.",
        {"target": Parameter("string", "path, or path:Symbol", required=True)},
    ),
)

BY_NAME = {function.name: function for function in FUNCTIONS}


def functions(blocks: Sequence[str]) -> dict[str, Function]:
    """The functions by name where these blocks can be edited."""
    remember = BY_NAME["remember"]
    to = replace(remember.parameters["to"], choices=(*blocks, ARCHIVE))
    return {**BY_NAME, "remember": replace(remember, parameters={**remember.parameters, "to": to})}


def schemas(blocks: Sequence[str]) -> list[dict[str, Any]]:
    """What a request sends as `tools` where these blocks can be edited."""
    return [function.schema() for function in functions(blocks).values()]


def parse_arguments(name: str, text: str, known: Mapping[str, Function] = BY_NAME) -> dict[str, Any]:
    """The checked arguments of a call, defaults filled in. Raises ArgumentError."""
    function = known.get(name)
    if function is None:
        raise ArgumentError(f"no function {shorten(name, 40)!r}; there are: {', '.join(known)}")
    try:
        given = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        told = shorten(str(error), 120)
        raise ArgumentError(f"{name}: arguments are not JSON ({told}); send one JSON object") from None
    if not isinstance(given, dict):
        raise ArgumentError(f"{name}: arguments must be one JSON object")
    unknown = [key for key in given if key not in function.parameters]
    if unknown:
        takes = ", ".join(function.parameters)
        named = shorten(", ".join(map(repr, unknown)), 120)
        raise ArgumentError(f"{name} has no argument {named}; it takes: {takes}")
    return {key: _value(name, key, p, given.get(key)) for key, p in function.parameters.items()}


def _property(parameter: Parameter) -> dict[str, Any]:
    if parameter.type == "strings":
        schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    else:
        schema = {"type": parameter.type}
    if parameter.description:
        schema["description"] = parameter.description
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return schema


def _value(name: str, key: str, parameter: Parameter, given: Any) -> Any:
    if given is None or given == "":
        if parameter.required:
            raise ArgumentError(f"{name} needs {key}")
        return parameter.default
    value = _converted(parameter.type, given)
    if value is None:
        wanted = {"string": "a string", "integer": "a whole number", "strings": "a list of strings"}
        raise ArgumentError(f"{name}: {key} must be {wanted[parameter.type]}, not {shorten(repr(given), 60)}")
    if parameter.choices and value not in parameter.choices:
        raise ArgumentError(f"{name}: {key} must be one of {', '.join(parameter.choices)}")
    return value


def _converted(kind: ParameterType, given: Any) -> Any:
    if kind == "string":
        return given if isinstance(given, str) else str(given) if isinstance(given, int | float) else None
    if kind == "integer":
        text = str(given).strip()
        number = given if isinstance(given, int) else int(text[:10]) if text.isdecimal() else None
        return None if number is None or isinstance(given, bool) else min(max(0, number), _LARGEST)
    if isinstance(given, str):
        return _listed(given)
    strings = isinstance(given, list) and all(isinstance(item, str) for item in given)
    return [item for item in given if item.strip()] or None if strings else None


def _listed(given: str) -> list[str]:
    """A list that came as one string: JSON in a string, or a single item."""
    if given.lstrip().startswith("["):
        try:
            parsed = json.loads(given)
        except ValueError:
            return [given]
        if isinstance(parsed, list) and parsed and all(isinstance(item, str) for item in parsed):
            return parsed
    return [given]


SCHEMAS = [function.schema() for function in FUNCTIONS]
"""What a request sends as `tools`."""
