"""Names as a model is told them: without the namespace that their file is in, which its path says already.

`Newtonsoft.Json.Serialization.JsonContract.Create` is told as `JsonContract.Create`, and a target named so
leads there, since the end of a qualified name does.
"""

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
    """Places with the names of what is there, or around it, in short: with one query for all of them."""
    paths = {one.path for one in found if "." in one.symbol}
    spaces = search.namespaces_of(paths) if paths else {}
    return [
        replace(one, symbol=inner_name(one.symbol, spaces[one.path])) if one.path in spaces else one
        for one in found
    ]


def shortened_targets(search: Search, edges: Sequence[Edge]) -> list[Edge]:
    """Edges with the names of what they lead to in short."""
    targets = shortened(search, [edge.target for edge in edges])
    return [replace(edge, target=target) for edge, target in zip(edges, targets, strict=True)]
