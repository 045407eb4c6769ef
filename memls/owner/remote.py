"""What one process may ask of another's workspace: the methods by name, and what their answers are.

Parameters are JSON as they come; answers are dataclasses, made into JSON on one side and back on the other.
"""

from collections.abc import Set
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from memls.agent.upkeep import Tidied
from memls.events import Citation
from memls.index.builder import Report
from memls.index.code import CodeLines, Status
from memls.index.mentions import Mention
from memls.index.outlines import Outline
from memls.index.resolve import Edge
from memls.index.rules import Ruling
from memls.index.search import Found
from memls.index.vectors import Coverage
from memls.memory.archive import Note
from memls.memory.blocks import Told
from memls.memory.recall import Message, SessionInfo
from memls.memory.search import Memory
from memls.memory.transfer import Brought
from memls.memory.turns import Turn
from memls.text import read_time, told_time

if TYPE_CHECKING:
    from cattrs import Converter

    from memls.workspace import Workspace

METHODS: dict[str, Any] = {
    "is_whole": bool,
    "status": Status,
    "embed": Coverage | None,
    "import_index": Report,
    "export_index": int,
    "search": Found,
    "references": list[Edge],
    "sessions": list[SessionInfo],
    "transcript": list[Message],
    "notes": list[Note],
    "turns": list[Turn],
    "rename": list[SessionInfo],
    "forget": bool,
    "fork": str,
    "export": str,
    "verify": list[Citation],
    "context": dict[str, Any],
    "page": dict[str, Any],
    "page_in": dict[str, Any],
    "block": dict[str, Any],
    "remember": int,
    "blocks": list[Told],
    "define_block": bool,
    "remove_block": bool,
    "tidy": Tidied,
    "export_memory": str,
    "import_memory": Brought,
    "read": CodeLines,
    "region": CodeLines,
    "outline": Outline,
    "recalled": list[Memory],
    "mentions": list[Mention],
    "suggestions": list[str],
    "rules": list[Ruling],
}
"""Each method of `Workspace` that is a question with an answer, and the type of the answer."""

INDEX: Any = Report


def perform(workspace: "Workspace", method: str, params: dict[str, Any]) -> Any:
    """Call a method of the table, and give its answer as JSON."""
    return converter().unstructure(getattr(workspace, method)(**params), METHODS[method])


def revive(kind: Any, answer: Any) -> Any:
    """The answer as what it was before it was JSON."""
    return converter().structure(answer, kind)


@cache
def converter() -> "Converter":
    """Imported when something is forwarded: it takes a while."""
    from cattrs import Converter

    made = Converter(unstruct_collection_overrides={Set: sorted})
    made.register_unstructure_hook(datetime, told_time)
    made.register_structure_hook(datetime, lambda text, _: read_time(text))
    return made
