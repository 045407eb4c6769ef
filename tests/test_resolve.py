"""Edges between references and definitions, on small repositories written out here.

An edge is written `site role -> target status reason`.
"""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from memls.database import INDEX, Database
from memls.index import facts
from memls.index.builder import Builder
from memls.index.code import Place
from memls.index.edges import likeness
from memls.index.resolve import Edge, Resolver
from memls.index.rows import Limits
from memls.index.scoping import scoping

Repository = dict[str, str]


def build(root: Path, repository: Repository) -> tuple[Resolver, Database]:
    """An index of the repository, in memory."""
    for path, text in repository.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), "utf-8")
    database = Database(None, INDEX)
    Builder(root, database, Limits()).catch_up()
    return Resolver(database), database


def place_of(database: Database, name: str) -> Place:
    """A definition as `path:symbol`, or a file as `path`."""
    path, _, symbol = name.partition(":")
    if not symbol:
        return Place(path, "", "file", 1, 1000, "")
    rows = database.read(
        """SELECT f.path, s.qualified_name, s.kind, s.line, s.end_line, s.signature
        FROM symbols s JOIN files f ON f.id = s.file
        WHERE f.path = ? AND s.qualified_name = ? ORDER BY s.ordinal""",
        [path, symbol],
    )
    assert rows, f"no symbol {name}"
    return Place(*rows[0])


def written(edge: Edge) -> str:
    target = f"{edge.target.path}:{edge.target.symbol}".rstrip(":")
    return f"{edge.path}:{edge.line} {edge.role} -> {target} {edge.status} {edge.reason}"


def check(resolver: Resolver, database: Database, question: str, expected: str) -> None:
    """`question` is `references a.py:f`, `callees …`, or `at a.py:3:4`."""
    verb, _, what = question.partition(" ")
    if verb == "at":
        path, line, column = what.split(":")
        edges = resolver.definitions_at(path, int(line), int(column))
    elif verb == "importers":
        edges = resolver.importers(what)
    else:
        edges = getattr(resolver, verb)(place_of(database, what))
    assert [written(edge) for edge in edges] == dedent(expected).strip().splitlines()


Case = tuple[Repository, str, str]
Asked = tuple[Resolver, Database, str, str]

