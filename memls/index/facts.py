"""What resolving needs of the index, loaded in rounds.

The rules are written as if everything were in memory. Where something is not, it is noted and `Missing` is
raised; then all that is missing to all questions is loaded with one query a kind, and the open questions
are asked again. So no rule knows of SQL, and no query is for one row.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from memls.index.inventory import Files
from memls.index.symbols import names_of, one_of
from memls.index.unread import Faults
from memls.text import identity

if TYPE_CHECKING:
    from memls.database import Reader, Row

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

IMPORT = 'SELECT file, module, name, alias, line, "column", scope FROM imports'
_BY_WORD = "s.file, s.ordinal, s.word, s.qualified_name, s.kind, s.line, s.end_line, s.signature"
"""Names are compressed, their numbers are not: where the name is known, its number tells which it is."""
_MAX_ROUNDS = 200
_DEFAULT_EXPORT = (
    r"(?m)^\s*(?:export\s+default\s+(?:async\s+)?(?:abstract\s+)?(?:function\b\s*\*?|class\b)?"
    r"|module\.exports\s*=)\s*([A-Za-z_$][\w$]*)"
)
_MANY = 64
"""Files of which what is common to them is loaded for all files, by name."""
_WHOLE_LINES = 20_000
"""Files with fewer lines in sum are loaded whole, so that the next question about them needs no query."""


def _common(pairs: Iterable[tuple[int, str]]) -> set[str]:
    """The names that many files were asked for."""
    return {name for name, count in Counter(name for _, name in pairs).items() if count > _MANY}


class Missing(Exception):  # noqa: N818 (no error: it ends a round)
    """Something has to be loaded before this question can be answered."""


class Definition(NamedTuple):
    """A row of `symbols`, without its docstring."""

    file: int
    ordinal: int
    name: str
    qualified_name: str
    kind: str
    line: int
    end_line: int
    signature: str

    @property
    def is_internal(self) -> bool:
        """Whether other files of C or C++ cannot see it: `static`, or a macro or typedef of a source file."""
        hidden = self.kind in ("macro", "type", "enum_member")
        return hidden or self.signature.startswith(("static ", "inline static ", "typedef "))


class Bound(NamedTuple):
    """A row of `imports`."""

    file: int
    module: str
    name: str
    alias: str
    line: int
    column: int
    scope: str


def by_place(bounds: Iterable[Bound]) -> list[Bound]:
    """Imports as they stand, file by file."""
    return sorted(bounds, key=lambda b: (b.file, b.line, b.module, b.name, b.alias))


class Base(NamedTuple):
    """A class named as base by the symbol `ordinal`."""

    name: str
    receiver: str
    line: int


@dataclass(slots=True)
class _Wanted:
    """What is to be loaded in the next round."""

    pairs: set[tuple[int, str]] = field(default_factory=set)
    bindings: set[tuple[int, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    imports: set[int] = field(default_factory=set)
    bases: set[int] = field(default_factory=set)
    defaults: set[int] = field(default_factory=set)


class Facts:
    """Rows of the index by what the rules ask for. For one state of it, and one thread at a time.

    Files come in the order of their paths, not of their numbers, which tell what was edited when.
    """

    def __init__(self, reader: "Reader", files: Files) -> None:
        self.files = files
        self.reader = reader
        self.faults = Faults(files.lack)
        self._named: dict[str, dict[int, list[Definition]]] = {}
        self._pairs: dict[tuple[int, str], list[Definition]] = {}
        self._whole: set[int] = set()
        self._ordinals: dict[tuple[int, int], Definition] = {}
        self._imports: dict[int, list[Bound]] = {}
        self._bindings: dict[tuple[int, str], list[Bound]] = {}
        self._bound: set[str] = set()
        self._bases: dict[int, dict[int, list[Base]]] = {}
        self._defaults: dict[int, str] = {}
        self._packages: dict[int, tuple[int, ...]] = {}
        self._missing = _Wanted()
        self.round = 0
        """How often something was loaded."""
        self.rows = 0
        """How much was loaded."""

    def symbols(self, file: int, name: str) -> Sequence[Definition]:
        """Definitions of this name in one file, in the order they stand there."""
        if name in self._named:
            return self._named[name].get(file, ())
        if (found := self._pairs.get((file, name))) is not None:
            return found
        if file in self._whole:
            return ()
        self._missing.pairs.add((file, name))
        raise Missing

    def symbol(self, file: int, qualified_name: str) -> Definition | None:
        """The first definition with this qualified name in one file."""
        found = self.symbols(file, qualified_name.rpartition(".")[2])
        return next((d for d in found if d.qualified_name == qualified_name), None)

    def package(self, file: int) -> tuple[int, ...]:
        """The files that are one package with this one, itself among them."""
        found = self._packages.get(file)
        if found is None:
            paths = self.files.layout.package(self.files.paths[file])
            found = self._packages[file] = tuple(self.read_of(paths))
        return found

    def read_of(self, paths: Sequence[str]) -> list[int]:
        """The numbers of those files that are read. The others, where there are any, are faults."""
        ids = self.files.ids
        if self.files.lack.paths:
            self.faults.meet(paths)
        return [ids[path] for path in paths if path in ids]

    def numbered(self, file: int, ordinal: int) -> Definition | None:
        """The definition with this number in a file, which is loaded whole; None for the file itself."""
        if ordinal < 0:
            return None
        if file not in self._whole:
            self._load_whole({file})
        return self._ordinals.get((file, ordinal))

    def scopes(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        """Qualified name and kind of what has a number in a file; "" twice for the file itself.

        Files are loaded whole where that is not much: what they define is mostly asked for next.
        """
        scopes = dict.fromkeys(places, ("", ""))
        files = {file for file, _ in scopes} - self._whole
        if self._is_little(files):
            if files:
                self._load_whole(files)
            files = set()
        for place in scopes:
            if (definition := self._ordinals.get(place)) is not None:
                scopes[place] = definition.qualified_name, definition.kind
        asked = [place for place in scopes if place[0] in files and place[1] >= 0]
        if asked:
            rows = self._read(
                """SELECT s.file, s.ordinal, s.qualified_name, s.kind FROM symbols s
                JOIN (SELECT unnest(?::INTEGER[]) AS file, unnest(?::INTEGER[]) AS ordinal) w
                  ON s.file = w.file AND s.ordinal = w.ordinal""",
                [[file for file, _ in asked], [ordinal for _, ordinal in asked]],
            )
            scopes.update(((row[0], row[1]), (row[2], row[3])) for row in rows)
        return scopes

    def everywhere(self, name: str) -> dict[int, list[Definition]]:
        """All definitions of this name, by file. What is not read may have more."""
        self.faults.meet_names((name,))
        return self.named(name)

    def named(self, name: str) -> dict[int, list[Definition]]:
        """The definitions of this name in what is read, by file."""
        if name not in self._named:
            self._missing.names.add(name)
            raise Missing
        return self._named[name]

    def imports(self, file: int) -> Sequence[Bound]:
        """All imports of one file."""
        if file not in self._imports:
            self._missing.imports.add(file)
            raise Missing
        return self._imports[file]

    def bindings(self, file: int, name: str) -> Sequence[Bound]:
        """The imports of one file that bind a name; with `*`, its star imports."""
        if file not in self._imports and name not in self._bound:
            self._missing.bindings.add((file, name))
            raise Missing
        return self._bindings.get((file, name), ())

    def bases(self, file: int) -> dict[int, list[Base]]:
        """Ordinal of a class -> the bases it names, for one file."""
        if file not in self._bases:
            self._missing.bases.add(file)
            raise Missing
        return self._bases[file]

    def default(self, file: int) -> str:
        """The name of what a JavaScript module exports as its default, "" where it has no name."""
        if file not in self._defaults:
            self._missing.defaults.add(file)
            raise Missing
        return self._defaults[file]

    def settle(self, questions: Mapping[K, Callable[[], T]]) -> dict[K, T]:
        """The answers to all questions, asked again after each loading until nothing is missing."""
        still = dict(questions)
        answers: dict[K, T] = {}
        for _ in range(_MAX_ROUNDS):
            for key, question in list(still.items()):
                try:
                    answers[key] = question()
                    del still[key]
                except Missing:
                    pass
            if not still:
                return answers
            self._load()
        raise RuntimeError("resolving does not come to an end")

    def ask(self, question: Callable[[], T]) -> T:
        """The answer to one question."""
        return self.settle({"": question})[""]

    def _load(self) -> None:
        missing, self._missing = self._missing, _Wanted()
        self.round += 1
        touched = {file for file, _ in missing.pairs}
        if self._is_little(touched):
            if touched:
                self._load_whole(touched)
        else:
            names = _common(missing.pairs)
            missing.names |= names
            if pairs := {pair for pair in missing.pairs if pair[1] not in names}:
                self._load_pairs(pairs)
        around = touched if len(touched) <= _MANY else set()
        binding = {file for file, _ in missing.bindings}
        if len(binding) > _MANY:
            self._load_bindings({name for _, name in missing.bindings})
            binding = set()
        if missing.names:
            self._load_named(missing.names)
        if imports := (missing.imports | binding | around) - self._imports.keys():
            self._load_imports(imports)
        if bases := missing.bases - self._bases.keys():
            self._load_bases(bases)
        if missing.defaults:
            self._load_defaults(missing.defaults)

    def _is_little(self, files: Iterable[int]) -> bool:
        return sum(self.files.lines[file] for file in files) <= _WHOLE_LINES

    def _read(self, sql: str, params: Sequence[Any]) -> "list[Row]":
        rows = self.reader.read(sql, params)
        self.rows += len(rows)
        return rows

    def _load_defaults(self, files: set[int]) -> None:
        self._defaults.update((file, "") for file in files)
        rows = self._read(
            "SELECT file, regexp_extract(text, ?, 1) FROM texts WHERE file IN (SELECT unnest(?::INTEGER[]))",
            [_DEFAULT_EXPORT, sorted(files)],
        )
        self._defaults.update((row[0], row[1] or "") for row in rows)

    def _load_whole(self, files: set[int]) -> None:
        self._whole |= files
        condition, params = one_of("s.file", files)
        rows = self._read(f"SELECT {_BY_WORD} FROM symbols s WHERE {condition}", params)
        rows.sort(key=lambda row: row[:2])
        names = names_of(self.reader, [(row[0], row[1], row[3], row[2]) for row in rows])
        self._pairs.update(((row[0], name), []) for row, name in zip(rows, names, strict=True))
        for row, name in zip(rows, names, strict=True):
            definition = Definition(row[0], row[1], name, *row[3:])
            self._pairs[row[0], name].append(definition)
            self._ordinals[row[0], row[1]] = definition

    def _load_named(self, names: set[str]) -> None:
        self._named.update((name, {}) for name in names)
        words = {identity(name): name for name in names}
        condition, params = one_of("s.word", words)
        rows = self._read(f"SELECT {_BY_WORD} FROM symbols s WHERE {condition}", params)
        for row in sorted(rows, key=lambda row: (self.files.paths[row[0]], row[1])):
            name = words[row[2]]
            self._named[name].setdefault(row[0], []).append(Definition(row[0], row[1], name, *row[3:]))

    def _load_pairs(self, pairs: set[tuple[int, str]]) -> None:
        self._pairs.update((pair, []) for pair in pairs)
        words = {identity(name): name for _, name in pairs}
        of_words, some_words = one_of("s.word", words)
        of_files, some_files = one_of("s.file", {file for file, _ in pairs})
        rows = self._read(
            f"SELECT {_BY_WORD} FROM symbols s WHERE {of_words} AND {of_files} ORDER BY s.file, s.ordinal",
            some_words + some_files,
        )
        for row in rows:
            name = words[row[2]]
            if (row[0], name) in pairs:
                self._pairs[row[0], name].append(Definition(row[0], row[1], name, *row[3:]))

    def _load_bindings(self, names: set[str]) -> None:
        """The imports of all files that bind these names: quicker than all imports of a thousand files."""
        rows = self._read(
            f"""{IMPORT} WHERE alias IN (SELECT unnest($1)) AND name <> '*' OR name = '*' AND $2
            ORDER BY file, line, module, name, alias""",
            [sorted(names), "*" in names],
        )
        self._bind(map(Bound._make, rows))
        self._bound |= names

    def _bind(self, bounds: Iterable[Bound]) -> None:
        fresh: dict[tuple[int, str], list[Bound]] = {}
        for bound in bounds:
            fresh.setdefault((bound.file, "*" if bound.name == "*" else bound.alias), []).append(bound)
        self._bindings.update(fresh)

    def _load_imports(self, files: set[int]) -> None:
        self._imports.update((file, []) for file in files)
        condition, params = one_of("file", files)
        bounds = by_place(map(Bound._make, self._read(f"{IMPORT} WHERE {condition}", params)))
        for bound in bounds:
            self._imports[bound.file].append(bound)
        self._bind(bounds)

    def _load_bases(self, files: set[int]) -> None:
        self._bases.update((file, {}) for file in files)
        condition, params = one_of("file", files)
        rows = self._read(
            f"""SELECT file, line, "column", scope, name, receiver FROM refs
            WHERE role = 'inherit' AND {condition}""",
            params,
        )
        for file, line, _, scope, name, receiver in sorted(rows):
            self._bases[file].setdefault(scope, []).append(Base(name, receiver, line))
