"""Names of code inside a question: what is written like an identifier, a dotted name or a path."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_QUOTED = re.compile(r"[`'\"]([\w.:/\\-]{2,120})(?:\(\))?[`'\"]")
_PATH = re.compile(
    r"(?<![\w/])((?:[\w.-]+/)+[\w.-]+"
    r"|\.?[\w-]+(?:\.[\w-]+)*\.(?:py|pyi|js|jsx|mjs|ts|tsx|vue|svelte|astro|go|rs|java|cc|cpp|hpp|c|h|md|rst|toml|yaml|yml|json))(?!\w)"
)
_BESIDE = re.compile(r"^(?:\.+/)+")
"""What leads to a path from where one stands: `./`, `../`."""
_DOTTED = re.compile(r"(?<![\w.])([A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w*)+)")
_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(")
_SNAKE = re.compile(r"(?<![\w.])(_*[A-Za-z]\w*_\w*|_+[A-Za-z]\w*)(?!\w)")
_CAMEL = re.compile(
    r"(?<![\w.])([A-Z]?[a-z0-9]+[A-Z]\w*|[A-Z]{2,}[a-z]\w*|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)(?!\w)"
)
_CAPITAL = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{2,}\w*)(?!\w|(?:[.#]|::)\w)")
_ENDS = re.compile(
    r"\b(?:does|do|did|from|reach|call|calls) ([a-z]\w{2,})(?= (?:reach|call|get|lead|to)\b|\W*$)"
)
"""What stands at the ends of a way: "how does reverse reach resolve?"."""
_RELATED = re.compile(
    r"\b(?:(?:calls?|callers|uses|usages|references|implementations|subclasses)(?: of| to)?"
    r"|implements|extends|overrides|inherits from|subclasses) ([A-Za-z_]\w{2,})\W*$"
    r"|\bwhere (?:is|are) (?:the )?(?:(?:class|function|method|type|struct|enum|macro) (?!\w+ed\b))?"
    r"([A-Za-z_]\w{2,})(?= \w)(?: (?:class|function|method|type|struct|enum|macro))?"
    r"(?:\W*$| (?:called|used|defined|declared|implemented|overridden)\b)",
    re.I,
)
"""Of what a question asks who uses it, or where it is: "who calls encrypt?"."""
_CALLED = re.compile(r"\b(?:who|what) calls (?!(?:this|that|them|these|those)\b)([a-z_]\w{2,})\W*$", re.I)
_RECEIVER = re.compile(r"(?<![\w)\]])\(\s*[*&]?\s*([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*\)\.(?=[A-Za-z_])")
_GENERIC = re.compile(r"(?<=\w)<[\w\s,&*:']*>(?=::)")
_TARGET = re.compile(r"(?:(.*[^:]):)?((?:[^:]|::)+)")


@dataclass(frozen=True, slots=True)
class Names:
    """Candidates, each once, in the order they stand there. Whether they exist is the index's to say."""

    symbols: tuple[str, ...]
    paths: tuple[str, ...]


def without_receiver(text: str) -> str:
    """`(*T).m` as Go writes it, and `T<U>::m`, as `T.m` and `T::m`."""
    return _GENERIC.sub("", _RECEIVER.sub(r"\1.", text))


def dotted(name: str) -> str:
    """A qualified name as the index has it, however its language writes it."""
    return without_receiver(name).replace("::", ".").replace("#", ".").strip(".")


def parted(target: str) -> tuple[str, str]:
    """`path:Name` as path and name; the path is "" where there is none. `T::m` is a name."""
    match = _TARGET.fullmatch(target)
    return (match.group(1) or "", match.group(2)) if match else ("", target)


def inner_name(symbol: str, spaces: Iterable[str]) -> str:
    """A qualified name without the namespace that it is in, of those that its file has."""
    around = max((space for space in spaces if symbol.startswith(f"{space}.")), key=len, default="")
    return symbol[len(around) + 1 :] if around else symbol


def possible_names_in(question: str) -> list[str]:
    """Words that may be names by where they stand, or by a capital in a sentence: the index has to say."""
    found = [*_CAPITAL.finditer(question), *_ENDS.finditer(question)]
    return list(dict.fromkeys(match.group(1) for match in sorted(found, key=lambda one: one.start())))


def related_name_in(question: str) -> str:
    """The word of which a question asks who uses it, or where it is; "" where it asks nothing such."""
    match = _RELATED.search(question)
    return match.group(1) or match.group(2) if match else ""


def called_name_in(question: str) -> str:
    """The word of which a question asks who calls it, be it defined here or not: "who calls fopen?"."""
    match = _CALLED.search(question)
    return match.group(1) if match else ""


def names_in(question: str) -> Names:
    """Names that the question writes as code."""
    question = without_receiver(question)
    paths = [_BESIDE.sub("", match).rstrip(".") for match in _PATH.findall(question)]
    question = _PATH.sub(lambda match: " " * len(match.group()), question)
    found: dict[tuple[int, int], str] = {}
    for pattern in (_QUOTED, _DOTTED, _CALL, _SNAKE, _CAMEL):
        for match in pattern.finditer(question):
            name = match.group(1).replace("::", ".").replace("#", ".").strip(".")
            span = match.span(1)
            inside = any(start <= span[0] and span[1] <= end for start, end in found)
            if "/" not in name and not inside:
                found[span] = name
    names = [name for _, name in sorted(found.items())]
    return Names(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(filter(None, paths))))
