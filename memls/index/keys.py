"""From the key of an object to the member that it gives: `const x: Foo = { key: 1 }`, `f({ key: 1 })`.

It is worked out when it is asked for, of the types that source writes around the key.
"""

import re
from functools import partial

from memls.index.code import Code, View
from memls.index.edges import Edge, leads
from memls.index.found import Site
from memls.index.resolve import Moment, Resolver
from memls.index.scoping import TYPE_KINDS, scoping
from memls.source.languages.typescript.keys import Key, key_at
from memls.source.signatures import parameters
from memls.source.types import ELEMENT, along, class_named, typed

_PARAMETER = re.compile(r"[\w@()\s]*(\.\.\.)?(?:\{.*\}|[\w$]+)\??\s*:\s*([^=]+)", re.DOTALL)


def members_at(resolver: Resolver, code: Code, view: View, line: int, column: int) -> list[Edge]:
    """The members that the key at a position is, of the type that is written for its object."""
    writes_types = scoping(view.language or "").writes_types
    key = key_at(code.locals(view), line, column) if writes_types else None
    if key is None:
        return []
    with resolver.moment() as at:
        around = view.innermost(line)
        scope = around.qualified_name if around else ""
        path, type_ = view.path, key.type
        if not type_:
            path, scope, type_ = _parameter(at, view, key)
        file = at.files.ids.get(path)
        if file is None or not type_:
            return []
        receiver = typed("key", type_) + key.steps
        site = Site(file, key.name, "write", line, column, receiver, scope, "module")
        found = at.lookup.resolve_all([site])[0]
        return leads(at.lookup, [site], None) if found is not None and at.lookup.is_fact(found) else []


def _parameter(at: Moment, view: View, key: Key) -> tuple[str, str, str]:
    """The file and scope of what is called, and the type it writes of a parameter, "" where it does not."""
    edges = at.definitions_at(view.path, *key.called)
    if len(edges) != 1 or edges[0].status != "resolved" or edges[0].reason == "definition":
        return "", "", ""
    place = edges[0].target
    scope, signature, name = place.symbol, place.signature, place.symbol.rpartition(".")[2]
    if place.kind in TYPE_KINDS:
        file = at.files.ids[place.path]
        made = at.facts.ask(partial(at.facts.symbol, file, f"{scope}.constructor"))
        signature, name = (made.signature, made.name) if made else ("", "")
    written = parameters(signature, name) or []
    number = min(key.parameter, len(written) - 1)
    match = _PARAMETER.match(written[number].strip()) if written else None
    if match is None or (number < key.parameter and not match.group(1)):
        return "", "", ""
    type_ = class_named(match.group(2))
    return place.path, scope, along(type_, ELEMENT) if match.group(1) else type_
