"""Embeddings, where the user names a model for them: a real endpoint, a real index, everything that fails."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from memls.cli import cli
from memls.config import Folders, embeddings_config
from memls.errors import ContextOverflowError, ModelError
from memls.models.embeddings import OpenAIEmbeddings
from memls.store import Store
from memls.workspace import Workspace
from tests.endpoint import Body, FakeEndpoint, Turn, script

Vectors = list[list[float]]
CARS = "def wash(car):\n    return car.soap()\n\n\ndef paint(wall):\n    return wall\n"
BREAD = "def bake(bread):\n    return bread.oven()\n"
SYNONYMS = {"automobile": "car", "vehicle": "car", "garage": "car"}


def vector(text: str, size: int = 64) -> list[float]:
    """Words in buckets; what means the same is in the same one."""
    found = [0.01] * size
    for word in re.findall(r"[a-z]+", text.lower()):
        found[int(hashlib.md5(SYNONYMS.get(word, word).encode()).hexdigest(), 16) % size] += 1
    return found


def embed(body: Body) -> Vectors | Turn:
    return [vector(text) for text in body["input"]]


def serve(answer: Callable[[Body], Vectors | Turn] = embed) -> FakeEndpoint:
    return FakeEndpoint(script(), embed=answer)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "a.py").write_text(
        "def wash(car):\n    return car.soap()\n\n\ndef paint(wall):\n    return wall\n"
    )
    (folder / "b.py").write_text("def bake(bread):\n    return bread.oven()\n")
    return folder


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEndpoint]:
    with serve() as server:
        monkeypatch.setenv("MEMLS_EMBEDDINGS_MODEL", "small")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
        yield server


def opened(root: Path) -> Workspace:
    home = root.parent / "home"
    return Workspace.open(root, Folders(home / "index", home / "memory", home / "user"))


def symbols(workspace: Workspace, question: str) -> list[str]:
    return [hit.symbol for hit in workspace.search(question).hits]


def test_a_question_finds_what_shares_no_word_with_it(root: Path, endpoint: FakeEndpoint) -> None:
    with opened(root) as workspace:
        workspace.index()
        question = "how is an automobile cleaned?"
        assert symbols(workspace, question) == []
        coverage = workspace.embed()
        assert coverage is not None and (coverage.done, coverage.problem) == (coverage.total, "")
        assert symbols(workspace, question)[0] == "wash"
        assert [hit.symbol for hit in workspace.search(question, path="b.py").hits] == ["bake"]
        assert workspace.status().embeddings == coverage


def test_words_and_vectors_count_both(root: Path, endpoint: FakeEndpoint) -> None:
    with opened(root) as workspace:
        workspace.index()
        workspace.embed()
        assert symbols(workspace, "wall paint for the automobile")[:2] == ["paint", "wash"]


def test_a_text_is_sent_once(root: Path, endpoint: FakeEndpoint) -> None:
    with opened(root) as workspace:
        workspace.index()
        workspace.embed()
        sent = len(endpoint.embedded)
        (root / "a.py").rename(root / "moved.py")
        (root / "b.py").write_text(
            "def bake(bread):\n    return bread.oven()\n\n\ndef eat():\n    return 1\n"
        )
        workspace.index()
        workspace.embed()
        assert [body["input"] for body in endpoint.embedded[sent:]] == [["eat\ndef eat():\n    return 1"]]
        workspace.index(force=True)
        workspace.embed()
        assert len(endpoint.embedded) == sent + 1
    with opened(root) as workspace:
        workspace.index()
        assert workspace.embed() and len(endpoint.embedded) == sent + 1


def test_unsaved_text_hides_what_is_saved(root: Path, endpoint: FakeEndpoint) -> None:
    with opened(root) as workspace:
        workspace.index()
        workspace.embed()
        workspace.buffers.set("a.py", "def fresh():\n    return 0\n", 1)
        assert "wash" not in symbols(workspace, "how is an automobile cleaned?")


def test_another_model_has_its_own_vectors(
    root: Path, endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(root) as workspace:
        workspace.index()
        workspace.embed()
    monkeypatch.setenv("MEMLS_EMBEDDINGS_MODEL", "large")
    endpoint.embed = lambda body: [vector(text, 96) for text in body["input"]]
    with opened(root) as workspace:
        assert symbols(workspace, "how is an automobile cleaned?") == []
        coverage = workspace.embed()
        assert coverage is not None and coverage.model == "large"
        assert symbols(workspace, "how is an automobile cleaned?")[0] == "wash"
    endpoint.embed = lambda body: [vector(text, 32) for text in body["input"]]
    with opened(root) as workspace:  # the same name, and vectors of another length
        assert symbols(workspace, "paint the automobile")[0] == "paint"


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (Turn(status=500, retry_after=0), "failed on model"),
        (Turn(status=429, retry_after=0), "limits the rate"),
        (Turn(status=401, message="no"), "wants an API key"),
        (Turn(status=404, message="no such model"), "answers 404"),
        (Turn(cut=10), "endpoint"),
        (Turn(raw="{}"), "no embeddings"),
        (Turn(raw='{"data": []}'), "0 embeddings for"),
        (Turn(raw='{"data": [{"index": 0, "embedding": []}]}'), "embeddings"),
        (Turn(raw='{"data": "x"}'), "no embeddings"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_endpoint_that_fails_is_told_of_and_does_no_harm(
    root: Path, endpoint: FakeEndpoint, turn: Turn, said: str
) -> None:
    endpoint.embed = lambda _: turn
    with opened(root) as workspace:
        workspace.index()
        coverage = workspace.embed()
        assert coverage is not None and coverage.done == 0 and said in coverage.problem
        assert symbols(workspace, "paint the wall")[0] == "paint"
        endpoint.embed = embed
        again = workspace.embed()
        assert again is not None and again.done == again.total
        endpoint.embed = lambda _: turn
        assert symbols(workspace, "paint the wall, not the automobile")[0] == "paint"


def test_what_was_done_before_a_failure_is_kept(root: Path, endpoint: FakeEndpoint) -> None:
    for number in range(200):
        (root / f"m{number}.py").write_text(f"def function_{number}():\n    return {number}\n")
    first: list[Body] = []

    def once(body: Body) -> Vectors | Turn:
        first.append(body)
        return embed(body) if len(first) <= 2 else Turn(status=400, message="no")

    endpoint.embed = once
    with opened(root) as workspace:
        workspace.index()
        coverage = workspace.embed()
        assert coverage is not None and coverage.done == 128 and "refused" in coverage.problem
    endpoint.embed = embed
    with opened(root) as workspace:
        sent = len(endpoint.embedded)
        coverage = workspace.embed()
        assert coverage is not None and coverage.done == coverage.total
        assert sum(len(body["input"]) for body in endpoint.embedded[sent:]) == coverage.total - 128


def test_a_text_that_is_too_long_is_cut_and_one_that_is_refused_is_left_out(
    root: Path, endpoint: FakeEndpoint
) -> None:
    (root / "long.py").write_text("def long():\n" + "    soap = 1\n" * 100)
    (root / "never.py").write_text("def never():\n    poison = 1\n" + "    x = 2\n" * 100)

    def strict(body: Body) -> Vectors | Turn:
        if any(len(text) > 1000 or "poison" in text for text in body["input"]):
            return Turn(status=400, message="too long", code="context_length_exceeded")
        return embed(body)

    endpoint.embed = strict
    with opened(root) as workspace:
        workspace.index()
        coverage = workspace.embed()
        assert coverage is not None and (coverage.done, coverage.problem) == (coverage.total, "")
        assert "never" not in symbols(workspace, "automobile")


def test_it_follows_what_changes_and_stops(root: Path, endpoint: FakeEndpoint) -> None:
    home = root.parent / "home"
    store = Store(root, Folders(home / "index", home / "memory", home / "user"))
    workspace = Workspace(store, owns_store=True)
    workspace.index()
    stop = store.keep_embedded()
    until(lambda: "wash" in symbols(workspace, "how is an automobile cleaned?"))
    (root / "c.py").write_text("def lift(vehicle):\n    return vehicle\n")
    workspace.index()
    until(lambda: "lift" in symbols(workspace, "how is an automobile cleaned?"))
    stop()
    workspace.close()
    assert not [one for one in threading.enumerate() if one.name == "memls-embeddings" and one.is_alive()]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_command_line_says_how_far_it_is(
    root: Path, endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEMLS_HOME", str(tmp_path / "state"))
    run = CliRunner().invoke
    said = run(cli, ["index", "--repo", str(root)]).output
    assert "3 of 3 texts embedded by small" in said
    assert "3 of 3 texts embedded by small" in run(cli, ["status", "--repo", str(root)]).output
    found = json.loads(run(cli, ["index", "--json", "--repo", str(root)]).output)
    assert found["embeddings"] == {"model": "small", "done": 3, "total": 3, "problem": ""}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"OPENAI_BASE_URL": "http://a/v1"}, None),
        ({"MEMLS_EMBEDDINGS_MODEL": "m", "OPENAI_BASE_URL": "http://a/v1"}, ("m", "http://a/v1", None)),
        (
            {
                "MEMLS_EMBEDDINGS_MODEL": "m",
                "OPENAI_BASE_URL": "http://a/v1",
                "OPENAI_API_KEY": "k",
                "MEMLS_EMBEDDINGS_BASE_URL": "http://b/v1",
                "MEMLS_EMBEDDINGS_API_KEY": "l",
            },
            ("m", "http://b/v1", "l"),
        ),
    ],
)
def test_the_users_environment_alone_names_the_model(
    environment: dict[str, str], expected: tuple[str, str, str | None] | None
) -> None:
    found = embeddings_config(environment)
    assert (found and (found.name, found.base_url, found.api_key)) == expected


def test_the_key_is_in_no_error() -> None:
    with FakeEndpoint(script(), key="sk-right-key", embed=embed) as server:
        with pytest.raises(ModelError) as wrong:
            OpenAIEmbeddings("m", server.url, "sk-wrong-key-1234").embed(["x"])
        assert "sk-wrong" not in str(wrong.value)
        assert OpenAIEmbeddings("m", server.url, "sk-right-key").embed(["x"]) == [vector("x")]


def test_too_long_is_told_apart() -> None:
    too_long = Turn(status=400, message="maximum context length is 10 tokens", code="context_length_exceeded")
    with serve(lambda _: too_long) as server, pytest.raises(ContextOverflowError):
        OpenAIEmbeddings("m", server.url).embed(["x"])
