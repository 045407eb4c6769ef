"""What a grammar's own scanner cannot hold, said of the text before it is parsed.

The scanners of YAML 0.7 and Markdown 0.5 keep a stack of open blocks and write it past the end of a buffer
of 1,024 bytes where some 250 are open, which ends the process or worse (tree-sitter-yaml #48,
tree-sitter-markdown #243). A block begins at a deeper column or with a mark: these bound the stack.
"""

import re
from collections.abc import Callable

_MOST_INDENTED, _MOST_MARKS = 128, 64


def too_deep(marks: str, before: str = ".*") -> Callable[[bytes], bool]:
    """Whether some line is indented so far, or has so many marks in its part that is `before` all else."""
    mark, part = re.compile(marks.encode()), re.compile(before.encode())

    def check(data: bytes) -> bool:
        return any(
            len(line) - len(line.lstrip()) > _MOST_INDENTED
            or ((found := part.match(line)) and len(mark.findall(found.group())) > _MOST_MARKS)
            for line in data.splitlines()
            if len(line) > _MOST_MARKS
        )

    return check
