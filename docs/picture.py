"""Draws the README's picture from the real thing: runs a command in a terminal of its own, saves it as SVG.

python docs/picture.py docs/images/ask.svg memls ask "…" --repo PATH
"""

import os
import pty
import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 104, 400
HEAD = 60
"""Lines of the beginning that are shown; what follows up to the last two is left out, and said."""


def recorded(command: list[str]) -> str:
    """Everything the command shows on a terminal of WIDTH columns."""
    shown: list[bytes] = []

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 65536)
        shown.append(data)
        return b"."

    os.environ.update(COLUMNS=str(WIDTH), LINES=str(HEIGHT), TERM="xterm-256color")
    pty.spawn(command, read)
    return b"".join(shown).decode("utf-8", "replace")


def settled(text: str) -> str:
    """The screen as it stands at the end: what was drawn live and erased again is left out."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        for erased in re.findall(r"\x1b\[(\d*)A", line):
            del lines[len(lines) - int(erased or 1) :]
        lines.append(re.sub(r"\x1b\[[0-9;?]*[A-LN-Zhl]", "", line.split("\r")[-1]))
    return "\n".join(lines)


def shortened(text: str) -> str:
    lines = text.strip("\n").split("\n")
    start = len(lines) - 2
    if start <= HEAD:
        return "\n".join(lines)
    return "\n".join([*lines[:HEAD], "", f"        ⋮  {start - HEAD} lines more", "", *lines[start:]])


def main() -> None:
    target, command = Path(sys.argv[1]), sys.argv[2:]
    text = shortened(settled(recorded(command)))
    prompt = " ".join(f'"{word}"' if " " in word else Path(word).name for word in command)
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(Text(f"$ {prompt}\n", style="bold"))
    console.print(Text.from_ansi(text))
    console.save_svg(str(target), title="memls")


if __name__ == "__main__":
    main()
