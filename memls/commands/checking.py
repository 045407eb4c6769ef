"""`memls check`: questions and rules with expectations, for CI."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memls.commands.options import catch_up, json_option, opened, repo_option
from memls.errors import MachineError, UsageError
from memls.terminal import warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from memls.checks.report import Outcome, Report

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--junit", type=_OUT, help="Write JUnit XML to this file.")
@click.option("--sarif", type=_OUT, help="Write SARIF 2.1.0 to this file.")
@click.option("--github", is_flag=True, help="Print annotations for GitHub, and write the job's summary.")
@json_option
@click.option("--changed-since", metavar="REV", help="Ask only what a change since this commit can touch.")
@click.option("--cache", type=_OUT, help="Where answers are kept. Default: beside the index.")
@click.option("--no-cache", is_flag=True, help="Ask everything anew.")
@click.option("--model", metavar="NAME", help="For questions that name none. Default: MEMLS_MODEL.")
@click.option("--window", type=int, metavar="TOKENS", help="The same for the model's context size.")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Questions at a time.")
@click.option("--schema", is_flag=True, help="Print the JSON schema of such files.")
@repo_option
def check(
    file: Path | None, junit: Path | None, sarif: Path | None, github: bool, as_json: bool,
    changed_since: str | None, cache: Path | None, no_cache: bool, model: str | None, window: int | None,
    jobs: int, schema: bool, repo: str | None,
) -> None:  # fmt: skip
    """Ask the questions of FILE and hold its rules; succeed when every expectation is met."""
    from memls.checks import file as files

    if schema:
        click.echo(json.dumps(files.schema(), indent=2))
        return
    if as_json and github:
        raise UsageError("--json and --github exclude each other: both are printed")
    if file is None:
        raise UsageError("name a file of checks, such as memls-check.yaml")
    checks = files.read(file)
    from memls.checks.kept import Answers
    from memls.checks.runner import Options, run
    from memls.source.git import changed_since as git_changed

    with opened(repo) as client:
        changed = frozenset(git_changed(client.root, changed_since)) if changed_since else None
        catch_up(client)
        kept = None if no_cache else cache or _answers(client.folders.index)
        options = Options(model, window, jobs, changed)
        shown = _silent if as_json else _show(checks.path)
        report = run(client, checks, Answers(kept), options, shown)
    _write(report, junit, sarif)
    if github:
        _tell_github(report)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        from memls.checks.report import summary

        click.echo(summary(report))
    sys.exit(report.exit_code)


def _answers(index: Path) -> Path:
    """Beside the index's folder: an index that is built anew takes no answer with it."""
    return index.with_name(f"{index.name}.answers.json")


def _silent(outcome: "Outcome") -> None:
    """Where the report is JSON, it comes at the end."""


def _show(path: str) -> "Callable[[Outcome], None]":
    from memls.checks.console import lines

    def show(outcome: "Outcome") -> None:
        for line in lines(outcome, path):
            click.echo(line)

    return show


def _write(report: "Report", junit: Path | None, sarif: Path | None) -> None:
    from memls.checks import machine

    made = []
    if junit is not None:
        made.append((junit, machine.junit(report)))
    if sarif is not None:
        made.append((sarif, json.dumps(machine.sarif(report), indent=1).encode("utf-8")))
    for file, content in made:
        try:
            file.write_bytes(content)
        except OSError as error:
            raise MachineError(f"cannot write {file}: {error.strerror or error}") from error


def _tell_github(report: "Report") -> None:
    from memls.checks.console import markdown
    from memls.checks.machine import annotations

    for line in annotations(report):
        click.echo(line)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as page:
                page.write(markdown(report))
        except OSError as error:
            warn(f"cannot write the job's summary: {error.strerror or error}")
