"""`memls check` as CI runs it: real processes, a real endpoint, a repository that changes."""

import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import Command, Outcome
from endpoint import Body, FakeEndpoint, Turn

pytestmark = pytest.mark.slow

SHOP = '''
from shop.prices import price

class Cart:
    """What somebody buys."""

    def __init__(self):
        self.items = []

    def total(self):
        """The sum of the prices."""
        return sum(price(item) for item in self.items)
'''.lstrip()
PRICES = '''
TABLE = {"tea": 3}

def price(item):
    """What an item costs."""
    return TABLE[item]
'''.lstrip()
CHECKS = """
questions:
  - name: totals
    ask: How is the total of a cart computed?
    expect:
      cites: {files: shop/cart.py, symbols: Cart.total}
      contains: sum
rules:
  - name: prices are the cart's
    no_callers_of: price
    outside: shop/cart.py
"""
ANSWER = "It is the sum of the prices [shop/cart.py:9-11], each from a table [shop/prices.py:3-5]."


@dataclass
class Shop:
    """A repository with a file of checks, and the command for it."""

    root: Path
    command: Command
    endpoint: str = ""

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def git(self, *arguments: str) -> None:
        name = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *name, *arguments], cwd=self.root, check=True, capture_output=True)

    def check(self, *arguments: str, **environment: str) -> Outcome:
        if self.endpoint:
            environment = {"OPENAI_BASE_URL": self.endpoint, "MEMLS_MODEL": "fake", "MEMLS_WINDOW": "16384",
                           "OPENAI_API_KEY": "sk-test", **environment}  # fmt: skip
        return self.command("check", "checks.yaml", *arguments, cwd=self.root, **environment)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop-code", Command(tmp_path / "home"))
    made.write("shop/cart.py", SHOP)
    made.write("shop/prices.py", PRICES)
    made.write("shop/other.py", "def unrelated():\n    return 1\n")
    made.write("checks.yaml", CHECKS)
    made.git("init", "-q")
    made.git("add", "-A")
    made.git("commit", "-qm", "first")
    return made


def _policy(body: Body, _: int) -> Turn | str:
    """Reads both files, then answers in the same words."""
    if any(message["role"] == "tool" for message in body["messages"]):
        return ANSWER
    return Turn(calls=[("page_in", {"targets": ["shop/cart.py:1-11", "shop/prices.py:1-5"]})])


@pytest.fixture
def endpoint(shop: Shop) -> Iterator[FakeEndpoint]:
    with FakeEndpoint(_policy) as served:
        shop.endpoint = served.url
        yield served


def test_it_passes_costs_nothing_again_and_fails_with_the_lines_that_broke_it(
    shop: Shop, endpoint: FakeEndpoint
) -> None:
    first = shop.check()
    assert (first.code, first.err) == (0, "")
    assert "✓ totals  (fake, " in first.out and "2 passed" in first.out
    asked = len(endpoint.requests)
    assert asked >= 2

    again = shop.check("--json")
    assert again.code == 0 and len(endpoint.requests) == asked  # not one request
    assert again.json["tokens"] == 0 and again.json["outcomes"][0]["kept"] == 1

    shop.write("shop/other.py", "def unrelated():\n    return 2\n")  # nothing that the answer rests on
    shop.write("shop/cart.py", "# moved down\n" + SHOP)
    moved = shop.check("--json")
    assert moved.code == 0 and len(endpoint.requests) == asked
    cited = moved.json["outcomes"][0]["answer"]["citations"][0]
    assert (cited["status"], cited["start"], cited["cited_start"]) == ("moved", 10, 9)

    shop.write("shop/cart.py", SHOP.replace("sum(price(item) for item in self.items)", "len(self.items)"))
    shop.write(
        "shop/other.py", "from shop.prices import price\n\ndef unrelated():\n    return price('tea')\n"
    )
    broken = shop.check()
    assert broken.code == 1 and len(endpoint.requests) > asked
    lines = broken.out.splitlines()
    assert "✗ prices are the cart's  checks.yaml:9" in lines
    assert "    shop/other.py:4: unrelated calls price (import)" in lines
    assert "1 passed, 1 failed" in lines[-1]


def test_an_answer_that_no_longer_holds_names_the_lines_it_rested_on(
    shop: Shop, endpoint: FakeEndpoint
) -> None:
    assert shop.check().code == 0
    shop.write("shop/cart.py", SHOP.replace("    def total(self):", "    def amount(self):"))
    broken = shop.check()
    assert broken.code == 1
    assert "✗ totals" in broken.out
    assert "no symbol is named Cart.total" in broken.out
    assert (
        "note: shop/cart.py:9-11: an earlier answer, which passed, cites these lines: the code has"
        in broken.out
    )


def test_only_what_a_change_can_touch_is_asked(shop: Shop, endpoint: FakeEndpoint) -> None:
    shop.write("shop/other.py", "def unrelated():\n    return 3\n")
    other = shop.check("--changed-since", "HEAD", "--no-cache")
    assert other.code == 0 and "– totals" in other.out and not endpoint.requests
    shop.write("shop/prices.py", PRICES.replace("3}", "4}"))
    touched = shop.check("--changed-since", "HEAD", "--no-cache")
    assert touched.code == 0 and "✓ totals" in touched.out and endpoint.requests
    unknown = shop.check("--changed-since", "nowhere")
    assert unknown.code == 2 and "cannot tell what changed since 'nowhere'" in unknown.err
    assert shop.check("--changed-since", "--output=x").code == 2


