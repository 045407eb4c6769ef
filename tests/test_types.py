"""What source writes of types: paths, written types, values, signatures, and the locals of a file."""

import pytest

from memls.source.languages import language_named
from memls.source.parse import parse
from memls.source.signatures import declared, parameter
from memls.source.types import LITERAL, class_named, steps_of, typed, untyped, value_of

STEPS = {
    "a": "a",
    "a.b.c": "a b c",
    "a.b(1, f(2)).c": "a b() c",
    "f(')')": "f()",
    "$this->x": "$this x",
    "Vec::<T>::new(3)": "Vec new()",
    "List<Foo>.of(1)": "List of()",
    "x?.y!.z": "x y z",
    "open(path)?.read": "open() read",
    "new Foo<>(1).b()": "Foo() b()",
    "new a.Foo()": "a Foo()",
    "new Foo[1].b": "Foo[] b",
    "new Foo() { }.b": "",
    "(new Foo)->b": "Foo() b",
    "((Foo) x).b": "Foo() b",
    "((Foo *)x)->b": "Foo() b",
    "(x as a.Foo).b": "a Foo() b",
    "(x.y() as! Foo)": "Foo()",
    "(x as? Foo)?.b": "Foo() b",
    "x.(*a.Foo).b": "a Foo() b",
    "(x.(*a.Foo)).b": "a Foo() b",
    "(x.y).b": "",
    "(await f()).b": "",
    "(x ?: y as Foo).b": "",
    "((Foo) x + y).b": "",
    "(a, b).c": "",
    "(f)(x).b": "",
    "(x) => y": "",
    "a[0].b": "a[] b",
    "a[1:2].b": "a b",
    "a[f(1)][2]": "a[][]",
    "New[T](1).b": "New() b",
    "a + b": "",
    "a ? b : c": "",
    "f(a, b": "",
    "f(1)(2)": "",
    "": "",
}
CLASSES = {
    "const pkg::Foo<T> *": "pkg.Foo",
    'Optional["pkg.Foo"]': "pkg.Foo",
    "typing.Optional[a.b.C]": "a.b.C",
    "Foo | None": "Foo",
    "Foo | undefined | null": "Foo",
    "*pkg.Foo": "pkg.Foo",
    "&'a mut Foo": "Foo",
    "Box<dyn Foo>": "Foo",
    "Promise<Foo>": "Foo",
    "Task<Foo, Never>": "Task",
    "Cow<'a, Foo>": "Foo",
    "Annotated[Foo, 1]": "Foo",
    "struct foo *": "foo",
    "Foo const &": "Foo",
    "?Foo": "Foo",
    "'Foo'": "Foo",
    "Map<String, Foo>": "Map",
    "std::unique_ptr<Foo>": "std.unique_ptr",
    "unsigned int": "",
    "[]Foo": "[]Foo",
    "[][3]*pkg.Foo": "[][]pkg.Foo",
    "std::vector<Foo*>": "[std.vector]Foo",
    "Option<&Foo>": "[Option]Foo",
    "io::Result<Foo, Error>": "[io.Result]Foo",
    "Result<(), Error>": "Result",
    "list[Foo] | None": "[list]Foo",
    "List<T>": "List",
    "Foo[]": "[]Foo",
    "map[string]Foo": "[]Foo",
    "func(int) Foo": "",
    "() => Foo": "",
    "A | B": "",
    "T": "",
    "None": "",
    "": "",
}
VALUES = {
    "Foo(1)": "Foo()",
    "new Foo(1)": "Foo",
    "new Foo<Bar>()": "Foo",
    "new Foo(1) { A = 1 }": "Foo",
    "new Foo[3]": "[]Foo",
    "make([]*Foo, 3)": "[]Foo",
    "map[string]Foo{}": "[]Foo",
    "new(Foo)": "Foo",
    "new Foo().bar()": "Foo().bar()",
    "(Foo) x.y": "Foo",
    "(Foo)(x)": "",
    "x as Foo": "Foo",
    "&pkg.Foo{a: 1}": "pkg.Foo",
    "Foo { a: 1 }": "Foo",
    "await load(x)": "load()",
    "self.db": "self.db",
    "make(1).b": "make().b",
    "x.(*pkg.Foo)": "pkg.Foo()",
    "'text'": LITERAL,
    "12": LITERAL,
    "[]": LITERAL,
    "[a][0]": "",
    "a or b": "",
    "a[0]": "a[]",
    "None": "",
}
SIGNATURES = [
    ("python", "function", "def f(a: int = f(1)) -> Optional[Foo]", "f", "Foo"),
    ("python", "function", "def f(a)", "f", ""),
    ("python", "property", 'def conn(self) -> "Conn"', "conn", "Conn"),
    ("python", "attribute", "self.q: Queue[int] = Queue()", "q", "Queue"),
    ("python", "attribute", "self.other = pkg.Other(1)", "other", "pkg.Other()"),
    ("python", "attribute", "self.a, self.b = 1, 2", "a", ""),
    ("python", "constructor", "def __init__(self) -> None", "__init__", ""),
    ("go", "method", "func (s *S) Get(a int, b string) *Foo", "Get", "Foo"),
    ("go", "function", "func New(a func(int) int) (*pkg.Foo, error)", "New", "pkg.Foo"),
    ("go", "function", "func New() (made *Foo, err error)", "New", "Foo"),
    ("go", "method", "Close()", "Close", ""),
    ("go", "field", "b, c Bar", "b", "Bar"),
    ("go", "field", 'b *Bar `json:"b"`', "b", "Bar"),
    ("go", "field", "d map[string]X", "d", ""),
    ("go", "variable", "var G = NewFoo()", "G", "NewFoo()"),
    ("go", "type", "type T Bar", "T", "Bar"),
    ("go", "type", "type U = pkg.Bar", "U", "pkg.Bar"),
    ("java", "method", "public <X> Foo<X> get(int a) throws Error", "get", "Foo"),
    ("java", "field", "private final Foo<Bar> a = new Foo<>()", "a", "Foo"),
    ("java", "field", "static int b, c[]", "c", ""),
    ("java", "field", "Foo[] d", "d", "[]Foo"),
    ("c", "field", "struct bar *b", "b", "bar"),
    ("c", "field", "void (*call)(int)", "call", ""),
    ("cpp", "field", "union Holder { int a; double b; } held_", "held_", "Holder"),
    ("c", "variable", "static struct foo { int a; } *first", "first", "foo"),
    ("c", "field", "struct { int a; } b", "b", ""),
    ("c", "variable", "foo_t *g2 = NULL, g3", "g3", "foo_t"),
    ("c", "function", "static struct foo *make(int a)", "make", "foo"),
    ("c", "type", "typedef struct foo { int a; } foo_t", "foo_t", "foo"),
    ("c", "type", "typedef other foo_t", "foo_t", "other"),
    ("cpp", "method", "const Slice& Foo::key()", "key", "Slice"),
    ("cpp", "function", "auto make() -> Foo", "make", "Foo"),
    ("cpp", "type", "using A = n::Foo", "A", "n.Foo"),
    ("csharp", "property", "public Foo B { get; set; }", "B", "Foo"),
    ("csharp", "method", "public async Task<Foo> H<T>(int x) where T : Bar", "H", "Foo"),
    ("typescript", "method", "async g(x: (a: X) => Y): Promise<Foo>", "g", "Foo"),
    ("typescript", "method", "h = (x: X): Foo", "h", "Foo"),
    ("typescript", "property", "get f(): Foo", "f", "Foo"),
    ("typescript", "field", "b?: Foo", "b", "Foo"),
    ("typescript", "field", "c = new Foo(1)", "c", "Foo"),
    ("typescript", "field", "c?: () => Foo", "c", ""),
    ("typescript", "type", "export type Q = Foo", "Q", "Foo"),
    ("rust", "method", "pub fn new(a: &str) -> Self", "new", "Self"),
    ("rust", "field", "pub a: Arc<Foo>", "a", "Foo"),
    ("kotlin", "function", "fun d(x: Int): Foo?", "d", "Foo"),
    ("kotlin", "field", "val b: Foo = Foo()", "b", "Foo"),
    ("kotlin", "variable", "val top = Foo()", "top", "Foo()"),
    ("swift", "method", "func d(x: Int) throws -> Foo?", "d", "Foo"),
    ("swift", "field", "var b = Foo()", "b", "Foo()"),
    ("scala", "method", "def e(x: Int): Foo", "e", "Foo"),
    ("scala", "method", "def g: Foo[A]", "g", "Foo"),
    ("scala", "field", "val d = new Foo()", "d", "Foo"),
    ("php", "method", "public function get(int $x): ?Foo", "get", "Foo"),
    ("php", "field", "private Foo $a", "a", "Foo"),
]
LOCALS = {
    "a parameter": ("python", "def f(x: Foo):\n    x.g()\n", "(x: Foo)"),
    "no type": ("python", "def f(x):\n    x.g()\n", "x"),
    "a value": ("python", "def f():\n    x = Foo(1)\n    x.g()\n", "(x: Foo())"),
    "two values": ("python", "def f():\n    x = Foo()\n    x = Bar()\n    x.g()\n", "x"),
    "nothing first": ("python", "def f():\n    x = None\n    x = Foo()\n    x.g()\n", "(x: Foo())"),
    "declared, then another value": ("python", "def f(x: Foo):\n    x = made()\n    x.g()\n", "(x: Foo)"),
    "a loop's": ("python", "def f(xs: Foo):\n    for x in xs: x.g()\n", "(x: Foo[])"),
    "a loop's over a list": ("python", "def f(xs: list[Foo]):\n    for x in xs: x.g()\n", "(x: Foo)"),
    "a loop's over two": ("python", "def f(xs: list[Foo]):\n    for y, x in xs: x.g()\n", "x"),
    "a comprehension's": ("python", "def f(x: Foo):\n    return [x.g() for x in y]\n", "(x: y[])"),
    "from another": ("python", "def f(y: Foo):\n    x = y.made()\n    x.g()\n", "(x: Foo.made())"),
    "from what another gives in time": (
        "typescript",
        "async function f(y: Foo) { const x = await y.made(); x.g() }\n",
        "(x: Foo.made())",
    ),
    "from a reference to another": ("rust", "fn f(y: Foo) { let x = &y.z; x.g(); }\n", "(x: Foo.z)"),
    "from the object around": (
        "python",
        "class A:\n  def f(self):\n    x = self.db\n    x.g()\n",
        "(x: self.db)",
    ),
    "go, from the object around": ("go", "package a\nfunc (s *A) f() { x := &s.db; x.g() }\n", "(x: s.db)"),
    "rust, from the object around": (
        "rust",
        "impl A { fn f(&self) { let x = self.db.m(); x.g(); } }\n",
        "(x: self.db.m())",
    ),
    "from another without a type": ("python", "def f(y):\n    x = y.made()\n    x.g()\n", "x"),
    "from itself": ("python", "def f():\n    x = x.next()\n    x.g()\n", "x"),
    "a list": ("python", "def f():\n    x = []\n    x.g()\n", f"(x: {LITERAL})"),
    "and its member": ("python", "def f(x: Foo):\n    x.y.g()\n", "(x: Foo).y"),
    "go": ("go", "package a\nfunc f(x *pkg.Foo) { x.g() }\n", "(x: pkg.Foo)"),
    "go, the first result": ("go", "package a\nfunc f() { x, err := New(); x.g() }\n", "(x: New())"),
    "go, the second result": ("go", "package a\nfunc f() { y, x := New(); x.g() }\n", "x"),
    "go, each its own": ("go", "package a\nfunc f() { y, x := A(), B(); x.g() }\n", "(x: B())"),
    "go, in a block": ("go", "package a\nfunc f(x Foo) { { x := a[1]; x.g() } }\n", "(x: a[])"),
    "go, the object around": ("go", "package a\nfunc (x *Foo) f() { x.g() }\n", "x"),
    "c": ("c", "void f(struct foo *x) { x->y.g(); }\n", "(x: foo)->y"),
    "c++, auto": ("cpp", "void f() { auto x = make(1); x.g(); }\n", "(x: make())"),
    "c++, a list's": ("cpp", "void f(Foo xs) { for (auto& x : xs) x.g(); }\n", "(x: Foo[])"),
    "c++, a list's, declared": ("cpp", "void f(Foo xs) { for (Bar& x : xs) x.g(); }\n", "(x: Bar)"),
    "java": ("java", "class A { void f() { var x = new Foo(); x.g(); } }\n", "(x: Foo)"),
    "typescript, shadowed": ("typescript", "function f(x: Foo) { y.map((x) => x.g()) }\n", "x"),
    "typescript": ("typescript", "async function f() { const x = await load(1); x.g() }\n", "(x: load())"),
    "php": ("php", "<?php function f(Foo $x) { $x->g(); }\n", "($x: Foo)"),
    "swift": ("swift", "func f() { let x: Foo = a(); x.g() }\n", "(x: Foo)"),
    "kotlin": ("kotlin", "fun f() { val x: Foo = a(); x.g() }\n", "(x: Foo)"),
    "scala": ("scala", "object A { def f(x: Foo) = { x.g() } }\n", "(x: Foo)"),
    "rust": ("rust", "fn f() { let x = Foo::new(); x.g(); }\n", "(x: Foo.new())"),
    "rust, what is tried": ("rust", "fn f() { let x = Foo::new(1).await?; x.g(); }\n", "(x: Foo.new()[])"),
    "rust, where it is tried": ("rust", "fn f(x: Result<Foo>) { x?.g(); }\n", "(x: [Result]Foo)?"),
    "rust, what a pattern holds": ("rust", "fn f() { if let Some(x) = y() { x.g(); } }\n", "(x: y()[])"),
    "rust, what another holds": ("rust", "fn f() { if let Err(x) = y() { x.g(); } }\n", "x"),
    "c#": ("csharp", "class A { void F() { foreach (Foo x in y) { x.g(); } } }\n", "(x: Foo)"),
}


