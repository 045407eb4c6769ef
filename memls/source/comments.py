"""Comments above a definition, found by their lines: they document it where a language has no docstrings."""

import re
from collections.abc import Sequence

from memls.source.outline import Symbol

_MOST = 60
_LINE = re.compile(
    r"\s*(?://|--|;;|#(?!!|\[|\s*(?:if|ifn?def|el|endif|define|undef|include|import|pragma|(?:end)?region)))"
)
"""A comment of one line. What the preprocessors of C and C# read, and attributes of Rust, is none."""
_TAG = re.compile(
    r"\s*(?:///?|/?\*+)?\s*(?:[@\\](?:param|tparam|return|throw|exception|see|since|author|template)"
    r"|<(?:param|typeparam|returns|exception|seealso|permission)\b)"
)
"""What repeats a signature, in the words of Javadoc, Doxygen, JSDoc and XML documentation."""

_INHERITED = re.compile(r"<inheritdoc\b|\{?@inheritdoc\b", re.I)


def is_documented(lines: Sequence[str], symbol: Symbol) -> bool:
    """Whether a definition says what it is, or that what it inherits says so."""
    above = lines[first_line(lines, symbol.line) - 1 : symbol.line - 1]
    return bool(symbol.docstring) or any(map(_INHERITED.search, above))


def first_line(lines: Sequence[str], line: int) -> int:
    """The first line of the comment that stands directly above line `line`, and as far in; both from 1.

    Where there is none it is the line itself, and where half of the comment repeats the signature or it is
    as long as a chapter.
    """
    first = line
    indent = _indent(lines[line - 1])
    while line - first < _MOST and first > 1:
        above = _begin(lines, first - 1)
        if above is None or _indent(lines[above - 1]) != indent:
            break
        first = above
    tags = sum(bool(_TAG.match(lines[number - 1])) for number in range(first, line))
    return line if 2 * tags >= line - first or line - first >= _MOST else first


def _begin(lines: Sequence[str], last: int) -> int | None:
    """Where the comment begins that ends with line `last`; None where that line ends none."""
    text = lines[last - 1]
    if text.rstrip().endswith("*/"):
        for line in range(last, max(0, last - _MOST), -1):
            at = lines[line - 1].find("/*")
            if at >= 0:
                return line if not lines[line - 1][:at].strip() else None
        return None
    return last if _LINE.match(text) else None


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
