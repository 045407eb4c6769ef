"""Questions that make a good start in a repository."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memls.index.layer import Layer


def suggestions(layer: "Layer") -> list[str]:
    return []
