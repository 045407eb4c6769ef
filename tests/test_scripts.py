"""What imports of JavaScript and TypeScript mean, by what tsconfig.json and package.json say.

Each case is a repository, and imports as `importer: text -> files`; several files are candidates.
"""

import json
from textwrap import dedent
from typing import Any

import pytest

from memls.index.layout import Layout
from memls.index.manifests import Config, Workspace, is_manifest, jsonc, said
from memls.index.modules import modules
from memls.source.parse import language_of

CODE = ""
Repository = dict[str, Any]


def layout_of(repository: Repository) -> Layout:
    """Manifests are given as text, or as what their JSON says."""
    read = {}
    for path, content in repository.items():
        text = content if isinstance(content, str) else json.dumps(content)
        if is_manifest(path) and (one := said(path, text)):
            read[path] = one
    return Layout({path: language_of(path) for path in sorted(repository)}, read)


def paths(**keys: Any) -> Repository:
    return {"compilerOptions": keys}


MONOREPO: Repository = {
    "package.json": {"name": "root", "workspaces": ["packages/*", "!packages/old"]},
    "packages/app/package.json": {"name": "app", "dependencies": {"tied": "file:../../tied"}},
    "packages/app/main.ts": CODE,
    "packages/old/package.json": {"name": "old", "main": "index.js"},
    "packages/old/index.js": CODE,
    "packages/app/node_modules/kept/package.json": {"name": "kept", "main": "k.js"},
    "packages/app/node_modules/kept/k.js": CODE,
    "tied/package.json": {"name": "else", "main": "t"},
    "tied/t.ts": CODE,
    "fixtures/react/package.json": {"name": "react", "main": "index.js"},
    "fixtures/react/index.js": CODE,
    "fixtures/react/example/package.json": {},
    "fixtures/react/example/use.js": CODE,
    "fixtures/twin/package.json": {"name": "plain"},
    "fixtures/twin/index.ts": CODE,
    "packages/plain/package.json": {"name": "plain", "types": "dist/index.d.ts", "main": "dist/index.js"},
    "packages/plain/src/index.ts": CODE,
    "packages/plain/src/deep/tool.ts": CODE,
    "packages/plain/data.json": "{}",
    "packages/two/package.json": {"name": "@x/two", "main": "./dist/two.js"},
    "packages/two/src/index.ts": CODE,
    "packages/two/index.ts": CODE,
    "packages/far/package.json": {"name": "far", "main": "../../dist/far/two.js"},
    "packages/far/two.ts": CODE,
    "packages/none/package.json": {"name": "none", "main": "dist/gone.js"},
}

EXPORTS: Repository = {
    "package.json": {"name": "root", "workspaces": {"packages": ["**"]}},
    "use.ts": CODE,
    "built/package.json": {"name": "built", "exports": "./lib/start.js"},
    "built/src/start.ts": CODE,
    "map/package.json": {
        "name": "map",
        "main": "unused.js",
        "exports": {
            ".": {"browser": "./b.js", "types": "./types/main.d.ts", "default": "./main.js"},
            "./one": {"import": {"default": "./dist/esm/one.mjs"}, "require": "./dist/cjs/one.cjs"},
            "./many/*": "./src/*.ts",
            "./many/inner/*": ["./nowhere/*.js", "./inner/*/index.js"],
            "./many/hidden": None,
            "./web": {"browser": "./b.js", "default": "./dist/one.js"},
            "./apart": {"browser": "./b.js"},
            "./made": {"source": "./own.ts", "default": "./dist/made.js"},
        },
    },
    "map/b.js": CODE,
    "map/main.js": CODE,
    "map/types/main.d.ts": CODE,
    "map/one.ts": CODE,
    "map/src/a.ts": CODE,
    "map/src/deep/b.ts": CODE,
    "map/src/hidden.ts": CODE,
    "map/inner/c/index.ts": CODE,
    "map/own.ts": CODE,
    "map/made.ts": CODE,
    "map/in/use.ts": CODE,
    "out/package.json": {"name": "out", "exports": {".": "./build/pkg/api.js", "./*": "./build/pkg/*.js"}},
    "out/tsconfig.json": {"compilerOptions": {"outDir": "build", "rootDir": ".."}},
    "pkg/api.ts": CODE,
    "pkg/deep/x.tsx": CODE,
    "own/package.json": {
        "name": "own",
        "imports": {"#a": "./a.js", "#lib/*": "./lib/*.js", "#m": {"node": "map"}},
        "exports": {"./self": "./a.js"},
    },
    "own/a.ts": CODE,
    "own/lib/deep/b.js": CODE,
    "own/lib/deep/b.d.ts": CODE,
}

