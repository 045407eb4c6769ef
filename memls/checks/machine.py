"""Checks for other programs: JUnit XML, SARIF 2.1.0, and GitHub's annotations."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from memls import __version__
from memls.checks.report import Outcome, Report, place
from memls.index.rules import Finding
from memls.text import digest

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def junit(report: Report) -> bytes:
    """A test suite with a case for each check."""
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite(f"memls check {_xml(report.file)}")
    for outcome in report.outcomes:
        case = TestCase(_xml(outcome.name), f"memls.{outcome.kind}s", outcome.seconds)
        text = _xml("\n".join(_lines(outcome)))
        first = _xml(outcome.failures[0].message) if outcome.failures else ""
        if outcome.status == "failed":
            case.result = [_filled(Failure(first), text)]
        elif outcome.status == "error":
            case.result = [_filled(Error(first), text)]
        elif outcome.status == "skipped":
            case.result = [Skipped("no change can have touched the answer")]
        if outcome.answer is not None:
            case.system_out = _xml(outcome.answer.answer)
        elif outcome.warnings:
            case.system_out = _xml("\n".join(f"warning: {one.message}" for one in outcome.warnings))
        suite.add_testcase(case)
    made = JUnitXml("memls")
    made.add_testsuite(suite)
    written: bytes = made.tostring()  # type: ignore[no-untyped-call]
    return written


def sarif(report: Report) -> dict[str, Any]:
    """A run with a result for each finding. What has no lines in the code is shown in the file of checks."""
    results: list[dict[str, Any]] = []
    rules = []
    for number, outcome in enumerate(report.outcomes):
        identity = f"{outcome.kind}-{digest(outcome.name)[:8]}"
        rules.append({"id": identity, "shortDescription": {"text": outcome.name}})
        level = {"failed": "error", "error": "error"}.get(outcome.status, "none")
        for finding, severity in [
            *((one, level) for one in outcome.failures),
            *((one, "warning") for one in outcome.warnings),
            *((one, "note") for one in outcome.notes),
        ]:
            shown = finding if finding.path else Finding(report.file, outcome.line, outcome.line, "")
            results.append(
                {
                    "ruleId": identity, "ruleIndex": number, "level": severity,
                    "message": {"text": f"{outcome.name}: {finding.message}"},
                    "locations": [_location(shown)],
                    "partialFingerprints": {"memls/v1": digest(f"{identity}{shown.path}{finding.message}")},
                }
            )  # fmt: skip
    driver = {
        "name": "memls", "version": __version__, 
         "rules": rules,
    }  # fmt: skip
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}


def annotations(report: Report) -> Iterator[str]:
    """GitHub's workflow commands: one for each finding, in the code where it has lines there."""
    for outcome in report.outcomes:
        for kind, findings in (
            ("error", outcome.failures),
            ("warning", outcome.warnings),
            ("notice", outcome.notes),
        ):
            for finding in findings:
                shown = finding if finding.path else Finding(report.file, outcome.line, outcome.line, "")
                values = {
                    "file": shown.path, "line": max(1, shown.line),
                    "endLine": max(1, shown.end_line), "title": f"memls: {outcome.name}",
                }  # fmt: skip
                properties = ",".join(f"{key}={_property(str(value))}" for key, value in values.items())
                yield f"::{kind} {properties}::{_data(finding.message)}"


def _lines(outcome: Outcome) -> Sequence[str]:
    findings = [*outcome.failures, *outcome.notes]
    return [f"{place(one)}: {one.message}" if one.path else one.message for one in findings]


def _filled(result: Any, text: str) -> Any:
    result.text = text
    return result


def _location(finding: Finding) -> dict[str, Any]:
    uri = quote(str(PurePosixPath(finding.path)))
    region = {"startLine": max(1, finding.line), "endLine": max(1, finding.line, finding.end_line)}
    artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return _NO_XML.sub("�", text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
