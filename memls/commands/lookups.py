"""`memls index`, `search`, `refs`, `status`: what needs no model."""

import json
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memls.commands.options import catch_up, json_option, opened, repo_option
from memls.errors import UsageError
from memls.terminal import indexing, show_table, warn
from memls.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memls.index.search import Hit
    from memls.index.vectors import Coverage


_FILE = click.Path(dir_okay=False, readable=False, path_type=Path)


@click.command()
@repo_option
@click.option("--force", is_flag=True, help="Build the index anew.")
@click.option(
    "--import", "came", type=_FILE, help="First take what FILE has of the same texts: only others are parsed."
)
@click.option("--export", "goes", type=_FILE, help="Then write the index to FILE, for another place.")
@json_option
def index(repo: str | None, force: bool, came: Path | None, goes: Path | None, as_json: bool) -> None:
    """Bring the index up to date."""
    with opened(repo) as workspace, indexing() as progress:
        if came:
            report = workspace.import_index(came, progress, force=force)
        else:
            report = workspace.index(progress, force=force)
        exported = workspace.export_index(goes) if goes else None
        status = workspace.status()
        if status.embeddings:
            with indexing("embedding", "texts") as embedding:
                status = replace(status, embeddings=workspace.embed(embedding))
    values: dict[str, Any] = {
        "files": status.files, "symbols": status.symbols, "references": status.references,
        "bytes": status.bytes, "seconds": round(report.seconds, 3), "generation": status.generation,
        "changed": len(report.changed), "parsed": report.parsed, "not_indexed": len(status.not_indexed),
    }  # fmt: skip
    if came:
        values["taken"] = report.brought
    if exported is not None:
        values["exported_bytes"] = exported
    if status.embeddings:
        values["embeddings"] = asdict(status.embeddings)
    if as_json:
        click.echo(json.dumps(values))
        return
    click.echo(
        f"{plural(status.files, 'file')} ({status.bytes / 1e6:.1f} MB), {plural(status.symbols, 'symbol')}, "
        f"{plural(status.references, 'reference')}; {len(report.changed):,} changed, {report.seconds:.1f} s"
    )
    if came:
        click.echo(f"{plural(report.brought, 'file')} taken from {came}, {report.parsed:,} parsed")
    if exported is not None:
        click.echo(f"wrote {goes} ({exported / 1e6:.1f} MB)")
    if status.embeddings:
        click.echo(_embedded(status.embeddings))
    if status.not_indexed:
        click.echo(f"{plural(len(status.not_indexed), 'file')} not indexed: see memls status")


def _embedded(found: "Coverage") -> str:
    problem = f"; {found.problem}" if found.problem else ""
    return f"{found.done:,} of {plural(found.total, 'text')} embedded by {visible(found.model)}{problem}"


@click.command()
@click.argument("query")
@click.option("--kind", type=click.Choice(["auto", "symbol", "text", "regex"]), default="auto")
@click.option(
    "--path",
    "glob",
    metavar="GLOB",
    help="Only below these folders or globs ({a,b}, !left-out).",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@repo_option
@json_option
def search(query: str, kind: Any, glob: str | None, limit: int, repo: str | None, as_json: bool) -> None:
    """Find symbols, text, patterns, or what bears on a question."""
    with opened(repo) as workspace:
        early = workspace.search_early(query, glob, limit) if kind == "symbol" else None
        if early:
            found = early.found
        else:
            catch_up(workspace)
            found = workspace.search(query, kind, glob, limit)
    if early:
        read = "" if early.is_whole else f"; {early.read} of {early.files} files that hold the name were read"
        warn(f"partial: the index is still being built, in the background{read}")
    if as_json:
        click.echo(json.dumps([asdict(hit) for hit in found.hits], ensure_ascii=False))
    else:
        show_table([(f"{hit.path}:{hit.line}", hit.symbol or hit.kind, hit.text) for hit in found.hits])
        if found.total > len(found.hits):
            warn(f"{len(found.hits)} of {plural(found.total, 'match')} shown; --limit for more")
    if kind == "auto" and found.hits and _is_of_no_symbol(query, found.hits):
        warn(f"no definition is named {query}; this bears on the word")
    if not found.hits:
        near = f"; near names: {', '.join(found.near)}" if found.near else ""
        where = f" in {glob}" if glob else ""
        warn(f"nothing found for {query!r}{where}{near}")
        sys.exit(1)


def _is_of_no_symbol(query: str, hits: "Sequence[Hit]") -> bool:
    """Whether a lone name found what has another name: `auto` looks for the word then."""
    from memls.index.search import IDENTIFIER

    name = re.split(r"\W+", query.strip())[-1]
    exact = (hit.symbol.rpartition(".")[2] == name for hit in hits)
    return bool(IDENTIFIER.fullmatch(query.strip())) and not any(exact)


@click.command()
@click.argument("target")
@click.option("--callers", is_flag=True, help="Only calls of it.")
@click.option("--callees", is_flag=True, help="What it calls.")
@click.option("--definition", is_flag=True, help="Where it is defined.")
@repo_option
@json_option
def refs(
    target: str, callers: bool, callees: bool, definition: bool, repo: str | None, as_json: bool
) -> None:
    """References of TARGET: Symbol, path:Symbol, or path:line:column."""
    from memls.index.edges import edge_row
    from memls.workspace import partial_note

    kinds = {"callers": callers, "callees": callees, "definition": definition}
    if sum(kinds.values()) > 1:
        raise UsageError("--callers, --callees and --definition exclude each other")
    kind: Any = next((name for name, is_asked in kinds.items() if is_asked), "references")
    with opened(repo) as workspace:
        catch_up(workspace)
        edges = workspace.references(target, kind)
        named = len(workspace.references(target, "definition"))
    rows = [edge_row(edge, outward=kind in ("callees", "definition")) for edge in edges]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        cells = [
            (f"{r['path']}:{r['line']}", str(r["symbol"]), f"{r['status']}: {r['reason']}") for r in rows
        ]
        show_table(cells)
    if kind != "definition" and (note := partial_note(target, named)):
        warn(note)
    if not rows:
        warn(f"no {kind} of {target} in the index")
        sys.exit(1)


@click.command()
@repo_option
@json_option
def status(repo: str | None, as_json: bool) -> None:
    """What is indexed, and what is not and why."""
    with opened(repo) as workspace:
        catch_up(workspace)
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
            show_table([(f"  {path}", str(reason)) for path, reason in rows[:50]])
            if len(rows) > 50:
                click.echo(f"  … and {len(rows) - 50:,} more: memls status --json")
