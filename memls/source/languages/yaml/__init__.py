"""YAML: its keys, three levels of them, are its symbols. What is in sequences is data."""

import re

from memls.source.languages import DATA_BYTES, DATA_SYMBOLS, Language
from memls.source.nesting import too_deep

LANGUAGE = Language(
    name="yaml",
    grammar="tree_sitter_yaml:language",
    suffixes=(".yaml", ".yml"),
    filenames=(".clang-format", ".clang-tidy"),
    separators=(),
    name_fields={"block_mapping_pair": "key", "flow_pair": "key"},
    names=re.compile(r"(?:[&!]\S+\s+)*[\"']?([^\n]*?)[\"']?\s*\Z"),
    text=True,
    unsafe=too_deep(r"[-?:](?=\s|\Z)"),
    max_bytes=DATA_BYTES,
    max_symbols=DATA_SYMBOLS,
    max_depth=0,
)
