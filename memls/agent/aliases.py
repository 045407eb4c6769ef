"""What memory calls things of the code, so that a question in its words is looked up by their names.

A line of a block or a note counts that puts a word in quotes or says what somebody calls something, where
the question has that word: "we call EnvironmentPluginContainer 'the orchestra'". Of its names and paths only
those count that the index has: it may speak of what is gone, or not of code.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memls.agent.namesakes import all_named
from memls.agent.session import Session
from memls.index.code import Code
from memls.index.names import names_in, possible_names_in
from memls.index.terms import query_words
from memls.memory.search import Wanted
from memls.text import visible

_SENTENCE = re.compile(r"\n+|(?<=[.!?])\s")
_QUOTED = re.compile(r"""(?<!\w)['"“‘]([^\W\d][\w -]{1,38}\w)['"”’](?!\w)""")
_CALLED = re.compile(
    r"\b(?:(?:we|they|people|users|\w*team|everybody|colleagues)(?: \w+)? calls?"
    r"|(?:is|are|it's)(?: \w+)? called|known as) (.+)",
    re.I,
)
_MEANT = re.compile(
    r"^\W*(?:by )?(.{2,40}?),? (?:means|stands for|is short for|is (?:our|the) \w+ for|we mean)\s", re.I
)
_END = re.compile(r"[.,;:!?]|\b(?:and|as|because|but|for|if|in|since|so|that|when|where|which|while)\b")
_BESIDE = re.compile(rf"\([^()]*\)|[`*]|\b[A-Z]\w*|{_QUOTED.pattern}")
_ARTICLE = re.compile(r"^(?:the|a|an|our|its)\s+", re.I)
_MOST_WORDS = 3
_NOTES, _MOST = 12, 3


@dataclass(frozen=True, slots=True)
class Alias:
    """A word of the question, and the targets that memory means by it: `Name`, `path:Name` or a path."""

    word: str
    targets: tuple[str, ...]

    @property
    def line(self) -> str:
        return visible(f"{self.word!r} as remembered: {', '.join(self.targets)}")


def aliases_in(session: Session, question: str) -> list[Alias]:
    """Those words of a question that memory explains, each once; a few."""
    found: dict[str, Alias] = {}
    for sentence in _sentences(session, question):
        for word in _defined(sentence):
            if word.lower() not in found and _has(question, word):
                targets = _targets(session.repository.code, sentence, word)
                if targets:
                    found[word.lower()] = Alias(word, targets)
    return list(found.values())[:_MOST]


def _sentences(session: Session, question: str) -> Iterator[str]:
    """What blocks say, then notes that have a word of the question."""
    for text in session.blocks.texts().values():
        yield from _SENTENCE.split(text)
    for note in session.remembered.search(Wanted(question, source="archive"), _NOTES).items:
        yield from _SENTENCE.split(note.text)


def _defined(sentence: str) -> list[str]:
    """The words that a sentence may define: in quotes, or by how it puts it."""
    words = _QUOTED.findall(sentence)
    if match := _CALLED.search(sentence):
        words.append(_END.split(_without_names(match.group(1)))[0])
    if match := _MEANT.search(sentence):
        words.append(match.group(1))
    bare = (_ARTICLE.sub("", " ".join(word.split())) for word in words)
    return [word for word in bare if query_words(word) and len(word.split()) <= _MOST_WORDS]


def _without_names(text: str) -> str:
    """A text without names, paths, and what stands in parentheses or quotes."""
    names = names_in(text)
    for name in (*names.paths, *names.symbols):
        text = text.replace(name, " ")
    return _BESIDE.sub(" ", text)


def _has(question: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question, re.I) is not None


def _targets(code: Code, sentence: str, word: str) -> tuple[str, ...]:
    """The names of a sentence that the index has, by their path where it says that too."""
    names = names_in(sentence)
    paths = [path for path in names.paths if code.find_paths(path, 1) or code.folder(path)]
    targets: dict[str, None] = {}
    for name in (*names.symbols, *possible_names_in(sentence)):
        if name.lower() != word.lower() and all_named(code, name):
            at = next((path for path in paths if all_named(code, f"{path}:{name}")), "")
            targets[f"{at}:{name}" if at else name] = None
    told = {target.partition(":")[0] for target in targets}
    return (*targets, *(path for path in paths if path not in told))[:_MOST]
