"""A question in the words of those who ask: what memory says that they mean is looked up."""

from collections.abc import Iterator

import pytest
from repository import Repo, calls, repository, script

FILES = {
    "lib/container.py": "class PluginContainer:\n    def run(self):\n        return 1\n",
    "lib/session.py": "class Session:\n    def close(self):\n        return 2\n",
    "app/session.py": "class Session:\n    def close(self):\n        return 3\n",
}
CONTAINER, SESSION = (
    "[p1] lib/container.py:1-3 class PluginContainer",
    "[p1] lib/session.py:1-3 class Session",
)


@pytest.fixture
def repo() -> Iterator[Repo]:
    with repository(FILES) as made:
        yield made


@pytest.mark.parametrize("to", ["project", "archive"])
@pytest.mark.parametrize(
    ("remembered", "question", "shown"),
    [
        ("The user's team calls PluginContainer 'the orchestra'.", "When does the orchestra end?", CONTAINER),
        ("We call PluginContainer the orchestra, as it runs all.", "What is in our Orchestra?", CONTAINER),
        ("PluginContainer is called the big room.", "Who enters the big room?", CONTAINER),
        ("By the orchestra we mean PluginContainer.", "When does the orchestra end?", CONTAINER),
        ("We call `Session` (lib/session.py) “the hall”.", "What is the hall?", SESSION),
        ("We call lib/session.py 'the hall'.", "What is the hall?", "lib/session.py: lib/session.py"),
        ("We call PluginContainer the orchestra.", "Which orchestras are there?", ""),
        ("We call PluginContainers 'the orchestra'.", "When does the orchestra end?", ""),
        ("PluginContainer runs before an orchestra.", "When does the orchestra end?", ""),
    ],
)
def test_what_a_word_means_is_looked_up(
    repo: Repo, to: str, remembered: str, question: str, shown: str
) -> None:
    keep = calls(("remember", {"text": remembered, "to": to}))
    repo.ask("Remember this.", script(keep, "Kept."))
    run = repo.ask(question, script("So."))
    text = str(run.requests[0].messages[1]["content"])
    assert (" as remembered: " in text) == bool(shown) and shown in text
    assert repo.replay(run.trace) == run.trace
