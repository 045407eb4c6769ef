"""What is remembered of a repository as a whole: working-context blocks that outlive sessions, and everything
in one text, to take away and to bring back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from memls.errors import UsageError
from memls.store import Store

if TYPE_CHECKING:
    from memls.memory.blocks import BlockStore, Kind, Told
    from memls.memory.transfer import Brought

MemoryForm = Literal["json", "markdown"]


@dataclass(frozen=True, slots=True)
class Recollection:
    """The memory of one store. What it needs is imported when asked: a look-up has a store too."""

    store: Store

    def export(self, form: MemoryForm) -> str:
        """Everything that is remembered of the repository, and the user's block."""
        from memls.memory import markdown, transfer

        blocks: dict[str, str] = {name: block.load() for name, block in self.blocks().items()}
        found = transfer.read(self.store.memory, blocks, self.kinds())
        return transfer.as_json(found) if form == "json" else markdown.as_markdown(found)

    def bring(self, text: str, form: MemoryForm, *, replace: bool = False) -> "Brought":
        """Bring in what an export wrote; with `replace`, forget everything else. All of it, or nothing.

        Raises UsageError where the text is no export, or a question is being answered.
        """
        from memls.memory import blocks, markdown, transfer

        found = transfer.parse(text) if form == "json" else markdown.parse_markdown(text)
        known = () if replace else self.kinds()
        kinds = transfer.kinds(found, known)
        blocks.check([*known, *kinds])
        if replace and (running := self.store.live.names()):
            raise UsageError(f"session {running[0]} is being answered; import when it is done")
        brought = transfer.add(self.store.memory, found, replacing=replace)
        for kind in kinds:
            self.define(kind)
        for name, block in self.blocks().items():
            if name in found.blocks:
                now = "" if replace else block.load()
                block.save(transfer.merged(now, found.blocks[name]))
        return brought

    def kinds(self) -> "tuple[Kind, ...]":
        """The blocks that the user defined for this repository."""
        from memls.memory.blocks import Kinds

        return Kinds(self.store.memory).all()

    def define(self, kind: "Kind", text: str | None = None) -> None:
        """Add a block or change what one is, and its text where one is given. Raises UsageError."""
        from memls.memory.blocks import DatabaseBlock, Kinds

        Kinds(self.store.memory).define(kind)
        if text is not None:
            DatabaseBlock(self.store.memory, kind.name).save(text.strip())

    def remove(self, name: str) -> bool:
        """Delete a block that was defined, with its text; whether there was one."""
        from memls.memory.blocks import Kinds

        return Kinds(self.store.memory).remove(name)

    def told(self) -> "list[Told]":
        """The blocks, with their texts."""
        from memls.memory.blocks import STANDARD, TASK, Told

        blocks = self.blocks()
        kinds = (*(kind for kind in STANDARD if kind.name != TASK), *self.kinds())
        return [Told(kind, blocks[kind.name].load()) for kind in kinds]

    def blocks(self) -> "dict[str, BlockStore]":
        """Where the text of each block is kept."""
        from memls.memory.blocks import DatabaseBlock

        names = ["project", *(kind.name for kind in self.kinds())]
        shared = {name: DatabaseBlock(self.store.memory, name) for name in names}
        return {"user": _UserBlock(self.store), **shared}


@dataclass(slots=True)
class _UserBlock:
    """The block of the user, in a database that other repositories' sessions use too: opened briefly."""

    store: Store

    def load(self) -> str:
        if not self.store.folders.user.exists():  # nothing was ever kept; making a database takes a while
            return ""
        from memls.memory.blocks import DatabaseBlock

        database = self.store.user_memory()
        try:
            return DatabaseBlock(database, "user").load()
        finally:
            database.close()

    def save(self, text: str) -> None:
        from memls.memory.blocks import DatabaseBlock

        database = self.store.user_memory()
        try:
            DatabaseBlock(database, "user").save(text)
        finally:
            database.close()
