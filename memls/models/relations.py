"""Who uses a definition and whom it uses, as results of `references` tell, with how sure each is."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from memls.models.intent import Intent, Node
from memls.models.passages import ticked
from memls.text import is_test, shorten

Lines = Set[tuple[str, int]]
"""Lines of files, by path and number."""
KINDS: Mapping[Intent, str] = {
    "callers": "callers",
    "uses": "references",
    "callees": "callees",
    "implementers": "implementations",
}
"""What to ask `references` for, where a question is about such a relation."""
_SURE = {
    "callers": "is called by",
    "references": "is used by",
    "callees": "calls",
    "implementations": "is implemented by",
}
_MAYBE = {
    "callers": "may be called by",
    "references": "may be used by",
    "callees": "may call",
    "implementations": "may be implemented by",
}
_NONE = {
    "callers": "Nothing in the index calls {}.",
    "references": "Nothing in the index uses {}.",
    "callees": "{} itself calls nothing that the index has.",
    "implementations": "Nothing in the index implements {}.",
}
_IN = re.compile(
    r"^(?P<path>\S.*?):(?P<line>\d+)(?: in (?P<symbol>\S+))? "
    r"\((?P<role>[a-z]+), (?P<reason>[^|]*)\)(?: \| (?P<code>.*))?$"
)
_OUT = re.compile(
    r"^(?P<path>\S.*?):\d+ (?P<symbol>\S+) "
    r"\(line (?P<line>\d+), (?P<reason>[^|]*)\)(?: \| (?P<code>.*))?$"
)
_IN_TESTS = "in tests: "
_TESTED = re.compile(r"(?P<path>[^;\s][^;]*?) \(\d+: (?P<symbols>[^()]*)\)")
"""In the line `in tests: a_test.go (2: TestA, TestB); …`."""
_CODE = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One use. `node` is who uses, or whom; `line` the use's own, in `path`, and `code` what stands there."""

    node: Node
    path: str
    line: int
    code: str
    sure: bool

    @property
    def is_test(self) -> bool:
        return is_test(self.node.path, self.node.symbol)


class Relation:
    """What was asked of one definition, by one kind of `references`; `asked` is whether it was."""

    def __init__(self, results: Iterable[str], kind: str, of: Node) -> None:
        self.kind = kind
        self.of = of
        heads = (f"{kind} of {of.target}:", f"no {kind} of {of.target} in the index")
        text = next((text for text in results if text.startswith(heads)), "")
        self.asked = bool(text)
        self._lines = text.split("\n")[1:]
        self.rows = list(self._rows())

    def _rows(self) -> Iterator[Row]:
        pattern = _OUT if self.kind == "callees" else _IN
        found = [match for line in self._lines if (match := pattern.match(line))]
        if self.kind == "references":  # who imports it says nothing more, where it is used there
            found = [one for one in found if one["role"] != "import"] or found
        for one in found:
            path = self.of.path if self.kind == "callees" else one["path"]
            node = Node(one["path"], one["symbol"] or "")
            yield Row(node, path, int(one["line"]), one["code"] or "", one["reason"] != "CANDIDATE")

    def source(self) -> list[Row]:
        """The rows that are no tests', where there are some."""
        return [row for row in self.rows if not row.is_test] or self.rows

    def tests(self) -> list[Node]:
        """Tests that certainly use it, beside others that do."""
        if self.rows and all(row.is_test for row in self.rows):
            return []
        nodes = [row.node for row in self.rows if row.is_test and row.sure]
        for line in self._lines:
            if line.startswith(_IN_TESTS):
                for row in _TESTED.finditer(line.removeprefix(_IN_TESTS)):
                    nodes += [Node(row["path"], name) for name in row["symbols"].split(", ") if name != "…"]
        return nodes

    def users(self, *, sure: bool) -> dict[Node, list[Row]]:
        """The rows that are no tests' by who uses it, or whom it uses."""
        users: dict[Node, list[Row]] = {}
        for row in self.source():
            if row.sure == sure:
                users.setdefault(row.node, []).append(row)
        return users


def related(relations: Sequence[Relation], most: int, read: Lines, *, none: bool) -> list[str]:
    """Relations of one kind as lists: of each definition what is sure, of each name what else may be.

    A line is cited where it was shown: with its code, or in a page (`read`). `none`: also say that there are
    none.
    """
    symbols = Counter(relation.of.symbol for relation in relations)
    each = max(1, most // max(1, len(relations)))
    told, maybe = [], dict[str, dict[Node, list[Row]]]()
    for relation in relations:
        of, kind = relation.of, relation.kind
        where = f" in {of.path}" if symbols[of.symbol] > 1 else ""
        if users := relation.users(sure=True):
            told.append(_list(f"`{of.symbol}`{where} {_SURE[kind]}:", users, each, read))
        name = of.symbol if len(relations) == 1 else of.symbol.rpartition(".")[2]
        maybe.setdefault(name, {}).update(relation.users(sure=False))
    for name, users in maybe.items():
        if users:
            told.append(_list(f"`{name}` {_MAYBE[relations[0].kind]} (by name alone):", users, most, read))
    if none and not told:
        names = ", ".join(f"`{relation.of.symbol}`" for relation in relations)
        told += [_NONE[relation.kind].format(names) for relation in relations[:1]]
    return told


def _list(head: str, users: Mapping[Node, Sequence[Row]], most: int, read: Lines) -> str:
    lines = [_line(node, rows, read) for node, rows in list(users.items())[:most]]
    more = [f"- and {len(users) - most} more"] if len(users) > most else []
    return "\n".join([head, *lines, *more])


def _line(node: Node, rows: Sequence[Row], read: Lines) -> str:
    """Who, with the lines of the uses, and the code of the first where it was shown whole."""
    shown = {row.line: row for row in rows}
    cited = [row for row in shown.values() if _is_whole(row.code) or (row.path, row.line) in read]
    if cited:
        where = " ".join(f"[{row.path}:{row.line}]" for row in cited)
    else:
        where = f"in {rows[0].path}, line{'s' * (len(shown) > 1)} {', '.join(map(str, shown))}"
    code = f": {ticked(shorten(rows[0].code, _CODE))}" if rows[0].code else ""
    return f"- `{node.symbol or node.path}` {where}{code}"


def _is_whole(code: str) -> bool:
    return bool(code) and not code.endswith("…")