CASES: dict[str, tuple[Repository, str]] = {
    "paths: the whole text, then the longest beginning, then the first place with a file": (
        {
            "tsconfig.json": paths(
                paths={
                    "@/*": ["./none/*", "./src/*"],
                    "@/lib/*": ["./lib/*"],
                    "one": ["./src/a"],
                    "*.css": ["./styles/*.css"],
                }
            ),
            "src/a.ts": CODE,
            "src/lib/c.ts": CODE,
            "lib/b/index.tsx": CODE,
            "styles/x.css": CODE,
        },
        """
        src/a.ts: @/a -> src/a.ts
        src/a.ts: @/lib/b -> lib/b/index.tsx
        src/a.ts: @/lib/c ->
        src/a.ts: one -> src/a.ts
        src/a.ts: x.css -> styles/x.css
        src/a.ts: one/more ->
        """,
    ),
    "Svelte: the library of the nearest kit, and what a package is made of": (
        {
            "package.json": {"name": "root", "workspaces": ["*"]},
            "docs/svelte.config.js": CODE,
            "docs/src/lib/index.ts": CODE,
            "docs/src/lib/a.ts": CODE,
            "docs/src/routes/+page.svelte": CODE,
            "ui/package.json": {"name": "ui", "exports": {".": {"svelte": "./dist/index.js"}}},
            "ui/svelte.config.js": CODE,
            "ui/src/lib/index.ts": CODE,
            "plain/package.json": {"name": "plain", "main": "dist/index.js"},
            "plain/src/lib/index.ts": CODE,
            "plain/b.ts": CODE,
        },
        """
        docs/src/routes/+page.svelte: $lib -> docs/src/lib/index.ts
        docs/src/routes/+page.svelte: $lib/a.js -> docs/src/lib/a.ts
        docs/src/routes/+page.svelte: $library ->
        docs/src/routes/+page.svelte: ui -> ui/src/lib/index.ts
        docs/src/routes/+page.svelte: plain ->
        plain/b.ts: $lib ->
        """,
    ),
    "baseUrl, which `paths` are from too": (
        {
            "web/tsconfig.json": paths(baseUrl="./src", paths={"~": ["app.ts"], "~/*": ["../*"]}),
            "web/src/app.ts": CODE,
            "web/src/parts/x.js": CODE,
            "web/y.ts": CODE,
        },
        """
        web/src/app.ts: parts/x -> web/src/parts/x.js
        web/src/parts/x.js: ~ -> web/src/app.ts
        web/src/app.ts: ~/y -> web/y.ts
        """,
    ),
    "the nearest configuration counts alone": (
        {
            "tsconfig.json": paths(paths={"a": ["./a.ts"], "b": ["./a.ts"]}),
            "in/jsconfig.json": paths(paths={"a": ["./b.ts"]}),
            "in/deep/c.ts": CODE,
            "a.ts": CODE,
            "in/b.ts": CODE,
        },
        """
        in/deep/c.ts: a -> in/b.ts
        in/deep/c.ts: b ->
        a.ts: a -> a.ts
        """,
    ),
    "extends: from where it is written, several, in a circle, and of a package": (
        {
            "package.json": {"name": "root", "workspaces": ["conf"]},
            "conf/package.json": {"name": "@x/conf"},
            "conf/tsconfig.json": paths(paths={"pkg": ["${configDir}/p.ts"]}),
            "base/tsconfig.a.json": paths(baseUrl=".."),
            "base/tsconfig.b.json": """{
                // what all share
                "extends": ["./tsconfig.a.json", "../one/tsconfig.json",],
                "compilerOptions": {/* from above */ "paths": {"b//*": ["one/b/*"],},},
            }""",
            "one/tsconfig.json": {"extends": "../base/tsconfig.b"},
            "two/tsconfig.json": {"extends": "@x/conf"},
            "one/u.ts": CODE,
            "one/b/f.ts": CODE,
            "two/p.ts": CODE,
        },
        """
        one/u.ts: b//f -> one/b/f.ts
        one/u.ts: two/p -> two/p.ts
        two/p.ts: pkg -> two/p.ts
        """,
    ),
    "references, where a configuration has no files of its own": (
        {
            "tsconfig.json": {
                "files": [],
                "references": [{"path": "./tsconfig.app.json"}, {"path": "./node"}],
            },
            "tsconfig.app.json": paths(paths={"@/*": ["./src/*"], "same": ["./src/a"]}),
            "node/tsconfig.json": paths(paths={"same": ["./b"]}),
            "src/a.ts": CODE,
            "node/b.ts": CODE,
        },
        """
        src/a.ts: @/a -> src/a.ts
        src/a.ts: same -> src/a.ts node/b.ts
        """,
    ),
    "what is malformed says nothing": (
        {
            "tsconfig.json": paths(paths={"a": "./a.ts", "b": [1, "./a.ts"]}, baseUrl=3),
            "bad/tsconfig.json": '{"compilerOptions": ',
            "bad/package.json": "[]",
            "list/package.json": '{"name": ["x"], "exports": 1, "imports": [], "workspaces": {"a": 1}}',
            "bad/c.ts": CODE,
            "list/index.ts": CODE,
            "a.ts": CODE,
        },
        """
        bad/c.ts: a -> a.ts
        bad/c.ts: b -> a.ts
        bad/c.ts: x ->
        """,
    ),
    "packages of a workspace, and those that are not seen": (
        MONOREPO,
        """
        packages/app/main.ts: plain -> packages/plain/src/index.ts
        packages/app/main.ts: plain/data.json -> packages/plain/data.json
        packages/app/main.ts: plain/dist/deep/tool -> packages/plain/src/deep/tool.ts
        packages/app/main.ts: plain/none ->
        packages/app/main.ts: @x/two -> packages/two/src/index.ts packages/two/index.ts
        packages/app/main.ts: none ->
        packages/app/main.ts: far ->
        packages/app/main.ts: react ->
        packages/app/main.ts: old ->
        packages/app/main.ts: tied -> tied/t.ts
        packages/app/main.ts: else ->
        packages/app/main.ts: kept -> packages/app/node_modules/kept/k.js
        packages/plain/src/index.ts: kept ->
        fixtures/react/index.js: react -> fixtures/react/index.js
        fixtures/react/example/use.js: react ->
        packages/app/main.ts: ../two ->
        packages/app/main.ts: node:plain ->
        packages/app/main.ts: /plain ->
        """,
    ),
    "the same name twice in one workspace is ambiguous": (
        {
            "pnpm-workspace.yaml": "# all\npackages:\n  - 'a/**' # a\n\n  - \"{b,c}/*\"\ncatalog:\n  - d/*\n",
            "a/x/y/package.json": {"name": "p"},
            "a/x/y/index.ts": CODE,
            "b/z/package.json": {"name": "p"},
            "b/z/index.ts": CODE,
            "d/z/package.json": {"name": "p"},
            "d/z/index.ts": CODE,
            "lone/package.json": {"dependencies": {"q": "workspace:p@*", "p": "workspace:../d/z"}},
            "lone/u.ts": CODE,
        },
        """
        c.ts: p -> a/x/y/index.ts b/z/index.ts
        a/x/y/index.ts: p -> a/x/y/index.ts
        lone/u.ts: p -> d/z/index.ts
        lone/u.ts: q -> a/x/y/index.ts b/z/index.ts
        """,
    ),
    "lerna": (
        {
            "lerna.json": {"packages": ["mods/*"]},
            "mods/a/package.json": {"name": "a", "main": "./lib"},
            "mods/a/lib/index.js": CODE,
            "mods/b/b.js": CODE,
        },
        "mods/b/b.js: a -> mods/a/lib/index.js",
    ),
    "exports": (
        EXPORTS,
        """
        use.ts: built -> built/src/start.ts
        use.ts: map -> map/types/main.d.ts
        use.ts: map/one -> map/one.ts
        use.ts: map/many/a -> map/src/a.ts
        use.ts: map/many/deep/b -> map/src/deep/b.ts
        use.ts: map/many/inner/c -> map/inner/c/index.ts
        use.ts: map/many/hidden ->
        use.ts: map/web -> map/one.ts
        use.ts: map/apart ->
        use.ts: map/made -> map/own.ts
        use.ts: out -> pkg/api.ts
        use.ts: out/deep/x -> pkg/deep/x.tsx
        own/a.ts: #a -> own/a.ts
        own/a.ts: #lib/deep/b -> own/lib/deep/b.d.ts
        own/a.ts: #m -> map/types/main.d.ts
        own/a.ts: #none ->
        own/a.ts: own/self -> own/a.ts
        map/in/use.ts: #a ->
        """,
    ),
    "a folder's package.json goes before its index": (
        {
            "lib/package.json": {"main": "./start"},
            "lib/start.ts": CODE,
            "lib/index.ts": CODE,
            "lib/in/u.ts": CODE,
            "index.ts": CODE,
        },
        """
        lib/in/u.ts: .. -> lib/start.ts
        lib/in/u.ts: ../index.js -> lib/index.ts
        lib/in/u.ts: ../.. -> index.ts
        """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_imports(name: str) -> None:
    repository, expected = CASES[name]
    layout = layout_of({**repository, "c.ts": CODE})
    lines = dedent(expected).strip().splitlines()
    asked = [line.partition(" ->")[0].split(": ") for line in lines]
    told = (
        (importer, text, [path for module in modules(layout, importer, text) for path in module.paths])
        for importer, text in asked
    )
    assert [f"{at}: {text} -> {' '.join(found)}".rstrip() for at, text, found in told] == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, /* b */ "c": [1, 2,], // d\n}', {"a": 1, "c": [1, 2]}),
        ('{"a//b": "/* c */", "d": ",}"}', {"a//b": "/* c */", "d": ",}"}),
        ('{"a": "\\"//", } // b', {"a": '"//'}),
        ("\ufeff[1, // a\n 2 /* b */ , /* c */ ]", [1, 2]),
        ('{"a": "b\tc"}', {"a": "b\tc"}),
        ("/* not closed", None),
        ('{"a": 1,,}', None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_json_with_comments(text: str, expected: object) -> None:
    assert jsonc(text) == expected


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("package.json", True),
        ("a/b/package.json", True),
        ("tsconfig.json", True),
        ("a/tsconfig.base.json", True),
        ("a/tsconfig/node.json", True),
        ("a/tsconfig/deep/node.json", False),
        ("jsconfig.json", True),
        ("package-lock.json", False),
        ("a.package.json", False),
        ("tsconfig.ts", False),
        ("go.mod", True),
        ("Cargo.toml", True),
        ("MyCargo.toml", False),
        ("pnpm-workspace.yaml", True),
    ],
)
def test_which_files_are_manifests(path: str, is_one: bool) -> None:
    assert is_manifest(path) == is_one


def test_what_manifests_say() -> None:
    assert said("a/go.mod", 'module "example.org/a"\n') == "example.org/a"
    assert said("Cargo.toml", '[package]\nedition = "2021"\nname = "b"\n') == "b"
    assert said("go.mod", "") is None
    assert said("lerna.json", '{"packages": ["a", 1]}') == Workspace(("a",))
    assert said("tsconfig.json", '{"extends": "./a"}') == Config(extends=("./a",))
