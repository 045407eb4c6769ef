"""What people see on a terminal: no line is wider than it, and columns stand below one another."""

import io

import pytest

from memls import terminal

LONG = "x" * 100


class Terminal(io.StringIO):
    """Standard output of a terminal, or of a pipe."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def isatty(self) -> bool:
        return bool(self.columns)


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        (0, [("a", "bb", LONG)], f"a  bb  {LONG}\n"),
        (12, [("a", "bb", LONG), ("aaa", "b", "c")], "a    bb  xx…\naaa  b   c\n"),
        (0, [(LONG, "b"), ("a", "b")], f"{LONG}  b\na{' ' * 59}  b\n"),
        (0, [("a", "\x1b[2J")], "a  \\x1b[2J\n"),
        (0, [], ""),
    ],
)
def test_a_table(
    monkeypatch: pytest.MonkeyPatch, columns: int, rows: list[tuple[str, ...]], expected: str
) -> None:
    out = Terminal(columns)
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal.show_table(rows)
    assert out.getvalue() == expected
