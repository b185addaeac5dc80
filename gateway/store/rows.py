# SPDX-License-Identifier: Apache-2.0
"""Records to row values and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.service.lifecycle import SETTLED_INBOUND, SETTLED_OUTBOUND, Event, Inbound, Outbound
from gateway.service.records import (
    Content,
    Direction,
    Document,
    Evidence,
    Problem,
    ReportingRow,
    Routing,
    Summary,
)
from gateway.store.dialects import insert_if_new
from gateway.store.tables import document, evidence, evidence_link, payload, reporting_row
from gateway.store.transaction import Transaction

_ADD_EVIDENCE = insert_if_new(evidence)
_ADD_LINK = insert_if_new(evidence_link)
_ADD_PAYLOAD = sa.insert(payload)
_ADD_REPORTING_ROW = insert_if_new(reporting_row)

SUMMARY_COLUMNS = tuple(Summary.__dataclass_fields__)

# Typed rows of many columns do not pass for untyped ones.
AnyRow = Any

# Without the blob: lists need size and digest of the content, not the content.
_LEFT_OUT = {"sender_folded", "receiver_folded", "validation_detail", "lookup", "business_key"}
DOCUMENT_COLUMNS = (
    *(column for column in document.columns if column.name not in _LEFT_OUT),
    # Of the verdict, what lists show.
    document.c.validation_detail["rule_set"].as_string().label("rule_set"),
    document.c.validation_detail["errors"].as_integer().label("errors"),
    document.c.validation_detail["warnings"].as_integer().label("warnings"),
)


def routing_values(routing: Routing) -> dict[str, Any]:
    """Write the routing as columns."""
    return {
        "sender": routing.sender.value,
        "sender_folded": routing.sender.folded,
        "receiver": routing.receiver.value,
        "receiver_folded": routing.receiver.folded,
        "country_c1": routing.country_c1,
        **subject_values(routing.document_type, routing.process),
    }


def subject_values(document_type: DocumentTypeId, process: ProcessId) -> dict[str, Any]:
    """Write document type and process as columns, schemes apart."""
    return {
        "document_type_scheme": document_type.scheme,
        "document_type": document_type.value,
        "process_scheme": process.scheme,
        "process": process.value,
    }


def summary_values(summary: Summary) -> dict[str, Any]:
    """Write the summary as columns."""
    return {name: getattr(summary, name) for name in SUMMARY_COLUMNS}


def content_values(content: Content, prefix: str) -> dict[str, Any]:
    """Write where content lies as columns; inline bytes go to `payload`."""
    return {
        f"{prefix}_size": content.size,
        f"{prefix}_sha256": content.sha256,
        f"{prefix}_gzip": content.gzip,
        f"{prefix}_key": content.key,
    }


def problem_value(problem: Problem | None) -> dict[str, Any] | None:
    """Write a problem as JSON."""
    if problem is None:
        return None
    value: dict[str, Any] = msgspec.to_builtins(problem)
    return value


def read_problem(value: Any) -> Problem | None:
    """Read a problem from JSON."""
    return None if value is None else msgspec.convert(value, Problem)


def event_value(row: sa.Row[Any], event: Event | str, at: datetime, **more: Any) -> dict[str, Any]:
    """Write one entry of the time line; the row has the document as it is after the event."""
    return {
        "document_id": row.id,
        "organisation": row.organisation,
        "sequence": row.sequence,
        "event": str(event),
        "state": row.state,
        "at": at,
        "problem": more.get("problem"),
    }


def keep_inline(transaction: Transaction, owner: str, content: Content) -> None:
    """Put small content into its table, under the id of the row that it belongs to."""
    if content.inline is not None:
        transaction.insert_later(_ADD_PAYLOAD, {"owner": owner, "data": content.inline})


def keep_evidence(transaction: Transaction, owner: str, pieces: tuple[Evidence, ...]) -> None:
    """Store pieces of proof once each, and link them to an exchange or a document."""
    for one in pieces:
        if transaction.notes.setdefault(("evidence", one.sha256), owner) == owner:
            values = {"sha256": one.sha256, "kind": one.kind, "data": one.data}
            transaction.insert_later(_ADD_EVIDENCE, values)
        transaction.insert_later(_ADD_LINK, {"owner": owner, "sha256": one.sha256})


def keep_reporting_row(transaction: Transaction, exchange_id: str, row: ReportingRow) -> None:
    """Count an exchange for the monthly reports, once."""
    transaction.insert_later(
        _ADD_REPORTING_ROW,
        {
            "exchange_id": exchange_id,
            "direction": row.direction,
            "exchanged_at": row.exchanged_at,
            "other_ap": row.other_ap.value,
            **subject_values(row.document_type, row.process),
            "country_c1": row.country_c1,
            "country_c4": row.country_c4,
            "end_user": row.end_user,
            "transport_profile": row.transport_profile,
        },
    )


def read_document(row: AnyRow, inline: bytes | None = None) -> Document:
    """Read a document from its columns."""
    direction = Direction(row.direction)
    state: Outbound | Inbound
    if direction is Direction.OUTBOUND:
        state = Outbound(row.state)
        settled = state in SETTLED_OUTBOUND
    else:
        state = Inbound(row.state)
        settled = state in SETTLED_INBOUND
    return Document(
        id=row.id,
        direction=direction,
        organisation=row.organisation,
        state=state,
        settled=settled,
        state_since=row.state_since,
        sequence=row.sequence,
        routing=_routing(row),
        summary=Summary(**{name: getattr(row, name) for name in SUMMARY_COLUMNS}),
        content=Content(
            size=row.content_size,
            sha256=row.content_sha256,
            gzip=row.content_gzip,
            inline=inline,
            key=row.content_key,
        ),
        content_media_type=row.content_media_type,
        validation=row.validation,
        rule_set=row.rule_set,
        errors=row.errors,
        warnings=row.warnings,
        created_at=row.created_at,
        updated_at=row.updated_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        deadline=row.deadline,
        reference=row.reference,
        custom=row.custom or {},
        instance_id=row.instance_id,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        other_ap=PartyId(row.other_ap) if row.other_ap else None,
        receipt_note=row.receipt_note,
        mls_to=row.mls_to,
        mls_type=row.mls_type,
        country_c4=row.country_c4,
        problem=read_problem(row.problem),
        external_reference=row.external_reference,
        possible_duplicate_of=row.possible_duplicate_of,
    )


def _routing(row: sa.Row[Any]) -> Routing:
    return Routing(
        sender=ParticipantId(row.sender),
        receiver=ParticipantId(row.receiver),
        document_type=DocumentTypeId(row.document_type_scheme, row.document_type),
        process=ProcessId(row.process, row.process_scheme),
        country_c1=row.country_c1,
    )
