"""What a question asks for, and what stands behind the order of the answers."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from memls.database import INDEX, Database
from memls.index.builder import Builder
from memls.index.evidence import WEIGHTS
from memls.index.history import recency
from memls.index.question import understood, weighted_terms
from memls.index.rows import Limits
from memls.index.search import Search
from memls.index.terms import term_ids

REPORT = """Tokens are lost when a lease ends

<!-- Please search for duplicates before you open an issue. -->
I expected the `Broker` to keep them, see src/broker.py.

```
>>> broker.grant("printer")
```
"""


def commit_all(folder: Path, message: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", message]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)


def weight(text: str, word: str) -> float:
    return max(weighted_terms(text).get(term, 0.0) for term in term_ids([word]))


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [("tokens", "expected"), ("broker", "expected"), ("expected", "address"), ("lease", "printer")],
)
def test_words_count_by_where_they_stand(heavier: str, lighter: str) -> None:
    assert weight(REPORT, heavier) > weight(REPORT, lighter)


def test_comments_of_a_template_are_no_words_of_the_question() -> None:
    assert weight(REPORT, "duplicates") == 0 < weight(REPORT, "printer")


@pytest.mark.parametrize(
    ("text", "word", "counts"),
    [
        ("What happens when a lease ends?", "happens", False),
        ("Trace how a lease ends", "trace", False),
        ("Could you explain the lease?", "explain", False),
        ("Trace of a lease is lost", "trace", True),
        ("Find fails for leases", "find", True),
        ("Why does nothing happen in happens?", "happens", True),
        ("What happens when a lease ends?", "lease", True),
        ("Does the server renew a lease by itself?", "itself", False),
    ],
)
def test_how_a_question_begins_is_not_what_it_is_about(text: str, word: str, counts: bool) -> None:
    assert bool(weight(text, word)) is counts


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("parameterized", "parametrize"),
        ("behaviour", "behavior"),
        ("colors", "colour"),
        ("database", "db"),
        ("serialise", "serialize"),
    ],
)
def test_code_may_spell_it_otherwise(asked: str, written: str) -> None:
    assert 0 < weight(f"the {asked} of it", written) < weight(f"the {asked} of it", asked)


def test_one_line_is_no_title() -> None:
    assert weight("tokens are lost", "tokens") == 1


@pytest.mark.parametrize(
    ("text", "names", "titled", "paths", "tests"),
    [
        (REPORT, {"Broker", "broker.grant", "printer"}, set(), ("src/broker.py",), 0),
        ("Why does Broker.grant fail?\n\nSee ./a/b.py", {"Broker.grant"}, {"Broker.grant"}, ("a/b.py",), 0),
        ("What does the test class of leases check?", set(), set(), (), 1),
        ("Which tests cover leases?", set(), set(), (), 2),
        ("Lease\n\nthe test class says", set(), set(), (), 0),
        ("", set(), set(), (), 0),
        ("<!-- only a comment", set(), set(), (), 0),
    ],
)
def test_what_a_question_asks(
    text: str, names: set[str], titled: set[str], paths: tuple[str, ...], tests: int
) -> None:
    question = understood(text)
    found = question.names, question.titled, question.paths, question.tests
    assert found == (frozenset(names), frozenset(titled), paths, tests)


FILES = {
    "app/lease.py": (
        "from app.clock import ticks\n\n\n"
        "class Lease:\n"
        "    '''A right that ends.'''\n\n"
        "    def renew(self):\n        return ticks() + 1\n\n"
        "    @property\n    def remaining(self):\n        return self.end - self.start\n"
    ),
    "app/clock.py": "def ticks():\n    return 4\n",
    "examples/lease_demo.py": "def renew_lease():\n    # renew a lease: renew the lease\n    return 1\n",
    "tests/test_lease.py": "def test_renew():\n    # renew a lease: renew it\n    assert Lease().renew()\n",
    "README.md": "# Renew a lease\n\nTo renew a lease, call renew on the lease.\n",
    "vendor/lease/renew.go": "package lease\n\n// Renew renews a lease.\nfunc Renew() int { return 1 }\n",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    root: Path = tmp_path_factory.mktemp("leases")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    return database


def found(search: Search, question: str) -> list[str]:
    return [f"{hit.path}:{hit.symbol}" for hit in search.ranked(question).hits]


def test_the_code_itself_comes_before_examples_tests_and_copies(database: Database) -> None:
    hits = found(Search(database), "how do I renew a lease?")
    assert hits[0] == "app/lease.py:Lease.renew"
    as_code = replace(WEIGHTS, aside=1.0, test=1.0, prose=1.0)
    assert found(Search(database, as_code), "how do I renew a lease?")[0] != hits[0]


def test_what_the_best_use_is_found_without_a_word_in_common(database: Database) -> None:
    plain = replace(WEIGHTS, feedback=0.0)
    assert "app/clock.py:ticks" in found(Search(database, plain), "renew lease")
    alone = replace(plain, uses=0.0, members=0.0)
    assert "app/clock.py:ticks" not in found(Search(database, alone), "renew lease")


def test_lines_that_only_import_come_after_what_they_import(tmp_path: Path) -> None:
    names = "".join(f"  printerQueue{n},\n" for n in range(9))
    queues = "".join(f"export function printerQueue{n}() {{\n  return {n}\n}}\n\n" for n in range(9))
    (tmp_path / "all.ts").write_text(f"import {{\n{names}}} from './queues'\n\nexport const size = 1\n")
    (tmp_path / "queues.ts").write_text(queues)
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    assert found(Search(database), "the queue of the printer")[-1] == "all.ts:"


def test_neighbours_never_get_past_the_best(database: Database) -> None:
    generous = Search(database, replace(WEIGHTS, uses=50.0, members=50.0))
    assert found(generous, "renew lease")[:3] == found(Search(database), "renew lease")[:3]


def test_neighbours_stay_under_the_path_that_is_asked_for(database: Database) -> None:
    hits = Search(database).ranked("renew lease", path="app/lease.py").hits
    assert {hit.path for hit in hits} == {"app/lease.py"}


def test_a_property_with_a_body_answers_for_itself(database: Database) -> None:
    assert found(Search(database), "how long is remaining?")[0] == "app/lease.py:Lease.remaining"


def test_the_file_that_a_question_names_comes_first(database: Database) -> None:
    assert found(Search(database), "renew in examples/lease_demo.py")[0].startswith("examples/")


def test_what_changed_lately_counts_more(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.py").write_text(f"def renew_{name}():\n    return 'a lease is renewed'\n")
        commit_all(tmp_path, name)
    database = Database(None, INDEX)
    Builder(tmp_path, database, Limits()).catch_up()
    assert found(Search(database), "renew a lease") == ["new.py:renew_new", "old.py:renew_old"]
    still = replace(WEIGHTS, recent=0.0)
    assert found(Search(database, still), "renew a lease") == ["new.py:renew_new", "old.py:renew_old"]
    (tmp_path / "old.py").write_text("def renew_old():\n    return 'a lease was renewed'\n")
    commit_all(tmp_path, "again")
    Builder(tmp_path, database, Limits()).catch_up()
    assert found(Search(database), "renew a lease") == ["old.py:renew_old", "new.py:renew_new"]
    database.close()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], {}),
        ([["a"]], {"a": 1.0}),
        ([["a"], [f"{n}" for n in range(31)]], {"a": 1.0}),
    ],
)
def test_recency(changes: list[list[str]], expected: dict[str, float]) -> None:
    assert recency(changes) == expected
    several = recency([["a"], ["b"], ["b", "a"], ["c"]])
    assert several["a"] == 1.0 and several["a"] > several["b"] > several["c"] > 0
