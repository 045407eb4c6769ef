"""Citations of an earlier answer, as they hold now.

Of each there is the hash of its text and no text, so what is looked for is lines of that height with that
hash. Only what is certain counts as moved: one such place in the file; or, the file being gone, one file like
it that has all that was cited of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from memls.events import Citation
from memls.index.code import Code, View
from memls.text import digest

_MOST_FILES = 200
"""Files that are looked through for one that is gone."""
_SHORTEST = 24
"""Characters of text that tell a file: `return None` stands in many."""
_HIGHEST = 2000
_GONE = "the file is gone by now"
_SEVERAL = "the same lines stand in several places by now"
_CHANGED = "the code has changed since"
_OURS = (_GONE, _SEVERAL, _CHANGED)
"""Why a citation became stale here: it may come back. The hash of one that was stale when it was given is not
that of what was read."""


def recheck(citations: Sequence[Citation], code: Code) -> tuple[Citation, ...]:
    """The same citations in the same order with the status that they have by the current text."""
    by_path: dict[str, list[int]] = defaultdict(list)
    for place, citation in enumerate(citations):
        by_path[citation.path].append(place)
    done = list(citations)
    for path, places in by_path.items():
        view = code.try_view(path)
        if view is None:
            view = _renamed([citations[place] for place in places if _is_checked(citations[place])], code)
        for place in places:
            if _is_checked(citations[place]):
                done[place] = _now(citations[place], view)
    return tuple(done)


def _is_checked(citation: Citation) -> bool:
    """Whether its hash is that of lines that were read: what was never verified does not become so."""
    held = citation.status in ("verified", "moved") or citation.reason in _OURS
    return held and bool(citation.hash) and citation.end - citation.start < _HIGHEST


def _now(citation: Citation, view: View | None) -> Citation:
    cited = (citation.cited_start or citation.start, citation.cited_end or citation.end)
    citation = replace(citation, cited_start=cited[0], cited_end=cited[1])
    if view is None:
        return replace(citation, status="stale", reason=_GONE)
    if view.path == citation.path and _stands(citation, view):
        if (citation.start, citation.end) == cited and citation.status != "moved":
            return replace(citation, status="verified", reason="")
        return replace(citation, status="moved", reason="the code moved")
    found = list(_places(citation, view))
    if len(found) == 1:
        start = found[0]
        end = start + citation.end - citation.start
        back = view.path == citation.path and (start, end) == cited
        return replace(
            citation, path=view.path, start=start, end=end,
            status="verified" if back else "moved", reason="" if back else "the code moved",
        )  # fmt: skip
    return replace(citation, status="stale", reason=_SEVERAL if found else _CHANGED)


def _stands(citation: Citation, view: View) -> bool:
    text = view.text(citation.start, citation.end)
    return citation.end <= len(view.lines) and digest(text) == citation.hash


def _places(citation: Citation, view: View) -> Iterator[int]:
    """The first lines of all places where the text stands."""
    height = citation.end - citation.start + 1
    data = "\n".join(view.lines).encode("utf-8", "surrogatepass")
    starts = [0]
    for line in view.lines:
        starts.append(starts[-1] + len(line.encode("utf-8", "surrogatepass")) + 1)
    for first in range(len(view.lines) - height + 1):
        text = data[starts[first] : starts[first + height] - 1]
        if digest(text) == citation.hash and text.strip():
            yield first + 1


def _renamed(citations: Sequence[Citation], code: Code) -> View | None:
    """The file that a gone one is now: the only one of its name or folder with all that was cited of it."""
    if not citations:
        return None
    found = []
    for path in code.namesakes(citations[0].path, _MOST_FILES):
        view = code.try_view(path)
        if view is not None and _has_all(view, citations):
            found.append(view)
            if len(found) > 1:
                return None
    return found[0] if found else None


def _has_all(view: View, citations: Sequence[Citation]) -> bool:
    """Whether each citation stands at one place of a file, and they say enough together to know it by."""
    said = 0
    for citation in citations:
        places = list(_places(citation, view))
        if len(places) != 1:
            return False
        said += len(view.text(places[0], places[0] + citation.end - citation.start).strip())
    return said >= _SHORTEST
