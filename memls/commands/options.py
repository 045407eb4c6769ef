"""What commands share: their options, and the repository as they have it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memls.errors import UsageError
from memls.terminal import indexing, warn

if TYPE_CHECKING:
    from memls.owner.client import Client
    from memls.workspace import Workspace


def _one(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str | None:
    """What is given once. Twice, the last one would win in silence; `memls ask` takes several."""
    if len(values) > 1:
        raise UsageError(f"{context.command_path} takes one --repo, not {len(values)}")
    return values[0] if values else None


repo_option = click.option(
    "--repo",
    multiple=True,
    callback=_one,
    metavar="PATH",
    help="The repository's folder. Default: the repository around the current folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def opened(repo: str | None) -> "Client":
    """The repository that a command is for, as a context manager."""
    from memls.owner.client import Client
    from memls.source.files import find_root, open_root

    root = open_root(repo) if repo is not None else find_root(Path.cwd())
    tell: Callable[[str], None] | None = warn if sys.stderr.isatty() else None
    return Client(root, feature, tell)


def feature(workspace: "Workspace", params: Any) -> Any:
    """For an editor that comes while this command has the repository open."""
    from memls.lsp.forwarded import answer

    return answer(workspace, params)


def catch_up(workspace: "Client") -> None:
    """Bring its index up to date, and show that where it takes long."""
    with indexing() as progress:
        workspace.index(progress)
