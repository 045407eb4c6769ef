"""From captures to references: who is used where, in which role, on what receiver.

Many patterns meet at one name: `b` of `a.b()` is a call, a member and an identifier. A place counts once, for
the first role in `_ROLES`. Places are known by the offset where the name ends, which is also where its whole
expression ends, so that most of the captures are dismissed without looking at their text.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from tree_sitter import Node

from memls.source.header import Source
from memls.source.languages import Language
from memls.source.outline import Reference, Role
from memls.source.types import typed

Row = tuple[int, str, Role, str, int]
"""Where a name stands, the name, its role, its receiver, and where the whole expression begins."""

_ROLES: tuple[tuple[str, Role], ...] = (
    ("inherit", "inherit"),
    ("decorator", "decorator"),
    ("call", "call"),
    ("type", "type"),
    ("write", "write"),
    ("read", "read"),
    ("member", "read"),
)
_HEAD = re.compile(r"[\w$\x80-\xff]+")
_WORD = re.compile(r"[\w$#~@\x80-\xff]+")
_BEFORE_TOKEN = re.compile(r"([\w.:]*\w)(?:\.|::)\Z")
_MAX_RECEIVER = 80
_MOST = 100
"""Arguments that are counted."""
_COMMENTS = frozenset(("comment", "line_comment", "block_comment"))
_GIVEN = frozenset(("argument_list", "arguments"))
_SPREADS = frozenset(("parameter_pack_expansion", "spread_element", "ERROR"))
_MARKS = "?! \n\t\r"
_LONG = 500
_DOT = (".",)


def split_member(text: str, separators: Sequence[str], marks: str = _MARKS) -> tuple[str, str, int]:
    """Receiver, name and the name's offset of an expression such as `a.b`, `p->f`, `std::sort<T>`.

    The receiver has none of `marks` behind it.
    """
    end = len(text)
    if text.endswith(">") and "<" in text:
        depth = 0
        for end in range(len(text) - 1, -1, -1):
            depth += (text[end] == ">") - (text[end] == "<")
            if not depth:
                break
    at = cut = 0
    for separator in separators:
        found = text.rfind(separator, 0, end)
        if found >= 0 and found + len(separator) > at:
            cut, at = found, found + len(separator)
    words = list(_WORD.finditer(text, at, end))
    if not words:
        return "", "", 0
    return text[:cut].rstrip(marks), words[-1].group(), words[-1].start()


class References:
    """Collects the references of one file; each place of the source is used once."""

    def __init__(self, language: Language, source: Source, taken: set[int]) -> None:
        self.language = language
        self.source = source
        self.taken = taken
        self.rows: list[Row] = []
        self.arguments: dict[int, int] = {}
        """Where a name ends that is called -> how many arguments it is given."""

    def collect(
        self,
        captures: Mapping[str, list[Node]],
        known: set[str],
        local: set[str],
        others: Sequence[tuple[int, int, str]] = (),
    ) -> None:
        """Rows for every captured use; the role listed first wins where two patterns meet.

        `others` are places that are captured too, and no nodes.
        """
        taken, latin, rows = self.taken, self.source.latin, self.rows
        self._fields(captures.get("literal", ()))
        taken.update([node.end_byte for node in captures.get("skip", ())])
        self._invocations(captures.get("invoke", ()))
        self._tokens(captures.get("token", ()))
        if self.language.overloads:
            self.arguments.update((node.end_byte, given_to(node.parent)) for node in captures.get("call", ()))
        for label, role in _ROLES:
            spans = [node.byte_range for node in captures.get(label, ())]
            spans += [(start, end) for start, end, other in others if other == label]
            self._expressions(spans, role)
        self._spaces(captures.get("space", ()))
        always, free = self.language.always_read, self.language.free_names
        names = [node.byte_range for node in captures.get("name", ())]
        names += [(start, end) for start, end, other in others if other == "name"]
        for start, end in names:
            if end not in taken and start < end:  # a missing identifier is empty
                name = latin[start:end]
                if name in known or (always and always.match(name)) or (free and name not in local):
                    taken.add(end)
                    rows.append((start, name, "read", "", start))
        for node in captures.get("argument", ()):
            start, end = node.byte_range
            if end not in taken and start < end and latin[start:end] not in local:
                taken.add(end)
                rows.append((start, latin[start:end], "read", "", start))

    def _spaces(self, nodes: Sequence[Node]) -> None:
        """`Status::ok` names the class `Status`, or a namespace."""
        latin, outside = self.source.latin, self.language.outside
        for node in nodes:
            start, end = node.byte_range
            if end not in self.taken and latin[start:end] not in outside:
                self.taken.add(end)
                receiver, at = self._before(start)
                self.rows.append((start, latin[start:end], "type", receiver, at))

    def _fields(self, literals: Sequence[Node]) -> None:
        """`T{a: 1}` writes the field `a` of what `T` means."""
        latin = self.source.latin
        for literal in literals:
            for key, type_ in self.language.fields(literal):
                start, end = key.byte_range
                at = type_.start_byte
                if start < end and end not in self.taken:
                    self.taken.add(end)
                    receiver = latin[at : min(type_.end_byte, at + _MAX_RECEIVER)]
                    self.rows.append((start, latin[start:end], "write", receiver, at))

    def _invocations(self, nodes: Sequence[Node]) -> None:
        latin = self.source.latin
        name, *objects = self.language.invoke_fields
        for node in nodes:
            named = node.child_by_field_name(name)
            owner = next(filter(None, map(node.child_by_field_name, objects)), None)
            if named is not None and named.end_byte not in self.taken and not named.is_missing:
                start, end = named.byte_range
                self.taken.add(end)
                receiver, at = "", start
                if owner is not None:
                    at = owner.start_byte
                    receiver = latin[at : min(owner.end_byte, at + _MAX_RECEIVER)]
                self.rows.append((start, latin[start:end], "call", receiver, at))
                if self.language.overloads:
                    self.arguments[end] = given_to(node)

    def _tokens(self, nodes: Sequence[Node]) -> None:
        latin = self.source.latin
        for node in nodes:
            start, end = node.byte_range
            if latin[end : end + 1] == "(" and end not in self.taken:
                self.taken.add(end)
                receiver, at = self._before(start)
                self.rows.append((start, latin[start:end], "call", receiver, at))

    def _before(self, start: int) -> tuple[str, int]:
        """The path of names that ends before a name, and where it begins."""
        before = _BEFORE_TOKEN.search(self.source.latin, max(0, start - _MAX_RECEIVER), start)
        return (before.group(1), before.start()) if before else ("", start)

    def _expressions(self, spans: list[tuple[int, int]], role: Role) -> None:
        taken, latin, rows = self.taken, self.source.latin, self.rows
        separators = self.language.separators
        marks = _MARKS[1:] if self.language.typing.tries else _MARKS
        spans.sort(key=_start)  # the cursor gives them in no order; the outer one counts
        for start, end in spans:
            if end in taken:
                continue
            text = latin[start:end] if end - start <= _LONG else latin[end - _LONG : end]
            taken.add(end)
            if text.isidentifier():
                rows.append((start, text, role, "", start))
                continue
            receiver, _, name = text.rpartition(".")
            if name.isidentifier() and separators == _DOT:
                offset = len(receiver) + 1
                receiver = receiver.rstrip(_MARKS)
            else:
                receiver, name, offset = split_member(text, separators, marks)
                if self.language.sigil and receiver and name.startswith(self.language.sigil):
                    name, offset = name[1:], offset + 1
            if end - start > _LONG:
                offset += end - start - _LONG
                receiver = latin[start : start + _MAX_RECEIVER]
            at = start + offset
            if name and (at + len(name) == end or at + len(name) not in taken):
                taken.add(at + len(name))
                rows.append((at, name, role, receiver, start))

    def heads(self, known: set[str], receivers: Mapping[int, str]) -> dict[int, str]:
        """Names that stand alone, and those before a dot that are `known`, by where they stand."""
        found = {at: name for at, name, _, receiver, _ in self.rows if not receiver}
        sigil = len(self.language.sigil)
        if not sigil:
            found.update((first, head) for first, head in receivers.items() if head in known)
        return found

    def receivers(self) -> dict[int, str]:
        """The names that receivers begin with, by where they stand, without the sigils of variables."""
        sigil = self.language.sigil
        return {
            first + len(sigil): head.group()[len(sigil) :]
            for _, _, _, receiver, first in self.rows
            if receiver and receiver.startswith(sigil) and (head := _HEAD.match(receiver))
        }

    def leave_out(self, locals_: Collection[int], types: Mapping[int, str]) -> None:
        """Of the heads at some places, which are locals: a name alone is no reference.

        A receiver has its type beside it, where one is written. Else it is put in parentheses, as what is no
        path of names: it means nothing that has its name.
        """
        sigil = len(self.language.sigil)
        if locals_ or types:
            self.rows = [
                (row[0], row[1], row[2], _receiver(row[3], types.get(row[4] + sigil)), row[4])
                if row[3] and (row[4] in locals_ or row[4] + sigil in types)
                else row
                for row in self.rows
                if row[3] or row[0] not in locals_
            ]

    def placed(
        self, spans: Sequence[tuple[int, int, int]], skipped: Sequence[tuple[int, int]]
    ) -> list[Reference]:
        """The rows in order of place, with lines and scopes, without those inside `skipped` (imports)."""
        self.rows.sort()
        changes = _scope_changes(spans)
        changes.append((len(self.source.latin) + 1, -1))
        gaps = [*sorted(skipped), (len(self.source.latin) + 1, 0)]
        starts = [*self.source.starts, len(self.source.latin) + 1]
        decode, arguments = self.source.decode, self.arguments
        found: list[Reference] = []
        row = change = gap = 0
        scope = -1
        for at, name, role, receiver, _ in self.rows:
            while starts[row + 1] <= at:
                row += 1
            while changes[change][0] <= at:
                scope = changes[change][1]
                change += 1
            while gaps[gap][1] <= at and gaps[gap][0] <= at:
                gap += 1
            if gaps[gap][0] <= at:
                continue
            if receiver:
                receiver = decode(" ".join(receiver[: 2 * _MAX_RECEIVER].split()))[:_MAX_RECEIVER]
            given = arguments.get(at + len(name), -1) if arguments and role == "call" else -1
            found.append(_reference(decode(name), role, row + 1, at - starts[row], scope, receiver, given))
        return found


def given_to(call: Node | None) -> int:
    """How many arguments a call is given, -1 where that is not known."""
    given = call.child_by_field_name("arguments") if call is not None else None
    if given is None or given.type not in _GIVEN:
        return -1
    some = [node for node in given.named_children if node.type not in _COMMENTS]
    unknown = any(node.type in _SPREADS for node in some) or len(some) > _MOST
    return -1 if unknown else len(some)


def _receiver(receiver: str, type_: str | None) -> str:
    """A receiver that begins with a local."""
    head = _HEAD.match(receiver)
    if type_ is not None and head is not None:
        return typed(head.group(), type_) + receiver[head.end() :]
    return f"({receiver})"


def _scope_changes(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Offsets where the innermost symbol changes, with the symbol from there on."""
    changes: list[tuple[int, int]] = []
    stack: list[tuple[int, int]] = []
    for start, end, index in spans:
        while stack and stack[-1][0] <= start:
            until, _ = stack.pop()
            changes.append((until, stack[-1][1] if stack else -1))
        changes.append((start, index))
        stack.append((end, index))
    while stack:
        until, _ = stack.pop()
        changes.append((until, stack[-1][1] if stack else -1))
    return changes


_start = itemgetter(0)


class _Thawed:
    """A Reference before it is frozen: same slots, plain assignment.

    A frozen dataclass assigns each field through `object.__setattr__`, which made creating references a
    quarter of the time of parsing. Filling a twin and changing its class takes less than half of that.
    """

    __slots__ = ("arguments", "column", "line", "name", "receiver", "role", "scope")


if TYPE_CHECKING:
    _reference = Reference
else:

    def _reference(name, role, line, column, scope, receiver, arguments):
        thawed = _Thawed()
        thawed.name = name
        thawed.role = role
        thawed.line = line
        thawed.column = column
        thawed.scope = scope
        thawed.receiver = receiver
        thawed.arguments = arguments
        thawed.__class__ = Reference
        return thawed
