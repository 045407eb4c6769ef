"""What is sent to `memls serve` by somebody who means no good: each is refused, with the status it should have.

Requests are bytes on a socket, for no client library would send them. `{a}` is the line with the token.
"""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from service import PATIENCE, Service, served

pytestmark = pytest.mark.slow

SECRET = "TOP-SECRET-OUTSIDE"
GET = "GET {path} HTTP/1.1\r\nHost: {host}\r\n{a}Connection: close\r\n\r\n"
LARGE = 1 << 20


def get(path: str, **more: str) -> str:
    return GET.replace("{path}", path).replace(
        "Connection:", "".join(f"{k}: {v}\r\n" for k, v in more.items()) + "Connection:"
    )


def post(path: str, body: Any, kind: str = "application/json", length: int | None = None) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    size = len(text.encode("latin-1")) if length is None else length
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {{host}}\r\n{{a}}Content-Type: {kind}\r\nContent-Length: {size}\r\n"
    )
    return f"{head}Connection: close\r\n\r\n{text.replace('{', '{{').replace('}', '}}')}"


def upgrade(path: str, more: str = "{a}") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{more}{WS}\r\n"


def ask(**body: Any) -> str:
    return post("/api/ask", {"question": "q", **body})


def read(path: str) -> str:
    return get(f"/api/read?path={path}")


WS = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
DEEP = "[" * 5000 + "]" * 5000
CHAT = {"model": "memls", "messages": [{"role": "user", "content": "q"}]}

