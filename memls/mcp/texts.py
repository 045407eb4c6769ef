"""What tools answer: compact text for another model, never more than it can take in at once."""

from collections.abc import Sequence

from memls.events import Answer, Citation, PageIn, Syscall
from memls.events import Event as AskEvent
from memls.index.code import CodeLines
from memls.index.edges import Edge
from memls.index.search import Found, Hit
from memls.memory.search import Memory, excerpt
from memls.text import plural, shorten, visible

LONGEST = 24_000
"""Bytes of an answer: some 8,000 tokens of code."""
_LONGEST_LINE = 400
_MEMORY = 600


def listing(head: str, lines: Sequence[str], total: int, offset: int) -> str:
    """Lines as far as they fit, under a line that says which of how many they are, and how to get more."""
    shown: list[str] = []
    room = LONGEST
    for line in lines:
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            break
        shown.append(line)
    last = offset + len(shown)
    part = f"; {offset + 1}-{last} shown, offset={last} for more" if last < total else ""
    return "\n".join([f"{head}{part}", *shown])


def hits(found: Found, query: str, offset: int) -> str:
    """Places that a search found."""
    if not found.hits:
        near = f"; near names: {', '.join(found.near)}" if found.near else ""
        return f"no {'further ' if offset else ''}match for {shorten(query, 80)!r}{near}"
    return listing(plural(found.total, "match"), [_hit(hit) for hit in found.hits], found.total, offset)


def _hit(hit: Hit) -> str:
    text = shorten(hit.text, _LONGEST_LINE)
    if hit.end_line > hit.line:
        what = f"{hit.kind} {hit.symbol}".rstrip()
        return visible(f"{hit.path}:{hit.line}-{hit.end_line} {what} | {text}")
    inside = f" (in {hit.symbol})" if hit.symbol else ""
    return visible(f"{hit.path}:{hit.line}{inside} | {text}")


def edges(found: Sequence[Edge], about: str, offset: int, most: int, note: str = "", *, outward: bool) -> str:
    """Uses of a definition, certain ones first; what is only possible says so."""
    sure = sum(edge.status == "resolved" for edge in found)
    head = f"{about}: {sure} resolved, {len(found) - sure} only candidates by name"
    head = f"{head}; {note}" if note else head
    lines = [_edge(edge, outward) for edge in found[offset : offset + most]]
    return listing(head, lines, len(found), offset)


def _edge(edge: Edge, outward: bool) -> str:
    reason = edge.reason if edge.status == "resolved" else "CANDIDATE"
    if outward:
        place = edge.target
        return visible(f"{place.path}:{place.line}-{place.end_line} {place.symbol} ({reason})")
    inside = f" in {edge.symbol}" if edge.symbol else ""
    return visible(f"{edge.path}:{edge.line}{inside} ({edge.role}, {reason})")


def code(lines: CodeLines, offset: int) -> str:
    """Lines of a file with their numbers, from `offset` on."""
    rows = [f"{n}|{line}" for n, line in enumerate(lines.text.split("\n"), lines.start)]
    head = f"{lines.path}:{lines.start}-{lines.end}"
    return listing(head, [visible(row) for row in rows[offset:]], len(rows), offset)


def answer(found: Answer) -> str:
    """An answer with what came of its citations."""
    parts = [found.answer]
    if found.citations:
        parts.append("\n".join(["Citations:", *map(_cited, found.citations)]))
    parts += found.notes
    parts.append(f"({found.status}; model {found.model}; session {found.session}: pass it to go on)")
    return visible("\n\n".join(parts))


def _cited(one: Citation) -> str:
    return f"{one.path}:{one.start}-{one.end} {one.status} {one.reason}".rstrip()


def step(event: AskEvent) -> str:
    """What a question is at, for a progress line; "" for what is none."""
    if isinstance(event, Syscall):
        return visible(shorten(f"{event.name}: {event.summary}", 160))
    if isinstance(event, PageIn):
        return visible(f"reads {event.page.path}:{event.page.start}-{event.page.end}")
    return ""


def memories(found: Sequence[Memory], query: str) -> str:
    """Notes and messages, a line each."""
    if not found:
        return f"nothing is remembered{f' of {shorten(query, 80)!r}' if query else ''}"
    rows = [
        f"{'note' if one.role == 'note' else f'{one.session} {one.role}'} {one.number} {one.time:%Y-%m-%d}: "
        f"{' '.join(excerpt(one.text, query, _MEMORY).split())}"
        for one in found
    ]
    return listing(plural(len(found), "memory"), [visible(row) for row in rows], len(rows), 0)
