# SPDX-License-Identifier: Apache-2.0
"""Sends with the package as4 and lets it judge what comes back.

The one order is `send`. `times` repeats the same bytes; `expected`, a certificate, is whose receipt
the package is told to expect, where that is not the receiver's.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import urllib3
from as4 import ReceiptVerificationError
from as4.peppol import (
    BusdoxDocidQnsDocumentIdentifier,
    PeppolAS4MessageBuilderArgs,
    PeppolAS4Profile,
    PeppolSendingExchange,
)
from as4_parties import other, ourselves
from talking import Answer, Order, talk

HTTP = urllib3.PoolManager(retries=False)


def send(order: Order) -> Answer:
    """One message, sent once or more often."""
    exchange = PeppolSendingExchange(
        profile=PeppolAS4Profile,
        local_party=ourselves(order),
        remote_party=other(order["to_party"], order["to_certificate"]),
    )
    document_type = BusdoxDocidQnsDocumentIdentifier.from_identifier_value(order["document_type"])
    headers, body = exchange.build(
        b64decode(order["document"]),
        PeppolAS4MessageBuilderArgs(
            sender=order["sender"],
            recipient=order["recipient"],
            document_type_identifier=document_type,
            document_identification_instance_identifier=order["instance_id"]
            or exchange.conversation_id
            or "",
            process_identifier=order["process"],
            c1_country_id=order["country"],
        ),
    )
    expected = order.get("expected")
    if expected:
        exchange.remote_party = other(order["to_party"], expected)
    answers = [_try(exchange, order["url"], headers, body) for _ in range(order.get("times", 1))]
    return {"message_id": exchange.message_id, "answers": answers}


def _try(
    exchange: PeppolSendingExchange, url: str, headers: dict[str, str], body: bytes
) -> dict[str, Any]:
    exchange.mark_sent()
    response = HTTP.request("POST", url, body=body, headers=headers)
    problem = None
    try:
        exchange.receive_signal(response.data)
    except ReceiptVerificationError as error:
        problem = str(error)
    refused = exchange.error
    return {
        "status": response.status,
        "state": exchange.state,
        "refused": refused and [refused.error_code, refused.error_detail.value],
        "problem": problem,
        "body": b64encode(response.data).decode("ascii"),
    }


if __name__ == "__main__":
    talk({"send": send})
