"""A type without namesakes: what a name means in Kotlin, Scala and Swift, where no file says which has it.

A package is known by the last part of its name, which is that of its folder. An import need agree with no
more than that, as a second type of the name leaves it open here. Swift's modules show all that they have.
"""

from memls.index.facts import Definition, Facts
from memls.index.found import Found
from memls.index.scoping import FITTING, scoping


def only_type(facts: Facts, file: int, name: str) -> Found | None:
    """What a name means that nothing in its file defines, None where that is not certain."""
    imports = scoping(facts.files.languages[file]).package == "imports"
    bound = facts.bindings(file, name) if imports else ()
    if len({(one.module, one.name) for one in bound}) > 1:
        return None
    own = bound[0].name if bound else name
    named = [d for some in facts.everywhere(own).values() for d in some if d.qualified_name == own]
    found = [d for d in named if d.kind in FITTING["type"] or _is_kin(facts, file, d)]
    if len({d.file for d in found}) != 1 or not all(_is_type_for(facts, file, d) for d in found):
        return None
    if imports:
        folder = _folder(facts, found[0].file)
        packages = {_last(one.module) for one in bound or facts.bindings(file, "*")}
        if folder not in packages and (bound or folder != _folder(facts, file)):
            return None
    return Found(tuple(found), "only type of its name")


def _is_type_for(facts: Facts, file: int, definition: Definition) -> bool:
    pattern = scoping(facts.files.languages[file]).private
    private = pattern is not None and pattern.match(definition.signature)
    return definition.kind in FITTING["type"] and _is_kin(facts, file, definition) and not private


def _is_kin(facts: Facts, file: int, definition: Definition) -> bool:
    """Whether a definition is of the file's language, and no heading of its documentation."""
    languages = facts.files.languages
    return scoping(languages[definition.file]).family == scoping(languages[file]).family


def _folder(facts: Facts, file: int) -> str:
    """The name of the folder that a file is in."""
    return facts.files.paths[file].rpartition("/")[0].rpartition("/")[2]


def _last(module: str) -> str:
    return module.rpartition(".")[2]
