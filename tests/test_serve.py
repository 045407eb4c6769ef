"""`memls serve`: a real process, real clients, a real endpoint behind it."""

import json
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import Command
from endpoint import Body, FakeEndpoint, Turn
from service import PATIENCE, Service, events, served, until
from test_checks import PRICES, SHOP

pytestmark = pytest.mark.slow

ANSWER = "It is the sum of the prices [shop/cart.py:9-11]."
QUESTION = {"question": "How is the total of a cart computed?"}


class Model:
    """What the endpoint answers: it reads, then answers, as soon as it is `free`."""

    def __init__(self) -> None:
        self.asked, self.free = threading.Event(), threading.Event()
        self.free.set()

    def __call__(self, body: Body, _: int) -> Turn | str:
        self.asked.set()
        self.free.wait(PATIENCE)
        if body["messages"][-1]["role"] == "tool":
            return ANSWER
        return Turn(calls=[("page_in", {"targets": ["shop/cart.py:1-11"]})])


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def endpoint(model: Model) -> Iterator[FakeEndpoint]:
    with FakeEndpoint(model) as made:
        yield made
        model.free.set()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for name, text in (("shop/cart.py", SHOP), ("shop/prices.py", PRICES)):
        file = tmp_path / "shop-code" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "shop-code"


def _environment(endpoint: FakeEndpoint) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "sk-secret-of-ours", "MEMLS_MODEL": "fake",
        "MEMLS_WINDOW": "16384",
    }  # fmt: skip


@pytest.fixture
def service(code: Path, endpoint: FakeEndpoint) -> Iterator[Service]:
    options = ("--max-asks", "2", "--max-waiting", "1", "--drain", "20")
    with served(code.parent / "home", *options, cwd=code, model=_environment(endpoint)) as made:
        yield made


def test_an_answer_with_its_events_and_what_is_kept_of_it(service: Service, endpoint: FakeEndpoint) -> None:
    status, answer = service.call("POST", "/api/ask", {**QUESTION, "session": "mine"})
    assert (status, answer["status"], answer["answer"]) == (200, "answered", ANSWER)
    assert [one["status"] for one in answer["citations"]] == ["verified"]

    response = service.open("POST", "/api/ask", {**QUESTION, "stream": True})
    assert response.getheader("content-type") == "text/event-stream; charset=utf-8"
    seen = list(events(response))
    kinds = [one["type"] for one in seen]
    assert kinds[-2:] == ["citation", "done"] and "page_in" in kinds
    assert "".join(one["text"] for one in seen if one["type"] == "token").endswith(ANSWER)
    assert seen[-1]["answer"] == ANSWER

    turns = service.call("GET", "/api/sessions/mine")[1]
    assert [turn["question"] for turn in turns] == [QUESTION["question"]]
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{6}Z", turns[0]["time"])
    assert ANSWER in service.call("GET", "/api/sessions/mine/export")[1]
    pages = service.call("GET", "/api/context?session=mine")[1]["pages"]
    assert {page["path"] for page in pages} >= {"shop/cart.py"}
    sessions = service.call("GET", "/api/sessions")[1]
    assert [one["used"][-1] for one in sessions] == ["Z", "Z"]
    assert service.call("DELETE", "/api/sessions/mine") == (204, "")
    assert service.call("DELETE", "/api/sessions/mine")[0] == 404

    told = "".join(service.lines)
    for secret in ("sk-secret-of-ours", service.token, "total of a cart", "mine"):
        assert secret not in told.replace("memls: ", "")
    assert service.call("GET", "/metrics")[1].count('memls_answers_total{status="answered"} 2.0') == 1


def test_looking_things_up(service: Service) -> None:
    hits = service.call("GET", "/api/search?query=Cart.total&kind=symbol")[1]["hits"]
    assert [(hit["path"], hit["line"]) for hit in hits] == [("shop/cart.py", 9)]
    callers = service.call("GET", "/api/refs?target=price&kind=callers")[1]
    (row,) = callers
    assert (row["path"], row["line"], row["status"]) == ("shop/cart.py", 11, "resolved")
    lines = service.call("GET", "/api/read?path=shop/prices.py&start=3&end=4")[1]
    assert lines["text"].startswith("def price(item):")
    assert service.call("GET", "/api/repositories")[1] == [{"name": "shop-code", "state": "ready"}]
    assert service.call("GET", "/api/status")[1]["files"] == 2
    made = service.call("POST", "/api/memory", {"text": "Prices are in pence.", "path": "shop/prices.py"})[1]
    (note,) = service.call("GET", "/api/memory")[1]["notes"]
    assert note["text"] == "Prices are in pence."
    assert service.call("DELETE", f"/api/memory/{made['id']}") == (204, "")


