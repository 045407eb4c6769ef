"""Edges between references and definitions: other languages, and what holds of all of them."""

from pathlib import Path

import pytest

from memls.index.builder import Builder
from memls.index.code import Place
from memls.index.edges import likeness
from memls.index.rows import Limits
from memls.index.scoping import scoping
from tests.edges import Asked, Case, build, case, check, facts_of, place_of

__all__ = ["case", "facts_of"]  # fixtures

STACKS = {
    "Reader.cs": "class Reader {\n private void Push() {}\n void Read(dynamic r) { r.Push(); }\n}\n",
    "Other.cs": "class Other { void Push() {}\n void Read(dynamic r) { r.Push(); }\n}\n",
}
COLORS = {
    "Color.cs": "namespace N {\n    public enum Color { Red }\n    public enum Shade { Dark }\n}\n",
    "Brush.cs": """
        namespace N {
            public class Brush {
                public Color Color { get; set; }
                public Color Other() {
                    Shade = 1;
                    return Color.Red;
                }
                public Shade Last() { return null; }
                public int Shade { get; set; }
            }
        }
        """,
}
WRITTEN = {
    "Box.cs": "namespace N {\n    public class Box { public Box() { } public int Size { get; set; } }\n}\n",
    "Use.cs": """
        namespace N
        {
            public class Use : Box {
                public void Size() {
                    var one = new Box { Size = 1 };
                    var two = new Box() { Size = 2 };
                }
                public bool Is(object one) { return one is Box; }
            }
        }
        """,
}

