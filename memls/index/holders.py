"""Which unread files contain a name: by their bytes, before anything of them is indexed.

Where there are hundreds, those that look as if they defined it come first: who waits for the definition need
not wait for all that use it.
"""

import re
from itertools import islice
from pathlib import Path

from memls.errors import MemlsError
from memls.index.unread import Lack
from memls.source import files

MOST = 6000
"""Files that are looked through for one name: a second. In more, it takes as long as reading on."""
_PLACES = 30
"""Of a name in one file whose likeness is looked at."""
_DEFINES = re.compile(
    rb"(?:\A|[\s(#])(?:def|class|func|function|fn|type|struct|interface|trait|enum|union|define|const|let|var|"
    rb"val|object|module|namespace|package|typedef|protocol|record|sub)\b[^;{}=:]*\Z"
)
_MODIFIED = re.compile(
    rb"(?:\A|\s)(?:public|private|protected|internal|static|abstract|virtual|override|final|async|readonly)\s"
    rb"[^;{}=(:]*\Z"
)
_OF_A_TYPE = re.compile(
    rb"\A\s+(?!(?:return|await|new|throw|else|yield|case|in|and|or|not)\s)[\w.<>\[\]?,*&]+ \Z"
)
"""`Item` in `    Item Find(Guid id);`: what is declared without a modifier, in an interface."""
_IS_A_TYPE = re.compile(rb"\w+(?:[>?]|\[\]|(?:<[^;(){}]*>)?[*&]*[ \t]+\w)")
"""A name that another follows, which is of it: `Item item`, `List<Item> items`."""


def holders(root: Path, lack: Lack, name: str, limit: int) -> tuple[str, ...] | None:
    """The source files that contain a name as a word, those that look most as if they defined it first.

    None where they are too many to look through.
    """
    sources = [path for path, language in lack.paths.items() if language or "." not in path]
    if len(sources) > MOST:
        return None
    found = {path: like for path in sources if (like := _likeness_of(root, path, name, limit)) is not None}
    return tuple(sorted(found, key=lambda path: (-found[path], path)))


def likeness_in(data: bytes, name: bytes) -> int | None:
    """How much a file looks as if it defined a name; None where it does not contain it as a word."""
    if name not in data:
        return None
    word = re.compile(rb"(?<![\w$])" + re.escape(name) + rb"(?![\w$])")
    return max(
        (likeness(data, match.start()) for match in islice(word.finditer(data), _PLACES)), default=None
    )


def likeness(data: bytes, at: int) -> int:
    """How much a name looks as if it were defined where it stands: 2, 1 or 0."""
    start = data.rfind(b"\n", 0, at) + 1
    before = data[max(start, at - 200) : at]
    if _DEFINES.search(before):
        return 2
    is_type = _IS_A_TYPE.match(data, at) is not None
    if not is_type and _MODIFIED.search(before):
        return 2
    if before[:1].isspace():
        return int(not is_type and _OF_A_TYPE.match(before) is not None)
    end = data.find(b"\n", at)
    return int(not data[at : end if end >= 0 else len(data)].rstrip().endswith(b";"))


def _likeness_of(root: Path, path: str, name: str, limit: int) -> int | None:
    try:
        text = files.read(root, path, limit).text
    except MemlsError:
        return None
    return (
        likeness_in(text.encode("utf-8", "replace"), name.encode())
        if text is not None and name in text
        else None
    )
