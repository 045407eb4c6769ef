"""Go's signatures and types as they count for identity: without the names of parameters, groups spelled out.

Of the language's specification: "Two types are identical if their underlying type literals are structurally
equivalent"; of functions that is parameters and results by type, not by name (Type identity). What a name
means is not known here: it stays a `Named`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"\w+(?:/\w+)+|\.\.\.|<-|\w+|\"(?:\\.|[^\"\\])*\"|`[^`]*`|\S")
_METHOD = re.compile(r"func \((?P<receiver>[^()]*)\) \w+\s*(?=\()|\w+\s*(?=\()")
_TYPE = re.compile(r"(?:type )?\w+\s*(?:(?P<alias>=)\s*|(?!\[))(?P<type>[^\s=].*)\Z")
_PARAMETERS = re.compile(r"\[([^\]]*)\]\s*\Z")
_SAME = {"byte": ("uint8",), "rune": ("int32",), "any": ("interface", "{", "}")}
BUILT_IN = frozenset(
    "bool complex64 complex128 error float32 float64 int int8 int16 int32 int64 string uint uint8 uint16"
    " uint32 uint64 uintptr".split()
)
_KEYWORDS = frozenset({"func", "map", "chan", "struct", "interface"})
_WORD = re.compile(r"[^\W\d][\w/]*\Z")
_CUT = "…"


class Named(NamedTuple):
    """A type's name as it is written: `pkg.T` has the qualifier `pkg`."""

    qualifier: str
    name: str


Type = tuple[str | Named, ...]
"""A type, or a list of them, as tokens that are equal where the types are, if their names mean the same."""


class _UnreadableError(Exception):
    """No type stands here."""


def is_cut(text: str) -> bool:
    """Whether a signature is too long to be kept as a whole."""
    return text.endswith(_CUT)


def is_of_function(text: str) -> bool:
    """Whether a method has a body; else it is one that an interface asks for."""
    return text.startswith("func ")


@lru_cache(maxsize=1 << 14)
def method_type(text: str) -> Type | None:
    """The type of a method, of which `text` is the signature. None where it cannot be told.

    That is so where it was cut, and where it has type parameters of its receiver.
    """
    head = _METHOD.match(text)
    if head is None or is_cut(text):
        return None
    generic = _PARAMETERS.search(head["receiver"] or "")
    found = _function_type(text[head.end() :])
    if found is None or generic is None:
        return found
    parameters = set(re.findall(r"\w+", generic[1]))
    names = {token.name for token in found if isinstance(token, Named) and not token.qualifier}
    return None if names & parameters else found


@lru_cache(maxsize=1 << 14)
def _function_type(text: str) -> Type | None:
    """The type of `(a, b int) error`. The text is without receiver and name, since many methods share it."""
    reader = _Reader(_TOKEN.findall(text))
    try:
        found = reader.function()
    except _UnreadableError:
        return None
    return tuple(found) if reader.is_at_end else None


def type_in(text: str) -> tuple[Type, bool] | None:
    """What `type A = B` or `type A B` says that `A` is, and whether it is an alias."""
    match = _TYPE.match(text)
    if match is None or is_cut(text):
        return None
    reader = _Reader(_TOKEN.findall(match["type"]))
    try:
        found = reader.type()
    except _UnreadableError:
        return None
    return (tuple(found), bool(match["alias"])) if reader.is_at_end else None


def is_generic(text: str) -> bool:
    """Whether a type's signature has type parameters."""
    return "[" in text.partition("{")[0]


class _Reader:
    """Reads types from tokens."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._tokens)

    def function(self) -> list[str | Named]:
        """`(a, b int) (c, d string)`."""
        parameters = self._list()
        if self._next == "(":
            return [*parameters, *self._list()]
        result = [] if self.is_at_end or self._next in (",", ")", "]", "}", ";", "{") else self.type()
        return [*parameters, "(", *result, ")"]

    def type(self) -> list[str | Named]:
        """One type."""
        token = self._take()
        if token in ("*", "..."):
            return [token, *self.type()]
        if token == "(":
            inner = self.type()
            self._expect(")")
            return inner
        if token == "[":
            length = self._until("]")
            return ["[", *length, "]", *self.type()]
        if token == "map":
            self._expect("[")
            key = self.type()
            self._expect("]")
            return ["map", "[", *key, "]", *self.type()]
        if token == "<-":
            self._expect("chan")
            return ["<-", "chan", *self.type()]
        if token == "chan":
            if self._next == "<-":
                return ["chan", self._take(), *self.type()]
            return ["chan", *self.type()]
        if token == "func":
            return ["func", *self.function()]
        if token in ("struct", "interface"):
            self._expect("{")
            return [token, "{", *self._until("}"), "}"]
        return self._named(token)

    def _named(self, name: str) -> list[str | Named]:
        if not _WORD.match(name):
            raise _UnreadableError
        qualifier = ""
        if self._next == ".":
            self._take()
            qualifier, name = name, self._take()
        if not qualifier and name in BUILT_IN | _SAME.keys():
            return list(_SAME.get(name, (name,)))
        found: list[str | Named] = [Named(qualifier, name)]
        if self._next == "[":
            found += ["[", *self._given(), "]"]
        return found

    def _given(self) -> Iterator[str | Named]:
        """What a generic type is given."""
        self._expect("[")
        yield from self.type()
        while self._next == ",":
            yield self._take()
            yield from self.type()
        self._expect("]")

    def _list(self) -> list[str | Named]:
        """Parameters or results, a type for each of them."""
        self._expect("(")
        entries = []
        while self._next != ")":
            entries.append(self._entry())
            if self._next == ",":
                self._take()
        self._expect(")")
        return ["(", *_joined(entries), ")"]

    def _entry(self) -> "_Entry":
        """A type, and whether it has a name before it. A name alone reads as a type."""
        start = self._at
        alone = self._to_comma()
        if alone is not None:
            return alone, False
        self._at = start
        name = self._take()
        named = self._to_comma() if _WORD.match(name) and name not in _KEYWORDS else None
        if named is None:
            raise _UnreadableError
        return named, True

    def _to_comma(self) -> list[str | Named] | None:
        """A type with nothing else before what comes next in the list."""
        try:
            found = self.type()
        except _UnreadableError:
            return None
        return found if self._next in (",", ")") else None

    def _until(self, closing: str) -> list[str]:
        """The tokens up to a bracket, which is taken."""
        found: list[str] = []
        depth = 0
        while True:
            token = self._take()
            if token == closing and depth == 0:
                return found
            depth += (token in "([{") - (token in ")]}")
            found.append(token)

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        if self.is_at_end:
            raise _UnreadableError
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise _UnreadableError


_Entry = tuple[list[str | Named], bool]


def _joined(entries: Sequence[_Entry]) -> Iterator[str | Named]:
    """The type of each: where one has a name all have, and `a, b int` share theirs."""
    is_named = any(named for _, named in entries)
    for index, entry in enumerate(entries):
        shared = next((one for one in entries[index:] if one[1]), None) if is_named else entry
        if shared is None:
            raise _UnreadableError
        if index:
            yield ","
        yield from shared[0]
