# SPDX-License-Identifier: Apache-2.0
"""Makes the record of one try: what was answered, what it proves, and its line in the log."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.service.evidence import certificate_evidence, header_lines
from gateway.service.exchange import Outcome
from gateway.service.lifecycle import Event
from gateway.service.records import (
    AttemptResult,
    Direction,
    Document,
    OutboundMessage,
    Problem,
    ReportingRow,
)
from gateway.service.stopwatch import Stopwatch
from gateway.service.verdict import Verdict

_LOG = logging.getLogger("gateway.deliver")
_ALARMING = frozenset({"EBMS:0302"})  # a receipt that is none: somebody should look


def attempt_result(
    document: Document,
    message: OutboundMessage,
    outcome: Outcome,
    ruling: Verdict,
    *,
    event: Event,
    due: datetime | None,
    started_at: datetime,
    at: datetime,
) -> AttemptResult:
    """The record of a try; `ruling` and `event` are what became of the outcome's own verdict."""
    problem = ruling.problem
    return AttemptResult(
        document_id=document.id,
        exchange_id=message.exchange_id,
        number=document.attempts + 1,
        started_at=started_at,
        ended_at=at,
        event=event,
        next_attempt_at=due,
        receipt_note=ruling.receipt_note,
        problem=problem and replace(problem, at=at, retryable=event is Event.DEFERRED),
        drop_message=ruling.drop_message,
        **_answered(document, message, outcome),
    )


def log_attempt(
    document: Document,
    event: Event,
    problem: Problem | None,
    watch: Stopwatch,
    *,
    message: OutboundMessage | None = None,
    note: str | None = None,
) -> None:
    """Write the one line of a try."""
    alarming = note is not None or (problem is not None and problem.ebms_code in _ALARMING)
    facts: dict[str, Any] = {
        "document": document.id,
        "as4_message": message.message_id if message else None,
        "step": str(event),
        "problem": problem.code if problem else None,
        "receipt_note": note,
    }
    _LOG.log(
        logging.WARNING if alarming else logging.INFO,
        "attempt_finished",
        extra=facts | watch.laps,
    )


def _answered(document: Document, message: OutboundMessage, outcome: Outcome) -> dict[str, Any]:
    """What the other side's answer adds to the record of a try."""
    answer, receipt = outcome.answer, outcome.receipt
    if answer is None:
        return {}
    facts: dict[str, Any] = {
        "http_status": answer.status,
        "reply_headers": header_lines(answer.headers),
        "reply_body": answer.body,
    }
    if receipt is not None:
        facts["receipt"] = answer.body
        facts["reporting"] = _reporting(document, message)
        facts["evidence"] = (certificate_evidence(receipt.signer),)
    return facts


def _reporting(document: Document, message: OutboundMessage) -> ReportingRow:
    return ReportingRow(
        direction=Direction.OUTBOUND,
        exchanged_at=message.sent_at,
        other_ap=message.receiving_ap,
        document_type=document.routing.document_type,
        process=document.routing.process,
        country_c1=document.routing.country_c1,
        country_c4=None,
        end_user=document.organisation,
    )
