"""Edges in Python: scopes, imports, receivers, base classes, and what is asked at a position."""

import pytest

from tests.edges import Asked, Case, case, check, facts_of

__all__ = ["case", "facts_of"]  # fixtures

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

CASES: dict[str, Case] = {
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


@pytest.mark.parametrize("case", CASES.values(), ids=CASES, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_edges(case: Asked) -> None:
    check(*case)
