"""What source writes of a value's type, as a path of names to look up: `pkg.Foo`, `make()`, `self.db`.

Nothing is inferred. A declaration writes a type, or the class, call or member that its value comes from; what
is more than that (the result of an operator, a choice) is "". A path is names joined by dots, of which each
may be called or have an element taken (`xs[].job`). `[]Foo` is a list of `Foo`, and `''` a value of the
language's own, of which the repository defines no member.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

ELEMENT = "[]"
"""Follows the path of a list, and stands for one of its elements. Before a class it is a list of these."""
LITERAL = "''"
"""Stands for the type of a string, a number, a list."""

_MAX_TEXT = 400
_MAX_PATH = 50
_NAME = re.compile(r"\s*([\w$\x80-\U0010ffff]+)")
_SEPARATOR = re.compile(r"\s*(?:\?\.|\.|::|->|\\)")
_AFTER_NAME = re.compile(r"(?:!!?|\?(?!\.|\s*[\w(]))*")
_WORD = r"[\w$\x80-\U0010ffff]+(?:\(\)|\[\])*"
_LIST = r"\[[\w.]*\]"
_TYPED = re.compile(
    rf"\([\w$\x80-\U0010ffff]+: ((?:{_LIST})*(?:''|{_WORD})(?:\.{_WORD})*)\)(?=[.\-:\\?!\[]|$)"
)
_CLOSING = {"(": ")", "[": "]", "<": ">", "{": "}"}
_WORDS = re.compile(
    r"(?:(?:const|volatile|struct|union|enum|class|interface|mut|dyn|impl|readonly|final|static|inline|extern"
    r"|typename|register|ref|out|in|params|var|owned|borrowing|inout|any|some|unique symbol|asserts)\s+"
    r"|'\w+\s+|@\w+\s+|[*&?\\\s]+|::)+"
)
_MARKS = re.compile(r"(?:[*&?!\s]|\bconst\b|\.\.\.)+\Z")
_WRAPPERS = frozenset(
    "Optional Final ClassVar Annotated Required NotRequired Readonly Partial NonNullable Promise Awaitable "
    "Coroutine Task ValueTask Box Rc Arc Cow Pin Lazy Type type".split()
)
"""Generic types whose members are hardly asked for, but those of what they hold."""
_LISTS = frozenset(
    "List list Sequence MutableSequence Iterable Iterator Set set FrozenSet frozenset Collection Vec vector "
    "VecDeque Array ReadonlyArray array span ArrayList LinkedList IEnumerable IList ICollection HashSet "
    "IReadOnlyList IReadOnlyCollection Deque deque".split()
)
"""Generic types that hold elements of one type."""
_MAYBE = frozenset("Result Option".split())
"""Generic types that hold one thing of their first parameter, or none: like lists of that."""
_TRIED = re.compile(r"\?(?=\s*(?:[.?;,)]|\Z))")
_AWAITED = re.compile(r"\s*\.\s*await\b(?!\s*\()")
_SLICE = re.compile(r"\[[^\[\]?]*:")
_NEW_ARRAY = re.compile(r"new\s+([\w$.:]+)\s*\[")
_FRESH = re.compile(r"(?:make\((?=\[|map\[)|new\()\s*([^,]+)")
"""Go: `make([]T, 1)`, `new(T)`."""
_ARRAY = re.compile(r"\[\d*\]|map\[[^\[\]]*\]")
_LISTED = re.compile(r"\[([\w.]*)\]")
NOTHING = frozenset("None null undefined nil nullptr NULL void NoneType".split())
_PATH = re.compile(r"[\w$\x80-\U0010ffff]+(?:\s*(?:\.|::|\\)\s*[\w$\x80-\U0010ffff]+)*\Z")
_PARAMETER = re.compile(r"[A-Z]\d?\Z")
"""What type parameters are called."""
UNSAID = frozenset("auto var let val const def final static public private protected export".split())
"""Words that stand in a type's place and tell none."""
_WHOLE = re.compile(
    r"""[rbfuRBFU]{0,2}(?:"[^"\\]*"|'[^'\\]*'|`[^`\\]*`)\Z|[+-]?\d[\w.]*\Z|\[[^\[\]]*\]\Z|\{[^{}()]*\}\Z"""
)
_MADE = re.compile(r"(?:new\s+|&\s*)*([\w$.:\\\x80-\U0010ffff]+(?:<[^(){}]*>)?)\s*\{")
_ASSERTED = re.compile(r"\(\s*\*?([\w.]+)\s*\)")
"""Go's `x.(*Foo)`, behind the dot."""
_CAST = re.compile(r"\(\s*([\w$.:\\]+(?:<[^()]*>)?(?:[*?\s]|const\b)*)\)\s*(?=[\w$@&*])")
_AS = re.compile(r"\s+as[?!]?\s+([\w$.]+(?:<[^()]*>)?[?!]?)\Z")
_NEW = re.compile(r"new\s+\\?")
_PREFIX = re.compile(r"(?:await|try[?!]?|move|&mut|&|\*)\s*")


