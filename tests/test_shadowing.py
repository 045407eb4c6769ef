"""Locals that are called like something else of their file are no uses of it, in every language.

Of each source, `store` is defined on line 1 and everything that means it stands on a line with `USE`.
"""

from pathlib import Path

import pytest

from tests.edges import build, place_of

SOURCES = {
    "a.py": """
        def store(): ...
        def takes(store):
            return pack(store, store.size)
        def binds(x):
            store = x.get()
            return store.put()
        def loops(x):
            return [store for store in x]
        def outer(x):
            def inner():
                return store
            store = 1
        def uses():
            return pack(store, store())  # USE
        def rebinds():
            global store  # USE
            store = 2  # USE
        """,
    "a.js": """
        function store() {}
        function takes(store) { return pack(store, store.size); }
        function binds(x) {
          const store = x.get();
          return () => store.put();
        }
        function uses() { return pack(store, store()); } // USE
        """,
    "a.ts": """
        function store() {}
        export function takes(store: any) { return pack(store, store.size); }
        function binds(x: any) {
          const { store } = x;
          return store();
        }
        function uses() { return pack(store, store()); } // USE
        """,
    "a.go": """
        package a; func store() {}
        func takes(store Store) int { return pack(store, store.size) }
        func binds(x Store) {
            store, err := x.get()
            pack(store, err)
        }
        func uses() { pack(store, store()) } // USE
        """,
    "a.rs": """
        fn store() {}
        fn takes(store: u8) { pack(store, store.size); }
        fn binds(x: u8) {
            let store = x.get();
            pack(&store, || store.put());
        }
        fn uses() { pack(store, store()); } // USE
        fn later() {
            let store = store(); // USE
            drop(store);
        }
        """,
    "a.kt": """
        fun store() = 1
        fun takes(store: Int) = pack(store, store.size)
        fun binds(x: Int) {
            val store = x.get()
            pack(store, store.put())
        }
        fun uses() = pack(store()) // USE
        """,
    "a.c": """
        int store(void) { return 1; }
        int takes(int (*store)(void)) { return pack(store, store()); }
        int binds(int x) {
            int store = x;
            return store + x;
        }
        int uses(void) { return pack(store, store()); } // USE
        """,
    "a.rb": """
        def store; end
        def binds(x)
          store = x.get
          pack(store)
        end
        def uses
          pack(store()) # USE
        end
        """,
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_local_is_no_use_of_what_it_hides(name: str, tmp_path: Path) -> None:
    resolver, database = build(tmp_path, {name: SOURCES[name]})
    lines = (tmp_path / name).read_text().splitlines()
    want = {number for number, line in enumerate(lines, start=1) if "USE" in line}
    assert {edge.line for edge in resolver.references(place_of(database, f"{name}:store"))} == want


def test_a_local_is_no_module_of_its_name(tmp_path: Path) -> None:
    repository = {
        "shapes.py": "def area(): ...\n",
        "use.py": """
            import shapes
            def f(shapes):
                return shapes.area()
            def g():
                return shapes.area()
            """,
    }
    resolver, database = build(tmp_path, repository)
    edges = resolver.references(place_of(database, "shapes.py:area"))
    assert [edge.line for edge in edges] == [5]
