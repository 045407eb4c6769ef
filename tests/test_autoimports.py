"""Names that Nuxt or unplugin-auto-import import: what they mean where no line says it."""

import pytest
from repository import repository

NUXT = '{"devDependencies": {"nuxt": "4"}}'
CART = "export function useCart() {\n  return 1\n}\n"
TOTAL = "export const total = () => 0\n"

USES = {
    "a composable": (
        {
            "package.json": NUXT,
            "app/composables/cart.ts": CART,
            "app/app.vue": "<script setup>useCart()</script>",
        },
        "app/app.vue useCart",
        "app/composables/cart.ts: auto-import",
    ),
    "a utility at some depth, in a template": (
        {
            "package.json": NUXT,
            "utils/money/sum.ts": TOTAL,
            "pages/a.vue": "<template>{{ total() }}</template>",
        },
        "pages/a.vue total",
        "utils/money/sum.ts: auto-import",
    ),
    "a component": (
        {
            "package.json": NUXT,
            "components/x/Cart.vue": "<template/>",
            "pages/a.vue": "<template><Cart/></template>",
        },
        "pages/a.vue Cart",
        "components/x/Cart.vue: auto-import",
    ),
    "by unplugin-auto-import": (
        {
            "package.json": '{"dependencies": {"unplugin-auto-import": "*"}}',
            "src/stores/cart.ts": CART,
            "src/main.ts": "useCart()\n",
        },
        "src/main.ts useCart",
        "src/stores/cart.ts: auto-import",
    ),
    "what is exported elsewhere is a candidate": (
        {"package.json": NUXT, "app/cart.ts": CART, "app/app.vue": "<script setup>useCart()</script>"},
        "app/app.vue useCart",
        "app/cart.ts? exported",
    ),
    "two of a name are candidates": (
        {
            "package.json": NUXT,
            "composables/a.ts": CART,
            "composables/b.ts": CART,
            "app.vue": "<script setup>useCart()</script>",
        },
        "app.vue useCart",
        "composables/a.ts? auto-import, one of 2; composables/b.ts? auto-import, one of 2",
    ),
    "the server has its own": (
        {
            "package.json": NUXT,
            "utils/sum.ts": TOTAL,
            "server/utils/sum.ts": TOTAL.replace("total", "tax"),
            "server/api/a.ts": "tax()\n",
            "app.ts": "tax()\n",
        },
        "server/api/a.ts tax",
        "server/utils/sum.ts: auto-import",
    ),
    "and the app does not see it": (
        {"package.json": NUXT, "server/utils/sum.ts": TOTAL, "app.ts": "total()\n"},
        "app.ts total",
        "server/utils/sum.ts? exported",
    ),
    "an import says it": (
        {
            "package.json": NUXT,
            "composables/cart.ts": CART,
            "lib.ts": CART,
            "app.ts": "import { useCart } from './lib'\nuseCart()\n",
        },
        "app.ts useCart",
        "lib.ts: import",
    ),
    "an import from elsewhere": (
        {
            "package.json": NUXT,
            "composables/cart.ts": CART,
            "app.ts": "import { useCart } from 'shop'\nuseCart()\n",
        },
        "app.ts useCart",
        "",
    ),
    "what a function binds is its own": (
        {
            "package.json": NUXT,
            "composables/cart.ts": CART,
            "app.ts": "function f({ useCart }) {\n  useCart()\n}\n",
        },
        "app.ts useCart",
        "",
    ),
    "what is not exported": (
        {"package.json": NUXT, "composables/cart.ts": CART.removeprefix("export "), "app.ts": "useCart()\n"},
        "app.ts useCart",
        "",
    ),
    "of another package": (
        {
            "package.json": NUXT,
            "composables/cart.ts": CART,
            "shop/package.json": "{}",
            "shop/app.ts": "useCart()\n",
        },
        "shop/app.ts useCart",
        "",
    ),
    "without such a tool": (
        {
            "package.json": '{"dependencies": {"vue": "3"}}',
            "composables/cart.ts": CART,
            "app.ts": "useCart()\n",
        },
        "app.ts useCart",
        "",
    ),
    "without a manifest": ({"composables/cart.ts": CART, "app.ts": "useCart()\n"}, "app.ts useCart", ""),
}


@pytest.mark.parametrize("case", USES)
def test_what_a_name_means(case: str) -> None:
    files, use, expected = USES[case]
    path, name = use.split()
    with repository(files) as repo:
        line, text = next(
            (number, text)
            for number, text in reversed([*enumerate(files[path].split("\n"), 1)])
            if f"{name}(" in text or f"<{name}" in text
        )
        found = repo.workspace.resolver.definitions_at(path, line, text.rindex(name))
        told = [f"{e.target.path}{':' if e.status == 'resolved' else '?'} {e.reason}" for e in found]
        assert "; ".join(told) == expected


def test_the_uses_of_what_is_imported_so() -> None:
    files = {
        "package.json": NUXT,
        "composables/cart.ts": CART,
        "a.vue": "<script setup>\nconst cart = useCart()\n</script>\n",
        "b.ts": "export const other = useCart()\n",
        "c.ts": "import { useCart } from 'shop'\nuseCart()\n",
    }
    with repository(files) as repo:
        (place,) = repo.workspace.code.find_symbols("useCart")
        edges = repo.workspace.resolver.callers(place)
        assert [(e.path, e.line, e.status) for e in edges] == [
            ("a.vue", 2, "resolved"),
            ("b.ts", 1, "resolved"),
        ]
