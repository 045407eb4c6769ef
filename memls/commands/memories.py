"""`memls memory`: what is remembered."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memls.commands.options import catch_up, json_option, opened, repo_option
from memls.errors import MachineError, UsageError
from memls.terminal import warn
from memls.text import plural, told_time, visible

if TYPE_CHECKING:
    from memls.recollection import MemoryForm


@click.group()
def memory() -> None:
    """What is remembered: conversations and notes."""


@memory.command("list")
@repo_option
@json_option
def memory_list(repo: str | None, as_json: bool) -> None:
    """Conversations, the latest first, and the notes in the archive."""
    with opened(repo) as workspace:
        sessions, notes = workspace.sessions(), workspace.notes()
    if as_json:
        values = {
            "sessions": [{**asdict(session), "used": told_time(session.used)} for session in sessions],
            "notes": [{"id": n.id, "text": n.text, "session": n.session} for n in notes],
        }
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for s in sessions:
        click.echo(visible(f"{s.name}  {s.used:%Y-%m-%d %H:%M} UTC  {plural(s.messages, 'message')}"))
    for note in notes:
        click.echo(visible(f"note {note.id}  {note.text}"))


@memory.command("show")
@click.argument("session")
@repo_option
def memory_show(session: str, repo: str | None) -> None:
    """Every message of a conversation."""
    with opened(repo) as workspace:
        messages = workspace.transcript(session)
    if not messages:
        warn(f"no session is named {session!r}; see memls memory list")
        sys.exit(1)
    for message in messages:
        click.echo(visible(f"[{message.number}] {message.role}: {message.content}"))


@memory.command("forget")
@click.argument("what")
@repo_option
def memory_forget(what: str, repo: str | None) -> None:
    """Delete a conversation by name, or a note as `note:ID`."""
    with opened(repo) as workspace:
        gone = workspace.forget(what)
    if not gone:
        warn(f"nothing is remembered as {what!r}; see memls memory list")
        sys.exit(1)
    click.echo(f"forgot {what}")


@memory.command("block")
@click.argument("name", required=False)
@click.option("--about", default="", help="What it is for, in a line; the model reads it.")
@click.option("--tokens", type=click.IntRange(0), default=0, help="What it holds. Default: its share.")
@click.option("--read-only", is_flag=True, help="The model reads it in every request and cannot edit it.")
@click.option("--text", help="What it says. Default: what it said.")
@click.option("--remove", is_flag=True, help="Delete it with its text.")
@repo_option
def memory_block(
    name: str | None, about: str, tokens: int, read_only: bool, text: str | None, remove: bool,
    repo: str | None,
) -> None:  # fmt: skip
    """Define the working-context block NAME of this repository; without NAME, list what there is."""
    defines = bool(about or tokens or read_only) or text is not None
    if name is None and (defines or remove):
        raise UsageError("name the block that this is for: memls memory block NAME …")
    if defines and remove:
        raise UsageError("--remove goes without the options that define a block")
    with opened(repo) as workspace:
        if name is None:
            for block in workspace.blocks():
                click.echo("\n".join([visible(block.kind.title), *visible(block.text).splitlines()]))
        elif not remove:
            workspace.define_block(name, about, tokens, read_only, text)
            click.echo(f"defined {name}: conversations read it from their next question on")
        elif workspace.remove_block(name):
            click.echo(f"removed {name}")
        else:
            warn(f"no block {name!r} was defined; see memls memory block")
            sys.exit(1)


@memory.command("tidy")
@repo_option
def memory_tidy(repo: str | None) -> None:
    """Let notes follow code that moved, find what is said twice as one, sum up what is over."""
    with opened(repo) as workspace:
        catch_up(workspace)
        click.echo(f"{workspace.tidy()}")


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), help="Default: by FILE's ending.")
@repo_option
def memory_export(file: Path | None, form: "MemoryForm | None", repo: str | None) -> None:
    """Write everything that is remembered to FILE, or print it: Markdown to read and mend, JSON with all."""
    with opened(repo) as workspace:
        text = workspace.export_memory(form or _form(file, "markdown"))
    if file is None:
        click.echo(text, nl=False)
        return
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MachineError(f"cannot write {file}: {error.strerror or error}") from error
    click.echo(f"wrote {file}")


@memory.command("import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), help="Default: by FILE's ending.")
@click.option("--replace", is_flag=True, help="Forget everything else.")
@repo_option
def memory_import(file: Path, form: "MemoryForm | None", replace: bool, repo: str | None) -> None:
    """Bring in what an export wrote. What is there already is kept, and nothing comes twice."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from error
    with opened(repo) as workspace:
        try:
            done = workspace.import_memory(text, form or _form(file, "json"), replace=replace)
        except UsageError as error:
            raise UsageError(f"{file}: {error}") from None
    came = f"{plural(done.sessions, 'conversation')} and {plural(done.notes, 'note')} came in"
    click.echo(f"{came}; {done.known:,} were there" if done.known else came)


def _form(file: Path | None, default: "MemoryForm") -> "MemoryForm":
    ending = file.suffix.lower() if file else ""
    return "markdown" if ending in (".md", ".markdown") else "json" if ending == ".json" else default
