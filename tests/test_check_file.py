"""Files of checks: what they may say, and the line of each mistake."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from memls.checks.file import parse, read, schema
from memls.errors import UsageError

MISTAKES = [
    ("", "f.yaml:1: the file is empty"),
    ("# nothing\n", "f.yaml:1: the file is empty"),
    ("- a\n", "f.yaml:1: ['a'] is not of type 'object'"),
    ("x: 1", "f.yaml:1: unknown key 'x'; known: model, window"),
    ("model: m\n", "f.yaml:1: needs one of questions, rules"),
    ("questions: []", "f.yaml:1: questions: [] should be non-empty"),
    ("questions:\n  - ask: 3\n", "f.yaml:2: questions.0.ask: 3 is not of type 'string'"),
    ("questions:\n  - name: n\n    aks: x\n", "f.yaml:3: questions.0: unknown key 'aks'; known: ask"),
    ("questions:\n  - name: n\n", "f.yaml:2: questions.0: 'ask' is a required property"),
    ("questions:\n - ask: a\n   samples: 0\n", "f.yaml:3: questions.0.samples: 0 is less than"),
    ("questions:\n - ask: a\n   agreement: 1.5\n", "f.yaml:3: questions.0.agreement: 1.5 is greater"),
    ("questions:\n - ask: a\n   window: 100\n", "f.yaml:3: questions.0.window: 100 is less than"),
    ("questions:\n - ask: a\n   budget: {}\n", "f.yaml:3: questions.0.budget: {} should be non-empty"),
    ("questions:\n - ask: a\n   expect:\n     matches: '('\n", "f.yaml:4: not a regular expression: '('"),
    ("questions:\n - ask: a\n   expect: {cites: {file: a}}\n", "f.yaml:3: questions.0.expect.cites: unknown"),
    ("questions:\n - ask: a\n\n - ask: a\n", "f.yaml:4: 'a' is the name of another, in line 2"),
    ("questions:\n - ask: 2020-01-01\n", "f.yaml:2: questions.0.ask: datetime.date(2020, 1, 1) is not"),
    ("rules:\n - no_callers_of: X\n", "f.yaml:2: rules.0: 'outside' is a required property"),
    ("rules:\n - no_callers_of: X\n   outsid: a\n", "f.yaml:3: rules.0: unknown key 'outsid'"),
    ("rules:\n - foo: X\n", "f.yaml:2: rules.0: needs one of no_callers_of, subclasses_of"),
    ("rules:\n - symbol: x\n   no_text: y\n", "f.yaml:3: rules.0: unknown key 'no_text'"),
    ("rules:\n - no_import: {from: x}\n", "f.yaml:2: rules.0.no_import: needs one of to, modules"),
    ("rules:\n - no_import: {from: 3, to: x}\n", "f.yaml:2: rules.0.no_import.from: 3 is not of type"),
    ("rules:\n - no_text: '['\n", "f.yaml:2: not a regular expression: '['"),
    ("a: [\n", "f.yaml:2: expected the node content"),
    ("a: 1\na: 2\n", "f.yaml:2: 'a' stands here twice"),
    ("a: *b\n", "f.yaml:1: found undefined alias"),
    ("a: !!python/object:os.system x\n", "f.yaml:1: could not determine a constructor"),
    ("a: b\x07\n", "f.yaml: unacceptable character"),
    ("--- a\n--- b\n", "f.yaml:2: but found another document"),
    ("a: " + "[" * 200 + "]" * 200, "f.yaml:1: too much in one file"),
    ("a: " + "{a: " * 3000, "f.yaml: nested too deeply"),
    (
        "a: &a [x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{n}: &{n} [{', '.join([f'*{p}'] * 9)}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)
        ),
        "too much in one file",
    ),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=lambda one: one[:40])
def test_a_mistake_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(text, "f.yaml")
    line = str(raised.value)
    assert said in line and "\n" not in line and len(line) < 400


def test_what_a_file_says_once_counts_for_all_of_its_questions() -> None:
    made = parse(
        """
model: small
budget: {tokens: 5000, money: 0.5}
questions:
  - ask: Where is it?
    expect:
      cites: {files: a.py, symbols: [A, B.c]}
      contains: it
      verified: false
  - {ask: "And then?", name: then, model: extractive, budget: {steps: 3}, samples: 5, agreement: 0.8}
rules:
  - {symbol: A, documented: true}
  - {name: layers, no_import: {from: ui/, to: db/}}
""",
        "f.yaml",
    )
    first, second = made.questions
    assert (first.name, first.line, first.model, first.budget.tokens) == ("Where is it?", 5, "small", 5000)
    assert (first.expect.files, first.expect.symbols) == (("a.py",), ("A", "B.c"))
    assert (first.expect.contains, first.expect.verified) == (("it",), False)
    assert (second.name, second.model, second.samples, second.agreement) == ("then", "extractive", 5, 0.8)
    assert (second.budget.steps, second.budget.tokens) == (3, 0)
    assert [(rule.name, rule.line) for rule in made.rules] == [("symbol A", 12), ("layers", 13)]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no file"), (b"a: \xff", "is not UTF-8"), (b"#" * (1 << 20) + b"#", "larger than")],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "f.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read(file)


def test_the_schema_is_one_and_is_in_the_package() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema()))["title"] == "memls check"
