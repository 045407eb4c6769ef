"""What the pages tell users to copy is well-formed, and names features that there are."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from headless import DOCS

from memls.lsp.features.table import FEATURES
from memls.source.languages import languages

NAMES = [feature.name for feature in FEATURES]
CALLED = {"bash": "sh", "csharp": "cs", "tsx": "typescriptreact"}
"""What Vim calls a language, where that is another name than ours."""


def switches(value: Any) -> Iterator[dict[str, bool]]:
    """Every `features` in a configuration."""
    if isinstance(value, dict):
        if "features" in value:
            yield value["features"]
        for inner in value.values():
            yield from switches(inner)


def configurations() -> Iterator[tuple[str, Any]]:
    for page in sorted(DOCS.rglob("*.md")):
        for number, block in enumerate(re.findall(r"```json\n(.*?)```", page.read_text(), re.S)):
            yield f"{page.relative_to(DOCS)}-{number}", json.loads(block)
    for file in sorted(DOCS.rglob("*.toml")):
        yield str(file.relative_to(DOCS)), tomllib.loads(file.read_text())
    for file in sorted(DOCS.rglob("*.sublime-settings")):
        yield str(file.relative_to(DOCS)), json.loads(re.sub(r"^\s*//.*", "", file.read_text(), flags=re.M))


@pytest.mark.parametrize("configuration", [pytest.param(value, id=name) for name, value in configurations()])
def test_switches_are_of_features(configuration: Any) -> None:
    for switched in switches(configuration):
        assert set(switched) <= set(NAMES)


def test_the_page_lists_every_feature() -> None:
    listed = next(
        line for line in (DOCS / "README.md").read_text().splitlines() if line.startswith("`documentSymbol`")
    )
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(NAMES)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_to_files(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).is_file(), link


@pytest.mark.parametrize("file", ["nvim/plugin/memls.lua", "vim/memls.vim"])
def test_the_server_starts_in_every_language_that_it_parses(file: str) -> None:
    named = re.findall(r"'(\w+)'", (DOCS / file).read_text())
    code = [language.name for language in languages().values() if not language.text]
    assert [name for name in code if CALLED.get(name, name) not in named] == []
