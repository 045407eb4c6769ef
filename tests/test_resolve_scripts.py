"""Edges in JavaScript, TypeScript and components: modules, re-exports, packages, templates."""

import pytest

from tests.edges import Asked, Case, case, check, facts_of

__all__ = ["case", "facts_of"]  # fixtures

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

CASES: dict[str, Case] = {
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
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES, indirect=True)
@pytest.mark.usefixtures("facts_of")
def test_edges(case: Asked) -> None:
    check(*case)
