"""`memls lsp`: what goes on until it is stopped."""

import sys
from pathlib import Path

import click

from memls.commands.options import repo_option
from memls.errors import UsageError
from memls.terminal import warn


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output. This is the default.")
@click.option(
    "--tcp", metavar="HOST:PORT", help="Serve any number of editors over TCP. Port 0: any free one."
)
@click.option("--websocket", metavar="HOST:PORT", help="Serve any number of editors over WebSockets.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Holds what editors over TCP and WebSockets have to show. Default: in the user's data folder.",
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write warnings, and each message's method and time, to this file.",
)
@repo_option
def lsp(
    stdio: bool, tcp: str | None, websocket: str | None, token_file: Path | None, log: Path | None,
    repo: str | None,
) -> None:  # fmt: skip
    """Serve editors by the Language Server Protocol."""
    from memls.lsp.leaving import start_log
    from memls.source.files import open_root

    if stdio + bool(tcp) + bool(websocket) > 1:
        raise UsageError("--stdio, --tcp and --websocket exclude each other")
    root = open_root(repo) if repo is not None else None
    start_log(log)
    if address := tcp or websocket:
        from memls.config import token_file as own_token_file
        from memls.lsp import listening

        file = token_file or own_token_file()
        sys.exit(listening.run(address, root, file, warn, web=websocket is not None))
    from memls.lsp.stdio import run

    sys.exit(run(root))
