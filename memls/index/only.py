"""The type that alone has its name in the repository: in Kotlin, Scala and Swift, whose files do not say where
a name is from.

A package is known by the last part of its name, which is that of its folder: that is all that an import must
agree with, as two types of one name are none here. Swift's modules show all that they have.
"""

from memls.index.facts import Definition, Facts
from memls.index.found import Found
from memls.index.scoping import FITTING, Scoping, scoping


def only_type(facts: Facts, file: int, name: str) -> Found | None:
    """What a name means that nothing in its file defines, None where that is not certain."""
    rules = scoping(facts.files.languages[file])
    bound = facts.bindings(file, name) if rules.package == "imports" else ()
    if len({(one.module, one.name) for one in bound}) > 1:
        return None
    own = bound[0].name if bound else name
    named = {f: [d for d in found if d.qualified_name == own] for f, found in facts.everywhere(own).items()}
    found = [d for definitions in named.values() for d in definitions]
    if not found or len({d.file for d in found}) > 1 or not all(_is_seen(facts, file, d, rules) for d in found):
        return None
    if rules.package == "imports":
        folder = _folder(facts, found[0].file)
        packages = {one.module for one in bound or facts.bindings(file, "*")}
        if folder not in {_last(module) for module in packages} and (bound or folder != _folder(facts, file)):
            return None
    return Found(tuple(found), "only type of its name")


def _is_seen(facts: Facts, file: int, definition: Definition, rules: Scoping) -> bool:
    private = rules.private is not None and rules.private.match(definition.signature)
    family = scoping(facts.files.languages[definition.file]).family
    return not private and definition.kind in FITTING["type"] and family == rules.family


def _folder(facts: Facts, file: int) -> str:
    """The name of the folder that a file is in."""
    return _last(facts.files.paths[file].rpartition("/")[0].replace("/", "."))


def _last(module: str) -> str:
    return module.rpartition(".")[2]
