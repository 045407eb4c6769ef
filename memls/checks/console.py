"""Checks for people: on a terminal, and as the summary of a job on GitHub."""

from collections.abc import Iterator

from memls.checks.report import Outcome, Report, headline, place, summary
from memls.index.rules import Finding
from memls.text import shorten, visible

MARKS = {"passed": "✓", "failed": "✗", "error": "‼", "skipped": "–"}
_MOST = 20
"""Findings of one check that are shown."""
_ANSWER = 400


def lines(outcome: Outcome, file: str) -> Iterator[str]:
    """A check in lines: what it came to, then each reason, with the code it is about."""
    about = headline(outcome)
    head = f"{MARKS[outcome.status]} {outcome.name}"
    where = f"  {file}:{outcome.line}" if outcome.status in ("failed", "error") else ""
    yield visible(f"{head}{f'  ({about})' if about else ''}{where}")
    for finding in outcome.failures[:_MOST]:
        yield visible(f"    {_told(finding)}")
    if len(outcome.failures) > _MOST:
        yield f"    … and {len(outcome.failures) - _MOST:,} more"
    if outcome.status == "failed" and outcome.answer and outcome.answer.answer.strip():
        yield visible(f"    the answer: {shorten(' '.join(outcome.answer.answer.split()), _ANSWER)}")
    for warning in outcome.warnings:
        yield visible(f"    warning: {_told(warning)}")
    for note in outcome.notes[:_MOST]:
        yield visible(f"    note: {_told(note)}")
    if len(outcome.notes) > _MOST:
        yield f"    note: … and {len(outcome.notes) - _MOST:,} more"


def markdown(report: Report) -> str:
    """The report as a page."""
    rows = ["| | check | |", "| --- | --- | --- |"]
    rows += map(_row, report.outcomes)
    parts = [f"### memls check `{_cell(report.file)}`", summary(report), "\n".join(rows)]
    for outcome in report.outcomes:
        found = [f"- {_cell(_told(finding))}" for finding in outcome.failures[:_MOST]]
        found += [f"- warning: {_cell(_told(finding))}" for finding in outcome.warnings]
        if found:
            parts.append("\n".join([f"**{_cell(outcome.name)}**", "", *found]))
    return "\n\n".join(parts) + "\n"


def _row(outcome: Outcome) -> str:
    return f"| {MARKS[outcome.status]} | {_cell(outcome.name)} | {_cell(headline(outcome))} |"


def _told(finding: Finding) -> str:
    where = place(finding)
    return f"{where}: {finding.message}" if where else finding.message


def _cell(text: str) -> str:
    """A text inside a table of Markdown: nothing of it is markup."""
    plain = visible(" ".join(text.split()))
    return "".join(f"\\{one}" if one in "\\`*_{}[]<>|#~" else one for one in plain)
