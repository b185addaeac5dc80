# SPDX-License-Identifier: Apache-2.0
"""Reads what came back for a request: a receipt that holds, an error signal, or neither.

The body is read whatever the HTTP status is, and errors are read leniently, since hardly two
implementations write them alike. A receipt is judged without mercy: it is the proof of delivery.
Sources: AS4 Profile of ebMS 3.0, 5.1.8; ebMS 3.0 Core 6.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from gateway import pki, safexml
from gateway.as4 import const
from gateway.as4.elements import content, parse_date_time
from gateway.as4.errors import (
    AS4Error,
    ReceiptInvalidError,
    ReceiptMismatchError,
    ReceiptMissingError,
    SOAPFaultError,
    Step,
)
from gateway.as4.nonrepudiation import read_repeated_references
from gateway.as4.orders import Sent
from gateway.as4.reply_frame import find_soap
from gateway.as4.signature import Expectation, VerifiedSignature, verify_signature
from gateway.as4.soap import ENVELOPE, HEADER, MESSAGING, take_apart
from gateway.as4.wsse import find_security

_EB: Final = f"{{{const.EB}}}"
_MAX_TEXT: Final = 500  # of what a peer writes in an error, for logs and pages
_DUPLICATE_CODE: Final = "EBMS:4001"
_OTHER: Final = "EBMS:0004"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that the receiving access point took exactly the bytes that we sent."""

    message_id: str
    ref_to_message_id: str
    given_at: datetime | None
    signer: pki.Certificate
    revocation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSignal:
    """The peer said no. Unless `authenticated`, anybody between could have written it: a hint."""

    ebms_code: str
    severity: str
    short_description: str
    detail: str
    description: str
    authenticated: bool
    ref_to_message_id: str | None

    @property
    def not_serviced(self) -> bool:
        """The receiver is unknown there; some append a cause (Peppol AS4 Profile 2.0.3)."""
        return self.ebms_code == _OTHER and self.detail.startswith(const.NOT_SERVICED)

    @property
    def duplicate(self) -> bool:
        """The peer has this message id already; the code for that is no standard one."""
        said = f"{self.short_description} {self.detail} {self.description}".lower()
        return self.ebms_code == _DUPLICATE_CODE or (
            self.ebms_code == _OTHER and "duplicate" in said
        )


def read_reply(
    status: int,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    sent: Sent,
    *,
    trust: pki.TrustPolicy,
    revocation: pki.Revocation,
    at: datetime,
) -> Receipt | ErrorSignal:
    """Judge the answer to a request.

    Raises `ReceiptInvalidError`, `ReceiptMismatchError` or, where there is no signal at all,
    `ReceiptMissingError`; all are `ReplyRejectedError`.
    """
    expected = Expectation(
        party=sent.receiving_ap,
        content_ids=frozenset(),
        trust=trust,
        revocation=revocation,
        at=at,
    )
    root = _parse(find_soap(headers, body), status)
    signal = _find_signal(root, status)
    error = _find_error(signal)
    if error is not None:
        return _read_error(signal, error, sent=sent, signed=_is_signed(root, expected))
    return _read_receipt(root, signal, sent, expected)


def _parse(soap: bytes, status: int) -> etree._Element:
    if not soap.strip():
        raise ReceiptMissingError(f"the answer (HTTP {status}) is empty", step=Step.HTTP)
    try:
        return safexml.parse(soap)
    except safexml.MalformedXMLError as error:
        raise ReceiptMissingError(
            f"the answer (HTTP {status}) is not XML", step=Step.XML, advice=error.detail
        ) from error


def _find_signal(root: etree._Element, status: int) -> etree._Element:
    messaging = root.findall(f"{HEADER}/{MESSAGING}") if root.tag == ENVELOPE else []
    signals = [signal for block in messaging for signal in block.findall(_EB + "SignalMessage")]
    if len(signals) == 1:
        return signals[0]
    if signals and all(_find_error(signal) is not None for signal in signals):
        return signals[0]  # several errors, each in a signal of its own
    if signals:
        raise ReceiptInvalidError("the answer has more than one signal", step=Step.SIGNAL)
    reason = _fault_reason(root)
    said = f"a SOAP Fault: {reason}" if reason else "no signal"
    raise ReceiptMissingError(f"the answer (HTTP {status}) is {said}", step=Step.SIGNAL)