STACKS = {
    "Reader.cs": "class Reader {\n private void Push() {}\n void Read(dynamic r) { r.Push(); }\n}\n",
    "Other.cs": "class Other { void Push() {}\n void Read(dynamic r) { r.Push(); }\n}\n",
}
RENAMED = {
    "a.ts": "import { C, round } from './b'\nnew C()\nround()\n",
    "b.ts": """
        class K {}
        export { K as C, again as round }
        new K(); C()
        import { over as again } from './c'
        """,
    "c.ts": "import { round } from './b'\nexport { round as over }\n",
}
USINGS = {
    "db.h": """
        namespace lv {
        class DB { public: int get(); };
        class Slice { public: int data() { return 1; } };
        enum class Color { Red };
        namespace in { class Deep { public: void dive() {} }; }
        }
        namespace other { class Slice { public: int data() { return 2; } }; }
        """,
    "db.cc": "namespace lv { int DB::get() { return 1; } }\n",
    "c.cc": """
        using lv::DB;
        using boost::gone;
        struct t { DB* rep; };
        int f(t* x, DB& d) { x->rep->get(); d.get(); }
        int g() {
          using lv::Slice;
          using namespace lv::in;
          using enum lv::Color;
          Slice s; s.data();
          Deep d; d.dive();
          return Red;
        }
        int h(Slice s) { s.data(); gone(); }
        """,
    "d.cc": """
        using namespace lv;
        int f(Slice& s, in::Deep d) { s.data(); d.dive(); }
        namespace other { int g(Slice& s) { s.data(); } }
        """,
    "e.cc": """
        using namespace lv;
        using namespace other;
        int f(Slice& s) { s.data(); }
        """,
    "gone.cc": "void gone() {}\n",
}
MEMBERS_BY_USING = {
    "db.h": """
        namespace lv {
        class DB { public: int get(); int put(int a); int own_; };
        namespace in { class Deep { public: void dive(); }; }
        }
        class Job { public: int get(); };
        """,
    "db.cc": """
        using namespace lv;
        using lv::in::Deep;
        int DB::get() { return own_ + put(2) + this->put(1); }
        int DB::put(int a) { return a; }
        void Deep::dive() {}
        """,
    "use.cc": "void f(lv::DB& d, lv::in::Deep e, Job j) { d.get(); e.dive(); }\n",
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
STORE = {
    "store.h": """
        // Licence
        namespace db {
        class API Store : public Base {
         public:
          explicit Store(int size);
          virtual ~Store();
          static int limit() { return 1; }
          void put(int key) REQUIRES(lock_) { puts_++; }
          int count() const;
         private:
          enum Kind { kSmall, kLarge };
          Lock lock_;
          int puts_ GUARDED_BY(lock_) = 0;
          int size_;
        };
        extern int opened;
        int open(int count);
        }
        """,
    "store.cpp": """
        #include "store.h"
        namespace db {
        int opened = 0;
        Store::Store(int size) : size_(size) { opened++; }
        int Store::count() const {
          int puts = puts_;
          Kind kind(kSmall);
          return kind == kLarge ? puts : size_;
        }
        int open(int count) { return db::Store::limit() + count; }
        }
        """,
}
ENUMS = {
    "k.h": "typedef struct thing Thing;\nenum mode { FAST_MODE, SLOW_MODE };\n",
    "a.c": """
        #include "k.h"
        enum { OWN_MODE };
        int f(Thing *t) { return FAST_MODE; }
        int g(void) { return OWN_MODE; }
        """,
    "stub.c": "typedef struct { int a; } Thing;\nenum other { SLOW_MODE };\n",
    "k.hpp": "namespace n { enum Mode { QUICK_MODE }; enum class Kind { ROUND_KIND }; }\n",
    "main.cpp": """
        #include "k.hpp"
        int f() { return n::QUICK_MODE; }
        int g() { return n::ROUND_KIND; }
        int h() { return (int) n::Kind::ROUND_KIND; }
        """,
}

SHAPES = {
    "pkg/__init__.py": "",
    "pkg/base.py": """
        class Base:
            def area(self): pass
            def draw(self):
                self.area()
        """,
    "pkg/shapes.py": """
        from .base import Base
        from unittest import TestCase
        class Square(Base):
            def area(self):
                super().area()
                super(Square, self).draw()
                return self.draw()
            @classmethod
            def make(cls):
                return cls().area(), cls.area
        class Odd(TestCase, Base):
            def go(self):
                self.draw()
        """,
    "pkg/use.py": """
        from pkg import shapes
        from pkg.shapes import Square
        def f(thing):
            Square.area(thing)
            shapes.Square()
            thing.area()
            "".area()
        """,
}

PYTHON: dict[str, Case] = {
    "same file, and a nested function before it": (
        {
            "a.py": """
                def f(): pass
                def g():
                    f()
                def h():
                    def f(): pass
                    f()
                """
        },
        "references a.py:f",
        "a.py:3 call -> a.py:f resolved same file",
    ),
    "a nested function": (
        {
            "a.py": """
            def f(): pass
            def h():
                def f(): pass
                def g(): f()
            """
        },
        "callees a.py:h.g",
        "a.py:4 call -> a.py:h.f resolved same scope",
    ),
    "import, alias and re-export": (
        {
            "pkg/__init__.py": "from .core import work as run\n",
            "pkg/core.py": "def work(): pass\n",
            "one.py": "from pkg import run\nrun()\n",
            "two.py": "import pkg.core as c\nc.work()\n",
            "three.py": """
                import pkg.core
                pkg.core.work()
                pkg.run()
                """,
            "four.py": """
                from pkg.core import work as w
                def f():
                    w()
                """,
        },
        "references pkg/core.py:work",
        """
        four.py:1 import -> pkg/core.py:work resolved import
        four.py:3 call -> pkg/core.py:work resolved import
        one.py:1 import -> pkg/core.py:work resolved import
        one.py:2 call -> pkg/core.py:work resolved import
        pkg/__init__.py:1 import -> pkg/core.py:work resolved import
        three.py:2 call -> pkg/core.py:work resolved import
        three.py:3 call -> pkg/core.py:work resolved import
        two.py:2 call -> pkg/core.py:work resolved import
        """,
    ),
    "star imports, not of private names": (
        {
            "a/__init__.py": "from .b import *\n",
            "a/b.py": "from .c import *\ndef _hidden(): pass\n",
            "a/c.py": "def f(): pass\n",
            "use.py": """
                from a import *
                f()
                _hidden()
                """,
        },
        "callees use.py",
        "use.py:2 call -> a/c.py:f resolved star import",
    ),
    "relative imports and submodules": (
        {
            "a/__init__.py": "",
            "a/b/__init__.py": "from . import one\n",
            "a/b/one.py": """
                from ..c import g
                from ... import nothing
                def f(): g()
                """,
            "a/c.py": "def g(): pass\n",
            "use.py": "import a.b\na.b.one.f()\n",
        },
        "references a/c.py:g",
        """
        a/b/one.py:1 import -> a/c.py:g resolved import
        a/b/one.py:3 call -> a/c.py:g resolved import
        """,
    ),
    "a submodule through its package": (
        {
            "a/__init__.py": "",
            "a/b/__init__.py": "from . import one\n",
            "a/b/one.py": "def f(): pass\n",
            "use.py": """
                import a.b
                from a import b as c
                a.b.one.f()
                c.one.f()
                """,
        },
        "callers a/b/one.py:f",
        """
        use.py:3 call -> a/b/one.py:f resolved import
        use.py:4 call -> a/b/one.py:f resolved import
        """,
    ),
    "folders without __init__.py": (
        {
            "src/space/part/mod.py": "def f(): pass\n",
            "src/app.py": """
                import space.part.mod
                from space.part import mod
                from space.part.mod import f
                f()
                mod.f()
                """,
        },
        "callers src/space/part/mod.py:f",
        """
        src/app.py:4 call -> src/space/part/mod.py:f resolved import
        src/app.py:5 call -> src/space/part/mod.py:f resolved import
        """,
    ),
    "a cycle of imports ends": (
        {
            "a.py": """
                from b import x
                from b import *
                x()
                y()
                """,
            "b.py": "from a import x\nfrom a import *\n",
        },
        "callees a.py",
        "",
    ),
    "the standard library is not a file of the same name": (
        {
            "app/json.py": "def loads(): pass\n",
            "app/__init__.py": "",
            "app/use.py": """
                import json
                from json import loads
                json.loads()
                loads()
                len([])
                """,
        },
        "references app/json.py:loads",
        "",
    ),
    "an import in a function binds there alone": (
        {
            "a.py": "def f(): pass\n",
            "b.py": """
                def g():
                    from a import f
                    f()
                def h():
                    f()
                """,
        },
        "callers a.py:f",
        "b.py:3 call -> a.py:f resolved import",
    ),
    "two bindings are candidates": (
        {
            "a.py": "def f(): pass\n",
            "b.py": """
                try:
                    from a import f
                except ImportError:
                    def f(): pass
                f()
                """,
        },
        "references a.py:f",
        """
        b.py:2 import -> a.py:f resolved import
        b.py:5 call -> a.py:f candidate same file, one of 2
        """,
    ),
    "an alternative outside is a candidate": (
        {
            "a.py": "def f(): pass\n",
            "b.py": """
                try:
                    from fast import f
                except ImportError:
                    from a import f
                f()
                """,
        },
        "callers a.py:f",
        "b.py:5 call -> a.py:f candidate import",
    ),
    "self, super, classes and base classes of another module": (
        SHAPES,
        "references pkg/base.py:Base.area",
        """
        pkg/base.py:4 call -> pkg/base.py:Base.area resolved self
        pkg/shapes.py:5 call -> pkg/base.py:Base.area resolved base class
        pkg/shapes.py:10 call -> pkg/base.py:Base.area candidate only candidates by name (2)
        pkg/use.py:6 call -> pkg/base.py:Base.area candidate only candidates by name (2)
        """,
    ),
    "members through a class": (
        SHAPES,
        "references pkg/shapes.py:Square.area",
        """
        pkg/shapes.py:10 read -> pkg/shapes.py:Square.area resolved self
        pkg/use.py:4 call -> pkg/shapes.py:Square.area resolved class
        pkg/shapes.py:10 call -> pkg/shapes.py:Square.area candidate only candidates by name (2)
        pkg/use.py:6 call -> pkg/shapes.py:Square.area candidate only candidates by name (2)
        """,
    ),
    "a base outside the repository comes first": (
        SHAPES,
        "callees pkg/shapes.py:Odd.go",
        "pkg/shapes.py:13 call -> pkg/base.py:Base.draw candidate base class, if none outside has it",
    ),
    "callees": (
        SHAPES,
        "callees pkg/use.py:f",
        """
        pkg/use.py:4 call -> pkg/shapes.py:Square.area resolved class
        pkg/use.py:5 call -> pkg/shapes.py:Square resolved import
        pkg/use.py:6 call -> pkg/base.py:Base.area candidate only candidates by name (2)
        pkg/use.py:6 call -> pkg/shapes.py:Square.area candidate only candidates by name (2)
        """,
    ),
    "callees of a class: what constructing it runs": (
        {
            "a.py": """
                def f(): ...
                def g(): ...
                def h(): ...
                def mark(method): return method
                class A:
                    size = f()
                    def __init__(self): g()
                    @mark
                    def later(self): h()
                    class Inner:
                        one = h()
                """
        },
        "callees a.py:A",
        """
        a.py:6 call -> a.py:f resolved same file
        a.py:7 call -> a.py:g resolved same file
        a.py:8 decorator -> a.py:mark resolved same file
        """,
    ),
    "who names it as base": (
        SHAPES,
        "implementations pkg/base.py:Base",
        """
        pkg/shapes.py:3 inherit -> pkg/base.py:Base resolved import
        pkg/shapes.py:11 inherit -> pkg/base.py:Base resolved import
        """,
    ),
    "who overrides it, also further below": (
        {
            "a.py": "class A:\n    def f(self): pass\n",
            "b.py": "from a import A as Z\nclass B(Z): pass\n",
            "c.py": """
                import b
                class C(b.B):
                    def f(self): pass
                class A:
                    def f(self): pass
                """,
        },
        "implementations a.py:A.f",
        "c.py:3 inherit -> a.py:A.f resolved overrides",
    ),
    "who imports it": (
        {**SHAPES, "other.py": "import pkg\nimport shapes\n"},
        "importers pkg/shapes.py",
        """
        pkg/use.py:1 import -> pkg/shapes.py resolved import
        pkg/use.py:2 import -> pkg/shapes.py resolved import
        """,
    ),
    "who constructs it": (
        {
            "a.py": """
                class A:
                    def __init__(self): pass
                class B(A):
                    def __init__(self):
                        super().__init__()
                """,
            "b.py": "from a import A\nA()\n",
        },
        "callers a.py:A.__init__",
        """
        a.py:5 call -> a.py:A.__init__ resolved base class
        b.py:2 call -> a.py:A.__init__ resolved constructs: import
        """,
    ),
    "decorators stand outside of what they decorate": (
        {
            "a.py": """
                def f(g): return g
                class A:
                    @f
                    def f(self): pass
                    @f
                    def h(self): pass
                """
        },
        "callers a.py:f",
        "a.py:3 decorator -> a.py:f resolved same file",
    ),
    "a class of the same name as its base": (
        {
            "a.py": "class Form: pass\n",
            "b.py": """
            import a
            class Form(a.Form): pass
            Form()
            """,
        },
        "references a.py:Form",
        "b.py:2 inherit -> a.py:Form resolved import",
    ),
    "at a use": (
        SHAPES,
        "at pkg/use.py:4:12",
        "pkg/use.py:4 call -> pkg/shapes.py:Square.area resolved class",
    ),
    "at a module": (SHAPES, "at pkg/use.py:5:4", "pkg/use.py:5 read -> pkg/shapes.py resolved import"),
    "at an import": (
        SHAPES,
        "at pkg/use.py:2:24",
        "pkg/use.py:2 import -> pkg/shapes.py:Square resolved import",
    ),
    "at the module of an import": (
        SHAPES,
        "at pkg/use.py:2:11",
        "pkg/use.py:2 import -> pkg/shapes.py resolved import",
    ),
    "at a definition": (
        SHAPES,
        "at pkg/shapes.py:4:9",
        "pkg/shapes.py:4 read -> pkg/shapes.py:Square.area resolved definition",
    ),
    "at nothing": (SHAPES, "at pkg/shapes.py:4:1", ""),
}

PACKAGES = {
    "package.json": '{"workspaces": ["libs/*"]}',
    "tsconfig.json": '{"compilerOptions": {"paths": {"~button": ["./app/parts/button"]}}}',
    "libs/math/package.json": '{"name": "@x/math", "exports": {".": {"types": "./dist/index.d.ts"}}}',
    "libs/math/src/index.ts": "export * from './point';\nexport { default as area } from './shape';\n",
    "libs/math/src/point.ts": "export function pointFrom() {}\n",
    "libs/math/src/shape.ts": "export default function size() {}\n",
    "app/parts/button.tsx": "export const Button = () => null;\n",
    "app/use.tsx": """
        import {
          pointFrom,
          area,
        } from "@x/math";
        import * as math from "@x/math";
        import { Button } from "~button";
        import { useState } from "react";
        pointFrom();
        math.pointFrom();
        area();
        const shown = <Button />;
        useState();
        """,
}

COMPONENTS = {
    "parts/CartLine.vue": "<script>\nexport const LIMIT = 1\nexport default {}\n</script>\n<b></b>\n",
    "parts/index.ts": "export { default as Line } from './CartLine.vue';\nexport function price() {}\n",
    "other/index.vue": "<template><b/></template>\n",
    "main.ts": """
        import Renamed from './parts/CartLine.vue';
        import { LIMIT } from './parts/CartLine.vue';
        Renamed(LIMIT);
        """,
    "Page.vue": """
        <script setup>
        import CartLine from './parts/CartLine'
        import Other from './other/index.vue'
        import { Line, price } from './parts'
        </script>
        <template><CartLine><Line v-for="x of []"/></CartLine>
        {{ price(x) }}<Other/></template>
        """,
    "Shop.vue": "<template>\n<CartLine/></template>\n",
}

OTHERS: dict[str, Case] = {
    "javascript: named, default, namespace and re-exported": (
        {
            "lib/index.js": "export { work as run } from './core';\nexport * from './more.js';\n",
            "lib/core.js": """
                export function work() {}
                export default class Core { static go() { this.help() } static help() {} }
                """,
            "lib/more.js": "export const more = () => 1;\n",
            "app.js": """
                import Core, { work } from './lib/core';
                import * as lib from './lib';
                import fs from 'fs';
                work();
                lib.run();
                lib.more();
                Core.go();
                new Core();
                fs.work();
                """,
        },
        "callees app.js",
        """
        app.js:4 call -> lib/core.js:work resolved import
        app.js:5 call -> lib/core.js:work resolved import
        app.js:6 call -> lib/more.js:more resolved import
        app.js:7 call -> lib/core.js:Core.go resolved class
        app.js:8 call -> lib/core.js:Core resolved import
        """,
    ),
    "javascript: require, this and super": (
        {
            "base.js": "class Base { run() { this.stop() } stop() {} }\nmodule.exports = Base;\n",
            "app.js": """
                const Base = require('./base');
                class App extends Base { run() { super.run(); this.stop() } }
                """,
        },
        "callees app.js:App.run",
        """
        app.js:2 call -> base.js:Base.run resolved base class
        app.js:2 call -> base.js:Base.stop resolved base class
        """,
    ),
    "typescript: types, interfaces and .js for .ts": (
        {
            "t.ts": "export interface Shape { area(): number }\nexport type Id = string;\n",
            "u.tsx": """
                import type { Shape, Id } from './t.js';
                export class Box implements Shape { id: Id; area() { return 1 } }
                """,
        },
        "references t.ts:Shape",
        """
        u.tsx:1 import -> t.ts:Shape resolved import
        u.tsx:2 inherit -> t.ts:Shape resolved import
        """,
    ),
    "typescript: packages, paths and names that are re-exported": (
        PACKAGES,
        "callees app/use.tsx",
        """
        app/use.tsx:8 call -> libs/math/src/point.ts:pointFrom resolved import
        app/use.tsx:9 call -> libs/math/src/point.ts:pointFrom resolved import
        app/use.tsx:10 call -> libs/math/src/shape.ts:size resolved import
        app/use.tsx:11 call -> app/parts/button.tsx:Button resolved import
        """,
    ),
    "c++: a class by `using`": (
        USINGS,
        "references db.h:lv.DB",
        """
        c.cc:1 import -> db.h:lv.DB resolved using
        c.cc:3 type -> db.h:lv.DB resolved using
        c.cc:4 type -> db.h:lv.DB resolved using
        db.cc:1 type -> db.h:lv.DB resolved only external definition
        """,
    ),
    "c++: members of classes by `using`": (
        USINGS,
        "callees c.cc:f",
        """
        c.cc:4 call -> db.cc:lv.DB.get resolved declared type
        c.cc:4 call -> db.cc:lv.DB.get resolved declared type
        """,
    ),
    "c++: `using` in a function": (
        USINGS,
        "callees c.cc:g",
        """
        c.cc:9 call -> db.h:lv.Slice.data resolved declared type
        c.cc:10 call -> db.h:lv.in.Deep.dive resolved declared type
        """,
    ),
    "c++: a member of an enumeration by `using`": (
        USINGS,
        "at c.cc:11:9",
        "c.cc:11 read -> db.h:lv.Color.Red resolved using",
    ),
    "c++: `using` in another function, and of what is outside": (
        USINGS,
        "callees c.cc:h",
        """
        c.cc:13 call -> db.h:lv.Slice.data candidate only candidates by name (2)
        c.cc:13 call -> db.h:other.Slice.data candidate only candidates by name (2)
        """,
    ),
    "c++: types that are called like each other in a circle": (
        {
            "a.h": """
                namespace n { using Foo = m::Foo; using Bar = Foo; struct S { Bar b; }; }
                namespace m { using Foo = n::Foo; }
                """,
            "b.cpp": "int g(n::S& s) { return s.b.y(); }\n",
        },
        "callees b.cpp:g",
        "",
    ),
    "c++: members that are written without their namespace": (
        MEMBERS_BY_USING,
        "callees use.cc:f",
        """
        use.cc:1 call -> db.cc:DB.get resolved declared type
        use.cc:1 call -> db.cc:Deep.dive resolved declared type
        """,
    ),
    "c++: inside of such a member": (
        MEMBERS_BY_USING,
        "callees db.cc:DB.get",
        """
        db.cc:3 call -> db.cc:DB.put resolved same scope
        db.cc:3 call -> db.cc:DB.put resolved self
        """,
    ),
    "c++: a field inside of such a member": (
        MEMBERS_BY_USING,
        "references db.h:lv.DB.own_",
        "db.cc:3 read -> db.h:lv.DB.own_ resolved same class",
    ),
    "c++: a type that a source file has for itself": (
        {
            "a.h": "namespace n { class A {}; }\n",
            "a_test.cc": "namespace n { struct A {}; A a; }\n",
            "b.cc": "namespace n { A b; }\n",
        },
        "references a.h:n.A",
        "b.cc:1 type -> a.h:n.A resolved only external definition",
    ),
    "c++: `using namespace`": (
        USINGS,
        "callees d.cc:f",
        """
        d.cc:2 call -> db.h:lv.Slice.data resolved declared type
        d.cc:2 call -> db.h:lv.in.Deep.dive resolved declared type
        """,
    ),
    "c++: the namespace around comes before one by `using`": (
        USINGS,
        "callees d.cc:other.g",
        "d.cc:3 call -> db.h:other.Slice.data resolved declared type",
    ),
    "c++: two namespaces by `using` have the name": (
        USINGS,
        "at e.cc:3:7",
        """
        e.cc:3 type -> db.h:lv.Slice candidate using, one of 2
        e.cc:3 type -> db.h:other.Slice candidate using, one of 2
        """,
    ),
    "typescript: what a module exports by another name": (
        RENAMED,
        "references b.ts:K",
        """
        a.ts:1 import -> b.ts:K resolved import
        a.ts:2 call -> b.ts:K resolved import
        b.ts:2 import -> b.ts:K resolved same file
        b.ts:3 call -> b.ts:K resolved same file
        """,
    ),
    "typescript: at the other name of an export": (
        RENAMED,
        "at b.ts:2:15",
        "b.ts:2 import -> b.ts:K resolved same file",
    ),
    "typescript: the other name is none in the module itself": (RENAMED, "at b.ts:3:10", ""),
    "typescript: exports that go round in a circle": (RENAMED, "at a.ts:3:0", ""),
    "typescript: what an import is made of": (
        {
            "a.ts": "import { f } from './b'\nawait import(`${f(1)}/x`)\nrequire(f())\nrequire('./b')\n",
            "b.ts": "export function f() {}\n",
        },
        "references b.ts:f",
        """
        a.ts:1 import -> b.ts:f resolved import
        a.ts:2 call -> b.ts:f resolved import
        a.ts:3 call -> b.ts:f resolved import
        """,
    ),
    "typescript: uses through the name of a package": (
        PACKAGES,
        "references libs/math/src/point.ts:pointFrom",
        """
        app/use.tsx:2 import -> libs/math/src/point.ts:pointFrom resolved import
        app/use.tsx:8 call -> libs/math/src/point.ts:pointFrom resolved import
        app/use.tsx:9 call -> libs/math/src/point.ts:pointFrom resolved import
        """,
    ),
    "typescript: the file behind the name of a package": (
        PACKAGES,
        "importers libs/math/src/index.ts",
        """
        app/use.tsx:2 import -> libs/math/src/index.ts resolved import
        app/use.tsx:3 import -> libs/math/src/index.ts resolved import
        app/use.tsx:5 import -> libs/math/src/index.ts resolved import
        """,
    ),
    "typescript: a file behind one of the `paths`": (
        PACKAGES,
        "importers app/parts/button.tsx",
        "app/use.tsx:6 import -> app/parts/button.tsx resolved import",
    ),
    "typescript: at a name of an import on several lines": (
        PACKAGES,
        "at app/use.tsx:3:4",
        "app/use.tsx:3 import -> libs/math/src/shape.ts:size resolved import",
    ),
    "components: by the file that is imported, whatever it is called there": (
        COMPONENTS,
        "references parts/CartLine.vue:CartLine",
        """
        Page.vue:2 import -> parts/CartLine.vue:CartLine resolved import
        Page.vue:4 import -> parts/CartLine.vue:CartLine resolved import
        Page.vue:6 call -> parts/CartLine.vue:CartLine resolved import
        Page.vue:6 call -> parts/CartLine.vue:CartLine resolved import
        main.ts:1 import -> parts/CartLine.vue:CartLine resolved import
        main.ts:3 call -> parts/CartLine.vue:CartLine resolved import
        parts/index.ts:1 import -> parts/CartLine.vue:CartLine resolved import
        Shop.vue:2 call -> parts/CartLine.vue:CartLine candidate only candidate by name
        """,
    ),
    "components: what a template uses": (
        COMPONENTS,
        "callees Page.vue:Page",
        """
        Page.vue:6 call -> parts/CartLine.vue:CartLine resolved import
        Page.vue:6 call -> parts/CartLine.vue:CartLine resolved import
        Page.vue:7 call -> parts/index.ts:price resolved import
        Page.vue:7 call -> other/index.vue resolved import
        """,
    ),
    "components: one without a name is its file": (
        COMPONENTS,
        "importers other/index.vue",
        """
        Page.vue:3 import -> other/index.vue resolved import
        """,
    ),
    "components: a named export of a script": (
        COMPONENTS,
        "references parts/CartLine.vue:LIMIT",
        """
        main.ts:2 import -> parts/CartLine.vue:LIMIT resolved import
        main.ts:3 read -> parts/CartLine.vue:LIMIT resolved import
        """,
    ),
    "components: what imports a name comes before the component that has it": (
        {
            "Basket.svelte": "<script>import { Basket } from './icons'; Basket()</script>\n<Basket />\n",
            "icons.ts": "export function Basket() {}\n",
        },
        "callees Basket.svelte:Basket",
        """
        Basket.svelte:1 call -> icons.ts:Basket resolved import
        Basket.svelte:2 call -> icons.ts:Basket resolved import
        """,
    ),
    "components: in its own file its name is but a candidate": (
        {"Image.vue": "<script>\nnew Image(Image)\n</script>\n<template>\n<Image/></template>\n"},
        "references Image.vue:Image",
        """
        Image.vue:2 call -> Image.vue:Image candidate only candidate by name
        Image.vue:5 call -> Image.vue:Image candidate only candidate by name
        """,
    ),
    "components: a file that is a script": (
        {"Cart.vue": "<script src='./cart'></script>\n", "cart.ts": "export default {}\n"},
        "importers cart.ts",
        "Cart.vue:1 import -> cart.ts resolved import",
    ),
    "typescript: members of objects that are written out": (
        {
            "keys.ts": """
                export const KEYS = { Up: "up", 'Down': "down", deep: { Up: 1 } } as const;
                const LEVELS = { Up: 1 } satisfies Levels;
                function local() { const KEYS = { Up: 2 }; return KEYS; }
                """,
            "use.ts": """
                import { KEYS } from './keys';
                import * as keys from './keys';
                KEYS.Up; keys.KEYS.Up; KEYS.deep.Up; other.Up;
                type Key = typeof KEYS.Up;
                """,
        },
        "references keys.ts:KEYS.Up",
        """
        use.ts:3 read -> keys.ts:KEYS.Up resolved object
        use.ts:3 read -> keys.ts:KEYS.Up resolved object
        use.ts:4 read -> keys.ts:KEYS.Up resolved object
        use.ts:3 read -> keys.ts:KEYS.Up candidate only candidates by name (2)
        use.ts:3 read -> keys.ts:KEYS.Up candidate only candidates by name (2)
        """,
    ),
    "typescript: a name that a module does not export": (
        {
            "a.ts": "export const a = 1;\n",
            "a/b.ts": "export const c = 1;\n",
            "u.ts": "import { b } from './a';\nb();\n",
        },
        "callees u.ts",
        "",
    ),
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
    "c: external and static functions": (
        {
            "a.c": """
                #include "b.h"
                static int own(void) { return 0; }
                int main(void) {
                own();
                shared();
                hidden();
                FAST(1);
                twice();
                }
                """,
            "b.c": """
                static int own(void) { return 1; }
                int shared(void) { return own(); }
                static void hidden(void) {}
                int twice(void) { return 1; }
                """,
            "c.c": "int twice(void) { return 2; }\n",
            "b.h": "int shared(void);\n#define FAST(x) (x)\n",
        },
        "callees a.c:main",
        """
        a.c:4 call -> a.c:own resolved same file
        a.c:5 call -> b.c:shared resolved only external definition
        a.c:7 call -> b.h:FAST resolved only external definition
        a.c:8 call -> b.c:twice candidate external definition, one of 2
        a.c:8 call -> c.c:twice candidate external definition, one of 2
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
    "c: a member of an enum": (
        ENUMS,
        "at a.c:3:26",
        "a.c:3 read -> k.h:mode.FAST_MODE resolved only external definition",
    ),
    "c: a member of an enum in the same file": (
        ENUMS,
        "at a.c:4:22",
        "a.c:4 read -> a.c:OWN_MODE resolved same file",
    ),
    "c: a typedef that another source file has too": (
        ENUMS,
        "at a.c:3:6",
        "a.c:3 type -> k.h:Thing resolved only external definition",
    ),
    "c++: a member of an enum in a namespace": (
        ENUMS,
        "at main.cpp:2:21",
        "main.cpp:2 read -> k.hpp:n.Mode.QUICK_MODE resolved namespace",
    ),
    "c++: a scoped enum keeps its members": (
        ENUMS,
        "at main.cpp:3:21",
        "main.cpp:3 read -> k.hpp:n.Kind.ROUND_KIND candidate only candidate by name",
    ),
    "c++: a member of a scoped enum": (
        ENUMS,
        "at main.cpp:4:33",
        "main.cpp:4 read -> k.hpp:n.Kind.ROUND_KIND resolved class",
    ),
    "c: who includes it": (
        {"src/a.c": '#include "inc/b.h"\n#include <stdio.h>\n', "inc/b.h": "int f(void);\n", "stdlib.h": ""},
        "importers inc/b.h",
        "src/a.c:1 import -> inc/b.h resolved import",
    ),
    "c++: members defined elsewhere, namespaces, base classes": (
        {
            "k.h": """
                #pragma once
                namespace n {
                class Base { public: void log(); };
                class K : public Base { public: K(); void run(); void stop(); };
                int util();
                }
                """,
            "k.cpp": """
                #include "k.h"
                namespace n {
                void Base::log() {}
                int util() { return 1; }
                }
                n::K::K() {}
                void n::K::run() {
                stop();
                this->stop();
                log();
                util();
                std::util();
                }
                void n::K::stop() {}
                """,
            "main.cpp": """
                #include "k.h"
                int main() {
                n::util();
                n::K k;
                k.run();
                }
                """,
        },
        "callees k.cpp:n.K.run",
        """
        k.cpp:8 call -> k.cpp:n.K.stop resolved same scope
        k.cpp:9 call -> k.cpp:n.K.stop resolved self
        k.cpp:10 call -> k.cpp:n.Base.log resolved base class
        k.cpp:11 call -> k.cpp:n.util resolved same scope
        """,
    ),
    "c++: fields in a method that stands elsewhere": (
        STORE,
        "references store.h:db.Store.puts_",
        """
        store.cpp:6 read -> store.h:db.Store.puts_ resolved same class
        store.h:8 read -> store.h:db.Store.puts_ resolved same scope
        """,
    ),
    "c++: fields in a list of initializers": (
        STORE,
        "references store.h:db.Store.size_",
        """
        store.cpp:4 write -> store.h:db.Store.size_ resolved same class
        store.cpp:8 read -> store.h:db.Store.size_ resolved same class
        """,
    ),
    "c++: members of a class's enum": (
        STORE,
        "references store.h:db.Store.Kind.kLarge",
        "store.cpp:8 read -> store.h:db.Store.Kind.kLarge resolved same class",
    ),
    "c++: a class before its members": (
        STORE,
        "references store.h:db.Store",
        """
        store.cpp:4 type -> store.h:db.Store resolved only external definition
        store.cpp:5 type -> store.h:db.Store resolved only external definition
        store.cpp:10 type -> store.h:db.Store resolved namespace
        """,
    ),
    "c++: what is only declared is no use, nor is a parameter": (
        STORE,
        "references store.cpp:db.open",
        "",
    ),
    "c++: through a namespace": (
        {
            "k.cpp": "namespace n { int util() { return 1; } struct K { void run() {} }; }\n",
            "main.cpp": """
                int main() {
                n::util();
                n::K k;
                k.run();
                }
                """,
        },
        "callees main.cpp:main",
        """
        main.cpp:2 call -> k.cpp:n.util resolved namespace
        main.cpp:4 call -> k.cpp:n.K.run resolved declared type
        """,
    ),
    "languages do not mix": (
        {"a.py": "def f(): pass\n", "b.js": "f();\nx.f();\n", "c.go": "package c\nfunc g() { f() }\n"},
        "references a.py:f",
        "",
    ),
}


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """An index of a case's repository, the question and what is expected; both ways of reading share it."""
    repository, question, expected = request.param
    resolver, database = build(tmp_path_factory.mktemp("case"), repository)
    yield resolver, database, question, expected
    database.close()


@pytest.fixture(params=["few files", "many files"])
def facts_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are loaded by file where these are few, else by name: the answers are the same."""
    if request.param == "many files":
        monkeypatch.setattr(facts, "_MANY", 0)
        monkeypatch.setattr(facts, "_WHOLE_LINES", -1)


@pytest.mark.parametrize("case", PYTHON.values(), ids=PYTHON, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_python(case: Asked) -> None:
    check(*case)


@pytest.mark.parametrize("case", OTHERS.values(), ids=OTHERS, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_other_languages(case: Asked) -> None:
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
