"""What people see on a terminal: no line is wider than it, and columns stand below one another."""

import io

import pytest

from memls import terminal
from memls.answers import AnswerView
from memls.events import Answer, Citation, Done, PageInfo, Usage

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


HOLDS = Citation("a.py", 1, 2, "h", "verified")
MOVED = Citation("a.py", 5, 6, "h", "moved", 3, 4)
UNREAD = Citation("b.py", 1, 9, "h", "unverified", reason="not read")
PAGE = PageInfo("p1", "a.py", "A", 1, 2, "resident", "full", 9, False, 0, 1)


@pytest.mark.parametrize(
    ("citations", "pages", "footer"),
    [
        ((HOLDS,), (PAGE, PAGE), "✓ 1 citation verified · 2 pages read\n"),
        (
            (MOVED, HOLDS, UNREAD, HOLDS),
            (PAGE,),
            "✓ 2 citations verified · 1 page read\n"
            "→ moved      a.py:5-6 (cited as 3-4)\n? unverified b.py:1-9 (not read)\n",
        ),
        ((UNREAD,), (PAGE,), "1 page read\n? unverified b.py:1-9 (not read)\n"),
        ((), (), "nothing is cited\n"),
    ],
)
def test_under_an_answer_on_a_terminal_only_what_does_not_hold_is_listed(
    monkeypatch: pytest.MonkeyPatch,
    citations: tuple[Citation, ...],
    pages: tuple[PageInfo, ...],
    footer: str,
) -> None:
    out = Terminal(100)
    monkeypatch.setenv("COLUMNS", "100")
    AnswerView("text", out).show(
        Done(Answer("Yes.", "answered", citations, Usage(), pages, "m", "s", 1, ("a note",)))
    )
    shown = out.getvalue()
    assert f"\n\n{footer}Window: peak " in shown and shown.endswith("session s\na note\n"), shown