@dataclass(frozen=True)
class Typing:
    """How a language's declarations write types."""

    declares: frozenset[str] = frozenset()
    """Nodes that bind a local: their fields `type` and `value` or `right` tell of it, else their text."""
    within: frozenset[str] = frozenset()
    """Nodes that may stand between the name and these."""
    assigns: frozenset[str] = frozenset()
    """Of these, nodes that give a declared local another value, where they write no type."""
    before: bool = False
    """Whether a type stands before its name: `Foo x`, not `x: Foo`."""
    result: str = ":"
    """What stands between a function's parameters and the type of its result; "" where nothing does."""
    tries: bool = False
    """Whether `x?` is what `x` holds, as in Rust."""
    holders: frozenset[str] = frozenset()
    """Patterns that bind what a value holds: `Some(x)`."""
    literals: frozenset[str] = field(default_factory=lambda: frozenset("\"'`[0123456789"))
    """What a value of the language's own begins with."""


# Paths


@lru_cache(maxsize=10_000)
def steps_of(text: str) -> tuple[str, ...]:
    """`a.b(1).c` -> a, b(), c; nothing where there is more than names and calls.

    What is made or cast there is of its class: `new A(1).b` and `((A) x).b` -> A(), b.
    """
    found, at = _begun(text)
    while at >= 0:
        if found:
            separator = _SEPARATOR.match(text, at)
            if separator is None:
                return () if text[at:].strip() else tuple(found)
            at = separator.end()
            if separator.group() == "." and (asserted := _ASSERTED.match(text, at)):
                found, at = f"{asserted.group(1)}()".split("."), asserted.end()
                continue
        named = _NAME.match(text, at)
        if named is None:
            return ()
        at = _past_generics(text, named.end())
        suffixes, at = _suffixes(text, at)
        at = _after(text, at) if at >= 0 else at
        found.append(named.group(1) + suffixes)
    return ()


def _suffixes(text: str, at: int) -> tuple[str, int]:
    """The call and the indices that follow a name, and where they end; -1 where they do not."""
    found = ""
    while at >= 0 and text[at : at + 1] in ("(", "["):
        opening, start = text[at], at
        at = closing(text, at)
        if opening == "(" and found:  # `f(1)(2)`
            return "", -1
        if opening == "[" and at >= 0:
            if text[at : at + 1] == "(":  # Go: `New[T](1)`
                continue
            if _SLICE.match(text, start):  # what it was
                continue
        found += "()" if opening == "(" else ELEMENT
    return found, at


def _begun(text: str) -> tuple[list[str], int]:
    """The steps of what stands in brackets first, and where the others begin; -1 where it has none."""
    if made := _NEW.match(text):
        return [], made.end()
    if not text.startswith("("):
        return [], 0
    end = closing(text, 0)
    path = _stated(text[1 : end - 1].strip()) if end > 0 else ""
    path += "()" * (path != "" and "(" not in path)
    return (path.split("."), _after(text, end)) if path else ([], -1)


def tried(text: str) -> str:
    """Rust's `a()?.b` as if it took an element: `a()[].b`; what is awaited is what it gives."""
    return _AWAITED.sub("", _TRIED.sub(ELEMENT, text)) if "?" in text or "await" in text else text


def suffixes_of(step: str) -> tuple[str, tuple[str, ...]]:
    """The name of a step, and what is done with it: `a()[]` -> a, ((), [])."""
    name = step.partition("(")[0].partition("[")[0]
    rest = step[len(name) :]
    return name, tuple(rest[at : at + 2] for at in range(0, len(rest), 2))


def typed(name: str, type_: str) -> str:
    """A receiver that is a local with a known type."""
    return f"({name}: {type_})"


def untyped(receiver: str) -> tuple[str, str]:
    """The type of a receiver that begins with a typed local, and what follows that; "" where it does not."""
    match = _TYPED.match(receiver) if receiver[:1] == "(" else None
    if match is None:
        return "", receiver
    type_, at = match.group(1), _after(receiver, match.end())
    while receiver[at : at + 1] == "[":
        start, at = at, closing(receiver, at)
        type_ = type_ if _SLICE.match(receiver, start) else along(type_, ELEMENT)
        if at < 0 or not type_:
            return "", receiver
        at = _after(receiver, at)
    separator = _SEPARATOR.match(receiver, at)
    return type_, receiver[separator.end() :] if separator else ""


def along(type_: str, rest: str) -> str:
    """The path of a value of some type, and what follows it; "" where that leads into a list."""
    listed = listed_in(type_)
    if listed is None or not rest:
        return type_ + rest
    return along(listed[1], rest.removeprefix(ELEMENT)) if rest.startswith(ELEMENT) else ""


def listed_in(type_: str) -> tuple[str, str] | None:
    """The class of a list, "" for the language's own, and of its elements; None of what is no list."""
    match = _LISTED.match(type_)
    return (match.group(1), type_[match.end() :]) if match else None


def _after(text: str, at: int) -> int:
    match = _AFTER_NAME.match(text, at)
    return match.end() if match else at


