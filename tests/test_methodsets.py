"""Which types of Go implement an interface: by their methods, on small repositories written out here."""

from pathlib import Path

import pytest

from memls.index import sites
from memls.index.resolve import Edge
from memls.source.languages.go.signature import method_type, type_in
from memls.source.languages.go.standard import METHODS
from tests.edges import Repository, build, check, place_of

MODULE = "module example.com/m\n\ngo 1.20\n"

NODE = """
package {package}
type {type} struct{{}}
func ({type}) node() {{}}
func ({type}) Pos() int {{ return 0 }}
"""
LONG = ", ".join(f"parameter{i} map[string]string" for i in range(12))

STORES: Repository = {
    "go.mod": MODULE,
    "store/store.go": """
        package store
        import "context"
        type Key string
        type Store interface {
            Get(ctx context.Context, key Key) (value []byte, err error)
            Put(ctx context.Context, key Key, value []byte, opts ...Option) error
        }
        type Option func(*int)
        """,
    "store/memory.go": """
        package store
        import "context"
        type Memory struct{}
        func (m *Memory) Get(ctx context.Context, key Key) ([]byte, error) { return nil, nil }
        """,
    "store/memory_put.go": """
        package store
        import ctx "context"
        func (*Memory) Put(c ctx.Context, k Key, v []byte, o ...Option) (failed error) { return nil }
        """,
    "disk/disk.go": """
        package disk
        import (
            "context"
            "example.com/m/store"
        )
        type Disk struct{}
        func (d Disk) Get(_ context.Context, k store.Key) ([]byte, error) { return nil, nil }
        func (d Disk) Put(_ context.Context, k store.Key, v []byte, o ...store.Option) error { return nil }
        type Half struct{}
        func (Half) Get(_ context.Context, k store.Key) ([]byte, error) { return nil, nil }
        type Other struct{}
        func (Other) Get(_ context.Context, k store.Key) (string, error) { return "", nil }
        func (Other) Put(_ context.Context, k store.Key, v []byte, o ...store.Option) error { return nil }
        type Key string
        type Namesake struct{}
        func (Namesake) Get(_ context.Context, k Key) ([]byte, error) { return nil, nil }
        func (Namesake) Put(_ context.Context, k Key, v []byte, o ...store.Option) error { return nil }
        """,
}

