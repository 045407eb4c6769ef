"""Messages on a stream of bytes: headers, a body of so many bytes, and on (LSP, Base Protocol).

Editors' plugins are written by hand: names of headers come in any case and with any blanks. After a body of
another length than it says, what follows is skipped up to the next header, wherever in a line that stands.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader

LONGEST = 256 << 20
"""Bytes of a body: a buffer of any sense, and no more. A longer one is skipped."""
STREAM_LIMIT = 1 << 20
"""Bytes that are read ahead, and the longest line that is taken for a header."""

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?\n?$", re.IGNORECASE)
log = logging.getLogger(__name__)


async def bodies(reader: "AsyncReader") -> AsyncIterator[bytes]:
    """The bodies until the stream ends, also where it ends in the middle of one.

    Lets others run between two: a burst of messages waits for nothing on its way in.
    """
    length: int | None = None
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # of STREAM_LIMIT bytes and more: no header
            continue
        if not line:
            return
        if found := _LENGTH.search(line):
            length = int(found[1])
            if length > LONGEST:
                log.error("skipping a message of %s bytes; the longest is of %s", length, LONGEST)
                length = None
        elif not line.strip() and length is not None:
            try:
                body = await reader.readexactly(length)
            except asyncio.IncompleteReadError:
                return
            length = None
            if body:
                yield body
                await asyncio.sleep(0)
