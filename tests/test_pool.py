"""Several repositories in one process: opened when asked for, closed when idle, bounded."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from memls.errors import UsageError
from memls.owner.pool import Pool, named


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    monkeypatch.setenv("MEMLS_HOME", str(tmp_path / "home"))
    made = [tmp_path / "code" / name for name in ("api", "web", "jobs")]
    for root in made:
        root.mkdir(parents=True)
        (root / "main.py").write_text(f"def start_{root.name}():\n    return 1\n")
    yield made


def _pool(roots: list[Path], **options: float) -> Pool:
    return Pool(roots, lambda *_: None, lambda line: None, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/w/api", "/w/web"], ["api", "web"]),
        (["/w/api", "/w/api"], ["api"]),
        (["/a/x/api", "/b/x/api", "/w"], ["a/x/api", "b/x/api", "w"]),
        (["/api", "/x/api"], ["api", "x/api"]),
        (["/"], ["root"]),
    ],
)
def test_names_are_as_short_as_they_can_be(paths: list[str], names: list[str]) -> None:
    assert list(named([Path(path) for path in paths])) == names


async def test_what_is_asked_for_is_opened_and_the_oldest_makes_room(roots: list[Path]) -> None:
    async with _pool(roots, most=2) as pool:
        assert pool.opened == {}
        for name in ("api", "web", "api", "jobs"):
            async with pool.use(name) as access:
                await access.index()
                found = await access.sure("search", query=f"start_{name}", kind="symbol")
                assert [hit.path for hit in found.hits] == ["main.py"]
        assert set(pool.opened) == {"api", "jobs"}
        async with pool.use("api"), pool.use("jobs"), pool.use("web"):
            assert set(pool.opened) == {"api", "jobs", "web"}  # what is used is not closed


async def test_what_nobody_asks_is_closed_and_opens_again(roots: list[Path]) -> None:
    async with _pool(roots, idle=0.2) as pool:
        async with pool.use("api") as access:
            await access.index()
            await asyncio.sleep(0.4)
            assert "api" in pool.opened
        for _ in range(100):
            if not pool.opened:
                break
            await asyncio.sleep(0.05)
        assert not pool.opened
        async with pool.use("api") as access:
            assert (await access.sure("search", query="start_api", kind="symbol")).total == 1


async def test_a_name_is_needed_where_there_are_several(roots: list[Path]) -> None:
    async with _pool(roots) as pool:
        for given in (None, "shop"):
            with pytest.raises(UsageError, match="api, web, jobs"):
                async with pool.use(given):
                    pass
    async with _pool(roots[:1]) as pool:
        assert pool.name(None) == "api"