def _fault_reason(root: etree._Element) -> str:
    for soap, path in ((const.S12, "{0}Reason/{0}Text"), (const.S11, "faultstring")):
        fault = root.find(f"{{{soap}}}Body/{{{soap}}}Fault")
        if fault is not None:
            found = fault.find(path.format(f"{{{soap}}}"))
            return (_short(found) if found is not None else "") or "without a reason"
    return ""


def _find_error(signal: etree._Element) -> etree._Element | None:
    """The first that is more than a warning, else a warning that no receipt stands beside."""
    errors = signal.findall(_EB + "Error")
    for error in errors:
        if error.get("severity", "").strip().lower() != "warning":
            return error
    return errors[0] if errors and signal.find(_EB + "Receipt") is None else None


def _is_signed(root: etree._Element, expected: Expectation) -> bool:
    try:
        _verify(root, expected)
    except ReceiptInvalidError:
        return False
    return True


def _read_error(
    signal: etree._Element, error: etree._Element, *, sent: Sent, signed: bool
) -> ErrorSignal:
    ref = _reference(signal) or error.get("refToMessageInError", "").strip() or None
    return ErrorSignal(
        ebms_code=error.get("errorCode", "").strip()[:_MAX_TEXT],
        severity=error.get("severity", "").strip()[:_MAX_TEXT],
        short_description=error.get("shortDescription", "").strip()[:_MAX_TEXT],
        detail=_short(error.find(_EB + "ErrorDetail")),
        description=_short(error.find(_EB + "Description")),
        authenticated=signed and ref == sent.message_id,
        ref_to_message_id=ref,
    )


def _read_receipt(
    root: etree._Element, signal: etree._Element, sent: Sent, expected: Expectation
) -> Receipt:
    """Judge a receipt. Numbers stand at the checks below.

    1. it is one receipt, for our message;
    2. and 3. it is signed, whole, by the access point that we addressed;
    4. it repeats every reference that we signed and none besides.
    """
    # 1
    receipts = signal.findall(_EB + "Receipt")
    ids = signal.findall(f"{_EB}MessageInfo/{_EB}MessageId")
    if len(receipts) != 1 or len(ids) != 1:
        raise ReceiptInvalidError("the signal is not one receipt", step=Step.SIGNAL)
    ref = _reference(signal)
    if ref != sent.message_id:
        raise ReceiptInvalidError("the receipt is for another message", step=Step.SIGNAL)
    # 2, 3
    verified = _verify(root, expected)
    # 4
    repeated = read_repeated_references(receipts[0])
    if set(repeated) != set(sent.references):
        raise ReceiptMismatchError(
            "the receipt does not repeat the digests of what was sent", step=Step.REFERENCES
        )
    timestamp = signal.find(f"{_EB}MessageInfo/{_EB}Timestamp")
    return Receipt(
        message_id=_short(ids[0]),
        ref_to_message_id=ref,
        given_at=None if timestamp is None else parse_date_time(content(timestamp)),
        signer=verified.signer,
        revocation=verified.revocation,
    )


def _verify(root: etree._Element, expected: Expectation) -> VerifiedSignature:
    try:
        soap = take_apart(root, may_hold_fault=True)
        return verify_signature(soap, find_security(soap), expected)
    except AS4Error as error:
        raise ReceiptInvalidError(
            f"the signal: {error.detail}", step=error.step, advice=error.advice
        ) from error
    except SOAPFaultError as error:
        raise ReceiptInvalidError(f"the signal: {error.detail}", step=error.step) from error


def _reference(signal: etree._Element) -> str | None:
    found = signal.findall(f"{_EB}MessageInfo/{_EB}RefToMessageId")
    return content(found[0]).strip() or None if len(found) == 1 else None


def _short(element: etree._Element | None) -> str:
    return "" if element is None else " ".join(content(element).split())[:_MAX_TEXT]
