"""What a signature writes: the type of what it declares, of its result and of its parameters.

A definition is read as the index has it, in one line; nothing of its body is.
"""

import re
from functools import lru_cache

from memls.source.types import UNSAID, Typing, class_named, closing, parts, value_of

_BEFORE = re.compile(r"([\w$.:\\\x80-\U0010ffff]+(?:<.*>)?(?:\[\s*\])*)\s*(?:[*&?\s]|\bconst\b)*\Z")
_QUALIFIER = re.compile(r"(?:[\w~]+(?:<[^<>]*>)?::)+\Z")
_STRUCT = re.compile(r"typedef\s+(?:const\s+)?(?:struct|union|enum)\s+(\w+)")
_INSIDE = re.compile(r"(?:\w+\s+)*(?:struct|union|enum|class)\s+(\w+)\s*\{.*\}[*&\s]*\Z", re.DOTALL)
"""`struct Foo { int a; } *`, before a name."""
_GO_RESULT = re.compile(r"\w+\s+([*\w.\[\]]+)\Z")
_FUNCTIONS = frozenset(("function", "method"))


@lru_cache(maxsize=20_000)
def declared(signature: str, name: str, kind: str, typing: Typing) -> str:
    """The type that a definition writes of what it holds or, of a function, gives."""
    if kind == "type":
        return _alias(signature, name)
    if kind == "constructor":
        return ""
    follows = r"\s*(?:[<\[][^()]*[>\]]\s*)?(?=\(|:|=\s*[\w(])" if kind in _FUNCTIONS else r"(?![\w$])"
    place = re.search(rf"(?<![\w$])\$?{re.escape(name)}{follows}", signature)
    if place is None:
        return ""
    if typing.before and not (kind in _FUNCTIONS and typing.result):
        return _before(signature, place.start(), place.end(), kind, typing)
    return (_result if kind in _FUNCTIONS else _beside)(signature[place.end() :], kind, typing)


def parameter(signature: str, name: str) -> str:
    """The type that a signature writes of one of its parameters, as in `f(x: Foo)`."""
    place = re.search(rf"[(,]\s*{re.escape(name)}\s*:\s*", signature)
    return class_named(_until(signature[place.end() :], ",=)")) if place else ""


def parameters(signature: str, name: str) -> list[str] | None:
    """What a signature writes between its parentheses, parameter by parameter; None where it is cut off."""
    place = re.search(rf"(?<![\w$~]){re.escape(name)}\s*(?=\()", signature)
    end = closing(signature, place.end()) if place else -1
    return list(parts(signature[place.end() + 1 : end - 1], ",")) if place and end > 0 else None


def _alias(signature: str, name: str) -> str:
    if structure := _STRUCT.match(signature):
        return structure.group(1) if structure.group(1) != name else ""
    if signature.startswith("typedef "):
        before = _BEFORE.search(signature[8 : signature.rfind(name)])
        return class_named(before.group(1)) if before else ""
    place = re.search(rf"(?<![\w$]){re.escape(name)}(?:<[^=]*>)?\s*(?:=\s*|(?<=\s))(.+)", signature)
    return class_named(place.group(1).rstrip(";")) if place else ""


def _before(signature: str, start: int, end: int, kind: str, typing: Typing) -> str:
    """`static struct foo *name`, `Foo a, *name`, `Bar* Foo::name(`."""
    head, after = signature[:start], signature[end:].lstrip()
    if after.startswith("[") and kind not in _FUNCTIONS:
        return ""
    if (inside := _INSIDE.match(head)) and kind not in _FUNCTIONS:
        return inside.group(1)
    head = _QUALIFIER.sub("", head)
    first = next(parts(head, "=,"))
    if first != head:  # another name stands before it
        if head.rstrip().endswith((")", "(")) or "(" in first:
            return ""
        head = re.sub(r"[*&\s]*[\w$]+\s*(?:\[[^]]*\]\s*)?\Z", " ", first)
    before = _BEFORE.search(head)
    if kind in _FUNCTIONS and "->" in after:  # C++: `auto f() -> Foo`
        return class_named(after.rpartition("->")[2])
    if before is None or before.group(1) in UNSAID:
        value = after.removeprefix("=") if after.startswith("=") and not after.startswith("=>") else ""
        return value_of(value, typing.literals) if value else ""
    return class_named(before.group(1))


def _result(after: str, kind: str, typing: Typing) -> str:
    """The type behind the parameters."""
    after = re.sub(r"\A\s*=\s*(?:async\s+)?(?:function\s*\w*)?", "", after).lstrip()
    while after.startswith(("(", "[", "<")):
        end = closing(after, 0)
        if end < 0:
            return ""
        after = after[end:].lstrip()
        if not typing.result and not after.startswith("[") and end:
            break
    if typing.result:
        _, found, after = after.partition(typing.result)
        if not found:
            return ""
        return class_named(_until(after, "={;" if typing.result != "->" else "{;").partition(" where ")[0])
    if after.startswith("("):
        first = next(parts(after[1:-1], ",")).strip()
        named = _GO_RESULT.match(first)
        return class_named(named.group(1) if named else first)
    return class_named(after)


def _beside(after: str, kind: str, typing: Typing) -> str:
    """The type behind a name, else its value."""
    after = after.lstrip("?! ")
    if typing.result == "" and not after.startswith("="):  # Go
        after = re.sub(r"\A(?:,\s*\w+)*\s*", "", after)
        return class_named(after.partition("`")[0].partition("=")[0])
    if (said := written_beside(after)) is not None:
        return class_named(said)
    if kind == "property" and after.startswith("("):
        return _result(after, kind, typing)
    if after.startswith(("=", ":=")) and not after.startswith(("==", "=>")):
        return value_of(after.lstrip(":= "), typing.literals)
    return ""


def written_beside(after: str) -> str | None:
    """The type as it is written behind a name, `: Foo = 1`; None where none is."""
    after = after.lstrip("?! ")
    if not after.startswith(":") or after.startswith((":=", "::")):
        return None
    return _until(after[1:], "=;{,)")


def _until(text: str, stops: str) -> str:
    return next(parts(text, stops))
