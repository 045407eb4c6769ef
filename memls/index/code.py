"""Reading code through the index: files as they are now, with their symbols, and what is indexed.

A `View` is one file at one moment: the current text (overlay, else disk) with the symbols that belong to
exactly that text. Where the index is behind, the file is parsed on the spot, so no line number ever
speaks of a text that is gone.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from memls.errors import MemlsError, NotFoundError
from memls.index.symbols import meant, named, one_of
from memls.index.symbols import symbols as read_symbols
from memls.index.vectors import Coverage
from memls.source.files import Content, Overlays, Source
from memls.source.outline import Symbol
from memls.text import identity, plural, split_lines

if TYPE_CHECKING:
    from memls.database import Reader, Snapshot
    from memls.source.locals import Locals
    from memls.source.parse import Make

_CACHED_VIEWS, _CACHED_LOCALS = 256, 16
_MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class View:
    """One file's current text by lines, and its symbols in the order they stand. `hash` is of the bytes."""

    path: str
    hash: str
    lines: tuple[str, ...]
    symbols: tuple[Symbol, ...] = field(default=())
    language: str | None = None

    def text(self, start: int, end: int) -> str:
        """Lines `start` to `end`, from 1, both included, joined."""
        return "\n".join(self.lines[start - 1 : end])

    def symbol(self, qualified_name: str) -> Symbol | None:
        """The first symbol with this qualified name, or None."""
        return next((s for s in self.symbols if s.qualified_name == qualified_name), None)

    def children(self, ordinal: int) -> list[Symbol]:
        return [s for s in self.symbols if s.parent == ordinal]

    def innermost(self, line: int) -> Symbol | None:
        """The smallest symbol around a line."""
        around = [s for s in self.symbols if s.line <= line <= s.end_line and s.kind != "attribute"]
        return min(around, key=lambda s: s.end_line - s.line, default=None)


@dataclass(frozen=True, slots=True)
class Place:
    """A definition as the index has it."""

    path: str
    symbol: str
    kind: str
    line: int
    end_line: int
    signature: str


@dataclass(frozen=True, slots=True)
class CodeLines:
    """Lines of a file, from 1, both included, as far as there are such lines."""

    path: str
    start: int
    end: int
    language: str
    text: str


