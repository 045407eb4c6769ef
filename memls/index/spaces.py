"""Names of namespaces that go through many files, as in C#, PHP and Ruby.

What a name means does not depend on where its file stands, so a definition is looked up by its qualified name
in all files. Two of one name are candidates.
"""

from memls.index.facts import Bound, Facts
from memls.index.found import Found
from memls.index.members import Members
from memls.index.scoping import SPACE_KINDS, scoping


def in_space(facts: Facts, members: Members, file: int, level: str, name: str) -> Found | None:
    """A name of the namespace `level` as a file inside of it sees it; "" is the global one."""
    rules = scoping(facts.files.languages[file])
    if rules.spaces is None or not rules.spaces.match(name):
        return None
    around = facts.symbol(file, level) if level else None
    if around is None and level and not rules.nested_spaces:
        return None
    if around is not None and around.kind not in SPACE_KINDS:
        return None
    return _named(members, file, level, name, "same namespace" if level else "only global")


def of_space(facts: Facts, members: Members, bound: Bound, name: str) -> Found | None:
    """A name of the namespace or class that an import tells."""
    rules = scoping(facts.files.languages[bound.file])
    return _named(members, bound.file, bound.module.replace(rules.separator, "."), name, "import")


def _named(members: Members, file: int, space: str, name: str, reason: str) -> Found | None:
    qualified = f"{space}.{name}" if space else name
    found = tuple(d for d in members.everywhere(file, name) if d.qualified_name == qualified)
    return Found(found, reason) if found else None
