"""Syntax trees that are parsed from the one before: each equals a parse from nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import examples
from tree_sitter import Node, Tree

from memls.source import parse
from memls.source.languages import languages
from memls.source.trees import Trees, changed_lines

FIXTURES = Path(__file__).parent.parent / "fixtures"
LANGUAGES = sorted(languages())
PIECES = [
    b"", b"x", b" ", b"\n", b"\r\n", b"    ", b"\t", b"(", b")", b"{", b"}", b"[", b'"', b"'", b'"""', b"`",
    b"/*", b"*/", b"//", b"#", b"<", b"=", b";", b":", b"def f(): pass\n", b"class A {}\n", "é記".encode(),
    b"\0", b"\xff",
]  # fmt: skip


def sources(language: str) -> list[bytes]:
    paths = sorted((FIXTURES / language).rglob("*"))
    found = [path.read_bytes() for path in paths if parse.language_of(path.name) == language]
    assert found
    return found


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A language and texts, each the one before with an edit; often an edit is taken back."""
    language = draw(st.sampled_from(LANGUAGES))
    texts = [draw(st.sampled_from(sources(language)))]
    for _ in range(draw(st.integers(2, 8))):
        text = texts[-1]
        if len(texts) > 1 and draw(st.booleans()):
            text = texts[-2]
        elif draw(st.booleans()):
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 4, 30])))
            text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
        else:
            lines = text.split(b"\n")
            first = draw(st.integers(0, len(lines)))
            moved, to = lines[first : first + 3], draw(st.integers(0, len(lines)))
            del lines[first : first + draw(st.integers(0, 3))]
            lines[to:to] = moved
            text = b"\n".join(lines)
        texts.append(text)
    return language, texts


def shape(tree: Tree | None) -> list[object]:
    found: list[object] = []
    pending: list[Node] = [tree.root_node] if tree else []
    while pending:
        node = pending.pop()
        found.append((node.type, node.byte_range, node.start_point, node.end_point, node.is_named))
        pending.extend(node.children)
    return found


@given(edits())
@examples(60)
def test_a_tree_from_the_one_before_equals_one_from_nothing(edited: tuple[str, list[bytes]]) -> None:
    language, texts = edited
    trees, rules = Trees(), languages()[language]
    for text in texts:
        assert shape(trees.tree("a", rules, text)) == shape(parse.syntax_tree(rules, text))
        outline = parse.parse("a", text, language, lambda rules, data: trees.tree("a", rules, data))
        assert outline == parse.parse("a", text, language)


@given(
    st.lists(st.sampled_from([b"a\n", b"b\n", b"c", b"\n"])),
    st.lists(st.sampled_from([b"a\n", b"b\n", b"c"])),
)
@examples(200)
def test_lines_that_differ_are_between_lines_that_do_not(one: list[bytes], other: list[bytes]) -> None:
    old, new = b"".join(one), b"".join(other)
    start, old_end, new_end = changed_lines(old, new)
    assert old[:start] == new[:start] and old[old_end:] == new[new_end:]
    assert start <= min(old_end, new_end)
    for text, end in ((old, old_end), (new, new_end)):
        assert start == 0 or text[start - 1 : start] == b"\n"
        assert end == len(text) or text[end - 1 : end] == b"\n" or end == start


@pytest.mark.parametrize("large", [b"", b"\n" * 100_000])
def test_what_an_edit_leaves_as_it_was_is_not_parsed_again(
    large: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large text is read otherwise, piece by piece, and so it is from the tree before."""
    parsed: list[bool] = []
    real = parse.readable_tree

    def counted(rules: parse.Language, data: bytes, before: Tree | None = None) -> Tree | None:
        parsed.append(before is not None)
        return real(rules, data, before)

    monkeypatch.setattr(parse, "readable_tree", counted)
    trees, rules = Trees(), languages()["python"]
    for text in (b"a = 1\n", b"a = 2\n", b"a = 2\n", b"a = (\n", b"a = (1)\n"):
        trees.tree("a", rules, text + large)
    assert parsed == [False, True, True, False, True]
    assert trees.tree("b", rules, b"a = 1\n") is not trees.tree("b", languages()["go"], b"package a\n")
    assert parsed[5:] == [False, False]
    trees.drop("a")
    trees.tree("a", rules, b"a = (1)\n")
    assert parsed[7:] == [False]
