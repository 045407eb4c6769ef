"""JSON: its keys, three levels of them, are its symbols. What is in arrays is data."""

from memls.source.languages import DATA_BYTES, DATA_SYMBOLS, Language

LANGUAGE = Language(
    name="json",
    grammar="tree_sitter_json:language",
    suffixes=(".json", ".jsonc", ".webmanifest", ".code-workspace"),
    filenames=(".eslintrc", ".prettierrc", ".babelrc"),
    separators=(),
    name_fields={"pair": "key"},
    text=True,
    max_bytes=DATA_BYTES,
    max_symbols=DATA_SYMBOLS,
    max_depth=0,
)
