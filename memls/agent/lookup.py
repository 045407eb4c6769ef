"""What the index says of a question before the first model call, so that a lookup costs no extra step.

Names written as code are looked up exactly: one definition comes as a page, whole where it is short, else in
outline; several are listed, none is said, with near names. Below them stand the best matches of the whole
question.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from memls.agent import prompts
from memls.agent.aliases import Alias, aliases_in
from memls.agent.attachments import Attachment, attach
from memls.agent.listing import hit_line, hit_lines
from memls.agent.memories import bearing
from memls.agent.namesakes import all_named, choose, meant
from memls.agent.paging import Wanted
from memls.agent.session import Session
from memls.agent.short_names import shortened
from memls.agent.syscalls import Syscalls
from memls.errors import MemlsError
from memls.index.code import Place
from memls.index.names import called_name_in, names_in, possible_names_in, related_name_in
from memls.index.question import weighted_terms
from memls.index.resolve import Edge
from memls.index.search import Hit
from memls.index.terms import WORD, query_words, term_ids
from memls.memory.pages import CONTAINERS, region_of
from memls.memory.queue import Part
from memls.source.outline import Symbol
from memls.text import is_test, plural, visible
from memls.tokens import count

_NAMES = 4
_RANKED, _CODE, _PROSE = 40, 9, 3
_WITH_CALLERS, _CALLERS, _SAME_NAME, _SAME_FILE = 3, 2, 2, 4
_LISTED, _PLACES = 12, 6
_SHORT = 8
"""Words of a question that say something: with fewer it is asked with the one before it."""
_POINTING = re.compile(r"\b(?:it|its|this|that|them|these|those)\b", re.I)
_POINTED_AT = 2
"""Words beside "it" that say something: with more, "it" is rather "it is checked that"."""
_FOLDER = re.compile(r"(?<![\w/.-])(?:\./)?(\.?[\w-][\w.-]*/)(?![\w./-])")
"""A folder of the root, which only its slash tells from a word: "what is in docs/?"."""
_LONG, _POINTED = 60, 3
"""Lines of a definition in which those that bear on the question are told, and how many of them."""
_ROOM = 0.22
_LONE = 0.36
"""The part of the room that the one definition may take which a question names, besides: mostly it is about
it, and reading it would cost a step."""
_LITTLE = 2000
"""Tokens. Where no more fit at once, it pushes out the rest of an answer."""
_OF_USERS = re.compile(
    r"\b(?:who|what|which|where)\b.*\b(?:calls?|called|callers?|uses?|used|users?|invokes?|depends?)\b|\bcallers\b",
    re.I | re.S,
)
"""A question for who uses something, which its own lines do not say."""
_FOR_MATCHES = 120
"""Tokens that are kept for the best matches where a class of three hundred methods is named."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the asker looks at in an editor: a file, and the lines selected in it (0 for none), from 1."""

    path: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What goes along with a question: where its asker is, and what the asker attached."""

    hint: Hint | None = None
    attachments: tuple[Attachment, ...] = ()


NOTHING = LookedAt()


def look_up(session: Session, syscalls: Syscalls, question: str, looked_at: LookedAt = NOTHING) -> list[Part]:
    """The parts that follow the question in its message, within a fifth of what the window leaves.

    What is attached has a room of its own, before them.
    """
    session.open_room()
    whole = session.room
    attached = attach(session, syscalls.pager, looked_at.attachments)
    session.room = int(whole * _ROOM)
    hint = looked_at.hint
    parts: list[Part] = _looked_at(syscalls, hint) if hint else []
    aliases, naming = aliases_in(session, question), _naming(session, question)
    lone = int(whole * _LONE) if whole > _LITTLE and _is_about_one(question, naming, aliases) else 0
    for alias in aliases:
        parts.append(alias.line)
        for target in alias.targets:
            is_path = session.repository.code.find_paths(target, 1) or target.endswith("/")
            parts += _path(session, target) if is_path else _name(session, syscalls, target, lone=lone)
    parts += _named(session, syscalls, naming, lone)
    parts += _matches(session, question, [target for alias in aliases for target in alias.targets])
    if not session.context.queue.entries and (remembered := bearing(session, question)):
        fitting = "\n".join([prompts.REMEMBERED, *remembered[: session.fitting(remembered, 1.0)]])
        parts.append(fitting)
    budget = session.budget
    room = prompts.ROOM.format(pages=_about(budget.tokens(whole)), reply=_about(budget.reserve))
    return [*attached, prompts.LOOKUP, *parts, room] if parts else [*attached, prompts.NO_LOOKUP, room]


def _is_about_one(question: str, naming: str, aliases: Sequence[Alias]) -> bool:
    """Whether a question names one thing, and asks for more than who uses it."""
    named = {*names_in(naming).symbols, *(target for alias in aliases for target in alias.targets)}
    return len(named) == 1 and not _OF_USERS.search(question)


def _named(session: Session, syscalls: Syscalls, naming: str, lone: int) -> list[Part]:
    """What the names and paths of a question are. `lone`: see `_name`."""
    parts: list[Part] = []
    names = names_in(naming)
    for name in names.symbols[:_NAMES]:
        parts += _name(session, syscalls, name, names.symbols, lone)
    related = related_name_in(naming)
    for name in dict.fromkeys([*filter(None, [related]), *possible_names_in(naming)[:_NAMES]]):
        places = [] if name in names.symbols else all_named(session.repository.code, name)
        if len(choose(places, name)) == 1 or (places and name == related):
            parts += _name(session, syscalls, name)
        elif not places and name == called_name_in(naming) and name not in names.symbols:
            parts.append(visible(f"{name}: no definition with this name"))
    for path in (*names.paths, *_FOLDER.findall(naming))[:_NAMES]:
        parts += _path(session, path)
    return parts


def _matches(session: Session, question: str, besides: Sequence[str]) -> list[Part]:
    """The best matches of a question, and of what memory says that it speaks of."""
    asked = "\n".join([_in_context(session, question), *besides])
    found = session.repository.search.ranked(asked, limit=_RANKED).hits
    prose = hit_lines(session, [hit for hit in found if hit.kind == "text"][:_PROSE])
    paths = names_in(_naming(session, question)).paths
    best = _varied([hit for hit in found if hit.kind != "text"], paths)[:_CODE]
    return [
        *_fitting(session, "best matches in text:", prose),
        *_fitting(session, "best matches in code:", _code_lines(session, best, question)),
    ]


def _in_context(session: Session, question: str) -> str:
    """A short question with the one before it: of "and the other one?" no word says what is meant."""
    if len(query_words(question)) >= _SHORT:
        return question
    return "\n".join([question, *islice(_asked_before(session), 1)])


def _naming(session: Session, question: str) -> str:
    """The question; where it names nothing and says "it", the latest before it that names something."""
    is_short = len(query_words(question)) <= _POINTED_AT
    if not is_short or not _POINTING.search(question) or _names_something(question):
        return question
    return next((asked for asked in _asked_before(session) if _names_something(asked)), question)


def _names_something(question: str) -> bool:
    names = names_in(question)
    return bool(names.symbols or names.paths or possible_names_in(question) or related_name_in(question))


def _asked_before(session: Session) -> Iterator[str]:
    """The questions of this conversation that are still in its window, the latest first."""
    for entry in reversed(session.context.queue.entries):
        if entry.role == "user" and entry.parts and isinstance(entry.parts[0], str):
            yield entry.parts[0]


def _looked_at(syscalls: Syscalls, hint: Hint) -> list[Part]:
    """What the asker has selected, as a page; without a selection only which file is open."""
    if not hint.start:
        return [visible(f"open in the editor: {hint.path}")]
    lines = f"{hint.path}:{hint.start}-{max(hint.start, hint.end)}"
    try:
        wanted = syscalls.pager.resolve(lines)
    except MemlsError:
        return [visible(f"open in the editor: {hint.path}")]
    pages = [part for one in wanted for part in syscalls.pager.place(one, "full", prefetched=True)]
    return [visible(f"selected in the editor: {lines}"), *pages]


def _about(tokens: int) -> int:
    return tokens // 100 * 100


def _varied(hits: list[Hit], asked: Sequence[str]) -> list[Hit]:
    """No more than two of the same name, or of none: twenty `_get_streams` say no more than two do.

    What is in a file that has been named often comes after the others, since a question may be about
    several; not so where the question itself names the file.
    """
    names: Counter[str] = Counter()
    files: Counter[str] = Counter()
    kept: list[Hit] = []
    rest: list[Hit] = []
    for hit in hits:
        name = hit.symbol.rpartition(".")[2]
        names[name] += 1
        if names[name] <= _SAME_NAME:
            files[hit.path] += 1
            few = files[hit.path] <= _SAME_FILE or any(hit.path.endswith(path) for path in asked)
            (kept if few else rest).append(hit)
    return kept + rest


def _fitting(session: Session, title: str, lines: Sequence[str]) -> list[Part]:
    """As many lines as fit, under their title."""
    if not lines:
        return []
    fitting = "\n".join([title, *lines[: session.fitting(lines, 1.0)]])
    session.room -= count(fitting)
    return [fitting]


def _code_lines(session: Session, hits: Sequence[Hit], question: str) -> list[str]:
    """A line for each match, with its callers, and where to look in it unless that costs another match."""
    code, weights = session.repository.code, weighted_terms(question)
    callers = _callers(session, hits[:_WITH_CALLERS]) + [""] * len(hits)
    told = shortened(session.repository.search, hits)
    plain = [hit_line(code, hit) + by for hit, by in zip(told, callers, strict=False)]
    pointed = [
        hit_line(code, hit, _bearing_lines(session, hit, weights)) + by
        for hit, by in zip(told, callers, strict=False)
    ]
    return pointed if session.fitting(pointed, 1.0) >= session.fitting(plain, 1.0) else plain


def _bearing_lines(session: Session, hit: Hit, weights: Mapping[int, float]) -> list[int]:
    """Of a long definition the lines that have most of the question's words, a few, in their order."""
    if hit.end_line - hit.line < _LONG:
        return []
    lines = session.repository.code.lines(hit.path)
    worth: dict[int, float] = {}
    for number in range(hit.line + 1, min(hit.end_line, len(lines)) + 1):
        terms = set(term_ids(WORD.findall(lines[number - 1])))
        if score := sum(weights.get(term, 0.0) for term in terms):
            worth[number] = score
    best = sorted(worth, key=lambda number: (-worth[number], number))[:_POINTED]
    return sorted(best)


