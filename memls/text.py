"""Plain text: words of identifiers, visible control characters, hashes, line ranges, times."""

import re
from datetime import datetime

import xxhash

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def digest(data: bytes | str) -> str:
    """XXH3-64 of `data` as 16 hex digits: names a content, proves nothing against an adversary."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return xxhash.xxh3_64_hexdigest(raw)


def identity(text: str) -> int:
    """The 64-bit number (XXH3) that stands for a name, a word or a term."""
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def tag(name: str) -> int:
    """The 16 bits of a name's number by which references are found; then they are looked at by name."""
    return identity(name) & 0xFFFF


_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def told_time(time: datetime) -> str:
    """A time as all JSON has it: ISO 8601 with microseconds and the `Z` of UTC. DuckDB keeps times naive."""
    return time.strftime(_TIME)


def read_time(text: str) -> datetime:
    """The time that `told_time` told. Raises ValueError."""
    return datetime.strptime(text, _TIME)  # noqa: DTZ007 (UTC, naive)


def visible(text: str) -> str:
    """`text` with control and bidirectional-override characters as `\\xNN` / `\\uNNNN`.

    Names, code and model output reach terminals; an escape sequence in them must not (invariant 6).
    Newlines and tabs stay.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match.group())
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return _CONTROL.sub(escape, text)


def split_lines(text: str) -> list[str]:
    """Lines of `text` without their ends. Only `\\n`, `\\r\\n` and `\\r` end a line, as in LSP."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return lines


def shorten(text: str, limit: int) -> str:
    """The first `limit` characters of `text`, marked with `…` where something was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


TEST_PATH = (
    r"(^|/)(tests?|testing|testdata|__tests__|spec)/|(^|/)(test_[^/]*|conftest)\.py$|_test\.|\.(test|spec)\."
    r"|(^|/)tests?\.rs$|(^|[/.])Tests?/|[a-z0-9]Tests?\.(cs|java|kt|php|scala|swift)$"
)
"""Of the paths that are tests', as a regular expression of Python and of the index."""
_TEST = re.compile(TEST_PATH)
_TEST_MODULE = re.compile(r"([a-z0-9_]+_)?tests?(\.|$)")


def is_test(path: str, symbol: str = "") -> bool:
    """Whether a path, or a symbol in it by its qualified name, is a test's, by the customs of languages.

    Rust has the tests of a file in a module inside of it.
    """
    return _TEST.search(path) is not None or (path.endswith(".rs") and bool(_TEST_MODULE.match(symbol)))


GENERATED_PATH = (
    r"\.min\.|[._]pb\.\w+$|_pb2(_grpc)?\.pyi?$|[._]generated\.|(^|/)zz_generated|(^|/)__generated__/"
)
"""Of the paths of code that a program wrote."""
ASIDE_PATH = (
    r"(^|/)(docs?|examples?|samples?|demos?|playgrounds?|tutorials?|(__)?fixtures?(__)?|benchmarks?|bench(es)?"
    r"|scripts?|ci|\.\w+"
    r"|vendor(ed)?|_vendor|third[-_]?party|extern(als?)?|node_modules)/"
    rf"|(^|/)(setup|conf|noxfile)\.py$|\.d\.[cm]?ts$|{GENERATED_PATH}"
)
"""Of the paths of code beside the matter of a repository, as `TEST_PATH` is of tests'."""
_ASIDE = re.compile(ASIDE_PATH)


def is_aside(path: str) -> bool:
    """Whether code is beside the matter of a repository: examples, scripts, what is generated or copied."""
    return _ASIDE.search(path) is not None


_TRANSLATIONS = re.compile(
    r"(^|/)(locales?|i18n|l10n|lang(uage)?s?|translations?)/"
    r"(.*\.)?(json|json5|ya?ml|toml|po|properties|strings|xliff?|resx|arb)$",
    re.IGNORECASE,
)


def is_translation(path: str) -> bool:
    """Whether data is what users are shown, once for each of their languages: by its folder and ending."""
    return _TRANSLATIONS.search(path) is not None


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`, `3 matches`."""
    if count == 1:
        return f"1 {noun}"
    ending = "es" if noun.endswith(("s", "sh", "ch", "x")) else "s"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("ry") else f"{count:,} {noun}{ending}"
