"""The commands and their output; no logic. Results go to standard output, errors as one line to the other.

Exit codes: 0 success, 1 a negative result, 2 wrong use or configuration, 3 the model or the machine failed,
130 interrupted.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memls import __version__
from memls.errors import MachineError, MemlsError, NotFoundError, UsageError
from memls.terminal import indexing, table, warn
from memls.text import plural, visible

if TYPE_CHECKING:
    from memls.agent.conversation import AskOptions
    from memls.index.vectors import Coverage
    from memls.owner.client import Client
    from memls.workspace import MemoryForm, Workspace

_INTERRUPTED = 130
_GRACE = 5.0
"""Seconds over its time that a question is given to end by itself, with what it has."""

repo_option = click.option(
    "--repo",
    metavar="PATH",
    help="The repository's folder. Default: the repository around the current folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="memls")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def cli(debug: bool) -> None:
    """Ask questions about a code base of any size, with citations that have been checked."""


@cli.command()
@repo_option
@click.option("--force", is_flag=True, help="Build the index anew.")
@json_option
def index(repo: str | None, force: bool, as_json: bool) -> None:
    """Bring the index up to date."""
    with _open(repo) as workspace, indexing() as progress:
        report = workspace.index(progress, force=force)
        status = workspace.status()
        if status.embeddings:
            with indexing("embedding", "texts") as embedding:
                status = replace(status, embeddings=workspace.embed(embedding))
    values: dict[str, Any] = {
        "files": status.files, "symbols": status.symbols, "references": status.references,
        "bytes": status.bytes, "seconds": round(report.seconds, 3), "generation": status.generation,
        "changed": len(report.changed), "not_indexed": len(status.not_indexed),
    }  # fmt: skip
    if status.embeddings:
        values["embeddings"] = asdict(status.embeddings)
    if as_json:
        click.echo(json.dumps(values))
        return
    click.echo(
        f"{plural(status.files, 'file')} ({status.bytes / 1e6:.1f} MB), {plural(status.symbols, 'symbol')}, "
        f"{plural(status.references, 'reference')}; {len(report.changed):,} changed, {report.seconds:.1f} s"
    )
    if status.embeddings:
        click.echo(_embedded(status.embeddings))
    if status.not_indexed:
        click.echo(f"{plural(len(status.not_indexed), 'file')} not indexed: see memls status")


def _embedded(found: "Coverage") -> str:
    problem = f"; {found.problem}" if found.problem else ""
    return f"{found.done:,} of {plural(found.total, 'text')} embedded by {visible(found.model)}{problem}"


@cli.command()
@click.argument("query")
@click.option("--kind", type=click.Choice(["auto", "symbol", "text", "regex"]), default="auto")
@click.option("--path", "glob", metavar="GLOB", help="Only files below this folder, or matching this glob.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@repo_option
@json_option
def search(query: str, kind: Any, glob: str | None, limit: int, repo: str | None, as_json: bool) -> None:
    """Find symbols, text, patterns, or what bears on a question."""
    with _open(repo) as workspace:
        early = workspace.search_early(query, glob, limit) if kind == "symbol" else None
        if early:
            found = early.found
        else:
            _catch_up(workspace)
            found = workspace.search(query, kind, glob, limit)
    if early:
        read = "" if early.is_whole else f"; {early.read} of {early.files} files that hold the name were read"
        warn(f"partial: the index is still being built, in the background{read}")
    if as_json:
        click.echo(json.dumps([asdict(hit) for hit in found.hits], ensure_ascii=False))
    else:
        rows = [(f"{hit.path}:{hit.line}", hit.symbol or hit.kind, hit.text) for hit in found.hits]
        for line in table(rows):
            click.echo(visible(line))
        if found.total > len(found.hits):
            warn(f"{len(found.hits)} of {plural(found.total, 'match')} shown; --limit for more")
    if not found.hits:
        near = f"; near names: {', '.join(found.near)}" if found.near else ""
        warn(f"nothing found for {query!r}{near}")
        sys.exit(1)


@cli.command()
@click.argument("target")
@click.option("--callers", "kind", flag_value="callers", help="Only calls of it.")
@click.option("--callees", "kind", flag_value="callees", help="What it calls.")
@click.option("--definition", "kind", flag_value="definition", help="Where it is defined.")
@repo_option
@json_option
def refs(target: str, kind: Any, repo: str | None, as_json: bool) -> None:
    """References of TARGET: Symbol, path:Symbol, or path:line:column."""
    with _open(repo) as workspace:
        _catch_up(workspace)
        edges = workspace.references(target, kind or "references")
    outward = kind in ("callees", "definition")
    rows = []
    for edge in edges:
        path, line, symbol = (
            (edge.target.path, edge.target.line, edge.target.symbol)
            if outward
            else (edge.path, edge.line, edge.symbol)
        )
        rows.append(
            {
                "path": path, "line": line, "column": 1 if outward else edge.column + 1, "symbol": symbol,
                "status": edge.status, "reason": edge.reason, "role": edge.role,
            }
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        cells = [
            (f"{r['path']}:{r['line']}", str(r["symbol"]), f"{r['status']}: {r['reason']}") for r in rows
        ]
        for text in table(cells):
            click.echo(visible(text))
    if not rows:
        warn(f"no {kind or 'references'} of {target} in the index")
        sys.exit(1)


@cli.command()
@click.argument("question")
@click.option("--model", metavar="NAME", help="Default: MEMLS_MODEL, else the extractive default.")
@click.option("--window", type=int, metavar="TOKENS", help="The model's context size, 4096 or more.")
@click.option("--session", metavar="NAME", help="Go on with a conversation, or start one by this name.")
@click.option("--max-steps", type=click.IntRange(1, 1000), default=24, show_default=True)
@click.option("--max-tokens", type=click.IntRange(1000), default=2_000_000, show_default=True)
@click.option("--timeout", type=click.FloatRange(0.1), metavar="SECONDS", help="Answer within this time.")
@click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="DOLLARS")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "jsonl"]),
    default="text",
    show_default=True,
)
@click.option("--trace", type=click.Path(dir_okay=False, path_type=Path), help="Record the run in this file.")
@repo_option
def ask(
    question: str, model: str | None, window: int | None, session: str | None, max_steps: int,
    max_tokens: int, timeout: float | None, max_cost: float | None, form: str, trace: Path | None,
    repo: str | None,
) -> None:  # fmt: skip
    """Answer QUESTION from the code, citing it."""
    from memls.agent.conversation import AskOptions
    from memls.agent.limits import Limits
    from memls.agent.trace import open_trace
    from memls.config import model_config

    config = model_config(model, window)
    if config.name is None and config.base_url:
        warn("OPENAI_BASE_URL is set but no model is named (--model or MEMLS_MODEL): answering without one")
    with _open(repo) as workspace:
        _catch_up(workspace)
        if not workspace.status().files:
            raise NotFoundError(
                f"there is nothing to read in {workspace.root}: memls status says what is not indexed"
            )
        options = AskOptions(config, session, Limits(max_steps, max_tokens, timeout or 0, max_cost or 0))
        if trace is None:
            status = _answer(workspace, question, options, form, timeout)
        else:
            with open_trace(trace) as file:
                status = _answer(workspace, question, replace(options, trace=file), form, timeout)
    sys.exit(0 if status == "answered" else 1)


def _answer(
    workspace: "Client", question: str, options: "AskOptions", form: str, timeout: float | None
) -> str:
    import asyncio
    from contextlib import aclosing

    from memls.answers import AnswerView
    from memls.events import Done

    view = AnswerView(form)

    async def run() -> str:
        patience = timeout + _GRACE if timeout else None
        async with asyncio.timeout(patience), aclosing(workspace.ask(question, options)) as events:
            async for event in events:
                view.show(event)
                if isinstance(event, Done):
                    return event.result.status
        return "incomplete"

    try:
        return asyncio.run(run())
    except TimeoutError:
        raise MachineError(f"no answer within {timeout:g} seconds; what was done so far is kept") from None
    finally:
        view.stop()


@cli.command()
@repo_option
@json_option
def status(repo: str | None, as_json: bool) -> None:
    """What is indexed, and what is not and why."""
    with _open(repo) as workspace:
        _catch_up(workspace)
        found = workspace.status()
        root, folders = workspace.root, workspace.folders
    if as_json:
        click.echo(json.dumps({"root": str(root), **asdict(found)}, ensure_ascii=False))
        return
    click.echo(f"{root}")
    click.echo(f"  generation {found.generation}, listed by {found.listing}")
    click.echo(
        f"  {plural(found.files, 'file')} ({found.bytes / 1e6:.1f} MB), {plural(found.symbols, 'symbol')}, "
        f"{plural(found.references, 'reference')}"
    )
    names = {name: f"{name} (generic)" for name in found.generic}
    click.echo("  " + ", ".join(f"{names.get(name, name)} {n:,}" for name, n in found.languages.items()))
    click.echo(f"  index in {folders.index}, memory in {folders.memory}")
    if found.embeddings:
        click.echo(f"  {_embedded(found.embeddings)}")
    for title, rows in (("Not indexed", found.not_indexed), ("Syntax errors", found.syntax_errors)):
        if rows:
            click.echo(f"\n{title} ({len(rows):,})")
            for line in table([(f"  {path}", str(reason)) for path, reason in rows[:50]]):
                click.echo(visible(line))
            if len(rows) > 50:
                click.echo(f"  … and {len(rows) - 50:,} more: memls status --json")


@cli.command()
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


@cli.group()
def memory() -> None:
    """What is remembered: conversations and notes."""


@memory.command("list")
@repo_option
@json_option
def memory_list(repo: str | None, as_json: bool) -> None:
    """Conversations, the latest first, and the notes in the archive."""
    with _open(repo) as workspace:
        sessions, notes = workspace.sessions(), workspace.notes()
    if as_json:
        values = {
            "sessions": [{**asdict(session), "used": session.used.isoformat()} for session in sessions],
            "notes": [{"id": n.id, "text": n.text, "session": n.session} for n in notes],
        }
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for s in sessions:
        click.echo(visible(f"{s.name}  {s.used:%Y-%m-%d %H:%M}  {plural(s.messages, 'message')}"))
    for note in notes:
        click.echo(visible(f"note {note.id}  {note.text}"))


@memory.command("show")
@click.argument("session")
@repo_option
def memory_show(session: str, repo: str | None) -> None:
    """Every message of a conversation."""
    with _open(repo) as workspace:
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
    with _open(repo) as workspace:
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
    with _open(repo) as workspace:
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
    with _open(repo) as workspace:
        _catch_up(workspace)
        click.echo(f"{workspace.tidy()}")


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), help="Default: by FILE's ending.")
@repo_option
def memory_export(file: Path | None, form: "MemoryForm | None", repo: str | None) -> None:
    """Write everything that is remembered to FILE, or print it: Markdown to read and mend, JSON with all."""
    with _open(repo) as workspace:
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
    with _open(repo) as workspace:
        try:
            done = workspace.import_memory(text, form or _form(file, "json"), replace=replace)
        except UsageError as error:
            raise UsageError(f"{file}: {error}") from None
    came = f"{plural(done.sessions, 'conversation')} and {plural(done.notes, 'note')} came in"
    click.echo(f"{came}; {done.known:,} were there" if done.known else came)


def _form(file: Path | None, default: "MemoryForm") -> "MemoryForm":
    ending = file.suffix.lower() if file else ""
    return "markdown" if ending in (".md", ".markdown") else "json" if ending == ".json" else default


@cli.group()
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
    with _open(repo) as workspace:
        _catch_up(workspace)
        line = difference(text, workspace.replay(text))
    if line:
        warn(f"the replay differs from {file} at {line}")
        sys.exit(1)
    click.echo(
        f"identical: {plural(len(recorded.rows), 'line')}, {plural(len(recorded.replies), 'model call')}"
    )


def _open(repo: str | None) -> "Client":
    from memls.owner.client import Client
    from memls.source.files import find_root, open_root

    root = open_root(repo) if repo is not None else find_root(Path.cwd())
    tell: Callable[[str], None] | None = warn if sys.stderr.isatty() else None
    return Client(root, _feature, tell)


def _feature(workspace: "Workspace", params: Any) -> Any:
    """For an editor that comes while this command has the repository open."""
    from memls.lsp.forwarded import answer

    return answer(workspace, params)


def _catch_up(workspace: "Client") -> None:
    with indexing() as progress:
        workspace.index(progress)


def main() -> None:
    """The console script."""
    os.umask(0o077)
    debug = "--debug" in sys.argv
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, click.Abort):
        warn("interrupted; what was done is kept")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except click.ClickException as error:
        warn(error.format_message().replace("\n", " "))
        sys.exit(UsageError.exit_code)
    except MemlsError as error:
        if debug:
            raise
        warn(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        warn(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(MachineError.exit_code)
    except Exception as error:
        if debug:
            raise
        warn(f"internal error, please report it: {type(error).__name__}: {error} (--debug shows where)")
        sys.exit(MachineError.exit_code)