def _callers(session: Session, hits: Sequence[Hit]) -> list[str]:
    """Who certainly calls each hit: often the place that the question is about."""
    places = [Place(hit.path, hit.symbol, hit.kind, hit.line, hit.end_line, hit.text) for hit in hits]
    return [_called_by(session, edges) for edges in session.repository.resolver.all_callers(places)]


def _called_by(session: Session, edges: Sequence[Edge]) -> str:
    callers = {
        (edge.path, edge.symbol): edge
        for edge in sorted(edges, key=lambda edge: (edge.path, edge.line))
        if edge.status == "resolved" and edge.symbol and not is_test(edge.path, edge.symbol)
    }
    told = shortened(session.repository.search, list(callers.values())[:_CALLERS])
    names = [f"{edge.path}:{edge.symbol}" for edge in told]
    return visible(f" (called by {', '.join(names)})") if names else ""


def _name(
    session: Session, syscalls: Syscalls, name: str, beside: Sequence[str] = (), lone: int = 0
) -> list[Part]:
    """What a name is; where many are called so, those first whose owner the question names `beside` it.

    `lone` tokens are besides for a definition that the question is about.
    """
    code = session.repository.code
    places = all_named(code, name)
    if not places:
        near = session.repository.search.symbol(name).near
        if not _is_certainly_code(name):  # a word in quotes, most often: only what has it in its name
            near = [one for one in near if name.lower() in one.lower()]
            if not near:
                return []
        hint = f" (near names: {', '.join(near)})" if near else ""
        return [f"{name}: no definition with this name{hint}"]
    chosen = choose(places, name)
    if len(chosen) == 1:
        try:
            view = code.view(chosen[0].path)
        except MemlsError:
            return []
        symbols = [s for s in view.symbols if s.qualified_name == chosen[0].symbol]
        if symbols:
            return _definition(session, syscalls, Wanted(view, region_of(view, symbols[0])), symbols[0], lone)
    owned = [place for place in places if not set(place.symbol.split(".")[:-1]).isdisjoint(beside)]
    first = list(dict.fromkeys([*owned, *meant(places, name), *places]))[:_PLACES]
    told = shortened(session.repository.search, first)
    listed = "; ".join(f"{p.path}:{p.line}-{p.end_line} {p.kind} {p.symbol}" for p in told)
    return [visible(f"{name}: {len(places)} definitions: {listed}")]


