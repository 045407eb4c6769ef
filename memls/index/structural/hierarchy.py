"""What all questions about Go's types have in common: which types embed which, and what aliases stand for.

It is a few thousand rows even of large repositories, which are read once and kept as long as other facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from memls.index.facts import Facts
from memls.source.languages.go.signature import Named


@dataclass(frozen=True, slots=True)
class Embedding:
    """A type that is embedded in another, as it is written in a file."""

    owner: Named
    file: int
    written: Named


@dataclass(frozen=True, slots=True)
class Structure:
    """Embeddings by the type around and by the name that is embedded; aliases with file and signature.

    Types are told by package and name. A package is `./` and its folder.
    """

    of_owner: Mapping[Named, list[Embedding]]
    of_name: Mapping[str, list[Embedding]]
    aliases: Mapping[Named, tuple[int, str]]


_kept: "WeakKeyDictionary[Facts, Structure]" = WeakKeyDictionary()


def package_of(facts: Facts, file: int) -> str:
    """The package that a file is of."""
    return "./" + facts.files.paths[file].rpartition("/")[0]


def structure(facts: Facts) -> Structure:
    """The structure of the types at the moment of some facts."""
    found = _kept.get(facts)
    if found is None:
        found = _kept[facts] = _read(facts)
    return found


def _read(facts: Facts) -> Structure:
    rows = facts.reader.read(
        """SELECT r.file, s.qualified_name, r.receiver, r.name FROM refs r
        JOIN files f ON f.id = r.file JOIN symbols s ON s.file = r.file AND s.ordinal = r.scope
        WHERE r.role = 'inherit' AND f.language = 'go' ORDER BY f.path, r.line, r."column" """
    )
    of_owner: dict[Named, list[Embedding]] = {}
    of_name: dict[str, list[Embedding]] = {}
    for file, name, receiver, embedded in rows:
        owner = Named(package_of(facts, file), name)
        one = Embedding(owner, file, Named(receiver, embedded))
        of_owner.setdefault(owner, []).append(one)
        of_name.setdefault(embedded, []).append(one)
    rows = facts.reader.read(
        """SELECT s.file, s.qualified_name, s.signature FROM symbols s JOIN files f ON f.id = s.file
        WHERE s.kind = 'type' AND contains(s.signature, ' = ') AND f.language = 'go'
        ORDER BY f.path, s.line"""
    )
    aliases = {Named(package_of(facts, file), name): (file, text) for file, name, text in rows}
    return Structure(of_owner, of_name, aliases)
