"""Which types of Go a type embeds, and which embed it, by what their names mean (`typenames`)."""

from collections.abc import Iterable, Sequence
from functools import partial

from memls.index.facts import Facts
from memls.index.structural.hierarchy import structure
from memls.index.structural.typenames import TypeNames
from memls.source.languages.go.signature import Named


class Embedded:
    """The way up from types to what they embed, and down."""

    def __init__(self, facts: Facts, names: TypeNames) -> None:
        self._facts = facts
        self._names = names
        self._structure = structure(facts)
        self.above: dict[Named, list[Named]] = {}
        """What types embed, once `ascend` had them."""

    def ascend(self, types: Iterable[Named]) -> None:
        """Have what some types embed, and what that embeds."""
        level = [one for one in types if one not in self.above]
        while level:
            embeddings = [e for one in level for e in self._structure.of_owner.get(one, ())]
            asked = {(e.file, e.written): partial(self._names.whole, e.file, e.written) for e in embeddings}
            meant = self._facts.settle(asked)
            self.above.update((one, []) for one in level)
            for e in embeddings:
                self.above[e.owner].append(meant[e.file, e.written])
            above = dict.fromkeys(meant.values())
            level = [one for one in above if one not in self.above]

    def below(self, types: Sequence[Named]) -> list[Named]:
        """The types of packages that embed one of some."""
        names = dict.fromkeys(type_.name for type_ in types)
        embeddings = [e for name in names for e in self._structure.of_name.get(name, ())]
        asked = {(e.file, e.written): partial(self._names.whole, e.file, e.written) for e in embeddings}
        meant, wanted = self._facts.settle(asked), set(types)
        found = (
            e.owner for e in embeddings if meant[e.file, e.written] in wanted and "." not in e.owner.name
        )
        return list(dict.fromkeys(found))
