"""`memls lsp`: what goes on until it is stopped."""

import sys
from pathlib import Path

import click

from memls.commands.options import repo_option
from memls.config import token_file as own_token_file
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
        from memls.lsp import listening

        file = token_file or own_token_file()
        sys.exit(listening.run(address, root, file, warn, web=websocket is not None))
    from memls.lsp.stdio import run

    sys.exit(run(root))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=7717, show_default=True, help="0: any free one."
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Holds what clients have to show. Default: in the user's data folder.",
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name that clients call us by.")
@click.option("--max-asks", type=click.IntRange(1), default=8, show_default=True, help="Answered at a time.")
@click.option(
    "--max-waiting", type=click.IntRange(0), default=64, show_default=True, help="Waiting for that."
)
@click.option("--ask-timeout", type=click.FloatRange(1), default=900, show_default=True, metavar="SECONDS")
@click.option(
    "--drain",
    type=click.FloatRange(0),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="What answers are given when the service is stopped.",
)
@click.option("--repo", multiple=True, metavar="PATH", help="A repository to serve; may be given again.")
def serve(
    host: str, port: int, token_file: Path | None, allow_host: tuple[str, ...], max_asks: int,
    max_waiting: int, ask_timeout: float, drain: float, repo: tuple[str, ...],
) -> None:  # fmt: skip
    """Answer over HTTP: an API, OpenAI's chat completions, and the chat panel in a browser."""
    from memls.commands.options import feature
    from memls.http import serving
    from memls.listening import token_of
    from memls.source.files import find_root, open_root

    serving.require_packages()
    from memls.http.service import Bounds

    roots = [open_root(one) for one in repo] or [find_root(Path.cwd())]
    file = token_file or own_token_file(server="serve")
    token = token_of(file)
    bounds = Bounds(max_asks, max_waiting, ask_timeout, drain)

    def told(line: str) -> None:
        warn(line)
        if line.startswith("listening") and sys.stderr.isatty():
            address = line.rpartition(" ")[2]
            warn(f"in a browser: {address}?token={token}")

    warn(f"the token is in {file}")
    sys.exit(serving.serve(roots, serving.Where(host, port, token, allow_host), bounds, feature, told))


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output. This is the default.")
@click.option("--http", metavar="HOST:PORT", help="Serve streamable HTTP. Port 0: any free one.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Holds what clients over HTTP have to show. Default: in the user's data folder.",
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name that clients call us by.")
@click.option("--repo", multiple=True, metavar="PATH", help="A repository to serve; may be given again.")
@click.option("--available", is_flag=True, hidden=True, help="Only say whether the packages are there.")
def mcp(
    stdio: bool, http: str | None, token_file: Path | None, allow_host: tuple[str, ...],
    repo: tuple[str, ...], available: bool,
) -> None:  # fmt: skip
    """Serve other agents by the Model Context Protocol."""
    from memls.commands.options import feature
    from memls.http.serving import Where
    from memls.listening import split_address, token_of
    from memls.mcp import serving
    from memls.source.files import find_root, open_root

    serving.require_packages()
    if available:
        return
    if stdio and http:
        raise UsageError("--stdio and --http exclude each other")
    roots = [open_root(one) for one in repo] or [find_root(Path.cwd())]
    where = None
    if http:
        file = token_file or own_token_file(server="mcp")
        where = Where(*split_address(http), token_of(file), allow_host)
        warn(f"the token is in {file}")
    sys.exit(serving.serve(roots, where, feature, warn))
