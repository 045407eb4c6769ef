"""From captures to symbols: one sweep over the definitions of a file in the order they start.

1. tree-sitter's `parent` and `prev_sibling` start at the root each time, which is quadratic on large files.
   So nesting is by position: captures are sorted, and a stack holds what is open.
2. `parent` is the innermost symbol whose source encloses this one. A Rust method inside `impl` or a Go
   method with a receiver has the type in its qualified name but not as parent: the type does not enclose it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from tree_sitter import Node

from memls.source.header import Header, Source
from memls.source.languages import Language
from memls.source.outline import Kind, Symbol
from memls.source.reach import reaches
from memls.text import shorten

Captures = Mapping[str, list[Node]]

TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "union", "scope"})
SPACES = frozenset({"namespace", "module"})
_FIELDS = ("field", "property", "constant", "attribute")
_DROPPED_IN_FUNCTIONS = frozenset({"variable", "constant"})
_RANKS = {
    "import": 0, "outer": 1, "scope": 2, "def.property": 3, "def.enum": 3,
    "def.constant": 5, "def.type": 5, "def.variable": 6, "def.field": 6, "def.attribute": 6, "declared": 6,
    "local": 7,
}  # fmt: skip
_DEFINITION_RANK = 4
_KEY = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|[^.\"'\s]+")
_NAME = re.compile(r"(?:[\w$#~@\x80-\xff-]+[?!=]?|[-%<>=!~^&|+*/\[\]]{1,3}|operator\W.*)\Z", re.DOTALL)
_UPPER = re.compile(r"_*[A-Z][A-Z0-9_]*\Z")
_MAX_NAME = 200
_MAX_LINE = 200
_METHODS = frozenset({"method", "constructor", "property"})


@dataclass(slots=True)
class Frame:
    """What is open at a point of the sweep. `kind` is a symbol's kind, `outer`, `scope` or `local`."""

    node: Node
    kind: str
    start: int
    end: int
    index: int
    qualified_name: str


@dataclass(slots=True)
class Definitions:
    """What the sweep found. `spans` are byte ranges and the symbol that they are the scope of."""

    symbols: list[Symbol] = field(default_factory=list)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    names: set[int] = field(default_factory=set)
    """Byte offsets where the names end, so that they are not taken for references."""
    locals: set[str] = field(default_factory=set)


def type_name(text: str) -> str:
    """The bare name in the text of a type: `&'a mut pkg::List<T>` and `(l *List[T])` are `List`."""
    words = re.findall(r"[\w\x80-\xff]+", re.split(r"[<\[]", text, maxsplit=1)[0])
    return words[-1] if words else ""


