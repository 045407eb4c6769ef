"""Which of several functions of a name a call can mean, by how many arguments it gives.

Types of arguments are not compared: what takes as many may be meant.
"""

from collections.abc import Sequence
from functools import lru_cache

from memls.index.facts import Definition
from memls.index.found import Target
from memls.source.signatures import parameters

_MANY = 1000


def taking(targets: Sequence[Target], given: int) -> tuple[Target, ...]:
    """Those of the targets that can be given so many arguments; all where none can."""
    able = tuple(t for t in targets if not isinstance(t, Definition) or _takes(t.signature, t.name, given))
    return able or tuple(targets)


@lru_cache(maxsize=20_000)
def _takes(signature: str, name: str, given: int) -> bool:
    written = parameters(signature, name)
    if written is None:
        return True
    least, most = _bounds(tuple(written))
    if f"::{name}(" in signature.replace(" ", ""):  # in C++ the class has the default values, not this
        least = 0
    return least <= given <= most


def _bounds(written: tuple[str, ...]) -> tuple[int, int]:
    """How many arguments parameters take, at least and at most."""
    some = [one.strip() for one in written if one.strip() not in ("", "void")]
    several = ["..." in one or one.startswith("params ") for one in some]
    optional = [more or "=" in one for more, one in zip(several, some, strict=True)]
    extends = bool(some) and some[0].startswith("this ")  # C#: given before the dot, too
    return len(some) - sum(optional) - extends, _MANY if any(several) else len(some)
