"""TypeScript: JavaScript's rules, and what types add."""

from memls.source.languages import Language
from memls.source.languages.javascript import IGNORED_QUALIFIERS, NAME_FIELDS, imports
from memls.source.types import Typing

LANGUAGE = Language(
    name="typescript",
    grammar="tree_sitter_typescript:language_typescript",
    suffixes=(".ts", ".mts", ".cts"),
    shebangs=("deno", "ts-node", "tsx"),
    queries=("javascript/shared.scm", "typescript/definitions.scm"),
    imports=imports,
    name_fields={**NAME_FIELDS, "required_parameter": "pattern"},
    selves=frozenset({"this"}),
    constructors=frozenset({"constructor"}),
    ignored_qualifiers=IGNORED_QUALIFIERS,
    locals_queries=("javascript/locals.scm", "typescript/locals.scm"),
    binds_at_once=True,
    typing=Typing(
        declares=frozenset(
            {"required_parameter", "optional_parameter", "variable_declarator", "for_in_statement"}
        )
    ),
)
