"""What a syntax tree shows without names: the lines that fold, and the ranges around a place.

1. Nothing recurses, and only nodes of several lines are entered for folding: a line has nothing to fold, and
   most nodes are in one.
2. Node types are named alike in the grammars, so one table serves all languages.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node, Tree

from memls.source.languages import language_named
from memls.source.parse import Make, syntax_tree

FoldKind = Literal["code", "comment", "imports", "region"]
Span = tuple[int, int]

_MOST_NODES = 300_000
"""Nodes that are looked at for folding: far more than there are in what people write."""
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
_IMPORTS = frozenset(
    {
        "import_statement", "import_from_statement", "future_import_statement", "import_declaration",
        "preproc_include", "use_declaration", "extern_crate_declaration", "using_declaration",
    }
)  # fmt: skip
_IMPORT_LISTS = frozenset({"import_spec_list"})
_FOLDED = frozenset(
    {
        "block", "compound_statement", "statement_block", "declaration_list", "field_declaration_list",
        "class_body", "interface_body", "enum_body", "enum_body_declarations", "constructor_body",
        "annotation_type_body", "switch_block", "switch_body", "match_block", "enumerator_list",
        "enum_variant_list", "ordered_field_declaration_list", "field_initializer_list", "initializer_list",
        "literal_value", "array_initializer", "argument_list", "arguments", "annotation_argument_list",
        "parameters", "parameter_list", "formal_parameters", "type_parameters", "type_arguments", "list",
        "tuple", "set", "dictionary", "list_comprehension", "dictionary_comprehension", "set_comprehension",
        "generator_expression", "parenthesized_expression", "array", "object", "object_type",
        "object_pattern", "array_pattern", "named_imports", "export_clause", "use_list", "array_expression",
        "tuple_expression", "token_tree", "macro_definition", "string", "string_literal",
        "raw_string_literal", "template_string", "text_block", "jsx_element", "jsx_self_closing_element",
        "preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "expression_switch_statement",
        "type_switch_statement", "select_statement", "interface_type", "const_declaration",
        "var_declaration", "type_declaration", "template_parameter_list", "requires_clause",
    }
)  # fmt: skip
"""Types of nodes that fold where they have several lines."""
_CLOSING = re.compile(r"\s*(?:[)\]}]|#\s*(?:endif|else|elif)|\*/|\"\"\"|'''|</|/?>)")
"""What begins a line that stays in sight when what is above it is folded."""
_REGION = re.compile(r"\s*(?:#|//|/\*|--)?\s*#?\s*(?:pragma\s+)?(end)?region\b", re.IGNORECASE)
_MOST_SPANS = 64


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines from 1, both included: the first stays in sight, the others can be hidden."""

    start: int
    end: int
    kind: FoldKind


def folds(lines: Sequence[str], language: str, make: Make | None = None) -> list[Fold]:
    """What can be folded in a file, one fold a starting line, in order. Nothing where parsing gave up.

    `make` gives the syntax tree, where that is not to be parsed from nothing.
    """
    tree, markup = _tree(lines, language, make), language_named(language).markup
    found: dict[int, Fold] = {}
    around = _indented(lines, markup("\n".join(lines).encode("utf-8", "replace")).scripts) if markup else ()
    for fold in (*(_tree_folds(tree, lines) if tree else ()), *_regions(lines), *around):
        end = fold.end
        if end <= len(lines) and _closes(fold.kind, lines[end - 1]):
            end -= 1
        known = found.get(fold.start)
        if end > fold.start and (known is None or known.end < end):
            found[fold.start] = Fold(fold.start, end, fold.kind)
    return [found[start] for start in sorted(found)]


def _closes(kind: FoldKind, line: str) -> bool:
    return _CLOSING.match(line) is not None if kind == "code" else line.strip() in (")", "};", "}")


def spans_around(
    lines: Sequence[str], language: str, offsets: Sequence[int], make: Make | None = None
) -> list[list[Span]]:
    """For each byte offset in the joined lines the ranges of the nodes around it, innermost first.

    Ranges that are equal count once. Of very deep nesting the innermost and the outermost are given.
    """
    tree = _tree(lines, language, make)
    return [_path(tree, offset) if tree else [] for offset in offsets]


