"""Conversations as their users handle them: found, read again, named, forgotten, branched, given away."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from memls.agent import citations
from memls.agent.contexts import Contexts
from memls.agent.recheck import recheck
from memls.agent.session import saved_state
from memls.errors import NotFoundError
from memls.events import Answer, Citation, Usage, answer_of
from memls.memory.queue import Queue
from memls.memory.recall import Message, Recall, SessionInfo
from memls.memory.turns import INTERRUPTED, Turn, Turns
from memls.text import visible

_MARKS = {"verified": "✓", "moved": "→", "stale": "!", "unverified": "?"}
_KEPT_TEXT = "kept by an earlier version, which did not keep what it had read"


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions of one repository."""

    contexts: Contexts

    @property
    def _turns(self) -> Turns:
        return Turns(self.contexts.memory.database)

    def all(self, query: str = "") -> list[SessionInfo]:
        """Conversations, the latest first; with `query` those in which all its words stand."""
        return self._turns.sessions(query)

    def turns(self, name: str) -> list[Turn]:
        """What was asked in a session, and what came of it. Raises NotFoundError."""
        self._must_exist(name)
        running = self.contexts.live.is_taken(name)
        found = [_whole(turn, name) for turn in self._turns.of(name)]
        return [
            turn if turn.answer or turn.failure or (running and turn is found[-1]) else _lost(turn)
            for turn in found
        ]

    def transcript(self, name: str) -> list[Message]:
        """Every message of a session, in order; of a branch that was not asked yet, what it remembers."""
        messages = Recall(self.contexts.memory.database).transcript(name)
        return messages or list(_messages(name, self._turns.of(name)))

    def rename(self, name: str, title: str) -> list[SessionInfo]:
        """Call a session so; all sessions then. Raises NotFoundError."""
        if not self._turns.rename(name, title):
            raise NotFoundError(f"no session is named {name!r}")
        return self.all()

    def forget(self, name: str) -> bool:
        """Delete a session with everything in it; whether there was one."""
        return bool(Recall(self.contexts.memory.database).forget(name))

    def fork(self, name: str, before: int) -> str:
        """A new session that remembers the turns before one: what was asked and answered, but no page.

        What the task block says stays behind too, unless the branch goes on from the end.
        """
        turns = self.turns(name)
        if not 1 <= before <= len(turns) + 1:
            raise NotFoundError(f"session {name} has no turn {before}")
        branch = f"chat-{uuid.uuid4().hex[:8]}"
        old, new = self.contexts.open(name), self.contexts.open(branch, new=True)
        queue = Queue()
        for turn in turns[: before - 1]:
            if turn.answer:
                queue.append("user", turn.question)
                queue.append("assistant", turn.answer["answer"])
        new.context.queue, new.budget = queue, old.budget
        if before > len(turns):
            new.blocks.set("task", old.blocks.get("task"))
        new.recall.save_state(branch, saved_state(new))
        self._turns.copy(name, before, branch)
        return branch

    def export(self, name: str) -> str:
        """A conversation in Markdown, its citations as they hold now. Raises NotFoundError."""
        turns = self.turns(name)
        title = next((info.title for info in self.all() if info.name == name), name)
        lines = [f"# {visible(title)}"]
        for turn in turns:
            lines += [
                "",
                f"## {visible(' '.join(turn.question.split()))}",
                "",
                f"_{turn.time:%Y-%m-%d %H:%M} UTC_",
            ]
            attached = ", ".join(f"`{visible(_target(one))}`" for one in turn.attachments)
            lines += ["", f"Attached: {attached}"] if attached else []
            if turn.answer:
                lines += ["", *self._answer(answer_of(turn.answer))]
            else:
                lines += ["", f"_No answer: {visible(turn.failure or 'it is being answered')}_"]
        return "\n".join(lines) + "\n"

    def _answer(self, answer: Answer) -> Iterator[str]:
        yield answer.answer
        checked = recheck(answer.citations, self.contexts.repository.code)
        if checked:
            yield from ("", "### Citations", "", *map(_citation, checked))
        if answer.model:
            yield from ("", f"_{visible(answer.model)}_")

    def _must_exist(self, name: str) -> None:
        if not Recall(self.contexts.memory.database).has(name):
            raise NotFoundError(f"no session is named {name!r}")


def _whole(turn: Turn, session: str) -> Turn:
    """With the whole result also where an earlier version kept the answer's text alone."""
    if turn.answer is None or "status" in turn.answer:
        return turn
    text = turn.answer["answer"]
    cited = tuple(
        Citation(m.path, m.start, m.end, "", "unverified", m.start, m.end, _KEPT_TEXT)
        for m in citations.mentions(text)
    )
    return replace(turn, answer=Answer(text, "answered", cited, Usage(), (), "", session, 0).as_json())


def _lost(turn: Turn) -> Turn:
    return replace(turn, failure=INTERRUPTED)


def _messages(session: str, turns: list[Turn]) -> Iterator[Message]:
    number = 0
    for turn in turns:
        for role, content in (("user", turn.question), ("assistant", (turn.answer or {}).get("answer", ""))):
            number += 1
            yield Message(session, number, role, content, turn.time)


def _target(attachment: dict[str, object]) -> str:
    place = attachment.get("symbol") or (
        f"{attachment['start']}-{attachment.get('end', attachment['start'])}" if "start" in attachment else ""
    )
    return f"{attachment['path']}:{place}".rstrip(":")


def _citation(citation: Citation) -> str:
    place = f"{citation.path}:{citation.start}-{citation.end}"
    line = f"- {_MARKS[citation.status]} {citation.status} `{visible(place)}`"
    if citation.status == "moved":
        line += f" (cited as {citation.cited_start}-{citation.cited_end})"
    return f"{line} ({visible(citation.reason)})" if citation.reason and citation.status != "moved" else line