def _definition(
    session: Session, syscalls: Syscalls, wanted: Wanted, symbol: Symbol, lone: int
) -> list[Part]:
    """A definition as a page. What has no members comes whole where it leaves room for the rest, or has room
    of its own: its head alone says little.
    """
    room = session.room
    kept = min(room // 4, _FOR_MATCHES)
    numbers = range(wanted.region.start, wanted.region.end + 1)
    size = count("\n".join(f"{number}|{wanted.view.lines[number - 1]}" for number in numbers))
    besides = size if symbol.kind not in CONTAINERS and size <= lone else 0
    session.room += besides - kept
    is_whole = besides or (symbol.kind not in CONTAINERS and 2 * size <= session.room)
    pages = syscalls.pager.place(wanted, "full" if is_whole else "outline", prefetched=True)
    shown = [*pages, *syscalls.pager.methods(wanted)]
    session.room = min(room, session.room + kept)
    return shown


def _path(session: Session, path: str) -> list[Part]:
    """What a path names: files that end in it, or a folder. What only looks like one is passed over."""
    is_folder = path.endswith("/")
    if not is_folder and (paths := session.repository.code.find_paths(path, 5)):
        return [f"{path}: {', '.join(map(visible, paths))}"]
    if files := session.repository.code.folder(path):
        inside = path.strip("/") + "/"
        names = dict.fromkeys(file.removeprefix(inside).split("/")[0] for file, _, _ in files)
        listed = ", ".join(visible(name) for name in list(names)[:_LISTED])
        more = ", …" if len(names) > _LISTED else ""
        return [f"{path}: a folder of {plural(len(files), 'file')}: {listed}{more}"]
    return [f"{path}: no such file in the index"] if "." in path.rpartition("/")[2] else []


def _is_certainly_code(name: str) -> bool:
    return bool(re.search(r"[_.]|[a-z][A-Z]", name))
