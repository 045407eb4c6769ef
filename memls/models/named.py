"""What the lookup before the first call says of the names that a question writes."""

import re
from collections.abc import Sequence

from memls.models.intent import Node
from memls.models.passages import ticked
from memls.text import is_aside, is_test, shorten

_SHARED = re.compile(r"^(?P<name>\S+): (?P<count>\d+) definitions: (?P<listed>.*)$")
_LISTED = re.compile(r"(?P<path>\S.*?):(?P<start>\d+)-\d+ \w+ (?P<symbol>\S+)(?:; |$)")
_UNKNOWN = re.compile(r"^(?P<name>\S+): no definition with this name(?: \(near names: (?P<near>.*)\))?$")
_FILE = re.compile(r"^(?P<said>\S+): (?P<path>\S.*)$")
_FOLDER = re.compile(r"^(?P<path>\S+): a folder of [\d,]+ files?: ")
_NO_FILE = re.compile(r"^(?P<path>\S+): no such file in the index$")
_SYMBOL = re.compile(r"^(?P<where> *\d+-\d+) (?P<kind>\w+) (?P<signature>.*)$")
_MINOR = frozenset(("attribute", "constant", "enum_member", "field", "variable"))
_MATCHES = re.compile(r"[\d,]+ match(?:es)?\b")
_MATCH = re.compile(
    r"^(?P<path>\S.*?):(?P<line>\d+) \| (?P<code>.*?)"
    r"(?: \(in (?P<symbol>[^()]+)\))?(?: \(\+\d+ in this file\))?$"
)
_ENTRIES, _CODE = 40, 90


class Names:
    """Names that many definitions share, and names that none has; files and folders."""

    def __init__(self, lookup: Sequence[str]) -> None:
        self._shared = [match for line in lookup if (match := _SHARED.match(line))]
        self._unknown = [match for line in lookup if (match := _UNKNOWN.match(line))]

        self.no_files = [match["path"] for line in lookup if (match := _NO_FILE.match(line))]
        files = [(match["said"], match["path"]) for line in lookup if (match := _FILE.match(line))]
        files = [(said, path) for said, path in files if f"/{path}".endswith(f"/{said.removeprefix('./')}")]
        folders = [(match["path"], match["path"]) for line in lookup if (match := _FOLDER.match(line))]
        self.places = [*files, *folders]
        """Files and folders that the question writes: as it does, and their path."""

    @property
    def missing(self) -> list[str]:
        """The names that no definition has."""
        return [match["name"] for match in self._unknown]

    def meant(self, most: int) -> list[Node]:
        """Some definitions that a shared name may mean; tests and what is aside last."""
        found = [match for names in self._shared for match in _LISTED.finditer(names["listed"])]
        found.sort(key=lambda one: is_test(one["path"], one["symbol"]) + is_aside(one["path"]))
        return list(dict.fromkeys(Node(one["path"], one["symbol"]) for one in found))[:most]

    def shared(self) -> list[str]:
        """Where the definitions are that share a name."""
        told = []
        for names in self._shared:
            found = list(_LISTED.finditer(names["listed"]))
            places = [f"- `{one['symbol']}` in {one['path']}, line {one['start']}" for one in found]
            more = int(names["count"]) - len(found)
            head = f"`{names['name']}` is the name of {names['count']} definitions:"
            told.append("\n".join([head, *places, *([f"- and {more} more"] if more > 0 else [])]))
        return told

    def unknown(self) -> list[str]:
        """Which names no definition has, and which files there are not."""
        told = [f"There is no file {path} in the index." for path in self.no_files]
        for one in self._unknown:
            near = ", ".join(f"`{name}`" for name in one["near"].split(", ")) if one["near"] else ""
            told.append(
                f"No definition is named `{one['name']}`." + (f" Near names: {near}." if near else "")
            )
        return told


def as_text(results: Sequence[str], name: str, most: int) -> str:
    """Where a name that nothing defines or uses stands all the same, as `find` told."""
    text = next((text for text in results if _MATCHES.match(text)), "")
    rows = [match for line in text.split("\n")[1:] if (match := _MATCH.match(line))]
    places = []
    for row in rows[:most]:
        where = f"{row['path']}:{row['line']}"
        within = f"`{row['symbol']}` " if row["symbol"] and " " not in row["symbol"] else ""
        cited = f"in {where}" if row["code"].endswith("…") else f"[{where}]"
        places.append(f"- {within}{cited}: {ticked(shorten(row['code'], _CODE))}")
    more = [f"- and {len(rows) - most} more"] if len(rows) > most else []
    return "\n".join([f"As text `{name}` stands in:", *places, *more]) if places else ""


def entries(results: Sequence[str], path: str) -> str:
    """What `outline` told of a file or a folder; of a file's symbols those that do something."""
    head = re.compile(rf"(?:{re.escape(path)}: )?[\d,]+ (?:lines?|entry|entries)\b")
    lines = next((text.split("\n") for text in results if head.match(text)), [])[1:]
    if not lines:
        return ""
    symbols = [match for line in lines if (match := _SYMBOL.match(line))]
    telling = [one for one in symbols if one["kind"] not in _MINOR] or symbols
    lines = [f"{one['where']} {one['signature']}" for one in telling] or lines
    more = [f"… {len(lines) - _ENTRIES} more"] if len(lines) > _ENTRIES else []
    return "\n".join([f"In {path}:", "```", *lines[:_ENTRIES], *more, "```"])
