"""The language server's features, asked in this process: marker fixtures in every language, and the rest."""

from collections.abc import Iterator

import pytest
from features import FIXTURES, Asker, check, sources
from repository import repository

LANGUAGES = sorted(path.name for path in FIXTURES.iterdir())


@pytest.fixture(scope="module", params=LANGUAGES)
def marked(request: pytest.FixtureRequest) -> Iterator[tuple[Asker, str]]:
    with repository(sources(request.param)[0]) as repo:
        yield Asker(repo.workspace), request.param


def test_markers(marked: tuple[Asker, str]) -> None:
    asker, language = marked
    markers = sources(language)[1]
    wrong = [found for marker in markers if (found := check(asker, marker))]
    assert len(markers) >= 6
    assert not wrong, "\n".join(["", *wrong])
