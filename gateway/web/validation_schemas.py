# SPDX-License-Identifier: Apache-2.0
"""The JSON shapes of verdicts and rule sets, as docs/api.md has them."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from gateway.web.schemas import Day


class LayerResource(Struct, frozen=True, kw_only=True):
    """What one layer of rules did."""

    name: str
    outcome: str
    engine: str
    milliseconds: float
    error: str | None


class ValueResource(Struct, frozen=True, kw_only=True):
    """A value that a rule looked at; `text` is null where nothing stands there."""

    path: str
    text: str | None
    line: int | None


class FindingResource(Struct, frozen=True, kw_only=True):
    """One thing that one rule found at one place."""

    rule_id: str
    severity: Literal["fatal", "warning"]
    layer: str
    rule_set: str | None
    location: str
    line: int | None
    column: int | None
    test: str
    text: str
    fix: str | None
    hint: str | None
    values: list[ValueResource]
    language: str


class NoticeResource(Struct, frozen=True, kw_only=True):
    """A sentence beside the verdict."""

    code: str
    text: str


class ValidationReport(Struct, frozen=True, kw_only=True):
    """What the rules say of a document; `differences` are alarms, judges that disagree."""

    outcome: str
    rule_set: str | None
    alias: str | None
    release: str | None
    rules: str
    engine: str
    checksums: dict[str, str]
    errors: int
    warnings: int
    milliseconds: float
    layers: list[LayerResource]
    findings: list[FindingResource]
    notices: list[NoticeResource]
    differences: list[dict[str, Any]]


class StoredValidationResource(ValidationReport, frozen=True, kw_only=True):
    """What was said of a document when it came; `reason` tells why it could not be judged."""

    document_id: str
    reason: str | None


class RuleSetResource(Struct, frozen=True, kw_only=True):
    """One release of a set of rules; `rules` is null where none are loaded."""

    alias: str
    kind: str
    title: str
    release: str
    ids: list[str]
    status: str
    valid_from: Day | None
    valid_to: Day | None
    phase: str
    in_force: bool
    rules: str | None
    checksums: dict[str, str]


class RuleSetList(Struct, frozen=True, kw_only=True):
    """All that are known."""

    data: list[RuleSetResource]
