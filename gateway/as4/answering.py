# SPDX-License-Identifier: Apache-2.0
"""Builds what goes back to the sender: a signed receipt, a signed error signal, or less.

The one table that translates errors into ebMS signals. Nothing unforeseen is shown outside.
Sources: AS4 Profile of ebMS 3.0, 5.1.8 (receipt); ebMS 3.0 Core 6.2 (error).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway import pki
from gateway.as4 import const, templates, writing
from gateway.as4.errors import (
    AS4Error,
    DeliveryFailureError,
    HTTPRefusedError,
    SOAPFaultError,
)
from gateway.as4.receiving import Received
from gateway.as4.writing import Names
from gateway.errors import GatewayError

SIGNAL_HEADERS: Final = (("Content-Type", f"{const.SOAP_TYPE}; charset=UTF-8"),)
_TEXT_HEADERS: Final = (("Content-Type", "text/plain; charset=UTF-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """An HTTP answer: status, headers and body. `message_id` is the signal's own."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    message_id: str


def answer(
    outcome: Received | GatewayError,
    *,
    signer: pki.Signer,
    message_id: str,
    at: datetime,
    ref_to_message_id: str | None = None,
) -> Signal:
    """The answer to a request. A receipt is a promise: store the message before sending it.

    `ref_to_message_id` helps where an error does not know the message it is about. An error that
    is none of the AS4 room's becomes EBMS:0202, which asks the sender to try again.
    """
    names = Names.of(message_id)
    time = writing.format_time(at)
    if isinstance(outcome, Received):
        messaging = templates.RECEIPT.fill(
            messaging_id=names.id("msg"),
            timestamp=time,
            message_id=message_id,
            ref=outcome.verified.user_message.message_id,
            references=_repeated(outcome.verified.reference_elements),
        )
        return _signed(messaging, names, signer, status=200, message_id=message_id)
    if isinstance(outcome, HTTPRefusedError):
        body = f"{outcome.detail}\n".encode()
        return Signal(status=outcome.status, headers=_TEXT_HEADERS, body=body, message_id="")
    if isinstance(outcome, SOAPFaultError):
        return _fault(outcome)
    error = outcome if isinstance(outcome, AS4Error) else _unforeseen(ref_to_message_id)
    messaging = _error_messaging(
        error, error.message_id or ref_to_message_id, names, time=time, message_id=message_id
    )
    return _signed(messaging, names, signer, status=error.status, message_id=message_id)


def _unforeseen(message_id: str | None) -> DeliveryFailureError:
    return DeliveryFailureError("the message cannot be processed now", message_id=message_id)


def _repeated(references: tuple[bytes, ...]) -> str:
    start, end = "<ebbp:MessagePartNRInformation>", "</ebbp:MessagePartNRInformation>"
    return "".join(f"{start}{reference.decode()}{end}" for reference in references)


def _error_messaging(
    error: AS4Error, ref: str | None, names: Names, *, time: str, message_id: str
) -> str:
    values = {
        "messaging_id": names.id("msg"),
        "timestamp": time,
        "message_id": message_id,
        "description": error.detail,
        "detail": error.error_detail or error.detail,
        "category": error.category,
        "code": error.ebms_code,
        "origin": error.origin,
        "short_description": error.short_description,
    }
    if ref is None:
        return templates.ERROR_WITHOUT_REFERENCE.fill(**values)
    return templates.ERROR.fill(ref=ref, **values)


def _signed(
    messaging: str, names: Names, signer: pki.Signer, *, status: int, message_id: str
) -> Signal:
    body = templates.EMPTY_BODY.fill(body_id=names.id("body"))
    signed_info = writing.fill_signed_info(
        templates.SIGNAL_SIGNED_INFO,
        messaging=writing.reference_to("#" + names.id("msg"), messaging),
        body=writing.reference_to("#" + names.id("body"), body),
    )
    security = templates.SIGNAL_SECURITY.fill(**writing.signature_slots(names, signer, signed_info))
    soap = writing.build_envelope(security + messaging, body)
    return Signal(status=status, headers=SIGNAL_HEADERS, body=soap, message_id=message_id)


def _fault(error: SOAPFaultError) -> Signal:
    body = templates.FAULT_BODY.fill(code=f"S12:{error.fault_code}", reason=error.detail)
    soap = writing.build_envelope("", body)
    return Signal(status=error.status, headers=SIGNAL_HEADERS, body=soap, message_id="")
