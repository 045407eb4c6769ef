"""`#if … #endif` where the grammars of C and C++ expect none: in a list of initializers, a condition, a call.

A tree that has lost its way there takes all that follows for a part of the function before. What stands
between the two lines is read whatever the condition, so the lines can be left out, where there is no `#else`.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_DIRECTIVE = re.compile(
    rb"^[ \t]*(#)[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b(?:[^\n\\]|\\\r?\n|\\.)*",
    re.MULTILINE,
)


def without_odd_conditionals(root: "Node", data: bytes) -> bytes:
    """The text with spaces for the lines of conditionals that its tree has not as a sound node."""
    mended = bytearray(data)
    for lines in _without_else(data):
        if not _is_sound(root.descendant_for_byte_range(*lines[0].span(1))):
            for line in lines:
                mended[line.start() : line.end()] = re.sub(rb"\S", b" ", line.group())
    return bytes(mended)


def _is_sound(token: "Node | None") -> bool:
    """Whether the node that begins with a token is a conditional, without an error of its own."""
    node = token and token.parent
    if node is None or node.type not in ("preproc_if", "preproc_ifdef"):
        return False
    return not node.has_error or not any(child.is_error or child.is_missing for child in node.children)


def _without_else(data: bytes) -> list[list[re.Match[bytes]]]:
    """The first and the last line of each conditional that has one branch."""
    found, around = [], list[list[re.Match[bytes]]]()
    for line in _DIRECTIVE.finditer(data):
        if line[2].startswith(b"if"):
            around.append([line])
        elif around:
            around[-1].append(line)
            if line[2] == b"endif" and len(lines := around.pop()) == 2:
                found.append(lines)
    return found