@pytest.mark.parametrize(("text", "steps"), STEPS.items())
def test_a_path_has_names_and_calls(text: str, steps: str) -> None:
    assert " ".join(steps_of(text)) == steps


@pytest.mark.parametrize(("text", "name"), CLASSES.items())
def test_a_written_type_names_a_class(text: str, name: str) -> None:
    assert class_named(text) == name


@pytest.mark.parametrize(("text", "path"), VALUES.items())
def test_a_value_comes_from_a_path(text: str, path: str) -> None:
    assert value_of(text, language_named("python").typing.literals) == path


@pytest.mark.parametrize(("language", "kind", "signature", "name", "path"), SIGNATURES)
def test_a_signature_tells_what_is_held(
    language: str, kind: str, signature: str, name: str, path: str
) -> None:
    assert declared(signature, name, kind, language_named(language).typing) == path


@pytest.mark.parametrize(("language", "text", "receiver"), LOCALS.values(), ids=LOCALS)
def test_a_local_has_its_type_beside_it(language: str, text: str, receiver: str) -> None:
    found = [one.receiver for one in parse("a", text.encode(), language).references if one.name == "g"]
    assert found == [receiver]


@pytest.mark.parametrize("rest", ["", ".y", "->y.z", "?.y", "::y"])
@pytest.mark.parametrize("type_", ["Foo", "pkg.make()", "a.b().c", LITERAL])
def test_a_receiver_is_read_as_it_was_written(type_: str, rest: str) -> None:
    assert untyped(typed("x", type_) + rest) == (type_, rest.lstrip(".->?:"))


@pytest.mark.parametrize("receiver", ["x", "(x)", "(x).y", "x.y", "(x: T) => y", "f(x: Foo)", "(x as Foo).y"])
def test_what_else_stands_before_a_dot_has_no_type(receiver: str) -> None:
    assert untyped(receiver) == ("", receiver)


def test_a_parameter_has_its_type_in_the_signature() -> None:
    assert parameter("def __init__(self, db: Database[int] = f(1), z=None)", "db") == "Database"
    assert parameter("def __init__(self, db, z=None)", "db") == ""
