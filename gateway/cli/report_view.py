# SPDX-License-Identifier: Apache-2.0
"""A validation report in the terminal: the outcome, then each finding with its place and cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gateway import ubl

_COLOURS = {
    ubl.Outcome.VALID: "green",
    ubl.Outcome.INVALID: "red",
    ubl.Outcome.NOT_JUDGED: "yellow",
    ubl.Severity.FATAL: "red",
    ubl.Severity.WARNING: "yellow",
}
_COUNTED = {
    "en": (("error", "errors"), ("warning", "warnings")),
    "nl": (("fout", "fouten"), ("waarschuwing", "waarschuwingen")),
}
_WORDS = {
    "en": {
        "valid": "valid",
        "invalid": "not valid",
        "not_judged": "not judged",
        "fatal": "error",
        "warning": "warning",
        "absent": "(not there)",
        "line": "line {line}, column {column}",
        "at": "in line {line}",
        "belongs": "belongs below line {line}",
        "more": "… and more; only the first {shown} are shown.",
        "difference": "Two judges disagree on {layer}: please report this.",
    },
    "nl": {
        "valid": "in orde",
        "invalid": "niet in orde",
        "not_judged": "niet beoordeeld",
        "fatal": "fout",
        "warning": "waarschuwing",
        "absent": "(ontbreekt)",
        "line": "regel {line}, kolom {column}",
        "at": "in regel {line}",
        "belongs": "hoort onder regel {line}",
        "more": "… en meer; alleen de eerste {shown} staan hier.",
        "difference": "Twee oordelen over {layer} verschillen: meld dit alstublieft.",
    },
}


def summary_line(name: str, report: ubl.Report, language: str) -> Text:
    """One line: the name, the outcome, the rules, the counts."""
    words = _WORDS[language]
    line = Text(f"{name}: ", no_wrap=True, overflow="ignore")
    line.append(words[report.outcome.value], style=f"bold {_COLOURS[report.outcome]}")
    if report.errors or report.warnings:
        line.append(f", {counted(report, language)}")
    if report.rule_set:
        line.append(f"  {report.title} {report.release}", style="dim")
        line.append(f"  {report.rules}, {report.engine or '-'}, ", style="dim")
        line.append(f"{report.milliseconds:.1f} ms", style="dim")
    return line


def counted(report: ubl.Report, language: str) -> str:
    """The numbers of errors and warnings in words."""
    pairs = zip((report.errors, report.warnings), _COUNTED[language], strict=True)
    return ", ".join(f"{number} {words[number != 1]}" for number, words in pairs)


def report_view(name: str, report: ubl.Report, language: str) -> Group:
    """The whole report."""
    words = _WORDS[language]
    parts: list[RenderableType] = [summary_line(name, report, language)]
    parts.extend(
        Text(notice.nl if language == "nl" else notice.en, style="cyan")
        for notice in report.notices
    )
    for finding in report.findings:
        parts.append(Text())
        parts.extend(_finding(finding, language))
    if report.errors + report.warnings > len(report.findings):
        parts.append(Text(words["more"].format(shown=len(report.findings)), style="dim"))
    parts.extend(
        Text(words["difference"].format(layer=difference.layer), style="magenta")
        for difference in report.differences
    )
    return Group(*parts)


def _finding(finding: ubl.Finding, language: str) -> Iterator[RenderableType]:
    words = _WORDS[language]
    colour = _COLOURS[finding.severity]
    head = Text(words[finding.severity.value], style=f"bold {colour}")
    head.append(f" {finding.rule_id}", style="bold")
    if finding.line is not None:
        head.append("  " + words["line"].format(line=finding.line, column=finding.column))
    yield head
    yield _below(Text(finding.message.in_language(language)))
    if finding.location != "/":
        yield _below(Text(finding.location, style="dim"))
    for value in finding.values:
        yield _below(_value(value, finding.line, words))
    for text in (finding.fix, finding.hint):
        if text is not None:
            yield _below(Text(f"→ {text.in_language(language)}", style="green"))


def _value(value: ubl.Value, line: int | None, words: Mapping[str, str]) -> Text:
    """A value; its line is told where it is not that of the finding."""
    text = Text.assemble(
        (f"{value.path} = ", "dim"), words["absent"] if value.text is None else value.text
    )
    if value.line is not None and value.line != line:
        where = "at" if value.text is not None else "belongs"
        text.append(f"  {words[where].format(line=value.line)}", style="dim")
    return text


def _below(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)
