# SPDX-License-Identifier: Apache-2.0
"""Invoices that are right, and the same with a mistake."""

from __future__ import annotations

from datetime import date

from gateway.identifiers import ParticipantId
from gateway.sandbox.samples import SampleKind, sample
from tests.builders import RECEIVER, SENDER

POSTCODE = b"        <cbc:PostalZone>3811 ZZ</cbc:PostalZone>\n"


def good(
    number: str = "2026-1",
    *,
    sender: ParticipantId = SENDER,
    receiver: ParticipantId = RECEIVER,
    attachment: int = 0,
) -> bytes:
    """A SI-UBL invoice that keeps all rules."""
    pieces = sample(
        SampleKind.SI_UBL_INVOICE,
        number=number,
        issue_date=date(2026, 11, 20),
        sender=sender,
        receiver=receiver,
        attachment_bytes=attachment,
    )
    return b"".join(pieces)


def bad(document: bytes) -> bytes:
    """The same without the postcode of the seller: BR-NL-3."""
    assert document.count(POSTCODE) == 1
    return document.replace(POSTCODE, b"")
