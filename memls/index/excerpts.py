"""What the index has of many files at once: to place a thousand uses, not a thousand files are read."""

from collections.abc import Iterable

from memls.index.resolve import Resolver
from memls.source.outline import Symbol

Symbols = dict[tuple[str, str], list[Symbol]]
"""Path and qualified name -> the symbols that have it, in the order they stand."""

_SYMBOLS = """SELECT f.path, s.name, s.qualified_name, s.kind, s.line, s.end_line, s.name_line, s.name_column,
        s.signature, s.docstring, s.parent
    FROM (SELECT unnest($1::VARCHAR[]) AS path, unnest($2::VARCHAR[]) AS name,
        unnest($3::VARCHAR[]) AS last) w
    JOIN files f ON f.path = w.path
    JOIN symbols s ON s.name = w.last AND s.file = f.id AND s.qualified_name = w.name
    ORDER BY f.path, s.ordinal"""


def ascii_paths(resolver: Resolver, paths: Iterable[str]) -> set[str]:
    """Those whose text is ASCII alone, so that what stands in a line need not be read to place it."""
    with resolver.moment() as at:
        return {path for path in paths if at.files.ids.get(path) in at.files.ascii}


def symbols(resolver: Resolver, wanted: Iterable[tuple[str, str]]) -> Symbols:
    """The symbols with these qualified names in these files. `parent` is that of the whole outline."""
    pairs = sorted({(path, name) for path, name in wanted if name})
    paths, names = [path for path, _ in pairs], [name for _, name in pairs]
    with resolver.moment() as at:
        rows = at.now.read(_SYMBOLS, [paths, names, [name.rpartition(".")[2] for name in names]])
    found: Symbols = {}
    for path, *row in rows:
        symbol = Symbol(*row)
        found.setdefault((path, symbol.qualified_name), []).append(symbol)
    return found