def _tree(lines: Sequence[str], language: str, make: Make | None) -> Tree | None:
    data = "\n".join(lines).encode("utf-8", "replace")
    return (make or syntax_tree)(language_named(language), data) if data.strip() else None


def _tree_folds(tree: Tree, lines: Sequence[str]) -> Iterator[Fold]:
    pending = [tree.root_node]
    seen = 0
    while pending and seen < _MOST_NODES:
        children = pending.pop().children
        seen += len(children)
        yield from _runs(children, lines)
        above = 0
        for child in children:
            first, last = child.start_point.row, child.end_point.row
            if last > first or child.type == "block":
                yield from _node_folds(child, first, last, above)
                pending.append(child)
            above = last


def _node_folds(node: Node, first: int, last: int, above: int) -> Iterator[Fold]:
    """The fold of one node. Python's block begins below the line that opens it, where `above` ends."""
    if node.type in _IMPORT_LISTS:
        yield Fold(first + 1, last + 1, "imports")
    elif node.type in _FOLDED:
        opens = above if node.type == "block" and above < first else first
        yield Fold(opens + 1, last + 1, "code")


def _runs(children: Sequence[Node], lines: Sequence[str]) -> Iterator[Fold]:
    """Comments below each other, and imports with nothing but empty lines between them."""
    kind: FoldKind = "code"
    first = last = -1
    for node in children:
        found: FoldKind = (
            "comment" if node.type in _COMMENTS else "imports" if node.type in _IMPORTS else "code"
        )
        if found == "code" and kind == "code":
            continue
        start, end = node.start_point.row, _last_row(node)
        near = start <= last + 1 if found == "comment" else _is_empty(lines, last + 1, start)
        if found == kind and near and found != "code":
            last = end
            continue
        if kind != "code" and last > first:
            yield Fold(first + 1, last + 1, kind)
        trailing = found == "comment" and lines[start][: node.start_point.column].strip()
        kind, first, last = ("code" if trailing else found), start, end
    if kind != "code" and last > first:
        yield Fold(first + 1, last + 1, kind)


def _last_row(node: Node) -> int:
    """Some comments and includes have the line's end in them."""
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _is_empty(lines: Sequence[str], start: int, end: int) -> bool:
    return not any(line.strip() for line in lines[start:end])


def _indented(lines: Sequence[str], scripts: Sequence[Span]) -> Iterator[Fold]:
    """What is further in than the line above it, as editors fold without a tree; not inside of scripts."""
    open_: list[tuple[int, int]] = []
    start = last = number = 0
    inside = iter([*scripts, (1 << 62, 0)])
    script = next(inside)
    for number, line in enumerate(lines, start=1):
        while script[1] <= start and script[0] < start:
            script = next(inside)
        if line.strip():
            if not script[0] < start <= script[1]:
                depth = len(line.expandtabs()) - len(line.expandtabs().lstrip())
                while open_ and open_[-1][0] >= depth:
                    if last > (first := open_.pop()[1]):
                        yield Fold(first, last, "code")
                open_.append((depth, number))
            last = number
        start += len(line.encode("utf-8", "replace")) + 1
    for _, first in reversed(open_):
        if last > first:
            yield Fold(first, last, "code")


def _regions(lines: Sequence[str]) -> Iterator[Fold]:
    """`#region` to `#endregion`, as comments or pragmas."""
    open_: list[int] = []
    for number, line in enumerate(lines, start=1):
        if "region" in line and (match := _REGION.match(line)):
            if not match.group(1):
                open_.append(number)
            elif open_:
                yield Fold(open_.pop(), number, "region")


def _path(tree: Tree, offset: int) -> list[Span]:
    cursor = tree.walk()
    found: list[Span] = [cursor.node.byte_range] if cursor.node else []
    while cursor.goto_first_child_for_byte(offset) is not None and (node := cursor.node):
        start, end = node.byte_range
        if start > offset:
            break
        if (start, end) != found[-1] and start < end:
            found.append((start, end))
    if len(found) > _MOST_SPANS:
        found = found[: _MOST_SPANS // 4] + found[-3 * _MOST_SPANS // 4 :]
    return found[::-1]
