"""Memory, searched: by words, dates, session and role; the same pages whatever is said meanwhile."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from memls.database import MEMORY, Database, Writer
from memls.errors import UsageError
from memls.memory.archive import Archive, CodeAnchor
from memls.memory.recall import Recall
from memls.memory.search import Memory, Remembered, Wanted, excerpt, moments
from memls.models.base import Reply, Request
from tests.repository import calls, repository, script

DAY = timedelta(days=1)
START = datetime(2026, 10, 30, 12, tzinfo=UTC).replace(tzinfo=None)
FACT = "The staging cluster listens on port 9443."


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(None, MEMORY)
    yield opened
    opened.close()


def say(database: Database, session: str, *messages: tuple[str, str, datetime]) -> None:
    def write(writer: Writer) -> None:
        for role, text, time in messages:
            number = writer.execute("SELECT count(*) + 1 FROM messages WHERE session = ?", [session])[0][0]
            writer.execute(
                "INSERT INTO messages VALUES (?, ?, ?, ?, '', ?)", [session, number, role, text, time]
            )

    database.write(write)


def texts(database: Database, wanted: Wanted) -> list[str]:
    return [memory.text for memory in Remembered(database).search(wanted).items]


@pytest.fixture
def talked(database: Database) -> Database:
    say(
        database, "a",
        ("user", "Where is the lease renewed?", START),
        ("assistant", "Leases are renewed in broker.py, every ten seconds.", START + DAY),
        ("tool", "lease lease lease", START + DAY),
    )  # fmt: skip
    say(database, "b", ("user", "How does the parser read numbers?", START + 2 * DAY))
    Archive(database).add(
        "b", "The broker must never be restarted on a Friday.", [CodeAnchor("x.py", "f", "1")]
    )
    return database


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("renewing a lease"), ["Where", "Leases"]),
        (Wanted("lease", role="tool"), ["lease"]),
        (Wanted("broker"), ["The", "Leases"]),
        (Wanted("broker", source="archive"), ["The"]),
        (Wanted("broker", source="conversations"), ["Leases"]),
        (Wanted("broker parser", session="b"), ["How", "The"]),
        (Wanted("broker", other_than="b"), ["Leases"]),
        (Wanted("lease", since=START + DAY), ["Leases"]),
        (Wanted("lease", until=START + DAY), ["Where"]),
        (Wanted("", session="a"), ["Leases", "Where"]),
        (Wanted("", role="user"), ["How", "Where"]),
        (Wanted("nothing like that"), []),
        (Wanted("the of and"), ["Where", "How", "The"]),
        (Wanted("?!"), []),
    ],
    ids=str,
)
def test_what_is_found(talked: Database, wanted: Wanted, expected: list[str]) -> None:
    assert [text.split()[0] for text in texts(talked, wanted)] == expected


def test_a_note_comes_with_its_anchors(talked: Database) -> None:
    [note] = Remembered(talked).search(Wanted("friday")).items
    assert (note.role, note.number, note.anchors) == ("note", 1, (CodeAnchor("x.py", "f", "1"),))


def test_pages_stay_as_they_were_while_more_is_said(database: Database) -> None:
    dice = random.Random(3)
    for number in range(90):
        say(
            database, f"s{number % 7}", ("user", f"lease {dice.choice('abc')} {number}", START + number * DAY)
        )
    remembered = Remembered(database)
    whole = [memory.text for memory in remembered.search(Wanted("lease a"), 200).items]
    found: list[Memory] = []
    cursor = ""
    while True:
        page = remembered.search(Wanted("lease a"), 20, cursor)
        assert page.total == 90
        found += page.items
        cursor = page.cursor(len(page.items))
        say(database, "new", ("user", "lease a a a", START + 1000 * DAY))
        if not cursor:
            break
    assert [memory.text for memory in found] == whole
    assert remembered.search(Wanted("lease a"), 20).total == 95


def test_what_is_forgotten_leaves_nothing(talked: Database) -> None:
    assert texts(talked, Wanted("broker"))
    assert Recall(talked).forget("a") and Archive(talked).forget(1)
    assert texts(talked, Wanted("broker")) == [] == texts(talked, Wanted("lease", role="tool"))
    assert talked.read("SELECT count(*) FROM item_terms t ANTI JOIN items i USING (item)") == [(0,)]
    assert talked.read("SELECT count(*) FROM items") == [(1,)]


@pytest.mark.parametrize(
    ("when", "since", "until"),
    [
        ("", None, None),
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        (" 2026-11-20 ", (2026, 11, 20), (2026, 11, 21)),
        ("2026-2-28..2026-11", (2026, 2, 28), (2026, 12, 1)),
        ("..2026", None, (2027, 1, 1)),
        ("2026..", (2026, 1, 1), None),
    ],
)
def test_dates(when: str, since: tuple[int, int, int] | None, until: tuple[int, int, int] | None) -> None:
    found = tuple(moment and (moment.year, moment.month, moment.day) for moment in moments(when))
    assert found == (since, until)


@pytest.mark.parametrize("when", ["yesterday", "2026-13", "2026-02-30", "26-11-20", "9999-12-31", "0000"])
def test_no_dates(when: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        moments(when)


def test_an_excerpt_is_of_what_was_asked_for() -> None:
    text = "lorem " * 200 + "the lease is renewed here " + "ipsum " * 200
    assert "lease is renewed" in excerpt(text, "renew the lease", 200)
    assert len(excerpt(text, "renew the lease", 200)) <= 203
    assert excerpt("short\n text", "x", 200) == "short text"


def test_a_new_session_begins_with_what_bears_on_its_question() -> None:
    with repository({"a.py": "def renew():\n    return 1\n"}) as repo:
        repo.ask(
            "Remember this.",
            script(calls(("remember", {"text": FACT, "to": "archive"})), "Kept."),
            session="old",
        )
        run = repo.ask("On which port does staging listen?", script("9443."), session="new")
        assert FACT in first(run.requests[0]) and "remembered from earlier" in first(run.requests[0])
        other = repo.ask("What does renew return?", script("One."), session="other")
        assert "remembered from earlier" not in first(other.requests[0])
        again = repo.ask("And on which port does staging listen?", script("9443."), session="new")
        assert str(again.requests[0].messages).count("remembered from earlier") == 1


LONG_ANSWER = (
    "Leases are kept in broker.py, and each has an owner [broker.py:{n}].\n"
    "The lease of a worker is renewed by its heartbeat every ten seconds.\n"
    "Other workers stand elsewhere.\nFiles have numbers.\nThe retries are set once. They are read twice.\n"
)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("When is the lease of a worker renewed?", "every ten seconds"),
        ("Where do workers read the retries of files, and who sets them?", ""),
        ("How does the compiler fold numbers?", ""),
    ],
)
def test_an_earlier_answer_is_one_line_or_none(question: str, told: str) -> None:
    with repository({"broker.py": "x = 1\n"}) as repo:
        repo.ask("How are leases kept?", script(*(LONG_ANSWER.format(n=n) for n in (7, 8))), session="old")
        text = first(repo.ask(question, script("So."), session="new").requests[0])
    rows = [line for line in text.split("\n") if line.startswith("old ")]
    assert len(rows) == bool(told) == ("remembered from earlier" in text)
    for row in rows:
        assert "asked 'How are leases kept?'" in row and told in row and "…" not in row and len(row) < 360


def test_of_a_long_line_the_places_that_it_cites_are_told() -> None:
    line = f"The lease of a worker is renewed by its heartbeat, {'and so on, ' * 30}[broker.py:2]."
    files = {"broker.py": "def renew():\n    return 1\n"}
    with repository(files) as repo:
        read = calls(("page_in", {"targets": ["broker.py"]}))
        repo.ask("How is it kept?", script(read, line), session="old")
        text = first(
            repo.ask("When is the lease of a worker renewed?", script("So."), session="new").requests[0]
        )
    [row] = [line for line in text.split("\n") if line.startswith("old ")]
    assert row.endswith("asked 'How is it kept?': broker.py:2-2 renew")


def test_an_answer_that_failed_the_check_is_not_remembered() -> None:
    with repository({"broker.py": "x = 1\n"}) as repo:
        answers = (LONG_ANSWER.format(n=7), "The lease is renewed by a heartbeat.")
        repo.ask("How are leases kept?", script(*answers), session="old")
        run = repo.ask("?", script(calls(("recall", {"query": "lease heartbeat"})), "So."), session="new")
    recalled = run.requests[1].messages[-1]["content"]
    assert "renewed by a heartbeat" in recalled and "ten seconds" not in recalled


def first(request: Request) -> str:
    return str(request.messages[1]["content"])


def test_the_model_searches_by_date_and_goes_on() -> None:
    with repository({"a.py": "x = 1\n"}) as repo:
        database = repo.workspace.store.memory
        for number in range(30):
            say(database, "old", ("user", f"lease {number + 10}", START + number * DAY))
        made = calls(
            ("recall", {"query": "lease", "when": "2026-11-01..2026-11-02"}),
            ("recall", {"query": "lease", "when": "2026"}),
            ("recall", {"query": "lease", "when": "soon"}),
            ("recall", {"role": "user", "when": "2026-11-03"}),
        )
        run = repo.ask("What was said?", script(made, next_page, "Done."), session="s")
        results = [m["content"] for m in run.requests[2].messages if m["role"] == "tool"]
        assert results[0].split("\n") == [
            "2 memories",
            "old user 2026-11-02: lease 13",
            "old user 2026-11-01: lease 12",
        ]
        assert results[1].startswith("30 memories; for more: cursor ") and "lease 39" in results[1]
        assert "is no date" in results[2] and "lease 14" in results[3]
        assert results[4].startswith("30 memories; for more: cursor ") and "lease 29" in results[4]


def next_page(request: Request) -> Reply:
    told = [m["content"] for m in request.messages if m["role"] == "tool"][1]
    cursor = told.split("\n")[0].rpartition(" ")[2]
    return calls(("recall", {"query": "lease", "when": "2026", "cursor": cursor}))


def test_the_best_memory_and_one_conversation_are_shown_at_length() -> None:
    long = "The lease is renewed every minute. " + "More of it stands here. " * 30 + "It ends at noon."
    with repository({"a.py": "x = 1\n"}) as repo:
        database = repo.workspace.store.memory
        say(database, "old", ("user", "How is the lease renewed?", START), ("assistant", long, START))
        say(database, "else", ("assistant", f"On the lease: {long}", START))
        made = calls(
            ("recall", {"query": "how is the lease renewed"}),
            ("recall", {"session": "old"}),
        )
        run = repo.ask("How did you say is the lease renewed?", script(made, "At noon."), session="s")
        best, whole = (m["content"] for m in run.requests[1].messages if m["role"] == "tool")
    assert best.count("It ends at noon.") == 1 and "…" in best  # the best, and what is shown of the rest
    assert "How did you say" not in best  # the question itself is no memory
    assert whole.count("It ends at noon.") == 1 and "else" not in whole and "old user" in whole