class Sweep:
    """The state of one sweep over one file."""

    def __init__(self, language: Language, source: Source, header: Header) -> None:
        self.language = language
        self.source = source
        self.header = header
        self.stack: list[Frame] = []
        self.found = Definitions()
        self.wants_locals = False
        self.scopes: list[Frame] = []
        self.bodied: set[str] | None = None
        self.reach: Mapping[int, int] = {}
        self.members: set[str] = set()
        """The qualified names of all that was found."""

    def run(self, captures: Captures) -> Definitions:
        """Symbols in the order they start; of two captures of one node the more specific counts."""
        self.wants_locals = "argument" in captures
        last = (-1, -1)
        self.reach = reaches(captures, self.language, len(self.source.latin))
        for start, negative_end, _, _, label, node in _in_order(captures, self.reach):
            end = -negative_end
            while self.stack and self.stack[-1].end <= start:
                self.stack.pop()
            if label in ("import", "outer", "local"):
                self._push(node, label, start, end)
            elif label == "scope":
                self._push_scope(node, start, end)
            elif label == "def.attribute":
                self._assign(node, start, end)
            elif label == "declared" and self._has_body(node, captures):
                continue
            elif (start, end) != last:
                last = (start, end)
                self._define(node, label[4:] if label != "declared" else "function", start, end)
        self._lend_scopes()
        return self.found

    def _has_body(self, node: Node, captures: Captures) -> bool:
        if self.bodied is None:
            functions = (item.child_by_field_name("name") for item in captures.get("def.function", ()))
            self.bodied = {self.source.latin[slice(*name.byte_range)] for name in functions if name}
        named = node.child_by_field_name("name")
        return named is not None and self.source.latin[slice(*named.byte_range)] in self.bodied

    def _lend_scopes(self) -> None:
        """Uses in the head of Rust's `impl A for B` are in the scope of `B` where this file defines it."""
        if not self.scopes:
            return
        named = {symbol.qualified_name: index for index, symbol in enumerate(self.found.symbols)}
        for frame in self.scopes:
            index = named.get(self.source.decode(frame.qualified_name), frame.index)
            self.found.spans.append((frame.start, frame.end, index))
        self.found.spans.sort(key=lambda span: (span[0], -span[1]))

    def _push(self, node: Node, kind: str, start: int, end: int) -> None:
        index, name = (self.stack[-1].index, self.stack[-1].qualified_name) if self.stack else (-1, "")
        self.stack.append(Frame(node, kind, start, end, index, name))

    def _push_scope(self, node: Node, start: int, end: int) -> None:
        self._push(node, "scope", start, end)
        named = node.child_by_field_name(self.language.name_fields.get(node.type, "name"))
        name = type_name(self.source.text(*named.byte_range)) if named else ""
        frame = self.stack[-1]
        frame.qualified_name = ".".join(filter(None, (frame.qualified_name, name)))
        self.scopes.append(frame)

    def _owner(self) -> Frame | None:
        """The innermost open frame that is not a mere wrapper."""
        return next((frame for frame in reversed(self.stack) if frame.kind != "outer"), None)

    def _define(self, node: Node, kind: str, start: int, end: int) -> None:
        owner = self._owner()
        is_local = (
            kind in _DROPPED_IN_FUNCTIONS and owner and owner.kind not in TYPES and owner.kind not in SPACES
        )
        if owner and owner.kind == "local" and kind == "heading":
            return
        if (owner and owner.kind == "import") or (is_local and not self.wants_locals):
            return
        named, is_function = find_name(node, self.language)
        if named is None:
            return
        name_start, name_end = named.byte_range
        if is_local:
            self.found.locals.add(self.source.latin[name_start:name_end])
            return
        if is_function and kind in ("variable", "field"):
            return  # a prototype, or a method that is only declared
        qualifiers, name, offset = self._split(self.source.latin[name_start:name_end])
        if not name or name in self.language.reserved or name_start + offset + len(name) in self.found.names:
            return
        if node.type in self.language.qualifier_fields:
            receiver = node.child_by_field_name(self.language.qualifier_fields[node.type])
            qualifiers = [type_name(self.source.latin[slice(*receiver.byte_range)])] if receiver else []
        outers = self._outers(node)
        first, last = (outers[-1].start, outers[-1].end) if outers else (start, end)
        if kind == "variable" and self.language.declaration_marks:
            text = self.source.latin[first : first + 80]
            if self.language.declaration_marks.match(text) and "=" not in self.source.latin[first:last]:
                return
        kind = self._kind(kind, name, qualifiers, owner, self.source.latin[first:start], node)
        self._add(
            node, kind, name, qualifiers, (first, last), (start, end), (name_start + offset, named), outers
        )

    def _assign(self, node: Node, start: int, end: int) -> None:
        """`self.x = …` in a method makes a member of the class, where that has none of this name yet."""
        around = [frame for frame in reversed(self.stack) if frame.kind != "outer"][:2]
        if len(around) < 2 or around[0].kind not in _METHODS or around[1].kind not in TYPES:
            return
        object_, _, name = self.source.latin[start:end].rpartition(".")
        owner = around[1]
        allowed = (self.language.names or _NAME).match(name)
        if object_ not in self.language.selves or not allowed or len(name) > _MAX_NAME:
            return
        line, column = self.source.position(end - len(name))
        name = self.source.decode(name)
        qualified = f"{owner.qualified_name}.{name}"
        if qualified in self.members:
            return
        text = shorten(" ".join(self.source.text(*self.source.line_around(start)).split()), _MAX_LINE)
        self._keep(Symbol(name, qualified, "attribute", line, line, line, column, text, "", owner.index))
        self.found.names.add(end)

    def _keep(self, symbol: Symbol) -> int:
        self.members.add(symbol.qualified_name)
        self.found.symbols.append(symbol)
        return len(self.found.symbols) - 1

    def _add(
        self,
        node: Node,
        kind: str,
        name: str,
        qualifiers: list[str],
        whole: tuple[int, int],
        core: tuple[int, int],
        named: tuple[int, Node],
        outers: list[Frame],
    ) -> None:
        above = self._enclosing(kind)
        prefix = above.qualified_name if above else ""
        decoded = [self.source.decode(part) for part in (prefix, *qualifiers, name) if part]
        qualified = ".".join(decoded)
        line, column = self.source.position(named[0])
        top, lead, docstring = self.header.lead(node, whole[0])
        head = (whole[0], min(whole[1], node.end_byte)) if node.start_byte in self.reach else whole
        signature = self.header.signature(node, kind, head, decoded[-1], above.start if above else 0)
        symbol = Symbol(
            name=decoded[-1],
            qualified_name=qualified,
            kind=cast(Kind, kind),
            line=top,
            end_line=self.source.position(max(whole[0], whole[1] - 1))[0],
            name_line=line,
            name_column=column,
            signature=signature,
            docstring=docstring,
            parent=above.index if above else -1,
        )
        index = self._keep(symbol)
        first_of_outer = not outers or all(span[0] != lead for span in self.found.spans[-1:])
        self.found.spans.append((lead if first_of_outer else core[0], core[1], index))
        self.found.names.update((named[0] + len(name), named[1].end_byte))
        self.stack.append(Frame(node, kind, core[0], core[1], index, qualified))

    def _enclosing(self, kind: str) -> Frame | None:
        """The frame whose symbol is the parent. A field that a constructor's parameter makes is the class's,
        and a type is not inside the `typedef` that names it.
        """
        for frame in reversed(self.stack):
            if (kind, frame.kind) != ("field", "constructor") and (
                kind != "type" or frame.node.type != "type_definition" or frame.kind == "outer"
            ):
                return frame
        return None

    def _outers(self, node: Node) -> list[Frame]:
        """The wrappers around `node` with no other node between, innermost first."""
        found: list[Frame] = []
        inner = node
        for frame in reversed(self.stack):
            if frame.kind != "outer" or frame.node.child_with_descendant(inner) != inner:
                break
            found.append(frame)
            inner = frame.node
        return found

    def _split(self, text: str) -> tuple[list[str], str, int]:
        """Qualifiers, name and the name's offset in `text`: `A<T>::b`, `Foo.prototype.bar`, `'quoted'`."""
        if text.isidentifier():
            return [], text, 0
        if self.language.names and not self.language.separators:
            free = self.language.names.match(text[: 2 * _MAX_NAME])
            return [], free.group(1)[:_MAX_NAME] if free else "", free.start(1) if free else 0
        if self.language.text:
            return _split_keys(text)
        if text[:1] in "\"'" and text[-1:] in "\"'":
            return [], text[1:-1] if len(text) < _MAX_NAME else "", 0
        head, at = text, 0
        operator = re.search(r"(?:^|::)\s*operator\b", text)
        limit = operator.start() + 2 if operator and operator.start() else 0 if operator else len(text)
        for separator in self.language.separators:
            found = text.rfind(separator, 0, limit)
            if found >= 0 and found + len(separator) > at:
                head, at = text[:found], found + len(separator)
        raw = text[at:]
        name = raw.strip()
        offset = at + len(raw) - len(raw.lstrip())
        if name.endswith(">") and not name.startswith("operator") and not self.language.names:
            name = name.partition("<")[0].rstrip()
        if name.startswith("operator"):
            name = (
                " ".join(name.partition("(")[0].split()) if not name.startswith("operator(") else "operator()"
            )
        allowed = (self.language.names or _NAME).match(name)
        if len(name) > _MAX_NAME or not allowed or name in self.language.ignored_qualifiers:
            return [], "", 0
        if allowed.lastindex:
            name, offset = allowed.group(1), offset + allowed.start(1)
        return self._qualifiers(head) if at else [], name, offset

    def _qualifiers(self, head: str) -> list[str]:
        for separator in self.language.separators:
            head = head.replace(separator, "\0")
        parts = [part.strip().partition("<")[0] for part in head.split("\0")]
        parts = [part for part in parts if part and part not in self.language.ignored_qualifiers]
        return parts if len(head) < _MAX_NAME and all(_NAME.match(part) for part in parts) else []

    def _kind(
        self, kind: str, name: str, qualifiers: list[str], owner: Frame | None, before: str, node: Node
    ) -> str:
        """`kind` as seen from where it stands: a function of a class is a method, and so on."""
        language = self.language
        in_type = owner is not None and owner.kind in TYPES
        if kind == "function" and (in_type or qualifiers):
            kind = "method"
        if kind == "method" and self._constructs(name, qualifiers, owner):
            return "constructor"
        if kind == "method" and language.property_marks and language.property_marks.search(before):
            return "property"
        if kind == "variable" and owner is not None and owner.kind == "enum":
            return "enum_member"
        if kind in ("variable", "field") and language.constant_names and _UPPER.match(name):
            return "constant"
        if kind == "variable" and in_type:
            return "field"
        if kind == "class" and language.enum_bases:
            bases = node.child_by_field_name("superclasses")
            if bases and language.enum_bases.search(self.source.latin[slice(*bases.byte_range)]):
                return "enum"
        return kind

    def _constructs(self, name: str, qualifiers: list[str], owner: Frame | None) -> bool:
        if name in self.language.constructors:
            return True
        if not self.language.class_named_constructors:
            return False
        around = qualifiers[-1] if qualifiers else owner.qualified_name.rpartition(".")[2] if owner else ""
        return name == around


