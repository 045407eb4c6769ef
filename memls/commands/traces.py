"""`memls trace`: recorded runs."""

import sys
from pathlib import Path

import click

from memls.commands.options import catch_up, opened, repo_option
from memls.terminal import warn
from memls.text import plural, visible


@click.group()
def trace() -> None:
    """Recorded runs."""


@trace.command("show")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def trace_show(file: Path) -> None:
    """A recorded run, in readable form."""
    from memls.agent.trace import read_trace, readable

    for line in readable(read_trace(file)):
        click.echo(visible(line))


@trace.command("replay")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@repo_option
def trace_replay(file: Path, repo: str | None) -> None:
    """Run a recording again without a model; succeeds when it comes out byte for byte the same."""
    from memls.agent.trace import difference, read_trace

    recorded = read_trace(file)
    text = file.read_text("utf-8")
    with opened(repo) as workspace:
        catch_up(workspace)
        line = difference(text, workspace.replay(text))
    if line:
        warn(f"the replay differs from {file} at {line}")
        sys.exit(1)
    click.echo(
        f"identical: {plural(len(recorded.rows), 'line')}, {plural(len(recorded.replies), 'model call')}"
    )
