"""The commands as real processes: every kind of bad input gets one clear line and the right exit code."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import Command, Outcome
from endpoint import FakeEndpoint, Turn, script

pytestmark = pytest.mark.slow

PYTHON = "class Shelf:\n    '''Holds books.'''\n\n    def add(self, book):\n        self.books.append(book)\n"
CALLER = "from shelf import Shelf\n\n\ndef fill(shelf: Shelf):\n    shelf = Shelf()\n    return shelf\n"


@pytest.fixture
def memls(tmp_path: Path) -> Command:
    return Command(tmp_path / "home")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "shelf.py").write_text(PYTHON)
    (folder / "fill.py").write_text(CALLER)
    (folder / "README.md").write_text("# Library\n\nA shelf holds books; `Shelf.add` puts one on it.\n")
    return folder


def check_line(outcome: Outcome, code: int, pattern: str) -> None:
    """The command ended with `code` and said one line that matches, and showed no traceback."""
    lines = outcome.err.strip().splitlines()
    assert outcome.code == code, (outcome.code, outcome.err)
    assert len(lines) == 1 and lines[0].startswith("memls: "), lines
    assert re.search(pattern, lines[0]), lines[0]
    assert "Traceback" not in outcome.err + outcome.out


WRONG_USE = [
    (["ask", "x", "--repo", "{tmp}/nowhere"], 2, "no such folder: .*nowhere"),
    (["ask", "x", "--repo", "{repo}/shelf.py"], 2, "not a folder: .*shelf.py"),
    (["ask", "  ", "--repo", "{repo}"], 2, "question is empty"),
    (["search", "", "--repo", "{repo}"], 2, "query is empty"),
    (["ask", "where is add?", "--repo", "{repo}", "--window", "4000"], 2, "4000 tokens is too small.*4096"),
    (["ask", "where is add?", "--repo", "{repo}", "--window", "many"], 2, "--window"),
    (["ask", "where is add?", "--repo", "{repo}", "--model", "gpt-x"], 2, "no API key.*OPENAI_API_KEY"),
    (["search", "(", "--kind", "regex", "--repo", "{repo}"], 2, "bad regular expression"),
    (["search", "Shelve", "--kind", "symbol", "--repo", "{repo}"], 1, "nothing found.*near names: Shelf"),
    (
        ["search", "xyz", "--path", "no/**", "--kind", "text", "--repo", "{repo}"],
        1,
        "nothing .* in no/\\*\\*",
    ),
    (["refs", "Shelve", "--repo", "{repo}"], 1, "no symbol is named Shelve; near names: Shelf"),
    (["refs", "shelf.py:99:1", "--repo", "{repo}"], 1, "no definition or reference at shelf.py:99:1"),
    (["refs", "Shelf", "--callers", "--callees", "--repo", "{repo}"], 2, "--callers.* exclude each other"),
    (["search", "Shelf", "--repo", "{repo}", "--repo", "{tmp}"], 2, "memls search takes one --repo, not 2"),
    (["memory", "list", "--repo", "{repo}", "--repo", "{repo}"], 2, "memls memory list takes one --repo"),
    (["check", "x.yaml", "--json", "--github", "--repo", "{repo}"], 2, "--json and --github exclude"),
    (["memory", "block", "--text", "x", "--repo", "{repo}"], 2, "name the block"),
    (["memory", "block", "x", "--text", "y", "--remove", "--repo", "{repo}"], 2, "--remove goes without"),
    (["memory", "show", "nobody", "--repo", "{repo}"], 1, "no session is named 'nobody'"),
    (["trace", "show", "{repo}/shelf.py"], 2, "not a trace"),
    (["trace", "replay", "{tmp}/none.jsonl", "--repo", "{repo}"], 2, "cannot read"),
    (["frobnicate"], 2, "No such command"),
    (["search", "books", "--repo", "{repo}"], 0, "no definition is named books; this bears on the word"),
]


@pytest.mark.parametrize(("arguments", "code", "pattern"), WRONG_USE, ids=lambda value: str(value)[:40])
def test_wrong_use_is_one_line(
    memls: Command, repo: Path, tmp_path: Path, arguments: list[str], code: int, pattern: str
) -> None:
    filled = [argument.format(tmp=tmp_path, repo=repo) for argument in arguments]
    check_line(memls(*filled), code, pattern)


_EXTRAS = ("mcp", "prometheus_client", "starlette", "uvicorn", "websockets")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("serve", r"memls serve needs the package \w+: pip install 'memls\[serve\]'"),
        ("mcp", r"memls mcp needs the package \w+: pip install 'memls\[mcp\]'"),
        ("mcp --http 127.0.0.1:0", r"memls mcp needs the package \w+: pip install 'memls\[mcp\]'"),
        ("mcp --available", r"memls mcp needs the package \w+: pip install 'memls\[mcp\]'"),
        (
            "lsp --websocket 127.0.0.1:0",
            r"--websocket needs the package websockets: pip install 'memls\[websocket\]'",
        ),
    ],
)
def test_an_extra_that_is_not_installed_is_one_line(
    memls: Command, repo: Path, tmp_path: Path, command: str, told: str
) -> None:
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({_EXTRAS!r}))\n"
    (tmp_path / "sitecustomize.py").write_text(blocked)
    done = memls(*command.split(), cwd=repo, PYTHONPATH=str(tmp_path))
    assert done.code == 2 and re.fullmatch(f"memls: {told}\n", done.err), done


def test_an_empty_folder_has_nothing_to_read(memls: Command, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert memls("index", "--repo", str(folder)).code == 0
    check_line(memls("ask", "what is this?", "--repo", str(folder)), 1, "nothing to read in")


def test_a_repository_cannot_name_a_model(memls: Command, repo: Path) -> None:
    (repo / "memls.toml").write_text('base_url = "http://example.invalid"\n')
    check_line(memls("index", "--repo", str(repo)), 2, "memls.toml: 'base_url' cannot be set by a repository")


@pytest.mark.parametrize(
    ("file", "text", "pattern"),
    [
        ("memls.toml", 'ignroe = ["x"]', "memls.toml: unknown key 'ignroe'; known: ignore, languages"),
        ("memls.toml", 'ignore = "x"', "ignore must be a list of strings"),
        ("memls.toml", "languages = [1]", "languages must be a list of strings"),
        (
            "memls.toml",
            'languages = ["go", "klingon"]',
            "memls.toml: languages: .* 'klingon'; near names: kotlin",
        ),
        ("memls.toml", 'languages = ["?"]', "memls.toml: languages: .* '[?]'; there are: astro, bash, c, "),
        ("memls.toml", 'max_file_bytes = "1MB"', "max_file_bytes must be a number, 1 or more"),
        ("memls.toml", "max_file_bytes = true", "max_file_bytes must be a number, 1 or more"),
        ("memls.toml", "max_file_bytes = -5", "max_file_bytes must be a number, 1 or more"),
        ("memls.toml", "ignore = = 1", "memls.toml: Invalid value"),
        ("pyproject.toml", "[tool]\nmemls = 3", "tool.memls must be a table"),
        ("pyproject.toml", "[tool.memls]\nlimit = 3", "tool.memls.: unknown key 'limit'"),
        ("pyproject.toml", "[tool.memls]\nlanguages = ['?']", "tool.memls.: languages: no parser for"),
    ],
)
def test_a_mistake_in_a_configuration_is_one_line(
    memls: Command, repo: Path, file: str, text: str, pattern: str
) -> None:
    (repo / file).write_text(text)
    check_line(memls("status", "--repo", str(repo)), 2, pattern)


def test_what_cannot_be_indexed_is_listed_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.py").write_text("def good():\n    return 1\n")
    (folder / "syntax.py").write_text("def broken(:\n    pass\n\n\ndef fine():\n    pass\n")
    (folder / "latin.py").write_bytes(b"name = 'caf\xe9'\n\n\ndef latin():\n    return name\n")
    (folder / "data.bin").write_bytes(bytes(range(256)) * 100)
    (folder / "generated.js").write_bytes(b"x=[" + b"1," * 25_000_000 + b"]")
    (folder / "secret.py").write_text("def secret(): pass\n")
    (folder / "closed").mkdir()
    (folder / "loop").symlink_to(".")
    (folder / "outside").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "secret.py").chmod(0)
    (folder / "closed").chmod(0)
    memls = Command(tmp_path / "home", unprivileged=True)
    report = memls("status", "--repo", str(folder), "--json")
    assert report.code == 0 and "Traceback" not in report.err, report.err
    reasons = dict(report.json["not_indexed"])
    expected = {
        "data.bin": "binary", "generated.js": "too large", "loop": "symbolic link",
        "outside": "symbolic link", "pipe": "not a regular file", "secret.py": "permission denied",
        "closed": "permission denied",
    }  # fmt: skip
    for path, reason in expected.items():
        assert reason in reasons.get(path, reasons.get(path + "/", "")), (path, reasons)
    assert dict(report.json["syntax_errors"]).keys() == {"syntax.py"}
    for name in ("fine", "latin", "good"):
        assert memls("search", "--kind", "symbol", name, "--repo", str(folder)).code == 0
    assert "root:" not in memls("search", "root:", "--kind", "text", "--repo", str(folder)).out


def test_an_index_that_is_damaged_is_rebuilt_and_memory_is_not(memls: Command, repo: Path) -> None:
    assert memls("ask", "where is add?", "--session", "talk", "--repo", str(repo)).code == 0
    (index,) = memls.home.rglob("index.duckdb")
    index.write_bytes(b"not a database" * 1000)
    assert memls("search", "--kind", "symbol", "Shelf", "--repo", str(repo)).code == 0
    assert "user: where is add?" in memls("memory", "show", "talk", "--repo", str(repo)).out
    (memory,) = memls.home.rglob("repositories/*/memory.duckdb")
    memory.write_bytes(b"not a database" * 1000)
    check_line(memls("memory", "list", "--repo", str(repo)), 3, "cannot be read .*; it was left as it is")
    assert memory.read_bytes().startswith(b"not a database")


def test_files_of_state_are_private(memls: Command, repo: Path) -> None:
    trace = repo.parent / "trace.jsonl"
    assert memls("ask", "where is add?", "--repo", str(repo), "--trace", str(trace)).code == 0
    files = [path for path in memls.home.rglob("*") if path.is_file()]
    assert files and all(path.stat().st_mode & 0o077 == 0 for path in [trace, *files])
    assert sorted(path.name for path in repo.iterdir()) == ["README.md", "fill.py", "shelf.py"]


def test_contract_of_search_refs_and_index(memls: Command, repo: Path) -> None:
    where = ("--repo", str(repo), "--json")
    indexed = memls("index", *where).json
    assert {"files", "symbols", "references", "bytes", "seconds", "generation"} <= indexed.keys()
    assert (indexed["files"], indexed["generation"]) == (3, 1)
    (hit,) = memls("search", "--kind", "symbol", "Shelf.add", *where).json
    assert (hit["path"], hit["line"], hit["end_line"], hit["symbol"]) == ("shelf.py", 4, 5, "Shelf.add")
    assert {"kind", "score", "text"} <= hit.keys()
    texts = memls("search", "holds books", "--kind", "text", *where).json
    assert [(t["path"], t["line"]) for t in texts] == [("README.md", 3)]
    patterns = memls("search", r"^\s+def \w+", "--kind", "regex", *where).json
    assert [(t["path"], t["line"], t["symbol"]) for t in patterns] == [("shelf.py", 4, "Shelf.add")]
    ranked = memls("search", "how are books put on a shelf?", *where).json
    assert ranked[0]["path"] in ("shelf.py", "README.md")
    callers = memls("refs", "Shelf", "--callers", *where).json
    assert [(c["path"], c["line"], c["symbol"], c["status"]) for c in callers] == [
        ("fill.py", 5, "fill", "resolved")
    ]
    (definition,) = memls("refs", "fill.py:5:13", "--definition", *where).json
    assert (definition["path"], definition["line"], definition["status"]) == ("shelf.py", 1, "resolved")


def test_contract_of_ask(memls: Command, repo: Path) -> None:
    answered = memls("ask", "what does Shelf.add do?", "--repo", str(repo), "--format", "json")
    result = answered.json
    assert answered.code == 0 and result["status"] == "answered" and result["model"] == "extractive"
    assert {
        "answer",
        "status",
        "citations",
        "usage",
        "pages",
        "model",
        "session",
        "generation",
    } <= result.keys()
    assert result["citations"] and {c["status"] for c in result["citations"]} == {"verified"}
    assert {"path", "start", "end", "hash", "status"} <= result["citations"][0].keys()
    usage = {
        "prompt_tokens",
        "completion_tokens",
        "peak_prompt_tokens",
        "cached_prefix_ratio",
        "window",
        "steps",
    }
    assert usage | {"faults"} <= result["usage"].keys()
    lines = memls("ask", "what does Shelf.add do?", "--repo", str(repo), "--format", "jsonl").out.splitlines()
    rows = [json.loads(line) for line in lines]
    assert rows[-1]["type"] == "done" and rows[-1]["answer"]
    assert {"token", "page_in", "syscall", "usage", "citation"} <= {row["type"] for row in rows}


@pytest.mark.parametrize(
    ("question", "code"),
    [("?", 1), ("zqxv wvuts", 1), ("who calls Shelf.addd?", 1), ("what does Shelf.add do?", 0)],
)
def test_without_a_model_an_answer_that_cites_nothing_is_a_negative_result(
    memls: Command, repo: Path, question: str, code: int
) -> None:
    outcome = memls("ask", question, "--repo", str(repo), "--format", "json")
    assert (outcome.code, outcome.json["status"]) == (code, "answered")
    assert bool(outcome.json["citations"]) != bool(code)


def test_plain_when_piped(memls: Command, repo: Path) -> None:
    out = memls("ask", "what does Shelf.add do?", "--repo", str(repo)).out
    assert "\x1b" not in out
    for part in ("Citations", "verified", "Paged in", "Window: peak"):
        assert part in out


def test_a_model_over_http_and_its_failures(memls: Command, repo: Path) -> None:
    answer = "It appends the book [shelf.py:4-5]."
    turns = script(Turn(calls=[("page_in", {"targets": ["Shelf.add"]})]), Turn(answer))
    with FakeEndpoint(turns, key="right") as endpoint:
        known = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "right"}
        ask = ("ask", "what does add do?", "--repo", str(repo), "--model", "gpt-4o-mini")
        outcome = memls(*ask, "--format", "json", **known)
        assert outcome.json["answer"] == answer, outcome.err
        assert [c["status"] for c in outcome.json["citations"]] == ["verified"]
        check_line(memls(*ask, **{**known, "OPENAI_API_KEY": "sk-wrong-secret"}), 3, "key")
        assert "sk-wrong-secret" not in memls(*ask, **{**known, "OPENAI_API_KEY": "sk-wrong-secret"}).err
    check_line(memls(*ask, **known), 3, "cannot reach the model endpoint.*connection refused")


def test_an_unknown_model_is_said(memls: Command, repo: Path) -> None:
    with FakeEndpoint(script("unused"), models=["small", "large"]) as endpoint:
        outcome = memls(
            "ask",
            "what?",
            "--repo",
            str(repo),
            "--model",
            "huge",
            OPENAI_BASE_URL=endpoint.url,
            OPENAI_API_KEY="k",
        )
    check_line(outcome, 3, "huge.*(small|large)")


def test_ctrl_c_leaves_everything_consistent(memls: Command, repo: Path) -> None:
    with FakeEndpoint(script(Turn("never", wait=30))) as endpoint:
        environment = memls.environment({"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k"})
        ask = ["ask", "what?", "--model", "slow", "--session", "s", "--repo", str(repo)]
        process = subprocess.Popen(
            [sys.executable, "-m", "memls", *ask], env=environment, stderr=subprocess.PIPE, text=True,
            # A job in the background is not interrupted, nor what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        assert endpoint.received.wait(30)
        process.send_signal(2)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in err, err
    assert memls("ask", "where is add?", "--session", "s", "--repo", str(repo)).code == 0
    shown = memls("memory", "show", "s", "--repo", str(repo)).out
    assert "user: what?" in shown and "user: where is add?" in shown


def test_trace_replays_byte_for_byte_without_a_model(memls: Command, repo: Path) -> None:
    trace = str(repo.parent / "trace.jsonl")
    turns = script(Turn(calls=[("page_in", {"targets": ["Shelf"]})]), Turn("A shelf [shelf.py:1-2]."))
    with FakeEndpoint(turns) as endpoint:
        where = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k"}
        outcome = memls("ask", "what?", "--model", "m", "--trace", trace, "--repo", str(repo), **where)
    assert outcome.code == 0, outcome.err
    assert memls("trace", "replay", trace, "--repo", str(repo)).code == 0
    (repo / "shelf.py").write_text(PYTHON.replace("append", "insert"))
    check_line(memls("trace", "replay", trace, "--repo", str(repo)), 1, "differs")


def test_times_say_that_they_are_utc(memls: Command, repo: Path) -> None:
    where = ("--repo", str(repo))
    assert memls("ask", "what is Shelf?", "--session", "talk", *where).code == 0
    assert re.match(r"talk  \d{4}-\d\d-\d\d \d\d:\d\d UTC  \d", memls("memory", "list", *where).out)
    (session,) = memls("memory", "list", "--json", *where).json["sessions"]
    assert session["used"].endswith("Z")


def test_a_definition_of_one_line_is_read_too(memls: Command, repo: Path) -> None:
    (repo / "one.py").write_text("def lone(): pass\n")
    result = memls("ask", "what is lone?", "--repo", str(repo), "--format", "json").json
    assert ("one.py", 1, 1, "verified") in [
        (c["path"], c["start"], c["end"], c["status"]) for c in result["citations"]
    ]


def test_commands_side_by_side_wait_for_one_another(memls: Command, repo: Path) -> None:
    command = [sys.executable, "-m", "memls", "search", "--kind", "symbol", "Shelf", "--repo", str(repo)]
    running = [
        subprocess.Popen(
            command, env=memls.environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(5)
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert all(code == 0 and "shelf.py:1" in out for (out, _), code in ended), ended


@pytest.mark.parametrize("arguments", [["search", "Shelf"], ["ask", "what is Shelf?"], ["memory", "export"]])
@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
def test_output_that_takes_nothing_is_one_line(
    memls: Command, repo: Path, arguments: list[str], output: str
) -> None:
    program = ["sh", "-c", f'exec "$@" {output}', "sh", *memls.program, *arguments, "--repo", str(repo)]
    done = subprocess.run(program, stderr=subprocess.PIPE, text=True, env=memls.environment({}), timeout=60)
    check_line(Outcome(done.returncode, "", done.stderr), 3, "cannot write to standard output: ")


def test_warnings_that_nobody_hears_are_no_results(memls: Command, repo: Path) -> None:
    program = ["sh", "-c", 'exec "$@" 2>&-', "sh", *memls.program, "refs", "Shelve", "--repo", str(repo)]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, env=memls.environment({}), timeout=60)
    assert (done.returncode, done.stdout) == (1, "")


def test_many_definitions_of_a_name(memls: Command, repo: Path) -> None:
    for n in range(60):
        (repo / f"m{n}.py").write_text(f"class C{n}:\n    def run(self): pass\n")
    (repo / "use.py").write_text("def use(one):\n    one.run()\n")
    where = ("--repo", str(repo), "--json")
    assert len(memls("refs", "run", "--definition", *where).json) == 60
    callers = memls("refs", "run", "--callers", *where)
    assert [(row["path"], row["line"], row["status"]) for row in callers.json] == [("use.py", 2, "candidate")]
    check_line(callers, 0, "run has 60 definitions: this is of 50")
