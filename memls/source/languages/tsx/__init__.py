"""TSX: TypeScript's rules with JSX. Its own grammar, because `<T>x` is a cast in TypeScript alone."""

from dataclasses import replace

from memls.source.languages.typescript import LANGUAGE as TYPESCRIPT

LANGUAGE = replace(
    TYPESCRIPT,
    name="tsx",
    grammar="tree_sitter_typescript:language_tsx",
    suffixes=(".tsx",),
    shebangs=(),
    queries=("javascript/shared.scm", "javascript/jsx.scm", "typescript/definitions.scm"),
)
