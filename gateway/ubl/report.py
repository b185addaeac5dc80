# SPDX-License-Identifier: Apache-2.0
"""What is told of a judged document: findings, layers, the outcome. Plain values, no trees.

They pass between processes by pickle and into stored JSON by `msgspec.to_builtins`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from gateway.ubl.notices import Notice

MAX_FINDINGS = 500  # told one by one; the counts are always complete


class Severity(StrEnum):
    """Whether a finding blocks the document."""

    FATAL = "fatal"
    WARNING = "warning"


class Outcome(StrEnum):
    """What the rules say of the whole document."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_JUDGED = "not_judged"


class LayerOutcome(StrEnum):
    """What one layer says. `error`: it ended without a verdict, and blocks the document."""

    VALID = "valid"
    INVALID = "invalid"
    ERROR = "error"
    SKIPPED = "skipped"


class Message(msgspec.Struct, frozen=True):
    """A text in both languages."""

    en: str
    nl: str

    def in_language(self, language: str) -> str:
        """The Dutch text for `nl`, the English one for any other language."""
        return self.nl if language == "nl" else self.en


class Value(msgspec.Struct, frozen=True):
    """A value that a rule looked at: a path from the finding's place, and what stands there.

    `line` is where it stands; where `text` is `None`, the line of the element that lacks it.
    """

    path: str
    text: str | None
    line: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one rule found at one place of the document."""

    rule_id: str
    severity: Severity
    layer: str
    message: Message
    fix: Message | None = None
    location: str = "/"
    line: int | None = None
    column: int | None = None
    test: str = ""
    values: tuple[Value, ...] = ()
    hint: Message | None = None


class LayerResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer did. `counts` are (rule, flag, number); `milliseconds` are the caller's."""

    name: str
    outcome: LayerOutcome
    engine: str
    milliseconds: float = 0.0
    counts: tuple[tuple[str, str, int], ...] = ()
    error: str | None = None
    checksum: str | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Two judges disagree on one layer or rule set: an alarm for whoever runs this."""

    layer: str
    first: str
    second: str
    only_first: tuple[tuple[str, str], ...] = ()
    only_second: tuple[tuple[str, str], ...] = ()
    first_error: str | None = None
    second_error: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole result. `release`, `rules` and `engine` tell what it was made with."""

    outcome: Outcome
    rule_set: str | None = None
    alias: str | None = None
    title: str | None = None
    release: str | None = None
    rules: str = "bundled"
    engine: str = ""
    errors: int = 0
    warnings: int = 0
    findings: tuple[Finding, ...] = ()
    layers: tuple[LayerResult, ...] = ()
    notices: tuple[Notice, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def checksums(self) -> Mapping[str, str]:
        """SHA-256 of each layer's files."""
        return {layer.name: layer.checksum for layer in self.layers if layer.checksum}

    @property
    def milliseconds(self) -> float:
        """Time of all layers together."""
        return sum(layer.milliseconds for layer in self.layers)


def severity_of(flag: str) -> Severity:
    """The severity of a flag; one that nobody knows blocks."""
    return Severity.WARNING if flag.startswith(("warn", "info")) else Severity.FATAL


def as_json(report: Report, language: str = "en") -> dict[str, object]:
    """The machine form, as docs/api.md shows it; texts in one language."""
    return {
        "outcome": report.outcome.value,
        "rule_set": report.rule_set,
        "alias": report.alias,
        "release": report.release,
        "rules": report.rules,
        "engine": report.engine,
        "checksums": dict(report.checksums),
        "errors": report.errors,
        "warnings": report.warnings,
        "milliseconds": round(report.milliseconds, 2),
        "layers": [_layer(layer) for layer in report.layers],
        "findings": [_finding(one, report.rule_set, language) for one in report.findings],
        "notices": [
            {"code": one.code, "text": one.nl if language == "nl" else one.en}
            for one in report.notices
        ],
        "differences": [msgspec.to_builtins(one) for one in report.differences],
    }


def _layer(layer: LayerResult) -> dict[str, object]:
    return {
        "name": layer.name,
        "outcome": layer.outcome.value,
        "engine": layer.engine,
        "milliseconds": round(layer.milliseconds, 2),
        "error": layer.error,
    }


def _finding(finding: Finding, rule_set: str | None, language: str) -> dict[str, object]:
    return {
        "rule_id": finding.rule_id,
        "severity": finding.severity.value,
        "layer": finding.layer,
        "rule_set": rule_set,
        "location": finding.location,
        "line": finding.line,
        "column": finding.column,
        "test": finding.test,
        "text": finding.message.in_language(language),
        "fix": finding.fix.in_language(language) if finding.fix else None,
        "hint": finding.hint.in_language(language) if finding.hint else None,
        "values": [
            {"path": value.path, "text": value.text, "line": value.line} for value in finding.values
        ],
        "language": "nl" if language == "nl" else "en",
    }
