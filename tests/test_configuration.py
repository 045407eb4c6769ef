"""memls.toml changes while somebody has the repository open: it counts at once, or is told what is wrong.

Every test talks to real processes by `tests/wire.py`: one owns the index, the other goes through it.
"""

from pathlib import Path

import pytest
from editor import write
from wire import Json, Refused, Wire, serving

pytestmark = pytest.mark.slow

FILES = {"app.py": "def app():\n    return 1\n", "web.js": "function web() {}\n", "out/made.py": "MADE = 1\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "repo", FILES)


async def opened(folder: Path, wire: Wire) -> None:
    await wire.initialize(folder)
    await wire.ready()


async def until(wire: Wire, **names: list[str]) -> None:
    """Wait until each query finds symbols of these names."""
    for query, wanted in names.items():

        def reached(found: list[Json], wanted: list[str] = wanted) -> bool:
            return [one["name"] for one in found] == wanted

        await wire.until(reached, "workspace/symbol", {"query": query})


def warnings(wire: Wire) -> list[str]:
    return [str(told["message"]) for told in wire.heard("window/showMessage")]


async def test_what_it_says_counts_for_all_who_have_it_open(folder: Path) -> None:
    async with serving(folder) as owner, serving(folder) as guest:
        await opened(folder, owner)
        await opened(folder, guest)
        for told, names in (
            ('languages = ["python"]\n', {"app": ["app"], "web": [], "MADE": ["MADE"]}),
            ('ignore = ["out/"]\n', {"app": ["app"], "web": ["web"], "MADE": []}),
            (None, {"app": ["app"], "web": ["web"], "MADE": ["MADE"]}),
        ):
            own = folder / "memls.toml"
            own.write_text(told) if told else own.unlink()
            for wire in (owner, guest):
                await until(wire, **names)
        write(folder, {"out/more.py": "MORE = 1\n"})  # a folder that was left out and is watched again
        await until(owner, MORE=["MORE"])
        assert warnings(owner) == warnings(guest) == []


async def test_unsaved_text_is_read_as_it_says(folder: Path) -> None:
    async with serving(folder) as wire:
        await opened(folder, wire)
        document = {"uri": (folder / "web.js").as_uri(), "languageId": "javascript", "version": 1}
        wire.notify("textDocument/didOpen", {"textDocument": {**document, "text": "function fresh() {}\n"}})
        await until(wire, fresh=["fresh"])
        (folder / "memls.toml").write_text('languages = ["python"]\n')
        await until(wire, fresh=[])


async def test_a_mistake_is_told_once_and_what_stood_there_counts(folder: Path) -> None:
    (folder / "memls.toml").write_text('languages = ["python"]\n')
    async with serving(folder) as owner, serving(folder) as guest:
        await opened(folder, owner)
        await opened(folder, guest)
        (folder / "memls.toml").write_text('ignroe = ["out/"]\n')
        line = "memls: memls.toml: unknown key 'ignroe'"
        for wire in (owner, guest):
            await wire.wait_for(lambda wire=wire: warnings(wire))
            assert warnings(wire)[0].startswith(line), warnings(wire)
            assert warnings(wire)[0].endswith("; until that is mended, what it said before counts")
        with pytest.raises(Refused, match="unknown key"):
            await owner.ask("memls/index", {})
        write(folder, {"more.py": "MORE = 1\n", "more.js": "function more() {}\n"})
        await until(guest, more=["MORE"])
        assert len(warnings(owner)) == len(warnings(guest)) == 1
        (folder / "memls.toml").write_text('languages = ["javascript"]\n')
        await until(guest, more=["more"])


async def test_who_begins_with_a_mistake_opens_when_it_is_mended(folder: Path) -> None:
    (folder / "memls.toml").write_text("languages = 1\n")
    async with serving(folder) as wire:
        await wire.initialize(folder)
        await wire.wait_for(lambda: warnings(wire))
        assert warnings(wire) == ["memls: memls.toml: languages must be a list of strings"]
        (folder / "memls.toml").write_text('languages = ["python"]\n')
        await wire.ready()
        await until(wire, app=["app"], web=[])
        assert len(warnings(wire)) == 1
