"""Macros where the grammars of C and C++ expect none: they are read as spaces, and so is what they take.

`class API Store {` is the function `Store` to a grammar that does not know what a macro is, and a class loses
its members to `int size GUARDED_BY(lock);`. What a macro says is unknown without the compiler, so names in
capitals are taken for one where nothing else can stand: between `class` and a name, before a declaration that
is whole without them, and behind the parameters of a function or the name of a member.
"""

import re

_MACRO = r"[A-Z][A-Z0-9_]{2,}+\b"
_TAKES = r"\((?:[^()\n]|\([^()\n]*+\)){0,200}\)"
_NAME = r"[A-Za-z_][\w:]*+"
_TYPE = rf"{_NAME}(?:<[^;{{}}()\n]*>)?[\s*&]++"
_QUALIFIERS = r"(?:\s*\b(?:const|noexcept|override|final)\b)*"
_BASIC = "auto|bool|char|double|float|int|long|short|signed|size_t|unsigned|void"
_BEGINS = (
    rf"(?:(?:{_BASIC}|class|constexpr|enum|explicit|extern|friend|inline|namespace|static|struct|template"
    rf"|typename|using|virtual)\b|const\s+{_TYPE}[A-Za-z_])"
)
"""What begins a declaration, and is no end of one."""
_KEYWORDS = (
    "class|const|constexpr|enum|explicit|extern|friend|inline|namespace|static|struct|template|union|virtual"
)
_STORAGE = r"(?:(?:static|inline|extern|virtual|friend|explicit|constexpr)[ \t]+)*"
_NO_TYPE = (
    "case|co_return|co_yield|delete|do|else|for|goto|if|new|operator|return|sizeof|switch|throw|typedef|using"
    "|while"
)


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode(), re.MULTILINE)


_IN_HEAD = _compiled(
    rf"\b(?:class|struct|union|enum)\s+(?:(?:class|struct)\s+)?((?:{_MACRO}(?:[ \t]*{_TAKES})?\s+)+)"
    rf"(?=(?:\[\[[^\]\n]*\]\]\s*)?{_NAME}(?:\s*<[^<>;{{}}]*+>)?\s*(?:final\s*)?(?:\{{|:(?!:)))"
)
"""`class API Store {`"""
_BEFORE = _compiled(
    r"^(?<!\\\n)[ \t]*+(?:template\s*<[^;{}\n]*>\s*)?"
    rf"{_STORAGE}((?:{_MACRO}\s+)+(?={_BEGINS}|{_TYPE}[A-Za-z_~][\w:~]*+\s*\()"
    rf"|(?:{_MACRO}[ \t]*{_TAKES}(?:[ \t]+|[ \t]*\n\s*+))+(?=(?://[^\n]*+\s++)*+{_BEGINS}))"
)
"""`API Store *open(`, `DEPRECATED("since 2") void close(`; not `DWORD size(`, whose type is in capitals."""
_BEHIND = _compiled(
    rf"\){_QUALIFIERS}(?:[ \t]*\n[ \t])?[ \t]*((?:\b{_MACRO}(?:[ \t]*{_TAKES})?\s*)+)(?=\{{|:(?!:))"
)
"""`void put(int key) REQUIRES(lock) {`, in one line or indented in the next."""
_AT_END = _compiled(rf"(?<=\s)({_MACRO}(?:[ \t]*({_TAKES}))?)\s*(?=;|=[^=])")
"""`int size GUARDED_BY(lock);`, where what stands before it declares something: it can be a call, else."""
_PARAMETERS = _compiled(rf"\){_QUALIFIERS}\Z")
_DECLARES = _compiled(
    rf"(?:template\s*<[^;{{}}()]*>\s*)?(?!(?:{_NO_TYPE})\b)(?:{_TYPE})+"
    rf"(?!(?:{_BASIC}|class|const|enum|extern|inline|static|struct|union)\b)~?\w+\s*(?:\(|\[|\Z)"
)
_BETWEEN = _compiled(
    rf"^[ \t]*+{_STORAGE}(?:const[ \t]+)?"
    rf"(?!(?:{_NO_TYPE}|{_KEYWORDS})\b){_TYPE}({_MACRO})\s+(?=[A-Za-z_~][\w:~]*+\s*\()"
)
"""`virtual int METHOD size(`"""
_SECTION = _compiled(rf"^[ \t]*+((?:{_MACRO}|signals)[ \t]*:)(?!:)[ \t]*(?://[^\n]*)?$")
"""`PRIVATE_UNLESS_TESTED:`, and Qt's `signals:`"""
_SLOTS = _compiled(rf"^[ \t]*+(?:public|protected|private)[ \t]+({_MACRO}|slots)(?=[ \t]*:)")
"""Qt's `public slots:`"""
_FRIEND = _compiled(
    r"^[ \t]*+((?:template\s*<[^;{}]{0,200}>\s*)?friend\s+(?:(?:class|struct|typename)\s+)?"
    r"(?:\w+::|::\s*)\w+(?:::\w+)*(?:<[^;{}]*>)?)\s*(?=;)"
)
"""`friend class a::Test;`, which the grammar does not know."""
_NOISE = re.compile(
    rb"//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*|\b(?:public|private|protected)\s*:", re.MULTILINE | re.DOTALL
)
_BACK = 600
"""Bytes before a macro at the end of a declaration in which that begins."""


def readable_c(data: bytes) -> bytes:
    """The text of C with spaces for macros."""
    return _without(data, (_IN_HEAD, _BEFORE, _BETWEEN, _BEHIND))


def readable_cpp(data: bytes) -> bytes:
    """The text of C++ with spaces for macros: members of classes have them behind their names too."""
    return _without(data, (_FRIEND, _SECTION, _SLOTS, _IN_HEAD, _BEFORE, _BETWEEN, _BEHIND, _AT_END))


def _without(data: bytes, patterns: tuple[re.Pattern[bytes], ...]) -> bytes:
    for pattern in patterns:
        data = pattern.sub(_spaced_where_declared if pattern is _AT_END else _spaced, data)
    return data


def _spaced(match: re.Match[bytes]) -> bytes:
    begin, start, end = match.start(), match.start(1), match.end(1)
    whole = match.group()
    return (
        whole[: start - begin]
        + re.sub(rb"\S", b" ", whole[start - begin : end - begin])
        + whole[end - begin :]
    )


def _spaced_where_declared(match: re.Match[bytes]) -> bytes:
    before = match.string[max(0, match.start() - _BACK) : match.start()]
    begin = max(before.rfind(end) for end in (b";", b"{", b"}"))
    said = _NOISE.sub(b"", before[begin + 1 :]).strip()
    is_behind_parameters = match[2] is not None or _PARAMETERS.search(said)
    return _spaced(match) if is_behind_parameters and _DECLARES.match(said) else match.group()
