"""Names as a model is told them: without the namespace that their file is in, which its path says already.

`Newtonsoft.Json.Serialization.JsonContract.Create` is told as `JsonContract.Create`, and a target named so
leads there, since the end of a qualified name does.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from memls.index.code import Place
from memls.index.names import inner_name
from memls.index.resolve import Edge
from memls.index.search import Hit, Search
from memls.memory.pages import Region

T = TypeVar("T", Hit, Place, Edge, Region)


def shortened(search: Search, found: Sequence[T]) -> list[T]:
    """Places with the names of what is there, or around it, in short: with one query for all of them.

    Where two of one file would be called the same they stay as they are.
    """
    paths = {one.path for one in found if "." in one.symbol}
    spaces = search.namespaces_of(paths) if paths else {}
    names = {(one.path, one.symbol) for one in found if one.path in spaces}
    short = {(path, symbol): inner_name(symbol, spaces[path]) for path, symbol in names}
    times = Counter((path, name) for (path, _), name in short.items())
    told = {place: name for place, name in short.items() if times[place[0], name] == 1}
    return [replace(one, symbol=told.get((one.path, one.symbol), one.symbol)) for one in found]


def shortened_targets(search: Search, edges: Sequence[Edge]) -> list[Edge]:
    """Edges with the names of what they lead to in short."""
    targets = shortened(search, [edge.target for edge in edges])
    return [replace(edge, target=target) for edge, target in zip(edges, targets, strict=True)]
