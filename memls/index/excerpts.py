"""What the index has of many files at once: to place a thousand uses, not a thousand files are read."""

from collections.abc import Iterable

from memls.index import symbols as read
from memls.index.resolve import Resolver
from memls.index.symbols import one_of
from memls.source.outline import Symbol
from memls.text import identity

Lines = dict[tuple[str, int], str]
"""Path and number, from 1 -> the line without its end."""
Symbols = dict[tuple[str, str], list[Symbol]]
"""Path and qualified name -> the symbols that have it, in the order they stand."""


def ascii_paths(resolver: Resolver, paths: Iterable[str]) -> set[str]:
    """Those whose text is ASCII alone, so that what stands in a line need not be read to place it."""
    with resolver.moment() as at:
        return {path for path in paths if at.files.ids.get(path) in at.files.ascii}


def import_lines(resolver: Resolver, wanted: Iterable[tuple[str, int]]) -> Lines:
    """The lines where imports stand, as far as the index has them."""
    places = set(wanted)
    with resolver.moment() as at:
        known = {at.files.ids[path] for path, _ in places if path in at.files.ids}
        condition, params = one_of("file", known)
        rows = at.now.read(f"SELECT file, line, text FROM imports WHERE text <> '' AND {condition}", params)
    found = {(at.files.paths[file], line): text for file, line, text in rows}
    return {place: found[place] for place in places if place in found}


def symbols(resolver: Resolver, wanted: Iterable[tuple[str, str]]) -> Symbols:
    """The symbols with these qualified names in these files. `parent` is that of the whole outline."""
    names = {(path, name) for path, name in wanted if name}
    with resolver.moment() as at:
        known = {at.files.ids[path] for path, _ in names if path in at.files.ids}
        of_words, words = one_of("s.word", {identity(name.rpartition(".")[2]) for _, name in names})
        of_files, files = one_of("s.file", known)
        rows = read.symbols(at.now, f"{of_words} AND {of_files}", words + files)
    found: Symbols = {}
    for file, symbol in rows:
        key = (at.files.paths[file], symbol.qualified_name)
        if key in names:
            found.setdefault(key, []).append(symbol)
    return found
