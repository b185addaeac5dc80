# SPDX-License-Identifier: Apache-2.0
"""Shows documents and accounts as resources: record in, shape of docs/api.md out. Pure."""

from __future__ import annotations

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.documents import next_actions
from gateway.service.records import (
    AcknowledgementResult,
    Direction,
    Document,
    Page,
    Problem,
    Routing,
    Summary,
)
from gateway.web.schemas import (
    AcknowledgementList,
    AcknowledgementResource,
    ContentResource,
    DocumentList,
    DocumentProblem,
    DocumentResource,
    EBMSResource,
    Identifier,
    RoutingResource,
    StatusResource,
    SummaryResource,
    ValidationResource,
    day_or_none,
    moment,
    moment_or_none,
)

_RECEIPT_STATES = frozenset({"transmitted", "delivered"})

TITLES = {
    "not_registered": "The receiver is not registered",
    "document_type_not_supported": "The receiver does not take this kind of document",
    "process_not_supported": "The receiver does not take part in this process",
    "no_supported_transport": "The receiver has no endpoint that speaks AS4",
    "endpoint_not_active": "The receiver's endpoint is not active now",
    "dns_unavailable": "DNS gave no answer",
    "smp_unavailable": "The receiver's SMP gave no answer",
    "smp_signature_invalid": "The receiver's SMP is not to be trusted",
    "receiver_certificate_expired": "The receiver's certificate has expired",
    "receiver_certificate_revoked": "The receiver's certificate is revoked",
    "receiver_certificate_untrusted": "The receiver's certificate is not of this network",
    "revocation_unknown": "Whether a certificate is revoked is not known now",
    "connection_failed": "The receiver's access point cannot be reached",
    "tls_failed": "No secure connection to the receiver's access point",
    "receiver_timeout": "The receiver's access point did not answer in time",
    "http_error": "The receiver's access point answered with an error",
    "receipt_missing": "The receiver's access point gave no receipt",
    "receipt_invalid": "The receipt is not valid",
    "receipt_digest_mismatch": "The receipt is for something else",
    "not_serviced": "The receiver's access point does not serve the receiver",
    "ebms_error": "The receiver's access point refused the message",
    "mls_rejected": "The receiver rejected the document",
    "dependency_unavailable": "A part of ours is not available",
    "expired": "The deadline passed",
    "cancelled": "Cancelled by its sender",
}


def show_document(
    document: Document, *, environment: str, dry_run: bool = False
) -> DocumentResource:
    """The document; after a dry run it has no id, because nothing was kept."""
    return DocumentResource(
        id=None if dry_run else document.id,
        object="document",
        environment=environment,
        direction=document.direction,
        organisation=document.organisation,
        state=document.state,
        settled=document.settled,
        state_since=moment(document.state_since),
        deadline=moment_or_none(document.deadline),
        next_attempt_at=moment_or_none(document.next_attempt_at),
        attempts=document.attempts,
        business_status=None,
        mls=StatusResource(
            requested=(document.mls_type or "FAILURE_ONLY").lower(), status=None, due_at=None
        ),
        receipt=_receipt(document),
        reference=document.reference,
        external_reference=document.external_reference,
        custom=dict(document.custom),
        routing=show_routing(document.routing, document.country_c4),
        summary=show_summary(document.summary),
        content=_content(document),
        validation=ValidationResource(
            outcome=document.validation,
            rule_set=document.rule_set,
            errors=document.errors,
            warnings=document.warnings,
        ),
        altered=False,
        sbdh_instance_id=document.instance_id,
        as4_message_id=document.message_id,
        other_access_point=document.other_ap.value if document.other_ap else None,
        possible_duplicate_of=document.possible_duplicate_of,
        problem=show_problem(document.problem) if document.problem else None,
        next_actions=[] if dry_run else list(next_actions(document)),
        created_at=moment(document.created_at),
        updated_at=moment(document.updated_at),
        sequence=document.sequence,
    )


def show_page(page: Page, *, environment: str) -> DocumentList:
    """One page of documents."""
    return DocumentList(
        data=[show_document(document, environment=environment) for document in page.documents],
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
    )


def show_identifier(identifier: ParticipantId | DocumentTypeId | ProcessId) -> Identifier:
    """Scheme and value."""
    return Identifier(scheme=identifier.scheme, value=identifier.value)


def show_routing(routing: Routing, country_c4: str | None) -> RoutingResource:
    """Who sends what to whom."""
    return RoutingResource(
        sender=show_identifier(routing.sender),
        receiver=show_identifier(routing.receiver),
        document_type=show_identifier(routing.document_type),
        process=show_identifier(routing.process),
        c1_country=routing.country_c1,
        c4_country=country_c4,
    )


def show_summary(summary: Summary) -> SummaryResource:
    """What a list shows of the document."""
    return SummaryResource(
        kind=summary.kind,
        number=summary.number,
        issue_date=day_or_none(summary.issue_date),
        due_date=day_or_none(summary.due_date),
        seller_name=summary.seller_name,
        buyer_name=summary.buyer_name,
        payable_amount=summary.payable_amount,
        currency=summary.currency,
        order_reference=summary.order_reference,
        buyer_reference=summary.buyer_reference,
    )


def show_problem(problem: Problem) -> DocumentProblem:
    """Why a document is where it is."""
    ebms = None
    if problem.ebms_code is not None:
        ebms = EBMSResource(code=problem.ebms_code, detail=problem.ebms_detail)
    return DocumentProblem(
        code=problem.code,
        title=TITLES.get(problem.code, "Something went wrong"),
        detail=problem.detail,
        retryable=problem.retryable,
        at=moment_or_none(problem.at),
        ebms=ebms,
    )


def show_results(results: list[AcknowledgementResult]) -> AcknowledgementList:
    """What became of each acknowledgement."""
    return AcknowledgementList(
        items=[
            AcknowledgementResource(
                document_id=one.document_id,
                result=one.result,
                external_reference=one.external_reference,
            )
            for one in results
        ]
    )


def _receipt(document: Document) -> str | None:
    if document.receipt_note is not None:
        return document.receipt_note
    if document.direction is Direction.OUTBOUND and document.state in _RECEIPT_STATES:
        return "verified"
    return None


def _content(document: Document) -> ContentResource:
    """Size and digest are the document's; of a received one they are known once it was checked."""
    ours = document.direction is Direction.OUTBOUND
    return ContentResource(
        media_type=document.content_media_type,
        size=document.content.size if ours else document.summary.document_size,
        sha256=document.content.sha256 if ours else document.summary.document_sha256,
    )
