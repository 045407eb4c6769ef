"""Which files a search is of: `--path`, and what a model writes there, as a condition on the index.

One is a folder, a file or a glob over the whole path; several stand with commas or spaces between them.
`{a,b}` stands for either, `!` leaves out. A path of spaces or commas itself is taken for what it is.
"""

import re
from collections.abc import Iterator, Sequence

_GLOB = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST = 64
"""Alternatives: what braces multiply to beyond that is left out."""


def within(path: str | None) -> tuple[str, list[str]]:
    """SQL over `f.path`, to stand behind a condition, and its parameters."""
    if not path:
        return "", []
    whole = _plain(path)
    parts = list(_parts(path))
    wanted = [part for part in parts if not part.startswith("!")]
    barred = [_plain(part[1:]) for part in parts if part.startswith("!")]
    if not barred and wanted != [whole]:
        wanted.append(whole)
    asked, params = _any(wanted)
    left_out, more = _any(barred)
    sql = f"AND {asked}" if asked else ""
    return f"{sql} AND NOT {left_out}" if left_out else sql, params + more


def _any(paths: Sequence[str]) -> tuple[str, list[str]]:
    """The condition that a path is one of these, or below it."""
    conditions: list[str] = []
    params: list[str] = []
    for path in dict.fromkeys(paths):
        if _GLOB.search(path):
            conditions.append("f.path GLOB ? OR f.path GLOB ?")
            params += [path, "*/" + path]
        else:
            conditions.append("f.path = ? OR starts_with(f.path, ?)")
            params += [path, path + "/"]
    return (f"({' OR '.join(conditions)})" if conditions else ""), params


def _parts(path: str) -> Iterator[str]:
    """Each alternative by itself, its braces written out, `!` before those to leave out."""
    found: list[str] = []
    for part in _split(path):
        mark = "!" if part.startswith("!") else ""
        for one in _written_out(part.removeprefix("!")):
            found += [mark + plain for plain in _deep(_plain(one)) if plain]
    yield from list(dict.fromkeys(found))[:_MOST]


def _split(path: str) -> list[str]:
    """At commas and spaces outside of braces."""
    return re.findall(r"(?:\{[^{}]*\}|[^\s,])+", path)


def _written_out(part: str) -> Iterator[str]:
    """`a/{b,c}.go` -> `a/b.go`, `a/c.go`."""
    waiting = [part]
    for _ in range(_MOST):
        if not waiting:
            return
        one = waiting.pop(0)
        if match := _BRACES.search(one):
            inside = match.group(1).split(",")
            waiting += [one[: match.start()] + choice.strip() + one[match.end() :] for choice in inside]
        else:
            yield one


def _deep(path: str) -> Iterator[str]:
    """`a/**/b` also where no folder is between; `*` goes through folders as it is."""
    yield path
    if "**/" in path:
        yield path.replace("**/", "")


def _plain(path: str) -> str:
    return path.strip().removeprefix("./").rstrip("/")
