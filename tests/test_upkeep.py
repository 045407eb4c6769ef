"""What memory does when nobody asks: anchors follow, notes are merged, talks summed up; nothing goes."""

import threading
from datetime import timedelta

from repository import Repo, repository, script

from memls.agent.live import Live
from memls.agent.upkeep import Tidied, Timer
from memls.memory.search import Remembered, Wanted

RING = "def evict(pages):\n    return pages.pop(0)\n\n\ndef other():\n    return 2\n"


def age(repo: Repo, hours: int) -> None:
    """Everything that was said was said so much earlier."""
    memory = repo.workspace.store.memory
    earlier = timedelta(hours=hours)
    memory.write(lambda w: w.execute("UPDATE messages SET time = time - ?", [earlier]))


def found(repo: Repo, words: str) -> list[str]:
    return [one.text for one in Remembered(repo.workspace.store.memory).search(Wanted(words)).items]


def test_an_anchor_follows_the_very_text_it_had() -> None:
    with repository({"ring.py": RING}) as repo:
        w = repo.workspace
        w.remember("The oldest goes.", "ring.py", "evict")
        w.remember("It is two.", "ring.py", "other")
        repo.write("ring.py", RING.replace("return 2", "return 3").split("\n\n\n")[1])
        repo.write("lib/moved.py", RING.split("\n\n\n")[0] + "\n")
        w.index()
        assert w.tidy() == Tidied(anchored=1)
        places = {note.text: (note.anchors[0].path, note.anchors[0].symbol) for note in w.notes()}
        assert places["The oldest goes."] == ("lib/moved.py", "evict")
        assert places["It is two."] == ("ring.py", "other")  # changed: flagged as stale where it is shown
        assert not w.tidy()


def test_an_anchor_stays_where_there_are_two_places() -> None:
    with repository({"ring.py": RING}) as repo:
        w = repo.workspace
        w.remember("The oldest goes.", "ring.py", "evict")
        evict = RING.split("\n\n\n")[0] + "\n"
        for path, text in (("ring.py", "x = 1\n"), ("a.py", evict), ("b.py", evict)):
            repo.write(path, text)
        w.index()
        assert not w.tidy() and w.notes()[0].anchors[0].path == "ring.py"


def test_notes_that_say_the_same_are_found_as_one() -> None:
    with repository({"ring.py": RING}) as repo:
        w = repo.workspace
        w.remember("The server listens on port 80 by default")
        w.remember("the server listens on port 80, by default.")
        w.remember("The server listens on port 81 by default")
        w.remember("The server listens on port 80 by default", "ring.py", "evict")
        assert w.tidy() == Tidied(merged=1)
        assert len(w.notes()) == 4  # no source is deleted
        assert len(found(repo, "server port")) == 3
        assert not w.tidy()
        assert w.forget("note:1")  # what stood for both is gone: the other one is found again
        assert len(found(repo, "server port")) == 3


def test_a_conversation_that_is_over_is_summed_up_once() -> None:
    with repository({"ring.py": RING}) as repo:
        repo.ask("Which page goes first?", script("The oldest one goes first."), session="s")
        repo.ask("And then?", script("The one after it."), session="s")
        repo.ask("Short?", script("Yes."), session="t")
        assert not repo.workspace.tidy()
        before = repo.workspace.transcript("s")
        age(repo, 13)
        assert repo.workspace.tidy() == Tidied(summarised=1)
        messages = repo.workspace.transcript("s")
        assert [m.content for m in messages[:-1]] == [m.content for m in before]
        assert messages[-1].role == "summary" and messages[-1].content == (
            "asked: Which page goes first?\nanswered: The oldest one goes first.\n"
            "asked: And then?\nanswered: The one after it."
        )
        assert not repo.workspace.tidy()
        repo.ask("More?", script("No."), session="s")
        repo.ask("Sure?", script("Yes."), session="s")
        age(repo, 13)
        assert repo.workspace.tidy().summarised == 1
        assert repo.workspace.transcript("s")[-1].content.startswith("asked: More?")


def test_the_timer_waits_until_nobody_asks() -> None:
    class Busy(Live):
        asked = True

        def names(self) -> list[str]:
            return ["s"] if self.asked else []

    live, worked = Busy(), threading.Event()

    def work() -> Tidied:
        worked.set()
        raise RuntimeError("the store is closing")

    timer = Timer(live, work, idle=0.05, every=60)
    try:
        assert not worked.wait(0.3)
        live.asked = False
        assert worked.wait(10)
        worked.clear()
        assert not worked.wait(0.3)  # not again so soon
    finally:
        timer.stop()
