"""What C and C++ are read as where macros and conditionals stand in the grammars' way."""

import pytest

from memls.source.languages import language_named
from memls.source.parse import parse

MASKED = [
    ("cpp", "class API Store {", "class     Store {"),
    ("cpp", "struct API ALIGNED(8) Store final : Base {", "struct                Store final : Base {"),
    ("cpp", "class API_ [[nodiscard]] Test {", "class      [[nodiscard]] Test {"),
    ("cpp", "enum class API Mode : int {", "enum class     Mode : int {"),
    ("c", "struct STATE state;", None),
    ("c", "struct STATE make(void) {", None),
    ("c", "API int open(void);", "    int open(void);"),
    ("c", "static INLINE struct a *next(struct a *n) {", "static        struct a *next(struct a *n) {"),
    ("c", "API Store *open(const char *path) {", "    Store *open(const char *path) {"),
    ("c", 'DEPRECATED("2") void close(void);', "                void close(void);"),
    ("c", "DWORD size(void) {", None),
    ("c", "FILE *open_log(void) {", None),
    ("c", "DWORD const SIZE = 1;", None),
    ("c", "EXPORT(int) __stdcall run(int n) {", None),
    ("c", "TEST_BEGIN(test_one) {", None),
    ("cpp", "Q_OBJECT\n  void run();", "        \n  void run();"),
    ("cpp", "BEGIN_NAMESPACE\nnamespace a {", "               \nnamespace a {"),
    ("cpp", "void put(int key) REQUIRES(lock) {", "void put(int key)                {"),
    ("cpp", "void f() const\n  REQUIRES(a(b)) : x(1) {", "void f() const\n                 : x(1) {"),
    ("cpp", "void put(int key)\n\nTEST(a) {", None),
    ("cpp", "int size GUARDED_BY(lock);", "int size                 ;"),
    ("cpp", "a::b<int> *sizes_ GUARDED_BY(lock) = 0;", "a::b<int> *sizes_                  = 0;"),
    ("cpp", "virtual void f(int a) const REQUIRES(lock);", "virtual void f(int a) const               ;"),
    ("cpp", "template <class T> T as() const API_DELETE;", "template <class T> T as() const           ;"),
    ("cpp", 'DEPRECATED("use (b)")\n  char const *a();', "                     \n  char const *a();"),
    ("cpp", "friend struct ::Test;", "                    ;"),
    ("cpp", "template <class T> friend class a::B;", "                                    ;"),
    ("cpp", "friend class Test;", None),
    ("cpp", "  PRIVATE_UNLESS_TESTED:\n", "                        \n"),
    ("cpp", "public Q_SLOTS:\n", "public        :\n"),
    ("cpp", "public slots:\n", "public      :\n"),
    ("cpp", "A::f(B) {", None),
    ("cpp", "case RED:\n", None),
    ("cpp", "friend bool operator==(const A &a, const A &b);", None),
    ("cpp", "OFF(48 49)\n\n// What.\nconst int a = 1;", "          \n\n// What.\nconst int a = 1;"),
    ("cpp", "virtual int METHOD size() const = 0;", "virtual int        size() const = 0;"),
    ("c", "static DWORD size(void) {", None),
    ("c", "return NEW f(x);", None),
    ("cpp", "#define A(x) \\\n  B(x)\nstruct C {", None),
    ("cpp", "static int MAX(int a);", None),
    ("cpp", "const int MAX = 1;", None),
    ("cpp", "Color color = RED;", None),
    ("cpp", "f(a) = RED;", None),
    ("cpp", "for (;;) STOP;", None),
    ("cpp", "if (a) CHECK(b);", None),
    ("cpp", "return CHECK(b);", None),
    ("cpp", "(void)  CHECK(b);", None),
    ("cpp", "int a = b + MAX(c);", None),
    ("c", "int size GUARDED_BY(lock);", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "read"), MASKED)
def test_macros_are_spaces_where_nothing_else_can_stand(language: str, text: str, read: str | None) -> None:
    readable = language_named(language).readable
    assert readable(text.encode()).decode() == (read or text)


@pytest.mark.parametrize(
    "text",
    ["(" * 50_000, "A(" * 20_000, "class " + "AAA " * 30_000, ") AAA" * 20_000, "template <a>\n" * 20_000],
)
def test_nothing_takes_long(text: str) -> None:
    assert len(language_named("cpp").readable(text.encode())) == len(text)


CONDITIONAL = """
namespace a {
class Limiter {
  Limiter(int most)
      :
#if !defined(NDEBUG)
        most_(most),
#endif
        left_(most) {
  }
  int most_;
};
class Next {};
#ifdef WINDOWS
class Other { int handle; };
#else
class Other { int number; };
#endif
}
"""


def test_a_conditional_in_a_list_does_not_swallow_what_follows() -> None:
    outline = parse("a.cc", CONDITIONAL.encode(), "cpp")
    names = [symbol.qualified_name for symbol in outline.symbols]
    assert outline.errors == 0
    assert {"a.Limiter", "a.Next", "a.Limiter.most_", "a.Other.handle", "a.Other.number"} <= set(names)


def test_words_of_the_language_are_no_names() -> None:
    outline = parse("a.c", b"#define X(a) } a {\nint f(int a) {\n X(b)\n if (a) { g(); }\n}\n}\n", "c")
    assert "if" not in {symbol.name for symbol in outline.symbols}


def test_a_name_for_a_type_of_functions_is_a_type() -> None:
    outline = parse(
        "a.h", b"typedef void callback(int a);\ntypedef int (*other)(void);\nint f(int a);\n", "c"
    )
    assert [(symbol.name, symbol.kind) for symbol in outline.symbols] == [
        ("callback", "type"),
        ("other", "type"),
    ]
