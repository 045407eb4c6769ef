"""What the index has of many files at once: to place a thousand uses, not a thousand files are read."""

from collections.abc import Iterable

from memls.index.resolve import Resolver
from memls.source.outline import Symbol
from memls.text import identity

Symbols = dict[tuple[str, str], list[Symbol]]
"""Path and qualified name -> the symbols that have it, in the order they stand."""

_SYMBOLS = """SELECT s.file, s.name, s.qualified_name, s.kind, s.line, s.end_line, s.name_line, s.name_column,
        s.signature, s.docstring, s.parent
    FROM (SELECT unnest($1::INTEGER[]) AS file, unnest($2::VARCHAR[]) AS name,
        unnest($3::UBIGINT[]) AS word) w
    JOIN symbols s ON s.word = w.word AND s.file = w.file AND s.qualified_name = w.name
    ORDER BY s.file, s.ordinal"""


def ascii_paths(resolver: Resolver, paths: Iterable[str]) -> set[str]:
    """Those whose text is ASCII alone, so that what stands in a line need not be read to place it."""
    with resolver.moment() as at:
        return {path for path in paths if at.files.ids.get(path) in at.files.ascii}


def symbols(resolver: Resolver, wanted: Iterable[tuple[str, str]]) -> Symbols:
    """The symbols with these qualified names in these files. `parent` is that of the whole outline."""
    pairs = sorted({(path, name) for path, name in wanted if name})
    with resolver.moment() as at:
        known = [(at.files.ids[path], name) for path, name in pairs if path in at.files.ids]
        names = [name for _, name in known]
        words = [identity(name.rpartition(".")[2]) for name in names]
        rows = at.now.read(_SYMBOLS, [[file for file, _ in known], names, words])
    found: Symbols = {}
    for file, *row in rows:
        symbol = Symbol(*row)
        found.setdefault((at.files.paths[file], symbol.qualified_name), []).append(symbol)
    return found
