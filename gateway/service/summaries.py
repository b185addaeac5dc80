# SPDX-License-Identifier: Apache-2.0
"""What a list shows of a document, out of the facts that were read from it."""

from __future__ import annotations

from gateway import ubl
from gateway.service.records import Summary


def summary_of(facts: ubl.DocumentFacts) -> Summary:
    """The listed part of the facts."""
    return Summary(
        kind=facts.kind,
        number=facts.number,
        issue_date=facts.issue_date,
        due_date=facts.due_date,
        seller_name=facts.seller_name,
        buyer_name=facts.buyer_name,
        payable_amount=facts.payable_amount,
        currency=facts.currency,
        order_reference=facts.order_reference,
        buyer_reference=facts.buyer_reference,
    )