def test_openai_s_own_client_gets_a_streamed_and_cited_answer(service: Service) -> None:
    from openai import NotFoundError, OpenAI

    client = OpenAI(base_url=f"{service.url}/v1", api_key=service.token, max_retries=0)
    (offered,) = client.models.list().data
    said: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": QUESTION["question"]},
    ]
    chunks = list(
        client.chat.completions.create(
            model=offered.id, messages=said, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.startswith(ANSWER) and "`shop/cart.py:9-11` verified" in text
    assert chunks[-1].usage and chunks[-1].usage.total_tokens > 0
    extras = [chunk.choices[0].delta.model_extra or {} for chunk in chunks if chunk.choices]
    assert any("shop/cart.py" in extra.get("reasoning_content", "") for extra in extras)

    # the client says all of it again, and ours goes on in the same session
    said += [{"role": "assistant", "content": text}, {"role": "user", "content": "And the prices?"}]
    again = client.chat.completions.create(model=offered.id, messages=said)
    assert (again.choices[0].message.content or "").startswith(ANSWER)
    (session,) = service.call("GET", "/api/sessions")[1]
    assert len(service.call("GET", f"/api/sessions/{session['name']}")[1]) == 2

    # who goes back and asks otherwise gets a branch of it
    said[-1] = {"role": "user", "content": "And the items?"}
    client.chat.completions.create(model=offered.id, messages=said)
    names = [one["name"] for one in service.call("GET", "/api/sessions")[1]]
    assert len(names) == 2
    turns = [service.call("GET", f"/api/sessions/{name}")[1] for name in names]
    asked = sorted([turn["question"] for turn in of_one] for of_one in turns)
    assert asked == [[QUESTION["question"], "And the items?"], [QUESTION["question"], "And the prices?"]]

    with pytest.raises(NotFoundError, match="no model is named"):
        client.chat.completions.create(model="gpt-4", messages=said)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_gets_the_events(service: Service) -> None:
    done = subprocess.run(
        ["curl", "-sN", "-H", f"Authorization: Bearer {service.token}", "--json", json.dumps(QUESTION),
         "-H", "Accept: text/event-stream", f"{service.url}/api/ask"],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    names = [line[7:] for line in done.stdout.splitlines() if line.startswith("event: ")]
    assert names[-2:] == ["citation", "done"] and "page_in" in names


@pytest.mark.parametrize("stream", [True, False])
def test_who_goes_away_ends_the_work(
    service: Service, endpoint: FakeEndpoint, model: Model, stream: bool
) -> None:
    service.call("GET", "/api/search?query=Cart")  # indexed
    model.free.clear()
    thread = threading.Thread(target=_left, args=(service, stream, model.asked))
    thread.start()
    thread.join(PATIENCE)
    until(lambda: 'status="cancelled"} 1.0' in service.call("GET", "/metrics")[1], "the work went on")
    model.free.set()
    until(endpoint.disconnected.is_set, "the model's request went on")


def _left(service: Service, stream: bool, asked: threading.Event) -> None:
    """A client that closes its connection when the model was asked."""
    import socket

    body = json.dumps({**QUESTION, "stream": stream}).encode()
    head = (
        f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {service.token}\r\nContent-Type: application/json\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(head.encode() + body)
        asked.wait(PATIENCE)


def test_too_many_are_told_to_come_again(service: Service, model: Model) -> None:
    model.free.clear()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(service.call("POST", "/api/ask", QUESTION)[0]))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    until(lambda: "memls_asks_waiting 1.0" in service.call("GET", "/metrics")[1], "nobody waits")
    response = service.open("POST", "/api/ask", QUESTION)
    assert (response.status, response.getheader("retry-after")) == (429, "2")
    model.free.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert answers == [200, 200, 200]


def test_stopped_in_mid_answer_it_answers_first(
    service: Service, model: Model, endpoint: FakeEndpoint
) -> None:
    model.free.clear()
    response = service.open("POST", "/api/ask", {**QUESTION, "stream": True, "session": "last"})
    until(model.asked.is_set, "the model was not asked")
    service.process.send_signal(signal.SIGTERM)
    until(lambda: any("stopping" in line for line in service.lines), "it does not stop")
    until(lambda: not _answers(service), "it still takes connections")
    model.free.set()
    assert list(events(response))[-1]["type"] == "done"
    assert service.process.wait(PATIENCE) == 0


def _answers(service: Service) -> bool:
    try:
        return service.call("GET", "/healthz")[0] == 200
    except OSError:
        return False


def test_a_second_signal_ends_it_at_once_and_loses_nothing(
    service: Service, model: Model, endpoint: FakeEndpoint, code: Path
) -> None:
    model.free.clear()
    response = service.open("POST", "/api/ask", {**QUESTION, "stream": True, "session": "cut"})
    until(model.asked.is_set, "the model was not asked")
    service.process.send_signal(signal.SIGTERM)
    until(lambda: any("stopping" in line for line in service.lines), "it does not stop")
    service.process.send_signal(signal.SIGTERM)
    last = list(events(response))[-1]
    assert last["type"] == "error" and "the service is stopping" in last["error"]["message"]
    assert service.process.wait(PATIENCE) == 0
    kept = Command(code.parent / "home")("memory", "list", cwd=code)
    assert kept.out.startswith("cut ")


def test_the_owner_is_killed_in_mid_answer_and_it_is_answered(
    code: Path, model: Model, endpoint: FakeEndpoint
) -> None:
    home = code.parent / "home"
    with served(home, cwd=code, model=_environment(endpoint)) as owner:
        assert owner.call("GET", "/api/search?query=Cart")[0] == 200
        with served(home, cwd=code, model=_environment(endpoint)) as guest:
            assert guest.call("GET", "/api/search?query=Cart")[0] == 200
            model.free.clear()
            response = guest.open("POST", "/api/ask", {**QUESTION, "stream": True})
            until(model.asked.is_set, "the model was not asked")
            owner.process.kill()
            model.free.set()
            seen = list(events(response))
    assert seen[-1]["type"] == "done" and seen[-1]["answer"] == ANSWER
    assert any("asking again" in one.get("reason", "") for one in seen if one["type"] == "retracted")


def test_several_repositories(code: Path, endpoint: FakeEndpoint) -> None:
    other = code.parent / "other"
    other.mkdir()
    (other / "main.py").write_text("def start():\n    return 1\n")
    with served(code.parent / "home", "--repo", str(code), "--repo", str(other), cwd=code) as service:
        assert [row["state"] for row in service.call("GET", "/api/repositories")[1]] == ["closed", "closed"]
        status, problem = service.call("GET", "/api/search?query=start")
        assert status == 400 and "name a repository: shop-code, other" in problem["error"]["message"]
        assert service.call("GET", "/api/search?query=start&repo=other")[1]["total"] == 1
        assert [row["state"] for row in service.call("GET", "/api/repositories")[1]] == ["closed", "ready"]
        models = service.call("GET", "/v1/models")[1]["data"]
        assert [one["id"] for one in models] == ["memls", "memls/shop-code", "memls/other"]
        asked = {"model": "memls/other", "messages": [{"role": "user", "content": "What does start do?"}]}
        text = service.call("POST", "/v1/chat/completions", asked)[1]["choices"][0]["message"]["content"]
        assert "main.py:1-2" in text


def test_a_repository_that_is_replaced_is_read_anew(service: Service, code: Path) -> None:
    assert service.call("GET", "/api/search?query=Cart&kind=symbol")[1]["total"] == 1
    shutil.rmtree(code / "shop")
    (code / "new.py").write_text("class Basket:\n    pass\n")
    until(lambda: service.call("GET", "/api/search?query=Basket&kind=symbol")[1]["total"] == 1, "not seen")
    assert service.call("GET", "/api/search?query=Cart&kind=symbol")[1]["total"] == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nobody here may mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_costs_the_answer_and_nothing_else(code: Path, small_disk: Path) -> None:
    with served(small_disk / "home", cwd=code) as service:
        asked = {"question": "Who calls price?", "session": "mine"}
        assert service.call("POST", "/api/ask", asked)[0] == 200
        with (small_disk / "fill").open("wb") as fill, pytest.raises(OSError):
            while True:
                fill.write(bytes(1 << 20))
        status, problem = service.call("POST", "/api/ask", asked)
        assert status == 503 and "memory" in problem["error"]["message"]
        assert service.call("GET", "/api/search?query=Cart")[1]["total"] > 0
        (small_disk / "fill").unlink()
        assert service.call("POST", "/api/ask", asked)[0] == 200
        turns = service.call("GET", "/api/sessions/mine")[1]
    assert [bool(turn["answer"]) for turn in turns if turn["answer"]] == [True, True]
    assert all(turn["answer"] or turn["failure"] for turn in turns)


def test_two_on_one_port_is_told(service: Service, code: Path) -> None:
    done = Command(code.parent / "home")("serve", "--port", str(service.port), cwd=code)
    assert done.code == 3 and f"cannot listen on 127.0.0.1:{service.port}" in done.err
    assert len(done.err.splitlines()) == 2


def test_what_it_answers_is_what_it_describes(service: Service) -> None:
    described = service.call("GET", "/openapi.json")[1]
    assert described["openapi"] == "3.1.0"
    assert len({one["operationId"] for path in described["paths"].values() for one in path.values()}) == sum(
        len(path) for path in described["paths"].values()
    )
    from jsonschema import Draft202012Validator

    answered = described["paths"]["/api/ask"]["post"]["responses"]["200"]
    schema = answered["content"]["application/json"]["schema"]
    answer = service.call("POST", "/api/ask", QUESTION)[1]
    Draft202012Validator({**schema, "components": described["components"]}).validate(answer)


def test_a_browser_is_let_in_by_the_address_that_is_told(service: Service) -> None:
    page = {"Authorization": "", "Accept": "text/html"}
    status, told = service.call("GET", "/", **page)
    assert status == 401 and "Open the address" in told
    response = service.open("GET", f"/?token={service.token}&repo=shop-code", **page)
    assert (response.status, response.getheader("location")) == (303, "/?repo=shop-code")
    cookie = response.getheader("set-cookie") or ""
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    shown = service.open("GET", "/", Cookie=cookie.partition(";")[0], **page)
    assert shown.status == 200 and "script-src 'self'" in (shown.getheader("content-security-policy") or "")


def test_a_slow_reader_is_waited_for(service: Service) -> None:
    response = service.open("POST", "/api/ask", {**QUESTION, "stream": True})
    time.sleep(0.5)
    assert list(events(response))[-1]["type"] == "done"
