"""Documents that any editor can show: a session's page table, `memls:/context/<session>`, and its answer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from memls.text import plural, visible

SCHEME = "memls"


def context_uri(session: str) -> str:
    """The uri of a session's page table."""
    return f"{SCHEME}:/context/{quote(session, safe='')}"


def answer_uri(session: str) -> str:
    """The uri of a session's last answer."""
    return f"{SCHEME}:/answer/{quote(session, safe='')}"


def document_of(uri: str) -> tuple[str, str]:
    """What a uri of ours names: `context` or `answer`, and the session. Two empty texts for any other."""
    parts = urlsplit(uri)
    kind, _, session = parts.path.removeprefix("/").partition("/")
    if parts.scheme != SCHEME or kind not in ("context", "answer") or not session:
        return "", ""
    return kind, unquote(session)


def context_text(context: Mapping[str, Any]) -> str:
    """A session's main context in Markdown: what is in the window, what was there, what it remembers."""
    pages = context["pages"]
    resident = [page for page in pages if page["state"] in ("resident", "stale")]
    others = [page for page in pages if page not in resident]
    window = f" of {context['window']:,}" if context["window"] else ""
    state = "being answered now" if context["running"] else "at rest"
    lines = [
        f"# {visible(context['session'])}",
        "",
        f"{state}; about {context['tokens']:,}{window} tokens in main context; "
        f"{plural(len(resident), 'page')} resident, {len(others)} not",
    ]
    for title, rows in (("In the window", resident), ("Not in the window", others)):
        if rows:
            lines += ["", f"## {title}", "", "| page | code | lines | state | tokens | faults |"]
            lines += ["| --- | --- | --- | --- | --- | --- |", *map(_row, rows)]
    for name, text in context["blocks"].items():
        if text:
            lines += ["", f"## Working context: {name}", "", visible(text)]
    if context["summary"]:
        lines += ["", "## Summary of what was flushed", "", visible(context["summary"])]
    return "\n".join(lines) + "\n"


def _row(page: Mapping[str, Any]) -> str:
    name = f"{page['path']}:{page['symbol']}" if page["symbol"] else page["path"]
    state = f"{page['state']}, {page['detail']}{', pinned' if page['pinned'] else ''}"
    cells = (page["id"], name, f"{page['start']}-{page['end']}", state, page["tokens"], page["faults"])
    return f"| {' | '.join(visible(str(cell)).replace('|', '¦') for cell in cells)} |"
