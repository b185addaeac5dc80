# SPDX-License-Identifier: Apache-2.0
"""Whether a document may go out, by its rules: asked before it is accepted, or soon after.

`strict` refuses what breaks the rules, and what no rules are known for; `warn` forces both through,
marked. What could not be judged is never called invalid: that is trouble of ours and told as such.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway import ubl
from gateway.errors import Fault, GatewayError
from gateway.service.order import ValidationPolicy
from gateway.service.validation import INVALID, NOT_JUDGED, NotJudgedError, not_judged, report_value
from gateway.service.validator import ValidationOutcome, Validator


class DocumentInvalidError(GatewayError):
    """The document breaks its rules; nothing was kept."""

    code = "document_invalid"
    fault = Fault.CALLER

    def __init__(self, outcome: ValidationOutcome) -> None:
        super().__init__(
            summary_line(outcome.report), advice="Correct the document and submit it again."
        )
        self.outcome = outcome

    def told(self, language: str) -> dict[str, Any]:
        """What a problem document says more, in a language."""
        report = self.outcome.report
        if report is None:
            return {"findings": []}
        value = report_value(report, language)
        return {
            "detail": summary_line(report, language),
            "rule_set": report.rule_set,
            "findings": value["findings"],
            "notices": value["notices"],
        }


class NoRulesError(GatewayError):
    """No rules are known for a document of this kind, and unknown ones are not sent from here."""

    code = "rules_unknown"
    fault = Fault.CALLER

    def __init__(self, report: ubl.Report | None) -> None:
        said = report.notices[0].en if report and report.notices else "No rules apply to it."
        super().__init__(
            said, advice="Correct the document; with validation=warn it is sent all the same."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionPolicy:
    """`sync_seconds`: how long a request waits for the verdict; longer ones are judged after it.

    `accept_unknown`: whether documents without known rules may go out without being forced.
    """

    sync_seconds: float = 2.0
    accept_unknown: bool = False


class Admission:
    """Asks the rules and decides."""

    def __init__(self, *, validator: Validator, policy: AdmissionPolicy | None = None) -> None:
        self._validator = validator
        self.policy = policy or AdmissionPolicy()

    async def judge(
        self,
        document: AsyncIterable[bytes],
        policy: ValidationPolicy,
        *,
        at: datetime,
        within: float | None = None,
    ) -> ValidationOutcome:
        """The verdict of a document that may go out.

        Raises `DocumentInvalidError`, `NoRulesError`, `NotJudgedError` for one that may not, and
        `ValidationPendingError`, `ValidationUnavailableError` where that is not known yet.
        """
        strict = policy is ValidationPolicy.STRICT
        try:
            found = await self._validator.validate(document, at=at, within=within)
        except NotJudgedError as error:
            if strict:
                raise
            return not_judged(error.reason)
        if strict and found.outcome == INVALID:
            raise DocumentInvalidError(found)
        if strict and found.outcome == NOT_JUDGED and not self.policy.accept_unknown:
            raise NoRulesError(found.report)
        return found


def summary_line(report: ubl.Report | None, language: str = "en") -> str:
    """How many errors there are, and the first of them."""
    dutch = language == "nl"
    fatal = [one for one in report.findings if one.severity is ubl.Severity.FATAL] if report else []
    if report is None or not fatal:
        return "het document voldoet niet" if dutch else "the document breaks its rules"
    word = ("fout" if dutch else "error") if report.errors == 1 else "fouten" if dutch else "errors"
    first = fatal[0]
    said = first.message.in_language(language)
    return f"{report.errors} {word}, {'eerste' if dutch else 'first'}: {first.rule_id} {said}"
