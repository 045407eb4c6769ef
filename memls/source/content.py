"""What a file says: its bytes, read without leaving the repository, as text or turned down with a reason."""

import os
import stat
from dataclasses import dataclass
from functools import lru_cache

from memls.errors import UsageError
from memls.text import digest, visible

MAX_BYTES = 2 << 20
"""Larger files are data: parsed or indexed they would cost more than any answer out of them is worth."""

GONE = "no such file"
"""The `reason` of a file that is not there."""

_BINARY_PREFIX = 8 << 10
_LONG_LINE = 5_000
_LONG_AVERAGE = 250
_HUGE_LINE = 500_000
_MAX_BROKEN = 0.3


class OutsideError(UsageError):
    """A path that leads out of the repository: absolute, with `..`, or through a link."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says. `text` is None where it is not for the index, and `reason` says why.

    Lines of `text` end in `\\n` only, so that they count as `text.split_lines` counts them, and it holds no
    NUL and no byte order mark. `hash` names the raw bytes ("" where they were not read). `encoding_broken`:
    some bytes were replaced by U+FFFD. `version` is the editor's, None when the text came from disk.
    """

    path: str
    text: str | None
    hash: str = ""
    size: int = 0
    mtime_ns: int = 0
    reason: str = ""
    encoding_broken: bool = False
    version: int | None = None


def read(root: str | os.PathLike[str], path: str, limit: int = MAX_BYTES) -> Content:
    """What `path` says on disk. Raises OutsideError for a path out of the repository, and nothing else."""
    base = _real(os.fspath(root))
    try:
        descriptor = os.open(_inside(base, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return Content(path, None, reason=GONE)
    except OSError as error:
        return Content(path, None, reason=_why(error))
    try:
        _check_opened(base, descriptor, path)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Content(path, None, reason="not a regular file")
        if status.st_size > limit:
            return Content(
                path, None, "", status.st_size, status.st_mtime_ns, too_large(status.st_size, limit)
            )
        raw = _read_all(descriptor, limit)
    except OSError as error:
        return Content(path, None, reason=_why(error))
    finally:
        os.close(descriptor)
    if len(raw) > limit:
        return Content(path, None, "", len(raw), status.st_mtime_ns, too_large(len(raw), limit))
    text, broken, reason = decode(raw)
    return Content(path, text, digest(raw), len(raw), status.st_mtime_ns, reason, broken)


def _why(error: OSError) -> str:
    return (
        "permission denied"
        if isinstance(error, PermissionError)
        else (error.strerror or "cannot be read").lower()
    )


@lru_cache(maxsize=64)
def _real(root: str) -> str:
    """The root's real path, found once: were it to change, every path would be outside of it."""
    return os.path.realpath(root)


def _inside(base: str, path: str) -> str:
    """The real path of `path`, which is inside the root."""
    shown = visible(os.fsencode(path).decode("utf-8", "backslashreplace"))
    if not path or "\0" in path or path[0] == "/" or ".." in path.split("/"):
        raise OutsideError(f"outside the repository: {shown!r}")
    real = os.path.realpath(f"{base}/{path}")
    if not real.startswith(base if base.endswith("/") else f"{base}/"):
        raise OutsideError(f"outside the repository: {shown} leads to {visible(real)}")
    return real


def _check_opened(base: str, descriptor: int, path: str) -> None:
    """Once more for what was really opened: a folder may have become a link since we looked (Linux)."""
    try:
        opened = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return
    if not opened.startswith(base if base.endswith("/") else f"{base}/"):
        raise OutsideError(f"outside the repository: {visible(path)}")


def _read_all(descriptor: int, limit: int) -> bytes:
    """At most one byte more than `limit`: the file may grow while we read it."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def too_large(size: int, limit: int) -> str:
    """The reason why a file of `size` bytes is not indexed."""
    return f"too large ({size / (1 << 20):.1f} MB, limit {limit / (1 << 20):.3g} MB)"


def decode(raw: bytes) -> tuple[str | None, bool, str]:
    """The bytes of a file as text with `\\n` line ends; whether bytes had to be replaced; why it is None."""
    broken = False
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = raw.decode("utf-32" if raw[:4] == b"\xff\xfe\0\0" else "utf-16")
        except UnicodeDecodeError:
            return None, False, "binary"
    elif is_binary(raw):
        return None, False, "binary"
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("utf-8-sig", "replace")
            broken = True
            if text.count("\ufffd") > _MAX_BROKEN * len(text):
                return None, False, "binary, or text in another encoding than UTF-8 and UTF-16"
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
        broken = True
    text = normalise(text)
    reason = generated(text)
    return (None, broken, reason) if reason else (text, broken, "")


def is_binary(raw: bytes) -> bool:
    """Whether bytes that are not UTF-16 are no text, by git's rule: a NUL near their beginning."""
    return b"\0" in raw[:_BINARY_PREFIX]


def normalise(text: str) -> str:
    """`text` with `\\n` as its only line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def generated(text: str) -> str:
    """Why `text` was not written by hand, or "". Counting lines is free, measuring each one is not."""
    average = len(text) / (text.count("\n") + 1)
    if average <= _LONG_AVERAGE and len(text) <= _HUGE_LINE:
        return ""
    longest = max(map(len, text.split("\n")))
    if longest > _HUGE_LINE or (longest > _LONG_LINE and average > _LONG_AVERAGE):
        shown = f"{longest / 1e6:.1f} MB" if longest >= 100_000 else f"{longest / 1e3:.0f} KB"
        return f"minified or generated (line of {shown})"
    return ""
