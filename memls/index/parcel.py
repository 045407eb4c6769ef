"""The file in which an index travels: a line that names it and its digest, and behind it a zip of Parquet.

Parquet is plain table data: no views, macros or extensions come in with it, as they could with a database.
The zip's members are stored as they are, since Parquet is compressed, so that nothing swells while it is
unpacked. The digest finds damage; against who writes such a file on purpose it proves nothing.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from memls.errors import MachineError, UsageError
from memls.text import shorten, visible

FORMAT = 1

_HEAD = re.compile(rb"memls index (\d{1,9}) ([0-9a-f]{64})\n")
_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 1 << 20
_BROKEN = (BadZipFile, KeyError, TypeError, ValueError, EOFError, NotImplementedError, RuntimeError)
"""What `zipfile` and `json` raise for bytes that are not theirs."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What wrote the file: memls, its index's version, and language -> the package of its grammar."""

    memls: str
    index: int
    grammars: Mapping[str, str]


def pack(members: Sequence[Path], manifest: Manifest, file: Path) -> int:
    """Write `file` whole, or leave what is there; its bytes. Raises MachineError."""
    part = file.with_name(f"{file.name}.part")
    try:
        try:
            part.unlink(missing_ok=True)
            with part.open("x+b") as out:
                _write(out, members, manifest)
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return file.stat().st_size
    except OSError as error:
        raise MachineError(f"cannot write {file}: {error.strerror or error}") from error


def unpack(file: Path, folder: Path, names: Sequence[str], check: Callable[[Manifest], None]) -> None:
    """Write the members with these names into `folder`. `check` sees who wrote them, before.

    Raises UsageError for what is damaged or no such file, MachineError where it cannot be read or written.
    """
    if not file.is_file():
        raise UsageError(f"{file}: no such file" if not file.exists() else f"{file} is no file")
    try:
        stream = file.open("rb")
    except OSError as error:
        raise MachineError(f"cannot read {file}: {error.strerror or error}") from error
    with stream:
        try:
            _check_head(stream, file)
            with ZipFile(stream) as archive:
                check(_manifest(archive))
                for name in names:
                    with _member(archive, name) as source, (folder / name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        except OSError as error:
            raise MachineError(f"cannot unpack {file} in {folder}: {error.strerror or error}") from error
        except _BROKEN as error:
            raise no_index(file, str(error)) from error


def no_index(file: Path, why: str) -> UsageError:
    """What a reader is told of a file that is whole, and not what it should be."""
    return UsageError(f"{file} is no index that memls exported ({shorten(visible(why), 120)})")


def _write(out: IO[bytes], members: Sequence[Path], manifest: Manifest) -> None:
    out.write(_head("0" * 64))
    with ZipFile(out, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo(_MANIFEST), json.dumps(asdict(manifest), sort_keys=True))
        for member in members:
            with member.open("rb") as source, archive.open(ZipInfo(member.name), "w") as target:
                shutil.copyfileobj(source, target)
    digest = _digest(out)
    out.seek(0)
    out.write(_head(digest))


def _head(digest: str) -> bytes:
    return f"memls index {FORMAT} {digest}\n".encode()


def _digest(stream: IO[bytes]) -> str:
    """SHA-256 of all that stands behind the first line."""
    stream.seek(len(_head("0" * 64)))
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _check_head(stream: IO[bytes], file: Path) -> None:
    head = _HEAD.match(stream.read(100))
    if head is None:
        raise no_index(file, "its first line is another")
    if int(head[1]) != FORMAT:
        raise UsageError(
            f"{file} has format {int(head[1])} and this memls reads {FORMAT}: "
            "export it again with this memls, or leave --import out to build the index here"
        )
    if _digest(stream) != head[2].decode():
        raise UsageError(f"{file} is damaged: its digest is another; copy or export it again")


def _manifest(archive: ZipFile) -> Manifest:
    with _member(archive, _MANIFEST) as source:
        found = json.loads(source.read(_LONGEST_MANIFEST))
    memls, index, grammars = found["memls"], found["index"], found["grammars"]
    if not (isinstance(memls, str) and isinstance(index, int) and isinstance(grammars, dict)):
        raise ValueError("its manifest has other types")
    return Manifest(memls, index, grammars)


def _member(archive: ZipFile, name: str) -> IO[bytes]:
    if archive.getinfo(name).compress_type != ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return archive.open(name)
