"""Components: what of their text is read as code, what their tags use, and what they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memls.source.component import component_name
from memls.source.languages import language_named
from memls.source.parse import parse

READ = {
    "vue": [
        ("<script>a</script>", ";a;"),
        ("<SCRIPT LANG='ts'>a</Script>", ";a;"),
        ("<script>a\r\n</script\n>b", ";a ;"),
        ("<script>'</script>'", ";';"),
        ("<script>a", ";a"),
        ("<script>a</script><script setup>b</script>", ";a; ;b;"),
        ("<script lang=coffee>a</script>", ""),
        ("<script type='text/x-template'>a</script>", ""),
        ("<!-- <script>a</script> --><script>b</script>", ";b;"),
        ("<docs><script>a</script></docs><script>b</script>", ";b;"),
        ("<docs><script>a</script>", ";a;"),
        ("<template>{{ a }}</template>", ";( a )"),
        ("<template>{{ a) }}{{ b }}</template>", ";( b )"),
        ("<template>{{ a }{{ b</template><script>c</script>", ";c;"),
        ("<template lang=pug>{{ a }}</template>", ""),
        ("<template><template>{{a}}</template>{{b}}</template>{{c}}", ";(a) ;(b)"),
        (
            "<template><b :c='d' c='d' @e=\"f; g\" v-h='{i: 1}'/></template>",
            ";(d) ;{f; g} ;({i: 1})",
        ),
        ("<template><b v-for='(a, b) in c'/></template>", ";( c)"),
        ("<template><b v-for='a\nof\nb' #c='{ d }'/></template>", ";( b)"),
        ("<template><!-- {{ a }} --><b c='{{ a }}'/></template>", ""),
        ("<template><script>a</script></template><script>b</script>", ";b;"),
        ("<template><b c='</template><script>a</script>", ";a;"),
        ("{{ a }}", ""),
    ],
    "svelte": [
        (
            "{a}<b c={d} {...e} f='{g}' h=i {j}/>",
            ";a; ;(d) ; e; ;g; ;j;",
        ),
        ("{#if a}{b}{:else if c}{@html d}{/if}", "; a;;b;; c;; d;"),
        ("{#each a as b, c (b)}", "; a ;"),
        ("{#each (a as B) as b}", "; (a as B) ;"),
        ("{#await a then b}{:catch c}", "; a ;"),
        ("{@const a = b}", "; b;"),
        ("{a('}')}{`}${'}'}`}{b / c}", ";a('}');;`}${'}'}`;;b / c;"),
        ("{a.b(/[/}]}/)}", ";a.b(/[/}]}/);"),
        ("{'a}{b}\n{c}", ";b; ;c;"),
        ("{a(}{b}", ";b;"),
        ("{a}{b<script>c</script>", ";a; ;c;"),
        ("{$a.b}{$state(c)}{'$a'}", "; a.b;;$state(c);;'$a';"),
        ("{/* } */ a}", ";/* } */ a;"),
        ("<style>{a}</style>{b}", ";b;"),
        ("<!-- {a} -->{b}", ";b;"),
        ("<svelte:head><script>a</script></svelte:head><script>b</script>", ";b;"),
        ("<script context=module>a</script>\n<script>b</script>", ";a; ;b;"),
    ],
    "astro": [
        ("---\na\n---\n{b}", "; a ; ;b;"),
        ("\ufeff\n---a---\n{b}", ";a; ;b;"),
        ("---\na", "; a"),
        ("{a && <b c={d}>{e}</b>}", ";a && [ ,(d) ,e, ];"),
        ("{a ? <b/> : <><i>{c}</i></>}", ";a ? [ ] : [ ,c, ];"),
        ("{a(() => { return <b>'</b> })}", ";a(() => { return [ ] });"),
        ("{a && <b/> <b c={d}/>}", ";a && [ ,(d) ];"),
        ("{a && <script>b</script>}", ";a && [ ];"),
        ("{a && <br>}{b}", ";a && [ ];;b;"),
        ("{a < b}{c<d>(e)}", ";a < b;;c<d>(e);"),
        ("<b c=`{d}` e='{f}'>", ""),
        ("{a && <b>", ""),
    ],
}


@pytest.mark.parametrize(
    ("language", "source", "read"), [(language, *case) for language, cases in READ.items() for case in cases]
)
def test_what_is_read(language: str, source: str, read: str) -> None:
    found = language_named(language).readable(source.encode())
    assert " ".join(found.decode().split()) == read


PARTS = st.sampled_from(
    [
        *(b"<script> </script> <template> </template> <style> <!-- --> <A b=' <b> </b> <br/>".split()),
        *(b"{{ }} { } {/each} \" ' ` ${ ( ) / /* // < > a = \xff \xc3\xa9 \0 \\".split()),
        *(b"$a ... :a='b'".split()),
        *(b"\n", b"\r\n", b"---\n", b" ", b"{#each a as b}"),
    ]
)


@pytest.mark.parametrize("language", READ)
@given(parts=st.lists(PARTS, max_size=30))
def test_nothing_moves(language: str, parts: list[bytes]) -> None:
    """Whatever the text is, a byte is code, or a space or bracket in its place; lines end as before."""
    source = b"".join(parts)
    rules = language_named(language)
    found = rules.readable(source)
    assert len(found) == len(source)
    assert all(now == was or chr(now) in " ;,()[]{}" for now, was in zip(found, source, strict=True))
    assert all((was in b"\r\n") <= (now == was) for now, was in zip(found, source, strict=True))
    assert rules.markup is not None
    assert all(start < end <= len(source) for start, end, _ in rules.markup(source).uses)


@pytest.mark.parametrize(
    ("language", "source", "uses"),
    [
        ("vue", "<template><A/><b/><c-d/><E.F></E.F></template><G/>", "A E.F"),
        ("vue", "<docs><A/></docs><template><!-- <B/> --><script><C/></script></template>", ""),
        ("svelte", "<script>const a = b<A>(1)</script><svelte:head/><a.b/>{#if c}<D/>{/if}", "a.b D"),
        ("svelte", "<b use:c.d={e} class:f class:g={h} bind:i in:j|local animate:k on:l />", "c.d f i j k"),
        ("astro", "---\nb<A>(1)\n---\n{a && <B c={<D/>}/>}{e(<F/>}<G/>", "B D G"),
    ],
)
def test_what_tags_use(language: str, source: str, uses: str) -> None:
    markup = language_named(language).markup
    assert markup is not None
    assert [source[start:end] for start, end, _ in markup(source.encode()).uses] == uses.split()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/CartLine.vue", "CartLine"),
        ("a\\cart-line.VUE", "cart-line"),
        ("a/index.vue", ""),
        ("a/[id].vue", ""),
        ("a/+page.vue", ""),
        ("a/Cart.client.vue", ""),
        ("a/Cart.svelte", ""),
        ("404.vue", ""),
        ("vue", ""),
    ],
)
def test_what_a_component_is_called(path: str, name: str) -> None:
    assert component_name(path, (".vue",)) == name


@pytest.mark.parametrize(
    ("language", "source", "known"),
    [
        (
            "vue",
            "<script>const a = 1</script><template><b v-for='a in a'>{{ a }}</b>{{ a.c }}</template>",
            "",
        ),
        ("vue", "<script>const a = 1; f(a)</script><template><b #c='{ a }'>{{ a }}</b></template>", "1:23"),
        ("svelte", "<script>let a = 1, b</script>{#each b as a}{a}{/each}{b}<A let:b={c}/>", ""),
        ("svelte", "<script>let a = 1</script>{a}{#snippet b(c)}{a}{/snippet}", "1:27 1:45"),
        ("astro", "---\nconst a = 1\n---\n{b.map((a) => a)}{a}", "4:18"),
    ],
)
def test_names_that_the_markup_binds_are_its_own(language: str, source: str, known: str) -> None:
    found = parse("a", source.encode(), language).references
    assert [f"{r.line}:{r.column}" for r in found if r.name in ("a", "b") and not r.receiver] == known.split()
