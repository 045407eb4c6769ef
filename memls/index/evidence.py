"""What ranking goes by: how much each kind of evidence counts, and what a ranked chunk is."""

from collections.abc import Iterable
from dataclasses import dataclass

from memls.index.question import EMPHASIS, Emphasis, Question
from memls.source.languages import texts
from memls.text import is_aside, is_test, is_translation

Place = tuple[int, str, int]
TYPES = frozenset(("class", "struct", "interface", "trait"))
VALUES = frozenset(("attribute", "constant", "enum_member", "field", "macro", "variable"))
"""What holds something and does nothing: a question is mostly about what does."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence counts: factors of a chunk's score, where not said otherwise.

    Set where neighbouring values rank as well (`benchmarks/ranking.py`): none was fitted to the last digit.
    `file` is the share of its file's score that is added to a chunk's; `feedback` what the strongest word
    of the best chunks counts, beside 1 for a word of the question; `meant_test` a test's factor where the
    question speaks of tests (where it asks for them, it is 1); `type` a class's beside its methods, which
    answer for themselves, and a value's; `imports` that of lines which do hardly more than import; `name`
    what a symbol gets besides that is called by all words of the question, and its share where by some;
    `titled` what is named in the first line gets besides. `uses` and `members` are shares of its score that a
    chunk gives to what it uses, and a type to its members; the first `before_neighbours` stay where they are.
    `recent` is what the file that changed most lately gets besides; `like` what a place in the order of
    embeddings counts, beside one in this order.
    """

    emphasis: Emphasis = EMPHASIS
    file: float = 0.5
    feedback: float = 0.3
    feedback_chunks: int = 10
    feedback_words: int = 20
    test: float = 0.4
    meant_test: float = 0.65
    prose: float = 0.5
    aside: float = 0.5
    type: float = 0.7
    imports: float = 0.5
    name: float = 1.5
    named: float = 1.5
    titled: float = 1.5
    path: float = 1.5
    uses: float = 0.25
    members: float = 0.3
    recent: float = 0.1
    like: float = 1.0
    givers: int = 10
    before_neighbours: int = 3


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk with its score. Lines between symbols have `symbol` "" and `kind` "module", prose "text".

    `file` and `ordinal` are the symbol's in the index, the latter -1 for lines between symbols.
    """

    path: str
    line: int
    end_line: int
    symbol: str
    kind: str
    signature: str
    score: float
    file: int
    ordinal: int

    @property
    def place(self) -> Place:
        """What it is of: a symbol, or lines between symbols."""
        return self.file, self.symbol, 0 if self.symbol else self.line


def in_order(ranked: Iterable[Ranked]) -> list[Ranked]:
    """The best first; between equals the order of paths and lines."""
    return sorted(ranked, key=lambda r: (-r.score, r.path, r.line))


def standing(path: str, symbol: str, language: str | None, question: Question, weights: Weights) -> float:
    """The factor of all chunks of a file: what it is beside the code that a question is mostly about."""
    factor = (weights.test, weights.meant_test, 1.0)[question.tests] if is_test(path, symbol) else 1.0
    if not is_code(language):
        return factor * weights.prose * (weights.aside if is_translation(path) else 1.0)
    return factor * weights.aside if is_aside(path) else factor


def is_code(language: str | None) -> bool:
    """Whether a file in this language is code, and neither prose nor data."""
    return language is not None and language not in texts()