# name, what is sent, the status that has to come (0: the connection is closed without one)
REQUESTS: list[tuple[str, str, int]] = [
    # without the token, and with what only looks like it
    ("no token", get("/api/search?query=a").replace("{a}", ""), 401),
    ("no token for what is not there", get("/nowhere").replace("{a}", ""), 401),
    ("no token for metrics", get("/metrics").replace("{a}", ""), 401),
    ("no token for the description", get("/openapi.json").replace("{a}", ""), 401),
    ("no token for the page", get("/").replace("{a}", ""), 401),
    ("no token for an asset", get("/assets/panel.js").replace("{a}", ""), 401),
    ("no token for models", get("/v1/models").replace("{a}", ""), 401),
    ("no token to ask", ask().replace("{a}", ""), 401),
    ("wrong token", get("/api/status").replace("{a}", "Authorization: Bearer wrong\r\n"), 401),
    ("half the token", get("/api/status").replace("{a}", "Authorization: Bearer {half}\r\n"), 401),
    ("the token twice as long", get("/api/status").replace("{a}", "Authorization: Bearer {token}{token}\r\n"), 401),
    ("the token as Basic", get("/api/status").replace("{a}", "Authorization: Basic {token}\r\n"), 401),
    ("the token without a scheme", get("/api/status").replace("{a}", "Authorization: {token}\r\n"), 401),
    ("the token in another header", get("/api/status").replace("{a}", "X-Token: {token}\r\n"), 401),
    ("the token in the address of the API", get("/api/status?token={token}").replace("{a}", ""), 401),
    ("the token in a cookie of another name", get("/api/status").replace("{a}", "Cookie: memls-1={token}\r\n"), 401),
    ("a cookie that is none", get("/api/status").replace("{a}", "Cookie: ;;==;\r\n"), 401),
    ("two tokens", get("/api/status", Authorization="Bearer x"), 400),
    ("a token that is no ASCII", get("/api/status").replace("{a}", "Authorization: Bearer \xff\xfe\r\n"), 401),
    # from elsewhere
    ("another host", get("/api/status").replace("{host}", "evil.example"), 421),
    ("another host for health", get("/healthz").replace("{host}", "evil.example").replace("{a}", ""), 421),
    ("a host that ends like ours", get("/api/status").replace("{host}", "127.0.0.1.evil.example"), 421),
    ("our host on another port", get("/api/status").replace("{host}", "127.0.0.1:1"), 421),
    ("two hosts", get("/api/status", Host="evil.example"), 400),
    ("no host", get("/api/status").replace("Host: {host}\r\n", ""), 400),
    ("an empty host", get("/api/status").replace("{host}", ""), 421),
    ("a host with a path", get("/api/status").replace("{host}", "127.0.0.1/@evil"), 421),
    ("another origin", get("/api/status", Origin="http://evil.example"), 403),
    ("the origin of a file", get("/api/status", Origin="null"), 403),
    ("our origin on another port", get("/api/status", Origin="http://127.0.0.1:1"), 403),
    ("an origin with our name in it", get("/api/status", Origin="http://{host}.evil.example"), 403),
    ("another origin asks", ask().replace("Connection", "Origin: https://evil.example\r\nConnection"), 403),
    ("two origins", get("/api/status", Origin="http://{host}\r\nOrigin: http://evil.example"), 400),
    # out of the root
    ("..", read("../outside.txt"), 404),
    (".. from below", read("shop/../../outside.txt"), 404),
    (".. encoded", read("%2e%2e%2foutside.txt"), 404),
    (".. encoded twice", read("%252e%252e%252foutside.txt"), 404),
    (".. with backslashes", read("..%5coutside.txt"), 404),
    (".. in overlong UTF-8", read("%c0%ae%c0%ae/outside.txt"), 404),
    ("an absolute path", read("{outside}"), 404),
    ("an absolute path of the machine", read("/etc/passwd"), 404),
    ("a URL", read("file:///etc/passwd"), 404),
    ("a link that leads out", read("link.txt"), 404),
    ("a folder that leads out", read("linked/outside.txt"), 404),
    ("git's own files", read(".git/config"), 404),
    ("a NUL", read("shop/cart.py%00.txt"), 400),
    ("a folder", read("shop"), 404),
    (".. in the address", get("/assets/../../pyproject.toml"), 404),
    (".. encoded in the address", get("/assets/%2e%2e%2f%2e%2e%2fpyproject.toml"), 404),
    ("an asset by an absolute path", get("/assets/%2fetc%2fpasswd"), 404),
    ("the page's template itself", get("/assets/index.html"), 404),
    ("a note on a file outside", post("/api/memory", {"text": "x", "path": "../outside.txt"}), 400),
    # too much
    ("a long address", get("/api/search?query=" + "a" * 9000), 414),
    ("a long query", get("/api/search?query=" + "a" * 5000), 400),
    ("a long path", read("a/" * 2500), 400),
    ("a long question", ask(question="a" * 40_000), 400),
    ("a large body", post("/api/ask", "x" * (LARGE + 1)), 413),
    ("a body that is said to be huge", post("/api/ask", "", length=10**12), 413),
    (
        "a large body in chunks",
        "POST /api/ask HTTP/1.1\r\nHost: {host}\r\n{a}Content-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + ("10000\r\n" + "x" * 65536 + "\r\n") * 20 + "0\r\n\r\n",
        413,
    ),
    ("large headers", get("/api/status", **{"X-A": "a" * 70_000}), 431),
    ("many headers", get("/api/status", **{f"X-{n}": "a" * 50 for n in range(2000)}), 431),
    ("a deep body", post("/api/ask", '{"question": ' + DEEP + "}"), 400),
    ("a deep list", post("/api/ask", DEEP), 400),
    ("many messages", post("/v1/chat/completions", {**CHAT, "messages": CHAT["messages"] * 2001}), 400),
    ("a limit without end", get("/api/search?query=a&limit=99999999"), 400),
    ("a number without end", get("/api/search?query=a&limit=" + "9" * 400), 400),
    # wrong
    ("no body", post("/api/ask", ""), 400),
    ("half a body", post("/api/ask", '{"question": "'), 400),
    ("a body that is no UTF-8", post("/api/ask", '{"question": "\xff"}'), 400),
    ("a form", post("/api/ask", "question=q", "application/x-www-form-urlencoded"), 400),
    ("text, as a page elsewhere may send", post("/api/ask", {"question": "q"}, "text/plain"), 400),
    ("a list", post("/api/ask", ["q"]), 400),
    ("NaN", post("/api/ask", '{"question": "q", "timeout": NaN}'), 400),
    ("infinity", post("/api/ask", '{"question": "q", "timeout": 1e999}'), 400),
    ("a number as question", ask(question=3), 400),
    ("an empty question", ask(question=""), 400),
    ("a blank question", ask(question="  \n "), 400),
    ("an unknown field", ask(base_url="http://evil.example"), 400),
    ("a key", ask(api_key="sk-mine"), 400),
    ("a negative limit", ask(max_steps=-1), 400),
    ("a window too small", ask(window=10), 400),
    ("a session with a slash", ask(session="../x"), 400),
    ("a session with control characters", ask(session="a\x1b[31m"), 400),
    ("a repository that is not served", ask(repo="/etc"), 400),
    ("a path as model", post("/v1/chat/completions", {**CHAT, "model": "memls//etc"}), 400),
    ("no message of the user", post("/v1/chat/completions", {**CHAT, "messages": [{"role": "system"}]}), 400),
    (
        "a picture",
        post("/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
        400,
    ),
    ("no parameter", get("/api/search"), 400),
    ("an unknown parameter", get("/api/search?query=a&x=1"), 400),
    ("a parameter twice", get("/api/search?query=a&query=b"), 400),
    ("a wrong kind", get("/api/search?query=a&kind=everything"), 400),
    ("a limit of zero", get("/api/search?query=a&limit=0"), 400),
    ("a limit that is a word", get("/api/search?query=a&limit=all"), 400),
    ("digits that are no ASCII", get("/api/search?query=a&limit=%D9%A3"), 400),
    ("a broken pattern", get("/api/search?query=(&kind=regex"), 400),
    ("lines backwards", get("/api/read?path=shop/cart.py&start=5&end=2"), 400),
    ("another method", get("/api/ask"), 405),
    ("DELETE of all", get("/api/sessions").replace("GET", "DELETE", 1), 405),
    ("TRACE", get("/api/status").replace("GET", "TRACE", 1), 405),
    ("a method of one's own", get("/api/status").replace("GET", "PWN", 1), 405),
    ("nothing there", get("/api/everything"), 404),
    ("a session that is not there", get("/api/sessions/nobody"), 404),
    ("a session by its path", get("/api/sessions/..%2f..%2fx"), 404),
    # not HTTP, or two requests in one
    ("length and chunks", post("/api/ask", "").replace("Connection", "Transfer-Encoding: chunked\r\nConnection"), 400),
    ("two lengths", post("/api/ask", "").replace("Connection", "Content-Length: 5\r\nConnection"), 400),
    ("a negative length", post("/api/ask", "", length=-5), 400),
    ("a length with a sign", post("/api/ask", "").replace("Content-Length: 0", "Content-Length: +0"), 400),
    (
        "a chunk of absurd size",
        "POST /api/ask HTTP/1.1\r\nHost: {host}\r\n{a}Content-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" + "f" * 30 + "\r\nx",
        400,
    ),
    ("an unknown coding", post("/api/ask", "").replace("Content-Length: 0", "Transfer-Encoding: gzip"), 400),
    ("a header that goes on in the next line", get("/api/status").replace("{a}", "{a} folded: x\r\n"), 401),
    ("a space before the colon", get("/api/status").replace("Host:", "Host :"), 400),
    ("a bare line feed in a header", get("/api/status", **{"X-A": "a\nX-B: c"}), 200),
    ("a NUL in a header", get("/api/status", **{"X-A": "a\0b"}), 400),
    ("HTTP/0.9", "GET /api/status\r\n\r\n", 400),
    ("HTTP/2's first words", "PRI * HTTP/2.0\r\n\r\n", 421),
    ("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ("nonsense", "\x00\x01\x02\x03\r\n\r\n", 400),
    # sockets
    ("a socket without the token", upgrade("/lsp", ""), 403),
    ("a socket with the token in its address", upgrade("/lsp?token={token}", ""), 403),
    ("a socket of another origin", upgrade("/lsp", "{a}Origin: http://evil.example\r\n"), 403),
    ("a socket by another host", upgrade("/lsp").replace("{host}", "evil.example"), 403),
    ("a socket where there is none", upgrade("/api/status"), 403),
    ("a socket of a repository that is not served", upgrade("/lsp?repo=/etc"), 403),
]  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("hostile")
    code = folder / "code"
    (code / "shop").mkdir(parents=True)
    (code / "shop" / "cart.py").write_text("class Cart:\n    pass\n")
    (code / ".git").mkdir()
    (folder / "outside.txt").write_text(SECRET)
    (code / "link.txt").symlink_to(folder / "outside.txt")
    (code / "linked").symlink_to(folder)
    with served(folder / "home", cwd=code) as made:
        assert made.call("GET", "/api/search?query=Cart")[1]["total"] == 1
        yield made


def _send(service: Service, text: str) -> bytes:
    """What comes back for some bytes, until the other end closes or has said all of its answer."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as client:
        try:
            client.sendall(text.encode("latin-1"))
        except OSError:
            pass  # refused before all of it was sent
        came = b""
        while not _is_whole(came):
            try:
                piece = client.recv(65536)
            except ConnectionError:
                break
            if not piece:
                break
            came += piece
        return came


def _is_whole(came: bytes) -> bool:
    head, separator, body = came.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return bool(separator) and len(body) >= int(line.partition(b":")[2])
    return False


@pytest.mark.parametrize(("text", "status"), [one[1:] for one in REQUESTS], ids=[one[0] for one in REQUESTS])
def test_what_is_hostile_is_refused(service: Service, text: str, status: int) -> None:
    outside = service.folder / "outside.txt"
    filled = text.format(
        a=f"Authorization: Bearer {service.token}\r\n", host=f"127.0.0.1:{service.port}", token=service.token,
        half=service.token[:20], outside=outside,
    )  # fmt: skip
    came = _send(service, filled)
    assert SECRET.encode() not in came
    assert came.startswith(b"HTTP/1.1 %d " % status), came[:300]
    if status >= 400 and b"application/json" in came.lower():
        body = json.loads(came.partition(b"\r\n\r\n")[2])
        assert "\n" not in body["error"]["message"]
    assert service.call("GET", "/healthz")[0] == 200


def test_there_are_enough_of_them() -> None:
    assert len({text for _, text, _ in REQUESTS}) == len(REQUESTS) >= 100


def test_nothing_of_it_is_in_the_log(service: Service) -> None:
    service.call("GET", "/api/search?query=never-told-to-the-log")
    told = "".join(service.lines)
    assert "Traceback" not in told
    for secret in ("never-told-to-the-log", service.token, "evil.example", "outside.txt"):
        assert secret not in told


def test_headers_that_never_end_hold_no_connection(service: Service) -> None:
    health = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
    sent = {"nothing": ("", ""), "a line": ("", health), "a second request": (f"{health}\r\n", health)}
    answers: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        clients = {
            name: stack.enter_context(socket.create_connection(("127.0.0.1", service.port), PATIENCE))
            for name in sent
        }
        for name, client in clients.items():
            whole, begun = sent[name]
            client.sendall(whole.encode())
            answers[name] = client.recv(4096).decode() if whole else ""
            client.sendall(begun.encode())
        for name, client in clients.items():
            answers[name] += client.makefile("rb").read().decode()
    statuses = {name: re.findall(r"HTTP/1\.1 (\d+)", text) for name, text in answers.items()}
    assert statuses == {"nothing": [], "a line": ["408"], "a second request": ["200", "408"]}