CASES: dict[str, tuple[Repository, str, str]] = {
    "by its methods: of pointers, in other files and packages, whatever parameters are called": (
        STORES,
        "implementations store/store.go:Store",
        """
        disk/disk.go:6 inherit -> store/store.go:Store resolved has its methods
        store/memory.go:3 inherit -> store/store.go:Store resolved has its methods
        """,
    ),
    "a method of it": (
        STORES,
        "implementations store/store.go:Store.Put",
        """
        disk/disk.go:8 inherit -> store/store.go:Store.Put resolved has its methods
        store/memory_put.go:3 inherit -> store/store.go:Store.Put resolved has its methods
        """,
    ),
    "promoted methods": (
        {
            "a.go": """
                package a
                type Runner interface { Run(); Stop() }
                type Base struct{}
                func (b *Base) Run() {}
                func (b *Base) Stop() {}
                type Middle struct { *Base; n int }
                type Top struct { Middle }
                func (t Top) Stop() {}
                type Hidden struct { Base; Run int }
                type One struct{}
                func (One) Run() {}
                type Two struct { Base; One }
                type Both struct { Base; One }
                func (Both) Run() {}
                type Wrapped struct { Runner }
                """,
        },
        "implementations a.go:Runner",
        """
        a.go:3 inherit -> a.go:Runner resolved has its methods
        a.go:6 inherit -> a.go:Runner resolved has its methods
        a.go:7 inherit -> a.go:Runner resolved has its methods
        a.go:13 inherit -> a.go:Runner resolved has its methods
        a.go:15 inherit -> a.go:Runner resolved same file
        """,
    ),
    "promoted methods stand where they are": (
        {
            "a.go": """
                package a
                type Runner interface { Run(); Stop() }
                type Base struct{}
                func (b *Base) Run() {}
                type Top struct { Base }
                func (t Top) Stop() {}
                """,
        },
        "implementations a.go:Runner.Run",
        "a.go:4 inherit -> a.go:Runner.Run resolved has its methods",
    ),
    "interfaces that embed others, and interfaces that have more": (
        {
            "go.mod": MODULE,
            "a/a.go": """
                package a
                import "io"
                type Named interface { Name() string }
                type Source interface { Named; io.Closer }
                type More interface { Close() error; Name() string; Size() int }
                """,
            "b/b.go": """
                package b
                import "example.com/m/a"
                type File struct{}
                func (*File) Close() error { return nil }
                func (*File) Name() string { return "" }
                type Open struct{ a.Named }
                type Closing struct{ a.Named; File }
                type Loud struct{ a.Source }
                """,
        },
        "implementations a/a.go:Source",
        """
        a/a.go:5 inherit -> a/a.go:Source resolved has its methods
        b/b.go:3 inherit -> a/a.go:Source resolved has its methods
        b/b.go:8 inherit -> a/a.go:Source resolved import
        """,
    ),
    "what embeds something outside has other methods, too": (
        {
            "a.go": """
                package a
                import "example.org/far"
                type Far interface { far.Away; Near() }
                type A struct{}
                func (A) Near() {}
                """,
        },
        "implementations a.go:Far",
        "a.go:4 inherit -> a.go:Far candidate has those of its methods that are known",
    ),
    "an interface without methods": (
        {"a.go": "package a\ntype Any interface{}\ntype A struct{}\nfunc (A) F() {}\n"},
        "implementations a.go:Any",
        "",
    ),
    "constraints of type parameters": (
        {
            "a.go": """
                package a
                type Text interface { ~string; String() string }
                type Number interface { int | float64 }
                type S string
                func (S) String() string { return "" }
                """,
        },
        "implementations a.go:Text",
        "",
    ),
    "generic interfaces say nothing": (
        {
            "a.go": """
                package a
                type List[T any] interface { At(i int) T }
                type Of interface { List[int]; Len() int }
                type A struct{}
                func (A) At(i int) int { return 0 }
                func (A) Len() int { return 0 }
                """,
        },
        "implementations a.go:List",
        "a.go:3 inherit -> a.go:List resolved same file",
    ),
    "what embeds a generic interface has other methods, too": (
        {
            "a.go": """
                package a
                type List[T any] interface { At(i int) T }
                type Of interface { List[int]; Len() int }
                type A struct{}
                func (A) Len() int { return 0 }
                """,
        },
        "implementations a.go:Of",
        "a.go:4 inherit -> a.go:Of candidate has those of its methods that are known",
    ),
    "generic types, where their parameters do not matter": (
        {
            "a.go": """
                package a
                type Sized interface { Len() int; Put(t T) }
                type T struct{}
                type Box[V any] struct{}
                func (b *Box[V]) Len() int { return 0 }
                func (b *Box[V]) Put(t T) {}
                type Other[T any] struct{}
                func (b *Other[T]) Len() int { return 0 }
                func (b *Other[T]) Put(t T) {}
                """,
        },
        "implementations a.go:Sized",
        "a.go:4 inherit -> a.go:Sized resolved has its methods",
    ),
    "unexported methods are of their package": (
        {
            "go.mod": MODULE,
            "a/a.go": "package a\ntype Node interface { node(); Pos() int }\ntype Leaf struct{ Mark }\n",
            "a/mark.go": NODE.format(package="a", type="Mark"),
            "a/a_test.go": NODE.format(package="a", type="T"),
            "a/b_test.go": NODE.format(package="a_test", type="U"),
            "b/b.go": """
                package b
                import "example.com/m/a"
                type B struct{}
                func (B) node() {}
                func (B) Pos() int { return 0 }
                type C struct{ a.Mark }
                """,
        },
        "implementations a/a.go:Node",
        """
        a/a.go:3 inherit -> a/a.go:Node resolved has its methods
        a/a_test.go:2 inherit -> a/a.go:Node resolved has its methods
        a/mark.go:2 inherit -> a/a.go:Node resolved has its methods
        b/b.go:6 inherit -> a/a.go:Node resolved has its methods
        """,
    ),
    "aliases are what they stand for": (
        {
            "go.mod": MODULE,
            "a/a.go": """
                package a
                import "example.com/m/b"
                type Time = b.Stamp
                type Handler = func(t Time) error
                type Clock interface { Now() Time; On(h Handler); Any(any) }
                """,
            "b/b.go": """
                package b
                type Stamp struct{}
                type Wall struct{}
                func (Wall) Now() Stamp { return Stamp{} }
                func (Wall) On(h func(Stamp) error) {}
                func (Wall) Any(x interface{}) {}
                type Stopped struct{}
                func (Stopped) Now() int { return 0 }
                func (Stopped) On(h func(Stamp) error) {}
                func (Stopped) Any(x interface{}) {}
                """,
        },
        "implementations a/a.go:Clock",
        "b/b.go:3 inherit -> a/a.go:Clock resolved has its methods",
    ),
    "types that are no structs; interfaces written out are no methods of what holds them": (
        {
            "a.go": """
                package a
                type Doer interface { Do() }
                type F func()
                func (f F) Do() { f() }
                type Holder struct { inner interface { Do() } }
                """,
        },
        "implementations a.go:Doer",
        "a.go:3 inherit -> a.go:Doer resolved has its methods",
    ),
    "a package whose name its path does not tell": (
        {
            "go.mod": MODULE,
            "a.go": """
                package a
                import "example.org/some-thing"
                type Taker interface { Take(thing.T) }
                """,
            "b/b.go": """
                package b
                import thing "example.org/some-thing"
                type B struct{}
                func (B) Take(t thing.T) {}
                """,
        },
        "implementations a.go:Taker",
        "b/b.go:3 inherit -> a.go:Taker candidate has those of its methods that are known",
    ),
    "too long a signature to be compared": (
        {
            "a.go": f"""
                package a
                type Long interface {{ Do({LONG}) }}
                type A struct{{}}
                func (A) Do({LONG}) {{}}
                """
        },
        "implementations a.go:Long",
        "a.go:3 inherit -> a.go:Long candidate has those of its methods that are known",
    ),
    "other languages do not ask for names alone": (
        {
            "a.ts": """
                interface Doer { run(): void }
                class A { run(): void {} }
                class B implements Doer { run(): void {} }
                """
        },
        "implementations a.ts:Doer",
        "a.ts:3 inherit -> a.ts:Doer resolved same file",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_implementations(case: tuple[Repository, str, str], tmp_path: Path) -> None:
    repository, question, expected = case
    check(*build(tmp_path, repository), question, expected)


ABOVE: dict[str, tuple[Repository, str, list[str]]] = {
    "the interfaces whose methods it has": (
        STORES,
        "store/memory.go:Memory",
        ["Store resolved has its methods"],
    ),
    "none of which it lacks one": (STORES, "disk/disk.go:Half", []),
    "what it embeds, and interfaces that embed": (
        {
            "a.go": """
                package a
                import "fmt"
                type Namer interface { Name() string }
                type All interface { Namer; fmt.Stringer }
                type Same interface { Namer }
                type Sized interface { Size() int }
                type Base struct{}
                func (*Base) Name() string { return "" }
                type Top struct { Base; Size int }
                func (Top) Go() {}
                type Goer interface { Go() }
                """,
        },
        "a.go:Top",
        [
            "Base resolved same file",
            "Namer resolved has its methods",
            "Same resolved has its methods",
            "Goer resolved has its methods",
        ],
    ),
}


@pytest.mark.parametrize("case", ABOVE.values(), ids=ABOVE)
def test_supertypes(case: tuple[Repository, str, list[str]], tmp_path: Path) -> None:
    def told(edge: Edge) -> str:
        return f"{edge.target.symbol} {edge.status} {edge.reason}"

    repository, name, expected = case
    resolver, database = build(tmp_path, repository)
    assert list(map(told, sites.bases(resolver, place_of(database, name)))) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("F(a, b int, c string)", "func (x *T) F(int, int, string)"),
        ("F() (n int, err error)", "func (T) F() (int, error)"),
        ("F() (int)", "F() int"),
        ("F(xs ...string)", "F(...string)"),
        ("F(f func(a, b int) (x, y error), z any)", "F(func(int, int) (error, error), interface{})"),
        ("F(b []byte, r rune)", "F([]uint8, int32)"),
        ("F(c <-chan T, d chan<- *p.T)", "F(<-chan T, chan<- *p.T)"),
        ("F(a int, b string, )", "F(int, string)"),
        ("F(m map[string][]*T, n [4]int)", "F(map[string][]*T, [4]int)"),
        ("F(x List[int], y Pair[p.A, B])", "F(List[int], Pair[p.A, B])"),
        ("F(r (*T), s struct{ X int })", "F(*T, struct{ X int })"),
    ],
)
def test_the_same_type(one: str, other: str) -> None:
    assert method_type(one) == method_type(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("F(a []string)", "F(a ...string)"),
        ("F(a int) error", "F(a int)"),
        ("F(a int, b string)", "F(b string, a int)"),
        ("F(a T)", "F(a *T)"),
        ("F(a p.T)", "F(a q.T)"),
        ("F(c chan T)", "F(c <-chan T)"),
        ("F(a, b T)", "F(a T)"),
        ("F() func() int", "F() (func(), int)"),
    ],
)
def test_other_types(one: str, other: str) -> None:
    first, second = method_type(one), method_type(other)
    assert first is not None and second is not None and first != second


@pytest.mark.parametrize(
    "text", ["", "F", "F(", "F(a b c)", "F()) x", "F(a int…", "func (b *Box[T]) F(T)", "F([)"]
)
def test_unreadable_signatures(text: str) -> None:
    assert method_type(text) is None


@pytest.mark.parametrize(
    ("text", "alias"),
    [("type A = B", True), ("A = []p.B", True), ("type A B", False), ("type A func(x int) error", False)],
)
def test_what_a_type_is(text: str, *, alias: bool) -> None:
    found = type_in(text)
    assert found is not None and found[1] == alias


def test_the_standard_library_is_readable() -> None:
    texts = [text for package in METHODS.values() for methods in package.values() for text in methods]
    assert all(map(method_type, texts))