class Code:
    """The repository's code: an index and the source behind it. Safe from any thread."""

    def __init__(self, reader: "Reader", source: Source) -> None:
        self._reader = reader
        self._source = source
        self._views: OrderedDict[tuple[str, str], View] = OrderedDict()
        self._locals: OrderedDict[tuple[str, str], Locals] = OrderedDict()
        self._lock = Lock()
        self._making = Lock()

    def view(self, path: str) -> View:
        """The file as it is now. Raises NotFoundError where it is gone or has no text."""
        content = self._source.read(path)
        if content.version is None:
            return self._viewed(content)
        with self._making:  # requests pile up while somebody types: the first makes it for all
            return self._viewed(self._source.read(path))

    def _viewed(self, content: Content) -> View:
        if content.text is None:
            raise NotFoundError(f"{content.path}: {content.reason or 'not text'}")
        key = (content.path, content.hash)
        with self._lock:
            if key in self._views:
                self._views.move_to_end(key)
                return self._views[key]
        return self._kept(self._make(content, content.text))

    def _kept(self, view: View) -> View:
        with self._lock:
            self._views[view.path, view.hash] = view
            while len(self._views) > _CACHED_VIEWS:
                self._views.popitem(last=False)
        return view

    def locals(self, view: View) -> "Locals":
        """The local names of a view in a known language."""
        key = (view.path, view.hash)
        with self._lock:
            if key in self._locals:
                self._locals.move_to_end(key)
                return self._locals[key]
        from memls.source.languages import language_named
        from memls.source.locals import Locals

        data = "\n".join(view.lines).encode("utf-8", "replace")
        made = Locals(language_named(view.language or ""), data, self.make(view.path))
        with self._lock:
            self._locals[key] = made
            while len(self._locals) > _CACHED_LOCALS:
                self._locals.popitem(last=False)
        return made

    def excerpt(self, path: str, start: int, end: int) -> CodeLines:
        """Lines of a file that is indexed or open; what is ignored stays unread. Raises NotFoundError."""
        if path not in self.find_paths(path) and self._source.overlays.get(path) is None:
            raise NotFoundError(f"{path} is not in the index")
        view = self.view(path)
        first = max(1, start)
        last = min(len(view.lines), max(first - 1, end), first + _MOST_LINES - 1)
        return CodeLines(path, first, last, view.language or "", view.text(first, last))

    def at(self, now: "Snapshot", overlays: Overlays) -> "Code":
        """The code at one moment, with these buffers. What is known of texts is known to both."""
        code = copy(self)
        code._reader, code._source = now, Source(self._source.root, overlays)
        return code

    def try_view(self, path: str) -> View | None:
        """`view`, or None where there is nothing to read."""
        try:
            return self.view(path)
        except MemlsError:
            return None

    def views(self, paths: Iterable[str]) -> dict[str, View]:
        """Files as they are now, without those that cannot be read: with two queries for all of them."""
        found, fresh = self._known_and_fresh(paths)
        with self._reader.snapshot() as now:
            same = _unchanged(now, fresh)
            symbols: dict[int, list[Symbol]] = {file: [] for file in same}
            for file, symbol in read_symbols(now, *one_of("s.file", same)) if same else ():
                symbols[file].append(symbol)
        for file, (path, language) in same.items():
            found[path] = self._kept(_view(fresh.pop(path), symbols[file], language))
        return {**found, **{path: self._viewed(content) for path, content in fresh.items()}}

    def named(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Symbol]]:
        """By path and qualified name the symbols that have it, as the files are now.

        Where the index has a file's text only they are read: another file can have thousands.
        """
        names = frozenset(wanted)
        parted = [name.split(".") for _, name in names]  # a symbol's own name can have dots
        views, fresh = self._known_and_fresh({path for path, _ in names})
        with self._reader.snapshot() as now:
            same = _unchanged(now, fresh)
            of_files, files = one_of("s.file", same)
            ends = {".".join(parts[i:]) for parts in parted for i in range(len(parts))}
            of_words, words = one_of("s.word", map(identity, ends))
            rows = read_symbols(now, f"{of_files} AND {of_words}", files + words) if same else []
        found = [(same[file][0], symbol) for file, symbol in rows]
        views.update(
            (path, self._viewed(fresh[path])) for path in fresh.keys() - {p for p, _ in same.values()}
        )
        found += [(path, symbol) for path, view in views.items() for symbol in view.symbols]
        grouped: dict[tuple[str, str], list[Symbol]] = {}
        for path, symbol in found:
            if (path, symbol.qualified_name) in names:
                grouped.setdefault((path, symbol.qualified_name), []).append(symbol)
        return grouped

    def _known_and_fresh(self, paths: Iterable[str]) -> tuple[dict[str, View], dict[str, Content]]:
        """Views that are known or of buffers, and texts that the index may have. Without what has no text."""
        known: dict[str, View] = {}
        fresh: dict[str, Content] = {}
        for path in paths:
            with suppress(MemlsError):
                content = self._source.read(path)
                if self._may_be_indexed(content):
                    fresh[path] = content
                else:
                    known[path] = self.view(path)
        return known, fresh

    def _may_be_indexed(self, content: Content) -> bool:
        """Whether to ask the index for a text: it is saved, and not known already."""
        if content.version is not None or content.text is None:
            return False
        with self._lock:
            is_known = (content.path, content.hash) in self._views
        return not is_known and not self._source.overlays.is_changed(content.path)

    def lines(self, path: str) -> Sequence[str]:
        """The lines of the file as it is now, none where it cannot be read. A view would take longer."""
        try:
            content = self._source.read(path)
        except MemlsError:
            return ()
        with self._lock:
            known = self._views.get((path, content.hash))
        return known.lines if known else split_lines(content.text or "")

    def hash(self, path: str) -> str | None:
        """The hash of the file's current bytes, or None where there is nothing to read."""
        try:
            return self._source.read(path).hash or None
        except MemlsError:
            return None

    def find_symbols(self, name: str, limit: int = 50) -> list[Place]:
        """Definitions with exactly this name or dotted suffix, optionally as `path:Name`; shortest first."""
        return [Place(*one[:6]) for one in meant(name, limit, partial(named, self._reader))]

    def find_paths(self, path: str, limit: int = 20) -> list[str]:
        """Indexed files with this path, or ending in it; shortest first."""
        path = path.removeprefix("./").strip("/")
        rows = self._reader.read(
            """SELECT path FROM files WHERE reason IS NULL AND (path = ? OR ends_with(path, ?))
            ORDER BY length(path), path LIMIT ?""",
            [path, "/" + path, limit],
        )
        return [row[0] for row in rows]

    def namesakes(self, path: str, limit: int) -> list[str]:
        """Indexed files that a file of this path may be now: of the same name, or ending, in its folder."""
        folder, _, name = path.rpartition("/")
        ending = name.rpartition(".")[2]
        rows = self._reader.read(
            """SELECT path FROM files WHERE reason IS NULL AND path <> $1
              AND (path = $2 OR ends_with(path, '/' || $2) OR (
                ends_with(path, '.' || $3) AND regexp_replace(path, '[^/]*$', '') = $4))
            ORDER BY parse_filename(path) <> $2, path LIMIT $5""",
            [path, name, ending, folder + "/" if folder else "", limit],
        )
        return [row[0] for row in rows]

    def paths_with_hash(self, content_hash: str) -> list[str]:
        """Where a content is now: how a renamed file is found again."""
        rows = self._reader.read("SELECT path FROM files WHERE hash = ? ORDER BY path", [content_hash])
        return [row[0] for row in rows]

    def folder(self, path: str) -> list[tuple[str, int, int]]:
        """Files below a folder ("" is the root) as (path, lines, symbols), by path."""
        prefix = "" if path in ("", ".", "./", "/") else path.strip("/") + "/"
        rows = self._reader.read(
            """SELECT f.path, f.lines, (SELECT count(*) FROM symbols s WHERE s.file = f.id)
            FROM files f WHERE starts_with(f.path, ?) AND f.reason IS NULL ORDER BY f.path""",
            [prefix],
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def gaps(self) -> str:
        """What of the repository a question could not look at, in a line; "" where that is nothing.

        Binary and generated files are none: nobody asks what they say.
        """
        rows = self._reader.read(
            """SELECT split_part(reason, ' (', 1) AS why, count(*) FROM files
            WHERE reason IS NOT NULL AND reason <> 'binary' AND reason <> 'not a regular file'
                AND NOT starts_with(reason, 'minified') GROUP BY why ORDER BY count(*) DESC, why"""
        )
        told = [f"{plural(number, 'file')} {why}" for why, number in rows]
        if not is_whole(self._reader):
            told.insert(0, "what the index does not have yet")
        return f"not looked at: {', '.join(told)}; memls status says which" if told else ""

    def generation(self) -> int:
        """The number of the index state."""
        rows = self._reader.read("SELECT value FROM meta WHERE key = 'generation'")
        return int(rows[0][0]) if rows else 0

    def _make(self, content: Content, text: str) -> View:
        """Of the index where it has this text, else parsed."""
        path = content.path
        if not self._source.overlays.is_changed(path):  # else its rows would come first
            with self._reader.snapshot() as now:
                for file, (_, language) in _unchanged(now, {path: content}).items():
                    symbols = [symbol for _, symbol in read_symbols(now, "s.file = ?", [file])]
                    return _view(content, symbols, language)
        from memls.source import parse  # tree-sitter: not for a look-up

        language = parse.language_of(path, text[: parse.HEAD].encode("utf-8", "replace"))
        data = text.encode("utf-8", "replace")
        parsed = parse.symbols(path, data, language, self.make(path)) if language else ()
        return _view(content, parsed, language)

    def make(self, path: str) -> "Make | None":
        """What makes syntax trees of a file that is being edited."""
        overlays = self._source.overlays
        return partial(overlays.trees.tree, path) if overlays.get(path) else None


def _unchanged(now: "Snapshot", contents: Mapping[str, Content]) -> dict[int, tuple[str, str | None]]:
    """Those files whose text the index has, by number, with path and language."""
    if not contents:
        return {}
    rows = now.read(
        "SELECT id, path, language, hash FROM files WHERE path IN (SELECT unnest(?))", [list(contents)]
    )
    return {row[0]: row[1:3] for row in rows if row[3] == contents[row[1]].hash}


def _view(content: Content, symbols: Iterable[Symbol], language: str | None) -> View:
    return View(content.path, content.hash, tuple(split_lines(content.text or "")), tuple(symbols), language)


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed, and what is not and why."""

    files: int
    symbols: int
    references: int
    bytes: int
    generation: int
    listing: str
    languages: dict[str, int]
    not_indexed: list[tuple[str, str]]
    syntax_errors: list[tuple[str, int]]
    building: bool
    generic: list[str]
    """Languages whose symbols are found by a rule for all languages: no references, no imports."""
    embeddings: Coverage | None = None
    """How many texts have embeddings, where the user's environment names a model for them."""


def is_whole(reader: "Reader") -> bool:
    """Whether a build has come to its end, and none was left unfinished since."""
    meta: dict[str, str] = dict(
        reader.read("SELECT key, value FROM meta WHERE key IN ('generation', 'building')", [])
    )
    return "generation" in meta and meta.get("building") != "1"


def status(reader: "Reader") -> Status:
    """A report on the whole index."""

    def one(sql: str) -> Sequence[Any]:
        return reader.read(sql)[0]

    from memls.source.languages.generic import generic_languages

    meta: dict[str, str] = dict(reader.read("SELECT key, value FROM meta"))
    found: dict[str, int] = dict(
        reader.read(
            """SELECT coalesce(language, 'text'), count(*) AS n FROM files WHERE reason IS NULL
            GROUP BY ALL ORDER BY n DESC, 1"""
        )
    )
    files, size = one("SELECT count(*), coalesce(sum(size), 0) FROM files WHERE reason IS NULL")
    return Status(
        files=files,
        symbols=one("SELECT count(*) FROM symbols")[0],
        references=one("SELECT count(*) FROM refs")[0],
        bytes=int(size),
        generation=int(meta.get("generation", 0)),
        listing=meta.get("listing", ""),
        languages=found,
        not_indexed=[
            (row[0], row[1])
            for row in reader.read(
                """SELECT path, reason FROM files WHERE reason IS NOT NULL
                UNION ALL SELECT path, reason FROM skipped ORDER BY 1"""
            )
        ],
        syntax_errors=[
            (row[0], row[1])
            for row in reader.read("SELECT path, errors FROM files WHERE errors > 0 ORDER BY 1")
        ],
        building=meta.get("building") == "1",
        generic=[name for name in found if name in generic_languages()],
    )