CASES: dict[str, Case] = {
    "go: package, import and receiver": (
        {
            "go.mod": """
                module example.com/app

                go 1.22
                """,
            "main.go": """
                package main
                import (
                "example.com/app/store"
                "fmt"
                )
                func main() {
                store.Open()
                fmt.Open()
                helper()
                }
                """,
            "helper.go": "package main\nfunc helper() {}\n",
            "store/store.go": """
                package store
                type Store struct { Base }
                func Open() *Store { return nil }
                func (s *Store) Get() { s.find(); s.Log(); s.Get() }
                """,
            "store/find.go": """
                package store
                type Base struct {}
                func (b *Base) Log() {}
                func (s *Store) find() {}
                """,
        },
        "callees main.go:main",
        """
        main.go:7 call -> store/store.go:Open resolved import
        main.go:9 call -> helper.go:helper resolved same package
        """,
    ),
    "go: a key is a field of the type that is written out; v1 is a package's name": (
        {
            "go.mod": "module example.com/app\n",
            "main.go": """
                package main
                import "example.com/app/api/v1"
                var pods = []*v1.Pod{{Name: "a"}, {Name: "b"}}
                type Pod struct { Name string }
                func main() { use(&v1.Pod{Name: "c"}, Pod{Name: "d"}) }
                """,
            "api/v1/types.go": "package v1\ntype Pod struct { Name string }\n",
        },
        "references api/v1/types.go:Pod.Name",
        """
        main.go:3 write -> api/v1/types.go:Pod.Name resolved class
        main.go:3 write -> api/v1/types.go:Pod.Name resolved class
        main.go:5 write -> api/v1/types.go:Pod.Name resolved class
        """,
    ),
    "go: methods in another file, embedded ones": (
        {
            "s/a.go": """
                package s
                type Store struct { Base }
                func (s *Store) Get() {
                s.find()
                s.Log()
                }
                """,
            "s/b.go": """
                package s
                type Base struct {}
                func (b *Base) Log() {}
                func (s *Store) find() {}
                """,
        },
        "callees s/a.go:Store.Get",
        """
        s/a.go:4 call -> s/b.go:Store.find resolved self
        s/a.go:5 call -> s/b.go:Base.Log resolved base class
        """,
    ),
    "rust: modules, use paths, Self and traits": (
        {
            "Cargo.toml": '[package]\nname = "my-app"\n',
            "src/lib.rs": """
                pub mod a;
                mod b;
                pub fn top() {}
                """,
            "src/a.rs": """
                use crate::b::deep::work as w;
                use std::fmt::work;
                pub struct T;
                pub trait Draw { fn draw(&self) { self.line() } fn line(&self) {} }
                impl Draw for T { fn line(&self) {} }
                impl T { pub fn new() -> Self { T }
                fn go(&self) {
                w();
                Self::new();
                self.draw();
                crate::top();
                super::top();
                 work(); } }
                """,
            "src/b/mod.rs": "pub mod deep;\n",
            "src/b/deep.rs": """
                pub fn work() {}
                mod tests { use super::*; fn t() { work(); crate::a::T::new(); } }
                """,
        },
        "callees src/a.rs:T.go",
        """
        src/a.rs:8 call -> src/b/deep.rs:work resolved import
        src/a.rs:9 call -> src/a.rs:T.new resolved self
        src/a.rs:10 call -> src/a.rs:Draw.draw resolved base class
        src/a.rs:11 call -> src/lib.rs:top resolved import
        src/a.rs:12 call -> src/lib.rs:top resolved import
        """,
    ),
    "rust: a module inside a file": (
        {
            "Cargo.toml": '[package]\nname = "my-app"\n',
            "src/lib.rs": "pub mod b;\npub mod a;\n",
            "src/a.rs": "pub struct T;\nimpl T { pub fn new() -> T { T } }\n",
            "src/b.rs": """
                pub fn work() {}
                mod tests {
                use super::*;
                fn t() {
                work();
                crate::a::T::new();
                } }
                """,
        },
        "callees src/b.rs:tests.t",
        """
        src/b.rs:5 call -> src/b.rs:work resolved star import
        src/b.rs:6 call -> src/a.rs:T.new resolved class
        """,
    ),
    "java: imports, package, inherited and static members, overloads": (
        {
            "src/main/java/p/A.java": """
                package p;
                import q.C;
                import static q.D.f;
                import q.*;
                public class A extends C {
                void x() {
                inherited();
                new E();
                f();
                C.st();
                B.go();
                over();
                this.x();
                super.x();
                }
                void over() {} void over(int a) {} }
                """,
            "src/main/java/p/B.java": "package p;\nclass B { static void go() {} }\n",
            "src/main/java/q/C.java": """
                package q;
                public class C { public C() {} void inherited() {} static void st() {} void x() {} }
                """,
            "src/main/java/q/D.java": "package q;\npublic class D { public static void f() {} }\n",
            "src/main/java/q/E.java": "package q;\npublic class E {}\n",
        },
        "callees src/main/java/p/A.java:A.x",
        """
        src/main/java/p/A.java:7 call -> src/main/java/q/C.java:C.inherited resolved base class
        src/main/java/p/A.java:8 call -> src/main/java/q/E.java:E resolved star import
        src/main/java/p/A.java:9 call -> src/main/java/q/D.java:D.f resolved import
        src/main/java/p/A.java:10 call -> src/main/java/q/C.java:C.st resolved class
        src/main/java/p/A.java:11 call -> src/main/java/p/B.java:B.go resolved class
        src/main/java/p/A.java:12 call -> src/main/java/p/A.java:A.over resolved same scope
        src/main/java/p/A.java:14 call -> src/main/java/q/C.java:C.x resolved base class
        """,
    ),
    "csharp: namespaces, usings, partial and base classes": (
        {
            "a/A.cs": """
                using Shop.Tools;
                using Helper = Other.Deep.Helper;
                namespace Shop.Model;
                public partial class A : Base {
                void X() {
                Inherited();
                Part();
                new Product();
                Tool.Run();
                Helper.Go();
                new Outer();
                this.Part();
                base.Inherited();
                Unknown();
                new Hidden();
                }
                }
                """,
            "b/B.cs": """
                namespace Shop.Model { public class Base { protected void Inherited() {} }
                partial class A { void Part() {} } class Product {} }
                namespace Shop { class Outer {} }
                """,
            "c/C.cs": """
                namespace Shop.Tools { public static class Tool { public static void Run() {} }
                class Product {} }
                namespace Other.Deep { class Helper { public static void Go() {} } class Hidden {} }
                """,
        },
        "callees a/A.cs:Shop.Model.A.X",
        """
        a/A.cs:6 call -> b/B.cs:Shop.Model.Base.Inherited resolved base class
        a/A.cs:7 call -> b/B.cs:Shop.Model.A.Part resolved same class
        a/A.cs:8 call -> b/B.cs:Shop.Model.Product resolved same namespace
        a/A.cs:9 call -> c/C.cs:Shop.Tools.Tool.Run resolved class
        a/A.cs:10 call -> c/C.cs:Other.Deep.Helper.Go resolved class
        a/A.cs:11 call -> b/B.cs:Shop.Outer resolved same namespace
        a/A.cs:12 call -> b/B.cs:Shop.Model.A.Part resolved self
        a/A.cs:13 call -> b/B.cs:Shop.Model.Base.Inherited resolved base class
        """,
    ),
    "csharp: a type that a member has the name of": (
        COLORS,
        "references Color.cs:N.Color",
        """
        Brush.cs:3 type -> Color.cs:N.Color resolved same namespace
        Brush.cs:4 type -> Color.cs:N.Color resolved same namespace
        Brush.cs:6 read -> Color.cs:N.Color candidate same scope, one of 2
        """,
    ),
    "csharp: members of a type that a member has the name of": (
        COLORS,
        "references Color.cs:N.Color.Red",
        "Brush.cs:6 read -> Color.cs:N.Color.Red resolved class",
    ),
    "csharp: keys of what is written out are members of its type": (
        WRITTEN,
        "references Box.cs:N.Box.Size",
        """
        Use.cs:5 write -> Box.cs:N.Box.Size resolved class
        Use.cs:6 write -> Box.cs:N.Box.Size resolved class
        """,
    ),
    "csharp: a key is no method around": (WRITTEN, "references Use.cs:N.Use.Size", ""),
    "csharp: a class is not its constructor in the class below": (
        WRITTEN,
        "references Box.cs:N.Box",
        """
        Use.cs:3 inherit -> Box.cs:N.Box resolved same namespace
        Use.cs:5 call -> Box.cs:N.Box resolved same namespace
        Use.cs:6 call -> Box.cs:N.Box resolved same namespace
        Use.cs:8 read -> Box.cs:N.Box resolved same namespace
        """,
    ),
    "php: a trait's member is before what an interface declares": (
        {
            "a.php": """
                <?php
                interface Runs { function run(); }
                trait Running { function run() {} }
                class Job implements Runs { use Running; }
                function all(Job $job) { $job->run(); }
                """
        },
        "callees a.php:all",
        "a.php:5 call -> a.php:Running.run resolved declared type",
    ),
    "kotlin: what is read may be a property outside": (
        {
            "a.kt": """
                fun Expr.size(): Int = 1
                fun Expr.all() = pack(size)
                fun some() = size()
                """
        },
        "references a.kt:size",
        """
        a.kt:3 call -> a.kt:size resolved same file
        a.kt:2 read -> a.kt:size candidate same file
        """,
    ),
    **{
        f"fields without a receiver: {name}": (
            {name: text},
            f"references {name}:A.n",
            f"{name}:3 read -> {name}:A.n resolved same scope",
        )
        for name, text in {
            "A.java": "class A {\n int n;\n int get() { return n; }\n int of(int n) { return n; }\n}\n",
            "A.cs": "class A {\n int n;\n int Get() { return n; }\n int Of(int n) { return n; }\n}\n",
            "a.kt": "class A {\n val n = 1\n fun get() = n\n fun of(n: Int) = n\n}\n",
            "a.swift": "class A {\n var n = 1\n func get() -> Int { return n }\n}\n",
            "a.scala": "class A {\n val n = 1\n def get() = n\n def of(n: Int) = n\n}\n",
            "a.cpp": "struct A {\n int n;\n int get() { return n; }\n int of(int n) { return n; }\n};\n",
        }.items()
    },
    "names that are not ASCII": (
        {"a.py": "größe = 1\ndef zeige(): return größe\nprint(größe)\n"},
        "references a.py:größe",
        """
        a.py:2 read -> a.py:größe resolved same file
        a.py:3 read -> a.py:größe resolved same file
        """,
    ),
    "what is private is no candidate of other files": (
        STACKS,
        "references Reader.cs:Reader.Push",
        "Reader.cs:3 call -> Reader.cs:Reader.Push candidate only candidates by name (2)",
    ),
    "what is not private may be meant where a private one is not": (
        STACKS,
        "references Other.cs:Other.Push",
        """
        Other.cs:2 call -> Other.cs:Other.Push candidate only candidate by name
        Reader.cs:3 call -> Other.cs:Other.Push candidate only candidates by name (2)
        """,
    ),
    "csharp: a member that is called like a type, but has another": (
        COLORS,
        "references Brush.cs:N.Brush.Color",
        "Brush.cs:6 read -> Brush.cs:N.Brush.Color candidate same scope, one of 2",
    ),
    "java: a type that a field has the name of": (
        {
            "p/Size.java": "package p;\npublic enum Size { BIG }\n",
            "p/Box.java": """
                package p;
                class Box {
                    Size Size = p.Size.BIG;
                    Size size() { return null; }
                }
                """,
        },
        "references p/Size.java:Size",
        """
        p/Box.java:3 type -> p/Size.java:Size resolved same package
        p/Box.java:4 type -> p/Size.java:Size resolved same package
        """,
    ),
    "ruby: self, constants, base classes, and candidates by name": (
        {
            "lib/a.rb": """
                module Shop
                  class A < Base
                    def x
                      own(1)
                      self.own(2)
                      inherited
                      Tool.run
                      Shop::Tool.run
                      helper(3)
                      thing.run
                    end
                    def own(n); end
                  end
                end
                """,
            "lib/b.rb": """
                module Shop
                  class Base
                    def inherited; end
                  end
                  class Tool
                    def self.run; end
                  end
                end
                def helper(n); end
                """,
        },
        "callees lib/a.rb:Shop.A.x",
        """
        lib/a.rb:4 call -> lib/a.rb:Shop.A.own resolved same scope
        lib/a.rb:5 call -> lib/a.rb:Shop.A.own resolved self
        lib/a.rb:7 call -> lib/b.rb:Shop.Tool.run resolved class
        lib/a.rb:8 call -> lib/b.rb:Shop.Tool.run resolved class
        lib/a.rb:9 call -> lib/b.rb:helper candidate only candidate by name
        lib/a.rb:10 call -> lib/b.rb:Shop.Tool.run candidate only candidate by name
        """,
    ),
    "php: use, namespaces, $this, self and parent": (
        {
            "src/A.php": """
                <?php
                namespace App\\Model;
                use App\\Tools\\Tool;
                use App\\Tools\\Level as L;
                use function App\\Tools\\helper;
                class A extends Base {
                function x($b) {
                $this->own();
                self::own();
                parent::inherited();
                $this->inherited();
                Tool::run();
                new L();
                helper();
                new Near();
                own();
                strlen('x');
                $b->run();
                new Above();
                }
                function own() {}
                }
                """,
            "src/B.php": """
                <?php
                namespace App\\Model;
                class Base { function inherited() {} }
                class Near {}
                """,
            "src/C.php": """
                <?php
                namespace App\\Tools;
                class Tool { static function run() {} }
                class Level {}
                function helper() {}
                """,
            "src/D.php": "<?php\nnamespace App;\nclass Above {}\n",
        },
        "callees src/A.php:App.Model.A.x",
        """
        src/A.php:8 call -> src/A.php:App.Model.A.own resolved self
        src/A.php:9 call -> src/A.php:App.Model.A.own resolved self
        src/A.php:10 call -> src/B.php:App.Model.Base.inherited resolved base class
        src/A.php:11 call -> src/B.php:App.Model.Base.inherited resolved base class
        src/A.php:12 call -> src/C.php:App.Tools.Tool.run resolved class
        src/A.php:13 call -> src/C.php:App.Tools.Level resolved import
        src/A.php:14 call -> src/C.php:App.Tools.helper resolved import
        src/A.php:15 call -> src/B.php:App.Model.Near resolved same namespace
        src/A.php:18 call -> src/C.php:App.Tools.Tool.run candidate only candidate by name
        src/A.php:19 call -> src/D.php:App.Above candidate only candidate by name
        """,
    ),
    "ruby: a local is not the method of its name; a class is sure of its own": (
        {
            "a.rb": """
                class Shelf
                  def name; end
                  def all
                    name = take
                    name
                    self.note(1)
                    gone
                  end
                  def take; end
                  def note(x); end
                end
                """,
            "b.rb": "def use(shelf)\n  shelf.note(2)\nend\n",
        },
        "references a.rb:Shelf.note",
        """
        a.rb:6 call -> a.rb:Shelf.note resolved self
        b.rb:2 call -> a.rb:Shelf.note candidate only candidate by name
        """,
    ),
    "php: members of the object around": (
        {"a.php": "<?php\nclass A {\nfunction m() {\n$this->n();\nself::n();\n}\nfunction n() {}\n}\n"},
        "callees a.php:A.m",
        "a.php:4 call -> a.php:A.n resolved self\na.php:5 call -> a.php:A.n resolved self",
    ),
    "c#: members of the object around": (
        {"A.cs": "class A {\nvoid M() {\nN();\nthis.N();\n}\nvoid N() {}\n}\n"},
        "callees A.cs:A.M",
        "A.cs:3 call -> A.cs:A.N resolved same scope\nA.cs:4 call -> A.cs:A.N resolved self",
    ),
    "kotlin: members of the object around": (
        {"a.kt": "class A {\nfun m() {\nn()\nthis.n()\n}\nfun n() {}\n}\n"},
        "callees a.kt:A.m",
        "a.kt:3 call -> a.kt:A.n resolved same scope\na.kt:4 call -> a.kt:A.n resolved self",
    ),
    "swift: members of the object around, and of an extension": (
        {
            "a.swift": """
                class A {
                func m() {
                n()
                self.o()
                }
                func n() {}
                }
                extension A {
                func o() {}
                }
                """
        },
        "callees a.swift:A.m",
        "a.swift:3 call -> a.swift:A.n resolved same scope\na.swift:4 call -> a.swift:A.o resolved self",
    ),
    "scala: members of the object around": (
        {"a.scala": "class A {\n  def m() = {\n    n()\n    this.n()\n  }\n  def n() = 1\n}\n"},
        "callees a.scala:A.m",
        "a.scala:3 call -> a.scala:A.n resolved same scope\na.scala:4 call -> a.scala:A.n resolved self",
    ),
    "lua: a function of a table": (
        {"a.lua": "local A = {}\nfunction A:n() end\nfunction A:m()\nself:n()\nend\nA.n(A)\n"},
        "references a.lua:A.n",
        """
        a.lua:6 call -> a.lua:A.n resolved object
        a.lua:4 call -> a.lua:A.n candidate only candidate by name
        """,
    ),
    "bash: a function of the file": (
        {"a.sh": "take() {\n  echo 1\n}\nuse() {\n  take milk\n}\n"},
        "callees a.sh:use",
        "a.sh:5 call -> a.sh:take resolved same file",
    ),
    "languages do not mix": (
        {"a.py": "def f(): pass\n", "b.js": "f();\nx.f();\n", "c.go": "package c\nfunc g() { f() }\n"},
        "references a.py:f",
        "",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_edges(case: Asked) -> None:
    check(*case)


def test_import_edges_stand_at_the_name(tmp_path: Path) -> None:
    resolver, database = build(
        tmp_path, {"a.py": "def f(): pass\n", "b.py": "x = 'ä'; from a import g, f as h\n"}
    )
    edges = resolver.references(place_of(database, "a.py:f"))
    assert [(edge.line, edge.column) for edge in edges] == [(1, 27)]


@pytest.mark.parametrize(
    ("receiver", "owner", "expected"),
    [
        ("", "Session", 0.0),
        ("session", "", 0.0),
        ("self._session", "Session", 1.0),
        ("server!.environments.client.pluginContainer", "EnvironmentPluginContainer", 0.8),
        ("this._container", "EnvironmentPluginContainer", 0.5),
        ("open_session(app.store)[0]", "Session", 2 / 3),
        ("(await loadCSS())", "Session", 0.0),
        ("'a, b'", "Session", 0.0),
    ],
)
def test_an_object_is_called_as_its_class_is(receiver: str, owner: str, expected: float) -> None:
    assert likeness(receiver, f"app.{owner}.run" if owner else "run") == pytest.approx(expected)


def test_the_likeliest_candidates_come_first(tmp_path: Path) -> None:
    """By what the receiver is called, then by folder; what tests use comes last."""
    use = "def use(x, plugin_box):\n    {}.run()\n"
    resolver, database = build(
        tmp_path,
        {
            "lib/box.py": "class PluginBox:\n    def run(self): pass\n",
            "a.py": use.format("x"),
            "lib/near.py": use.format("x"),
            "lib/tests/test_box.py": use.format("plugin_box"),
            "z.py": use.format("plugin_box"),
        },
    )
    edges = resolver.callers(place_of(database, "lib/box.py:PluginBox.run"))
    assert {edge.status for edge in edges} == {"candidate"}
    assert [edge.path for edge in edges] == ["z.py", "lib/near.py", "a.py", "lib/tests/test_box.py"]


def test_what_an_unknown_object_can_be_is_told_the_likeliest_first(tmp_path: Path) -> None:
    box = "class {}:\n    def run(self): pass\n"
    resolver, _ = build(
        tmp_path,
        {
            "app/use.py": "def use(plugin_box):\n    plugin_box.run()\n",
            "app/near.py": box.format("Near"),
            "app/examples/box.py": box.format("PluginBox"),
            "lib/box.py": box.format("PluginBox"),
        },
    )
    edges = resolver.definitions_at("app/use.py", 2, 15)
    assert [edge.target.path for edge in edges] == ["lib/box.py", "app/near.py", "app/examples/box.py"]


def test_what_is_not_indexed_has_no_edges(tmp_path: Path) -> None:
    resolver, _ = build(tmp_path, {"a.py": "def f(): pass\nf()\n"})
    gone = Place("gone.py", "f", "function", 1, 1, "")
    for question in (resolver.references, resolver.callers, resolver.callees, resolver.implementations):
        assert question(gone) == []
    assert resolver.importers("gone.py") == resolver.definitions_at("gone.py", 1, 0) == []


def test_answers_follow_the_index(tmp_path: Path) -> None:
    resolver, database = build(tmp_path, {"a.py": "def f(): pass\n", "b.py": "from a import f\nf()\n"})
    assert len(resolver.callers(place_of(database, "a.py:f"))) == 1
    (tmp_path / "c.py").write_text("import a\na.f()\n")
    (tmp_path / "b.py").unlink()
    Builder(tmp_path, database, Limits()).catch_up()
    assert [edge.path for edge in resolver.callers(place_of(database, "a.py:f"))] == ["c.py"]


def test_a_use_means_the_definition_before_it(tmp_path: Path) -> None:
    resolver, _ = build(
        tmp_path, {"a.py": "def f():\n    class K: pass\n    K()\n    class K: pass\n    K()\n"}
    )
    lines = [resolver.definitions_at("a.py", line, 4)[0].target.line for line in (3, 5)]
    assert lines == [2, 4]


def test_answers_follow_what_manifests_say(tmp_path: Path) -> None:
    config = '{"compilerOptions": {"paths": {"@/*": ["./%s/*"]}}}'
    package = '{"name": "%s", "workspaces": ["lib"]}'
    resolver, database = build(
        tmp_path,
        {
            "tsconfig.json": config % "one",
            "package.json": package % "root",
            "lib/package.json": '{"name": "lib"}',
            "lib/index.ts": "export function h() {}\n",
            "one/a.ts": "export function f() {}\n",
            "two/a.ts": "export function f() {}\n",
            "use.ts": "import { f } from '@/a';\nimport { h } from 'lib';\nf(); h();\n",
        },
    )
    builder = Builder(tmp_path, database, Limits())

    def led() -> list[str]:
        return [
            edge.target.path for column in (0, 5) for edge in resolver.definitions_at("use.ts", 3, column)
        ]

    assert led() == ["one/a.ts", "lib/index.ts"]
    (tmp_path / "tsconfig.json").write_text(config % "two")
    builder.update(["tsconfig.json"])
    assert led() == ["two/a.ts", "lib/index.ts"]
    (tmp_path / "lib/package.json").write_text('{"name": "other"}')
    (tmp_path / "tsconfig.json").unlink()
    builder.catch_up()
    assert led() == []


@pytest.mark.parametrize(
    ("language", "signature", "expected"),
    [
        ("csharp", "private void Push()", True),
        ("csharp", "private protected void Push()", False),
        ("csharp", "protected private void Push()", False),
        ("scala", "private def push()", True),
        ("scala", "private[shop] def push()", False),
        ("swift", "fileprivate func push()", True),
        ("typescript", "private async push(): Promise<void>", True),
        ("typescript", "push(private: boolean): void", False),
    ],
)
def test_what_only_its_own_file_sees(language: str, signature: str, expected: bool) -> None:
    private = scoping(language).private
    assert private is not None and bool(private.search(signature)) is expected
