"""Edges in C and C++: includes, namespaces, `using`, members that stand elsewhere."""

import pytest

from tests.edges import Asked, Case, case, check, facts_of

__all__ = ["case", "facts_of"]  # fixtures

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

CASES: dict[str, Case] = {
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
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_edges(case: Asked) -> None:
    check(*case)
