"""Which unread files contain a name: by their bytes, before anything of them is indexed."""

import re
from pathlib import Path

from memls.errors import MemlsError
from memls.index.unread import Lack
from memls.source import files

MOST = 6000
"""Files that are looked through for one name: a second. In more, it takes as long as reading on."""


def holders(root: Path, lack: Lack, name: str, limit: int) -> frozenset[str] | None:
    """The source files that contain a name as a word; None where they are too many to look through."""
    sources = [path for path, language in lack.paths.items() if language or "." not in path]
    if len(sources) > MOST:
        return None
    word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    return frozenset(path for path in sources if _contains(root, path, name, word, limit))


def _contains(root: Path, path: str, name: str, word: re.Pattern[str], limit: int) -> bool:
    try:
        text = files.read(root, path, limit).text
    except MemlsError:
        return False
    return text is not None and name in text and word.search(text) is not None