def test_reports_for_other_programs(shop: Shop, endpoint: FakeEndpoint, tmp_path: Path) -> None:
    shop.write(
        "checks.yaml",
        CHECKS.replace("outside: shop/cart.py", "outside: ui/").replace(
            "contains: sum", "contains: 'a,b: %'"
        ),
    )
    page = tmp_path / "summary.md"
    files = {name: tmp_path / name for name in ("junit", "sarif")}
    options = ["--github", "--junit", str(files["junit"]), "--sarif", str(files["sarif"])]
    done = shop.check(*options, GITHUB_STEP_SUMMARY=str(page))
    assert done.code == 1

    cases = list(ET.parse(files["junit"]).getroot().iter("testcase"))
    assert [case.get("name") for case in cases] == ["totals", "prices are the cart's"]
    assert [case.find("failure") is not None for case in cases] == [True, True]
    assert "shop/cart.py:11" in (cases[1].findtext("failure") or "")

    run = json.loads(files["sarif"].read_text())["runs"][0]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    found = [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places]
    assert found == [("checks.yaml", 3), ("shop/cart.py", 11)]
    assert {result["ruleId"] for result in run["results"]} == {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }

    commands = [line for line in done.out.splitlines() if line.startswith("::")]
    assert commands == [
        "::error file=checks.yaml,line=3,endLine=3,title=memls%3A totals::does not contain 'a,b: %25'",
        "::error file=shop/cart.py,line=11,endLine=11,title=memls%3A prices are the cart's::"
        "Cart.total calls price (import)",
    ]
    assert "| ✗ | totals |" in page.read_text()


def test_a_pattern_that_matches_no_file_is_a_warning_in_every_report(shop: Shop, tmp_path: Path) -> None:
    shop.write("checks.yaml", "rules:\n  - name: no debugger\n    no_text: pdb\n    in: [shops/, shop/]\n")
    page, junit, sarif = (tmp_path / name for name in ("page.md", "junit.xml", "sarif.json"))
    options = ["--github", "--junit", str(junit), "--sarif", str(sarif)]
    done = shop.check(*options, GITHUB_STEP_SUMMARY=str(page))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[:2] == ["✓ no debugger", "    warning: no file matches shops/"]
    told = "title=memls%3A no debugger::no file matches shops/"
    assert f"::warning file=checks.yaml,line=2,endLine=2,{told}" in done.out
    assert "- warning: no file matches shops/" in page.read_text()
    assert "warning: no file matches shops/" in junit.read_text()
    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert (result["level"], result["message"]["text"]) == ("warning", "no debugger: no file matches shops/")
    (outcome,) = json.loads(shop.check("--json").out)["outcomes"]
    assert [one["message"] for one in outcome["warnings"]] == ["no file matches shops/"]


@pytest.mark.parametrize(
    ("agreement", "code", "said"),
    [(1, 1, "2 of 3 samples pass"), (0.6, 0, "✓ totals  (2 of 3 samples pass")],
)
def test_models_that_vary_are_asked_several_times(shop: Shop, agreement: float, code: int, said: str) -> None:
    answers = iter([ANSWER, "Nobody knows.", ANSWER])

    def varying(body: Body, n: int) -> Turn | str:
        turn = _policy(body, n)
        return turn if isinstance(turn, Turn) else next(answers, ANSWER)

    rules = CHECKS[CHECKS.index("rules:") :]
    shop.write("checks.yaml", CHECKS.replace(rules, f"    samples: 3\n    agreement: {agreement}\n"))
    with FakeEndpoint(varying) as served:
        shop.endpoint = served.url
        # one at a time, and without a chance to mend the citations that the second has not
        done = shop.check("--jobs", "1")
    assert done.code == code and said in done.out


def test_a_model_that_fails_is_an_error_and_no_failure(shop: Shop) -> None:
    shop.endpoint = "http://127.0.0.1:9/v1"
    done = shop.check()
    assert done.code == 3
    assert "‼ totals" in done.out and "1 passed, 1 error" in done.out


def test_without_a_model_memory_plays_no_part(shop: Shop) -> None:
    told = shop.command("memory", "block", "rules", "--text", "Say nothing of sums.", cwd=shop.root)
    assert told.code == 0
    done = shop.check()
    assert done.code == 0, done.out
    assert "✓ totals  (extractive" in done.out
    assert shop.command("memory", "list", cwd=shop.root).out == ""


def test_wrong_use_is_told(shop: Shop) -> None:
    shop.write("checks.yaml", "questions:\n  - aks: what\n")
    wrong = shop.check()
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("memls: checks.yaml:2: questions.0: unknown key 'aks'")
    assert shop.command("check", cwd=shop.root).code == 2
    schema: Any = shop.command("check", "--schema", cwd=shop.root).json
    assert schema["title"] == "memls check"
    shop.write("checks.yaml", CHECKS)
    assert "cannot write" in shop.check("--junit", "/nowhere/at/all.xml").err
