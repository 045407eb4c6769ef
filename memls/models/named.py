"""What the lookup before the first call says of the names that a question writes."""

import re
from collections.abc import Sequence

from memls.models.intent import Node
from memls.text import is_aside, is_test

_SHARED = re.compile(r"^(?P<name>\S+): (?P<count>\d+) definitions: (?P<listed>.*)$")
_LISTED = re.compile(r"(?P<path>\S.*?):(?P<start>\d+)-\d+ \w+ (?P<symbol>\S+)(?:; |$)")
_UNKNOWN = re.compile(r"^(?P<name>\S+): no definition with this name(?: \(near names: (?P<near>.*)\))?$")


class Names:
    """Names that many definitions share, and names that none has."""

    def __init__(self, lookup: Sequence[str]) -> None:
        self._shared = [match for line in lookup if (match := _SHARED.match(line))]
        self._unknown = [match for line in lookup if (match := _UNKNOWN.match(line))]

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
        """Which names no definition has."""
        told = []
        for one in self._unknown:
            near = ", ".join(f"`{name}`" for name in one["near"].split(", ")) if one["near"] else ""
            told.append(
                f"No definition is named `{one['name']}`." + (f" Near names: {near}." if near else "")
            )
        return told