def _in_order(captures: Captures, reach: Mapping[int, int]) -> list[tuple[int, int, int, int, str, Node]]:
    """Definitions, wrappers and scopes by start, outer before inner."""
    items: list[tuple[int, int, int, int, str, Node]] = []
    for label, nodes in captures.items():
        if label in _RANKS or label.startswith("def."):
            rank = _RANKS.get(label, _DEFINITION_RANK)
            for node in nodes:
                start, end = node.byte_range
                end = reach.get(start, end) if reach and label.startswith("def.") else end
                items.append((start, -end, rank, len(items), label, node))
    items.sort()
    return items


def _split_keys(text: str) -> tuple[list[str], str, int]:
    """As `_split`, of the keys of data, which may be quoted: `target.'cfg(windows)'.dependencies`."""
    keys = list(_KEY.finditer(text))
    if not keys or len(text) > _MAX_NAME:
        return [], "", 0
    *before, last = [key.group() for key in keys]
    is_quoted = last[0] in "\"'"
    return [_unquoted(key) for key in before], _unquoted(last), keys[-1].start() + is_quoted


def _unquoted(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key


def find_name(node: Node, language: Language) -> tuple[Node | None, bool]:
    """The node of a definition's name, and whether its declarator declares a function.

    C nests names in declarators: `int (*f(void))[3]`. The way down is a loop, for any depth.
    """
    if node.child_count == 0:
        return node, False
    if language.named is not None:
        return language.named(node), False
    current = node.child_by_field_name(language.name_fields.get(node.type, "name"))
    if current is not None and not language.transparent:
        return current, False
    is_function = False
    current = current or node
    while current.child_count:
        inner = current.child_by_field_name("declarator")
        if inner is None and current.type in language.transparent and current.named_child_count:
            inner = current.named_child(current.named_child_count - 1)
        if inner is None:
            break
        if current.type == "function_declarator" and inner.type != "parenthesized_declarator":
            is_function = True
        current = inner
    return (None if current == node else current), is_function


def known_names(symbols: Iterable[Symbol], *, bare_members: bool) -> set[str]:
    """What a plain identifier of this file can mean: module-level names, enum members, nested functions.

    With `bare_members` fields too.
    """
    items = list(symbols)
    plain = ("enum_member", "function", *(_FIELDS if bare_members else ()))
    return {
        item.name
        for item in items
        if item.kind != "component"
        and (item.parent < 0 or items[item.parent].kind in SPACES or item.kind in plain)
    }