def _past_generics(text: str, at: int) -> int:
    """Past `<T>` and `::<T>` that a call or a member follows."""
    start = at + 2 if text.startswith("::<", at) else at
    if text[start : start + 1] != "<":
        return at
    end = closing(text, start)
    return end if end > 0 and text[end : end + 1] in ("(", ".", ":", "") else at


def closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one at an offset, -1 where none does."""
    stack: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'`" and (char != "'" or text.find("'", at + 1) >= 0):
            quote = char
        elif char in "([{" or (char == "<" and stack[:1] in ([], [">"])):
            stack.append(_CLOSING[char])
        elif stack and char == stack[-1] and not (char == ">" and text[at - 1] in "-="):
            stack.pop()
            if not stack:
                return at + 1
        at += 1
    return -1


def parts(text: str, separators: str) -> Iterator[str]:
    """What stands between separators that no bracket is around."""
    start = at = 0
    while at < len(text):
        if text[at] in "([{<":
            end = closing(text, at)
            at = end if end > 0 else len(text)
            continue
        if text[at] in separators:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


# Types and values


@lru_cache(maxsize=10_000)
def class_named(text: str) -> str:
    """The class that a written type names: `const pkg::Foo<T> *`, `Optional["pkg.Foo"]`, `*pkg.Foo`.

    Of lists it is both: `[]Foo` of an array, `[Vec]Foo` of `Vec<Foo>`. "" for what is no class: functions,
    tuples, unions, parameters of types.
    """
    text = text.strip()[:_MAX_TEXT]
    if text[:1] in ('"', "'") and text[-1:] == text[:1] and len(text) > 2:
        text = text[1:-1].strip()
    if word := _WORDS.match(text):
        text = text[word.end() :]
    text = _MARKS.sub("", text)
    if array := _ARRAY.match(text):
        element = class_named(text[array.end() :])
        return ELEMENT + element if element else ""
    if text.endswith("[]"):
        element = class_named(text[:-2])
        return ELEMENT + element if element else ""
    if "|" in text:
        some = [part.strip() for part in parts(text, "|")]
        some = [part for part in some if part and part not in NOTHING]
        return class_named(some[0]) if len(some) == 1 and some[0] != text else ""
    for opening in "<[":
        at = text.find(opening)
        if at <= 0 or closing(text, at) != len(text):
            continue
        outer, inner = text[:at].strip(), text[at + 1 : -1]
        held = [part for part in map(str.strip, parts(inner, ",")) if not part.startswith("'")]
        if outer == "map":
            return ""
        last = outer.rpartition(".")[2].rpartition("::")[2]
        if held and (last in _MAYBE or (len(held) == 1 and last in _LISTS)):
            container, element = class_named(outer), class_named(held[0])
            return f"[{container}]{element}" if container and element else container
        if outer.rpartition(".")[2] in _WRAPPERS and (len(held) == 1 or outer.endswith("Annotated")):
            return class_named(held[0])
        if not inner.strip():
            return ""
        text = outer
        break
    if len(text) > _MAX_PATH or not _PATH.match(text) or _PARAMETER.match(text) or text in NOTHING:
        return ""
    return ".".join(part.strip() for part in re.split(r"\.|::|\\", text))


def value_of(text: str, literals: frozenset[str]) -> str:
    """Where a value comes from: `new Foo(1)` and `&Foo{}` are `Foo`, `make(1).x` is `make().x`."""
    text = text.strip().rstrip(";, ")
    if len(text) > _MAX_TEXT:
        return ""
    if text[:1] in literals and _WHOLE.match(text):
        return LITERAL
    if array := _NEW_ARRAY.match(text):
        element = class_named(array.group(1))
        return ELEMENT + element if element else ""
    if stated := _stated(text):
        return stated
    if text.startswith("new "):
        return ""
    if (fresh := _FRESH.match(text)) and closing(text, text.index("(")) == len(text):
        return class_named(fresh.group(1).removesuffix(")"))
    if text.endswith("}") and _ARRAY.match(text):
        return class_named(text[: text.index("{")])
    if text.endswith("}"):
        made = _MADE.match(text)
        return class_named(made.group(1)) if made and closing(text, made.end() - 1) == len(text) else ""
    while prefix := _PREFIX.match(text):
        text = text[prefix.end() :]
    path = ".".join(steps_of(text))
    return path if len(path) <= _MAX_PATH and path not in NOTHING else ""


def _stated(text: str) -> str:
    """The class of what is made or cast, and what follows it; "" where nothing is."""
    if (cast := _CAST.match(text)) and steps_of(text[cast.end() :]):
        return class_named(cast.group(1))
    if (cast := _AS.search(text)) and steps_of(text[: cast.start()]):
        return class_named(cast.group(1))
    if made := _NEW.match(text):
        new = text[made.end() :]
        at = next((i for i, char in enumerate(new) if char in "({["), len(new))
        end = closing(new, at) if new[at : at + 1] == "(" else at
        if end == len(new) or (end >= 0 and new[end:].lstrip().startswith("{") and new.endswith("}")):
            return class_named(new[:at])
    if made or ".(" in text:
        steps = steps_of(text)
        return ".".join(steps) if steps and not text.startswith(steps[0]) else ""
    return ""
