# SPDX-License-Identifier: Apache-2.0
"""What a receiver says of a document in its inbox.

One bad item never undoes the others, and repeating a call gives no second effect.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.errors import NotFoundError
from gateway.service.lifecycle import Event, Inbound
from gateway.service.records import Acknowledgement, AcknowledgementResult, Direction
from gateway.store import steps
from gateway.store.tables import exchange, reporting_row
from gateway.store.transaction import Transaction

_OPEN = frozenset({Inbound.READY.value, Inbound.LEASED.value})
_SAID = frozenset({Inbound.ACKNOWLEDGED.value, Inbound.REJECTED.value})

_SET_COUNTRY = (
    sa.update(reporting_row)
    .where(
        reporting_row.c.exchange_id.in_(
            sa.select(exchange.c.id).where(exchange.c.document_id == sa.bindparam("owner"))
        )
    )
    .values(country_c4=sa.bindparam("country"))
)


def acknowledge(
    transaction: Transaction, organisation: str, item: Acknowledgement, *, at: datetime
) -> AcknowledgementResult:
    """Acknowledge or reject one document inside the transaction."""
    try:
        row = steps.read_for_step(transaction, item.document_id)
    except NotFoundError:
        return _result(item, "unknown")
    if row.organisation != organisation or row.direction != Direction.INBOUND:
        return _result(item, "unknown")
    if row.state in _SAID:
        return _result(item, "already_acknowledged", row.external_reference)
    if row.state not in _OPEN:  # not in the inbox yet, or taken out of it
        return _result(item, "unknown")
    also: dict[str, Any] = {
        "external_reference": item.external_reference,
        "reject_reason": None if item.accepted else item.reason,
    }
    if item.country_c4 is not None:
        also["country_c4"] = item.country_c4
        transaction.update(_SET_COUNTRY, {"owner": item.document_id, "country": item.country_c4})
    event = Event.ACKNOWLEDGE if item.accepted else Event.REJECT
    steps.move(transaction, row, event, at=at, also=also)
    return _result(item, "acknowledged", item.external_reference)


def _result(
    item: Acknowledgement, result: str, external_reference: str | None = None
) -> AcknowledgementResult:
    return AcknowledgementResult(
        document_id=item.document_id, result=result, external_reference=external_reference
    )
