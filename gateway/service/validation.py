# SPDX-License-Identifier: Apache-2.0
"""What the rules said of a document: asked for, kept with it, shown again, in two languages.

A document is judged by `Validator`; this page knows the forms of its verdict. The whole report is
kept as it was made, so that it names for ever the release, engine and checksums it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from gateway import ubl
from gateway.errors import GatewayError
from gateway.service.errors import NotFoundError
from gateway.service.gathering import Spooling
from gateway.service.ports import Clock, DocumentIndex, PayloadStore
from gateway.service.records import Caller, Document
from gateway.service.validator import ValidationOutcome, Validator

VALID, INVALID, NOT_JUDGED = "valid", "invalid", "not_judged"
NOT_VALIDATED = "not_validated"  # nobody has tried yet


class NotJudgedError(GatewayError):
    """The validation failed, not the document: its worker died over it, or rules are missing."""

    code = "not_judged"

    def __init__(self, cause: GatewayError) -> None:
        super().__init__(
            f"the document could not be judged: {cause.detail}",
            advice="Tell the operator; with validation=warn it is sent all the same.",
        )
        self.reason = cause.code


class ValidationUnavailableError(GatewayError):
    """No worker could be started now."""

    code = "validation_unavailable"
    retry = True

    def __init__(self) -> None:
        super().__init__("documents cannot be judged at the moment", advice="Try again later.")


class ValidationPendingError(GatewayError):
    """There was no verdict in the time that there was; nothing is wrong."""

    code = "validation_pending"
    retry = True

    def __init__(self) -> None:
        super().__init__("the document is still being judged")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValidation:
    """What is kept with a document."""

    document: Document
    report: ubl.Report | None
    reason: str | None


class Validations:
    """The use case: a caller asks the rules, keeps nothing; or looks at what they said before."""

    def __init__(
        self,
        *,
        validator: Validator,
        documents: DocumentIndex,
        payloads: PayloadStore,
        clock: Clock,
    ) -> None:
        self._validator = validator
        self._documents = documents
        self._payloads = payloads
        self._clock = clock

    def gather(self) -> Spooling:
        """A place for the bytes of one document; the caller discards it when done."""
        return Spooling(self._payloads.spool())

    async def judge(
        self,
        gathered: Spooling,
        *,
        rule_set: str | None = None,
        at: datetime | None = None,
        svrl: bool = False,
    ) -> ValidationOutcome:
        """Judge what was gathered, as on a day if one is given. Raises as `Validator` does."""
        gathered.finish()
        return await self._validator.validate(
            gathered.pieces(), at=at or self._clock(), rule_set=rule_set, svrl=svrl
        )

    async def stored(self, caller: Caller, document_id: str) -> StoredValidation:
        """What was said of a document of the caller. Raises `NotFoundError`."""
        document = await self._documents.get(document_id, organisation=caller.organisation.id)
        if document is None:
            raise NotFoundError("there is no such document")
        detail = await self._documents.validation_detail(document_id)
        return StoredValidation(
            document=document, report=read_report(detail), reason=detail.get("reason")
        )

    async def rule_sets(self) -> Sequence[Mapping[str, Any]]:
        """The rule sets that are known, and which are in force."""
        return await self._validator.rule_sets(at=self._clock())


def outcome_of(report: ubl.Report, *, svrl: bytes | None = None) -> ValidationOutcome:
    """The verdict that a report gives."""
    return ValidationOutcome(outcome=report.outcome.value, report=report, svrl=svrl)


def not_judged(reason: str) -> ValidationOutcome:
    """The verdict where there is none."""
    return ValidationOutcome(outcome=NOT_JUDGED, reason=reason)


def detail_of(outcome: ValidationOutcome) -> dict[str, Any]:
    """A verdict as it is kept; `rule_set`, `errors` and `warnings` are what lists show of it."""
    report = outcome.report
    return {
        "rule_set": report.rule_set if report else None,
        "errors": report.errors if report else None,
        "warnings": report.warnings if report else None,
        "reason": outcome.reason,
        "report": msgspec.to_builtins(report) if report else None,
    }


def read_report(detail: Mapping[str, Any]) -> ubl.Report | None:
    """The report out of what was kept; documents of earlier versions have none."""
    kept = detail.get("report")
    return msgspec.convert(kept, ubl.Report) if kept else None


def report_value(report: ubl.Report, language: str) -> dict[str, Any]:
    """A report as JSON has it, with texts in one language."""
    return dict(ubl.as_json(report, language))


def stored_value(stored: StoredValidation, language: str) -> dict[str, Any]:
    """What is kept with a document as JSON has it."""
    report = stored.report or ubl.Report(outcome=ubl.Outcome.NOT_JUDGED)
    return {
        **report_value(report, language),
        "outcome": stored.document.validation,
        "reason": stored.reason,
        "document_id": stored.document.id,
    }


def report_page(report: ubl.Report, language: str, name: str = "") -> str:
    """A report as a page for people."""
    return ubl.render_page(report, language=language, name=name)
